"""The table of segmenters: every entry keeps the promises of its seam, and other packages can add theirs."""

from pathlib import Path

import pytest

from figureground.errors import OptionError
from figureground.segmenters import SEGMENTERS, load_segmenter, segmenter_names
from figureground.testing import check_segmenter, made_scene

SCENE = made_scene((48, 64), frames=12, animals=2)

NAMES = [
    "pair",
    "background",
    "mog2",
    "knn",
    pytest.param("gsoc", marks=pytest.mark.contrib),
    "grabcut",
]


def test_every_segmenter_is_checked_here() -> None:
    named = [name if isinstance(name, str) else name.values[0] for name in NAMES]
    assert [*named, "maskrcnn"] == list(SEGMENTERS)  # that needs a model: tests/apps/cli/test_cut_model.py


@pytest.mark.parametrize("name", NAMES)
def test_keeps_its_promises(name: str) -> None:
    check_segmenter(load_segmenter(name, SCENE), SCENE)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("min_area", [None, 0, 17.5])
def test_takes_the_option_of_all(name: str, min_area: float | None) -> None:
    found = load_segmenter(name, SCENE, min_area=min_area)(list(SCENE))
    assert len(found) == 12
    assert all((one.areas >= (min_area or 1)).all() for one in found)


def test_a_name_that_nobody_has() -> None:
    choices = ", ".join(segmenter_names())
    with pytest.raises(OptionError, match=f"^no segmenter 'sam'; choose one of: {choices}$"):
        load_segmenter("sam", SCENE)


@pytest.mark.parametrize("name", ["pair", "background", "mog2", "knn", "gsoc", "grabcut"])
def test_an_option_that_it_does_not_have(name: str) -> None:
    message = f"^segmenter '{name}': got an unexpected keyword argument 'colour'"
    with pytest.raises(OptionError, match=message):
        load_segmenter(name, SCENE, colour="red")


@pytest.fixture
def another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that registers the segmenters `nothing` and `broken`."""
    (tmp_path / "others.py").write_text(
        "from figureground.instances import Instances\n"
        "class Nothing:\n"
        "    classes = ('ghost',)\n"
        "    stateful = False\n"
        "    def __init__(self, source, least):\n"
        "        self.source, self.least = source, least\n"
        "    def __call__(self, frames):\n"
        "        return [Instances.empty(frame.size) for frame in frames]\n"
        "def load(source, *, least=3):\n"
        "    return Nothing(source, least)\n"
        "def broken(source):\n"
        "    return len(5)\n"
    )
    info = tmp_path / "others-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[figureground.segmenters]\nnothing = others:load\nbroken = others:broken\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("another_package")
def test_another_package_adds_its_own() -> None:
    assert segmenter_names() == [*SEGMENTERS, "nothing", "broken"]
    found = load_segmenter("nothing", SCENE, least=7)
    assert (found.classes, found.source, found.least) == (("ghost",), SCENE, 7)  # type: ignore[attr-defined]
    check_segmenter(found, SCENE)


@pytest.mark.usefixtures("another_package")
def test_its_faults_are_not_taken_for_wrong_options() -> None:
    with pytest.raises(TypeError, match="object of type 'int' has no len") as caught:
        load_segmenter("broken", SCENE)
    assert not isinstance(caught.value, OptionError)


def test_no_other_package_no_other_names() -> None:
    assert segmenter_names() == list(SEGMENTERS)
