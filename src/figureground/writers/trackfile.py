"""The tracks file as a Writer: chunk by chunk into a hidden folder, put together at the end."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from figureground.errors import InputError, OptionError, OutputError
from figureground.files import output_errors
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.stages import Writer
from figureground.tracks import TrackInfo, Tracks
from figureground.tracks.file import SUFFIX, read_tracks, write_parts
from figureground.tracks.footer import Footer, bytes_to_footer, footer_to_bytes
from figureground.tracks.parquet import load_pyarrow
from figureground.writers.plan import Plan, prepare_part
from figureground.writers.spool import CHUNK

_WHOLE = "whole.parquet"


def load(plan: Plan) -> Writer:
    """The writer for `plan`, which knows neither the video's hash nor settings; see `open_track_writer`."""
    source = plan.info
    info = TrackInfo(source.name, source.size, source.rate, classes=plan.classes, made_by=plan.comment)
    return open_track_writer(plan.path, info, resume=plan.resume, overwrite=plan.overwrite)


def open_track_writer(
    path: str | Path, info: TrackInfo, *, resume: bool = False, overwrite: bool = False
) -> "TrackWriter":
    """A writer of one tracks file; used as a context manager, it leaves the file when the block ends well.

    Args:
        path: where the file goes, NAME.tracks.parquet; folders on the way are made.
        info: of the video; what the file tells of itself.
        resume: go on from what an interrupted run with the same `info` left; see `Writer.done`.
        overwrite: replace what stands at `path`.

    Raises:
        OptionError: the name does not end in .parquet, or the settings in `info` are not fit for JSON.
        OutputError: something stands at `path` already, another run is writing it, or the folder cannot
            be written.
        MissingExtraError: pyarrow is not installed.

    Example:
        >>> import tempfile
        >>> from figureground.testing import made_scene
        >>> scene = made_scene((48, 64), frames=3, animals=2)
        >>> path = tempfile.mkdtemp() + "/a.tracks.parquet"
        >>> with open_track_writer(path, TrackInfo(scene.info.name, scene.size, scene.rate)) as writer:
        ...     for frame in scene:
        ...         writer.write(frame, scene.truth(frame.index))
        >>> read_tracks(path).id.tolist()
        [0, 1, 0, 1, 0, 1]
    """
    path = Path(path)
    if path.suffix.lower() != ".parquet":
        raise OptionError(f"{path}: tracks go to a file whose name ends in {SUFFIX}")
    return TrackWriter(path, info, resume=resume, overwrite=overwrite)


class TrackWriter:
    """A Writer of one tracks file.

    Figures without an id are left out. Every chunk of frames is a small tracks file of its own in the hidden
    folder beside the path, until the run ends well and they become one.
    """

    def __init__(self, path: Path, info: TrackInfo, *, resume: bool, overwrite: bool):
        load_pyarrow()
        self.notes: list[str] = []
        self._path, self._info = path, _as_read(info)
        self._part = prepare_part(path, folder=False, resume=resume, overwrite=overwrite)
        self._chunks = 0
        while resume and _is_whole(self._chunk(self._chunks), self._info):
            self._chunks += 1
        if resume and not self._chunks:
            self.notes.append(f"{path}: no earlier run to go on from, so it starts anew")
        self._fresh: list[Tracks] = []
        self._figures = self._known = 0

    @property
    def done(self) -> int:
        """Frames that an interrupted run has safely written."""
        return self._chunks * CHUNK

    def rewind(self, done: int) -> int:
        """Forget what is after the first `done` frames; what is left is a whole number of chunks."""
        self._chunks = min(self._chunks, max(0, done) // CHUNK)
        return self.done

    def __enter__(self) -> Self:
        self._part.take()
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Take one frame and its figures."""
        if found.size != self._info.size:
            (height, width), first = found.size, self._info.size
            raise OutputError(
                f"{self._path}: frame {frame.index} has {height} x {width} pixels, and the video"
                f" {first[0]} x {first[1]}; tracks need frames of one size"
            )
        self._fresh.append(self._tracks(frame, found))
        self._figures, self._known = self._figures + len(found), self._known + len(self._fresh[-1])
        if len(self._fresh) == CHUNK:
            with output_errors(self._path):
                self._keep(self._chunk(self._chunks), iter([Tracks.joined(self._fresh, self._info)]))
            self._chunks += 1
            self._fresh = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                with output_errors(self._path):
                    self._finish()
        finally:
            if not self._chunks:
                self._part.clear()
            self._part.release()

    def _tracks(self, frame: Frame, found: Instances) -> Tracks:
        try:
            return Tracks.from_instances([(frame, found)], self._info)
        except ValueError as error:
            raise OutputError(f"{self._path}: frame {frame.index} cannot be written: {error}") from error

    def _finish(self) -> None:
        if not (self._chunks or self._fresh):
            raise OutputError(f"{self._path}: not written, because not one frame came")
        if self._figures and not self._known:
            self.notes.append(
                f"{self._path}: holds no figure, because none of them had an id; track them first"
            )
        self._keep(self._part.folder / _WHOLE, self._all())
        self._part.finish(_WHOLE, self._path)

    def _all(self) -> Iterator[Tracks]:
        """Everything, chunk by chunk."""
        for number in range(self._chunks):
            try:
                yield read_tracks(self._chunk(number))
            except InputError as error:
                raise OutputError(
                    f"{self._path}: not written, because a part of it cannot be read back; is the disk sound?"
                    " A run that resumes makes it again"
                ) from error
        yield Tracks.joined(self._fresh, self._info)

    def _keep(self, path: Path, parts: Iterator[Tracks]) -> None:
        """Write a file that outlives a power cut, in one step."""
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            write_parts(parts, file, self._info, name=str(self._path))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    def _chunk(self, number: int) -> Path:
        return self._part.folder / f"{number:06}.parquet"


def _as_read(info: TrackInfo) -> TrackInfo:
    """`info` as it comes back from a file, where tuples are lists."""
    try:
        footer = Footer(info, np.zeros(0, np.int64), np.zeros((0, 2), np.int64), [])
        return bytes_to_footer(footer_to_bytes(footer)).info
    except ValueError as error:
        raise OptionError(f"tracks: {error}") from error


def _is_whole(path: Path, info: TrackInfo) -> bool:
    """Whether a chunk can be read, and was written by a run that said the same of itself."""
    try:
        chunk = read_tracks(path)
    except InputError:
        return False
    return chunk.info == info and len(chunk.frames) == CHUNK
