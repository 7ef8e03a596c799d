"""A ResNet-50 model for benchmarks/models.py, trained here on parts of made scenes, and pictures for it.

python -m benchmarks.made_model FOLDER [--minutes 60] [--seed 0]

FOLDER/model is the model folder, FOLDER/pictures four scenes of 800 x 1066 that it never saw, and
FOLDER/calibration eight more, for `figureground export FOLDER/model --to int8 --images FOLDER/calibration`.
It has batch norm, as the published models have, for that is what engines fold into the convolutions.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks.report import parser
from figureground.frames import Image as Picture
from figureground.instances import Instances
from figureground.models.architecture import architecture
from figureground.models.card import ModelCard
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import read_net, write_weights
from figureground.testing.scenes import Scene
from figureground.training.run import write_model

CLASSES = "dark", "red"
SIDE = 192  # pixels of the parts that are learned from: figures have the size that they have in the pictures
Sample = tuple[torch.Tensor, dict[str, torch.Tensor]]


class Dish(Scene):
    """Every second animal is red, the others are dark."""

    def _colour(self, animal: int) -> np.ndarray:
        base = (170, 70, 50) if animal % 2 else (70, 52, 40)
        rng = np.random.default_rng((self.seed, 3, animal))
        return np.array(base, np.float32) + rng.uniform(-14, 14, 3).astype(np.float32)


def made_pool(rng: np.random.Generator, count: int) -> list[tuple[Picture, Instances]]:
    """`count` pictures of as many dishes, of several sizes."""
    pool = []
    for seed in range(count):
        height = int(rng.choice([500, 650, 800, 950]))
        dish = Dish(
            (height, height * 4 // 3),
            1,
            seed,
            animals=int(rng.integers(3, 12)),
            shadows=seed % 2 > 0,
            noise=float(rng.uniform(1, 6)),
        )
        pool.append((next(iter(dish)).image, dish.truth(0)))
    return pool


def cut_sample(pool: Sequence[tuple[Picture, Instances]], rng: np.random.Generator) -> Sample:
    """A part of one of the pictures, with at least one figure, mirrored and in other light."""
    while True:
        image, figures = pool[rng.integers(len(pool))]
        near = figures.masks[rng.integers(len(figures))]
        top, left = (
            int(np.clip(first - rng.integers(0, SIDE - 50), 0, side - SIDE))
            for first, side in zip((near.y0, near.x0), figures.size, strict=True)
        )
        masks = figures.dense()[:, top : top + SIDE, left : left + SIDE]
        seen = [row for row, mask in enumerate(masks) if mask.sum() >= 60]
        if seen:
            break
    part, masks = image[top : top + SIDE, left : left + SIDE], masks[seen]
    if rng.random() < 0.5:
        part, masks = part[:, ::-1], masks[:, :, ::-1]
    lit = np.clip(part * rng.uniform(0.8, 1.2) + rng.uniform(-20, 20), 0, 255).astype(np.uint8)
    kept = Instances.from_dense(np.ascontiguousarray(masks))
    target = {
        "boxes": torch.from_numpy(kept.boxes),
        "labels": torch.tensor([row % 2 + 1 for row in seen]),
        "masks": torch.from_numpy(np.ascontiguousarray(masks).astype(np.uint8)),
    }
    return torch.from_numpy(lit).permute(2, 0, 1).contiguous(), target


def train(folder: Path, minutes: float, seed: int) -> None:
    """Train for so long, going on from `folder` where a model is there, and write the model."""
    what, rng = architecture("resnet50"), np.random.default_rng(seed)
    torch.manual_seed(seed)
    net = build_maskrcnn(replace(what, short_side=0), len(CLASSES)).train()
    if (folder / "model.json").exists():
        net.load_state_dict(read_net(folder)[0].state_dict(), strict=False)
    net.rpn.batch_size_per_image = 64
    net.roi_heads.fg_bg_sampler.batch_size_per_image = 24
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 0.05
    net = net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), 3e-4, weight_decay=1e-4)
    pool, began, step = made_pool(rng, 24), time.monotonic(), 0
    while (done := (time.monotonic() - began) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 3e-4 * min(1, (step + 1) / 20, max(0.02, (1 - done) / 0.4))
        images, targets = zip(*(cut_sample(pool, rng) for _ in range(2)), strict=True)
        with torch.autocast("cpu", torch.bfloat16):
            loss = torch.stack(list(net(list(images), list(targets)).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        step += 1
        if step % 20 == 0:
            print(f"step {step}, {done:.0%}, loss {float(loss):.3f}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(net, folder)
    plain = build_maskrcnn(what, len(CLASSES), frozen_norm=True)
    plain.load_state_dict(net.state_dict(), strict=False)
    write_model(plain.eval(), ModelCard(CLASSES, what, made_by="benchmarks.made_model"), folder)


def write_pictures(folder: Path, seeds: range) -> None:
    """Dishes of 800 x 1066 that no training sees."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        dish = Dish((800, 1066), 1, seed, animals=8, shadows=seed % 2 > 0)
        Image.fromarray(next(iter(dish)).image).save(folder / f"{seed}.png")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pictures, then the model."""
    options = parser(__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args(arguments)
    write_pictures(chosen.folder / "pictures", range(100, 104))
    write_pictures(chosen.folder / "calibration", range(200, 208))
    train(chosen.folder / "model", chosen.minutes, chosen.seed)


if __name__ == "__main__":
    main()
