"""What follows the figures of a run, made ready from its options, and what is told of it."""

import re
import time
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from figureground.errors import OptionError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Tracker

if TYPE_CHECKING:
    from figureground.apps.cli.segmenting import Settings

_SETTLED = Fraction(1)  # second, after which a new figure is worth a word


def ready_tracker(settings: "Settings") -> "Followed":
    """A new tracker with the options that are set.

    Raises:
        OptionError: there is no such tracker, or --count or --arenas make no sense.
        InputError: the picture of the arenas cannot be read.
        MissingExtraError: scipy is not installed.
    """
    from figureground.trackers import load_tracker

    name = settings.tracker or "motion"
    options: dict[str, Any] = {}
    if settings.count is not None:
        options["count"] = _count(settings.count)
    if settings.arenas is not None:
        options["arenas"] = settings.arenas
    return Followed(name, load_tracker(name, **options))


def _count(text: str) -> int | Sequence[int]:
    if not re.fullmatch(r"\s*\d{1,9}\s*(,\s*\d{1,9}\s*)*", text, re.ASCII):
        raise OptionError(
            f"--count {text}: must be a number of figures, or one for each arena, such as 2,2,1"
        )
    numbers = [int(one) for one in text.split(",")]
    return numbers[0] if len(numbers) == 1 else numbers


class Followed:
    """Another Tracker, with an account of what it did; itself a Tracker.

    What it gives no id is left out, so that all outputs of a run show what its tracks hold: no specks beside
    the figures that were counted.

    Example:
        >>> from figureground.testing import made_herd
        >>> from figureground.trackers import load_tracker
        >>> herd, tracker = made_herd(frames=3, animals=2), Followed("motion", load_tracker())
        >>> _ = [tracker.update(frame, herd.found(frame.index)) for frame in herd]
        >>> tracker.record()["ids"], tracker.record()["ids_after_first_second"]
        (2, 0)
    """

    def __init__(self, name: str, tracker: Tracker) -> None:
        self._name, self._tracker = name, tracker
        self._first: Fraction | None = None
        self._known: set[int] = set()
        self._late = 0
        self._seconds = 0.0

    def update(self, frame: Frame, found: Instances) -> Instances:
        """The figures of `frame` that have an id."""
        began = time.perf_counter()
        followed = self._tracker.update(frame, found)
        self._seconds += time.perf_counter() - began
        self._first = frame.time if self._first is None else self._first
        new = {key for key in followed.ids.tolist() if key >= 0} - self._known
        self._known |= new
        self._late += len(new) if frame.time - self._first > _SETTLED else 0
        known = followed.ids >= 0
        return followed if known.all() else followed.select(known)

    def record(self) -> dict[str, Any]:
        """For JSON: the tracker, how many ids it gave, and how many of them late; its own seconds."""
        return {
            "tracker": self._name,
            "ids": len(self._known),
            "ids_after_first_second": self._late,
            "seconds": round(self._seconds, 3),
        }


def followed_text(record: dict[str, Any]) -> str:
    """The same for people.

    Example:
        >>> followed_text({"ids": 3, "ids_after_first_second": 1})
        '3 figures followed (1 of them first seen after the first second)'
    """
    ids, late = record["ids"], record["ids_after_first_second"]
    text = "1 figure followed" if ids == 1 else f"{ids} figures followed"
    return text + (f" ({late} of them first seen after the first second)" if late else "")
