"""What was wrong with a video, counted while it is read and told in plain words."""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Report:
    """The faults met in one pass over a video; all times are seconds of the video's own clock.

    Attributes:
        origin: the time of the first frame; sentences count from it, as players do.
        step: seconds between two frames, as far as that is known.
        damaged: frames left out because they, or what they are built on, could not be decoded whole.
        smeared: the first time after which damage was too long to leave out.
        kept_damaged: frames shown although the decoder calls them damaged, as nothing else is there.
        resized: frames scaled because the picture changed its size.
        untimed: frames whose time was derived, as the file has none.
        disordered: frames whose time was moved after that of the frame before.
        restarts: how often the clock began anew.
        missing: frames that a constant rate has, and the file has not.
        stopped: the time and reason that reading ended before the end of the file.
        short: the times at which the pictures end, and at which the file says that they do.
    """

    origin: Fraction = Fraction(0)
    step: Fraction = Fraction(1, 25)
    damaged: int = 0
    smeared: Fraction | None = None
    kept_damaged: int = 0
    resized: int = 0
    untimed: int = 0
    disordered: int = 0
    restarts: int = 0
    missing: int = 0
    stopped: tuple[Fraction, str] | None = None
    short: tuple[Fraction, Fraction] | None = None
    _first: dict[str, Fraction] = field(default_factory=dict)

    def add(self, what: str, time: Fraction, count: int = 1) -> None:
        """Count `count` faults of the kind `what`, an attribute's name, at `time`."""
        setattr(self, what, getattr(self, what) + count)
        self._first.setdefault(what, time)

    def expect(self, before: Fraction, time: Fraction, lost: int) -> None:
        """Count the frames missing between two at constant rate, `lost` of them counted elsewhere."""
        gap = round((time - before) / self.step) - 1 - lost
        if gap > 0:
            self.add("missing", before, gap)

    def compare_end(self, end: Fraction, says: Fraction) -> None:
        """Note it when the pictures end at the time `end`, long before the file `says`."""
        if says - end > max(3 * self.step, Fraction(1, 4)):
            self.short = end, says

    def lines(self) -> list[str]:
        """One sentence for each kind of fault."""
        lines = []
        if self.damaged:
            lines.append(f"{_frames(self.damaged, 'damaged')} skipped, first {self._near('damaged')}")
        if self.smeared is not None:
            lines.append(
                f"after {self._seconds(self.smeared)} there is no whole picture to go on from for very long; "
                "the pictures from there on may be smeared"
            )
        if self.kept_damaged:
            lines.append(f"{_frames(self.kept_damaged, 'damaged')} kept, as the file has hardly any others")
        if self.missing:
            lines.append(f"{_frames(self.missing)} missing (gaps in time), first {self._near('missing')}")
        if self.resized:
            lines.append(
                f"the picture changes its size {self._near('resized')}; "
                f"{_frames(self.resized)} scaled to the first size"
            )
        if self.untimed:
            rate = f"{float(1 / self.step):g} a second assumed"
            lines.append(f"{_frames(self.untimed)} without a time of their own, {rate}")
        if self.disordered:
            lines.append(f"{_frames(self.disordered)} with a time not after that of the frame before")
        if self.restarts:
            times = "once" if self.restarts == 1 else f"{self.restarts} times"
            lines.append(f"the clock of the file restarts {times}, first {self._near('restarts')}; made one")
        if self.stopped is not None:
            lines.append(f"reading stopped near {self._seconds(self.stopped[0])}: {self.stopped[1]}")
        if self.short is not None:
            ends, says = map(self._seconds, self.short)
            lines.append(f"the pictures end at {ends}, the file says {says}: it may be cut off")
        return lines

    def _near(self, what: str) -> str:
        return f"near {self._seconds(self._first[what])}"

    def _seconds(self, time: Fraction) -> str:
        return f"{max(0.0, float(time - self.origin)):.1f} s"


def _frames(count: int, what: str = "") -> str:
    return f"{count} {what}{' ' if what else ''}frame{'' if count == 1 else 's'}"
