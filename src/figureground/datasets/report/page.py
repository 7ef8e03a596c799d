"""A dataset on one page of HTML: counts, plots, defects and examples; nothing is loaded from elsewhere."""

import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

import numpy as np
import numpy.typing as npt

from figureground.datasets.checks.defects import Defect
from figureground.datasets.dataset import Dataset
from figureground.datasets.report.examples import examples
from figureground.datasets.report.facts import MEDIUM, SMALL, Facts, Pair
from figureground.datasets.report.pixels import PixelStatistics
from figureground.datasets.report.plots import bar_rows, columns, curves, heat

CLASSES, TOGETHER, SIZES, COLUMNS, LISTED, EACH = 40, 12, 8, 40, 4, 6


def dataset_to_html(
    dataset: Dataset,
    found: Facts,
    *,
    title: str,
    version: str,
    defects: Sequence[Defect] = (),
    pair: Pair | None = None,
    pixels: PixelStatistics | None = None,
) -> str:
    """A page that shows `dataset`, of about 1 MB at most however large that is.

    Args:
        dataset: what to show.
        found: its facts.
        title: its name.
        version: of figureground.
        defects: what `check_dataset` found.
        pair: two classes to put side by side.
        pixels: the statistics of its pixels.
    """
    sections = [
        _section(
            "Defects",
            _defects(defects),
            "of the annotations; 'figureground dataset check' reads the pictures too",
        ),
        _section("Classes", _classes(found), "figures, and below them the pictures that have one"),
        _section("Two classes side by side", _pair(pair) if pair else ""),
        _section("Together in a picture", _together(found), "pictures that have both classes"),
        _section("Figures in a picture", _per_image(found), "pictures with so many figures"),
        _section("Area of the figures", _areas(found), "figures, by their area in pixels"),
        _section("Share of the picture", _shares(found), "figures, by the part of their picture they cover"),
        _section("Size of the pictures", _sizes(found)),
        _section("Pixels", _pixels(pixels) if pixels else ""),
        _section("Examples", _examples(dataset), "the named class in colour, all else in white", wide=True),
    ]
    template = Template(files("figureground.datasets.report").joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title), version=escape(version), tiles=_tiles(found), sections="\n".join(sections)
    )


def _section(title: str, content: str, note: str = "", *, wide: bool = False) -> str:
    if not content:
        return ""
    note = f'<p class="note">{escape(note)}</p>' if note else ""
    kind = ' class="wide"' if wide else ""
    return f"<section{kind}><h2>{escape(title)}</h2>{note}{content}</section>"


def _tiles(found: Facts) -> str:
    small, medium, large = found.by_size
    per_image = found.annotations / found.images if found.images else 0
    tiles = [
        (f"{found.images:,}", "images"),
        (f"{found.annotations:,}", "annotations"),
        (f"{len(found.classes):,}", "class" if len(found.classes) == 1 else "classes"),
        (f"{per_image:.1f}", "annotations an image"),
        (f"{found.empty:,}", "images without any"),
        (f"{found.crowd:,}", "crowds"),
        (f"{small:,} / {medium:,} / {large:,}", "small / medium / large"),
    ]
    return "".join(f"<div><b>{value}</b><span>{word}</span></div>" for value, word in tiles)


def _defects(defects: Sequence[Defect]) -> str:
    if not defects:
        return '<p class="fine">Nothing wrong was found.</p>'
    return "".join(_kind(kind, list(group)) for kind, group in groupby(defects, key=lambda one: one.kind))


def _kind(kind: str, defects: Sequence[Defect]) -> str:
    first = defects[0]
    items = "".join(f"<li><b>{escape(one.where)}</b> {escape(one.text)}</li>" for one in defects[:LISTED])
    if len(defects) > LISTED:
        items += f"<li>… and {len(defects) - LISTED:,} more</li>"
    return (
        f'<details class="{first.severity}-kind"><summary><span>{first.severity}</span> {escape(kind)} '
        f"<i>{len(defects):,}</i></summary><ul>{items}</ul><p>What to do: {escape(first.cure)}.</p></details>"
    )


def _classes(found: Facts) -> str:
    if not found.classes:
        return ""
    rows = sorted(((one.name, one.annotations, one.images) for one in found.classes), key=lambda row: -row[1])
    more = len(rows) - CLASSES
    rest = f'<p class="note">and {more:,} classes with fewer</p>' if more > 0 else ""
    return bar_rows(rows[:CLASSES], ("figures", "pictures")) + rest


def _pair(pair: Pair) -> str:
    first, second = escape(pair.first.name), escape(pair.second.name)
    ratio = "" if math.isnan(pair.ratio) or math.isinf(pair.ratio) else f" ({pair.ratio:.1f} : 1)"
    return (
        f"<table><tr><th>pictures</th><th>with {second}</th><th>without</th></tr>"
        f"<tr><th>with {first}</th><td>{pair.both:,}</td><td>{pair.only_first:,}</td></tr>"
        f"<tr><th>without</th><td>{pair.only_second:,}</td><td>{pair.neither:,}</td></tr></table>"
        f'<p class="note">{first} : {second} = {pair.first.annotations:,} : '
        f"{pair.second.annotations:,} figures{ratio}</p>"
    )


def _together(found: Facts) -> str:
    order = np.argsort(-found.together.diagonal(), kind="stable")[:TOGETHER].tolist()
    order = [i for i in order if found.classes[i].images]
    if len(order) < 3:  # two classes stand side by side already
        return ""
    table = found.together[np.ix_(order, order)]
    return heat([found.classes[i].name for i in order], table, "pictures that have two classes")


def _per_image(found: Facts) -> str:
    if not found.images:
        return ""
    width = -(-len(found.per_image) // COLUMNS)
    values = [sum(found.per_image[start : start + width]) for start in range(0, len(found.per_image), width)]
    names = [str(i) if width == 1 else f"{i * width}-{i * width + width - 1}" for i in range(len(values))]
    titles = [f"{name} figures: {value} pictures" for name, value in zip(names, values, strict=True)]
    every = -(-len(values) // (14 if width == 1 else 7))
    ticks = [(i + 0.5, name) for i, name in enumerate(names) if i % every == 0]
    return columns(values, ticks, titles, "pictures with so many figures")


def _areas(found: Facts) -> str:
    marks = ((SMALL, "medium from 32 x 32 px"), (MEDIUM, "large from 96 x 96 px"))
    return _log_columns(found.areas, "px", "figures by area", marks)


def _shares(found: Facts) -> str:
    shares = found.shares[np.isfinite(found.shares)]
    return _log_columns(np.minimum(shares, 1) * 100, "%", "figures by their share of the picture")


def _log_columns(
    values: npt.NDArray[np.float64], unit: str, what: str, marks: Sequence[tuple[float, str]] = ()
) -> str:
    """A histogram with EACH columns for a factor of ten; values below a ten-thousandth count as that."""
    if not len(values):
        return ""
    logs = np.log10(np.maximum(values, 1e-4))
    low, high = math.floor(logs.min()), max(math.floor(logs.min()) + 1, math.ceil(logs.max()))
    counts, edges = np.histogram(logs, bins=(high - low) * EACH, range=(low, high))
    titles = [
        f"{10**start:.3g} to {10**end:.3g} {unit}: {count} figures"
        for start, end, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    ]
    ticks = [((power - low) * EACH, f"{_power(power)} {unit}") for power in range(low, high + 1)]
    lines = [((math.log10(limit) - low) * EACH, text) for limit, text in marks]
    inside = [(place, text) for place, text in lines if 0 < place < len(counts)]
    return columns(counts.tolist(), ticks, titles, what, inside)


def _power(power: int) -> str:
    """Ten to some power, short.

    Example:
        >>> _power(2), _power(4), _power(6), _power(-2)
        ('100', '10k', '1M', '0.01')
    """
    if power < 0:
        return f"{10.0**power:.{-power}f}"
    thousands = min(power // 3, 2)
    return f"{10 ** (power - 3 * thousands)}{('', 'k', 'M')[thousands]}"


def _sizes(found: Facts) -> str:
    if not found.sizes:
        return ""
    rows = "".join(
        f"<tr><td>{width:,} x {height:,}</td><td>{count:,}</td></tr>"
        for (height, width), count in found.sizes[:SIZES]
    )
    more = len(found.sizes) - SIZES
    rest = f'<p class="note">and {more:,} sizes more</p>' if more > 0 else ""
    return f"<table><tr><th>width x height</th><th>pictures</th></tr>{rows}</table>{rest}"


def _pixels(pixels: PixelStatistics) -> str:
    if not pixels.pixels:
        return '<p class="note">No picture could be read.</p>'
    rows = "".join(
        f"<tr><th>{name}</th><td>{mean:.3f}</td><td>{std:.3f}</td>"
        f"<td>{mean / 255:.4f}</td><td>{std / 255:.4f}</td></tr>"
        for name, mean, std in zip(("red", "green", "blue"), pixels.mean, pixels.std, strict=True)
    )
    head = "<tr><th></th><th>mean</th><th>std</th><th>mean of 0..1</th><th>std of 0..1</th></tr>"
    note = f'<p class="note">{pixels.pixels:,} pixels of {pixels.pictures:,} pictures'
    note += f"; {len(pixels.left_out):,} pictures could not be read</p>" if pixels.left_out else "</p>"
    return curves(pixels.counts) + f"<table>{head}{rows}</table>{note}"


def _examples(dataset: Dataset) -> str:
    shown = "".join(examples(dataset))
    return f'<div class="examples">{shown}</div>' if shown else ""
