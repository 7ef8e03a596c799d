"""Mend one figure: its outline, box and area."""

import msgspec
from msgspec import Raw

from figureground.datasets.checks.figures import TOLERANCE, measure_mask, polygon_fault
from figureground.datasets.clip import clip_polygon
from figureground.datasets.dataset import Annotation, changed
from figureground.datasets.figures import Shape, decode_shape

_raw_polygons = msgspec.json.Decoder(list[Raw]).decode
_outline = msgspec.json.Decoder(dict[str, Raw]).decode


def mended_figure(
    annotation: Annotation, size: tuple[int, int], kinds: set[str]
) -> tuple[Annotation | None, list[str]]:
    """An annotation without its defects of `kinds`, in a picture of `size` (h, w), and what was done.

    None takes its place where nothing of the figure is left.
    """
    shape = decode_shape(annotation.raw)
    done: list[str] = []
    if isinstance(shape.segmentation, list) and any(shape.segmentation):
        if any(len(points) % 2 for points in shape.segmentation):
            return annotation, []  # a number is lost; what was drawn must not be for that
        annotation, done = _mend_polygons(annotation, shape.segmentation, size, kinds)
        if not decode_shape(annotation.raw).segmentation:
            return None, ["dropped, its outline covers nothing"]
    elif "outline-degenerate" in kinds:
        return None, ["dropped, it covers nothing"]
    elif "points-outside" in kinds:
        annotation, done = _clip_box(annotation, shape, size)
    return _measured(annotation, size, kinds, done)


def _mend_polygons(
    annotation: Annotation, polygons: list[list[float]], size: tuple[int, int], kinds: set[str]
) -> tuple[Annotation, list[str]]:
    """Polygons cut at the border, and without those that are none; the others keep their digits."""
    texts = _raw_polygons(_outline(annotation.raw)["segmentation"])
    kept: list[Raw | list[float]] = []
    cut = dropped = False
    for points, text in zip(polygons, texts, strict=True):
        if polygon_fault(points, size):
            dropped = True
        elif "points-outside" in kinds and _leaves(points, size):
            inner = clip_polygon(points, size)
            cut = True
            if not polygon_fault(inner, size):
                kept.append(inner)
        else:
            kept.append(text)
    done = ["outline cut at the border of the picture"] if cut else []
    done += ["polygons that cover nothing dropped"] if dropped else []
    return (changed(annotation, segmentation=kept) if done else annotation), done


def _leaves(points: list[float], size: tuple[int, int]) -> bool:
    (height, width), x, y = size, points[::2], points[1::2]
    return max(-min(x), -min(y), max(x) - width, max(y) - height) > TOLERANCE


def _clip_box(annotation: Annotation, shape: Shape, size: tuple[int, int]) -> tuple[Annotation, list[str]]:
    x, y, width, height = shape.bbox or (0, 0, 0, 0)
    left, top = max(0, x), max(0, y)
    right, bottom = min(size[1], x + width), min(size[0], y + height)
    box = [left, top, right - left, bottom - top]
    return changed(annotation, bbox=box), ["box cut at the border of the picture"]


def _measured(
    annotation: Annotation, size: tuple[int, int], kinds: set[str], done: list[str]
) -> tuple[Annotation | None, list[str]]:
    """With box and area of the mask, where they disagreed or the outline has changed."""
    drawn = measure_mask(annotation, size)
    if drawn is None:
        return (None, ["dropped, its outline covers nothing"]) if done else (annotation, [])
    redrawn = bool(done)
    if redrawn or kinds & {"box-disagrees", "box-missing"}:
        annotation = changed(annotation, bbox=drawn.box)
        done = [*done, "box computed from the mask"]
    if redrawn or kinds & {"area-disagrees", "area-missing", "area-of-box"}:
        annotation = changed(annotation, area=drawn.area)
        done = [*done, "area computed from the mask"]
    return annotation, done
