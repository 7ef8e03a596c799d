"""Plots for a page of HTML: SVG as text, coloured by the page's own style, nothing loaded from elsewhere."""

from collections.abc import Sequence
from html import escape

import numpy as np
import numpy.typing as npt

WIDTH = 480
LABEL = 140  # pixels for the names at the left
ROW = 22
HEIGHT, FOOT, TOP = 200, 28, 34
LONGEST = 20  # letters of a name in a plot; the whole one shows where the mouse rests


def bar_rows(rows: Sequence[tuple[str, int, int]], words: tuple[str, str]) -> str:
    """A bar each for `rows` of a name and two counts; `words` say what is counted.

    Example:
        >>> bar_rows([("<b>", 3, 2)], ("figures", "pictures")).count("&lt;b&gt;")
        2
    """
    most = max((row[1] for row in rows), default=0) or 1
    room = WIDTH - LABEL - 92
    parts = []
    for number, (name, first, second) in enumerate(rows):
        y = number * ROW
        long, short = (max(1.5, room * value / most) if value else 0 for value in (first, second))
        parts.append(
            f"<g><title>{escape(name)}: {first} {words[0]}, {second} {words[1]}</title>"
            f'<text x="{LABEL - 10}" y="{y + 14}" class="end">{_short(name)}</text>'
            f'<rect x="{LABEL}" y="{y + 3}" width="{long:.1f}" height="9" rx="2" class="first"/>'
            f'<rect x="{LABEL}" y="{y + 13}" width="{short:.1f}" height="4" rx="2" class="second"/>'
            f'<text x="{LABEL + max(long, short) + 8:.1f}" y="{y + 14}" class="number">{first:,}'
            f'<tspan class="soft" dx="6">{second:,}</tspan></text></g>'
        )
    return _svg(max(1, len(rows)) * ROW, f"{words[0]} and {words[1]} of each class", parts)


def columns(
    values: Sequence[int],
    ticks: Sequence[tuple[float, str]],
    titles: Sequence[str],
    what: str,
    marks: Sequence[tuple[float, str]] = (),
) -> str:
    """A column each for `values`.

    Args:
        values: how high.
        ticks: places below the columns, counted in columns from the left edge, and what stands there.
        titles: what each column says where the mouse rests.
        what: the plot's name, for those who hear the page.
        marks: places of dashed lines, likewise, and what stands beside each.
    """
    left, room, high = 44, WIDTH - 52, HEIGHT - FOOT - TOP
    step, top = room / max(1, len(values)), nice(max(values, default=0))
    parts = []
    for value in sorted({0, top // 2, top}):
        y = TOP + high * (1 - value / top)
        parts.append(f'<line x1="{left}" x2="{left + room}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" class="end soft">{value:,}</text>')
    for number, (value, title) in enumerate(zip(values, titles, strict=True)):
        tall = max(1.5, high * value / top) if value else 0
        x, wide = left + number * step, max(1.0, step * 0.86)
        parts.append(
            f'<rect x="{x + step * 0.07:.1f}" y="{TOP + high - tall:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" rx="2" class="first"><title>{escape(title)}</title></rect>'
        )
    for place, text in ticks:
        x = left + place * step
        side = "end" if x + 3.5 * len(text) > WIDTH else "middle"
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - FOOT + 18}" class="{side} soft">{escape(text)}</text>')
    for number, (place, text) in enumerate(marks):
        x, y = left + place * step, TOP - 20 + 14 * number
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 8}" y2="{TOP + high}" class="mark"/>')
        out = x + 5 + 6.5 * len(text) > WIDTH
        parts.append(
            f'<text x="{x + (-5 if out else 5):.1f}" y="{y}" class="{"end " * out}soft">{escape(text)}</text>'
        )
    return _svg(HEIGHT, what, parts)


def heat(names: Sequence[str], table: npt.NDArray[np.int64], what: str) -> str:
    """How often each two of `names` are together: a square of squares, the fuller the more."""
    side = min(46.0, (WIDTH - LABEL - 62) / max(1, len(names)))
    most = int((table - np.diag(table.diagonal())).max(initial=0)) or 1
    parts, top = [], 84
    for row, name in enumerate(names):
        y = top + row * side
        parts.append(f'<text x="{LABEL - 10}" y="{y + side / 2 + 4:.1f}" class="end">{_short(name)}</text>')
        x = LABEL + (row + 0.5) * side
        parts.append(
            f'<text transform="translate({x + 3:.1f} {top - 8}) rotate(-40)">{_short(name, 14)}</text>'
        )
        for column, other in enumerate(names):
            count, own = int(table[row, column]), row == column
            deep = 0.0 if own else count / most
            place = (
                f'x="{LABEL + column * side:.1f}" y="{y:.1f}" width="{side - 2:.1f}" height="{side - 2:.1f}"'
            )
            title = f"{name}: {count} pictures" if own else f"{name} and {other}: {count} pictures"
            shade = 'class="own"' if own else f'class="first" fill-opacity="{deep:.3f}"'
            parts.append(
                f'<g><title>{escape(title)}</title><rect {place} rx="3" class="cell"/>'
                f'<rect {place} rx="3" {shade}/>'
                f'<text x="{LABEL + column * side + side / 2 - 1:.1f}" y="{y + side / 2 + 3:.1f}" '
                f'class="middle cellnumber{" deep" if deep > 0.6 else ""}">{count or ""}</text></g>'
            )
    return _svg(int(top + len(names) * side) + 4, what, parts)


def curves(counts: npt.NDArray[np.int64]) -> str:
    """How many pixels have each value, (3, 256), of red, green and blue."""
    left, room, high = 14, WIDTH - 28, 140
    top = max(1, int(np.percentile(counts, 99.5)))  # a border of pure black would flatten all else
    parts = []
    for name, row in zip(("red", "green", "blue"), counts, strict=True):
        heights = high * (1 - np.minimum(row / top, 1))
        steps = np.linspace(left, left + room, 256)
        line = " ".join(f"{x:.1f},{10 + y:.1f}" for x, y in zip(steps, heights, strict=True))
        parts.append(
            f'<polygon points="{left},{10 + high} {line} {left + room},{10 + high}" class="{name}"/>'
        )
    for value in (0, 64, 128, 192, 255):
        x = left + room * value / 255
        parts.append(f'<text x="{x:.1f}" y="{high + 30}" class="middle soft">{value}</text>')
    return _svg(high + 38, "how many pixels have each value", parts)


def nice(value: int) -> int:
    """The next even number that is easily read and not below `value`.

    Example:
        >>> [nice(value) for value in (0, 3, 11, 118, 350)]
        [2, 4, 12, 120, 400]
    """
    for small in (2, 4, 6, 8):
        if value <= small:
            return small
    unit = 1
    while True:
        for factor in (10, 12, 16, 20, 24, 30, 40, 50, 60, 80):
            if value <= factor * unit:
                return factor * unit
        unit *= 10


def _short(name: str, most: int = LONGEST) -> str:
    return escape(name if len(name) <= most else f"{name[: most - 1]}…")


def _svg(height: int, what: str, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(what)}" class="plot">'
    return head + "".join(parts) + "</svg>"
