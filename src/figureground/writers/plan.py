"""What a writer is asked to make, checked once before any work."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figureground.errors import OutputError
from figureground.files import output_errors
from figureground.frames import SourceInfo
from figureground.render import Ground
from figureground.writers.part import Part


@dataclass(frozen=True)
class Plan:
    """One result of a run.

    Attributes:
        path: where the result will stand.
        folder: whether it is a folder of pictures.
        info: of the source whose frames will come.
        kind: what is made: a name in the table of writers.
        ground: what stands behind the figures of a cut-out.
        feather: pixels by which their edge is softened.
        classes: names that labels index.
        audio_from: the file whose sound is kept; None for silence.
        resume: go on from what an interrupted run left.
        overwrite: replace what stands at `path`.
        quality: constant rate factor of H.264 and VP9, less is better; None for the usual one.
        made_by: what else to say of the making of the file: the command, the segmenter and its options.
    """

    path: Path
    folder: bool
    info: SourceInfo
    kind: str
    ground: Ground
    feather: float
    classes: tuple[str, ...]
    audio_from: Path | None
    resume: bool
    overwrite: bool
    quality: int | None
    made_by: str

    @property
    def transparent(self) -> bool:
        """Whether the pictures have an alpha channel."""
        return self.kind in ("cutout", "stills") and self.ground.kind == "transparent"

    @property
    def comment(self) -> str:
        """What made the file, to be kept in it."""
        from figureground import __version__

        return " ".join(filter(None, (f"figureground {__version__}", self.kind, self.made_by)))

    def settings(self) -> dict[str, Any]:
        """What an interrupted run must have had in common for this one to go on from it; fit for JSON."""
        image = self.ground.image
        return {
            "source": self.info.name,
            "time_base": str(self.info.time_base),
            "rate": str(self.info.rate),
            "name": self.path.name,
            "ground": [
                self.ground.kind,
                *self.ground.colour,
                0 if image is None else zlib.crc32(image.tobytes()),
            ],
            "feather": self.feather,
            "classes": list(self.classes),
            "quality": self.quality,
            "comment": self.comment,
        }


def prepare(plan: Plan) -> Part:
    """Make sure that the result of `plan` can be written; see `prepare_part`."""
    return prepare_part(plan.path, folder=plan.folder, resume=plan.resume, overwrite=plan.overwrite)


def prepare_part(path: Path, *, folder: bool, resume: bool, overwrite: bool) -> Part:
    """Make sure that the result can be written; its part, to be taken when the run begins.

    What an interrupted run left there is kept if the plan is to resume, else removed.

    Raises:
        OutputError: something stands at the path already, another run is writing it, or the folder cannot
            be written.
    """
    with output_errors(path):
        if path.is_dir() and not folder:
            raise OutputError(f"{path}: is a folder; give the name of a file in it")
        if path.exists() and path.is_dir() != folder:
            raise OutputError(f"{path}: is a file, and a folder is to be written; choose another name")
        if not overwrite and (any(path.iterdir()) if folder and path.exists() else path.exists()):
            finished = ", so there is nothing to resume" if resume else ""
            raise OutputError(
                f"{path}: exists already{finished}; use --overwrite to replace it, or choose another name"
            )
        part = Part(path)
        part.take()
        try:
            if not resume:
                part.clear()
        finally:
            part.release()  # until the first frame comes; it stays where it holds something to resume
    return part
