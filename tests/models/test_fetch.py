"""Downloads, from a server on this machine that misbehaves as real ones do."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from figureground.errors import InputError, OptionError, OutputError
from figureground.models import fetch, known
from figureground.models.fetch import download

DATA = bytes(i * 7 % 251 for i in range(30_011))
SHA = hashlib.sha256(DATA).hexdigest()
SIZE = len(DATA)


class Server(ThreadingHTTPServer):
    """What was asked for, and how the next answers go."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, str | None]] = []
        self.breaks: list[int] = []  # bytes after which the next answers break off

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        if self.path == "/missing":
            return self.send_error(404)
        if self.path.startswith("/to-"):
            target = {"/to-file": "/file", "/to-plain": "http://example.org/file"}[self.path]
            self.send_response(302)
            self.send_header("Location", target)
            return self.end_headers()
        body = {"/login": b"<html>Please log in</html>", "/other": DATA[::-1]}.get(self.path, DATA)
        start = int(wanted.removeprefix("bytes=")[:-1]) if wanted and self.path != "/no-range" else 0
        if start >= len(body):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        end = start + self.server.breaks.pop(0) if self.server.breaks else len(body)
        self.wfile.write(body[start:end])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def got(server: Server, path: str, into: Path, **how: object) -> Path:
    return download(server.url(path), into, sha256=SHA, size=SIZE, **how)  # type: ignore[arg-type]


def left(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if not one.name.endswith(".lock"))


@pytest.mark.parametrize("path", ["file", "to-file", "no-range"])
def test_a_good_file_is_downloaded_once(server: Server, tmp_path: Path, path: str) -> None:
    done: list[int] = []
    into = tmp_path / "cache" / "file.pth"
    assert got(server, path, into, progress=done.append) == into
    assert into.read_bytes() == DATA
    assert done[-1] == SIZE
    asked = len(server.asked)
    got(server, path, into)
    assert len(server.asked) == asked
    assert left(into.parent) == ["file.pth"]


def test_what_came_before_a_break_is_kept_and_the_rest_asked_for(server: Server, tmp_path: Path) -> None:
    server.breaks = [10_000, 0]
    with pytest.raises(InputError, match=r"broke off after 10,000 of 30,011 bytes .* goes on from there"):
        got(server, "file", tmp_path / "f")
    assert left(tmp_path) == [".f.part"]
    assert got(server, "file", tmp_path / "f").read_bytes() == DATA
    assert server.asked[-1] == ("/file", "bytes=10000-")
    assert left(tmp_path) == ["f"]


def test_breaks_are_overcome_while_some_of_it_comes(server: Server, tmp_path: Path) -> None:
    server.breaks = [10_000, 5_000, 7_000]
    assert got(server, "file", tmp_path / "f").read_bytes() == DATA
    assert [range_ for _, range_ in server.asked] == [None, "bytes=10000-", "bytes=15000-", "bytes=22000-"]


def test_a_server_that_cannot_go_on_begins_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".f.part").write_bytes(DATA[:10_000])
    assert got(server, "no-range", tmp_path / "f").read_bytes() == DATA
    assert len(server.asked) == 1


@pytest.mark.parametrize("stale", [b"x" * 999, b"x" * SIZE, b"x" * (SIZE + 5)], ids=["less", "same", "more"])
def test_a_part_of_another_file_is_no_trap(server: Server, tmp_path: Path, stale: bytes) -> None:
    (tmp_path / ".f.part").write_bytes(stale)
    assert got(server, "file", tmp_path / "f").read_bytes() == DATA


def test_a_part_longer_than_the_servers_file_is_dropped(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".f.part").write_bytes(b"x" * 999)
    with pytest.raises(InputError, match="has 26 bytes, expected 30,011"):
        got(server, "login", tmp_path / "f")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("other", "is not the file that was published .its sha256 differs.; nothing was kept"),
        ("login", "has 26 bytes, expected 30,011: the file was changed, or a page of your network came"),
        ("missing", "missing: cannot be downloaded: the server answers 404 Not Found; without a connection"),
        ("to-plain", "http://example.org/file: is no https:// address"),
    ],
)
def test_what_is_not_the_file_is_refused(server: Server, tmp_path: Path, path: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        got(server, path, tmp_path / "f")
    assert left(tmp_path) == []


def test_without_a_connection_the_place_is_named(tmp_path: Path) -> None:
    with Server() as closed:
        url = closed.url("file")
    with pytest.raises(InputError, match=rf"cannot be downloaded: .*put it at {tmp_path / 'f'}$"):
        download(url, tmp_path / "f", sha256=SHA, size=SIZE)


def test_plain_http_is_for_this_machine_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no https:// address"):
        download("http://example.org/f", tmp_path / "f", sha256=SHA, size=SIZE)


def test_a_file_put_there_by_hand_is_taken_if_it_is_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(DATA)
    assert download("https://example.org/f", tmp_path / "f", sha256=SHA, size=SIZE) == tmp_path / "f"
    (tmp_path / "f").write_bytes(DATA[1:])
    with pytest.raises(InputError, match=r"f: is not the file that was published .*; delete it"):
        download("https://example.org/f", tmp_path / "f", sha256=SHA, size=SIZE)


def test_several_at_once_all_get_it(server: Server, tmp_path: Path) -> None:
    server.breaks = [10_000, 20_000, 5_000]
    threads = [threading.Thread(target=got, args=(server, "file", tmp_path / "f")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "f").read_bytes() == DATA
    assert left(tmp_path) == ["f"]


def test_no_room_is_said_before(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda _: type("Use", (), {"free": 1 << 20}))
    with pytest.raises(OutputError, match="no room: 0 MB are needed and 1 MB are free; FIGUREGROUND_HOME"):
        got(server, "file", tmp_path / "f")
    assert server.asked == []


def test_known_weights_come_into_the_folder_that_is_named(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIGUREGROUND_HOME", str(tmp_path / "home"))
    one = known.Known("made", server.url("file"), SHA, SIZE, "CC0", "a test")
    monkeypatch.setitem(known.KNOWN, "made", one)
    assert known.fetch("made") == tmp_path / "home" / "weights" / "file"
    with pytest.raises(OptionError, match="no published weights 'mode'; choose one of: coco-resnet50, "):
        known.fetch("mode")


def test_the_table_agrees_with_torchvision() -> None:
    models = pytest.importorskip("torchvision.models")
    detection = models.detection
    theirs = {
        "coco-resnet50": detection.MaskRCNN_ResNet50_FPN_Weights.COCO_V1,
        "coco-resnet50_v2": detection.MaskRCNN_ResNet50_FPN_V2_Weights.COCO_V1,
        "imagenet-resnet50": models.ResNet50_Weights.IMAGENET1K_V1,
        "imagenet-resnet50_v2": models.ResNet50_Weights.IMAGENET1K_V2,
        "imagenet-mobilenet": models.MobileNet_V3_Large_Weights.IMAGENET1K_V1,
    }
    assert list(known.KNOWN) == list(theirs)
    for name, their in theirs.items():
        ours = known.KNOWN[name]
        assert ours.url == their.url
        assert ours.file.partition("-")[2] == f"{ours.sha256[:8]}.pth"
        assert abs(ours.size / 2**20 - their.meta["_file_size"]) < 0.01
