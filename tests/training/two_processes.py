"""Run by torchrun: trains on two equal pictures, with nothing that is chosen by chance.

Plain gradient steps: AdamW would make much of differences in the last digit.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch
from made_training import STILL, boxes_set, small
from torchvision.models.detection import MaskRCNN

from figureground.training import learning, run
from figureground.training.recipe import Recipe

FIGURES = [("a", (7, 11, 20, 30)), ("a", (40, 5, 17, 13))]


def take_all(net: MaskRCNN, recipe: Recipe) -> None:
    """All regions are learned from, so that none is chosen by chance."""
    for sampler in (net.roi_heads.fg_bg_sampler, net.rpn.fg_bg_sampler):
        sampler.batch_size_per_image = 1_000_000
    net.rpn._post_nms_top_n["training"] = 40


def train_two(folder: Path, out: Path, put: Callable[[object, str, object], None] = setattr) -> Path:
    """Train on pictures that are written to `folder`; `put` changes what must be other than usual."""
    put(learning, "set_regions", take_all)
    put(run, "write_model", lambda net, card, path: (path / "model.json").write_text("{}"))
    put(run, "check_written", lambda *what, **how: None)
    torch.set_num_threads(1)
    data = boxes_set(folder, [FIGURES, FIGURES], ["a"])
    recipe = small(iterations=3, augment=STILL, average=0.0, optimizer="sgd", rate=1e-3)
    return run.train(data, recipe, out, device="cpu")


if __name__ == "__main__":
    train_two(Path(sys.argv[1]), Path(sys.argv[2]))
