"""LabGym itself makes the same examples, and learns from ours.

It needs an environment of its own (Python 3.10, LabGym 3.1.2 without its window system, detectron2 and
torch); FIGUREGROUND_LABGYM names its interpreter.
"""

import itertools
import json
import os
import re
import subprocess
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from figureground.frames import Frame, SourceInfo
from figureground.instances import Instances
from figureground.writers.examples import writer as writer_module
from figureground.writers.examples.settings import Settings
from figureground.writers.examples.sorting import sort_examples
from figureground.writers.examples.writer import ExamplesWriter

PYTHON = os.environ.get("FIGUREGROUND_LABGYM")
pytestmark = pytest.mark.skipif(not PYTHON, reason="FIGUREGROUND_LABGYM names no interpreter with LabGym")

SIZE, COUNT, FIGURES, RATE = (211, 269), 38, 3, 20
HERE = Path(__file__).parent


def walkers():
    """Frames and figures: three textured ellipses that keep apart; each is missing now and then, once all."""
    rng = np.random.default_rng(7)
    at = np.array([(55.0, 60.0), (60.0, 200.0), (150.0, 130.0)])
    clip = []
    for index in range(COUNT):
        at += rng.normal(0, 2, at.shape)
        cloth = cv2.GaussianBlur(rng.normal(0, 1, (*SIZE, 3)).astype(np.float32), (0, 0), 1.5)
        image = (110 + 160 * cloth).clip(5, 240).astype(np.uint8)
        masks, ids = [], []
        for one, (y, x) in enumerate(at):
            if rng.random() < 0.85 and index != 20:
                mask = np.zeros(SIZE, np.uint8)
                axes = (24 + 3 * one, 11)
                cv2.ellipse(mask, (int(x), int(y)), axes, 40.0 * one + 5 * index, 0, 360, 1, -1)
                masks.append(mask.astype(bool))
                ids.append(one)
        found = Instances.from_dense(masks, ids=ids) if masks else Instances.empty(SIZE)
        clip.append((Frame(image, index, Fraction(index, RATE)), found))
    return clip


def write_lossless(path, clip):
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=RATE)
        stream.height, stream.width, stream.pix_fmt = *SIZE, "bgr0"
        for frame, _ in clip:
            for packet in stream.encode(av.VideoFrame.from_ndarray(frame.image, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)


def ours(clip, settings, folder, monkeypatch):
    """name without the id -> [(frames, picture)], BGR, of all that is written."""
    made, write_pair = defaultdict(list), writer_module.write_pair

    def keep(stem, frames, picture, *rest):
        write_pair(stem, frames, picture, *rest)
        frames = np.stack([frame[..., ::-1] for frame in frames])
        made[without_id(stem.name, settings)].append((frames, picture[..., ::-1]))

    info = SourceInfo("clip.mkv", "video", SIZE, Fraction(RATE), COUNT, None, Fraction(1, RATE))
    with monkeypatch.context() as patch:
        patch.setattr(writer_module, "write_pair", keep)
        with ExamplesWriter(folder, info, settings, classes=("mouse",)) as writer:
            for frame, found in clip:
                writer.write(frame, found)
    return made


def without_id(stem, settings):
    return stem if settings.interactive == "basic" else re.sub(r"_mouse_\d+_", "_mouse_", stem)


MODES = {
    f"{mode or 'alone'}-{ground}-{parts}": Settings(
        9, 2, background=ground, body_parts=parts, interactive=mode, social_distance=distance
    )
    for (mode, distance), ground, parts in itertools.product(
        [("", 0), ("basic", 0), ("advanced", 0), ("advanced", 3)], ["black", "white", "keep"], [None, 0, 60]
    )
    if distance == 0 or parts == 60
}


def test_labgym_makes_the_same_examples(tmp_path, monkeypatch):
    clip = walkers()
    write_lossless(tmp_path / "clip.mkv", clip)
    masks = {f"frame{i}": found.dense() for i, (_, found) in enumerate(clip)}
    np.savez(tmp_path / "masks.npz", **masks)
    keys = ("length", "every", "background", "body_parts", "interactive", "social_distance")
    job = {
        "video": str(tmp_path / "clip.mkv"),
        "masks": str(tmp_path / "masks.npz"),
        "out": str(tmp_path / "labgym"),
        "result": str(tmp_path / "result.npz"),
        "frames": COUNT,
        "figures": FIGURES,
        "modes": {name: {key: getattr(one, key) for key in keys} for name, one in MODES.items()},
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    run_in_labgym("generate", tmp_path / "job.json")
    with np.load(tmp_path / "result.npz") as result:
        theirs = dict(result)
    compared = 0
    for name, settings in MODES.items():
        made = ours(clip, settings, tmp_path / f"ours-{name}", monkeypatch)
        stems = [key.split("/")[1] for key in theirs if key.startswith(f"{name}/")][::2]
        assert len(stems) >= 10
        for stem in stems:
            wanted = [theirs[f"{name}/{stem}/{part}"] for part in ("frames", "picture")]
            same = [
                all(np.array_equal(a, b) for a, b in zip(one, wanted, strict=True))
                for one in made[without_id(stem, settings)]
            ]
            assert sum(same) == 1, f"{name}: {stem}"
            compared += 1
    print(f"{compared} examples of LabGym are equal to ours, pixel by pixel")  # noqa: T201


def test_labgym_learns_from_them(tmp_path):
    clip = walkers()
    info = SourceInfo("day.2_len5.mkv", "video", SIZE, Fraction(RATE), COUNT, None, Fraction(1, RATE))
    with ExamplesWriter(tmp_path / "made", info, Settings(5, 2)) as writer:
        for frame, found in clip:
            writer.write(frame, found)
    stems = sorted(path.stem for path in (tmp_path / "made").rglob("*.avi"))
    rows = [f"{stem},{('still', 'walking')[number % 2]}" for number, stem in enumerate(stems)]
    (tmp_path / "labels.csv").write_text("\n".join(["name,behaviour", *rows]))
    sort_examples(tmp_path / "made", tmp_path / "labels.csv", tmp_path / "sorted")
    told = run_in_labgym("train", tmp_path / "sorted", tmp_path / "work", EXAMPLE_LENGTH="5")
    print(re.sub(r"[^\n]*\x08|\r", "", told))  # noqa: T201
    assert f"'animations': ({len(stems)}, 5, 16, 16, 1)" in told
    assert "'labels': ['still', 'walking']" in told
    assert "Inconsistent duration" not in told
    assert "Epoch 2/2" in told
    assert "Trained Categorizer saved in" in told


def run_in_labgym(*arguments, **environment):
    command = [PYTHON, str(HERE / "in_labgym.py"), *map(str, arguments)]
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=clean | environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout
