"""Which writer makes a plan's result: a video, a folder of pictures, or one picture."""

from figureground.stages import Writer
from figureground.writers.plan import Plan


def load(plan: Plan) -> Writer:
    """The writer for `plan`, by the ending of its path."""
    from figureground.writers.pictures import STILL_SUFFIXES, FolderWriter, StillWriter

    if plan.folder:
        return FolderWriter(plan)
    if plan.path.suffix.lower() in STILL_SUFFIXES:
        return StillWriter(plan)
    from figureground.writers.video import VideoWriter

    return VideoWriter(plan)
