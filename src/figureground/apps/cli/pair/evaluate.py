"""`figureground pair evaluate`: how good the network is that compares a frame with the empty scene."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from figureground.apps.cli import options
from figureground.apps.cli.pair import material as own
from figureground.apps.cli.show import Screen, put, put_json
from figureground.errors import InputError, OptionError, OutputError

if TYPE_CHECKING:
    from figureground.datasets.compose.scene import Pair
    from figureground.evaluation.pair.evaluate import PairScores
    from figureground.evaluation.pair.priors import Priors
    from figureground.models.pair import PairModel

EXAMPLES = """\b
Examples:
  figureground pair evaluate pair_model sequences/
  figureground pair evaluate pair_model composed/ --json
  figureground pair evaluate pair_model --figures cutouts/ --backgrounds empty_places/ --count 500
"""
SHIPPED = "shipped"

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="A model folder; shipped: the one of the package.")
]
What = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="WHAT...",
        help="Sequences (folders with input/ and groundtruth/, or folders of such), or stores of pairs. "
        "Without any, pairs are made of what the options name, of the part that is not learned from.",
    ),
]
Count = Annotated[int, typer.Option(metavar="N", help="How many pairs, or frames of each sequence.")]
Side = Annotated[
    int, typer.Option(metavar="PX", help="The longer side that the network works at on sequences.")
]
Size = Annotated[str, typer.Option(metavar="HxW", help="Of the pairs that are made.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Of the pairs that are made.")]
Threads = Annotated[int, typer.Option(metavar="N", help="Of the processor; 0 takes all.")]
Out = Annotated[str, typer.Option("-o", "--out", metavar="FILE", help="Write the numbers to this .json too.")]


def evaluate(
    model: Model,
    what: What = None,
    figures: own.Figures = [],  # noqa: B006
    backgrounds: own.Grounds = [],  # noqa: B006
    rendered: own.Rendered = None,
    count: Count = 150,
    side: Side = 320,
    size: Size = "192x256",
    seed: Seed = 0,
    threads: Threads = 0,
    out: Out = "",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Tell how good a pair network is, beside guesses that look at no picture.

    Of masks: IoU, F, the F of outlines, the mean error. Of depth: RMSE, mean relative error, the share
    within a factor of 1.25, and the structural similarity.
    """
    if count < 1 or side < 32:
        raise OptionError(f"--count must be 1 or more and --side 32 or more, got {count} and {side}")
    if out and not out.lower().endswith(".json"):
        raise OptionError(f"-o {out}: numbers are written to .json")
    if out and Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")
    from figureground.evaluation.pair.evaluate import evaluate_pairs, scores_to_text
    from figureground.evaluation.pair.priors import read_priors
    from figureground.models.pair import SHIPPED as PLACE
    from figureground.models.pair import load_pair_model

    folder = PLACE if model == SHIPPED else Path(model)
    network, priors = load_pair_model(folder, threads=threads), read_priors(folder)
    screen = Screen(quiet=quiet)
    found: list[PairScores] = []
    for one in what or []:
        found += _judged(network, priors, one, count, side, screen)
    if not what:
        shape = own.parse_size(size)
        pairs = own.open_material(figures, backgrounds, rendered, None, None, shape, seed, [])
        screen.say("making pairs of the part that is not learned from")
        made = (pair for unit in range(count) for pair in pairs.pairs(unit, "test")[:4])
        found.append(evaluate_pairs(network, _first(made, count), "made pairs", priors))
    records = [one.record() for one in found]
    if as_json:
        put_json({"model": model, "scores": records})
    elif not quiet:
        put(scores_to_text(found))
    _write(out, records)
    return 0


def _judged(
    model: "PairModel", priors: "Priors | None", what: str, count: int, side: int, screen: Screen
) -> "list[PairScores]":
    """The scores on a store, or on each sequence in a folder."""
    from figureground.datasets.compose.store import INDEX, Store
    from figureground.evaluation.pair.evaluate import evaluate_pairs, evaluate_sequence, find_sequences

    if (Path(what) / INDEX).is_file():
        store = Store(what)
        step = max(1, len(store) // count)
        pairs = (store[number] for number in range(0, len(store), step))
        return [evaluate_pairs(model, _first(pairs, count), Path(what).name, priors)]
    sequences = find_sequences(what)
    if not sequences:
        raise InputError(
            f"{what}: is neither a store of pairs ({INDEX}), nor a folder with input/ and groundtruth/, nor "
            "one of such folders"
        )
    found = []
    for sequence in sequences:
        screen.say(f"{sequence}")
        found.append(evaluate_sequence(model, sequence, priors, side=side, most=count))
    return found


def _first(pairs: "Iterator[Pair]", count: int) -> "Iterator[Pair]":
    from itertools import islice

    return islice(pairs, count)


def _write(out: str, records: "list[dict[str, object]]") -> None:
    if not out:
        return
    import json

    from figureground.files import written

    with written(out) as part:
        part.write_text(json.dumps(records, indent=1) + "\n", "utf-8")
