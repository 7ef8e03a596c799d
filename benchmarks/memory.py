"""How much memory cutting takes at its peak, for a short and for a long video.

python -m benchmarks.memory [-o JSON] [--size 640x480] [--seconds 10] [--times 60] [--rounds 1]
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.clips import SEED, loop_clip, make_clip
from benchmarks.report import COMMAND, parser, save, shown, spread, table

_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes


def peak_memory(command: Sequence[str]) -> float:
    """The largest resident memory of `command` in MB.

    It is started by a small process of its own: Linux counts the memory of the process that starts
    another as the peak of the new one too.
    """
    line = [sys.executable, "-S", "-c", _PEAK, *command]
    run = subprocess.run(line, capture_output=True, text=True, check=True)
    return int(run.stdout) * _UNIT / 1e6


def compare(clips: Sequence[Path], out: Path, rounds: int) -> list[dict[str, Any]]:
    """The peak of cutting each clip, in turn, and its ratio to that of the first clip."""
    peaks: list[list[float]] = [[] for _ in clips]
    for _ in range(rounds):
        for clip, found in zip(clips, peaks, strict=True):
            line = [str(COMMAND), "cut", str(clip), "-o", str(out), "--overwrite", "--quiet"]
            found.append(peak_memory(line))
    return [
        {
            "clip": clip.stem,
            "peak_mb": spread(found),
            "ratio": spread([peak / first for peak, first in zip(found, peaks[0], strict=True)]),
        }
        for clip, found in zip(clips, peaks, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make a short clip and a long one of the same frames; show and save what each took."""
    options = parser(__doc__)
    options.add_argument("--size", default="640x480", help="WIDTHxHEIGHT")
    options.add_argument("--seconds", type=float, default=10, help="of the short clip")
    options.add_argument("--times", type=int, default=60, help="the long one is so many times as long")
    options.add_argument("--rounds", type=int, default=1)
    chosen = options.parse_args(arguments)
    width, height = (int(side) for side in chosen.size.split("x"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short = make_clip(folder / f"{chosen.seconds:g} s.mp4", (height, width), chosen.seconds)
        longer = loop_clip(short, folder / f"{chosen.seconds * chosen.times:g} s.mp4", chosen.times)
        results = compare([short, longer], folder / "out.mp4", chosen.rounds)
    rows = [[one["clip"], shown(one["peak_mb"], 1), shown(one["ratio"], 3)] for one in results]
    print(table(["clip", "peak MB", "times the first"], rows))
    settings = {"size": chosen.size, "rounds": chosen.rounds, "seed": SEED}
    save(chosen.out, settings, results)


if __name__ == "__main__":
    main()
