"""What was read last, kept in memory as long as it fits."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")

MEMORY = 256 << 20
"""Bytes that are kept where nobody says otherwise."""


class Kept(Generic[Thing]):
    """Things by their number; those not asked for the longest are forgotten once there are too many bytes.

    Args:
        read: makes a thing from its number, and says how many bytes it has.
        memory: bytes that are kept.

    Example:
        >>> read = []
        >>> kept = Kept(lambda i: (read.append(i) or i * i, 8), memory=16)
        >>> [kept[i] for i in (1, 2, 1, 3, 2)], read
        ([1, 4, 1, 9, 4], [1, 2, 3, 2])
    """

    def __init__(self, read: Callable[[int], tuple[Thing, int]], memory: int = MEMORY) -> None:
        self._read = read
        self._memory = memory
        self._things: OrderedDict[int, tuple[Thing, int]] = OrderedDict()
        self._bytes = 0

    def __getitem__(self, number: int) -> Thing:
        if number not in self._things:
            thing, size = self._read(number)
            self._things[number] = thing, size
            self._bytes += size
            while self._bytes > self._memory and len(self._things) > 1:
                self._bytes -= self._things.popitem(last=False)[1][1]
        self._things.move_to_end(number)
        return self._things[number][0]
