"""The facts on a dataset as a table that fits into 80 columns."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from figureground.datasets.report.facts import Facts, Pair
    from figureground.datasets.report.pixels import PixelStatistics

CLASSES, PAIRS, SIZES = 100, 8, 5
NAME, BAR = 26, 26

STEPS = (0, 1, 2, 3, 4, 5, 6, 11, 21, 51, 101)
"""From how many figures in a picture on a new row begins."""

SHARES = (0.0, 0.001, 0.01, 0.1, 0.4)
"""Likewise, from which part of the picture on."""


def facts_lines(
    name: str, found: "Facts", pair: "Pair | None", statistics: "PixelStatistics | None"
) -> Iterator[str]:
    """The facts for people."""
    yield name
    mean = found.annotations / found.images if found.images else 0
    yield f"  images         {found.images:>9,}   {_sizes(found)}"
    yield f"  annotations    {found.annotations:>9,}   {mean:.1f} an image; {found.crowd:,} of crowds"
    yield f"  empty images   {found.empty:>9,}   without annotations"
    if found.strange:
        yield f"  lost           {found.strange:>9,}   annotations of no image or class: see 'dataset check'"
    yield ""
    yield from _classes(found)
    yield from _together(found)
    if pair:
        yield from _pair(pair)
    yield from _per_image(found)
    yield from _areas(found)
    if statistics:
        yield from _pixels(statistics)


def _sizes(found: "Facts") -> str:
    if len(found.sizes) == 1:
        (height, width), _ = found.sizes[0]
        return f"all {width} x {height} px"
    most = [f"{width} x {height} ({count})" for (height, width), count in found.sizes[:2]]
    return f"{len(found.sizes)} sizes, most often {', '.join(most)}" if most else ""


def _classes(found: "Facts") -> Iterator[str]:
    yield f"  {'class':{NAME}} annotations   images"
    order = sorted(found.classes, key=lambda one: -one.annotations)
    most = max((one.annotations for one in order), default=0)
    for one in order[:CLASSES]:
        yield _row(
            f"{_name(one.name):{NAME}}  {one.annotations:>10,} {one.images:>8,}", one.annotations, most
        )
    if len(order) > CLASSES:
        yield f"  and {len(order) - CLASSES} more: --json has all"
    yield ""


def _together(found: "Facts") -> Iterator[str]:
    from figureground.datasets.report.facts import top_pairs

    pairs = top_pairs(found, PAIRS)
    if len(found.classes) < 3 or not pairs:
        return
    yield "  most often together in a picture                 images"
    for a, b in pairs:
        names = f"{_name(found.classes[a].name)} + {_name(found.classes[b].name)}"
        yield f"  {names:46} {int(found.together[a, b]):>8,}"
    yield ""


def _pair(pair: "Pair") -> Iterator[str]:
    first, second = _name(pair.first.name), _name(pair.second.name)
    left = max(len(first) + 5, 14)
    yield f"  {'images':{left}} {'with ' + second:>{NAME + 5}} {'without':>10}"
    yield f"  {'with ' + first:{left}} {pair.both:>{NAME + 5},} {pair.only_first:>10,}"
    yield f"  {'without':{left}} {pair.only_second:>{NAME + 5},} {pair.neither:>10,}"
    ratio = "" if math.isnan(pair.ratio) or math.isinf(pair.ratio) else f" ({pair.ratio:.3g} : 1)"
    yield f"  {first} : {second}"
    yield f"      = {pair.first.annotations:,} : {pair.second.annotations:,} annotations{ratio}"
    yield ""


def _per_image(found: "Facts") -> Iterator[str]:
    yield f"  {'annotations in an image':{NAME}}      images"
    ends = [*STEPS[1:], len(found.per_image)]
    rows = [(start, end, sum(found.per_image[start:end])) for start, end in zip(STEPS, ends, strict=True)]
    most = max(count for _, _, count in rows)
    for start, end, count in rows:
        if count:
            text = f"{start} to {end - 1}" if end > start + 1 and start < STEPS[-1] else f"{start}"
            text += " and more" if start == STEPS[-1] else ""
            yield _row(f"{text:{NAME}}  {count:>10,}", count, most)
    yield ""


def _areas(found: "Facts") -> Iterator[str]:
    import numpy as np

    if not len(found.areas):
        return
    low, middle, high = (f"{value:,.0f}" for value in np.percentile(found.areas, [0, 50, 100]))
    yield f"  {'area':{NAME}} annotations   {low} to {high} px, median {middle}"
    names = ("small (below 32 x 32 px)", "medium", "large (from 96 x 96 px)")
    for name, count in zip(names, found.by_size, strict=True):
        yield _row(f"{name:{NAME}}  {count:>10,}", count, max(found.by_size))
    shares = found.shares[np.isfinite(found.shares)]
    yield "  share of the picture"
    counts = [
        int(((shares >= a) & (shares < b)).sum()) for a, b in zip(SHARES, [*SHARES[1:], np.inf], strict=True)
    ]
    for number, count in enumerate(counts):
        start = f"from {100 * SHARES[number]:g} %"
        name = start if number else f"below {100 * SHARES[1]:g} %"
        yield _row(f"{name:{NAME}}  {count:>10,}", count, max(counts))
    yield ""


def _pixels(statistics: "PixelStatistics") -> Iterator[str]:
    yield f"  pixels: {statistics.pixels:,} of {statistics.pictures:,} pictures"
    yield f"  {'':8} {'mean':>10} {'std':>10}    of 0..1: {'mean':>8} {'std':>8}"
    rows = zip(("red", "green", "blue"), statistics.mean, statistics.std, strict=True)
    for name, mean, std in rows:
        yield f"  {name:8} {mean:>10.4f} {std:>10.4f}             {mean / 255:>8.5f} {std / 255:>8.5f}"
    yield ""


def _row(text: str, count: int, most: int) -> str:
    """A row with a bar."""
    return f"  {text}  {'#' * -(-BAR * count // max(1, most))}".rstrip()


def _name(name: str) -> str:
    from figureground.datasets.checks.defects import shown

    text = shown(name)
    return text if len(text) <= NAME else f"{text[: NAME - 3]}..."


def quartiles(values: "npt.NDArray[np.float64]") -> dict[str, float]:
    """The least, the greatest, and what a quarter, a half and three quarters of `values` lie below."""
    import numpy as np

    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return {}
    names = ("least", "quarter", "median", "three_quarters", "most")
    return dict(zip(names, np.percentile(known, [0, 25, 50, 75, 100]).tolist(), strict=True))
