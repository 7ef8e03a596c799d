"""`figureground dataset compose`: made pairs of an empty scene and a frame, with masks and depth."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.common import check_apart
from figureground.apps.cli.show import Screen, put_json
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.datasets.compose.backgrounds import Backgrounds
    from figureground.datasets.compose.composer import Sources
    from figureground.datasets.compose.cutouts import Cutouts
    from figureground.datasets.compose.scene import Pair

Figures = Annotated[
    list[str],
    typer.Option(
        metavar="FOLDER|DATASET",
        help="Figures: a folder of cut-outs (pictures with alpha; or .jpg and a grey .png of the same name), "
        "or any dataset, of which the outlined figures are taken. May be given several times.",
    ),
]
Grounds = Annotated[
    list[str],
    typer.Option(
        "--backgrounds",
        metavar="FOLDER",
        help="Pictures without figures, and .hdr panoramas. May be given several times.",
    ),
]
Out = Annotated[str, typer.Option("-o", "--out", metavar="FOLDER", help="A new folder for the pairs.")]
Count = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="How many pairs; 1000 by default. With --pairs: N of all there are; all by default."
    ),
]
Size = Annotated[str, typer.Option(metavar="HxW", help="Height and width in pixels.")]
Rendered = Annotated[
    int,
    typer.Option(
        metavar="N", help="About N of the pairs show rendered scenes, whose depth is known exactly."
    ),
]
Clips = Annotated[
    bool,
    typer.Option(
        "--clips/--pairs",
        help="--clips: figures move, a camera films them, and the background is estimated from it, with its "
        "real errors. --pairs: every figure before every background, with the background as it is.",
    ),
]
Places = Annotated[
    int,
    typer.Option(metavar="N", help="With --pairs: at how many places a figure is put before a background."),
]
Teacher = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="A depth network (.onnx, such as Depth Anything V2) that gives backgrounds without depth a "
        "relative one.",
    ),
]
Lossless = Annotated[
    bool, typer.Option("--lossless", help="Write pictures as PNG, not JPEG; masks and depth always are PNG.")
]

PER_SHARD = 64
"""Pairs of clips in a shard."""


def compose(
    out: Out,
    figures: Figures = [],  # noqa: B006
    backgrounds: Grounds = [],  # noqa: B006
    count: Count = None,
    size: Size = "192x256",
    rendered: Rendered = 0,
    clips: Clips = True,
    places: Places = 20,
    teacher: Teacher = None,
    lossless: Lossless = False,
    seed: own.Seed = 0,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Make pairs of an empty scene and a frame, with masks, and depth where it is known.

    They are what a pair network learns from. The same options and seed make the same pairs.
    """
    from figureground.datasets.compose.store_write import write_store

    screen = Screen(quiet=quiet)
    for path in (*figures, *backgrounds):
        check_apart(out, path)
    shape = _parse_size(size)
    if clips:
        shard, shards, total = _clips(
            _sources(figures, backgrounds, rendered, count, teacher), shape, count, seed
        )
    else:
        shard, shards, total = _grid(figures, backgrounds, teacher, places, shape, count, rendered, seed)
    recipe: dict[str, Any] = {
        "figures": figures, "backgrounds": backgrounds, "count": total, "seed": seed, "rendered": rendered,
        "kind": "clips" if clips else "pairs", "places": places, "teacher": teacher,
    }  # fmt: skip
    with screen.progress(out, total, "composing", unit="pairs") as progress:
        told = write_store(
            out, shard, shards, recipe, size=shape, lossless=lossless, resume=resume, overwrite=overwrite,
            progress=progress,
        )  # fmt: skip
    share, known = told["share_of_figure"], told["share_of_known_depth"]
    screen.say(
        f"{told['pairs']} pairs -> {out}: {share:.1%} figure, depth known of {known:.0%}; see sheet.jpg"
    )
    if as_json:
        put_json({"out": out, **told})
    return 0


def _parse_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text, re.ASCII)
    if not found or min(int(found[1]), int(found[2])) < 16:
        raise OptionError(f"--size {text}: expected height x width in pixels, 16 or more, such as 192x256")
    return int(found[1]), int(found[2])


def _figures(paths: Iterable[str]) -> "Cutouts":
    from figureground.datasets.compose.cutouts import cutouts_of, joined, open_cutouts
    from figureground.datasets.formats import read_dataset
    from figureground.errors import InputError

    parts = []
    for path in paths:
        try:
            parts.append(open_cutouts(path))
        except InputError as error:
            try:
                parts.append(cutouts_of(read_dataset(path)))
            except InputError as other:
                raise InputError(f"{error}; and it is no dataset: {other}") from other
    return joined(parts)


def _backgrounds(paths: list[str], teacher: str | None) -> "Backgrounds":
    from figureground.datasets.compose.backgrounds import Backgrounds, open_backgrounds

    opened = open_backgrounds(paths) if paths else Backgrounds((), ())
    if teacher is None:
        return opened
    from figureground.datasets.compose.teacher import TaughtBackgrounds
    from figureground.datasets.compose.teacher import Teacher as Network

    return TaughtBackgrounds(opened, Network(teacher))


def _sources(
    figures: list[str], backgrounds: list[str], rendered: int, count: int | None, teacher: str | None
) -> "Sources":
    from figureground.datasets.compose.composer import Sources

    total = 1000 if count is None else count
    if rendered < 0 or rendered > total:
        raise OptionError(f"--rendered {rendered}: must be from 0 to the number of pairs, {total}")
    from figureground.datasets.compose.material import Rendered

    places = _backgrounds(backgrounds, teacher)
    maker = Rendered(places, "train") if rendered else None
    return Sources(_figures(figures), places, maker, share=rendered / max(1, total))


def _clips(
    sources: "Sources", size: tuple[int, int], count: int | None, seed: int
) -> tuple[Callable[[int], Iterable["Pair"]], int, int]:
    """What makes a shard, how many shards there are, and how many pairs."""
    from figureground.datasets.compose.composer import Composer

    total = 1000 if count is None else count
    composer = Composer(sources, seed=seed, size=size, count=total)

    def shard(number: int) -> Iterable["Pair"]:
        return (composer[index] for index in range(number * PER_SHARD, min(total, (number + 1) * PER_SHARD)))

    return shard, -(-total // PER_SHARD), total


def _grid(
    figures: list[str], backgrounds: list[str], teacher: str | None, places: int, size: tuple[int, int],
    count: int | None, rendered: int, seed: int,
) -> tuple[Callable[[int], Iterable["Pair"]], int, int]:  # fmt: skip
    """Likewise; a shard a background."""
    import numpy as np

    from figureground.datasets.compose.grid import Grid

    if rendered:
        raise OptionError("--rendered goes with --clips: a rendered scene has figures of its own")
    grid = Grid(_figures(figures), _backgrounds(backgrounds, teacher), places=places, size=size, seed=seed)
    total = len(grid) if count is None else count
    if not 0 <= total <= len(grid):
        raise OptionError(f"--count {total}: there are {len(grid)} pairs; raise --places for more")
    chosen: Sequence[int] = range(len(grid))
    if total < len(grid):
        drawn = np.random.default_rng((seed, 2)).choice(len(grid), total, replace=False, shuffle=False)
        chosen = sorted(drawn.tolist())
    ends = np.searchsorted(chosen, np.arange(grid.shape[0] + 1) * grid.per_background)

    def shard(number: int) -> Iterable["Pair"]:
        return grid.pairs(chosen[ends[number] : ends[number + 1]])

    return shard, grid.shape[0], total
