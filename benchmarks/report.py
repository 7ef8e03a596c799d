"""What every benchmark says: on which machine, with what, and the figures as JSON and as a table."""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data"
COMMAND = Path(sysconfig.get_path("scripts")) / "figureground"
PACKAGES = (
    *("figureground", "numpy", "scipy", "av", "opencv-python-headless", "opencv-contrib-python-headless"),
    *("msgspec", "pycocotools"),
)


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, least and most of `values`, and the values themselves.

    Example:
        >>> spread([3.0, 1.0, 2.0])
        {'median': 2.0, 'least': 1.0, 'most': 3.0, 'values': [3.0, 1.0, 2.0]}
    """
    rounded = [round(value, 6) for value in values]
    median = round(statistics.median(values), 6)
    return {"median": median, "least": min(rounded), "most": max(rounded), "values": rounded}


def shown(figures: dict[str, Any], digits: int = 2) -> str:
    """A spread for a table: the median, and where there are several values their range.

    Example:
        >>> shown(spread([3.0, 1.0, 2.0])), shown(spread([1.0]))
        ('2.00 (1.00-3.00)', '1.00')
    """
    median, least, most = (f"{figures[key]:.{digits}f}" for key in ("median", "least", "most"))
    return median if least == most else f"{median} ({least}-{most})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown that also reads well as it is.

    Example:
        >>> print(table(["way", "s"], [["cut", "1.5"]]))
        | way | s   |
        | --- | --- |
        | cut | 1.5 |
    """
    rows = [list(row) for row in rows]
    widths = [max(3, *(len(row[i]) for row in [head, *rows])) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    padded = ((cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def parser(doc: str | None) -> argparse.ArgumentParser:
    """The options that all benchmarks have, with their module's text as help."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("-o", "--out", type=Path, help="JSON with all that was measured")
    return made


def save(path: Path | None, settings: dict[str, Any], results: Sequence[dict[str, Any]]) -> None:
    """Write a benchmark's results and their circumstances as JSON; nothing where `path` is None."""
    if path is None:
        return
    record = {
        "benchmark": Path(sys.argv[0]).stem,
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(),
        "settings": settings,
        "results": list(results),
    }
    path.write_text(json.dumps(record, indent=1, default=str) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Processor, memory and system; `busy` is how many processes want a processor (1 minute's mean)."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "busy": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def versions() -> dict[str, str]:
    """Of Python and of what figureground stands on, as far as it is installed."""
    installed = {package.metadata["Name"]: package.version for package in importlib.metadata.distributions()}
    return {"python": platform.python_version()} | {
        name: installed[name] for name in PACKAGES if name in installed
    }


def commit() -> str:
    """The checkout's commit, with a + where files differ from it; empty outside of a checkout."""
    sha, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")
    return sha + "+" * bool(changed)


def _git(*arguments: str) -> str:
    try:
        line = ["git", "-C", str(ROOT), *arguments]
        run = subprocess.run(line, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return run.stdout.strip()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
