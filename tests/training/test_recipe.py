from pathlib import Path

import pytest

from figureground.errors import InputError, OptionError
from figureground.training.recipe import Augment, Recipe, checked, read_recipe, recipe_for, write_recipe


def test_a_recipe_comes_back_from_its_file(tmp_path: Path) -> None:
    recipe = recipe_for("resnet50", "coco", epochs=7, augment=Augment(scale=(0.5, 2.0), paste=0.25))
    write_recipe(recipe, tmp_path / "recipe.toml")
    assert read_recipe(tmp_path / "recipe.toml") == recipe


def test_names_with_quotes_and_accents_come_back(tmp_path: Path) -> None:
    recipe = recipe_for(start='mod\u00e8le "1" \\ \u4e2d')
    write_recipe(recipe, tmp_path / "recipe.toml")
    assert read_recipe(tmp_path / "recipe.toml").start == recipe.start


def test_what_a_file_leaves_out_depends_on_the_start(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('start = "coco"\nmodel = "resnet50"\n[augment]\nflip_y = 0\n')
    recipe = read_recipe(tmp_path / "a.toml")
    assert (recipe.rate, recipe.regions, recipe.augment.flip_y) == (2e-4, 128, 0)
    assert recipe.augment.flip_x == Augment().flip_x


def test_values_go_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("iterations = 70\nbatch = 3\n")
    recipe = read_recipe(tmp_path / "a.toml", epochs=5)
    assert (recipe.epochs, recipe.iterations, recipe.batch) == (5, 0, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rte = 1", "there is no rte; a recipe has: model"),
        ("[augment]\nspin = 1", r"there is no augment\.spin"),
        ("batch = 'two'", "Expected int, got str"),
        ("batch = ", "no TOML"),
        ("augment = 3", "must be a table"),
    ],
)
def test_damaged_files(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_recipe(tmp_path / "a.toml")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"model": "yolo"}, "no model 'yolo'; choose one of: mobilenet"),
        ({"batch": 0}, "batch: must be 1 to 1024, got 0"),
        ({"rate": 0.0}, "rate: must be"),
        ({"rate": float("nan")}, "rate: must be"),
        ({"size": 20}, "size: must be 64 or more"),
        ({"iterations": 5, "epochs": 5}, "give one of them"),
        ({"iterations": 0}, "neither iterations nor epochs"),
        ({"augment": Augment(paste=1.5)}, r"augment\.paste: must lie within 0 to 1, got 1\.5"),
        ({"augment": Augment(scale=(2.0, 1.0))}, r"augment\.scale: .* got 2 to 1"),
        ({"augment": Augment(crop_part=(0.0, 1.0))}, r"augment\.crop_part"),
        ({"freeze": "head"}, "freeze: .*choose one of: none, backbone, all-but-heads"),
        ({"optimizer": "adam"}, "optimizer: .*choose one of: adamw, sgd"),
        ({"schedule": "flat"}, "schedule: .*choose one of"),
        ({"precision": "half"}, "precision: .*choose one of"),
    ],
)
def test_numbers_that_make_no_sense(values: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        recipe_for(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("pictures", "batch", "steps"), [(7, 2, 11), (6, 2, 9), (1, 4, 1)])
def test_epochs_are_steps(pictures: int, batch: int, steps: int) -> None:
    assert checked(Recipe(epochs=3, batch=batch)).steps(pictures) == steps


def test_size_makes_the_architecture() -> None:
    what = Recipe(model="resnet50", size=300, iterations=1).architecture()
    assert (what.short_side, what.long_side) == (300, 500)
    assert Recipe(model="resnet50").architecture().short_side == 800
