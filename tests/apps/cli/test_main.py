import json
import re
import signal
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


def test_stopped_before_the_work(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("figureground.apps.cli.inputs.find", stop)
    assert main(["cut", "a.avi", "-o", "out", "--json"]) == 130
    said = capfd.readouterr()
    assert said.out.count("\n") == 1
    assert json.loads(said.out) == {
        "figureground": __version__,
        "status": "interrupted",
        "inputs": [],
        "error": "stopped",
    }
    assert "Traceback" not in said.err


def test_stopped_during_imports(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "figureground.apps.cli.app":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "figureground.apps.cli.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Stop(), *sys.meta_path])
    assert main(["cut", "a.avi", "-o", "out", "--json"]) == 130
    assert json.loads(capfd.readouterr().out)["status"] == "interrupted"
