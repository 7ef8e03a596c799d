"""Pairs on disk and back; hostile and damaged stores; runs that were stopped."""

import json
import pickle
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from figureground.datasets.compose import store as module
from figureground.datasets.compose.coding import (
    data_to_depth,
    data_to_mask,
    data_to_noise,
    depth_to_data,
    mask_to_data,
    noise_to_data,
)
from figureground.datasets.compose.scene import Pair
from figureground.datasets.compose.sheet import pairs_to_sheet
from figureground.datasets.compose.store import Store
from figureground.datasets.compose.store_write import write_store
from figureground.datasets.compose.tally import Tally, joined_tallies
from figureground.errors import InputError, OptionError, OutputError
from figureground.files import part_folder

SIZE = 17, 23


def pair(seed: int, *, known: bool = True) -> Pair:
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.1, 1, SIZE).astype(np.float32)
    depth[:3] = np.nan
    return Pair(
        rng.integers(0, 256, (*SIZE, 3)).astype(np.uint8),
        rng.integers(0, 256, (*SIZE, 3)).astype(np.uint8),
        rng.uniform(0, 30, SIZE).astype(np.float32),
        rng.random(SIZE) < 0.3,
        depth if known else np.full(SIZE, np.nan, np.float32),
    )


def shard(number: int) -> list[Pair]:
    """2 pairs in the first shard, 3 in the second, none in the third."""
    return [pair(10 * number + k, known=k != 1) for k in range((2, 3, 0)[number])]


def write(out: Path, make: Callable[[int], Iterator[Pair] | list[Pair]] = shard, **options: object) -> dict:
    return write_store(out, make, 3, {"seed": 4}, size=SIZE, **options)  # type: ignore[arg-type]


def test_lossless_pairs_come_back_as_they_were(tmp_path: Path) -> None:
    write(tmp_path / "out", lossless=True)
    stored = Store(tmp_path / "out")
    expected = [*shard(0), *shard(1)]
    assert len(stored) == 5
    for number in (4, 0, 2, 1, 3):
        one, other = stored[number], expected[number]
        assert np.array_equal(one.background, other.background)
        assert np.array_equal(one.frame, other.frame)
        assert np.array_equal(one.mask, other.mask)
        assert np.abs(one.noise - other.noise).max() <= 1 / 16
        assert np.allclose(one.depth, other.depth, atol=1 / 131_000, equal_nan=True)
    with pytest.raises(IndexError, match="5 pairs"):
        stored[5]
    stored.close()


def test_the_zip_files_are_stored_with_masks_of_one_bit(tmp_path: Path) -> None:
    write(tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out/shards/00001.zip") as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        with archive.open("00000_mask.png") as file:
            assert Pillow.open(file).mode == "1"
        assert "00001_depth.png" not in archive.namelist()  # nothing is known there
        assert archive.namelist().count("00000_frame.jpg") == 1


def test_a_background_of_several_pairs_is_written_once(tmp_path: Path) -> None:
    first = pair(0)
    pairs = [
        Pair(first.background, pair(k).frame, first.noise, pair(k).mask, pair(k).depth) for k in range(4)
    ]
    write_store(tmp_path / "out", lambda number: pairs, 1, {}, size=SIZE)
    with zipfile.ZipFile(tmp_path / "out/shards/00000.zip") as archive:
        names = [name.partition("_")[2] for name in archive.namelist()]
    assert (names.count("background.jpg"), names.count("frame.jpg")) == (1, 4)
    assert len(Store(tmp_path / "out")) == 4


def test_statistics_are_exact(tmp_path: Path) -> None:
    """Of what is read back, by numpy over all pixels at once."""
    told = write(tmp_path / "out")
    stored = Store(tmp_path / "out")
    pairs = [stored[k] for k in range(5)]
    for name, images in (
        ("frames", [one.frame for one in pairs]),
        ("backgrounds", [one.background for one in pairs]),
    ):
        pixels = np.concatenate([image.reshape(-1, 3) for image in images]).astype(np.float64)
        assert told[name]["mean"] == pytest.approx(pixels.mean(axis=0).tolist(), rel=1e-12)
        assert told[name]["std"] == pytest.approx(pixels.std(axis=0).tolist(), rel=1e-12)
    assert told["share_of_figure"] == pytest.approx(np.mean([one.mask.mean() for one in pairs]))
    known = [np.isfinite(one.depth).mean() for one in pairs]
    assert told["share_of_known_depth"] == pytest.approx(np.mean(known))
    index = json.loads((tmp_path / "out/index.json").read_text())
    assert index["statistics"]["frames"] == told["frames"]
    assert index["recipe"]["seed"] == 4


def test_the_same_pairs_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) == 6
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def stopping(number: int) -> Iterator[Pair]:
    yield from shard(number)[:1]
    if number == 1:
        raise KeyboardInterrupt


def test_a_run_that_was_stopped_keeps_its_whole_shards(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        write(out, lambda number: shard(number) if number == 0 else stopping(number))
    assert not out.exists()
    asked: list[int] = []

    def counted(number: int) -> list[Pair]:
        asked.append(number)
        return shard(number)

    told = write(out, counted, resume=True)
    assert asked == [1, 2]
    assert told == write(tmp_path / "at_once")
    assert (out / "shards/00001.zip").read_bytes() == (tmp_path / "at_once/shards/00001.zip").read_bytes()
    assert not part_folder(out).exists()


def test_going_on_with_other_options_or_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(OptionError, match="nothing to go on with"):
        write(out, resume=True)
    with pytest.raises(KeyboardInterrupt):
        write(out, stopping)
    with pytest.raises(OptionError, match="other options"):
        write(out, resume=True, lossless=True)
    part = part_folder(out) / "shards/00000.zip"
    part.write_bytes(part.read_bytes()[:-40])  # damaged since: made again
    assert write(out, resume=True)["pairs"] == 5


def test_what_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path / "out")
    with pytest.raises(OutputError, match="is there already"):
        write(tmp_path / "out")
    assert write(tmp_path / "out", overwrite=True)["pairs"] == 5
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/x.txt").write_text("x")
    with pytest.raises(OutputError, match="not written by figureground"):
        write(tmp_path / "mine", overwrite=True)


def test_no_pairs(tmp_path: Path) -> None:
    told = write_store(tmp_path / "out", lambda number: [], 0, {}, size=SIZE)
    assert told["pairs"] == 0
    assert told["frames"] == {"mean": [0, 0, 0], "std": [0, 0, 0]}
    assert len(Store(tmp_path / "out")) == 0


def test_few_files_are_open_and_none_travels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPEN", 2)
    write_store(tmp_path / "out", lambda number: [pair(number)], 5, {}, size=SIZE, lossless=True)
    stored = Store(tmp_path / "out")
    for number in (0, 1, 2, 3, 4, 0):
        assert np.array_equal(stored[number].frame, pair(number).frame)
        assert len(stored._open) <= 2
    again = pickle.loads(pickle.dumps(stored))
    assert np.array_equal(again[3].frame, pair(3).frame)
    again.close()
    stored.close()


def member(folder: Path, name: str, data: bytes | None) -> None:
    """Replace a member of the first shard; None removes it."""
    path = folder / "shards/00000.zip"
    with zipfile.ZipFile(path) as archive:
        kept = {one: archive.read(one) for one in archive.namelist() if one != name}
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in {**kept, **({} if data is None else {name: data})}.items():
            archive.writestr(one, content)


def png(size: tuple[int, int], mode: str) -> bytes:
    import io

    out = io.BytesIO()
    Pillow.new(mode, size[::-1]).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda out: (out / "shards/00000.zip").unlink(), "cannot be read"),
        (lambda out: (out / "shards/00000.zip").write_bytes(b"PK nothing"), "no zip file"),
        (lambda out: member(out, "pairs.json", None), "has no pairs.json"),
        (lambda out: member(out, "pairs.json", b"[[[[" * 9), "list is damaged"),
        (
            lambda out: member(out, "pairs.json", b'{"pairs":[],"tally":{}}'),
            "has 0 pairs; the index tells of 2",
        ),
        (lambda out: member(out, "00000_frame.jpg", None), "has no '00000_frame.jpg'"),
        (lambda out: member(out, "00000_frame.jpg", b"\xff\xd8\xff nothing"), "00000_frame.jpg"),
        (lambda out: member(out, "00000_mask.png", png((5, 7), "1")), r"mask of pair 0 is \(5, 7\)"),
        (lambda out: member(out, "00000_noise.png", png(SIZE, "RGB")), "mode L, got RGB"),
        (lambda out: member(out, "00000_depth.png", png(SIZE, "L")), "mode I;16, got L"),
        (lambda out: member(out, "../evil.png", b"x"), "leads out of the folder"),
    ],
)
def test_damaged_and_hostile_shards(tmp_path: Path, harm: Callable[[Path], None], message: str) -> None:
    write(tmp_path / "out")
    harm(tmp_path / "out")
    with pytest.raises(InputError, match=message):
        Store(tmp_path / "out")[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"00000.zip"', '"../../etc/passwd"', "leads out of the folder"),
        ('"pairs": 2', '"pairs": -2', "a number in it cannot be"),
        ('"shards": [', '"shards": [5, ', "is damaged"),
        ("{", "", "is damaged"),
    ],
)
def test_damaged_and_hostile_indices(tmp_path: Path, old: str, new: str, message: str) -> None:
    write(tmp_path / "out")
    index = tmp_path / "out/index.json"
    text = index.read_text()
    assert old in text
    index.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        Store(tmp_path / "out")[0]


def test_folders_that_are_no_store(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="dataset compose"):
        Store(tmp_path)


@settings(max_examples=25)
@given(values=st.lists(st.floats(0.00002, 1) | st.just(float("nan")), min_size=1, max_size=40))
def test_depth_to_data_and_back(values: list[float]) -> None:
    depth = np.array([values], np.float32)
    assert np.allclose(data_to_depth(depth_to_data(depth), "x"), depth, atol=1 / 131_000, equal_nan=True)


@settings(max_examples=25)
@given(values=st.lists(st.booleans(), min_size=1, max_size=40), noise=st.floats(0, 31.8))
def test_masks_and_noise_to_data_and_back(values: list[bool], noise: float) -> None:
    mask = np.array([values, values])
    assert np.array_equal(data_to_mask(mask_to_data(mask), "x"), mask)
    level = np.full((3, 5), noise, np.float32)
    assert np.abs(data_to_noise(noise_to_data(level), "x") - level).max() <= 1 / 16


def test_tallies_add_up() -> None:
    whole, parts = Tally(), [Tally(), Tally()]
    for k in range(5):
        whole.add(pair(k))
        parts[k % 2].add(pair(k))
    assert joined_tallies(parts) == whole
    assert joined_tallies([]) == Tally()


def test_a_sheet_has_a_strip_a_pair() -> None:
    sheet = pairs_to_sheet([pair(k) for k in range(3)])
    # 5 pictures 192 wide and 4 between, twice; 192 * 17 / 23 high and 2 between, two rows
    assert sheet.shape == (2 * (round(192 * 17 / 23) + 2), 2 * (5 * 192 + 4), 3)
    assert pairs_to_sheet([]).shape == (1, 1, 3)
    unknown = pairs_to_sheet([pair(0, known=False)], columns=1)
    assert unknown[60, 4 * 192 + 90].tolist() == [40, 40, 60]
