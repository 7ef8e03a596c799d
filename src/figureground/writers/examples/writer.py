"""The writer of behaviour examples: it looks at a few frames at a time, whatever the length of the video."""

from collections import deque
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from figureground import __version__
from figureground.errors import InputError, OutputError
from figureground.files import output_errors
from figureground.folders import check_folder, mark_folder, moved_aside
from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.writers.encode import nominal_rate
from figureground.writers.examples.figures import Seen, frame_to_figures
from figureground.writers.examples.files import write_pair
from figureground.writers.examples.journal import Journal, WindowLine
from figureground.writers.examples.names import example_stem, fit_name, video_name, why_unfit
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.social import Neighbours
from figureground.writers.examples.windows import Example, window_to_examples
from figureground.writers.plan import prepare_part

_SLOWER = 5  # animations run at a fifth of the video's rate


class ExamplesWriter:
    """A Writer of one video's examples into a folder.

    In it is a folder for each figure, `<class>_<id>`, or `<id>` where there is one class only that says
    nothing; for all figures together it is `0`. A window ends at each frame whose index is a multiple of
    `settings.step`, once as many frames as it needs have come. A figure keeps the class that it had first.

    Nothing stands at the path until the run ends well. In the hidden folder beside it a journal tells which
    windows' examples are whole; a run that resumes goes on behind the last of them.

    Example:
        >>> import tempfile
        >>> from figureground.testing import made_scene
        >>> scene, path = made_scene((48, 64), frames=7, animals=1), Path(tempfile.mkdtemp()) / "made"
        >>> with ExamplesWriter(path, scene.info, Settings(length=3)) as writer:
        ...     for frame in scene:
        ...         writer.write(frame, scene.truth(frame.index))
        >>> sorted(file.name for file in (path / "0").iterdir())[:2]
        ['made scene_0_3_len3.avi', 'made scene_0_3_len3.jpg']
    """

    def __init__(
        self,
        path: str | Path,
        info: SourceInfo,
        settings: Settings | None = None,
        *,
        classes: tuple[str, ...] = (),
        resume: bool = False,
        overwrite: bool = False,
        made_by: str = "",
        proof: str = "",
    ):
        """Prepare for the frames of the source `info`.

        Args:
            path: the folder that will hold them.
            info: of the source.
            settings: how they are made.
            classes: names that labels index; none, or only `figure`, leaves them out of the names.
            resume: go on from what an interrupted run with the same settings left.
            overwrite: replace a folder that figureground wrote.
            made_by: kept in the animations beside the version: the command, the segmenter and its options.
            proof: kept in the folder's mark; see `folders.folder_proof`.

        Raises:
            OutputError: something stands at `path` already, or another run is writing it.
        """
        self.path = Path(path)
        self.notes: list[str] = []
        self._settings, self._overwrite, self._proof = settings or Settings(), overwrite, proof
        self._classes = () if classes in ((), ("figure",)) else classes
        self._rate = max(Fraction(1), nominal_rate(info) / _SLOWER)
        self._comment = " ".join(filter(None, (f"figureground {__version__} examples", made_by)))
        name, self._video = video_name(info)
        if name != self._video:
            self.notes.append(f'{name}: the examples are called "{self._video}", because {why_unfit(name)}')
        with output_errors(self.path):
            check_folder(self.path, overwrite=overwrite)
            self._part = prepare_part(self.path, folder=True, resume=resume, overwrite=True)
            self._journal = Journal(self._part.folder, self._facts(info), resume=resume)
        if resume and not self.done:
            self.notes.append(f"{self.path}: no earlier run to go on from, so it starts anew")
        self._window: deque[Seen] = deque(maxlen=self._settings.length)
        self._before: deque[dict[int, float]] = deque(maxlen=self._settings.length)
        self._near = Neighbours(self._settings.social_distance)
        self._fresh: dict[int, str] = {}
        self._seen = 0

    @property
    def count(self) -> int:
        """Examples so far, with those of the run that is resumed."""
        return self._journal.count

    @property
    def done(self) -> int:
        """Frames after which a run can go on: those in the last whole window, but its first, come again."""
        last = self._journal.last
        return 0 if last is None else last.frames - self._settings.length + 1

    def rewind(self, done: int) -> int:
        """Forget the windows that a run needs not, which goes on after the first `done` frames."""
        if done < self.done:
            self._journal.keep_until(done + self._settings.length - 1)
        return self.done

    def __enter__(self) -> Self:
        with output_errors(self.path):
            self._part.take()
            self._journal.open()
        self._seen, last = self.done, self._journal.last
        self._near.areas = {} if last is None else last.areas
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Look at one frame; where a window ends, write its examples.

        Raises:
            InputError: the frame has another size than those before.
            OutputError: an example cannot be written.
        """
        if self._window and self._window[-1].size != frame.size:
            raise InputError(
                f"frame {frame.index}: is {frame.size[1]} x {frame.size[0]} pixels, those before were "
                f"{self._window[-1].size[1]} x {self._window[-1].size[0]}; examples need frames of one size"
            )
        self._before.append(self._near.areas)
        self._window.append(self._look(frame, found))
        self._seen += 1
        if len(self._window) == self._settings.length and frame.index % self._settings.step == 0:
            examples = window_to_examples(self._window, self._settings)
            made = [self._keep(example, frame.index) for example in examples]
            line = WindowLine(self._seen, frame.index, [], self._fresh, self._before[1])
            with output_errors(self.path):
                self._journal.append(line, made)
            self._fresh = {}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        try:
            if error is None:
                with output_errors(self.path):
                    self._finish()
        finally:
            if not self.count:
                self._part.clear()
            self._part.release()

    def _finish(self) -> None:
        if not self.count:
            raise OutputError(f"{self.path}: not written, because there is no example: {self._why()}")
        mark_folder(self._journal.made, self._proof)
        check_folder(self.path, overwrite=self._overwrite)
        with moved_aside(self.path):
            self._part.finish(self._journal.made.name, self.path)

    def _facts(self, info: SourceInfo) -> dict[str, Any]:
        """What must be the same for a run to go on from what another left."""
        about = {"video": self._video, "size": info.size, "rate": str(self._rate), "comment": self._comment}
        return {**about, "classes": self._classes, "settings": asdict(self._settings)}

    def _look(self, frame: Frame, found: Instances) -> Seen:
        figures = frame_to_figures(frame, found, self._settings)
        for one in figures:
            if one.key >= 0 and one.key not in self._journal.figures:
                self._fresh.setdefault(one.key, self._named(one.key, one.label))
        near = self._near(figures) if self._settings.interactive == "advanced" else ()
        if self._settings.background != "keep":
            return Seen(frame.size, figures, near)
        return Seen(frame.size, figures, near, frame.image, (int(frame.image.min()), int(frame.image.max())))

    def _named(self, key: int, label: int) -> str:
        """What the files of a figure are called after the video."""
        if not 0 <= label < len(self._classes):
            return str(key)
        return f"{fit_name(self._classes[label])}_{key}"

    def _keep(self, example: Example, index: int) -> str:
        """Write an example; its place below the folder, without ending."""
        figure = ""
        if example.key >= 0:
            figure = self._fresh.get(example.key) or self._journal.figures[example.key]
        name = f"{figure or '0'}/{example_stem(self._video, figure, index, self._settings)}"
        stem = self._journal.made / name
        try:
            with output_errors(stem.parent):
                stem.parent.mkdir(exist_ok=True)
            write_pair(stem, example.frames, example.picture, self._rate, self._comment)
        except OutputError as error:  # it names a file in the hidden folder, which no user knows
            raise OutputError(str(error).replace(str(self._journal.made), str(self.path))) from error
        return name

    def _why(self) -> str:
        if self._seen < self._settings.length:
            return f"{self._seen} frames came, and a window needs {self._settings.length}; see --length"
        if self._journal.figures or self._fresh:
            return f"no window holds a figure; they end every {self._settings.step} frames, see --every"
        return "no figure was tracked in any frame"
