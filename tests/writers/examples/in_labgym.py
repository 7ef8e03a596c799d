"""Run by the interpreter that has LabGym, not by pytest: LabGym's own code on examples and on masks.

python in_labgym.py generate job.json: LabGym makes its examples of a video, its detector replaced by masks
python in_labgym.py train SORTED WORK: LabGym prepares sorted examples and trains two epochs on them

LabGym's detector needs torch and detectron2, which nothing here does; where torch is missing, a stand-in is
put in its place.
"""

import json
import os
import sys
import types

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

import cv2
import numpy as np


class Column:
    """As much of a torch tensor as LabGym asks for."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def numpy(self):
        return self.values


class Found:
    """One frame's instances."""

    def __init__(self, masks):
        self.pred_masks = Column(masks)
        self.pred_classes = Column(np.zeros(len(masks), int))
        self.scores = Column(np.ones(len(masks)))

    def to(self, device):
        return self


class Detector:
    """Gives the masks of each frame in turn."""

    animal_mapping = {"0": "mouse"}  # noqa: RUF012
    masks = iter(())

    def load(self, path, kinds):
        pass

    def inference(self, inputs):
        return [{"instances": Found(next(self.masks))} for _ in inputs]


class Kept:
    """Stands for cv2.VideoWriter, and keeps the frames as they are before the codec."""

    taken = {}  # noqa: RUF012

    def __init__(self, path, *settings):
        self.frames = Kept.taken.setdefault(os.path.basename(path), [])  # noqa: PTH119
        Kept.rate = settings[1]

    def write(self, frame):
        self.frames.append(frame.copy())

    def release(self):
        pass


def replace_detector():
    torch = types.ModuleType("torch")
    torch.as_tensor = lambda values: values
    sys.modules.setdefault("torch", torch)
    module = types.ModuleType("LabGym.detector")
    module.Detector = Detector
    sys.modules["LabGym.detector"] = module


def generate(job):
    replace_detector()
    from LabGym.analyzebehavior_dt import AnalyzeAnimalDetector

    masks = np.load(job["masks"])
    made = {}
    for name, mode in job["modes"].items():
        Detector.masks = iter([masks[f"frame{i}"] for i in range(job["frames"])])
        Kept.taken, pictures = {}, {}
        cv2.VideoWriter = Kept
        cv2.imwrite = lambda path, picture, kept=pictures: kept.setdefault(
            os.path.basename(path),  # noqa: PTH119
            picture.copy(),
        )
        run = AnalyzeAnimalDetector()
        parts = mode["body_parts"]
        run.prepare_analysis(
            "",
            job["video"],
            os.path.join(job["out"], name),  # noqa: PTH118
            {"mouse": job["figures"]},
            ["mouse"],
            {"": 0, "basic": 1, "advanced": 2}[mode["interactive"]],
            include_bodyparts=parts is not None,
            std=parts or 0,
            categorize_behavior=False,
            animation_analyzer=False,
            duration=0,
            length=mode["length"],
            social_distance=mode["social_distance"],
        )
        run.kernel = 1  # so that masks stay as they are
        options = {
            "background_free": mode["background"] != "keep",
            "black_background": mode["background"] != "white",
            "skip_redundant": mode["every"],
        }
        {"": run.generate_data, "basic": run.generate_data_interact_basic}.get(
            mode["interactive"], run.generate_data_interact_advance
        )(**options)
        for stem, frames in ((key[:-4], value) for key, value in Kept.taken.items()):
            made[f"{name}/{stem}/frames"] = np.stack(frames)
            made[f"{name}/{stem}/picture"] = pictures[f"{stem}.jpg"]
    np.savez(job["result"], **made)


def train(sorted_folder, work):
    from LabGym.categorizer import Categorizers

    prepared, model = os.path.join(work, "prepared"), os.path.join(work, "model")  # noqa: PTH118
    os.makedirs(prepared)  # noqa: PTH103
    os.makedirs(model)  # noqa: PTH103
    run = Categorizers()
    run.rename_label(sorted_folder, prepared, resize=32)
    files = sorted(os.path.join(prepared, name) for name in os.listdir(prepared) if name.endswith(".avi"))  # noqa: PTH118, PTH208
    length = int(os.environ.get("EXAMPLE_LENGTH", "15"))
    animations, patterns, labels = run.build_data(
        files, dim_tconv=16, dim_conv=32, channel=1, time_step=length
    )
    shapes = {
        "animations": np.shape(animations),
        "patterns": np.shape(patterns),
        "labels": sorted(set(labels)),
    }
    sys.stdout.write(f"build_data: {shapes}\n")
    limit_epochs(2)
    run.train_combnet(
        prepared, model, dim_tconv=16, dim_conv=32, channel=1, time_step=length, include_bodyparts=False
    )
    sys.stdout.write(f"trained: {sorted(os.listdir(model))}\n")  # noqa: PTH208


def limit_epochs(most):
    """LabGym lets a training run until it no longer improves; here it ends after `most` epochs."""
    from keras.models import Model

    whole = Model.fit

    def fit(self, *data, **options):
        options["epochs"] = most
        return whole(self, *data, **options)

    Model.fit = fit


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        with open(sys.argv[2]) as file:  # noqa: PTH123
            generate(json.load(file))
    else:
        train(*sys.argv[2:])
