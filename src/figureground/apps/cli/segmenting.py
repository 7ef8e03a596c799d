"""What finds the figures of a run: which segmenter, and made ready for its input."""

from dataclasses import dataclass
from typing import Any

from figureground.errors import OptionError
from figureground.stages import Segmenter, Source

SCENE = "pair"
"""What finds the figures in front of a fixed camera, where nothing else is asked for."""
_FEW = 8  # stills; with more, of one size, the ground can be learned from them


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `figureground cut` and `track` that shape the result.

    Paths are texts, None is not given.
    """

    segmenter: str = "auto"
    min_area: int | None = None
    keep: tuple[str, ...] | None = None
    feather: float = 0.0
    start: str | None = None
    end: str | None = None
    empty: str | None = None
    rate: str | None = None
    model: str | None = None
    score: float | None = None
    pick: str | None = None
    engine: str | None = None
    size: int | None = None
    track: bool = False
    tracker: str | None = None
    count: str | None = None
    arenas: str | None = None
    video: str | None = None


def choose_segmenter(source: Source, settings: Settings, *, depth: bool = False) -> str:
    """The segmenter's name: the ground can be learned where many pictures show one scene, else is guessed.

    Args:
        source: what will be segmented.
        settings: what was asked for.
        depth: whether the depth is wanted too, which only a pair network tells.

    Raises:
        OptionError: the depth is wanted of a segmenter that does not tell it.
        InputError: the model cannot be read.
    """
    name = _chosen(source, settings, "pair" if depth else SCENE)
    if depth and name != "pair":
        which = f"--model {settings.model}" if settings.model else f"{settings.segmenter} ({name})"
        raise OptionError(f"depth is told by --segmenter pair only, not by {which}")
    return name


def _chosen(source: Source, settings: Settings, scene: str) -> str:
    if settings.model is not None:
        return _kind_of(settings.model)
    if settings.segmenter != "auto":
        return settings.segmenter
    if source.info.kind != "stills" or settings.empty is not None:
        return scene
    sizes = [frame.size for frame in source.sample(_FEW + 1)]
    return scene if len(sizes) > _FEW and len(set(sizes)) == 1 else "grabcut"


def _kind_of(model: str) -> str:
    """The segmenter that runs a model folder."""
    from figureground.models.card import read_card

    return "pair" if read_card(model).kind == "pair" else "maskrcnn"


def ready_segmenter(
    name: str, source: Source, settings: Settings, replay: Segmenter | None = None
) -> Segmenter:
    """The segmenter `name`, ready for `source`, with the options that are set; `replay` takes its place."""
    from figureground.segmenters import load_segmenter
    from figureground.segmenters.keep import kept

    options = {} if replay is not None else _options(name, settings)
    segmenter = load_segmenter(name, source, **options) if replay is None else replay
    keep = None if "keep" in options else settings.keep
    if keep is None and not settings.min_area:
        return segmenter
    return kept(segmenter, classes=keep, min_area=settings.min_area or 0)


def _options(name: str, settings: Settings) -> dict[str, Any]:
    """What the segmenter `name` is to be told; a model that knows what is wanted computes nothing else."""
    from figureground.segmenters import segmenter_options

    names = ("empty", "min_area", "model", "score", "pick", "engine", "size", "keep")
    given = {one: getattr(settings, one) for one in names if getattr(settings, one) is not None}
    needed = {"empty", "model", "score", "pick", "engine", "size"}  # told if not taken, not passed over
    return {one: value for one, value in given.items() if one in needed | {*segmenter_options(name)}}
