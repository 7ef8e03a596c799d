"""What finds the figures: a table from name to the function that loads it."""

import importlib
import importlib.metadata
import inspect
import re
from collections.abc import Callable
from typing import Any, cast

from figureground.errors import OptionError
from figureground.stages import Segmenter, Source

SEGMENTERS = {
    "pair": "figureground.segmenters.pair:load",
    "background": "figureground.segmenters.background:load",
    "mog2": "figureground.segmenters.opencv:load_mog2",
    "knn": "figureground.segmenters.opencv:load_knn",
    "gsoc": "figureground.segmenters.opencv:load_gsoc",
    "grabcut": "figureground.segmenters.grabcut:load",
    "maskrcnn": "figureground.segmenters.maskrcnn:load",
}
"""Name -> "module:function"; other packages add theirs by the entry-point group figureground.segmenters."""

OWN_CLASSES = {name: ("figure",) for name in SEGMENTERS if name != "maskrcnn"}
"""What the segmenters above find, known before one is loaded; a trained model's card tells its own."""


def load_segmenter(name: str, source: Source, **options: Any) -> Segmenter:
    """Make the segmenter `name` ready for `source`.

    Args:
        name: one of SEGMENTERS, or a name that another package registered.
        source: what will be segmented; some segmenters look at a sample of it first.
        options: the segmenter's own, see its `load`.

    Raises:
        OptionError: there is no such segmenter, or it has no such option.

    Example:
        >>> from figureground.testing import made_scene
        >>> load_segmenter("background", made_scene(frames=30)).classes
        ('figure',)
    """
    load = _find(name)
    try:
        return load(source, **options)
    except TypeError as error:
        if not re.search("(unexpected|missing .*) keyword(-only)? argument", str(error)):
            raise
        raise OptionError(f"segmenter {name!r}: {str(error).partition('() ')[2]}") from error


def segmenter_options(name: str) -> list[str]:
    """The names of the options that `load_segmenter` takes for the segmenter `name`.

    Raises:
        OptionError: there is no such segmenter.

    Example:
        >>> segmenter_options("grabcut")
        ['min_area']
    """
    return list(inspect.signature(_find(name)).parameters)[1:]


def segmenter_names() -> list[str]:
    """The names that `load_segmenter` takes."""
    return list({**SEGMENTERS, **_registered()})


def _find(name: str) -> Callable[..., Segmenter]:
    """The function that loads the segmenter `name`."""
    table = {**SEGMENTERS, **_registered()}
    if name not in table:
        raise OptionError(f"no segmenter {name!r}; choose one of: {', '.join(table)}")
    module, _, function = table[name].partition(":")
    return cast(Callable[..., Segmenter], getattr(importlib.import_module(module), function))


def _registered() -> dict[str, str]:
    return {
        point.name: point.value for point in importlib.metadata.entry_points(group="figureground.segmenters")
    }
