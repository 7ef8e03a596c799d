"""`figureground tracks score`: how well results keep who is who."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from figureground.apps.cli import options
from figureground.apps.cli.show import Screen, put, put_json
from figureground.apps.cli.tracks.opened import is_own, load_tracks, name_of
from figureground.errors import InputError, OptionError, OutputError

if TYPE_CHECKING:
    from figureground.evaluation.tracks.clear import Switches
    from figureground.evaluation.tracks.score import TrackScore
    from figureground.tracks import Tracks

EXAMPLES = """\b
Examples:
  figureground tracks score truth.tracks.parquet flies.tracks.parquet
  figureground tracks score truth.txt one.tracks.parquet other.tracks.parquet -o scores.csv
  figureground tracks score truths/ results/ --on boxes
"""
_FORMS = (".csv", ".json")

Truth = Annotated[str, typer.Argument(metavar="TRUTH", help="Tracks that are right; or a folder of such.")]
Results = Annotated[
    list[str],
    typer.Argument(
        metavar="RESULT...", help="Tracks of the same video; or folders with the names of TRUTH's."
    ),
]
On = Annotated[
    str,
    typer.Option("--on", metavar="WHAT", help="Compare masks, or boxes; auto: masks where all have them."),
]
Out = Annotated[
    str, typer.Option("-o", "--out", metavar="FILE", help="Write the numbers to this .csv or .json too.")
]


def score(
    truth: Truth,
    results: Results,
    on: On = "auto",
    out: Out = "",
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> int:
    """Tell how well tracks keep who is who: HOTA, IDF1, MOTA, and how often identities switch.

    Frames that TRUTH did not look at do not count. The numbers are those of TrackEval.
    """
    _check_out(out, overwrite=overwrite)
    screen = Screen(quiet=quiet)
    pairs = _pairs(truth, results)
    scores: list[TrackScore] = []
    records: list[dict[str, Any]] = []
    with screen.progress("score", len(pairs), "reading", unit="files") as progress:
        for number, (first, second, name) in enumerate(pairs, 1):
            one, switches = _score(first, second, name, on)
            _tell(one, second, screen)
            scores.append(one)
            records.append(_record(one, switches))
            progress(number)
    totals = _totals(truth, results, scores)
    records += [_record(one) for one in totals]
    _write(out, [*scores, *totals], records)
    if as_json:
        put_json({"truth": truth, "scores": records})
    elif not quiet:
        from figureground.evaluation.tracks.tables import scores_to_text

        put(scores_to_text([*scores, *totals]))
    if out:
        screen.say(f"-> {out}")
    return 0


def _check_out(out: str, *, overwrite: bool) -> None:
    if out and Path(out).suffix.lower() not in _FORMS:
        raise OptionError(f"-o {out}: numbers are written to {' or '.join(_FORMS)}")
    if out and Path(out).exists() and not overwrite:
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")


def _pairs(truth: str, results: list[str]) -> list[tuple[Path, Path, str]]:
    """Truth, result and its name, for each result; of folders, for each file of the truth's."""
    if not Path(truth).is_dir():
        folders = [one for one in results if Path(one).is_dir()]
        if folders:
            raise OptionError(
                f"{folders[0]}: is a folder, and TRUTH is a file; give two files, or two folders"
            )
        from figureground.evaluation.report import unique_names

        short = unique_names(results)
        names = [name_of(one) for one in short]
        return [
            (Path(truth), Path(one), name)
            for one, name in zip(results, names if len(set(names)) == len(names) else short, strict=True)
        ]
    files = {name_of(one): one for one in sorted(Path(truth).iterdir()) if _may_be_tracks(one)}
    if not files:
        raise InputError(f"{truth}: no tracks files in it")
    return [(one, _same_name(folder, name), name) for folder in results for name, one in files.items()]


def _may_be_tracks(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".") and not path.name.endswith(".jsonl")


def _same_name(folder: str, name: str) -> Path:
    if not Path(folder).is_dir():
        raise OptionError(f"{folder}: is no folder, and TRUTH is one; give two files, or two folders")
    found = [one for one in sorted(Path(folder).iterdir()) if _may_be_tracks(one) and name_of(one) == name]
    if len(found) != 1:
        raise InputError(
            f"{folder}: has {len(found)} files named {name}, as one in TRUTH is; there must be one"
        )
    return found[0]


def _score(truth: Path, result: Path, name: str, on: str) -> "tuple[TrackScore, Switches]":
    from figureground.evaluation.tracks.score import score_tracks

    right, judged = _both(str(truth), str(result))
    try:
        return score_tracks(right, judged, name, on)
    except (InputError, OptionError) as error:
        raise type(error)(f"{result}: {error}") from error


def _both(truth: str, result: str) -> "tuple[Tracks, Tracks]":
    """Truth and result; what the file of one does not say of the video, that of the other may."""
    if not is_own(truth) and is_own(result):
        judged = load_tracks(result)
        return load_tracks(truth, judged.info), judged
    right = load_tracks(truth)
    return right, load_tracks(result, right.info)


def _tell(one: "TrackScore", path: Path, screen: Screen) -> None:
    if one.unseen:
        screen.warn(
            f"{path}: did not look at {one.unseen} of the {one.frames} frames of the truth; the figures in"
            " them count as missed"
        )


def _totals(truth: str, results: list[str], scores: "list[TrackScore]") -> "list[TrackScore]":
    """Of several videos all together, for each folder of results."""
    videos = len(scores) // len(results)
    if not Path(truth).is_dir() or videos < 2:
        return []
    from dataclasses import replace

    totals = []
    for place, folder in enumerate(results):
        first, *others = scores[place * videos : (place + 1) * videos]
        for other in others:
            first = first + other
        totals.append(replace(first, name=f"all of {Path(folder).name}" if len(results) > 1 else "all"))
    return totals


def _record(one: "TrackScore", switches: "Switches | None" = None) -> dict[str, Any]:
    from figureground.evaluation.tracks.tables import score_to_record, switches_to_records

    record = score_to_record(one)
    return record if switches is None else {**record, "where": switches_to_records(switches)}


def _write(out: str, scores: "list[TrackScore]", records: list[dict[str, Any]]) -> None:
    if not out:
        return
    import json

    from figureground.evaluation.tracks.tables import scores_to_csv
    from figureground.files import written

    text = scores_to_csv(scores) if out.lower().endswith(".csv") else json.dumps(records, indent=1) + "\n"
    with written(out) as part:
        part.write_text(text, "utf-8", newline="")
