import re
import subprocess
import sys

import pytest

from figureground import __version__
from figureground.apps.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--version"], 0, f"figureground {__version__}"),
        (["--help"], 0, "demo"),
        ([], 2, "demo"),
        (["cut", "--help"], 0, "--also"),
        (["info", "-h"], 0, "--count"),
    ],
)
def test_help(arguments: list[str], code: int, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == code
    said = capfd.readouterr()
    assert text in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cat"], r"No such command 'cat'.*\(see: figureground --help\)"),
        (["--colour"], "No such option: --colour"),
        (["doctor", "--colour"], r"No such option: --colour.*\(see: figureground doctor --help\)"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capfd.readouterr()
    assert re.search(message, said.err)
    assert said.err.startswith("figureground: ")
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_installed_command() -> None:
    """`python -c` stands for the script that pip makes of the entry point."""
    line = [sys.executable, "-c", "from figureground.apps.cli.main import run; run()", "--version"]
    run = subprocess.run(line, capture_output=True, text=True, check=True)
    assert run.stdout == f"figureground {__version__}\n"
