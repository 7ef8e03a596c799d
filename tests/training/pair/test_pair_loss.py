import math

import pytest
import torch

from figureground.training.pair.loss import depth_loss, half_depth, mask_loss, near_border

NAN = float("nan")


def half_mask() -> torch.Tensor:
    mask = torch.zeros(2, 1, 16, 24)
    mask[0, :, :, 12:] = 1
    return mask


@pytest.mark.parametrize("mask", [half_mask(), torch.zeros(1, 1, 7, 11), torch.ones(1, 1, 7, 11)])
def test_a_perfect_mask_loses_nothing(mask: torch.Tensor) -> None:
    for one in mask_loss(200 * mask - 100, mask).values():
        assert one.item() == pytest.approx(0, abs=1e-6)


def test_dice_by_hand() -> None:
    """Of 4 pixels 2 are figure; all are called so with a chance of a half: 1 - (2 * 1 + 1) / (2 + 2 + 1)."""
    mask = torch.tensor([[[[1.0, 1.0, 0.0, 0.0]]]])
    assert mask_loss(torch.zeros(1, 1, 1, 4), mask)["dice"].item() == pytest.approx(1 - 3 / 5)


def test_dice_is_over_the_batch() -> None:
    """The empty picture adds its few false pixels, not a loss of its own."""
    mask = half_mask()
    logits = 200 * mask - 100
    logits[1, 0, 0, 0] = 100
    figure = 16 * 12
    expected = 1 - (2 * figure + 1) / (2 * figure + 1 + 1)
    assert mask_loss(logits, mask)["dice"].item() == pytest.approx(expected, abs=1e-6)


def test_cross_entropy_by_hand_where_nothing_is_a_border() -> None:
    mask = torch.ones(1, 1, 5, 5)
    assert mask_loss(torch.zeros(1, 1, 5, 5), mask)["cross"].item() == pytest.approx(math.log(2))


def test_an_error_at_the_border_costs_five_times_one_elsewhere() -> None:
    mask = half_mask()[:1]
    right = 40 * mask - 20

    def cost(x: int) -> float:
        logits = right.clone()
        logits[0, 0, 8, x] = -logits[0, 0, 8, x]
        return mask_loss(logits, mask)["cross"].item()

    assert cost(12) / cost(20) == pytest.approx(5, rel=1e-3)


def test_the_border_is_two_pixels_on_either_side() -> None:
    near = near_border(half_mask())
    assert near[0, 0, 3].nonzero().flatten().tolist() == [10, 11, 12, 13]
    assert near[1].sum() == 0


def test_depth_at_half_the_sides_is_the_mean_of_what_is_known() -> None:
    depth = torch.tensor([[[[1.0, 3.0, NAN, NAN], [NAN, NAN, NAN, NAN]]]])
    half = half_depth(depth)
    assert half.shape == (1, 1, 1, 2)
    assert half[0, 0, 0, 0] == 2
    assert half[0, 0, 0, 1].isnan()


def test_a_perfect_depth_loses_nothing() -> None:
    depth = torch.rand(2, 1, 23, 31) + 0.1
    depth[0, :, :9] = NAN
    found = torch.where(depth.isnan(), torch.tensor(5.0), depth)
    for one in depth_loss(found, depth).values():
        assert one.item() == pytest.approx(0, abs=1e-5)


def test_depth_by_hand() -> None:
    """Twice the depth everywhere: the mean of 0.5 is off by 0.5, and 0.85 of the factor is forgiven."""
    depth = torch.full((1, 1, 12, 12), 0.5)
    parts = depth_loss(2 * depth, depth)
    assert parts["depth"].item() == pytest.approx(0.5)
    assert parts["factor"].item() == pytest.approx(0.15 * math.log(2) ** 2, rel=1e-4)
    light = (2 * 1 * 0.5 + 1e-4) / (1 + 0.25 + 1e-4)
    assert parts["similarity"].item() == pytest.approx(1 - light, abs=1e-4)


def test_nothing_is_learned_where_the_depth_is_not_known() -> None:
    depth = torch.full((2, 1, 16, 16), 0.5)
    depth[0, :, :8], depth[1] = NAN, NAN
    found = torch.rand(2, 1, 16, 16).add(0.2).requires_grad_()
    torch.stack(list(depth_loss(found, depth).values())).sum().backward()
    assert found.grad is not None
    assert found.grad.isfinite().all()
    assert (found.grad[1] == 0).all()
    assert (found.grad[0, :, 8:] != 0).any()


def test_pictures_without_depth_do_not_dilute_it() -> None:
    depth = torch.full((1, 1, 9, 9), 0.5)
    alone = depth_loss(depth + 0.1, depth)["depth"]
    both = torch.cat([depth, depth * NAN])
    assert depth_loss(torch.full((2, 1, 9, 9), 0.6), both)["depth"] == pytest.approx(alone.item())


def test_no_depth_at_all_loses_nothing() -> None:
    parts = depth_loss(torch.ones(2, 1, 9, 9), torch.full((2, 1, 9, 9), NAN))
    assert [one.item() for one in parts.values()] == [0, 0, 0]
