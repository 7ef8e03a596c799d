"""Which part of a source is asked for: from a start to before an end, in seconds or in frames."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from figureground.errors import OptionError

Position: TypeAlias = int | float | Fraction | str | None
"""A place in a source: seconds as a number or text, "h:m:s", "m:s", or "120f" for frame 120."""

_CLOCK = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_FRAME = re.compile(r"(\d+)f", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a source; without limits it is all of it.

    Attributes:
        start: seconds after the first frame; the part begins with the first frame not before it.
        end: seconds after the first frame; frames at or after it are not in the part.
        first: the part begins with this frame at the earliest.
        stop: frames with this index or a later one are not in the part.
    """

    start: Fraction = Fraction(0)
    end: Fraction | None = None
    first: int = 0
    stop: int | None = None

    @property
    def whole(self) -> bool:
        """Whether it has no limits."""
        return self == Span()

    def begun(self, index: int, elapsed: Fraction) -> bool:
        """Whether frame `index`, `elapsed` seconds after the first, is not before the part."""
        return index >= self.first and elapsed >= self.start

    def over(self, index: int, elapsed: Fraction) -> bool:
        """Whether it is behind the part."""
        return (self.stop is not None and index >= self.stop) or (
            self.end is not None and elapsed >= self.end
        )

    def indices(self, count: int, rate: Fraction) -> range:
        """The frames of the part, for a source of `count` frames at a constant `rate`.

        Example:
            >>> parse_span("1", "90f").indices(100, Fraction(25))
            range(25, 90)
        """
        ends = [count]
        ends += [] if self.stop is None else [self.stop]
        ends += [] if self.end is None else [math.ceil(self.end * rate)]
        first = max(self.first, math.ceil(self.start * rate))
        return range(first, max(first, min(ends)))


def parse_span(start: Position = None, end: Position = None) -> Span:
    """The part from `start` to before `end`; None stands for the source's own.

    Raises:
        OptionError: one is not understood, or the end is not after the start.

    Example:
        >>> parse_span("1:30", "100f")
        Span(start=Fraction(90, 1), end=None, first=0, stop=100)
    """
    first, stop = _frame(start), _frame(end)
    begins = Fraction(0) if start is None or first is not None else parse_time(start)
    ends = None if end is None or stop is not None else parse_time(end)
    span = Span(begins, ends, first or 0, stop)
    if (ends is not None and begins >= ends) or (stop is not None and span.first >= stop):
        raise OptionError(f"the end, {end}, must come after the start, {0 if start is None else start}")
    return span


def parse_time(value: int | float | Fraction | str) -> Fraction:
    """Seconds, exactly, from a number or from text: "12.5", "1:02:03.5" (h:m:s) or "2:03" (m:s).

    A float counts as the decimal number that it prints as.

    Raises:
        OptionError: it is not understood or negative.

    Example:
        >>> parse_time("1:02:03.5"), parse_time(0.1)
        (Fraction(7447, 2), Fraction(1, 10))
    """
    text = value.strip() if isinstance(value, str) else str(value)
    if isinstance(value, int | Fraction) and value >= 0:
        return Fraction(value)
    if isinstance(value, float) and math.isfinite(value) and value >= 0:
        return Fraction(text)
    match = _CLOCK.fullmatch(text) if isinstance(value, str) else None
    if match is None:
        raise OptionError(f"not a time: {value!r}; write 12.5 (seconds), 1:02:03 (h:m:s) or 120f (a frame)")
    hours, minutes, seconds = match.groups(default="0")
    return 3600 * int(hours) + 60 * int(minutes) + Fraction(seconds)


def _frame(value: Position) -> int | None:
    match = _FRAME.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(match[1]) if match else None
