"""Figures that were found and tracked before, as if they were found now."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from figureground.errors import InputError
from figureground.frames import Frame
from figureground.instances import Instances, IntArray
from figureground.tracks import Tracks
from figureground.tracks.file import TracksFile


class Replay:
    """A Segmenter whose figures come from tracks, with their ids.

    Args:
        tracks: an open file, or what was read of one.
        path: of the file.

    Attributes:
        classes: names that labels index.
        stateful: False.
        notes: what does not fit, in plain sentences; complete after the run.
    """

    stateful = False

    def __init__(self, tracks: TracksFile | Tracks, path: str | Path):
        self._tracks, self._path = tracks, Path(path)
        self.classes = tracks.info.classes
        self._known = set(tracks.frames.tolist())
        self._unknown = 0

    @property
    def frames(self) -> IntArray:
        """(f,) int64, the indices of all frames that the tracks know."""
        return self._tracks.frames

    @property
    def rate(self) -> Fraction | None:
        """Frames a second of the video; None where it varies or is not known."""
        return self._tracks.info.rate

    def parts(self) -> Iterator[Tracks]:
        """The tracks piece by piece, in order.

        Raises:
            InputError: a part of the file is damaged.
        """
        yield from [self._tracks] if isinstance(self._tracks, Tracks) else self._tracks.parts()

    @property
    def notes(self) -> list[str]:
        """Whether frames came that the tracks do not know."""
        text = f"{self._path}: {self._unknown} frames are not in the tracks, so they have no figures"
        return [text] if self._unknown else []

    def find_video(self, given: str | None = None) -> str:
        """The video of the tracks: the one that is `given`, or that named in the file, there or beside it.

        Raises:
            InputError: it is not there.
        """
        if given is not None:
            return given
        named = self._tracks.info.video
        for path in (Path(named), self._path.parent / Path(named.replace("\\", "/")).name):
            if named and path.exists():
                return str(path)
        raise InputError(f"{self._path}: its video {named!r} is not there; name it with --video FILE")

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame; none where the tracks do not know it.

        Raises:
            InputError: the frames have another size than the video of the tracks; or an outline is damaged.
        """
        return [self._figures(frame) for frame in frames]

    def _figures(self, frame: Frame) -> Instances:
        if frame.size != self._tracks.info.size:
            (height, width), (tall, wide) = frame.size, self._tracks.info.size
            raise InputError(
                f"{self._path}: tracks of a video of {wide} x {tall} pixels, this one has {width} x {height}"
            )
        if frame.index in self._known:
            return self._tracks.at(frame.index)
        self._unknown += 1
        return Instances.empty(frame.size)
