from pathlib import Path

import pytest

from figureground.errors import InputError
from figureground.models.yaml_file import read_yaml

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefghijklmnopqrstuvwx", "bcdefghijklmnopqrstuvwxy", strict=True)
)


def put(folder: Path, text: str) -> Path:
    (folder / "config.yaml").write_text(text)
    return folder / "config.yaml"


def test_aliases_are_read(tmp_path: Path) -> None:
    tree = read_yaml(put(tmp_path, "A: &id001 [1.0, 2]\nB: *id001\nC: {D: ''}\n"))
    assert tree == {"A": [1.0, 2], "B": [1.0, 2], "C": {"D": ""}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LAUGHS, "has more aliases than a configuration needs"),
        ("a: &a {b: 1}\nc: {<<: *a}\n", "has more aliases"),
        ("a: !!python/object/apply:os.system ['touch trace']", "no YAML of plain values"),
        ("a: !!python/name:os.system", "no YAML of plain values"),
        ("[" * 20_000, "is nested deeper"),
        ("a: [1", "no YAML of plain values"),
        ("just text", "expected names and values"),
        ("", "expected names and values"),
        ("a: 2026-99-99", "no YAML of plain values"),
        ("a: " + "x" * (1 << 20), "is larger than any configuration"),
    ],
    ids=["laughs", "merge", "object", "name", "deep", "open", "text", "empty", "date", "large"],
)
def test_what_is_no_configuration_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=told):
        read_yaml(put(tmp_path, text))
    assert [one.name for one in tmp_path.iterdir()] == ["config.yaml"]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"c.yaml: is no YAML"):
        read_yaml(tmp_path / "c.yaml")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_yaml(tmp_path / "none.yaml")
