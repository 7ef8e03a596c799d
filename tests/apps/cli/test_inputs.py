import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from figureground.apps.cli.inputs import find
from figureground.apps.cli.main import main
from figureground.apps.cli.plan import Input


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """Videos in two folders, a folder of pictures; it is the working directory."""
    for name in ("v/a.mp4", "v/deep/b.avi", "w/a.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"video")
    (tmp_path / "pictures").mkdir()
    for name in ("1.png", "2.png"):
        Image.new("RGB", (7, 5)).save(tmp_path / "pictures" / name)
    here = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(here)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["v/a.mp4"], [Input("v/a.mp4", "video", "a.mp4")]),
        (
            ["v"],
            [Input("v/a.mp4", "video", "a.mp4"), Input("v/deep/b.avi", "video", "b.avi", Path("deep"))],
        ),
        (["v/deep"], [Input("v/deep/b.avi", "video", "b.avi")]),
        (
            ["v/a.mp4", "w/a.mp4"],
            [Input("v/a.mp4", "video", "a.mp4", Path("v")), Input("w/a.mp4", "video", "a.mp4", Path("w"))],
        ),
        (
            ["v/deep", "w"],
            [
                Input("v/deep/b.avi", "video", "b.avi", Path("v/deep")),
                Input("w/a.mp4", "video", "a.mp4", Path("w")),
            ],
        ),
        (["pictures"], [Input("pictures", "stills", "pictures")]),
        (["pictures/"], [Input("pictures/", "stills", "pictures")]),
        (["pictures/1.png"], [Input("pictures/1.png", "still", "1.png")]),
        (["pictures/*.png"], [Input("pictures/*.png", "stills", "pictures")]),
        (["v/a.mp4", "v/../v/a.mp4"], [Input("v/a.mp4", "video", "a.mp4")]),
        (["missing.mp4"], [Input("missing.mp4", "video", "missing.mp4")]),
        (["missing.JPG"], [Input("missing.JPG", "still", "missing.JPG")]),
        (["0"], [Input("0", "video", "camera0")]),
        (
            ["rtsp://10.0.0.7:554/cam?x=1"],
            [Input("rtsp://10.0.0.7:554/cam?x=1", "video", "10_0_0_7_554_cam_x_1")],
        ),
        (["0", "w/a.mp4"], [Input("0", "video", "camera0"), Input("w/a.mp4", "video", "a.mp4")]),
    ],
)
def test_find(arguments: list[str], expected: list[Input], tree: Path) -> None:
    assert find(arguments) == expected


def test_everything_below_a_folder(tree: Path) -> None:
    found = {(str(one.folder), one.name, one.medium) for one in find(["."])}
    assert found == {
        ("v", "a.mp4", "video"),
        ("v/deep", "b.avi", "video"),
        ("w", "a.mp4", "video"),
        (".", "pictures", "stills"),
    }


@pytest.mark.parametrize(
    ("argument", "out", "names"),
    [
        ("v", "v/deep", ["a.mp4"]),
        ("v", "v", ["a.mp4", "b.avi"]),
        ("v", ".", ["a.mp4", "b.avi"]),
        ("v/deep/b.avi", "v/deep", ["b.avi"]),
        (".", "pictures", ["a.mp4", "b.avi", "a.mp4"]),
    ],
)
def test_outputs_of_an_earlier_run_are_left_out(
    argument: str, out: str, names: list[str], tree: Path
) -> None:
    assert sorted(one.name for one in find([argument], out)) == sorted(names)


def test_through_a_link(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "w")
    assert [one.what for one in find(["w", "link"])] == ["w/a.mp4"]


@pytest.mark.parametrize(
    ("address", "name"),
    [("rtsp://me:p@ss@cam.local/live", "cam_local_live"), ("http://10.0.0.7:80/a@b", "10_0_0_7_80_a_b")],
)
def test_no_password_in_names(address: str, name: str) -> None:
    assert find([address]) == [Input(address, "video", name)]


def test_no_password_is_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing listens at port 1."""
    address = "rtsp://me:secret@127.0.0.1:1/live"
    assert main(["cut", address, "-o", str(tmp_path / "out"), "--json"]) == 2
    assert main(["info", address, "--json"]) == 2
    said = capfd.readouterr()
    assert "secret" not in said.out + said.err
    assert said.out.count("rtsp://***@127.0.0.1:1/live: cannot be opened") == 2
