"""`figureground demo`: a made scene, cut as any video is, and compared with its exact truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put

if TYPE_CHECKING:
    from figureground.stages import Source
    from figureground.testing import Scene

Folder: TypeAlias = Annotated[
    str,
    typer.Option("-o", "--out", metavar="FOLDER", help="Where to write; figureground_demo by default."),
]


def demo(out: Folder = "", quiet: options.Quiet = False) -> int:
    """Make a few seconds of animals crawling in a dish, cut them out, and compare with the truth."""
    from figureground.apps.cli.cut import outcome, run_jobs
    from figureground.apps.cli.inputs import find
    from figureground.apps.cli.plan import plan
    from figureground.apps.cli.segmenting import Settings
    from figureground.sources import open_source
    from figureground.testing import made_scene

    folder, screen = _new_folder(out), Screen(quiet=quiet)
    screen.say("Making a scene: 5 animals crawl in a dish, one of them sits still at first ...")
    scene = made_scene((480, 640), 100, animals=5, sitters=1, shadows=True)
    video, result = folder / "dish.mp4", folder / "dish_figures.mp4"
    film(scene, video)
    jobs = plan(find([str(video)], str(result)), str(result), on="white", also=["overlay", "masks"])
    _, code = outcome(run_jobs(jobs, Settings(), screen, resume=False, overwrite=False))
    if code:
        return code
    match = compare(open_source(jobs[0].outputs[2].path), scene)
    put(f"The scene:     {video}")
    put(f"Only figures:  {result}")
    put(f"With outlines: {jobs[0].outputs[1].path}")
    put(f"Match with the truth: F-measure {match.f_measure:.3f}, mean IoU {match.iou:.3f} (1 is perfect)")
    put(f"Now your own video: figureground cut VIDEO -o {folder / 'mine.mp4'}")
    return 0


class Match(NamedTuple):
    """How well masks fit the truth.

    Attributes:
        f_measure: over all pixels of all frames, 2 TP / (2 TP + FP + FN).
        iou: of each true figure with the part of the mask that fits it best, mean over figures.
    """

    f_measure: float
    iou: float


def film(scene: "Scene", path: Path) -> None:
    """Write the frames of `scene` as they are."""
    from figureground.instances import Instances
    from figureground.writers import open_writer

    with open_writer(path, scene.info, kind="overlay") as writer:  # without figures it draws nothing
        for frame in scene:
            writer.write(frame, Instances.empty(scene.size))


def compare(masks: "Source", scene: "Scene") -> Match:
    """The match of a mask video with the truth of `scene`, frame by frame."""
    import numpy as np

    from figureground.masks import components, mask_iou

    hits = wrong = 0
    overlaps: list[float] = []
    for number, frame in enumerate(masks):
        mask = (frame.image[..., 0] > 127).astype(np.uint8)
        truth = scene.truth(number)
        true = truth.union() > 0
        hits += int(np.count_nonzero(true & (mask > 0)))
        wrong += int(np.count_nonzero(true != (mask > 0)))
        parts = components(mask)
        overlaps.extend(mask_iou(truth.masks, parts).max(axis=1, initial=0.0).tolist())
    return Match(2 * hits / max(1, 2 * hits + wrong), sum(overlaps) / max(1, len(overlaps)))


def _new_folder(out: str) -> Path:
    """A folder that is not there yet, or empty; by default the next free name here.

    Raises:
        OutputError: `out` holds something, or is a file.
    """
    from figureground.errors import OutputError

    if not out:
        names = (Path(f"figureground_demo{tail}") for tail in ("", *(f"_{n}" for n in range(2, 1000))))
        return next(path for path in names if not path.exists())
    path = Path(out)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise OutputError(f"{path}: is there already; give -o a folder that is new or empty")
    return path
