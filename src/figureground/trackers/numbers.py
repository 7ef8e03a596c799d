"""The ids that a tracker gives: from 0, each once, and never more than the count of the figures."""

from figureground.errors import OptionError


class Ids:
    """Gives ids in order; trackers that watch parts of one scene share one.

    Attributes:
        count: how many there are; None for no limit.
        given: how many are given.
    """

    def __init__(self, count: int | None = None) -> None:
        if count is not None and count < 1:
            raise OptionError(f"count must be 1 or more figures, got {count}")
        self.count = count
        self.given = 0

    @property
    def left(self) -> bool:
        """Whether another can be given."""
        return self.count is None or self.given < self.count

    def take(self) -> int:
        """The next id; ask `left` first."""
        self.given += 1
        return self.given - 1
