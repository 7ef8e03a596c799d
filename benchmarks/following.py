"""What following costs in a run: the tracker's seconds as a share of the run's, on a made video.

Thirty animals walk in 1920 x 1080. Each way is a command of its own, in turn, and says itself what its
tracker took: tracks alone, and a cut-out video with tracks beside it; beside them the cut without tracks.

python -m benchmarks.following [-o JSON] [--animals 30] [--frames 150] [--size 1080 1920] [--rounds 3]
"""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import COMMAND, parser, save, shown, spread, table
from figureground import open_writer
from figureground.testing import made_herd

SEED = 5


def write_video(path: Path, size: tuple[int, int], animals: int, frames: int) -> None:
    """A video of the herd, nearly without loss."""
    herd = made_herd(size, frames=frames, animals=animals, seed=SEED)
    with open_writer(path, herd.info, kind="overlay", quality=10) as writer:
        for frame in herd:
            writer.write(frame, herd.truth(frame.index).select([]))


def ways(video: Path, animals: int) -> dict[str, list[str]]:
    """Name and arguments of each command."""
    out, count = str(video.with_name("out")), str(animals)
    return {
        "cut": ["cut", str(video), "-o", out],
        "cut --count, tracks": ["cut", str(video), "-o", out, "--count", count, "--also", "tracks"],
        "track": ["track", str(video), "-o", out],
        "track --count": ["track", str(video), "-o", out, "--count", count],
        "track --tracker iou-centre": ["track", str(video), "-o", out, "--tracker", "iou-centre"],
    }


def measured(arguments: Sequence[str]) -> dict[str, Any]:
    """What the run says of itself."""
    line = [str(COMMAND), *arguments, "--json", "--quiet", "--overwrite"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    record: dict[str, Any] = json.loads(done.stdout)["inputs"][0]
    return record


def compare(video: Path, animals: int, rounds: int) -> list[dict[str, Any]]:
    """Seconds and shares of every way, over the rounds; the first round is warm-up."""
    commands = ways(video, animals)
    records: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for round_ in range(rounds + 1):
        for name, arguments in commands.items():
            record = measured(arguments)
            if round_:
                records[name].append(record)
    results = []
    for name, found in records.items():
        following = [(one["tracking"] or {"seconds": 0.0})["seconds"] for one in found]
        seconds = [one["seconds"] for one in found]
        results.append(
            {
                "way": name,
                "seconds": spread(seconds),
                "following": spread(following),
                "share": spread([a / b for a, b in zip(following, seconds, strict=True)]),
                "ids": (found[-1]["tracking"] or {}).get("ids"),
            }
        )
    return results


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the video, run every way, show and save what each took."""
    options = parser(__doc__)
    options.add_argument("--animals", type=int, default=30)
    options.add_argument("--frames", type=int, default=150)
    options.add_argument("--size", type=int, nargs=2, default=(1080, 1920), metavar=("H", "W"))
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        video = Path(name) / "herd.mp4"
        write_video(video, tuple(chosen.size), chosen.animals, chosen.frames)
        results = compare(video, chosen.animals, chosen.rounds)
    rows = [
        [
            one["way"],
            shown(one["seconds"]),
            shown(one["following"]),
            f"{100 * one['share']['median']:.1f} %",
            "-" if one["ids"] is None else str(one["ids"]),
        ]
        for one in results
    ]
    print(table(["way", "run, s", "following, s", "share", "ids"], rows))
    settings = {"animals": chosen.animals, "frames": chosen.frames, "size": list(chosen.size)}
    save(chosen.out, {**settings, "rounds": chosen.rounds, "seed": SEED}, results)


if __name__ == "__main__":
    main()
