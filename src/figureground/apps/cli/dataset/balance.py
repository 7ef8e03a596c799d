"""`figureground dataset balance`: even out how often classes occur."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.dataset import options as own
from figureground.apps.cli.dataset.chosen import finish
from figureground.apps.cli.dataset.common import load, names
from figureground.apps.cli.show import Screen
from figureground.errors import OptionError

if TYPE_CHECKING:
    from figureground.datasets.selection.balance import Balanced

TOLD = 3  # classes of which it is told why they are still too frequent

Priority = Annotated[
    str | None,
    typer.Option(metavar="CLASS,...", help="Only images with one of these classes; all on them stays."),
]
AllOf = Annotated[
    str | None, typer.Option("--all", metavar="CLASS,...", help="Only images with all of these classes.")
]
Ratio = Annotated[
    float | None,
    typer.Option(
        metavar="R", help="Leave out images until no class has more than R times the figures of the rarest."
    ),
]
Classes = Annotated[
    str | None, typer.Option(metavar="CLASS,...", help="For --ratio: only these classes count.")
]


def balance(
    dataset: own.Data,
    out: own.Out,
    ratio: Ratio = None,
    classes: Classes = None,
    priority: Priority = None,
    all_of: AllOf = None,
    seed: own.Seed = 0,
    form: own.Form = "",
    images: own.Images = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Even out how often classes occur, by choosing images: --ratio 3, --priority "sports ball".

    Images with the rarest class all stay, and no class becomes rarer than it. Exit code 1 where the ratio
    cannot be reached so; the nearest is written, and it is told why.
    """
    from figureground.datasets.selection.balance import cap_ratio
    from figureground.datasets.selection.filter import having

    if classes and ratio is None:
        raise OptionError("--classes is for --ratio; to keep only some classes there is 'dataset filter'")
    if ratio is None and not names(priority) and not names(all_of):
        raise OptionError('give at least one of --ratio 3, --priority "sports ball", --all person,ball')
    screen = Screen(quiet=quiet)
    before = load(dataset, images, screen, out=out)
    after = having(before, any_of=names(priority), all_of=names(all_of))
    more: dict[str, Any] = {}
    if ratio is not None:
        capped = cap_ratio(after, ratio, classes=names(classes), seed=seed)
        after = capped.dataset
        more = {"ratio": capped.ratio, "reached": capped.reached, "reasons": capped.reasons}
    code = finish(before, after, out, form, screen, overwrite=overwrite, as_json=as_json, **more)
    if ratio is not None:
        _tell(capped, ratio, screen)
    return code if more.get("reached", True) else 1


def _tell(capped: "Balanced", ratio: float, screen: Screen) -> None:
    screen.say(f"most to least frequent: {capped.ratio:.4g} : 1, wanted {ratio:g} : 1 at most")
    for reason in capped.reasons[:TOLD]:
        screen.warn(reason)
    if len(capped.reasons) > TOLD:
        screen.warn(f"and {len(capped.reasons) - TOLD} more classes; --classes tells which ones count")
