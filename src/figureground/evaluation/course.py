"""How numbers go from one model to the next: lines for a page of HTML."""

from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from figureground.evaluation.judge import CUT
from figureground.evaluation.result import Evaluation

LEAST = 3
"""Models that it needs to make a line."""

LEFT, TOP, WIDE, HIGH = 40, 12, 700, 200

LINES: dict[str, tuple[str, Callable[[Evaluation], float]]] = {
    "first": ("AP of masks", lambda one: one.scores.mask.ap),
    "second": ("AP50 of masks", lambda one: one.scores.mask.ap50),
    "third": ("cut", lambda one: one.iou(CUT).mean),
}
"""What is drawn, by the class that gives its colour."""


def course(found: Sequence[Evaluation]) -> str:
    """The numbers of LINES for each of `found`, in their order, as SVG; nothing for a few."""
    if len(found) < LEAST:
        return ""
    parts = [*_grid(), *(part for kind in LINES for part in _line(found, kind)), *_names(found)]
    key = "".join(f'<b class="{kind}">{escape(word)}</b>' for kind, (word, _) in LINES.items())
    return (
        f'<svg viewBox="0 0 {LEFT + WIDE + 40} {TOP + HIGH + 30}" role="img" class="plot" '
        f'aria-label="numbers of each model">{"".join(parts)}</svg><p class="key">{key}</p>'
    )


def _grid() -> list[str]:
    parts = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = TOP + HIGH * (1 - value)
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + WIDE}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" class="end">{value:g}</text>')
    return parts


def _line(found: Sequence[Evaluation], kind: str) -> list[str]:
    word, value_of = LINES[kind]
    step = WIDE / (len(found) - 1)
    points, dots = [], []
    for place, one in enumerate(found):
        value = value_of(one)
        if np.isfinite(value):
            x, y = LEFT + place * step, TOP + HIGH * (1 - value)
            points.append(f"{x:.1f},{y:.1f}")
            title = f"<title>{escape(one.name)}: {escape(word)} {value:.3f}</title>"
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="dot-{kind}">{title}</circle>')
    return [f'<polyline class="{kind}" points="{" ".join(points)}"/>', *dots]


def _names(found: Sequence[Evaluation]) -> list[str]:
    step, every = WIDE / (len(found) - 1), -(-len(found) // 10)
    return [
        f'<text x="{LEFT + place * step:.1f}" y="{TOP + HIGH + 20}" class="middle">'
        f"{escape(one.name if len(one.name) <= 10 else f'…{one.name[-9:]}')}</text>"
        for place, one in enumerate(found)
        if place % every == 0
    ]
