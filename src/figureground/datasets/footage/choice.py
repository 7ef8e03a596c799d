"""Which frames of a video are taken, and the frames themselves, exact to the frame.

Frame k is the k-th that decoding from the start gives. So videos are decoded from the start: searching is
faster, but in most files lands on a neighbour now and then.
"""

import zlib
from array import array
from collections.abc import Callable, Generator, Iterator, Sized
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt

from figureground.errors import InputError, OptionError
from figureground.frames import Frame
from figureground.stages import Source

Progress = Callable[[int], None]
"""Called with the number of frames that are read."""

LOOKED_AT = 1000
"""So many frames, evenly spread, are looked at to find different ones; three times as many as wanted if
that is more."""

_SIDE = 64  # pixels of the longer side of the small pictures that are compared
_ROUNDS = 50  # after which the groups of pictures are taken as they are

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Choice:
    """Which frames of a video: one way of choosing.

    Attributes:
        every: each n-th, from the first on.
        frames: these, counted from 0.
        times: at these seconds after the first frame: the first frame that is not before each.
        different: so many that look as different as possible: the pictures are put into so many groups
            (k-means on small grey pictures), and of each group the one nearest to its middle is taken.
        random: so many, each as likely as any other.
        seed: another number chooses others, where chance has a part.

    Raises:
        OptionError: it is none or several of these, or a number is too small.
    """

    every: int = 0
    frames: tuple[int, ...] = ()
    times: tuple[Fraction, ...] = ()
    different: int = 0
    random: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("every", "different", "random", "seed"):
            if getattr(self, name) < 0:
                raise OptionError(f"{name}: must not be negative, got {getattr(self, name)}")
        if min(self.frames, default=0) < 0 or min(self.times, default=0) < 0:
            raise OptionError("frames and times count from 0; they cannot be negative")
        ways = [self.every, bool(self.frames or self.times), self.different, self.random]
        if sum(map(bool, ways)) != 1:
            raise OptionError("choose frames in one way: every n-th, at times, different ones, or at random")

    @property
    def passes(self) -> int:
        """How often the video is read."""
        return 2 if self.different or self.random else 1


@runtime_checkable
class Choosing(Protocol):
    """A source that need not make the frames that are not wanted."""

    def frames_where(self, wanted: Callable[[int, Fraction], bool]) -> Iterator[Frame]:
        """The frames whose index and time are wanted; asked of each in order."""
        ...


class Wanted:
    """Says of each frame in turn whether it is wanted, and remembers what did not come.

    Args:
        choice: of a kind that needs no look at the whole video, see `settled`.
        progress: is told how many frames have come.
    """

    def __init__(self, choice: Choice, progress: Progress | None = None) -> None:
        self.every = choice.every
        self._frames, self._times = set(choice.frames), sorted(choice.times, reverse=True)
        self._progress, self._done = progress, 0
        self._first: Fraction | None = None

    def __call__(self, index: int, time: Fraction) -> bool:
        """Whether frame `index` at `time` is wanted."""
        self._first = time if self._first is None else self._first
        self._done += 1
        if self._progress:
            self._progress(self._done)
        due = index in self._frames or (self.every > 0 and index % self.every == 0)
        self._frames.discard(index)
        while self._times and time - self._first >= self._times[-1]:
            self._times.pop()
            due = True
        return due

    @property
    def over(self) -> bool:
        """Whether no later frame is wanted."""
        return not (self.every or self._frames or self._times)

    def missing(self) -> list[str]:
        """What was wanted and did not come, in words."""
        frames = [f"frame {index}" for index in sorted(self._frames)]
        return [*frames, *(f"frame at {float(time):g} s" for time in reversed(self._times))]


def wanted_frames(source: Source, wanted: Wanted) -> Iterator[Frame]:
    """The frames of `source` that are `wanted`, in order; reading ends with the last of them.

    Example:
        >>> from figureground.testing import made_scene
        >>> wanted = Wanted(Choice(frames=(2, 7, 5000)))
        >>> [frame.index for frame in wanted_frames(made_scene((24, 32), frames=9), wanted)], wanted.missing()
        ([2, 7], ['frame 5000'])
    """
    frames = _frames_where(source, wanted)
    try:
        while not wanted.over and (frame := next(frames, None)) is not None:
            yield frame
    finally:
        frames.close()


def settled(source: Source, choice: Choice, progress: Progress | None = None) -> Choice:
    """`choice` as indices of frames, where it needs a look at the whole video: different, or at random.

    Where there are fewer frames than wanted, all are chosen; of different ones, those that look exactly
    alike count once.

    Raises:
        InputError: there are none.

    Example:
        >>> from figureground.testing import made_scene
        >>> len(settled(made_scene((24, 32), frames=30), Choice(random=3, seed=5)).frames)
        3
    """
    if choice.random:
        there = _indices(source, progress)
        _check_any(source, there)
        name = Path(source.info.name).name.encode(errors="replace")  # videos of one length differ
        rng = np.random.default_rng([choice.seed, zlib.crc32(name)])
        taken = rng.choice(there, min(choice.random, len(there)), replace=False)
        return replace(choice, random=0, frames=tuple(sorted(taken.tolist())))
    if choice.different:
        indices, pictures = _small_pictures(source, choice.different, progress)
        _check_any(source, indices)
        places = most_different(pictures, choice.different, np.random.default_rng(choice.seed))
        return replace(choice, different=0, frames=tuple(indices[place] for place in places))
    return choice


def most_different(vectors: Vectors, count: int, rng: np.random.Generator) -> list[int]:
    """The places of `count` of `vectors` (n > 0, d) that differ most: the middles of so many groups.

    The groups are those of k-means, begun as k-means++ does (Arthur and Vassilvitskii, SODA 2007).
    Fewer are given where fewer differ at all.

    Example:
        >>> vectors = np.array([[0], [1], [2], [50], [51], [52]], np.float32)
        >>> most_different(vectors, 2, np.random.default_rng(0))
        [1, 4]
    """
    vectors = vectors - vectors.mean(0)  # else large numbers cancel
    centres = vectors[_spread_out(vectors, min(count, len(vectors)), rng)]
    numbers = range(len(centres))
    distances = _squares(vectors, centres)
    for _ in range(_ROUNDS):
        groups = distances.argmin(1)
        if len(np.unique(groups)) < len(centres):
            break  # some are hardly different
        moved = np.array([vectors[groups == number].mean(0) for number in numbers])
        again = _squares(vectors, moved)
        if np.array_equal(moved, centres) or len(np.unique(again.argmin(1))) < len(moved):
            break  # it is done, or a group would be left empty
        centres, distances = moved, again
    groups = distances.argmin(1)
    members = [np.flatnonzero(groups == number) for number in numbers]
    return sorted(
        int(member[distances[member, number].argmin()])
        for number, member in enumerate(members)
        if len(member)
    )


def _spread_out(vectors: Vectors, count: int, rng: np.random.Generator) -> list[int]:
    """The places of `count` different vectors, each the likelier the further it is from those before."""
    chosen = [int(rng.integers(len(vectors)))]
    nearest = np.square(vectors - vectors[chosen]).sum(1, dtype=np.float64)
    while len(chosen) < count and nearest.max() > 0:
        chosen.append(int(rng.choice(len(vectors), p=nearest / nearest.sum())))
        nearest = np.minimum(nearest, np.square(vectors - vectors[chosen[-1]]).sum(1, dtype=np.float64))
    return chosen


def _squares(vectors: Vectors, centres: Vectors) -> Vectors:
    """(n, k) squared distances of `vectors` (n, d) from `centres` (k, d)."""
    return np.square(vectors).sum(1)[:, None] - 2 * (vectors @ centres.T) + np.square(centres).sum(1)


def _check_any(source: Source, indices: Sized) -> None:
    if not len(indices):
        raise InputError(f"{source.info.name}: has no frame that can be read")


def _frames_where(source: Source, wanted: Callable[[int, Fraction], bool]) -> Generator[Frame]:
    frames = source.frames_where(wanted) if isinstance(source, Choosing) else None
    if frames is not None:
        yield from frames
        return
    for frame in source:
        if wanted(frame.index, frame.time):
            yield frame


def _indices(source: Source, progress: Progress | None) -> npt.NDArray[np.int64]:
    """The indices of all frames, by decoding them."""
    found = array("q")

    def see(index: int, time: Fraction) -> bool:
        found.append(index)
        if progress:
            progress(len(found))
        return False

    for _ in _frames_where(source, see):
        pass
    return np.array(found, np.int64)


def _small_pictures(source: Source, count: int, progress: Progress | None) -> tuple[list[int], Vectors]:
    """The indices of frames that are evenly spread over the video, and each as a vector of grey values."""
    most = max(LOOKED_AT, 3 * count)
    wanted = Wanted(Choice(every=max(1, (source.info.count or 0) // most)), progress)
    indices: list[int] = []
    rows: list[npt.NDArray[np.uint8]] = []
    height, width = source.info.size
    small = tuple(max(1, round(side * _SIDE / max(height, width))) for side in (width, height))
    for frame in wanted_frames(source, wanted):
        if len(rows) == 2 * most:  # there are more frames than the file says
            wanted.every *= 2
            kept = [place for place, index in enumerate(indices) if index % wanted.every == 0]
            indices, rows = [indices[place] for place in kept], [rows[place] for place in kept]
        grey = cv2.cvtColor(cv2.resize(frame.image, small, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        indices.append(frame.index)
        rows.append(grey.ravel())
    return indices, np.array(rows, np.float32).reshape(len(rows), small[0] * small[1])
