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
        stopped: why reading ended before the end of the file.
        short_of: the time at which the file says that the pictures end, where they end long before.
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
    stopped: str = ""
    short_of: Fraction | None = None
    _first: dict[str, Fraction] = field(default_factory=dict)

    def add(self, what: str, time: Fraction, count: int = 1) -> None:
        """Count `count` faults of the kind `what`, an attribute's name, at `time`."""
        setattr(self, what, getattr(self, what) + count)
        self._first.setdefault(what, time)

    def stop(self, time: Fraction, reason: str) -> None:
        """Note that reading stopped at `time`."""
        self.stopped = reason
        self._first["stopped"] = time

    def expect(self, before: Fraction, time: Fraction, lost: int) -> None:
        """Count the frames missing between two at constant rate, `lost` of them counted elsewhere."""
        gap = round((time - before) / self.step) - 1 - lost
        if gap > 0:
            self.add("missing", before, gap)

    def compare_end(self, end: Fraction, says: Fraction) -> None:
        """Note it when the pictures end at the time `end`, long before the file `says`."""
        if says - end > max(Fraction(5, 2) * self.step, Fraction(1, 10)):
            self.short_of = says
            self._first["short_of"] = end

    def lines(self) -> list[str]:
        """One sentence for each kind of fault."""
        told = (
            (self.damaged, f"{_frames(self.damaged, 'damaged')} skipped, first {self._near('damaged')}"),
            (
                self.smeared is not None,
                f"for long after {self._seconds(self.smeared)} there is no whole picture to go on from; "
                "what follows may be smeared",
            ),
            (
                self.kept_damaged,
                f"{_frames(self.kept_damaged, 'damaged')} kept, first {self._near('kept_damaged')}, as there "
                "is no whole picture to begin with; those after it may be smeared",
            ),
            (self.missing, f"{_frames(self.missing)} missing (gaps in time), first {self._near('missing')}"),
            (
                self.resized,
                f"the picture changes its size {self._near('resized')}; "
                f"{_frames(self.resized)} scaled to the first size",
            ),
            (
                self.untimed,
                f"{_frames(self.untimed)} without a time; {float(1 / self.step):g} a second assumed",
            ),
            (self.disordered, f"{_frames(self.disordered)} with a time not after that of the frame before"),
            (
                self.restarts,
                f"the clock begins anew, {self.restarts} x, first {self._near('restarts')}; "
                "later times are moved on",
            ),
            (self.stopped, f"reading stopped {self._near('stopped')}: {self.stopped}"),
            (
                self.short_of,
                f"the pictures end {self._near('short_of')}, and should at {self._seconds(self.short_of)}: "
                "the file may be cut off",
            ),
        )
        return [text for fault, text in told if fault]

    def _near(self, what: str) -> str:
        return f"near {self._seconds(self._first.get(what))}"

    def _seconds(self, time: Fraction | None) -> str:
        return f"{max(0.0, float((time or 0) - self.origin)):.1f} s"


def _frames(count: int, what: str = "") -> str:
    return f"{count} {what}{' ' if what else ''}frame{'' if count == 1 else 's'}"
