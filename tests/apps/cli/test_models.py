"""`figureground models`, called as from a shell."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from figureground.apps.cli.main import main
from figureground.models import known
from figureground.models.architecture import architecture
from figureground.models.card import ModelCard, write_card

Capture = pytest.CaptureFixture[str]
DATA = b"weights" * 1001


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of published weights on a server of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/made-1234.pth"
        one = known.Known("made", url, hashlib.sha256(DATA).hexdigest(), len(DATA), "CC0", "a test")
        monkeypatch.setitem(known.KNOWN, "made", one)
        monkeypatch.setenv("FIGUREGROUND_HOME", str(tmp_path / "home"))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield "made"
        server.shutdown()
        thread.join()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "dense.onnx").write_bytes(b"graph")
    card = ModelCard(
        ("mouse", "rat"), architecture("mobilenet"), origin="training mice", scores={"AP": 0.625}
    )
    write_card(card, folder)
    return folder


def test_weights_are_fetched_and_listed(made: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["models", "list"]) == 0
    assert f"{'made':22} {'0 MB':>7}  not here yet\n    a test\n    CC0" in capsys.readouterr().out
    assert main(["models", "fetch", made, "--json"]) == 0
    path = tmp_path / "home" / "weights" / "made-1234.pth"
    assert json.loads(capsys.readouterr().out) == {"weights": {"made": str(path)}}
    assert path.read_bytes() == DATA
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["folder"] == str(path.parent)
    assert {one["name"]: one["here"] for one in listed["weights"]}["made"] is True


def test_a_model_is_shown(model: Path, capsys: Capture) -> None:
    assert main(["models", "info", str(model)]) == 0
    shown = capsys.readouterr().out
    assert "finds     mouse, rat" in shown
    assert "frames    shorter side 480 pixels, longer side 800 at most" in shown
    assert "scores    AP 0.625" in shown
    assert main(["models", "info", str(model), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["classes"], facts["architecture"]["body"]) == (["mouse", "rat"], "mobilenet_v3_large")


def test_a_damaged_model_is_told(model: Path, capsys: Capture) -> None:
    (model / "dense.onnx").write_bytes(b"other")
    assert main(["models", "info", str(model)]) == 1
    assert "dense.onnx: is not the file that the model was written with" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["models", "info", "nothing"], "nothing: is no model folder: it has no model.json"),
        (
            ["models", "fetch", "nothing"],
            "there are no published weights 'nothing'; choose one of: coco-resnet50,",
        ),
        (["models", "import", "nothing", "-o", "out"], "nothing: is not there"),
        (["models", "import", "folder", "-o", "out"], "folder: has no weights (.pth, .pt, .pkl) and no .ts"),
        (
            ["models", "import", "folder"],
            "Missing option '-o' / '--out'. (see: figureground models import --help)",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert main(arguments) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert told in error
    assert not (tmp_path / "out").exists()


def test_a_pickle_that_would_run_something_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.pkl").write_bytes(b"cos\nsystem\n(S'touch trace'\ntR.")
    assert main(["models", "import", "model.pkl", "-o", "out", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)["error"]
    assert told.startswith(
        "model.pkl: wants to run os.system, which weights do not need: do not trust this file"
    )
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model.pkl"]


def test_a_model_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    importing = pytest.importorskip("figureground.export.importing")
    monkeypatch.chdir(tmp_path)
    seen = {}

    def import_model(path: str, out: str, **options: object) -> object:
        seen.update(options, path=path, out=out)
        return importing.Imported(ModelCard(("mouse", "rat"), architecture("detectron2")), ("a note",))

    monkeypatch.setattr(importing, "import_model", import_model)
    arguments = ["theirs", "-o", "ours", "--size", "0", "--classes", "mouse, rat", "--config", "c.yaml"]
    assert main(["models", "import", *arguments]) == 0
    told = capsys.readouterr().err
    assert "note: a note\ntheirs -> ours (2 classes: mouse, rat)" in told
    del seen["fetch"]
    assert seen == {
        "path": "theirs",
        "out": "ours",
        "config": "c.yaml",
        "size": 0,
        "classes": ["mouse", "rat"],
        "overwrite": False,
    }
