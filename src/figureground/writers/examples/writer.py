"""The writer of behaviour examples: it looks at a few frames at a time, whatever the length of the video."""

import contextlib
from collections import deque
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from figureground import __version__
from figureground.errors import InputError, OutputError
from figureground.files import output_errors
from figureground.folders import check_folder, written_folder
from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.writers.encode import nominal_rate
from figureground.writers.examples.figures import Seen, frame_to_figures
from figureground.writers.examples.files import write_pair
from figureground.writers.examples.names import example_stem, fit_name, video_name, why_unfit
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.social import Neighbours
from figureground.writers.examples.windows import Example, window_to_examples

_SLOWER = 5  # animations run at a fifth of the video's rate


class ExamplesWriter:
    """A Writer of one video's examples into a folder.

    In it is a folder for each figure, `<class>_<id>`, or `<id>` where there is one class only that says
    nothing; for all figures together it is `0`. A window ends at each frame whose index is a multiple of
    `settings.step`, once as many frames as it needs have come. A figure keeps the class that it had first.

    Nothing stands at the path until the run ends well. A run that was stopped begins anew: the state of a
    window is its frames.

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
        overwrite: bool = False,
        made_by: str = "",
    ):
        """Prepare for the frames of the source `info`.

        Args:
            path: the folder that will hold them.
            info: of the source.
            settings: how they are made.
            classes: names that labels index; none, or only `figure`, leaves them out of the names.
            overwrite: replace a folder that figureground wrote.
            made_by: kept in the animations beside the version: the command, the segmenter and its options.

        Raises:
            OutputError: something stands at `path` already.
        """
        self.path, self.count = Path(path), 0
        self.notes: list[str] = []
        self._settings, self._overwrite = settings or Settings(), overwrite
        self._classes = () if classes in ((), ("figure",)) else classes
        self._rate = max(Fraction(1), nominal_rate(info) / _SLOWER)
        self._comment = " ".join(filter(None, (f"figureground {__version__} examples", made_by)))
        name, self._video = video_name(info)
        if name != self._video:
            self.notes.append(f'{name}: the examples are called "{self._video}", because {why_unfit(name)}')
        with output_errors(self.path):
            check_folder(self.path, overwrite=overwrite)
        self._window: deque[Seen] = deque(maxlen=self._settings.length)
        self._near = Neighbours(self._settings.social_distance)
        self._figures: dict[int, str] = {}
        self._exits, self._part, self._seen = contextlib.ExitStack(), self.path, 0

    @property
    def done(self) -> int:
        """Always 0: examples are made anew."""
        return 0

    def rewind(self, done: int) -> int:
        """Nothing to forget."""
        return 0

    def __enter__(self) -> Self:
        self._part = self._exits.enter_context(written_folder(self.path, overwrite=self._overwrite))
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
        self._window.append(self._look(frame, found))
        self._seen += 1
        if len(self._window) == self._settings.length and frame.index % self._settings.step == 0:
            for example in window_to_examples(self._window, self._settings):
                self._keep(example, frame.index)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._exits:  # takes the folder away if what follows raises
            if error is not None:
                self._exits.__exit__(kind, error, trace)
            elif not self.count:
                raise OutputError(f"{self.path}: not written, because there is no example: {self._why()}")

    def _look(self, frame: Frame, found: Instances) -> Seen:
        figures = frame_to_figures(frame, found, self._settings)
        for one in figures:
            if one.key >= 0:
                self._figures.setdefault(one.key, self._named(one.key, one.label))
        near = self._near(figures) if self._settings.interactive == "advanced" else ()
        if self._settings.background != "keep":
            return Seen(frame.size, figures, near)
        return Seen(frame.size, figures, near, frame.image, (int(frame.image.min()), int(frame.image.max())))

    def _named(self, key: int, label: int) -> str:
        """What the files of a figure are called after the video."""
        if not 0 <= label < len(self._classes):
            return str(key)
        return f"{fit_name(self._classes[label])}_{key}"

    def _keep(self, example: Example, index: int) -> None:
        figure = "" if example.key < 0 else self._figures[example.key]
        folder = self._part / (figure or "0")
        stem = folder / example_stem(self._video, figure, index, self._settings)
        with output_errors(folder):
            folder.mkdir(exist_ok=True)
        write_pair(stem, example.frames, example.picture, self._rate, self._comment)
        self.count += 1

    def _why(self) -> str:
        if self._seen < self._settings.length:
            return f"{self._seen} frames came, and a window needs {self._settings.length}; see --length"
        if self._figures:
            return f"no window holds a figure; they end every {self._settings.step} frames, see --every"
        return "no figure was tracked in any frame"
