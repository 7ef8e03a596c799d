import numpy as np
import pytest
import torch
from made_pairs import Boxes, made_pair

from figureground.errors import InputError
from figureground.training.pair.recipe import PairRecipe
from figureground.training.pair.stock import Stock, fitted, held_pairs, to_batch

RECIPE = PairRecipe(steps=9, size=(32, 64), batch=4, kept=16, fresh=2.0, workers=0, seed=3)


def drawn(recipe: PairRecipe, steps: range) -> list[torch.Tensor]:
    with Stock(Boxes((32, 64)), recipe, steps.start) as stock:
        return [stock.draw(step)["frame"] for step in steps]


def test_batches_have_their_form() -> None:
    batch = to_batch([made_pair(number, (32, 64)) for number in range(3)])
    assert {name: (tuple(one.shape), one.dtype) for name, one in batch.items()} == {
        "background": ((3, 3, 32, 64), torch.uint8),
        "frame": ((3, 3, 32, 64), torch.uint8),
        "noise": ((3, 1, 32, 64), torch.float32),
        "mask": ((3, 1, 32, 64), torch.float32),
        "depth": ((3, 1, 32, 64), torch.float32),
    }
    assert np.array_equal(batch["frame"][1].permute(1, 2, 0).numpy(), made_pair(1, (32, 64)).frame)


def test_the_same_step_draws_the_same_and_others_differ() -> None:
    first, second = drawn(RECIPE, range(4)), drawn(RECIPE, range(4))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], first[1])


def test_a_training_that_goes_on_draws_what_it_would_have_drawn() -> None:
    assert torch.equal(drawn(RECIPE, range(6))[5], drawn(RECIPE, range(5, 6))[0])


def test_old_pairs_go() -> None:
    with Stock(Boxes((32, 64)), RECIPE) as stock:
        stock.draw(40)
        assert len(stock.sample(1000)) <= RECIPE.kept + 2 * 64 + 3


def test_without_a_number_of_fresh_pairs_no_step_waits() -> None:
    with Stock(Boxes((32, 64)), PairRecipe(steps=9, size=(32, 64), batch=4, kept=16, workers=0)) as stock:
        stock.draw(0)
        waited = stock.waited
        stock.draw(10_000)
        assert stock.waited - waited < 5


def test_an_error_of_the_material_arrives_as_it_is() -> None:
    with pytest.raises(InputError, match=r"^box\.png: is damaged$"), Stock(Boxes(fails=2), RECIPE) as stock:
        stock.draw(0)


def test_material_without_pairs_is_told() -> None:
    with (
        pytest.raises(InputError, match="no pairs to learn from"),
        Stock(Boxes((32, 64), each=0), RECIPE) as stock,
    ):
        stock.draw(0)


@pytest.mark.slow
def test_other_processes_make_the_same_pairs_and_hand_over_errors() -> None:
    recipe = PairRecipe(steps=9, size=(32, 64), batch=4, kept=16, fresh=2.0, workers=2, seed=3)
    expected = drawn(RECIPE, range(2))
    assert all(torch.equal(a, b) for a, b in zip(drawn(recipe, range(2)), expected, strict=True))
    with (
        pytest.raises(InputError, match=r"^box\.png: is damaged$"),
        Stock(Boxes((32, 64), fails=1), recipe) as stock,
    ):
        stock.draw(0)


def test_held_pairs_come_from_several_units_of_the_part_test() -> None:
    pairs = held_pairs(Boxes((32, 64)), "test", (32, 64), 9)
    assert len(pairs) == 9
    assert np.array_equal(pairs[0].frame, made_pair(3, (32, 64)).frame)
    assert len({pair.frame.tobytes() for pair in pairs}) == 9


def test_a_pair_of_another_size_is_brought_to_it() -> None:
    pair = fitted(made_pair(0, (40, 120)), (32, 64))
    assert pair.mask.shape == (32, 64)
    assert pair.frame.shape == (32, 64, 3)
