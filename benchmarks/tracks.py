"""The tracks file beside a pickle of the same figures: bytes a figure in a frame, and seconds, in turn.

The pickle is laid out as DynamicBackgroundRemoval's, which it replaces: for each animal a list of boxes and
scores (torch's tensors where torch is installed, else numpy's arrays) and of contours. Each way writes the
whole video, reads it, and gets the boxes of one frame in the middle and the way of one animal, from the file.

python -m benchmarks.tracks [-o JSON] [--frames 3000] [--animals 8] [--tracks FILE] [--rounds 5]
"""

import pickle
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.report import parser, save, shown, spread, table
from figureground.masks import outlines
from figureground.testing import made_herd
from figureground.tracks import Stamp, TrackInfo, Tracks
from figureground.tracks.file import open_tracks, read_tracks, write_tracks

SEED = 5


def made_tracks(frames: int, animals: int) -> Tracks:
    """Animals that walk about, with the exact truth of every frame."""
    herd = made_herd(frames=frames, animals=animals, seed=SEED)
    info = TrackInfo("made herd", herd.size, herd.info.rate)
    return Tracks.from_instances(((Stamp(i, i / herd.rate), herd.truth(i)) for i in range(frames)), info)


def as_tensor(values: Sequence[float]) -> Any:
    """float32, as DynamicBackgroundRemoval keeps them."""
    try:
        import torch
    except ImportError:
        return np.array(values, np.float32)
    return torch.tensor(values, dtype=torch.float32)


def to_pickled(tracks: Tracks) -> dict[str, Any]:
    """The same figures in the layout of the pickle."""
    animals: dict[int, dict[str, Any]] = {}
    for row, identity in enumerate(tracks.id.tolist()):
        empty: dict[str, Any] = {"frame_number": [], "boxes": [], "scores": [], "contours": []}
        one = animals.setdefault(identity, empty)
        x1, y1, x2, y2 = tracks.boxes[row].tolist()
        one["frame_number"].append(int(tracks.frame[row]))
        one["boxes"].append(as_tensor([x1, y1, x2, y2]))
        one["scores"].append(as_tensor([float(tracks.score[row])]))
        contours = outlines(tracks.masks[row])
        one["contours"].append(tuple((c - (int(x1), int(y1)))[:, None].astype(np.int32) for c in contours))
    height, width = tracks.info.size
    return {
        "animals": animals,
        "video_info": {"filename": "a", "fps": 30.0, "width": width, "height": height},
    }


def unpickled(path: Path) -> dict[str, Any]:
    """All of the pickle: there is no other way to see any of it."""
    with path.open("rb") as file:
        held: dict[str, Any] = pickle.load(file)  # one that was written here
    return held


def write_pickle(held: dict[str, Any], path: Path) -> None:
    """Write the pickle."""
    with path.open("wb") as file:
        pickle.dump(held, file)


def boxes_at(path: Path, frame: int) -> list[Any]:
    """The boxes of one frame, out of the pickle."""
    animals = unpickled(path)["animals"].values()
    return [one["boxes"][one["frame_number"].index(frame)] for one in animals if frame in one["frame_number"]]


def ways(tracks: Tracks, folder: Path) -> dict[str, tuple[Path, dict[str, Callable[[], object]]]]:
    """Of each way its file, and what is timed; writing comes first."""
    held, old, new = to_pickled(tracks), folder / "a.pkl", folder / "a.tracks.parquet"
    frame, identity = int(tracks.frames[len(tracks.frames) // 2]), int(tracks.ids[0])

    def at() -> object:
        with open_tracks(new) as file:
            return file.at(frame)

    def of() -> object:
        with open_tracks(new) as file:
            return file.of(identity)

    return {
        "pickle": (
            old,
            {
                "write": lambda: write_pickle(held, old),
                "read": lambda: unpickled(old),
                "one frame": lambda: boxes_at(old, frame),
                "one animal": lambda: unpickled(old)["animals"][identity],
            },
        ),
        "tracks file": (
            new,
            {
                "write": lambda: write_tracks(tracks, new, overwrite=True),
                "read": lambda: read_tracks(new),
                "one frame": at,
                "one animal": of,
            },
        ),
    }


def compare(tracks: Tracks, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Bytes and seconds of both ways; the first round is warm-up."""
    both = ways(tracks, folder)
    seconds = {name: {what: list[float]() for what in timed} for name, (_, timed) in both.items()}
    for round_ in range(rounds + 1):
        for name, (_, timed) in both.items():
            for what, call in timed.items():
                began = time.perf_counter()
                call()
                if round_:
                    seconds[name][what].append(time.perf_counter() - began)
    return [
        {
            "way": name,
            "bytes": path.stat().st_size,
            "bytes_a_row": path.stat().st_size / len(tracks),
            "seconds": {what: spread(found) for what, found in seconds[name].items()},
        }
        for name, (path, _) in both.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the tracks, or read them; time both ways; show and save what each took."""
    options = parser(__doc__)
    options.add_argument("--frames", type=int, default=3000)
    options.add_argument("--animals", type=int, default=8)
    options.add_argument("--tracks", type=Path, help="a tracks file in place of made animals")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args(arguments)
    tracks = read_tracks(chosen.tracks) if chosen.tracks else made_tracks(chosen.frames, chosen.animals)
    with tempfile.TemporaryDirectory() as name:
        results = compare(tracks, Path(name), chosen.rounds)
    print(f"{len(tracks)} rows of {len(tracks.ids)} animals in {len(tracks.frames)} frames")
    parts = list(results[0]["seconds"])
    rows = [
        [
            one["way"],
            f"{one['bytes'] / 1e6:.2f}",
            f"{one['bytes_a_row']:.0f}",
            *(shown(one["seconds"][part], 4) for part in parts),
        ]
        for one in results
    ]
    print(table(["way", "MB", "bytes a row", *(f"{part}, s" for part in parts)], rows))
    settings = {"rows": len(tracks), "animals": len(tracks.ids), "frames": len(tracks.frames), "seed": SEED}
    save(chosen.out, {**settings, "rounds": chosen.rounds}, results)


if __name__ == "__main__":
    main()
