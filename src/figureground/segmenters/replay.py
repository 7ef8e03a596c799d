"""Figures that were found and tracked before, as if they were found now."""

from collections.abc import Sequence
from pathlib import Path

from figureground.errors import InputError
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.tracks.file import TracksFile


class Replay:
    """A Segmenter whose figures come from a file of tracks, with their ids.

    Attributes:
        classes: names that labels index.
        stateful: False.
        notes: what does not fit, in plain sentences; complete after the run.
    """

    stateful = False

    def __init__(self, file: TracksFile):
        self._file, self.classes = file, file.info.classes
        self._known = set(file.frames.tolist())
        self._unknown = 0

    @property
    def notes(self) -> list[str]:
        """Whether frames came that the tracks do not know."""
        text = f"{self._file.path}: {self._unknown} frames are not in the tracks, so they have no figures"
        return [text] if self._unknown else []

    def find_video(self, given: str | None = None) -> str:
        """The video of the tracks: the one that is `given`, or that named in the file, there or beside it.

        Raises:
            InputError: it is not there.
        """
        if given is not None:
            return given
        named = self._file.info.video
        for path in (Path(named), Path(self._file.path).parent / Path(named.replace("\\", "/")).name):
            if named and path.exists():
                return str(path)
        raise InputError(f"{self._file.path}: its video {named!r} is not there; name it with --video FILE")

    def __call__(self, frames: Sequence[Frame]) -> list[Instances]:
        """The figures of each frame; none where the tracks do not know it.

        Raises:
            InputError: the frames have another size than the video of the tracks; or an outline is damaged.
        """
        return [self._figures(frame) for frame in frames]

    def _figures(self, frame: Frame) -> Instances:
        if frame.size != self._file.info.size:
            (height, width), (tall, wide) = frame.size, self._file.info.size
            raise InputError(
                f"{self._file.path}: tracks of a video of {wide} x {tall} pixels,"
                f" this one has {width} x {height}"
            )
        if frame.index in self._known:
            return self._file.at(frame.index)
        self._unknown += 1
        return Instances.empty(frame.size)
