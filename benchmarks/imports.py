"""How long importing figureground and showing the command's help take, in fresh processes.

python -m benchmarks.imports [-o JSON] [--rounds 15]
"""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.report import COMMAND, parser, save, shown, spread, table

HEAVY = (
    "av",
    "cv2",
    "msgspec",
    "numpy",
    "onnxruntime",
    "PIL",
    "pycocotools",
    "rich",
    "scipy",
    "torch",
    "typer",
)
PYTHON = "python alone"
STARTS = {
    PYTHON: ["-c", "pass"],
    "import figureground": ["-c", "import figureground"],
    "figureground --help": [str(COMMAND), "--help"],
    "figureground --version": [str(COMMAND), "--version"],
    "figureground cut --help": [str(COMMAND), "cut", "--help"],
}
"""What is tried -> the arguments of Python."""


def start(arguments: Sequence[str]) -> float:
    """Seconds that a fresh Python takes with `arguments`, from its start to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - began


def heavy_modules(arguments: Sequence[str]) -> list[str]:
    """Which of HEAVY that Python imports."""
    line = [sys.executable, "-X", "importtime", *arguments]
    log = subprocess.run(line, capture_output=True, text=True, check=True).stderr
    loaded = set(re.findall(r"^import time:.*\| +([\w.]+)$", log, re.MULTILINE))
    return [name for name in HEAVY if name in loaded]


def compare(rounds: int) -> list[dict[str, Any]]:
    """All starts in turn, after one of each to warm up."""
    heavy = {name: heavy_modules(arguments) for name, arguments in STARTS.items()}
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(rounds):
        for name, arguments in STARTS.items():
            times[name].append(start(arguments))
    return [
        {
            "start": name,
            "seconds": spread(found),
            "more_than_python": spread([t - base for t, base in zip(found, times[PYTHON], strict=True)]),
            "heavy": heavy[name],
        }
        for name, found in times.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Time all starts; show and save the results."""
    options = parser(__doc__)
    options.add_argument("--rounds", type=int, default=15)
    chosen = options.parse_args(arguments)
    results = compare(chosen.rounds)
    rows = [
        [
            one["start"],
            shown(one["seconds"], 3),
            shown(one["more_than_python"], 3),
            ", ".join(one["heavy"]) or "none",
        ]
        for one in results
    ]
    print(table(["start", "s", "s more than python alone", "heavy modules"], rows))
    save(chosen.out, {"rounds": chosen.rounds}, results)


if __name__ == "__main__":
    main()
