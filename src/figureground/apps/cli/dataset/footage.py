"""What `frames` and `autolabel` have in common: their inputs, and which frames of these are taken."""

import contextlib
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from figureground.apps.cli.dataset.common import check_apart, counts, names
from figureground.apps.cli.show import Screen, put_json
from figureground.errors import FiguregroundWarning, InputError, OptionError

if TYPE_CHECKING:
    from figureground.apps.cli.plan import Input
    from figureground.datasets.footage.choice import Choice
    from figureground.datasets.footage.frames import Footage, Gathered
    from figureground.stages import Source

Inputs: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="INPUT", help="Videos, pictures, and folders of them.")
]
Out: TypeAlias = Annotated[
    str,
    typer.Option(
        "-o",
        "--out",
        metavar="OUT",
        help="A folder: annotations.json and images/. NAME.zip: for CVAT. NAME.json: and a folder NAME.",
    ),
]
Every: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Take each N-th frame, from the first on.")
]
At: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="T,...", help="Take the frames at these times: 12.5 (seconds), 1:02:03, or 300f (a frame)."
    ),
]
Different: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Take N frames of each video that look as different as possible. It is the default, with 20; "
        "of a folder of pictures all are the default.",
    ),
]
Random: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Take N frames of each video, each as likely as any other.")
]


def parse_choice(
    every: int | None, at: str | None, different: int | None, random: int | None, seed: int
) -> "Choice | None":
    """The frames that the options ask for; None where they do not tell.

    Raises:
        OptionError: they make no sense, or are several ways of choosing.
    """
    from figureground.datasets.footage.choice import Choice
    from figureground.sources import parse_time

    ways = {"every": every, "at": at, "different": different, "random": random}
    given = [way for way, value in ways.items() if value is not None]
    if len(given) > 1:
        raise OptionError(f"choose frames in one way, not by --{' and --'.join(given)}")
    if not given:
        return None
    if not ways[given[0]]:
        raise OptionError(f"--{given[0]} {ways[given[0]]}: takes no frame at all")
    places = names(at)
    frames = tuple(int(place[:-1]) for place in places if re.fullmatch(r"\d{1,12}f", place, re.ASCII))
    times = tuple(parse_time(place) for place in places if not re.fullmatch(r"\d{1,12}f", place, re.ASCII))
    return Choice(every or 0, frames, times, different or 0, random or 0, seed)


def open_footage(inputs: Sequence[str], out: str, screen: Screen) -> tuple[list["Footage"], list[str]]:
    """Open all that `inputs` name; what cannot be opened is shown, and its messages are given.

    Raises:
        InputError: nothing can be opened.
        OptionError: an input is a camera or a stream, or writing `out` would replace it.
    """
    from figureground.apps.cli.inputs import find, is_address
    from figureground.sources import open_source

    failed: list[tuple[InputError, str]] = []
    opened: list[tuple[Input, Source]] = []
    for one in find(inputs, out):
        if is_address(one.what):
            raise OptionError(
                f"{one.what}: a camera or a stream has no frames to choose from; record it first"
            )
        for place in (out, out.removesuffix(".json")):  # with a .json, the pictures go to a folder beside
            check_apart(place, one.what)
        try:
            opened.append((one, open_source(one.what)))
        except InputError as error:
            failed.append((error, one.what))
    if not opened and len(failed) == 1:
        raise failed[0][0]
    told = [screen.error(error, what) for error, what in failed]
    if not opened:
        raise InputError(f"none of {len(told)} inputs can be read")
    return _footage(opened), told


def _footage(opened: Sequence[tuple["Input", "Source"]]) -> list["Footage"]:
    from figureground.datasets.footage.frames import Footage, name_videos

    named = name_videos([Path(one.what).absolute() for one, _ in opened])
    found = []
    for (one, source), (video, stem) in zip(opened, named, strict=True):
        is_video, path = source.info.kind == "video", Path(one.what)
        folder = None if is_video else path if path.is_dir() else path.parent
        found.append(Footage(source, video if is_video else "", stem, folder))
    return found


def frames_to_read(footage: Sequence["Footage"], choice: "Choice | None") -> int | None:
    """How many frames will be read, about; None where that is not known."""
    total = 0
    for one in footage:
        if one.source.info.count is None:
            return None
        passes = choice.passes if choice else 2 if one.video else 1
        total += passes * one.source.info.count
    return total


@contextlib.contextmanager
def warnings_told(screen: Screen) -> Iterator[list[str]]:
    """Show figureground's warnings at the end of the block as lines of the screen; they are in the list."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FiguregroundWarning)
        yield told
    for one in caught:
        if issubclass(one.category, FiguregroundWarning) and str(one.message) not in told:
            told.append(str(one.message))
            screen.warn(told[-1])


def tell(
    gathered: "Gathered", out: str, failed: list[str], warned: list[str], screen: Screen, *, as_json: bool
) -> int:
    """What became of a run; its exit code."""
    for text in gathered.problems:
        screen.say(text)
    for text in gathered.missing:
        screen.warn(text)
    found = counts(gathered.dataset)
    videos = {picture.get("video") for picture in gathered.dataset.pictures} - {None}
    of = f" of {_number(len(videos), 'video')}" if videos else ""
    drawn = f", {_number(found['annotations'], 'figure')}" if found["classes"] else ""
    screen.say(f"{_number(found['images'], 'image')}{of}{drawn} -> {out}")
    if as_json:
        record: dict[str, Any] = {"out": out, **found, "problems": gathered.problems}
        put_json({**record, "missing": [*failed, *gathered.missing], "warnings": warned})
    return 1 if failed or gathered.missing else 0


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
