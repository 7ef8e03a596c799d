"""The Writer of events: watches zones, and tells what happens in all the ways that are asked for."""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.writers.events.files import EventFile
from figureground.writers.events.pictures import MomentPictures
from figureground.writers.events.webhook import Webhook
from figureground.zones.events import Event, event_to_record, event_to_text
from figureground.zones.watching import Watch

_KEPT_BYTES = 256 << 20  # of frames that are kept for pictures


class _Kept(NamedTuple):
    """A frame that an event may still be about, and its figures."""

    frame: Frame
    found: Instances


class EventWriter:
    """A Writer that tells what happens in zones.

    Args:
        watch: what finds out; a new one for each run.
        files: logs of events.
        pictures: where pictures of the moments go; None: none are made.
        webhook: the web address that is called; None: none is.
        say: is told each event in plain words, and its record.
        clock: from a frame's index and time to the time of day, as text; None where that is not known.
        classes: names that labels index.

    Attributes:
        counts: how often what happened, by zone and kind.

    Example:
        >>> from figureground.testing import made_herd
        >>> from figureground.zones import Rules, whole_picture
        >>> herd = made_herd((120, 160), frames=40, animals=2)
        >>> said = []
        >>> watch = Watch(whole_picture(herd.size), Rules(), herd.size)
        >>> with EventWriter(watch, say=lambda text, record: said.append(text)) as writer:
        ...     for frame in herd:
        ...         writer.write(frame, herd.truth(frame.index))
        >>> said[0]
        'picture: figure 0 enters (is there at the beginning)'
    """

    def __init__(
        self,
        watch: Watch,
        *,
        files: Sequence[EventFile] = (),
        pictures: MomentPictures | None = None,
        webhook: Webhook | None = None,
        say: Callable[[str, dict[str, Any]], None] | None = None,
        clock: Callable[[int, Any], str] | None = None,
        classes: tuple[str, ...] = ("figure",),
    ) -> None:
        self._watch, self._files, self._pictures, self._webhook = watch, tuple(files), pictures, webhook
        self._say, self._clock, self._classes = say, clock, classes
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in watch.zones.names}
        self._kept: dict[int, _Kept] = {}
        self._without = 0
        self._exits = contextlib.ExitStack()

    @property
    def done(self) -> int:
        """What passed does not come again: no run goes on from another."""
        return 0

    def rewind(self, done: int) -> int:
        """There is nothing to forget."""
        return 0

    @property
    def notes(self) -> list[str]:
        """What went otherwise than asked; complete after the exit."""
        notes = [] if self._webhook is None else list(self._webhook.notes)
        if self._without:
            notes.append(
                f"{self._without} pictures show the frame at which the event was told: too many were waiting"
            )
        return notes

    @property
    def inside(self) -> dict[str, int]:
        """How many figures are in each zone now."""
        return self._watch.inside()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as exits:
            for file in self._files:
                exits.enter_context(file)
            if self._webhook is not None:
                exits.enter_context(self._webhook)
            self._exits = exits.pop_all()
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Take one frame and its figures."""
        events = self._watch.update(frame, found)
        now = _Kept(frame, found)
        for event in events:
            self._tell(event, now)
        if self._pictures is not None:
            self._keep(now)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kept.clear()
        self._exits.__exit__(kind, error, trace)

    def _tell(self, event: Event, now: _Kept) -> None:
        clock = "" if self._clock is None else self._clock(event.at.frame, event.at.time)
        record = event_to_record(event, self._classes)
        if clock:
            record["clock"] = clock
        if self._pictures is not None:
            record["picture"] = self._picture(event, now, clock)
        self.counts[event.zone][event.kind] += 1
        for file in self._files:
            file.add(record)
        if self._webhook is not None:
            self._webhook.add(record)
        if self._say is not None:
            self._say(event_to_text(event), record)

    def _picture(self, event: Event, now: _Kept, clock: str) -> str:
        assert self._pictures is not None
        shown = now if event.at.frame == now.frame.index else self._kept.get(event.at.frame)
        self._without += shown is None
        frame, found = shown or now
        return self._pictures.add(event, frame, found, self._watch.zones, clock)

    def _keep(self, now: _Kept) -> None:
        """Keep the frames that events may still be about, the latest ones where there are too many."""
        self._kept[now.frame.index] = now
        waiting = self._watch.waiting()
        self._kept = {index: kept for index, kept in self._kept.items() if index in waiting}
        most = max(2, _KEPT_BYTES // max(1, now.frame.image.nbytes))
        for index in sorted(self._kept)[: max(0, len(self._kept) - most)]:
            del self._kept[index]
