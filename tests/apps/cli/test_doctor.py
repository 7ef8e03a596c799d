import importlib.metadata
import json
import platform

import pytest

from figureground.apps.cli import doctor
from figureground.apps.cli.main import main


def test_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    facts = dict(
        line.split(maxsplit=1) for line in capfd.readouterr().out.splitlines() if len(line.split()) > 1
    )
    assert facts["python"].startswith(platform.python_version())
    assert facts["numpy"] == importlib.metadata.version("numpy")
    for codec in ("libx264", "libvpx-vp9", "prores_ks", "ffv1", "mjpeg"):
        assert codec in facts["codecs"]


def test_json(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts["av"] == importlib.metadata.version("av")
    assert facts["codecs_missing"] == []


def test_missing_codec(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(doctor, "CODECS", ("libx264", "libnothing"))
    assert main(["doctor", "--json"]) == 1
    facts = json.loads(capfd.readouterr().out)
    assert (facts["codecs"], facts["codecs_missing"]) == (["libx264"], ["libnothing"])
