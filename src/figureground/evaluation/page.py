"""Evaluations on one page of HTML; nothing is loaded from elsewhere, all names are escaped."""

import base64
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

import cv2
import numpy as np

from figureground.evaluation.course import course
from figureground.evaluation.judge import CUT, Judged
from figureground.evaluation.result import POOR, Evaluation
from figureground.evaluation.tables import by_size, cell, comparison, main_figure, number, whole_table
from figureground.frames import Image

CLASSES, CONFUSED, COMPARED = 40, 14, 8
"""Rows of the table of classes, classes of the confusion table, models beside one another."""

Sheet = tuple[Judged, Image]
"""A picture and its panels, see `worst.side_by_side`."""


def evaluations_to_html(
    found: Sequence[Evaluation],
    *,
    title: str,
    version: str,
    sheets: dict[str, Sequence[Sheet]] | None = None,
    notes: Sequence[str] = (),
) -> str:
    """A page that compares `found`, in their order.

    Args:
        found: of one dataset, at least one.
        title: the dataset's name.
        version: of figureground.
        sheets: the worst pictures of some of `found`, by their names.
        notes: what the reader must know.
    """
    sections = [
        "".join(f'<p class="note warn">{escape(note)}</p>' for note in notes),
        _section("Models", comparison(found), _MODELS_NOTE),
        _section(
            "Course", course(found), "from one model to the next, in the order in which they were given"
        ),
        _section("The main figure of each picture", main_figure(found), _MAIN_NOTE),
        _section("By size", by_size(found), _SIZE_NOTE),
        _section("By class", _by_class(found), "average precision of the masks; n is how many are drawn"),
        *(
            _section(f"What was taken for what: {one.name}", _confusion(one), _CONFUSION_NOTE)
            for one in _shown(found)
        ),
        *(
            _section(f"Worst pictures: {name}", _sheets(pages), _WORST_NOTE)
            for name, pages in (sheets or {}).items()
        ),
    ]
    template = Template(files("figureground.evaluation").joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title),
        lead="How good is it?" if len(found) == 1 else f"{len(found)} models on the same pictures",
        version=escape(version),
        tiles=_tiles(found),
        sections="\n".join(part for part in sections if part),
    )


_MODELS_NOTE = (
    "AP: COCO's average precision, the mean over overlaps of 0.5 to 0.95; AP50: with an overlap of 0.5. "
    "Recall: COCO's average recall. Cut: how well all that is found covers all that is drawn (IoU, mean over "
    "pictures). Outline: the boundary F-measure of the cut. ms: the median time of a picture here; as "
    "AP needs the unsure figures too, cutting is faster."
)
_MAIN_NOTE = (
    "Each picture's main figure, the one that is large and in the middle, against what was found, chosen in "
    f"three ways: mean and median IoU, the part of the pictures below {POOR:g}, the outlines' mean F-measure."
)
_SIZE_NOTE = "of the masks of figures below 32 x 32 pixels, up to 96 x 96, and above"
_CONFUSION_NOTE = (
    "Rows are what was drawn, columns what was found; masks that overlap by an IoU of at least 0.5 are the "
    "same figure."
)
_WORST_NOTE = "The picture, what is drawn on it, and what was found; a figure has the same colour in both."


def _section(title: str, content: str, note: str = "") -> str:
    if not content:
        return ""
    note = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(title)}</h2>{note}{content}</section>"


def _tiles(found: Sequence[Evaluation]) -> str:
    first, classes = found[0], max(len(one.classes) for one in found)
    tiles = [
        (f"{first.scores.pictures:,}", "pictures"),
        (f"{first.scores.drawn:,}", "drawn figures"),
        (f"{classes:,}", "class" if classes == 1 else "classes"),
        (f"{len(found):,}", "model" if len(found) == 1 else "models"),
        (f"{first.score:g}", "score from which a figure counts"),
    ]
    return "".join(f"<div><b>{value}</b><span>{escape(word)}</span></div>" for value, word in tiles)


def _shown(found: Sequence[Evaluation]) -> list[Evaluation]:
    """Those that are shown in full: all of a few, else the first and the best."""
    if len(found) <= 2:
        return list(found)
    top = best_of(found)
    return [found[0]] if top is found[0] else [found[0], top]


def best_of(found: Sequence[Evaluation]) -> Evaluation:
    """The one with the best average precision of masks, and then the best cut."""
    return max(found, key=lambda one: (np.nan_to_num(one.scores.mask.ap), np.nan_to_num(one.iou(CUT).mean)))


def _by_class(found: Sequence[Evaluation]) -> str:
    """Of models that know the dataset's classes; the first and the best ones where there are many."""
    known = [one for one in found if not one.agnostic][:COMPARED]
    if not known or len(known[0].classes) < 2:
        return ""
    figures = [one.figures for one in known[0].scores.mask.classes]
    order = sorted((i for i, n in enumerate(figures) if n), key=lambda i: -figures[i])[:CLASSES]
    head = "".join(f"<th>{escape(one.name)}</th>" for one in known)
    rows = [
        f"<tr><th>{escape(known[0].classes[i])}</th><td>{figures[i]:,}</td>"
        + "".join(cell(number(one.scores.mask.classes[i].ap)) for one in known)
        + "</tr>"
        for i in order
    ]
    rest = sum(1 for n in figures if n) - len(order)
    more = f'<p class="note">and {rest:,} classes with fewer</p>' if rest > 0 else ""
    return whole_table(f"<tr><th>class</th><th>n</th>{head}</tr>", rows) + more


def _confusion(one: Evaluation) -> str:
    """The classes that are drawn or found most, and what was missed and invented."""
    counts = one.confusion
    busy = (counts.sum(0) + counts.sum(1))[:-1]
    order = [i for i in np.argsort(-busy, kind="stable").tolist() if busy[i]][:CONFUSED]
    if not order:
        return ""
    names = [escape(one.classes[i]) for i in order]
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = [
        f"<tr><th>{name}</th>{_cells(counts[i, order].tolist(), order.index(i))}"
        f"<td>{counts[i, -1] or ''}</td></tr>"
        for i, name in zip(order, names, strict=True)
    ]
    invented = _cells(counts[-1, order].tolist(), -1)
    left = len([1 for n in busy.tolist() if n]) - len(order)
    more = f'<p class="note">and {left:,} more classes: see confusion/*.csv</p>' if left > 0 else ""
    rows.append(f"<tr><th>invented</th>{invented}<td></td></tr>")
    return whole_table(f"<tr><th>drawn</th>{head}<th>missed</th></tr>", rows, "confusion") + more


def _cells(values: Sequence[int], right: int) -> str:
    return "".join(cell(f"{value or ''}", "right" if i == right else "") for i, value in enumerate(values))


def _sheets(sheets: Sequence[Sheet]) -> str:
    shown = "".join(
        f'<figure><img alt="{escape(judged.file_name)}" src="data:image/jpeg;base64,{_base64(image)}">'
        f"<figcaption><b>cut {judged.iou[CUT]:.2f}</b> {escape(judged.file_name)}: {judged.drawn} drawn, "
        f"{judged.found} found</figcaption></figure>"
        for judged, image in sheets
    )
    return f'<div class="sheets">{shown}</div>' if shown else ""


def _base64(image: Image) -> str:
    return base64.b64encode(jpeg(image)).decode()


def jpeg(image: Image, quality: int = 80) -> bytes:
    """The bytes of a JPEG file of a picture (h, w, 3) RGB."""
    bgr = np.ascontiguousarray(image[..., ::-1])
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
