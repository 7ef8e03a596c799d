"""Who is who: identity switches and IDF1 of the trackers on made herds, whose truth is known.

python -m benchmarks.identity [-o JSON] [--speeds 2 6 12] [--seeds 0 1 2] [--found each] [--trackers motion]
    [--likeness 1]

Eight animals of 40 x 20 pixels in 640 x 480, each scene in four ways: each animal found for itself, or
those that touch as one figure, as a cut by the background gives them; all found, or one in ten figures left
out. What was not found is not asked for. Ways are smooth (a step is nine tenths of the one before), with
--persistences 0 random (steps know nothing of each other). The trackers of the package `trackers`, which
follow boxes, are tried where it is installed.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from benchmarks.report import parser, save, table
from figureground import Frame
from figureground.evaluation.tracks.score import TrackScore, score_tracks
from figureground.instances import Instances
from figureground.testing import Herd, made_herd
from figureground.trackers import load_tracker
from figureground.tracks import TrackInfo, Tracks

ANIMALS = 8
KINDS = "each", "merged"
OURS = "motion", "iou-centre"
OTHERS = "trackers ByteTrack", "trackers BoTSORT", "trackers CBIoU", "trackers OCSORT"
Update: TypeAlias = Callable[[Frame, Instances], Instances]


def start(name: str, count: int | None) -> Update:
    """A new tracker: what gives a frame's figures their ids.

    Raises:
        ImportError: it is of a package that is not installed.
    """
    if name in OURS:
        return load_tracker(name, count=count).update
    import supervision
    import trackers

    update = getattr(trackers, f"{name.split()[1]}Tracker")(frame_rate=25.0).update
    moving = "BoTSORT" in name  # it looks at the picture for the camera's movement

    def numbered(frame: Frame, found: Instances) -> Instances:
        rows = np.arange(len(found))
        boxes = supervision.Detections(
            found.boxes.copy(),
            confidence=found.scores.copy(),
            class_id=found.labels.copy(),
            data={"row": rows},
        )
        given = update(boxes, frame.image) if moving else update(boxes)
        ids = np.full(len(found), -1, np.int64)
        if len(given) and given.tracker_id is not None:
            ids[np.asarray(given.data["row"], np.int64)] = given.tracker_id
        return found.with_ids(ids)

    return numbered


def ways(herd: Herd, kinds: Sequence[str]) -> Iterator[tuple[bool, float, list[Instances], list[Instances]]]:
    """Merged or not, share left out, what is found on each frame, and the truth of what is found."""
    truth = [herd.truth(index) for index in range(herd.frames)]
    for merged, drop in product([kind == "merged" for kind in kinds], (0.0, 0.1)):
        changed = replace(herd, merged=merged, drop=drop)
        found = [changed.found(*pair) for pair in enumerate(truth)]
        yield merged, drop, found, [shown(*pair) for pair in zip(truth, found, strict=True)]


def shown(truth: Instances, found: Instances) -> Instances:
    """The figures of the truth that what was found shows most of."""
    union = found.union()
    shares = [np.count_nonzero(union[crop.window][crop.mask]) / crop.mask.sum() for crop in truth.masks]
    return truth.select(np.array(shares) > 0.5)


def follow(
    update: Update, frames: Sequence[Frame], found: Sequence[Instances], truth: Tracks
) -> tuple[TrackScore, float]:
    """How well a tracker does on one scene, and its milliseconds a frame."""
    began = time.process_time()
    result = [update(*pair) for pair in zip(frames, found, strict=True)]
    milliseconds = (time.process_time() - began) / len(frames) * 1000
    return score_tracks(truth, as_tracks(frames, result))[0], milliseconds


def as_tracks(frames: Sequence[Frame], figures: Sequence[Instances]) -> Tracks:
    """The figures of all frames in long form."""
    return Tracks.from_instances(zip(frames, figures, strict=True), TrackInfo("herd", figures[0].size))


def measure(
    names: Sequence[str],
    speed: float,
    persistence: float,
    seeds: Sequence[int],
    frames: int,
    likeness: float,
    kinds: Sequence[str],
) -> list[dict[str, Any]]:
    """The means over `seeds` of every tracker in every way."""
    scores: dict[tuple[Any, ...], list[tuple[float, float, float, float]]] = {}
    for seed in seeds:
        herd = made_herd(
            frames=frames,
            animals=ANIMALS,
            seed=seed,
            speed=speed,
            persistence=persistence,
            likeness=likeness,
        )
        pictures = list(herd)
        for merged, drop, found, truth in ways(herd, kinds):
            known = as_tracks(pictures, truth)
            for name, count in product(names, (ANIMALS, None)):
                if count is not None and name not in OURS:
                    continue
                one, milliseconds = follow(start(name, count), pictures, found, known)
                row = one.clear.switches, one.identity.idf1, one.tracks, milliseconds
                scores.setdefault((name, count, merged, drop), []).append(row)
    return [
        {
            **dict(zip(("tracker", "count", "merged", "drop"), key, strict=True)),
            **{"speed": speed, "persistence": persistence},
            **dict(
                zip(("switches", "idf1", "ids", "ms"), np.mean(rows, axis=0).round(4).tolist(), strict=True)
            ),
        }
        for key, rows in scores.items()
    ]


def installed(names: Sequence[str]) -> list[str]:
    """Those of `names` whose package is there."""
    there = []
    for name in names:
        try:
            start(name, None)
        except (ImportError, AttributeError):
            print(f"{name}: not installed")
        else:
            there.append(name)
    return there


def shown_row(one: dict[str, Any]) -> list[str]:
    """A line of the table."""
    count = "-" if one["count"] is None else str(one["count"])
    found = ("merged" if one["merged"] else "each") + (", 10 % left out" if one["drop"] else "")
    way = "random" if not one["persistence"] else "smooth"
    numbers = f"{one['switches']:.1f}", f"{one['idf1']:.3f}", f"{one['ids']:.1f}", f"{one['ms']:.2f}"
    return [one["tracker"], count, way, f"{one['speed']:g}", found, *numbers]


def main(arguments: Sequence[str] | None = None) -> None:
    """Try all trackers on all scenes; show and save the scores."""
    options = parser(__doc__)
    options.add_argument("--speeds", nargs="+", type=float, default=[2.0, 6.0, 12.0], help="pixels a frame")
    options.add_argument("--persistences", nargs="+", type=float, default=[0.9], help="0 to 1")
    options.add_argument("--seeds", nargs="+", type=int, default=range(5))
    options.add_argument("--frames", type=int, default=300)
    options.add_argument("--likeness", type=float, default=0.5, help="1: animals that look the same")
    options.add_argument(
        "--found", nargs="+", choices=KINDS, default=KINDS, help="alone, or those that touch as one"
    )
    options.add_argument("--trackers", nargs="+", default=[*OURS, *OTHERS])
    chosen = options.parse_args(arguments)
    results = []
    names = installed(chosen.trackers)
    for persistence, speed in product(chosen.persistences, chosen.speeds):
        results += measure(
            *(names, speed, persistence, chosen.seeds, chosen.frames, chosen.likeness, chosen.found)
        )
    head = ["tracker", "count", "ways", "speed", "found", "switches", "IDF1", "ids", "ms a frame"]
    print(table(head, map(shown_row, results)))
    settings = {"seeds": list(chosen.seeds), "frames": chosen.frames, "likeness": chosen.likeness}
    save(chosen.out, {**settings, "animals": ANIMALS}, results)


if __name__ == "__main__":
    main()
