"""A frame to draw zones on, and the picture file with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.errors import InputError, OptionError, OutputError

if TYPE_CHECKING:
    from figureground.frames import Image

Input = Annotated[str, typer.Argument(metavar="INPUT", help="The video, camera number or stream address.")]
At = Annotated[str, typer.Option("--at", metavar="T", help="Which frame: 12.5 (seconds), 1:02 or 300f.")]


def frame_of(what: str, at: str) -> "Image":
    """The frame of an input at the time `at`.

    Raises:
        InputError: there is none.
    """
    from figureground.sources import close_frames, open_source

    frames = iter(open_source(what, start=None if at in ("", "0") else at))
    try:
        for frame in frames:
            return frame.image
    finally:
        close_frames(frames)
    raise InputError(f"{what}: has no frame at {at}")


def check_picture(out: str | Path, *, overwrite: bool) -> None:
    """Raise where a picture cannot go to `out`."""
    if Path(out).suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise OptionError(f"-o {out}: the picture is written to .png or .jpg")
    if Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")


def write_picture(image: "Image", out: str | Path) -> None:
    """Write `image` (h, w, 3) uint8 RGB as the name of `out` says."""
    from figureground.files import written
    from figureground.writers.pictures import picture_to_bytes

    with written(out) as part:
        part.write_bytes(picture_to_bytes(image, Path(out).suffix.lower()))
