"""Tables that compare evaluations: as HTML, as text, as rows of numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

import numpy as np

from figureground.evaluation.judge import CUT
from figureground.evaluation.result import POOR, Evaluation


def number(value: float) -> str:
    """A measure from 0 to 1 for people; a dash where there is none.

    Example:
        >>> number(0.86612), number(float("nan"))
        ('0.866', '–')
    """
    return f"{value:.3f}" if np.isfinite(value) else "–"


def milliseconds(value: float) -> str:
    """A time for people.

    Example:
        >>> milliseconds(0.254), milliseconds(1234.6)
        ('0.25', '1,235')
    """
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: its head.
        value: what stands in it.
        over: a head over this and its neighbours with the same.
        less: the smallest value is the best.
        form: how it is written.
    """

    name: str
    value: Callable[[Evaluation], float]
    over: str = ""
    less: bool = False
    form: Callable[[float], str] = number


COMPARED = (
    Column("AP", lambda one: one.scores.mask.ap, over="masks"),
    Column("AP50", lambda one: one.scores.mask.ap50, over="masks"),
    Column("AP75", lambda one: one.scores.mask.ap75, over="masks"),
    Column("recall", lambda one: one.scores.mask.ar, over="masks"),
    Column("AP", lambda one: one.scores.box.ap, over="boxes"),
    Column("AP50", lambda one: one.scores.box.ap50, over="boxes"),
    Column("cut", lambda one: one.iou(CUT).mean, over="pixels"),
    Column("outline", lambda one: one.boundary(CUT).mean, over="pixels"),
    Column("ms", lambda one: one.ms, over="time", less=True, form=milliseconds),
)
"""What models are compared by."""


def comparison(found: Sequence[Evaluation]) -> str:
    """`found` and their numbers in COMPARED as an HTML table."""
    return table(found, COMPARED)


def table(found: Sequence[Evaluation], columns: Sequence[Column]) -> str:
    """An HTML table with a row for each of `found`; the best of each column stands out."""
    values = np.array([[column.value(one) for column in columns] for one in found], float)
    top = [_best(values[:, i], columns[i].less) if len(found) > 1 else -1 for i in range(len(columns))]
    over = "".join(
        f'<th colspan="{len(list(group))}">{escape(name)}</th>'
        for name, group in groupby(columns, key=lambda column: column.over)
    )
    head = "".join(f"<th>{escape(column.name)}</th>" for column in columns)
    rows = []
    for one, numbers in zip(found, values, strict=True):
        kinds = ["best" if value == most else "" for value, most in zip(numbers, top, strict=True)]
        texts = [column.form(value) for column, value in zip(columns, numbers, strict=True)]
        rows.append(f"<tr><th>{escape(_name(one))}</th>{''.join(map(cell, texts, kinds))}</tr>")
    return whole_table(f'<tr class="over"><th></th>{over}</tr><tr><th>model</th>{head}</tr>', rows)


def whole_table(head: str, rows: Sequence[str], kind: str = "") -> str:
    """A table of rows that are HTML already, which scrolls by itself where it is too wide."""
    return (
        f'<div class="scroll"><table class="{kind}"><thead>{head}</thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def cell(text: str, kind: str = "") -> str:
    """A cell of a table.

    Example:
        >>> cell("1 < 2", "best")
        '<td class="best">1 &lt; 2</td>'
    """
    start = f'<td class="{kind}">' if kind else "<td>"
    return f"{start}{escape(text)}</td>"


def main_figure(found: Sequence[Evaluation]) -> str:
    """How well the main figure is found, for each way of choosing it; nothing where no picture has one."""
    if not any(one.iou("best").count for one in found):
        return ""
    words = {"central": "the central one", "best": "the surest one", "all": "all together"}
    return table(found, [column for pick, over in words.items() for column in _ious(pick, over)])


def by_size(found: Sequence[Evaluation]) -> str:
    """Average precision and recall of small, medium and large figures."""
    sizes = "small", "medium", "large"
    columns = [_of_mask(f"ap_{size}", size, "average precision") for size in sizes]
    columns += [_of_mask(f"ar_{size}", size, "average recall") for size in sizes]
    return table(found, columns)


def _of_mask(attribute: str, name: str, over: str) -> Column:
    return Column(name, lambda one: float(getattr(one.scores.mask, attribute)), over)


def _ious(measure: str, over: str) -> list[Column]:
    return [
        Column("mean", lambda one: one.iou(measure).mean, over),
        Column("median", lambda one: one.iou(measure).median, over),
        Column(f"< {POOR:g}", lambda one: one.iou(measure).poor, over, less=True, form=_percent),
        Column("outline", lambda one: one.boundary(measure).mean, over),
    ]


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %" if np.isfinite(value) else "–"


def comparison_lines(found: Sequence[Evaluation]) -> list[str]:
    """`found` and their main numbers as lines of text."""
    heads = ["mask AP", "AP50", "box AP", "main figure", "< 0.5", "cut", "outline", "ms"]
    rows = [
        [
            number(one.scores.mask.ap),
            number(one.scores.mask.ap50),
            number(one.scores.box.ap),
            number(one.iou("central").mean),
            _percent(one.iou("central").poor),
            number(one.iou(CUT).mean),
            number(one.boundary(CUT).mean),
            milliseconds(one.ms),
        ]
        for one in found
    ]
    wide = max(len("model"), *(len(_name(one)) for one in found))
    lines = [f"{'model':<{wide}}  " + "  ".join(f"{head:>7}" for head in heads)]
    for one, row in zip(found, rows, strict=True):
        cells = "  ".join(f"{text:>{max(7, len(head))}}" for head, text in zip(heads, row, strict=True))
        lines.append(f"{_name(one):<{wide}}  {cells}")
    return lines


def _best(values: np.ndarray[tuple[int], np.dtype[np.float64]], less: bool) -> float:
    known = values[np.isfinite(values)]
    if not known.size:
        return float("nan")
    return float(known.min() if less else known.max())


def _name(one: Evaluation) -> str:
    return f"{one.name} (any class)" if one.agnostic else one.name
