"""All that must hold: formatting, lint, types, import layers, tests. Further arguments go to pytest.

python check.py

The tests that take long have their own command: python -m pytest -m slow tests
"""

import subprocess
import sys
from pathlib import Path

CHECKS = {
    "ruff format": ["-m", "ruff", "format", "--check", "--quiet", "."],
    "ruff check": ["-m", "ruff", "check", "--quiet", "."],
    "mypy": ["-m", "mypy"],
    "import layers": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}
TESTS = ["-m", "pytest", "-n", "2", "--dist", "loadfile", "--doctest-modules", "src", "tests"]
QUICK = ["-m", "not contrib and not slow"]


def main(arguments: list[str]) -> int:
    """Run all checks, the tests last; 1 if any failed."""
    failed = [name for name, command in CHECKS.items() if not _holds(command, quiet=True)]
    for name in failed:
        sys.stdout.write(f"FAILED: {name}\n")
    sys.stdout.flush()
    return int(not _holds([*TESTS, *QUICK, *arguments]) or bool(failed))


def _holds(command: list[str], *, quiet: bool = False) -> bool:
    """Whether `command` ends well; with `quiet` its output is shown only if it does not."""
    run = subprocess.run(
        [sys.executable, *command], cwd=Path(__file__).parent, capture_output=quiet, text=True, check=False
    )
    if quiet and run.returncode:
        sys.stdout.write(run.stdout + run.stderr)
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
