"""Where results go: each writer makes one result of a run, whole, or leaves nothing that looks finished."""

import importlib
import importlib.metadata
import os
from pathlib import Path
from typing import Protocol, cast

from figureground.errors import OptionError
from figureground.frames import SourceInfo
from figureground.stages import Writer

WRITERS = {
    "cutout": "figureground.writers.kinds:load",
    "overlay": "figureground.writers.kinds:load",
    "masks": "figureground.writers.kinds:load",
    "stills": "figureground.writers.kinds:load",
    "depth": "figureground.writers.kinds:load",
    "tracks": "figureground.writers.trackfile:load",
}
"""name -> "module:function" of what makes the writer; more come by entry points `figureground.writers`."""


class NotingWriter(Writer, Protocol):
    """A Writer that tells what went otherwise than asked: sound left out, frames of different sizes."""

    @property
    def notes(self) -> list[str]:
        """Plain sentences; complete after the exit."""
        ...


def open_writer(
    path: str | Path,
    info: SourceInfo,
    *,
    kind: str = "cutout",
    on: str = "black",
    feather: float = 0.0,
    classes: tuple[str, ...] = ("figure",),
    audio_from: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    quality: int | None = None,
    made_by: str = "",
) -> NotingWriter:
    """A writer of one result; used as a context manager, it leaves the file when the block ends well.

    The ending of `path` chooses the file: .mp4, .m4v, .mov, .mkv (H.264), .webm (VP9), .avi (Motion JPEG
    at a constant rate) for video; .png, .webp, .jpg for one picture; a name without an ending, or one
    that ends in "/", is a folder with a PNG a frame. Transparent video goes to .mov (ProRes 4444) or
    .webm (VP9 with alpha), masks to .mkv (FFV1, 0 and 255) or pictures.

    Args:
        path: where the result goes; folders on the way are made.
        info: of the source whose frames will come.
        kind: "cutout" (the figures on a ground), "overlay" (the frame with outlines and names), "masks",
            "stills" (cut-outs in a folder, whatever its name), "depth" (how far away everything is: colours
            with a scale in a video, 16-bit levels in PNG pictures), or "tracks" (who is where in every
            frame, to a .parquet file).
        on: the ground of cut-outs: black, white, #rrggbb, blur, transparent, or a picture's path.
        feather: pixels by which edges are softened beyond anti-aliasing.
        classes: names that labels index.
        audio_from: the file whose sound is kept.
        resume: go on from what an interrupted run left; see `Writer.done`.
        overwrite: replace what stands at `path`.
        quality: constant rate factor of H.264 and VP9: 0 (best) to 51; None for a good one.
        made_by: kept in the file beside the version: the command, the segmenter and its options.

    Raises:
        OptionError: there is no such kind or ground, a number makes no sense, or such a file cannot hold it.
        OutputError: something stands at `path` already, another run is writing it, or the folder cannot
            be written.

    Example:
        >>> import tempfile
        >>> from figureground.testing import made_scene
        >>> scene, path = made_scene((48, 64), frames=3), Path(tempfile.mkdtemp()) / "cut.mp4"
        >>> with open_writer(path, scene.info, on="white") as writer:
        ...     for frame in scene:
        ...         writer.write(frame, scene.truth(frame.index))
        >>> path.exists()
        True
    """
    from figureground.render import parse_ground, soft_radius
    from figureground.writers.plan import Plan

    table = {**WRITERS, **_registered()}
    if kind not in table:
        raise OptionError(f"no writer {kind!r}; choose one of: {', '.join(table)}")
    soft_radius(feather)
    plan = Plan(
        path=Path(path),
        folder=kind == "stills" or str(path).endswith(("/", os.sep)) or not Path(path).suffix,
        info=info,
        kind=kind,
        ground=parse_ground(on),
        feather=feather,
        classes=tuple(classes),
        audio_from=None if audio_from is None else Path(audio_from),
        resume=resume,
        overwrite=overwrite,
        quality=quality,
        made_by=made_by,
    )
    module, _, function = table[kind].partition(":")
    return cast(NotingWriter, getattr(importlib.import_module(module), function)(plan))


def _registered() -> dict[str, str]:
    return {
        point.name: point.value for point in importlib.metadata.entry_points(group="figureground.writers")
    }
