"""The benchmarks run, on next to nothing, and what they compute is right."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data"


@pytest.fixture(autouse=True)
def findable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def load(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.{name}")


def times(path: Path) -> Iterator[float]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            yield frame.time


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve frames of 46 x 62 pixels, as often as four are rendered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        path: Path = load("clips").make_clip(
            tmp_path_factory.mktemp("clip") / "tiny.mp4", (46, 62), 0.4, 4 / 30
        )
    return path


def test_clip(clip: Path) -> None:
    assert list(times(clip)) == pytest.approx([i / 30 for i in range(12)])
    assert [path.name for path in clip.parent.iterdir()] == ["tiny.mp4"]


def test_clip_is_shortened(clip: Path, tmp_path: Path) -> None:
    short = load("clips").shorten_clip(clip, tmp_path / "short.mp4", 5 / 30)
    assert list(times(short)) == pytest.approx([i / 30 for i in range(5)])


def test_clip_with_pictures_out_of_order_is_looped(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "b.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": "3", "b-adapt": "0"})
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for grey in range(9):
            picture = np.full((16, 32, 3), 20 * grey, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    looped = load("clips").loop_clip(tmp_path / "b.mp4", tmp_path / "looped.mp4", 3)
    assert np.diff(list(times(looped))) == pytest.approx([0.04] * 26)


def run(name: str, *arguments: str | Path) -> tuple[str, dict[str, object]]:
    """What `python -m benchmarks.NAME ARGUMENTS -o JSON` prints and saves."""
    out = Path(str(arguments[-1]))
    line = [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments[:-1]), "-o", str(out)]
    shown = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return shown, json.loads(out.read_text(encoding="utf-8"))


def test_speed(tmp_path: Path, clip: Path) -> None:
    shown, saved = run(
        "speed", "--sizes", "--video", clip, "--rounds", "2", "--seconds", "9", tmp_path / "s.json"
    )
    assert saved["benchmark"] == "speed"
    assert set(saved) >= {"time", "commit", "machine", "versions", "settings", "results"}
    results = saved["results"]
    assert isinstance(results, list)
    assert [one["way"] for one in results] == [
        "decode + encode",
        "figureground, Python",
        "figureground cut",
        "MOG2 script",
        "estimate alone",
    ]
    assert [one["frames"] for one in results[:4]] == [12] * 4
    for one in results[:4]:
        seconds, floor = one["seconds"]["values"], results[0]["seconds"]["values"]
        ratios = [a / b for a, b in zip(seconds, floor, strict=True)]
        assert one["ratio"]["values"] == pytest.approx(ratios, rel=1e-3)
        assert one["ratio"]["median"] == pytest.approx(sum(ratios) / 2, rel=1e-3)
        assert f"| {one['way']} " in shown


def test_ways_write_videos(tmp_path: Path, clip: Path) -> None:
    ways = load("ways")
    for way in (ways.copy, ways.cut_in_python, ways.cut_by_mog2, ways.cut_by_command):
        assert way(clip, tmp_path / "out.mp4") == len(list(times(tmp_path / "out.mp4"))) == 12


def test_memory(tmp_path: Path) -> None:
    _, saved = run("memory", "--size", "62x46", "--seconds", "0.2", "--times", "2", tmp_path / "m.json")
    results = saved["results"]
    assert isinstance(results, list)
    assert [one["clip"] for one in results] == ["0.2 s", "0.4 s"]
    first, second = (one["peak_mb"]["median"] for one in results)
    assert results[1]["ratio"]["median"] == pytest.approx(second / first, rel=1e-3)


def test_peak_memory_is_that_of_the_command() -> None:
    peak = load("memory").peak_memory
    small = peak([sys.executable, "-c", "pass"])
    large = peak([sys.executable, "-c", "b'x' * 100_000_000"])
    assert small < 60  # though this process, which starts it, is larger
    assert large - small == pytest.approx(100, abs=5)


def test_datasets(tmp_path: Path) -> None:
    shown, saved = run(
        "datasets", "--images", "30", "--annotations", "200", "--rounds", "1", tmp_path / "d.json"
    )
    results = saved["results"]
    assert isinstance(results, list)
    assert [one["way"] for one in results] == [
        *load("datasets").SCRIPTS,
        *(f"figureground dataset {verb}" for verb in ("filter", "split")),
    ]
    slow = results[0]["seconds"]["median"]
    assert all(
        one["times_faster"]["median"] == pytest.approx(slow / one["seconds"]["median"], rel=1e-3)
        for one in results
    )
    assert "30 images, 200 annotations" in shown


def test_both_ways_of_filtering_do_the_same(tmp_path: Path) -> None:
    datasets = load("datasets")
    datasets.make_file(tmp_path / "made.json", 30, 200)
    datasets.filter_by_json(tmp_path / "made.json", tmp_path / "script.json")
    command = datasets.ways(tmp_path / "made.json", tmp_path)["figureground dataset filter"]
    subprocess.run(command, check=True)
    script, ours = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("script", "command"))
    assert 0 < len(script["annotations"]) < 200
    assert ours == script


def test_imports(tmp_path: Path) -> None:
    shown, saved = run("imports", "--rounds", "1", tmp_path / "i.json")
    results = saved["results"]
    assert isinstance(results, list)
    heavy = {one["start"]: one["heavy"] for one in results}
    assert heavy["python alone"] == heavy["import figureground"] == []
    assert not set(heavy["figureground --help"]) & {"torch", "cv2", "av", "numpy"}
    assert "import figureground" in shown


def test_heavy_modules_are_seen() -> None:
    assert load("imports").heavy_modules(["-c", "import PIL.Image, json"]) == ["PIL"]


@pytest.mark.parametrize(
    ("found", "truth", "counts"),
    [
        ([[1, 1, 0, 0]], [[255, 0, 255, 0]], (1, 1, 1)),
        ([[9, 9, 9, 0]], [[170, 85, 50, 254]], (0, 0, 0)),  # border, outside, shadow: not judged
        ([[0, 0, 0, 0]], [[0, 0, 0, 0]], (0, 0, 0)),
        ([[255] * 4], [[255, 255, 255, 0]], (3, 1, 0)),
    ],
)
def test_count(found: list[list[int]], truth: list[list[int]], counts: tuple[int, int, int]) -> None:
    assert tuple(load("accuracy").count(np.uint8(found), np.uint8(truth))) == counts


@pytest.fixture
def sequence(tmp_path: Path) -> Path:
    """Ten frames in which a square goes over a grey ground; the truth of four of them."""
    for name in ("input", "groundtruth"):
        (tmp_path / "arena" / name).mkdir(parents=True)
    for i in range(1, 11):
        image, truth = np.full((60, 90), 100, np.uint8), np.zeros((60, 90), np.uint8)
        image[20:40, 8 * i - 6 : 8 * i + 6] = 220
        truth[20:40, 8 * i - 6 : 8 * i + 6] = 255
        truth[:, :2] = 85
        suffix = "jpg" if i == 9 else "png"
        cv2.imwrite(str(tmp_path / f"arena/input/in{i}.{suffix}"), image)
        if i % 3 == 1:
            cv2.imwrite(str(tmp_path / f"arena/groundtruth/gt_{i:06d}.png"), truth)
    return tmp_path / "arena"


def test_truths_belong_to_the_frames_with_their_numbers(sequence: Path) -> None:
    truths = load("accuracy").truths_of(sequence)
    assert {i: path.name for i, path in truths.items()} == {
        0: "gt_000001.png",
        3: "gt_000004.png",
        6: "gt_000007.png",
        9: "gt_000010.png",
    }


def test_accuracy(tmp_path: Path, sequence: Path) -> None:
    shown, saved = run("accuracy", sequence.parent, "--find", "median+otsu", "knn", tmp_path / "a.json")
    results = saved["results"]
    assert isinstance(results, list)
    assert results[0]["sequences"]["arena"]["f"] > 0.95  # the median is the empty ground; corners are rounded
    assert results[0]["mean_f"] == results[0]["sequences"]["arena"]["f"] > results[1]["mean_f"]
    assert "| median+otsu | " in shown


def test_accuracy_says_what_is_missing(sequence: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "bgsegm", raising=False)
    accuracy = load("accuracy")
    found = accuracy.measure("gsoc", [sequence])
    assert "opencv-contrib-python-headless" in found["missing"]
    assert accuracy.rows([found], ["arena"])[0][:2] == ["gsoc", "missing"]


def test_sequences(sequence: Path) -> None:
    find = load("accuracy").find_sequences
    assert find([sequence]) == find([sequence.parent]) == [sequence]
    with pytest.raises(ValueError, match="neither holds input/ and groundtruth/"):
        find([sequence / "input"])


def test_truth_of_another_size(sequence: Path) -> None:
    with pytest.raises(ValueError, match=r"gt_000001.png: expected a picture of \(61, 90\)"):
        load("accuracy").read_truth(sequence / "groundtruth/gt_000001.png", (61, 90))


def test_real_sequences_are_whole() -> None:
    accuracy = load("accuracy")
    sequences = accuracy.find_sequences([DATA / "fixed_camera/sbi"])
    assert [folder.name for folder in sequences] == ["Board", "CAVIAR2", "CaVignal"]
    assert [len(accuracy.truths_of(folder)) for folder in sequences] == [228, 460, 258]


def test_spread() -> None:
    report = load("report")
    assert report.spread([4.0, 1.0])["median"] == 2.5
    assert report.shown(report.spread([4.0, 1.0]), 1) == "2.5 (1.0-4.0)"


def test_identity(tmp_path: Path) -> None:
    """Within six short steps nobody meets anybody, so nobody is mistaken."""
    out = tmp_path / "i.json"
    chosen = ["--frames", "6", "--speeds", "1", "--seeds", "3", "--trackers", "motion", "-o", str(out)]
    load("identity").main(chosen)
    results = json.loads(out.read_text(encoding="utf-8"))["results"]
    assert {(one["count"], one["merged"], one["drop"]) for one in results} == {
        (count, merged, drop) for count in (8, None) for merged in (False, True) for drop in (0.0, 0.1)
    }
    assert [(one["switches"], one["ids"]) for one in results] == [(0, 8)] * 8


def test_empty(tmp_path: Path) -> None:
    """The median of what shows the ground alone is nearer to it than that of everything."""
    out = tmp_path / "e.json"
    load("empty").main(["--clips", "sits 50 %", "--ways", "median", "oracle", "--seeds", "0", "-o", str(out)])
    (clip,) = json.loads(out.read_text(encoding="utf-8"))["results"]
    assert clip["clip"] == "sits 50 %"
    assert clip["means"]["oracle"][0] < clip["means"]["median"][0]
