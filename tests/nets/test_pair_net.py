import pytest
import torch

from figureground.errors import OptionError
from figureground.nets.pair import PairDesign, PairNet, check_sides, count_parameters


def shown(height: int = 64, width: int = 96, count: int = 1) -> tuple[torch.Tensor, ...]:
    chance = torch.Generator().manual_seed(3)
    pictures = torch.rand(2, count, 3, height, width, generator=chance)
    background = 30 + 190 * pictures[0]  # the difference stays below what counts as one beyond all noise
    return background, background + 40 * pictures[1] - 20, torch.full((count, 1, height, width), 2.0)


@pytest.fixture(scope="module")
def net() -> PairNet:
    torch.manual_seed(0)
    return PairNet().eval()


def test_it_is_small(net: PairNet) -> None:
    assert count_parameters(net) <= 600_000


@pytest.mark.parametrize("output", [0, 1], ids=["mask", "depth"])
@pytest.mark.parametrize("given", [0, 1, 2], ids=["background", "frame", "noise"])
def test_each_output_depends_on_each_input(net: PairNet, output: int, given: int) -> None:
    inputs = [one.clone().requires_grad_() for one in shown()]
    net(*inputs)[output].sum().backward()
    grad = inputs[given].grad
    assert grad is not None
    assert (grad.abs().amax((0, 1)) > 0).float().mean() > 0.9


def test_the_same_change_of_both_pictures_is_not_the_same_as_of_one(net: PairNet) -> None:
    background, frame, noise = shown()
    brighter = [net(background + a, frame + b, noise)[0] for a, b in ((20, 20), (20, 0), (0, 20))]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert (brighter[i] - brighter[j]).abs().max() > 1e-3


def test_a_change_reaches_across_the_whole_picture(net: PairNet) -> None:
    background, frame, noise = shown(64, 320)
    other = frame.clone()
    other[..., :32] = 255 - other[..., :32]
    apart = (net(background, other, noise)[0] - net(background, frame, noise)[0]).abs()
    assert apart[..., 288:].max() > 0


@pytest.mark.parametrize(("height", "width"), [(32, 32), (32, 224), (160, 96)])
def test_any_size(net: PairNet, height: int, width: int) -> None:
    mask, depth = net(*shown(height, width, 2))
    assert mask.shape == (2, 1, height, width)
    assert depth.shape == (2, 1, height // 2, width // 2)
    assert depth.min() > 0


def test_pictures_of_a_batch_do_not_see_each_other(net: PairNet) -> None:
    inputs = shown(count=3)
    together, alone = net(*inputs)[0][1], net(*(one[1:2] for one in inputs))[0][0]
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_variants() -> None:
    inputs = shown()
    (mask,) = PairNet(PairDesign(depth=False)).eval()(*inputs)
    assert mask.shape[2:] == (64, 96)
    (depth,) = PairNet(PairDesign(mask=False)).eval()(*inputs)
    assert depth.shape[2:] == (32, 48)


def test_of_the_frame_alone() -> None:
    net = PairNet(PairDesign(background=False)).eval()
    background, frame, noise = shown()
    before, after = net(background, frame, noise), net(255 - background, frame, noise + 3)
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not torch.equal(before[0], net(background, 255 - frame, noise)[0])


def test_extreme_values_give_numbers(net: PairNet) -> None:
    black, white = torch.zeros(1, 3, 32, 32), torch.full((1, 3, 32, 32), 255.0)
    for one in net(black, white, torch.zeros(1, 1, 32, 32)):
        assert one.isfinite().all()


def test_one_that_gives_nothing_is_refused() -> None:
    with pytest.raises(OptionError, match="gives neither"):
        PairDesign(mask=False, depth=False)


@pytest.mark.parametrize("sides", [(0, 32), (33, 32), (32, 100)])
def test_sides_that_do_not_fit_are_refused(sides: tuple[int, int]) -> None:
    with pytest.raises(OptionError, match="multiples of 32"):
        check_sides(*sides)
