import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from figureground.apps.cli.main import main
from figureground.datasets.dataset import Annotation, Category, Dataset, Picture, new
from figureground.datasets.formats import read_dataset, write_dataset

DATA = Path(__file__).parents[4] / "shared/data"
COMBO = str(DATA / "seeds/combo_annotations.json")
COCO128 = str(DATA / "coco/coco128/instances.json")

Capture = pytest.CaptureFixture[str]


def run(capfd: Capture, *arguments: str, code: int = 0) -> tuple[dict[str, Any], str]:
    """The record and what was said of `figureground dataset` with `arguments` and --json."""
    assert main(["dataset", *arguments, "--json"]) == code
    said = capfd.readouterr()
    assert "Traceback" not in said.err
    return json.loads(said.out), said.err


def test_filter(tmp_path: Path, capfd: Capture) -> None:
    out = tmp_path / "larva.json"
    record, said = run(capfd, "filter", COMBO, "-o", str(out), "--classes", "larva", "--renumber")
    assert (record["images"], record["classes"]) == (31, {"larva": 280})
    assert record["before"]["classes"] == {"rat": 218, "larva": 280}
    assert [line.split() for line in said.splitlines()] == [
        ["->", str(out)],
        ["before", "after"],
        ["images", "212", "31"],
        ["annotations", "498", "280"],
        ["rat", "218", "0"],
        ["larva", "280", "280"],
    ]
    written = json.loads(out.read_text())
    assert [(one["id"], one["name"]) for one in written["categories"]] == [(1, "larva")]
    assert {one["category_id"] for one in written["annotations"]} == {1}
    points = {one["id"]: one["segmentation"] for one in json.loads(Path(COMBO).read_text())["annotations"]}
    assert all(one["segmentation"] == points[one["id"]] for one in written["annotations"])


@pytest.mark.parametrize(
    ("options", "images"),
    [
        (["--any", "sports ball"], 6),
        (["--all", "sports ball, person"], 6),
        (["--min-side", "480"], 33),
        (["--no-crowd", "--min-area", "100000"], None),
        (["--crowd"], None),
    ],
)
def test_filter_conditions(tmp_path: Path, capfd: Capture, options: list[str], images: int | None) -> None:
    record, _ = run(capfd, "filter", COCO128, "-o", str(tmp_path / "a.json"), *options)
    raw = json.loads(Path(COCO128).read_text())
    figures = raw["annotations"]
    if "--crowd" in options:
        images = len({one["image_id"] for one in figures if one["iscrowd"]})
    elif "--min-area" in options:
        images = len({one["image_id"] for one in figures if not one["iscrowd"] and one["area"] >= 100_000})
    elif "--min-side" in options:
        images = sum(min(one["width"], one["height"]) >= 480 for one in raw["images"])
    assert record["images"] == images


def test_nothing_left(tmp_path: Path, capfd: Capture) -> None:
    record, said = run(capfd, "filter", COMBO, "-o", str(tmp_path / "a.json"), "--min-side", "9999", code=1)
    assert record["images"] == 0
    assert "no image is left" in said


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["filter", COMBO, "--classes", "mouse"], "no class 'mouse'; the classes are: larva, rat"),
        (["filter", COMBO, "--min-area", "9", "--max-area", "3"], "nothing would be left"),
        (["filter", "missing.json"], "missing.json"),
        (["balance", COMBO], "give at least one of --ratio 3"),
        (["balance", COMBO, "--classes", "rat"], "--classes is for --ratio"),
        (["balance", COMBO, "--ratio", "0.2"], "at least 1"),
        (["split", COMBO, "--parts", "train"], "is not written like train=0.8"),
        (["split", COMBO, "--parts", "a=0.5,a=0.5"], "is not written like train=0.8"),
        (["split", COMBO, "--parts", "train=0.8,val=0.1"], "add up to 1"),
        (["split", COMBO, "--group", "mask|jpg"], "'--by picture'"),
        (["subsample", COMBO, "-n", "0"], "a fraction below 1"),
        (["subsample", COMBO, "-n", "3", "--how", "odd"], "random, even, classes"),
        (["subject", COMBO, "--share", "40"], "such as 0.4 for 40 %"),
        (["subject", COMBO, "--weight", "heavy"], "soft, plain"),
        (["merge", COMBO, COMBO], "--images FOLDER"),
    ],
)
def test_wrong(tmp_path: Path, capfd: Capture, arguments: list[str], match: str) -> None:
    record, said = run(capfd, *arguments, "-o", str(tmp_path / "a.json"), code=2)
    assert match in said
    assert said.count("\n") == 1
    assert record["status"] == "failed"
    assert list(tmp_path.iterdir()) == []


def test_balance(tmp_path: Path, capfd: Capture) -> None:
    out = str(tmp_path / "a.json")
    record, said = run(capfd, "balance", COMBO, "-o", out, "--ratio", "1.1")
    assert record["reached"]
    assert record["classes"]["rat"] == 218
    assert record["classes"]["larva"] <= 1.1 * 218
    assert "wanted 1.1 : 1 at most" in said


def test_balance_that_cannot_be(tmp_path: Path, capfd: Capture) -> None:
    out = tmp_path / "a.json"
    options = ["--ratio", "3", "--classes", "person,sports ball"]
    record, said = run(capfd, "balance", COCO128, "-o", str(out), *options, code=1)
    assert (record["classes"]["sports ball"], record["reached"]) == (6, False)
    assert "a class would have less than 6: sports ball (6 images)" in said
    assert len(json.loads(out.read_text())["images"]) == record["images"]


def test_balance_by_priority(tmp_path: Path, capfd: Capture) -> None:
    record, _ = run(capfd, "balance", COCO128, "-o", str(tmp_path / "a.json"), "--priority", "sports ball")
    assert (record["images"], record["classes"]["sports ball"]) == (6, 6)
    assert record["classes"]["person"] > 6


def test_split(tmp_path: Path, capfd: Capture) -> None:
    record, said = run(capfd, "split", COMBO, "-o", str(tmp_path / "set.json"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "set_test.json",
        "set_train.json",
        "set_val.json",
    ]
    assert sum(part["images"] for part in record["parts"].values()) == 212
    assert "More_rat (89)" in said
    rows = {line.split()[0]: line.split() for line in said.splitlines()}
    assert rows["images"][2::2] == ["(170)", "(21)", "(21)"]
    assert rows["larva"][1::2] == [str(part["classes"]["larva"]) for part in record["parts"].values()]


def test_split_with_pictures_in_time(tmp_path: Path, capfd: Capture) -> None:
    """All of them as one video, whose frames are the numbers in the names."""
    first = tmp_path / "first"
    run(capfd, "subsample", COCO128, "-n", "20", "-o", str(first))
    numbers = sorted(int(path.stem) for path in (first / "images").iterdir())
    test = [number for number in numbers[12:] if number > numbers[11] + 60]
    options = ["--by", "time", "--group", "^0", "--gap", "60", "--parts", "train=60,test=40"]
    record, said = run(capfd, "split", str(first), "-o", str(tmp_path / "out"), *options)
    assert record["left_out"] == 8 - len(test) > 0
    assert f"{8 - len(test)} images between the parts were left out" in said
    for name, expected in (("train", numbers[:12]), ("test", test)):
        found = sorted(int(path.stem) for path in (tmp_path / "out" / name / "images").iterdir())
        assert found == expected
        assert record["parts"][name]["images"] == len(expected)


def test_subsample(tmp_path: Path, capfd: Capture) -> None:
    for seed in ("1", "1", "2"):
        run(
            capfd,
            "subsample",
            COMBO,
            "-n",
            "0.1",
            "-o",
            str(tmp_path / "a.json"),
            "--seed",
            seed,
            "--overwrite",
        )
        (tmp_path / "a.json").rename(tmp_path / f"{len(list(tmp_path.iterdir()))}.json")
    texts = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert len(json.loads(texts[0])["images"]) == 21
    assert texts[0] == texts[1] != texts[2]


def test_subject(tmp_path: Path, capfd: Capture) -> None:
    options = ["--classes", "person", "--share", "0.4"]
    record, _ = run(capfd, "subject", COCO128, "-o", str(tmp_path / "people"), *options)
    assert (record["images"], record["annotations"]) == (4, 4)
    names = {path.name for path in (tmp_path / "people/images").iterdir()}
    assert names == {f"{number:012}.jpg" for number in (110, 370, 436, 459)}


def test_merge(tmp_path: Path, capfd: Capture) -> None:
    for name in ("rat", "larva"):
        run(capfd, "filter", COMBO, "--classes", name, "-o", str(tmp_path / f"{name}.json"), "--renumber")
    (tmp_path / "photos").mkdir()
    sets = [str(tmp_path / "rat.json"), str(tmp_path / "larva.json")]
    record, said = run(
        capfd, "merge", *sets, "-o", str(tmp_path / "all.json"), "--images", str(tmp_path / "photos")
    )
    assert (record["images"], record["classes"], record["notes"]) == (212, {"rat": 218, "larva": 280}, [])
    assert "212 images, 498 annotations, 2 classes" in said


def test_merge_of_folders_and_zips(tmp_path: Path, capfd: Capture) -> None:
    """The same ten pictures from a zip file and from a folder are kept apart, with all their files."""
    for name in ("a.zip", "b"):
        run(capfd, "subsample", COCO128, "-n", "10", "-o", str(tmp_path / name))
    sets = [str(tmp_path / "a.zip"), str(tmp_path / "b")]
    record, _ = run(capfd, "merge", *sets, "-o", str(tmp_path / "all"))
    assert record["images"] == 20
    found = sorted(
        path.relative_to(tmp_path / "all/images").as_posix() for path in (tmp_path / "all").rglob("*.jpg")
    )
    assert len(found) == 20
    assert {name.partition("/")[0] for name in found} == {"a", "b"}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_merge_names_what_it_means(tmp_path: Path, capfd: Capture) -> None:
    for name in ("one", "two"):
        run(capfd, "subsample", COMBO, "-n", "3", "-o", str(tmp_path / name / "set.json"))
    sets = [str(tmp_path / name / "set.json") for name in ("one", "two")]
    _, said = run(capfd, "merge", *sets, "-o", str(tmp_path / "all.json"), code=2)
    assert "one/set and two/set both have an image" in said


VERBS: dict[str, list[str]] = {
    "convert": [],
    "filter": ["--classes", "rat"],
    "balance": ["--priority", "rat"],
    "merge": [],
    "split": ["--by", "picture"],
    "subsample": ["-n", "2"],
    "subject": [],
    "masks": [],
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("read", "out"),
    [
        ("set", "set"),
        ("set", "set/annotations.json"),
        ("set/annotations.json", "set"),
        ("only.json", "only.json"),
        ("only.json", "set"),
        ("packed.zip", "packed.zip"),
    ],
)
def test_what_is_read_is_never_replaced(
    verb: str, read: str, out: str, tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (17, 11)).save(tmp_path / "photos/a.png")
    photo = new(Picture, id=1, file_name="a.png", width=17, height=11)
    rat = new(Annotation, id=1, image_id=1, category_id=1, segmentation=[[1, 2, 9, 2, 9, 7]], area=20)
    data = Dataset((photo,), (rat,), (new(Category, id=1, name="rat"),), tmp_path / "photos")
    for name in ("set", "packed.zip"):
        write_dataset(data, name)
    write_dataset(read_dataset("set"), "only.json")  # its pictures are those of the folder
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    images = ["--images", "set/images"] if read == "only.json" else []
    assert main(["dataset", verb, read, "-o", out, "--overwrite", *VERBS[verb], *images]) == 2
    assert "would replace what is read" in capfd.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("verb", ["subject", "split"])
def test_names_of_classes_do_not_steer_the_terminal(verb: str, tmp_path: Path, capfd: Capture) -> None:
    photo = new(Picture, id=1, file_name="a.png", width=17, height=11)
    figure = new(Annotation, id=1, image_id=1, category_id=1, bbox=[1, 2, 5, 3], area=15)
    kind = new(Category, id=1, name="red\n\x1b[2J")
    write_dataset(Dataset((photo,), (figure,), (kind,)), tmp_path / "a.json")
    options = ["--parts", "all=1"] if verb == "split" else []
    assert main(["dataset", verb, str(tmp_path / "a.json"), "-o", str(tmp_path / "b.json"), *options]) == 0
    assert r"'red\n\x1b[2J'  " in capfd.readouterr().err


def test_a_part_of_a_split_is_never_put_in_the_place_of_what_is_split(tmp_path: Path, capfd: Capture) -> None:
    """NAME.json becomes NAME_train.json, which may be the very file that is read."""
    read = tmp_path / "mice_train.json"
    read.write_bytes(Path(COMBO).read_bytes())
    arguments = ["split", str(read), "-o", str(tmp_path / "mice.json"), "--overwrite"]
    assert main(["dataset", *arguments]) == 2
    assert "would replace what is read" in capfd.readouterr().err
    assert read.read_bytes() == Path(COMBO).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["mice_train.json"]
