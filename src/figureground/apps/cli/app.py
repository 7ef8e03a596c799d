"""The subcommands of `figureground`, as typer takes them."""

from collections.abc import Callable
from functools import wraps

import typer

from figureground import __version__
from figureground.apps.cli import cut, demo, doctor, evaluate, export, info, track, train, watch
from figureground.apps.cli.dataset.app import dataset_app
from figureground.apps.cli.examples.app import examples_app
from figureground.apps.cli.main import USAGE, StoppedError
from figureground.apps.cli.models import models_app
from figureground.apps.cli.pair.app import pair_app
from figureground.apps.cli.tracks.app import tracks_app
from figureground.apps.cli.zones.app import zones_app

Command = Callable[..., int]


def stoppable(command: Command) -> Command:
    """`command`, with Ctrl-C as an error that `main` can tell; typer would make a bare exit code of it."""

    @wraps(command)
    def run(*arguments: object, **options: object) -> int:
        try:
            return command(*arguments, **options)
        except KeyboardInterrupt as stop:
            raise StoppedError from stop

    return run


app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command(epilog=cut.EXAMPLES, short_help="Cut videos and photos: only the figures stay.")(
    stoppable(cut.cut)
)
app.command(epilog=track.EXAMPLES, short_help="Follow the figures of videos: who is who in every frame.")(
    stoppable(track.track)
)
app.command()(stoppable(info.info))
app.command(short_help="Make a scene, cut it, compare with the truth.")(stoppable(demo.demo))
app.command(epilog=watch.EXAMPLES, short_help="Tell what happens in zones of a video or a camera.")(
    stoppable(watch.watch)
)
app.command(epilog=train.EXAMPLES, short_help="Train a model for the classes of a dataset.")(
    stoppable(train.train)
)
app.command(epilog=evaluate.EXAMPLES, short_help="Tell how good models are on annotated pictures.")(
    stoppable(evaluate.evaluate)
)
app.command(epilog=export.EXAMPLES, short_help="Write a model in another form: int8, ONNX, LabGym.")(
    stoppable(export.export)
)
app.add_typer(dataset_app(stoppable), name="dataset")
app.add_typer(examples_app(stoppable), name="examples")
app.add_typer(models_app(stoppable), name="models")
app.add_typer(pair_app(stoppable), name="pair")
app.add_typer(tracks_app(stoppable), name="tracks")
app.add_typer(zones_app(stoppable), name="zones")
app.command(short_help="Show what belongs into a bug report.")(stoppable(doctor.doctor))


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"figureground {__version__}")
        raise typer.Exit


@app.callback()
def figureground(
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", help="Show the version and exit.", callback=_version, is_eager=True
    ),
) -> None:
    """Given a video, a folder of frames or a photo, return only the figures, without the ground behind them.

    Try it on a scene made on the spot: figureground demo
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)
