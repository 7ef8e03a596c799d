"""Zip files from strangers: what is refused, and that nothing else than InputError comes of damage."""

import random
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from figureground.datasets import archive
from figureground.datasets.archive import open_zip, safe_name, unpacked
from figureground.errors import InputError

CENTRAL = b"PK\x01\x02"
FLAGS, FILE_SIZE, OFFSET = (8, "<H"), (24, "<I"), (42, "<I")  # in an entry of the central directory


def zipped(path: Path, members: dict[str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packed) as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name), data, packed)
    return path


def patched(path: Path, field: tuple[int, str], value: int, entry: int = 0) -> Path:
    """`path` with another value of a field in the central directory's entry of that number."""
    data = bytearray(path.read_bytes())
    at = -1
    for _ in range(entry + 1):
        at = data.index(CENTRAL, at + 1)
    struct.pack_into(field[1], data, at + field[0], value)
    path.write_bytes(data)
    return path


def test_an_ordinary_zip_file_is_read(tmp_path: Path) -> None:
    content = {"a/b.json": b"{}" * 900, "images/ä b.jpg": bytes(range(251)), "empty": b""}
    with open_zip(zipped(tmp_path / "a.zip", content)) as file:
        assert {info.filename: unpacked(file, info) for info in file.infolist()} == content


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../a.jpg", "a/../../b.jpg", "a\\..\\..\\b.jpg", "..\\a.jpg", "C:\\a.jpg", "C:a.jpg",
     "c:/a.jpg", "\\\\host\\share\\a.jpg", "//host/share/a.jpg", "\\a.jpg", "..", "a/..", " "],
)  # fmt: skip
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leads out of the folder"):
        safe_name(name)
    with pytest.raises(InputError, match=r"a\.zip: .* leads out of the folder; nothing of this"):
        open_zip(zipped(tmp_path / "a.zip", {"fine.txt": b"x", name: b"x"}))


@pytest.mark.parametrize(
    "name", ["a.jpg", "a/b/c.jpg", "a..b.jpg", "..a/b", "a/.hidden", "video:12.jpg", "~/a"]
)
def test_other_names_are_taken_as_they_are(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize("name", ["", "\0", "a\0b"])
def test_names_that_no_file_can_have_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="is not opened"):
        safe_name(name)


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("images/a.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match=r"'images/a\.jpg' is a link"):
        open_zip(tmp_path / "a.zip")


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = patched(zipped(tmp_path / "a.zip", {"a.json": b"{}"}), FLAGS, 1)
    with pytest.raises(InputError, match="is encrypted"):
        open_zip(path)


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.json": b"{}", "b.json": b"{}"})
    path.write_bytes(path.read_bytes().replace(b"b.json", b"a.json"))
    with pytest.raises(InputError, match=r"'a\.json' is there twice"):
        open_zip(path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.json": bytes(archive.BOMB_SIZE + 1)})
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match=r"unpacks from \d+ to 67108865 bytes, as only a zip bomb does"):
        open_zip(path)


def test_a_bomb_of_many_small_ones_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{number}": bytes(2 << 20) for number in range(37)})
    with pytest.raises(InputError, match=r"unpacks from \d+ to 77594624 bytes, as only a zip bomb does"):
        open_zip(path)


def test_a_member_that_tells_a_small_size_is_not_unpacked_beyond_it(tmp_path: Path) -> None:
    path = patched(zipped(tmp_path / "a.zip", {"a.json": bytes(50 << 20)}), FILE_SIZE, 10)
    tracemalloc.start()
    with open_zip(path) as file, pytest.raises(InputError, match=r"a\.json is damaged"):
        unpacked(file, file.infolist()[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    noise = random.Random(0).randbytes(1009)
    path = zipped(tmp_path / "a.zip", {name: noise for name in "abc"}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    start, second = data.index(CENTRAL), data.index(b"PK\x03\x04", 10)
    packed = bytearray(data[:second] + data[start:])  # only the first member's bytes, but all three entries
    end = packed.rindex(b"PK\x05\x06")
    struct.pack_into("<I", packed, end + 16, second)
    path.write_bytes(packed)
    patched(patched(path, OFFSET, 0, 1), OFFSET, 0, 2)
    with pytest.raises(InputError, match="its members overlap"):
        open_zip(path)


@pytest.mark.parametrize(
    ("name", "value", "text"), [("MEMBERS", 2, "has 3 members"), ("LARGEST", 99, "too much")]
)
def test_limits(name: str, value: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "a.zip", {"a": b"", "b": bytes(100), "c": b""})
    open_zip(path).close()
    monkeypatch.setattr(archive, name, value)
    with pytest.raises(InputError, match=text):
        open_zip(path)


def test_what_is_no_zip_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"dear diary")
    with pytest.raises(InputError, match=r"a\.zip: is no zip file, or is damaged"):
        open_zip(tmp_path / "a.zip")
    with pytest.raises(InputError, match=r"b\.zip: cannot be read: No such file"):
        open_zip(tmp_path / "b.zip")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        open_zip(tmp_path)


@pytest.mark.parametrize(
    "packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_damage_is_an_input_error_or_does_not_matter(packed: int, tmp_path: Path) -> None:
    chance = random.Random(packed)
    whole = zipped(
        tmp_path / "a.zip", {"a.json": b'{"images": []}' * 40, "b": b"x" * 71}, packed
    ).read_bytes()
    failed = 0
    for case in range(150):
        data = bytearray(whole[: chance.randrange(len(whole))] if case % 3 == 0 else whole)
        for _ in range(chance.randrange(1, 4) if data else 0):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / "b.zip").write_bytes(data)
        try:
            with open_zip(tmp_path / "b.zip") as file:
                for info in file.infolist():
                    unpacked(file, info)
        except InputError:
            failed += 1
    assert failed > 75
