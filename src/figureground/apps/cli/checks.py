"""What makes no sense for any input is refused here, before work starts."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from figureground.apps.cli.inputs import is_address
from figureground.apps.cli.show import masked
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.apps.cli.segmenting import Settings


def check(settings: "Settings", on: str) -> None:
    """Raise OptionError where an option, or two of them together, make no sense."""
    from figureground.apps.cli.following import ready_tracker
    from figureground.render import parse_ground
    from figureground.sources.span import parse_span

    parse_ground(on)
    parse_span(settings.start, settings.end)
    _check_model(settings) if settings.model is not None else _check_segmenter(settings)
    if settings.min_area is not None and settings.min_area < 0:
        raise OptionError(f"--min-area {settings.min_area}: must be 0 or more pixels")
    if not 0 <= settings.feather <= 100:
        raise OptionError(f"--feather {settings.feather:g}: must be 0 to 100 pixels")
    if settings.empty is not None and not Path(settings.empty).is_file():
        raise OptionError(f"--empty {settings.empty}: there is no such file")
    if settings.track:
        ready_tracker(settings)


def _check_model(settings: "Settings") -> None:
    """Whether it is there, and knows the classes of --keep."""
    from figureground.models.card import read_card

    if settings.segmenter not in ("auto", "maskrcnn"):
        raise OptionError(f"--model and --segmenter {settings.segmenter}: one of them, not both")
    card = read_card(settings.model or "")
    if settings.empty is not None and card.kind != "pair":
        raise OptionError(
            "--empty goes with a pair network, not with a model that finds figures by themselves"
        )
    classes = card.classes
    unknown = [one for one in settings.keep or () if one not in classes]
    if unknown:
        raise OptionError(f"--keep {', '.join(unknown)}: this model finds only: {', '.join(classes)}")
    if not 0 <= (settings.score or 0) <= 1:
        raise OptionError(f"--score {settings.score:g}: must be 0 to 1")
    if settings.size is not None and settings.size != 0 and not 32 <= settings.size <= 8192:
        raise OptionError(f"--size {settings.size}: must be 32 to 8192 pixels, or 0 for the frames' own size")
    if settings.pick not in (None, "all", "central", "largest", "best"):
        raise OptionError(f"--pick {settings.pick}: choose one of: all, central, largest, best")


def _check_segmenter(settings: "Settings") -> None:
    """Whether it is there, takes --empty, and knows the classes of --keep."""
    from figureground.apps.cli.segmenting import SCENE
    from figureground.segmenters import OWN_CLASSES, segmenter_names, segmenter_options

    name = settings.segmenter
    if name == "maskrcnn":
        raise OptionError("--segmenter maskrcnn needs a model: --model FOLDER")
    for option in ("score", "pick", "engine", "size"):
        if getattr(settings, option) is not None:
            raise OptionError(f"--{option} goes with --model FOLDER only")
    if name != "auto" and name not in segmenter_names():
        choices = ", ".join(["auto", *segmenter_names()])
        raise OptionError(f"--segmenter {name}: there is none; choose one of: {choices}")
    if settings.empty is not None and name != "auto" and "empty" not in segmenter_options(name):
        raise OptionError(f"--empty works with --segmenter pair or background only, not with {name}")
    classes = OWN_CLASSES.get(SCENE if name == "auto" else name)
    unknown = [one for one in settings.keep or () if classes is not None and one not in classes]
    if classes is not None and unknown:
        choices = ", ".join(classes)
        raise OptionError(f"--keep {', '.join(unknown)}: segmenter {name} finds only: {choices}")


def refuse_live(inputs: Iterable[str]) -> None:
    """Raise OptionError where an input is a camera or a stream."""
    for what in inputs:
        if is_address(what):
            raise OptionError(
                f"--resume: {masked(what)} is a camera or a stream, and what passed does not come again; "
                "leave out --resume"
            )
