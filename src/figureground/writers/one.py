"""A writer of one figure alone."""

from types import TracebackType
from typing import Self

import numpy as np

from figureground.frames import Frame
from figureground.instances import Instances
from figureground.writers import NotingWriter


class OneFigure:
    """Another Writer that is given one figure of each frame; where that is not found, a frame without any.

    Example:
        >>> import tempfile
        >>> from figureground import open_writer
        >>> from figureground.testing import made_scene
        >>> scene, path = made_scene((48, 64), frames=3), tempfile.mkdtemp() + "/figure_0.mp4"
        >>> with OneFigure(open_writer(path, scene.info), 0) as writer:
        ...     for frame in scene:
        ...         writer.write(frame, scene.truth(frame.index))
    """

    def __init__(self, writer: NotingWriter, identity: int):
        self._writer, self._identity = writer, identity

    @property
    def notes(self) -> list[str]:
        """What the other writer noted."""
        return self._writer.notes

    @property
    def done(self) -> int:
        """Frames that an interrupted run has safely written."""
        return self._writer.done

    def rewind(self, done: int) -> int:
        """Forget what is after the first `done` frames."""
        return self._writer.rewind(done)

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def write(self, frame: Frame, found: Instances) -> None:
        """Take one frame, and of its figures this one."""
        self._writer.write(frame, found.select(np.flatnonzero(found.ids == self._identity)))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)
