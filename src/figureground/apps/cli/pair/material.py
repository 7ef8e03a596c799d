"""The options that say what pairs are made of, and what they open."""

import re
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.datasets.compose.material import Material

Figures: TypeAlias = Annotated[
    list[str],
    typer.Option(
        metavar="FOLDER|DATASET",
        help="Figures: a folder of cut-outs (pictures with alpha; or .jpg and a grey .png of the same name), "
        "or any dataset, of which the outlined figures are taken. May be given several times.",
    ),
]
Grounds: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--backgrounds",
        metavar="FOLDER",
        help="Pictures without figures, and .hdr panoramas. May be given several times.",
    ),
]
Rendered: TypeAlias = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Of a hundred clips, N show rendered scenes, whose depth is known; 50 where there are figures "
        "and backgrounds, else 100.",
    ),
]
StoreFolder: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="FOLDER",
        help="Take pairs that figureground dataset compose wrote, instead of making them.",
    ),
]
TestStore: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--test-store",
        metavar="FOLDER",
        help="With --store: pairs of other figures and backgrounds, which judge; without, every tenth clip "
        "of the store does.",
    ),
]
Licences: TypeAlias = Annotated[
    list[str],
    typer.Option(
        "--licence",
        metavar="TEXT",
        help="A source and its licence, for the model's card. May be given several times.",
    ),
]


def open_material(
    figures: list[str],
    backgrounds: list[str],
    rendered: int | None,
    store: str | None,
    test_store: str | None,
    size: tuple[int, int],
    seed: int,
    licences: list[str],
) -> "Material":
    """What the options name.

    Raises:
        OptionError: they contradict each other.
        InputError: a folder cannot be read.
    """
    if store is None and test_store is not None:
        raise OptionError("--test-store goes with --store")
    if store is not None:
        if figures or backgrounds or rendered is not None:
            raise OptionError("--store holds pairs already; leave out --figures, --backgrounds, --rendered")
        from figureground.datasets.compose.material import Stored
        from figureground.datasets.compose.store import Store

        return Stored(Store(store), None if test_store is None else Store(test_store))
    if rendered is not None and not 0 <= rendered <= 100:
        raise OptionError(f"--rendered {rendered}: must be 0 to 100")
    from figureground.datasets.compose.material import open_composed

    share = None if rendered is None else rendered / 100
    return open_composed(figures, backgrounds, rendered=share, size=size, seed=seed, licences=licences)


def parse_size(text: str) -> tuple[int, int]:
    """(h, w) of a text such as 192x256.

    Raises:
        OptionError: it is none.
    """
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text, re.ASCII)
    if not found:
        raise OptionError(f"--size {text}: expected height x width in pixels, such as 192x256")
    return int(found[1]), int(found[2])
