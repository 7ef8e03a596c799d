"""`figureground dataset split`: parts for training and testing."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import check_apart, counts, load
from figureground.apps.cli.show import Screen, put_json
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.datasets.dataset import Dataset

LISTED = 5  # videos that are shown

Out = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help="A folder, with a folder for each part. NAME.json: NAME_train.json, ...; NAME.zip likewise.",
    ),
]
Form = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="Of a folder: coco (default), labgym, json or cvat (a file for each part), yolo (one folder).",
    ),
]
Parts = Annotated[str, typer.Option(metavar="NAME=PART,...", help="The parts; together 1, or 100.")]
By = Annotated[
    str,
    typer.Option(
        metavar="BY",
        help="video: its frames stay together; time: the first frames of each video are the first part, and "
        "so on; picture: each image alone.",
    ),
]
Gap = Annotated[
    int, typer.Option(metavar="N", help="By time: leave out so many frames of the video between parts.")
]


def split(
    dataset: own.Data,
    out: Out,
    parts: Parts = "train=0.8,val=0.1,test=0.1",
    by: By = "video",
    group: own.Group = "",
    gap: Gap = 0,
    seed: own.Seed = 0,
    form: Form = "",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Part a dataset for training, validation and test; frames of one video stay together.

    Each part gets its share of the images and of each class, as nearly as the videos allow.
    """
    from figureground.datasets.selection.parts import write_parts
    from figureground.datasets.selection.split import split_dataset

    screen = Screen(quiet=quiet)
    fractions = _fractions(parts)
    data = load(dataset, images, screen, out=out)
    if (file := Path(out)).suffix.lower() in (".json", ".zip"):
        for name in fractions:
            check_apart(str(file.with_stem(f"{file.stem}_{name}")), dataset)
    found = split_dataset(data, fractions, by=by, group=group, gap=gap, seed=seed)
    with screen.progress("split", len(data.pictures), "writing", unit="images") as progress:
        told = write_parts(found, out, form=form, overwrite=overwrite, progress=progress)
    for line in told:
        screen.warn(line)
    screen.say(f"-> {out}")
    if by != "picture":
        _tell_videos(data, group, screen)
    _tell(data, found, fractions, screen)
    left = len(data.pictures) - sum(len(part.pictures) for part in found.values())
    if left:
        screen.say(f"{left} images between the parts were left out")
    if as_json:
        record = {name: counts(part) for name, part in found.items()}
        put_json({"out": out, "parts": record, "left_out": left})
    return 0


def _fractions(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in text.split(","):
        name, _, value = one.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if name.strip() in found or number != number:
            raise OptionError(f"--parts {text!r}: is not written like train=0.8,val=0.1,test=0.1")
        found[name.strip()] = number
    return found


def _tell_videos(data: "Dataset", group: str, screen: Screen) -> None:
    """What was taken for videos, so that a user sees where names misled."""
    from figureground.datasets.selection.groups import grouping, videos

    sizes = {name: len(pictures) for name, pictures in videos(data, grouping(group)).items()}
    alone = sizes.pop(None, 0)
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:LISTED]
    told = ", ".join(f"{name} ({size})" for name, size in largest)
    more = f" and {len(sizes) - LISTED} more" if len(sizes) > LISTED else ""
    if sizes:
        screen.say(f"taken for frames of one video each: {told}{more}; images of none: {alone}")
    else:
        screen.say("no image seems to be a frame of a video: each was taken alone (see --group)")


def _tell(
    data: "Dataset", parts: Mapping[str, "Dataset"], fractions: Mapping[str, float], screen: Screen
) -> None:
    """A table of what each part got and, after it, what was wanted."""
    from figureground.datasets.checks.defects import shown

    total, found = counts(data), {name: counts(part) for name, part in parts.items()}
    whole = sum(fractions.values())
    rows = [("images", total["images"], [one["images"] for one in found.values()])]
    rows += [("annotations", total["annotations"], [one["annotations"] for one in found.values()])]
    for name, number in total["classes"].items():
        rows.append((shown(name), number, [one["classes"][name] for one in found.values()]))
    width = max(len(row[0]) for row in rows)
    screen.say(f"{'got (wanted)':{width}}" + "".join(f"  {name:>16}" for name in found))
    for name, number, got in rows:
        wanted = [number * fraction / whole for fraction in fractions.values()]
        cells = (f"{one} ({want:.0f})" for one, want in zip(got, wanted, strict=True))
        screen.say(f"{name:{width}}" + "".join(f"  {cell:>16}" for cell in cells))
