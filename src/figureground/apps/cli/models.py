"""`figureground models`: bring models of other tools in, fetch published weights, look at what there is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.main import USAGE
from figureground.apps.cli.show import Screen, put, put_json

if TYPE_CHECKING:
    from figureground.models.card import ModelCard

Command = Callable[..., int]

EXAMPLES = """\b
Examples:
  figureground models import labgym_detector/ -o mouse_model
  figureground models import model_final.pth --config config.yaml -o mouse_model --classes mouse,rat
  figureground models import coco-resnet50 -o coco_model
"""
Source = Annotated[
    str,
    typer.Argument(
        metavar="PATH",
        help="A folder of detectron2, LabGym or DynamicBackgroundRemoval; a .pth, .pkl or .ts file; or a "
        "published model's name (see: figureground models list).",
    ),
]
Out = Annotated[str, typer.Option("-o", "--out", metavar="MODEL", help="The model folder to write.")]
Config = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="detectron2's config.yaml, where it is not beside the weights."),
]
Size = Annotated[
    int | None,
    typer.Option(
        metavar="PX",
        help="The shorter side that frames are scaled to; 0 leaves their size, as LabGym's analysis does. "
        "By default as the model says.",
    ),
]
Classes = Annotated[
    str | None, typer.Option(metavar="NAME,...", help="Names for the classes of a model without names.")
]
Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="Published weights (see: figureground models list).")
]
Folder = Annotated[str, typer.Argument(metavar="MODEL", help="A model folder.")]


def models_app(wrapped: Callable[[Command], Command]) -> typer.Typer:
    """The subcommand `models`, with each of its verbs `wrapped`."""
    app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    app.callback()(models)
    app.command("import", epilog=EXAMPLES)(wrapped(import_))
    app.command("list")(wrapped(list_))
    app.command("fetch")(wrapped(fetch))
    app.command("info")(wrapped(info))
    return app


def models(context: typer.Context) -> None:
    """Bring in models of other tools, fetch published weights, look at models."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def import_(
    path: Source,
    out: Out,
    config: Config = None,
    size: Size = None,
    classes: Classes = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Make a model folder of another tool's model; it then runs without that tool."""
    screen = Screen(quiet=quiet)
    made_for = _training_part()
    names = [name.strip() for name in classes.split(",")] if classes else None
    screen.say(f"reading {path}; this takes a minute")
    made = made_for.import_model(
        path,
        out,
        config=config,
        size=size,
        classes=names,
        overwrite=overwrite,
        fetch=lambda name: _fetched(name, screen),
    )
    for line in made.told:
        screen.say(f"note: {line}")
    screen.say(f"{path} -> {out} ({len(made.card.classes)} classes: {_few(made.card.classes)})")
    if as_json:
        put_json({"out": out, **_facts(made.card), "told": list(made.told)})
    return 0


def list_(as_json: options.Json = False) -> int:
    """Show which published weights there are, and which of them are here."""
    from figureground.models.known import KNOWN, home, place

    rows = [
        {
            "name": one.name,
            "bytes": one.size,
            "here": place(one).is_file(),
            "licence": one.licence,
            "purpose": one.purpose,
            "url": one.url,
            "sha256": one.sha256,
        }
        for one in KNOWN.values()
    ]
    if as_json:
        put_json({"folder": str(home() / "weights"), "weights": rows})
        return 0
    for one in KNOWN.values():
        put(f"{one.name:22} {_megabytes(one.size):>7}  {'here' if place(one).is_file() else 'not here yet'}")
        put(f"    {one.purpose}\n    {one.licence}")
    put(f"kept in {home() / 'weights'} (FIGUREGROUND_HOME names another folder)")
    return 0


def fetch(names: Names, quiet: options.Quiet = False, as_json: options.Json = False) -> int:
    """Download published weights, so that training and import work without a connection later."""
    screen = Screen(quiet=quiet)
    paths = {name: str(_fetched(name, screen)) for name in names}
    for name, path in paths.items():
        screen.say(f"{name}: {path}")
    if as_json:
        put_json({"weights": paths})
    return 0


def info(model: Folder, as_json: options.Json = False) -> int:
    """Show what a model finds, how it was made, and whether its files are whole."""
    from figureground.errors import InputError
    from figureground.models.card import check_files, read_card

    card, problems = read_card(model), []
    for name in card.files:
        try:
            check_files(model, card, [name])
        except InputError as error:
            problems.append(str(error))
    if as_json:
        put_json({"model": model, **_facts(card), "problems": problems})
    else:
        put(_text(model, card))
        for problem in problems:
            put(f"  problem   {problem}")
    return 1 if problems else 0


def _training_part() -> Any:
    """The module that imports models; it needs torch."""
    from figureground.errors import MissingExtraError

    try:
        from figureground.export import importing
    except ImportError as error:
        raise MissingExtraError(
            f"importing models needs {error.name or 'torch'}: pip install 'figureground[train]'; the folder "
            "that it makes runs without"
        ) from error
    return importing


def _fetched(name: str, screen: Screen) -> Path:
    from figureground.models import known

    total = known.KNOWN[name].size >> 20 if name in known.KNOWN else None
    with screen.progress(name, total, "connecting", "MB") as show:
        return known.fetch(name, progress=lambda done: show(done >> 20))


def _facts(card: "ModelCard") -> dict[str, Any]:
    import msgspec

    facts: dict[str, Any] = msgspec.to_builtins(card)
    return facts


def _text(model: str, card: "ModelCard") -> str:
    what = card.architecture
    shown = {
        "finds": _few(card.classes, 20),
        "kind": card.kind if card.kind != "maskrcnn" else f"{what.body}, {what.heads}, {what.flavour}",
        "frames": f"shorter side {what.short_side} pixels, longer side {what.long_side} at most"
        if what.short_side
        else "in their own size",
        "origin": card.origin,
        "made": f"{card.made_at} by {card.made_by}",
        "scores": ", ".join(f"{name} {value:.3f}" for name, value in card.scores.items()),
    }
    return "\n".join([model, *(f"  {name:9} {value}" for name, value in shown.items() if value)])


def _few(names: tuple[str, ...], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.0f} MB"
