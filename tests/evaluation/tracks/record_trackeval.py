"""Write trackeval.json: what TrackEval says of ten random cases.

Needs trackeval 1.3.0. It brings an OpenCV of its own, which does not go with ours, so it is no dependency:
pip install --no-deps --target FOLDER trackeval, and PYTHONPATH=FOLDER.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from random_tracks import SIZE, Figure, mask_of, random_case

CASES = range(10)


def record() -> None:
    cases = {str(seed): {on: measured(seed, on) for on in ("boxes", "masks")} for seed in CASES}
    text = json.dumps({"trackeval": version("trackeval"), "cases": cases}, indent=1)
    (Path(__file__).parent / "trackeval.json").write_text(text + "\n")


def measured(seed: int, on: str) -> dict[str, float]:
    from trackeval.metrics import CLEAR, HOTA, Identity  # all files here are collected, with it or not

    truth, result = ([sorted(frame) for frame in frames] for frames in random_case(seed))
    data = trackeval_data(truth, result, on)
    quiet = {"PRINT_CONFIG": False}
    hota = HOTA().eval_sequence(data)
    identity, clear = Identity(quiet).eval_sequence(data), CLEAR(quiet).eval_sequence(data)
    means = {name: float(np.mean(hota[name])) for name in ("HOTA", "DetA", "AssA", "LocA")}
    others = {name: float(identity[name]) for name in ("IDF1", "IDP", "IDR")}
    return {**means, **others, **{name: float(clear[name]) for name in ("MOTA", "MOTP", "IDSW")}}


def trackeval_data(truth: list[list[Figure]], result: list[list[Figure]], on: str) -> dict:
    """What TrackEval's own datasets give its metrics; the overlaps by its own functions."""
    ids = [sorted({one[0] for frame in frames for one in frame}) for frames in (truth, result)]
    overlap = _box_overlap if on == "boxes" else _mask_overlap
    columns = [
        [np.array([known.index(one[0]) for one in frame], int) for frame in frames]
        for frames, known in zip((truth, result), ids, strict=True)
    ]
    return {
        "gt_ids": columns[0],
        "tracker_ids": columns[1],
        "similarity_scores": [overlap(*pair) for pair in zip(truth, result, strict=True)],
        "num_gt_ids": len(ids[0]),
        "num_tracker_ids": len(ids[1]),
        "num_gt_dets": sum(map(len, truth)),
        "num_tracker_dets": sum(map(len, result)),
        "num_timesteps": len(truth),
    }


def _box_overlap(truth: list[Figure], result: list[Figure]) -> np.ndarray:
    boxes = [np.array([one[1:] for one in frame], float).reshape(-1, 4) for frame in (truth, result)]
    from trackeval.datasets._base_dataset import _BaseDataset

    return _BaseDataset._calculate_box_ious(*boxes, box_format="xywh")


def _mask_overlap(truth: list[Figure], result: list[Figure]) -> np.ndarray:
    if not (truth and result):
        return np.zeros((len(truth), len(result)))
    from trackeval.datasets._base_dataset import _BaseDataset

    return _BaseDataset._calculate_mask_ious(_dense(truth), _dense(result))


def _dense(figures: list[Figure]) -> np.ndarray:
    masks = np.zeros((len(figures), *SIZE), np.uint8)
    for mask, (_, x, y, width, height) in zip(masks, figures, strict=True):
        mask[y : y + height, x : x + width] = mask_of(width, height)
    return masks


if __name__ == "__main__":
    record()
