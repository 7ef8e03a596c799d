"""What shows that a file or an unfinished part was made by this very run, so that `--resume` trusts no other.

Beside unfinished parts lies a record of the run. A finished output carries a proof in itself: a hash of that
record in its comment.
"""

import contextlib
import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from figureground import __version__
from figureground.apps.cli.inputs import is_address
from figureground.apps.cli.plan import STILL_SUFFIXES, Job, Output
from figureground.apps.cli.replaying import beside_tracks
from figureground.apps.cli.segmenting import Settings
from figureground.apps.cli.show import masked
from figureground.errors import InputError, OptionError
from figureground.files import output_errors, part_folder
from figureground.folders import folder_proof

_NAME = "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """What stays the same in all steps of a job.

    Attributes:
        job: what is read and written.
        settings: the options that shape the result.
        record: what must be the same for the run to be resumed.
        resume: go on from what an interrupted run left.
        overwrite: replace what is there.
    """

    job: Job
    settings: Settings
    record: dict[str, Any]
    resume: bool
    overwrite: bool

    def made_by(self, output: Output, name: str) -> str:
        """What is kept in an output: the segmenter's `name`, and the proof for a later run."""
        return f"{name} {proof_of(output, self.record)}"


def record_of(job: Job, settings: dict[str, Any]) -> dict[str, Any]:
    """What must be the same for a run to be resumed: version, settings, outputs, the files that are read.

    Raises:
        InputError: the input is a folder or pattern without pictures.
    """
    from figureground.sources.images import find_stills

    path = Path(job.what)
    files = [] if is_address(job.what) else find_stills(path) or [path]
    outputs = [{key: str(value) for key, value in asdict(output).items()} for output in job.outputs]
    for output in outputs:
        output["path"] = Path(output["path"]).name
    model = [str(path) for path in Path(settings.get("model") or ".none").glob("*.json")]  # it has the hashes
    beside = [settings.get("empty"), *model, *(output.on for output in job.outputs)]
    beside += [_picture_of(settings.get("arenas")), *beside_tracks(job.what, settings.get("video"))]
    return {
        "version": __version__,
        "settings": settings,
        "outputs": outputs,
        "input": str(path.resolve()) if files else masked(job.what),
        "files": _stamps(files),
        "pictures": _stamps({Path(name) for name in beside if name}),
    }


def _picture_of(arenas: str | None) -> str:
    """The file that `--arenas` names; empty where it names none."""
    return arenas if arenas and len(arenas) < 4096 and not re.match(r"\s*[\d.]+\s*,", arenas) else ""


def _stamps(files: Iterable[Path]) -> list[list[str | int]]:
    """Name, size and time of change of each file that exists."""
    stats = [(str(file.absolute()), file.stat()) for file in files if file.is_file()]
    return sorted([name, stat.st_size, stat.st_mtime_ns] for name, stat in stats)


def proof_of(output: Output, record: dict[str, Any]) -> str:
    """A hash of all that shapes `output`; its own name is not in it."""
    told = {key: value for key, value in record.items() if key != "outputs"}
    told["output"] = [output.kind, output.on, output.folder]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def is_proven(output: Output, record: dict[str, Any]) -> bool:
    """Whether what stands at the output's place was made by a run with this `record`, and is whole."""
    proof = proof_of(output, record)
    if output.kind == "examples":
        return folder_proof(output.path) == proof
    if output.kind == "tracks":
        return _made_by_tracks(output.path).split()[-1:] == [proof]
    if not output.folder and output.path.suffix.lower() in STILL_SUFFIXES:
        return output.path.is_file() and proof.encode() in output.path.read_bytes()
    return _comment(output).split()[-1:] == [proof]


def _made_by_tracks(path: Path) -> str:
    """What made a tracks file; empty where it is none."""
    from figureground.tracks.file import open_tracks

    try:
        with open_tracks(path) as file:
            return file.info.made_by
    except InputError:
        return ""


def _comment(output: Output) -> str:
    """What made the file, as the writers keep it; empty where nothing is kept."""
    from figureground.writers.pictures import LIST

    path = output.path
    if output.folder:
        try:
            return str(json.loads((path / LIST).read_text(encoding="utf-8"))["made_by"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""
    import av

    try:
        with av.open(str(path)) as container:
            return next((text for key, text in container.metadata.items() if key.lower() == "comment"), "")
    except (OSError, ValueError):  # both are ancestors of PyAV's errors
        return ""


def keep_record(outputs: Sequence[Output], record: dict[str, Any]) -> None:
    """Write `record` into the part folder of each output, which goes when the output is whole."""
    for output in outputs:
        with output_errors(output.path):
            file = part_folder(output.path) / _NAME
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_suffix(".new")
            new.write_text(json.dumps(record))
            new.replace(file)


def drop_records(outputs: Sequence[Output]) -> None:
    """Remove the part folders that hold nothing but a record: nothing can be resumed from them."""
    for output in outputs:
        part = part_folder(output.path)
        with contextlib.suppress(OSError):
            if {file.name for file in part.iterdir()} <= {_NAME, "run.new"}:
                shutil.rmtree(part)


def can_resume(outputs: Sequence[Output], record: dict[str, Any]) -> bool:
    """Whether an interrupted run left something of each output to go on with.

    Raises:
        OptionError: it did, but with other settings or from another input.
    """
    record = json.loads(json.dumps(record))
    found = [old for output in outputs if (old := _old_record(output, record)) is not None]
    for old in found:
        differs = [key for key in record if record[key] != old[key]]
        if differs:
            raise OptionError(
                f"{outputs[0].path}: cannot resume: {_explain(differs[0], old, record)}; run with the same "
                "input and options as before, or leave out --resume to start anew"
            )
    return len(found) == len(outputs)


def _old_record(output: Output, like: dict[str, Any]) -> dict[str, Any] | None:
    """What an earlier run kept; None where it is missing or garbled."""
    try:
        old = json.loads((part_folder(output.path) / _NAME).read_text())
        return {key: old[key] for key in like}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _explain(key: str, before: dict[str, Any], now: dict[str, Any]) -> str:
    if key == "settings":
        names = [name for name in now[key] if now[key][name] != before[key].get(name)]
        changes = [f"--{name.replace('_', '-')} was {before[key].get(name)}" for name in names]
        return "other options: " + (", ".join(changes) or "settings differ")
    texts = {
        "version": f"the interrupted run was made by figureground {before['version']}",
        "outputs": "the interrupted run wrote other outputs (--on, --also)",
        "input": f"the interrupted run read {before['input']}",
        "files": "the input has changed since",
        "pictures": "the picture of --empty, --on or --arenas, or what the tracks go with, has changed since",
    }
    return texts[key]
