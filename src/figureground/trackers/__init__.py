"""What tells which figure is which: a table from name to the function that loads it."""

import importlib
import importlib.metadata
import inspect
import re
from collections.abc import Callable
from typing import Any, cast

from figureground.errors import OptionError
from figureground.stages import Tracker

TRACKERS = {
    "motion": "figureground.trackers.motion:load",
    "iou-centre": "figureground.trackers.iou_centre:load",
}
"""Name -> "module:function"; other packages add theirs by the entry-point group figureground.trackers."""


def load_tracker(name: str = "motion", **options: Any) -> Tracker:
    """A new tracker `name`, for one video.

    Args:
        name: one of TRACKERS, or a name that another package registered.
        options: the tracker's own, see its `load`.

    Raises:
        OptionError: there is no such tracker, or it has no such option.
        MissingExtraError: scipy is not installed.

    Example:
        >>> from figureground.testing import made_herd
        >>> herd, tracker = made_herd(frames=3), load_tracker("motion", count=8)
        >>> [sorted(tracker.update(frame, herd.found(frame.index)).ids.tolist()) for frame in herd][-1]
        [0, 1, 2, 3, 4, 5, 6, 7]
    """
    load = _find(name)
    try:
        return load(**options)
    except TypeError as error:
        if not re.search("(unexpected|missing .*) keyword(-only)? argument", str(error)):
            raise
        raise OptionError(f"tracker {name!r}: {str(error).partition('() ')[2]}") from error


def tracker_options(name: str) -> list[str]:
    """The names of the options that `load_tracker` takes for the tracker `name`.

    Raises:
        OptionError: there is no such tracker.

    Example:
        >>> tracker_options("iou-centre")[0]
        'count'
    """
    return list(inspect.signature(_find(name)).parameters)


def tracker_names() -> list[str]:
    """The names that `load_tracker` takes."""
    return list({**TRACKERS, **_registered()})


def _find(name: str) -> Callable[..., Tracker]:
    """The function that loads the tracker `name`."""
    table = {**TRACKERS, **_registered()}
    if name not in table:
        raise OptionError(f"no tracker {name!r}; choose one of: {', '.join(table)}")
    module, _, function = table[name].partition(":")
    return cast(Callable[..., Tracker], getattr(importlib.import_module(module), function))


def _registered() -> dict[str, str]:
    return {
        point.name: point.value for point in importlib.metadata.entry_points(group="figureground.trackers")
    }
