"""`figureground dataset info`: what a dataset holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import load, names
from figureground.apps.cli.dataset.facts_text import facts_lines, quartiles
from figureground.apps.cli.show import Screen, put, put_json
from figureground.errors import OptionError, OutputError

if TYPE_CHECKING:
    from figureground.datasets.dataset import Dataset
    from figureground.datasets.report.facts import Facts, Pair
    from figureground.datasets.report.pixels import PixelStatistics

Pixels = Annotated[
    bool, typer.Option("--pixels", help="Read all pixels: their exact mean and standard deviation.")
]
Html = Annotated[
    str,
    typer.Option(
        "--html", metavar="FILE", help="Write a page with plots and examples; one file, no network."
    ),
]
Two = Annotated[
    str | None, typer.Option("--pair", metavar="CLASS,CLASS", help="Put two classes side by side.")
]


def info(
    dataset: own.Data,
    pixels: Pixels = False,
    html: Html = "",
    pair: Two = None,
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Show what a dataset holds: counts, classes, sizes; with --html as a page with plots.

    The exit code is 1 where --pixels cannot read some pictures.
    """
    from figureground.datasets.report.facts import facts, pair_of

    two = names(pair)
    _check(html, two, overwrite=overwrite)
    screen = Screen(quiet=quiet)
    data = load(dataset, images, screen)
    found = facts(data)
    both = pair_of(found, *two) if two else _first_pair(found)
    statistics = _statistics(data, screen) if pixels else None
    if html:
        _write_html(html, dataset, data, found, both, statistics)
        screen.say(f"-> {html}")
    if as_json:
        put_json({"dataset": dataset, **_record(found, both, statistics)})
    elif not quiet:
        for line in facts_lines(dataset, found, both, statistics):
            put(line)
    return 1 if statistics and statistics.left_out else 0


def _check(html: str, two: Sequence[str], *, overwrite: bool) -> None:
    if two and len(two) != 2:
        raise OptionError(
            f"--pair takes two classes by a comma, as in --pair 'person,sports ball'; got {len(two)}"
        )
    if html and Path(html).exists() and not overwrite:
        raise OutputError(f"{html}: is there already; give another name, or --overwrite")


def _first_pair(found: "Facts") -> "Pair | None":
    """The two classes of a dataset that has but two, or those that are most often together."""
    from figureground.datasets.report.facts import pair_of, top_pairs

    pairs = [(0, 1)] if len(found.classes) == 2 else top_pairs(found, 1)
    return next((pair_of(found, found.classes[a].name, found.classes[b].name) for a, b in pairs), None)


def _statistics(data: "Dataset", screen: Screen) -> "PixelStatistics":
    from figureground.datasets.report.pixels import pixel_statistics

    with screen.progress("pixels", len(data.pictures), "opening the pictures", unit="images") as progress:
        statistics = pixel_statistics(data, progress=progress)
    for text in statistics.left_out[:3]:
        screen.warn(f"left out: {text}")
    if len(statistics.left_out) > 3:
        screen.warn(
            f"{len(statistics.left_out)} pictures are left out; 'figureground dataset check' lists them"
        )
    return statistics


def _write_html(
    path: str,
    name: str,
    data: "Dataset",
    found: "Facts",
    pair: "Pair | None",
    statistics: "PixelStatistics | None",
) -> None:
    from figureground import __version__
    from figureground.datasets.checks.check import find_defects
    from figureground.datasets.report.page import dataset_to_html
    from figureground.files import written

    page = dataset_to_html(
        data,
        found,
        title="/".join(Path(name).resolve().parts[-2:]),
        version=__version__,
        defects=find_defects(data, None if data.folder is None else {}),
        pair=pair,
        pixels=statistics,
    )
    with written(path) as part:
        part.write_text(page, "utf-8")


def _record(found: "Facts", pair: "Pair | None", statistics: "PixelStatistics | None") -> dict[str, Any]:
    """The facts for --json."""
    small, medium, large = found.by_size
    record: dict[str, Any] = {
        "images": found.images,
        "annotations": found.annotations,
        "crowd": found.crowd,
        "images_without_annotations": found.empty,
        "annotations_of_no_image_or_class": found.strange,
        "classes": [
            {"name": one.name, "annotations": one.annotations, "images": one.images} for one in found.classes
        ],
        "annotations_per_image": {str(i): count for i, count in enumerate(found.per_image) if count},
        "area": {"small": small, "medium": medium, "large": large, **quartiles(found.areas)},
        "share_of_picture": quartiles(found.shares),
        "sizes": [{"width": w, "height": h, "images": count} for (h, w), count in found.sizes],
    }
    if pair:
        record["pair"] = {
            "first": pair.first.name,
            "second": pair.second.name,
            "both": pair.both,
            "only_first": pair.only_first,
            "only_second": pair.only_second,
            "neither": pair.neither,
        }
    if statistics:
        known = statistics.pixels > 0
        record["pixels"] = {
            "images": statistics.pictures,
            "pixels": statistics.pixels,
            "left_out": list(statistics.left_out),
            "mean": statistics.mean if known else None,
            "std": statistics.std if known else None,
        }
    return record
