"""Arenas: wells, lanes or cages that no figure leaves, each followed for itself."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from figureground.errors import InputError, OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Tracker
from figureground.stills import read_still
from figureground.trackers.figures import measured
from figureground.trackers.numbers import Ids

Rectangle: TypeAlias = tuple[float, float, float, float]
Arenas: TypeAlias = Sequence[Rectangle] | npt.NDArray[np.integer]
"""Rectangles x1 y1 x2 y2 half-open in pixels, or a picture (h, w) that is k in arena k and 0 in none."""

_MOST = 4096
_NUMBER = r"\s*(\d+(?:\.\d+)?)\s*"


def open_arenas(text: str | Path) -> Arenas:
    """The arenas that `text` says: "x1,y1,x2,y2" for each, separated by spaces or ";", or a picture's path.

    In a picture black is no arena, and each other colour is one, in the order of their first pixel; so it
    should be a PNG, drawn without soft edges.

    Raises:
        OptionError: the text is neither.
        InputError: the picture cannot be read, or has no arenas or very many.

    Example:
        >>> open_arenas("0,0,320,480 320,0,640,480")
        [(0.0, 0.0, 320.0, 480.0), (320.0, 0.0, 640.0, 480.0)]
    """
    parts = [part for part in re.split(r"[;\s]+(?=\d)", str(text).strip()) if part]
    found = [re.fullmatch(",".join([_NUMBER] * 4), part.strip(" ;")) for part in parts]
    if found and all(found):
        numbers = [tuple(float(number) for number in one.groups()) for one in found if one]
        return [_rectangle(one) for one in numbers]
    if not Path(text).is_file():
        raise OptionError(
            f"arenas {str(text)!r}: expected rectangles like 0,0,320,480 (x1,y1,x2,y2 in pixels, several "
            "separated by a space), or the path of a picture with a colour for each arena"
        )
    colours = read_still(Path(text)).astype(np.int64) @ np.array([65536, 256, 1])
    values, first = np.unique(colours, return_index=True)
    order = values[np.argsort(first)]
    order = order[order > 0]
    if not 0 < len(order) <= _MOST:
        raise InputError(
            f"{text}: {len(order)} arenas in it; expected a picture (best a PNG) that is black where no "
            f"arena is and has one plain colour for each arena, at most {_MOST}"
        )
    places = np.searchsorted(values, order)
    numbers_of = np.zeros(len(values), np.int64)
    numbers_of[places] = np.arange(1, len(order) + 1)
    return numbers_of[np.searchsorted(values, colours)]


def _rectangle(numbers: Sequence[float]) -> Rectangle:
    x1, y1, x2, y2 = (float(number) for number in numbers)
    if x2 <= x1 or y2 <= y1:
        raise OptionError(f"arena {x1:g},{y1:g},{x2:g},{y2:g}: x2 must be over x1 and y2 over y1")
    return x1, y1, x2, y2


def in_arenas(
    start: Callable[[Ids], Tracker],
    count: int | Sequence[int] | None,
    arenas: Arenas | str | Path | None,
) -> Tracker:
    """The tracker that `start` gives for a supply of ids: one for the scene, or one for each arena.

    Args:
        start: makes a tracker.
        count: figures in all, or in each arena.
        arenas: None for the whole scene.

    Raises:
        OptionError: a count makes no sense, or there are not as many as arenas.
    """
    if arenas is None:
        if count is not None and not isinstance(count, int | np.integer):
            raise OptionError(f"a count for each arena ({list(count)}) needs arenas")
        return start(Ids(None if count is None else int(count)))
    if isinstance(arenas, str | Path):
        arenas = open_arenas(arenas)
    places = arenas if isinstance(arenas, np.ndarray) else [_rectangle(one) for one in arenas]
    return _ArenaTracker(start, count, places)


class _ArenaTracker:
    """One tracker for each arena; what lies in none keeps the id -1."""

    def __init__(
        self, start: Callable[[Ids], Tracker], count: int | Sequence[int] | None, arenas: Arenas
    ) -> None:
        self._arenas = arenas
        number = int(arenas.max(initial=0)) if isinstance(arenas, np.ndarray) else len(arenas)
        if not number:
            raise OptionError("there are no arenas in what was given")
        if count is None or isinstance(count, int | np.integer):
            shared = Ids(None if count is None else int(count))
            self._firsts = [0] * number
            supplies = [shared] * number
        else:
            if len(count) != number:
                raise OptionError(f"{len(count)} counts for {number} arenas; give one number for each")
            supplies = [Ids(int(one)) for one in count]
            self._firsts = [0, *np.cumsum([int(one) for one in count]).tolist()][:-1]
        self._trackers = [start(ids) for ids in supplies]

    def update(self, frame: Frame, found: Instances) -> Instances:
        """The figures of `frame` with their ids; each belongs to the arena that its centroid lies in."""
        arena = self._arena_of(found)
        parts = [found.select(arena < 0)]
        for number, tracker in enumerate(self._trackers):
            part = tracker.update(frame, found.select(arena == number))
            ids = np.where(part.ids >= 0, part.ids + self._firsts[number], -1)
            parts.append(part.with_ids(ids))
        return _joined(found.size, parts)

    def _arena_of(self, found: Instances) -> npt.NDArray[np.int64]:
        """(n,): the arena of each figure, from 0; -1 for none."""
        centres = np.nan_to_num(measured(found.masks).centres, nan=-1.0)
        if isinstance(self._arenas, np.ndarray):
            if self._arenas.shape != found.size:
                raise InputError(
                    f"the picture of the arenas is {self._arenas.shape} (h, w), the frames are {found.size}"
                )
            x, y = np.rint(centres).astype(np.int64).T
            inside = (x >= 0) & (y >= 0)
            return np.where(inside, self._arenas[y, x].astype(np.int64) - 1, -1)
        out = np.full(len(found), -1, np.int64)
        for number, (x1, y1, x2, y2) in reversed(list(enumerate(self._arenas))):
            inside = (centres >= (x1, y1)).all(axis=1) & (centres < (x2, y2)).all(axis=1)
            out[inside] = number
        return out


def _joined(size: tuple[int, int], parts: Sequence[Instances]) -> Instances:
    names = ("boxes", "scores", "labels", "ids", "depth")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    columns["depth_map"] = parts[0].depth_map
    return Instances(size, tuple(crop for part in parts for crop in part.masks), **columns)
