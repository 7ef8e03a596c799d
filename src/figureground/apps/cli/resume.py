"""A record beside the unfinished parts of a run, so that `--resume` goes on only with the same settings."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from figureground import __version__
from figureground.apps.cli.plan import Job, Output
from figureground.errors import OptionError
from figureground.files import part_folder, written

_NAME = "run.json"


def record_of(job: Job, settings: dict[str, Any]) -> dict[str, Any]:
    """What must be the same for a run to be resumed: version, settings, outputs, the input's files."""
    path = Path(job.what)
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    stats = [(file.name, file.stat()) for file in files if file.is_file()]
    outputs = [{key: str(value) for key, value in asdict(output).items()} for output in job.outputs]
    for output in outputs:
        output["path"] = Path(output["path"]).name
    return {
        "version": __version__,
        "settings": settings,
        "outputs": outputs,
        "input": str(path.resolve()) if files else job.what,
        "files": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats],
    }


def keep_record(outputs: Sequence[Output], record: dict[str, Any]) -> None:
    """Write `record` into the part folder of each output, which goes when the output is whole."""
    for output in outputs:
        with written(part_folder(output.path) / _NAME) as part:
            part.write_text(json.dumps(record))


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
    }
    return texts[key]
