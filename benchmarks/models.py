"""How fast a trained model runs: with torch, and as graphs on each engine; and how far the results agree.

python -m benchmarks.models MODEL [-o JSON] [--images FOLDER] [--count 4] [--rounds 5] [--int8 FOLDER]

MODEL is a model folder with weights and graphs; --int8 is `figureground export MODEL --to int8` of it.
All ways see the same pictures in turn in one run; ratios are those of one round to its own first way.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import parser, save, shown, spread, table
from figureground import open_source
from figureground.export.agreement import Finder, agreement
from figureground.frames import Image
from figureground.models.card import read_card
from figureground.models.detector import Detector, Found
from figureground.models.paste import paste
from figureground.models.runtime import open_graphs
from figureground.segmenters.maskrcnn_torch import open_torch

EAGER = "torch eager"
HEAD = ["way", "s/picture", "times as fast", "mask IoU", "kept", "more"]
FEW = 300  # proposals, for video


def open_ways(model: Path, int8: Path | None) -> dict[str, Finder]:
    """Each way of running the model, by name; eager first."""
    what = read_card(model).architecture
    few = replace(what, rpn_after=min(FEW, what.rpn_after))
    graphs = open_graphs(model)
    ways: dict[str, Finder] = {
        EAGER: open_torch(model, "cpu"),
        "exact": Detector(what, open_graphs(model, "exact")),
        "default": Detector(what, graphs),
        f"default, {FEW} proposals": Detector(few, graphs),
    }
    if int8 is not None:
        small = open_graphs(int8)
        ways |= {"int8": Detector(what, small), f"int8, {FEW} proposals": Detector(few, small)}
        exact = open_graphs(int8, "exact")
        ways |= {"int8, ONNX Runtime": Detector(what, exact)}
    return ways


def time_ways(
    ways: dict[str, Finder], pictures: Sequence[Image], rounds: int, score: float
) -> dict[str, list[float]]:
    """Seconds a picture of each way in each round, with the masks pasted; the first round does not count."""
    flavour = next(iter(ways.values())).what.flavour  # type: ignore[attr-defined]
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            for picture in pictures:
                paste_all(way.batch([picture], min_score=score)[0], picture.shape[:2], flavour)
            if number:
                times[name].append((time.perf_counter() - began) / len(pictures))
    return times


def paste_all(found: Found, size: Sequence[int], flavour: Any) -> int:
    """The pixels of all figures, each within its own box."""
    pairs = zip(found.masks, found.boxes, strict=True)
    return sum(int(paste(mask, box, (size[0], size[1]), flavour).mask.sum()) for mask, box in pairs)


def memory_over(way: Finder, count: int, size: tuple[int, int]) -> dict[str, Any]:
    """Resident MB along `count` pictures of `size` (h, w), and seconds a picture."""
    rng = np.random.default_rng(0)
    seen, began, seconds = [], time.perf_counter(), {"find": 0.0, "paste": 0.0}
    for _ in range(count):
        picture = np.repeat(
            np.repeat(rng.integers(0, 256, (size[0] // 40, size[1] // 40, 3), np.uint8), 40, 0), 40, 1
        )
        began = time.perf_counter()
        found = way.batch([picture], min_score=0.05)[0]
        middle = time.perf_counter()
        paste_all(found, picture.shape[:2], way.what.flavour)  # type: ignore[attr-defined]
        seconds["find"] += (middle - began) / count
        seconds["paste"] += (time.perf_counter() - middle) / count
        seen.append(resident_mb())
    return {
        "way": f"{count} pictures of {size[0] * size[1] / 1e6:.0f} megapixels",
        "seconds": seconds,
        "resident_mb": {"after 5": seen[min(4, count - 1)], "last": seen[-1], "most": max(seen)},
    }


def resident_mb() -> float:
    """What this process holds of the memory, in MB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def results(
    ways: dict[str, Finder], times: dict[str, list[float]], pictures: Sequence[Image], score: float
) -> list[dict[str, Any]]:
    """Seconds, ratios, and how the figures agree with eager's."""
    eager = ways[EAGER]
    made = []
    for name, way in ways.items():
        flavour = way.what.flavour  # type: ignore[attr-defined]
        found = agreement(eager, way, pictures, flavour, min_score=score)
        ratio = [first / own for first, own in zip(times[EAGER], times[name], strict=True)]
        made.append({"way": name, "seconds": spread(times[name]), "ratio": spread(ratio), **asdict(found)})
    return made


def row(result: dict[str, Any]) -> list[str]:
    """A result as a line of the table."""
    share = [f"{result[name]:.3f}" for name in ("iou", "kept", "more")]
    return [result["way"], shown(result["seconds"]), shown(result["ratio"]), *share]


def main(arguments: Sequence[str] | None = None) -> None:
    """Time and compare all ways, show and save the results."""
    options = parser(__doc__)
    options.add_argument("model", type=Path)
    options.add_argument("--int8", type=Path, help="the same model in 8 bits")
    options.add_argument("--images", required=True, help="pictures or a video that the model is for")
    options.add_argument("--count", type=int, default=4, help="of the images")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--score", type=float, default=0.3, help="of figures that are compared")
    options.add_argument("--large", type=int, default=0, help="also so many pictures of 12 megapixels")
    chosen = options.parse_args(arguments)
    pictures = [frame.image for frame in open_source(chosen.images).sample(chosen.count)]
    ways = open_ways(chosen.model, chosen.int8)
    times = time_ways(ways, pictures, chosen.rounds, chosen.score)
    made = results(ways, times, pictures, chosen.score)
    print(table(HEAD, map(row, made)), flush=True)
    if chosen.large:
        made.append(memory_over(ways["default"], chosen.large, (3000, 4000)))
        print(made[-1])
    settings = {"model": chosen.model.name, "pictures": len(pictures), "rounds": chosen.rounds}
    save(chosen.out, settings | {"score": chosen.score}, made)


if __name__ == "__main__":
    main()
