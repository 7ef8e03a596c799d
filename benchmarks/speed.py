"""How long cutting a video takes, against decoding and encoding it and doing nothing, and against MOG2.

python -m benchmarks.speed [-o JSON] [--sizes 640x480 1920x1080] [--seconds 20] [--rounds 5] [--video FILE]
"""

import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from benchmarks.clips import SEED, make_clip, shorten_clip
from benchmarks.report import parser, save, shown, spread, table
from benchmarks.ways import copy, cut_by_command, cut_by_mog2, cut_in_python
from figureground import load_segmenter, open_source

Way: TypeAlias = Callable[[Path, Path], int]

FLOOR = "decode + encode"
WAYS: dict[str, Way] = {
    FLOOR: copy,
    "figureground, Python": cut_in_python,
    "figureground cut": cut_by_command,
    "MOG2 script": cut_by_mog2,
}
HEAD = ["clip", "way", "s", "frames/s", "times the floor", "CPU ms/frame", "CPU, times the floor"]
WARM_UP = 1.0  # seconds of video


class Run(NamedTuple):
    """One timed run: wall-clock seconds, processor seconds of all threads and children, frames written."""

    wall: float
    cpu: float
    frames: int


def compare(clip: Path, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Time the ways on `clip` in turn, `rounds` times, after each has run on its first second.

    The ratios are those of one round to its own floor, so that a machine which gets slower or busier
    in between changes them little.

    Raises:
        ValueError: a way wrote more or fewer frames than the floor.
    """
    warm_up = shorten_clip(clip, folder / "warm_up.mp4", WARM_UP)
    for way in WAYS.values():
        way(warm_up, folder / "out.mp4")
    runs: dict[str, list[Run]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            run = timed(way, clip, folder / "out.mp4")
            runs[name].append(run)
            expected = runs[FLOOR][-1].frames
            if run.frames != expected:
                raise ValueError(f"{clip.name}: {name} wrote {run.frames} frames, the floor {expected}")
    return [_result(clip.stem, name, some, runs[FLOOR]) for name, some in runs.items()]


def timed(way: Way, clip: Path, out: Path) -> Run:
    """Run `way` once."""
    cpu, wall = _cpu(), time.perf_counter()
    frames = way(clip, out)
    return Run(time.perf_counter() - wall, _cpu() - cpu, frames)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _result(clip: str, name: str, runs: Sequence[Run], floor: Sequence[Run]) -> dict[str, Any]:
    pairs = list(zip(runs, floor, strict=True))
    return {
        "clip": clip,
        "way": name,
        "frames": runs[0].frames,
        "seconds": spread([run.wall for run in runs]),
        "cpu_seconds": spread([run.cpu for run in runs]),
        "ratio": spread([run.wall / base.wall for run, base in pairs]),
        "cpu_ratio": spread([run.cpu / base.cpu for run, base in pairs]),
    }


def time_estimate(clip: Path, rounds: int) -> dict[str, Any]:
    """How long the look at the whole video takes that comes before the first frame is cut."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        load_segmenter("background", open_source(clip))
        times.append(time.perf_counter() - began)
    return {"clip": clip.stem, "way": "estimate alone", "seconds": spread(times)}


def row(result: dict[str, Any]) -> list[str]:
    """A result as a line of the table."""
    cells = [result["clip"], result["way"], shown(result["seconds"])]
    if "ratio" not in result:
        return [*cells, "", "", "", ""]
    frames = result["frames"]
    return [
        *cells,
        f"{frames / result['seconds']['median']:.0f}",
        shown(result["ratio"]),
        f"{1000 * result['cpu_seconds']['median'] / frames:.1f}",
        shown(result["cpu_ratio"]),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the clips, time all ways on each, show and save the results."""
    options = parser(__doc__)
    sizes = ["640x480", "1920x1080"]
    options.add_argument("--sizes", nargs="*", default=sizes, help="WIDTHxHEIGHT of made scenes")
    options.add_argument("--video", nargs="*", default=[], type=Path, help="also the beginning of these")
    options.add_argument("--seconds", type=float, default=20, help="how long the clips are")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = []
        for size in chosen.sizes:
            width, height = (int(side) for side in size.split("x"))
            clips.append(make_clip(folder / f"{size}.mp4", (height, width), chosen.seconds))
        clips += [shorten_clip(video, folder / f"{video.stem}.mp4", chosen.seconds) for video in chosen.video]
        for clip in clips:
            found = [*compare(clip, folder, chosen.rounds), time_estimate(clip, chosen.rounds)]
            print(table(HEAD, map(row, found)), end="\n\n", flush=True)
            results += found
    save(chosen.out, {"seconds": chosen.seconds, "rounds": chosen.rounds, "seed": SEED}, results)


if __name__ == "__main__":
    main()
