"""`figureground export`: a trained model in another form, compared with the model before it counts."""

from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from figureground.export.agreement import Agreement
    from figureground.frames import Image

EXAMPLES = """Examples:

figureground export mice.model --to int8 --images frames/ -o mice_fast.model

figureground export mice.model --to labgym -o LabGym/detectors/mice"""

Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model folder.")]
To = Annotated[
    str,
    typer.Option(
        "--to",
        metavar="FORM",
        help="int8: a model folder that is faster and less exact. onnx: a model folder "
        "that needs no torch. torchscript: one file for other programs. labgym: a detector for LabGym.",
    ),
]
Out = Annotated[str, typer.Option("-o", "--out", metavar="OUT", help="A folder; for torchscript a file.")]
Images = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Pictures or a video of the kind that the model is for; what is written is compared with the "
        "model on a sample of them. int8 needs it: 20 to 50 various pictures are best.",
    ),
]
Count = Annotated[int, typer.Option(metavar="N", help="How many of the images are looked at.")]


def export(
    model: Model,
    to: To,
    out: Out,
    images: Images = None,
    count: Count = 20,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Write a trained model in another form: for speed, for LabGym, or for other programs."""
    from figureground.errors import OptionError

    screen = Screen(quiet=quiet)
    if count < 1:
        raise OptionError(f"--count {count}: must be 1 or more")
    pictures = _sample(images, count) if images else []
    written = _export_to()(model, to, out, pictures, overwrite=overwrite)
    on = f"{len(pictures)} of your pictures" if pictures else "made pictures"
    screen.say(f"compared on {on}: of {written.figures} figures {written.kept:.1%} are found")
    screen.say(f"  IoU of their masks {written.iou:.4f}, {written.more:.1%} more found")
    if not pictures and not written.figures:
        screen.warn("nothing was found in the made pictures; name pictures of yours with --images")
    screen.say(f"-> {out}")
    if as_json:
        found = {"figures": written.figures, "kept": written.kept, "more": written.more, "iou": written.iou}
        put_json({"out": out, "form": to, "pictures": len(pictures), **found})
    return 0


def _export_to() -> "Callable[..., Agreement]":
    from figureground.errors import MissingExtraError

    try:
        from figureground.export.export import export as write
    except ImportError as error:
        raise MissingExtraError(
            f"export needs {error.name}, which is not installed: pip install 'figureground[train]'"
        ) from error
    return write


def _sample(path: str, count: int) -> "list[Image]":
    """About `count` pictures of a folder or a video, evenly spread."""
    from figureground.sources import open_source

    return [frame.image for frame in open_source(path).sample(count)][:count]
