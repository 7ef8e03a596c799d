"""`figureground dataset empty`: the empty scene of each video, without the figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import footage as shared
from figureground.apps.cli.show import Screen, put_json
from figureground.errors import InputError, OptionError

if TYPE_CHECKING:
    from figureground.datasets.footage.frames import Footage

Out = Annotated[str, typer.Option("-o", "--out", metavar="FOLDER", help="A new folder for the pictures.")]


def empty(
    inputs: shared.Inputs,
    out: Out,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Estimate the empty scene of each video: pictures without figures.

    They are for train --backgrounds and for cut --empty. Look at them first: what sat still through most of
    a video is taken for a part of its scene.
    """
    from figureground.folders import check_folder, written_folder

    screen = Screen(quiet=quiet)
    check_folder(Path(out), overwrite=overwrite)
    footage, failed = shared.open_footage(inputs, out, screen)
    for one in footage:
        if not one.video:
            raise OptionError(f"{one.folder}: pictures have no scene in common; give videos")
    with written_folder(out, overwrite=overwrite) as part:
        told, missing = _estimate(footage, part, screen)
        if not told:
            raise InputError("no scene could be estimated from any of the videos")
    screen.say(f"{len(told)} picture{'s' * (len(told) != 1)} -> {out}")
    if as_json:
        put_json({"out": out, "pictures": told, "missing": [*failed, *missing]})
    return 1 if failed or missing else 0


def _estimate(
    footage: Sequence["Footage"], folder: Path, screen: Screen
) -> tuple[dict[str, list[str]], list[str]]:
    """The pictures by name with what is doubtful about each, and what is said of videos that have none."""
    from PIL import Image

    from figureground.background.estimate import SAMPLES, fit_background
    from figureground.segmenters.scene import complaints

    told: dict[str, list[str]] = {}
    missing: list[str] = []
    with screen.progress("scenes", len(footage), "looking", unit="videos") as bar:
        for number, one in enumerate(footage, 1):
            try:
                background = fit_background(one.source.sample(SAMPLES))
            except InputError as error:
                missing.append(screen.error(error, one.video))
                continue
            name = f"{one.stem}.png"
            Image.fromarray(background.picture).save(folder / name)
            told[name] = complaints(background)
            for text in told[name]:
                screen.warn(f"{one.video}: {text}")
            bar(number)
    return told, missing
