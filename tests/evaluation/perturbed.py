"""What a made-up model finds: the truth, with faults."""

from collections.abc import Sequence

import cv2
import numpy as np

from figureground.instances import Crop, Instances, tight_crop


def perturbed(truth: Instances, classes: int, seed: Sequence[int]) -> Instances:
    """Some figures are missed, moved, grown, called something else, found twice, or made up."""
    rng = np.random.default_rng(seed)
    masks, labels, scores = [], [], []
    for crop, label in zip(truth.masks, truth.labels.tolist(), strict=True):
        if rng.random() < 0.15 or not crop.mask.size:
            continue
        for _ in range(1 + (rng.random() < 0.2)):
            masks.append(_moved(crop, truth.size, rng))
            labels.append(int(rng.integers(classes)) if rng.random() < 0.1 else label)
            scores.append(rng.random())
    masks.append(_moved(Crop(0, 0, np.ones((11, 13), bool)), truth.size, rng))
    labels.append(int(rng.integers(classes)))
    scores.append(rng.random())
    kept = [i for i, crop in enumerate(masks) if crop.mask.size]
    found = Instances(
        truth.size,
        tuple(masks[i] for i in kept),
        scores=np.array([scores[i] for i in kept], np.float32).round(2),  # some are equal
        labels=np.array([labels[i] for i in kept], np.int64),
    )
    shaken = found.boxes + rng.normal(0, 2, found.boxes.shape).astype(np.float32)
    boxes = np.concatenate([shaken[:, :2], np.maximum(shaken[:, 2:], shaken[:, :2] + 1)], axis=1)
    return Instances(found.size, found.masks, boxes=boxes, scores=found.scores, labels=found.labels)


def _moved(crop: Crop, size: tuple[int, int], rng: np.random.Generator) -> Crop:
    h, w = crop.mask.shape
    canvas = np.zeros((size[0], size[1]), np.uint8)
    canvas[crop.window] = crop.mask
    spread = 0.08 * np.sqrt(h * w)
    shift = rng.normal(0, spread, 2)
    moved = cv2.warpAffine(
        canvas, np.array([[1, 0, shift[0]], [0, 1, shift[1]]]), size[::-1], flags=cv2.INTER_NEAREST
    )
    if rng.random() < 0.3:
        moved = cv2.dilate(moved, np.ones((5, 5), np.uint8))
    return tight_crop(moved.astype(bool))
