"""Video files: painted, encoded chunk by chunk into a spool, put together at the end."""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from figureground.errors import OutputError
from figureground.files import output_errors
from figureground.frames import Frame
from figureground.instances import Instances
from figureground.render import Window, soft_windows
from figureground.writers.encode import (
    Converter,
    nominal_rate,
    open_encoder,
    output_tick,
    packet_to_record,
)
from figureground.writers.formats import choose_format
from figureground.writers.mux import Track, write_container
from figureground.writers.paint import choose_painter, keeps_ground
from figureground.writers.pixels import Picture, fitted, padded
from figureground.writers.plan import Plan, prepare
from figureground.writers.sound import Sound
from figureground.writers.spool import CHUNK, Spool


class VideoWriter:
    """A Writer of one video file.

    The times of its frames are the source's, less the time of the first frame: exact in .mp4 and .mov,
    rounded to 1 ms in .mkv and .webm, and to whole frames of a constant rate in .avi, as these formats
    want. A frame whose time is not after the one before it is put one tick after it.

    All frames get the first one's size: others are scaled to fit inside, on black. Where the codec
    wants even sides, the last row or column is repeated.

    Until the run ends well nothing stands at the path; what is encoded waits in a hidden folder beside it.
    """

    def __init__(self, plan: Plan):
        self.notes: list[str] = []
        self._plan, self._format, self._paint = plan, choose_format(plan), choose_painter(plan)
        self._rate, self._tick = nominal_rate(plan.info), output_tick(self._format, plan.info)
        self._part = prepare(plan)
        with output_errors(plan.path):
            settings = plan.settings() | {"av": av.__version__}  # another encoder's packets may not fit
            self._spool = Spool(self._part.folder, settings, resume=plan.resume)
        if plan.resume and not self._spool.done:
            self.notes.append(f"{plan.path}: no earlier run to go on from, so it starts anew")
        self._encoder: VideoCodecContext | None = None
        self._converter: Converter | None = None
        self._last_pts, self._fresh, self._fits = self._spool.last_pts, 0, True

    @property
    def done(self) -> int:
        """Frames that an interrupted run has safely encoded."""
        return self._spool.done

    def rewind(self, done: int) -> int:
        """Forget what is after the first `done` frames; what is left is a whole number of chunks."""
        with output_errors(self._plan.path):
            self._spool.rewind(done)
        self._last_pts = self._spool.last_pts
        return self._spool.done

    def __enter__(self) -> Self:
        self._part.take()
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Paint and encode one frame."""
        facts = self._spool.facts
        if "first" not in facts:
            facts.update(first=str(frame.time), size=list(frame.size))
        picture = self._converted(frame, found)
        time = (frame.time - Fraction(facts["first"])) / self._tick
        self._last_pts = max(round(time), self._last_pts + 1)
        picture.pts, picture.time_base = self._last_pts, self._tick
        with self._errors():
            if self._encoder is None:
                self._encoder = open_encoder(self._format, self._coded, self._rate, self._tick)
            self._keep(picture)
            self._fresh += 1
            if self._fresh == CHUNK:
                self._keep(None)
                self._spool.commit()
                self._encoder, self._fresh = None, 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                with self._errors():
                    self._finish()
        finally:
            self._spool.close()
            if not (self.done or self._fresh):
                self._part.clear()
            self._part.release()

    @property
    def _size(self) -> tuple[int, int]:
        height, width = self._spool.facts["size"]
        return height, width

    @property
    def _coded(self) -> tuple[int, int]:
        height, width = self._size
        block = self._format.block
        return height + -height % block, width + -width % block

    @property
    def _shown(self) -> tuple[int, int]:
        return self._coded if self._format.block == 2 else self._size

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with output_errors(self._plan.path):
                yield
        except av.FFmpegError as error:
            raise OutputError(f"{self._plan.path}: cannot be written: {error}") from error

    def _converted(self, frame: Frame, found: Instances) -> av.VideoFrame:
        if self._converter is None:
            self._converter = Converter(self._format, self._ground())
        windows = None
        if frame.size == self._size:
            windows = [_even(window) for window in soft_windows(found, self._plan.feather, step=2)]
        return self._converter(self._sized(self._paint(frame, found)), windows)

    def _ground(self) -> Picture | None:
        """What all pictures show outside of the figures' windows, if they are equal there."""
        if not keeps_ground(self._plan):
            return None
        empty = Frame(np.zeros((*self._size, 3), np.uint8), 0, Fraction(0))
        return self._sized(self._paint(empty, Instances.empty(self._size)))

    def _sized(self, picture: Picture) -> Picture:
        if picture.shape[:2] != self._size and self._fits:
            self._fits = False
            self.notes.append(
                f"{self._plan.path}: not all frames have the size of the first; they are scaled to fit"
            )
        picture = fitted(picture, self._size)
        return padded(picture, self._format.block)

    def _keep(self, picture: av.VideoFrame | None) -> None:
        if self._encoder is not None:
            for packet in self._encoder.encode(picture):
                self._spool.append(packet_to_record(packet, self._format, self._shown))

    def _finish(self) -> None:
        path = self._plan.path
        if "first" not in self._spool.facts:
            raise OutputError(f"{path}: not written, because not one frame came")
        self._keep(None)
        self._encoder = None
        track = Track(self._format, self._shown, self._rate, self._tick, self._plan.comment)
        made = self._part.folder / f"whole{path.suffix}"
        with contextlib.ExitStack() as undo:
            undo.callback(made.unlink, missing_ok=True)
            kept = self._written_with_sound(made, track)
            if kept is None:
                kept = write_container(made, track, self._spool.records())
            if kept != (frames := self.done + self._fresh):
                raise OutputError(
                    f"{path}: not written, because only {kept} of {frames} encoded frames can be read back;"
                    " is the disk sound? A run that resumes encodes the others again"
                )
            self._spool.close()
            self._part.finish(made.name, path)
            undo.pop_all()

    def _written_with_sound(self, made: Path, track: Track) -> int | None:
        """How many pictures the file has beside the sound; None, and a note, if that cannot be had."""
        source, first = self._plan.audio_from, Fraction(self._spool.facts["first"])
        if source is None:
            return None
        try:
            end = first + self._last_pts * self._tick + 1 / self._rate
            with contextlib.closing(Sound(source, first, end)) as sound:
                kept = write_container(made, track, self._spool.records(), sound)
        except av.FFmpegError as error:
            self.notes.append(f"{self._plan.path}: without the sound of {source}: {error}")
            return None
        if sound.problem:
            self.notes.append(f"{self._plan.path}: the sound of {source} is not whole: {sound.problem}")
        return kept


def _even(window: Window) -> Window:
    """The window in a picture padded to even sides."""
    rows, columns = window
    return slice(rows.start, rows.stop + rows.stop % 2), slice(columns.start, columns.stop + columns.stop % 2)
