import math

import pytest
import torch
from made_training import small

from figureground.errors import OptionError
from figureground.training.learning import Learner, rate_at
from figureground.training.processes import Processes
from figureground.training.recipe import Recipe
from figureground.training.starts import started_net

ALONE = Processes(0, 1, torch.device("cpu"))


def learner(**values: object) -> Learner:
    recipe = small(**values)
    return Learner(started_net(small(), ["a"]), recipe, 10, ALONE)


def batch(figures: int = 1) -> tuple[list[torch.Tensor], list[dict[str, torch.Tensor]]]:
    image = torch.zeros((3, 61, 83), dtype=torch.uint8)
    masks = torch.zeros((figures, 61, 83), dtype=torch.uint8)
    masks[:, 10:40, 20:50] = 1
    image[:, 10:40, 20:50] = 255
    boxes = torch.tensor([[20.0, 10, 50, 40]]).repeat(figures, 1)
    return [image], [{"boxes": boxes, "labels": torch.ones(figures, dtype=torch.int64), "masks": masks}]


def test_the_rate_of_steps() -> None:
    recipe = Recipe(rate=1.0, warm_up=10, schedule="step")
    assert [rate_at(step, 110, recipe) for step in (0, 4, 9, 10, 79, 80, 99, 100, 109)] == pytest.approx(
        [0.1, 0.5, 1, 1, 1, 0.1, 0.1, 0.01, 0.01]
    )


def test_a_short_training_warms_up_shortly() -> None:
    assert rate_at(2, 8, Recipe(rate=1.0, warm_up=500)) == 1.0


def test_learning_lessens_the_loss() -> None:
    one = learner(rate=1e-3)
    losses = [one.step(number, *batch()) for number in range(20)]
    found = [step["objectness"] for step in losses]  # the others depend on the few regions that a step draws
    assert sum(found[-5:]) / 5 < 0.2 * found[0]
    assert set(one.step(6, *batch())) == {"loss", "objectness", "proposals", "classes", "boxes", "masks"}


def test_a_batch_without_figures() -> None:
    assert math.isfinite(learner().step(0, *batch(0))["loss"])


def test_a_state_goes_on_as_before() -> None:
    first = learner()
    first.step(0, *batch())
    state = first.state()
    second = learner(seed=0)
    second.load_state(state)
    assert first.step(1, *batch()) == second.step(1, *batch())


@pytest.mark.parametrize(
    ("part", "trained"),
    [
        ("backbone", {"rpn", "roi_heads"}),
        ("all-but-heads", {"roi_heads"}),
        ("none", {"backbone", "rpn", "roi_heads"}),
    ],
)
def test_what_is_frozen_stays(part: str, trained: set[str]) -> None:
    one = learner(freeze=part)
    before = {name: value.clone() for name, value in one.net.state_dict().items()}
    one.step(0, *batch())
    moved = {name for name, value in one.net.state_dict().items() if not torch.equal(value, before[name])}
    assert {name.partition(".")[0] for name in moved} == trained
    if part == "all-but-heads":
        assert all("predictor" in name for name in moved)


def test_the_mean_of_the_weights_lags_behind() -> None:
    one = learner(average=0.9)
    assert one.average is not None
    start = one.net.rpn.head.cls_logits.weight.detach().clone()
    one.step(0, *batch())
    now, mean = (net.rpn.head.cls_logits.weight.detach() for net in (one.net, one.average))
    assert torch.allclose(mean, start + 0.9 * (now - start), atol=1e-7)  # at first only a tenth is kept
    assert learner(average=0.0).best_net is not None


def test_a_loss_that_is_no_number() -> None:
    one = learner(rate=3e-3)
    with torch.no_grad():
        one.net.roi_heads.mask_predictor.mask_fcn_logits.bias.fill_(float("nan"))
    message = r"step 8: the loss of masks \(nan\).*--rate 0\.001 \(it was 0\.003\)"
    with pytest.raises(OptionError, match=message):
        one.step(7, *batch())


@pytest.mark.parametrize(("size", "advice"), [(2, "try --batch 1, then --size 48"), (1, "try --size 48$")])
def test_too_little_memory(monkeypatch: pytest.MonkeyPatch, size: int, advice: str) -> None:
    one = learner(batch=size)

    def full(*inputs: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(one, "_shared", full)
    with pytest.raises(OptionError, match=f"batches of {size} pictures of 64 pixels; {advice}"):
        one.step(0, *batch())


def test_other_errors_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    one = learner()

    def broken(*inputs: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(one, "_shared", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        one.step(0, *batch())


@pytest.mark.parametrize("model", ["resnet50", "resnet50_v2", "detectron2"])
def test_every_model_takes_a_step(model: str) -> None:
    recipe = small(model=model, rate=1e-4)
    one = Learner(started_net(recipe, ["a", "b"]), recipe, 10, ALONE)
    assert math.isfinite(one.step(0, *batch())["loss"])
    (found,) = one.best_net.eval()(batch()[0])
    assert found["masks"].shape[1:] == (1, 28, 28)


def test_a_step_in_bf16() -> None:
    assert math.isfinite(learner(precision="bf16").step(0, *batch())["loss"])
