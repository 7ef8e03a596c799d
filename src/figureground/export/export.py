"""A model in another form, which counts only when it does what the model does."""

import datetime
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torchvision.models.detection import MaskRCNN

from figureground import __version__
from figureground.errors import OptionError, OutputError
from figureground.export.agreement import Agreement, Finder, agreement, check_agreement
from figureground.export.int8 import export_int8
from figureground.export.labgym import CONFIG, export_labgym
from figureground.export.labgym import WEIGHTS as LABGYM_WEIGHTS
from figureground.export.onnx import export_onnx
from figureground.export.torchscript import export_torchscript, open_torchscript
from figureground.files import output_errors, part_folder
from figureground.frames import Image
from figureground.models.card import ModelCard, read_card, write_card
from figureground.models.detector import Detector
from figureground.models.detectron2 import config_to_architecture, count_classes, rename_weights
from figureground.models.runtime import open_graphs
from figureground.models.yaml_file import read_yaml
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.weights import read_net
from figureground.segmenters.maskrcnn_torch import TorchDetector

SCRIPTS = ".ts", ".pt"
SCORE = 0.3  # figures that exports are compared by
_ASK = "This should not happen; please report it with the output of 'figureground doctor'."


@dataclass(frozen=True)
class Form:
    """One kind of export.

    Attributes:
        write: writes it: the net, its card, the path, pictures.
        open: opens it again: the path, the card.
        folder: whether it is a folder, else a file.
        iou: masks must agree with the model's at least so well.
        kept: share of the model's figures that must be found.
        advice: what to do where they are not.
    """

    write: Callable[[MaskRCNN, ModelCard, Path, Sequence[Image]], None]
    open: Callable[[Path, ModelCard], Finder]
    folder: bool
    iou: float
    kept: float
    advice: str


def export(
    model: str | Path, to: str, out: str | Path, pictures: Sequence[Image] = (), *, overwrite: bool = False
) -> Agreement:
    """Write the model of a folder in another form, open that again, and compare it with the model.

    Args:
        model: the model folder.
        to: one of FORMS: onnx, a model folder that needs no torch; int8, the same but faster and
            a little less exact; torchscript, one file; labgym, a detector folder for LabGym.
        out: what to write.
        pictures: (h, w, 3) uint8 RGB, of the kind that the model is for: the two are compared on these, and
            int8 is measured on them; without any, and not for int8, made ones.
        overwrite: whether `out` may be there already.

    Returns:
        How far the two agree.

    Raises:
        InputError: it is no model folder.
        OptionError: there is no such form, or it does not go with this model or without pictures.
        OutputError: `out` is there already or cannot be written, or does not do what the model does.
    """
    if to not in FORMS:
        raise OptionError(f"--to {to}: there is no such form; choose one of: {', '.join(FORMS)}")
    form, out = FORMS[to], Path(out)
    if out.exists() and not overwrite:
        raise OutputError(f"{out}: is there already; choose another name, or add --overwrite")
    if not form.folder and out.suffix not in SCRIPTS:
        raise OptionError(f"{out}: name a file for the form {to} that ends in {' or '.join(SCRIPTS)}")
    if form.folder and out.is_file():
        raise OutputError(f"{out}: is a file; a model in the form {to} is a folder")
    if (kind := read_card(model).kind) != "maskrcnn":
        raise OptionError(f"{model}: is of the kind {kind!r}, which has no other forms")
    net, card = read_net(model)
    samples, score = (pictures, SCORE) if len(pictures) else (_made(), card.architecture.min_score)
    with _whole(out, folder=form.folder) as part:
        form.write(net, _derived(card, model), part, pictures)
        return check_written(form, net, card, part, samples, name=str(out), score=score)


def check_written(
    form: Form,
    net: MaskRCNN,
    card: ModelCard,
    path: Path,
    pictures: Sequence[Image],
    *,
    name: str,
    score: float = SCORE,
) -> Agreement:
    """Open what was written of a net again, and compare it with the net on `pictures`.

    Args:
        form: what was written.
        net: ready to find figures, on the processor.
        card: of the net.
        path: where it was written.
        pictures: (h, w, 3) uint8 RGB.
        name: what an error calls it.
        score: figures that the model is less sure of are not compared.

    Raises:
        OutputError: its masks differ from the net's.
    """
    what = card.architecture
    pair = TorchDetector(what, net), form.open(path, card)
    found = agreement(*pair, pictures, what.flavour, min_score=score)
    check_agreement(found, name, iou=form.iou, kept=form.kept, advice=form.advice)
    return found


def _write_onnx(net: MaskRCNN, card: ModelCard, path: Path, pictures: Sequence[Image]) -> None:
    export_onnx(net, card.architecture, path)
    write_card(card, path)


def _write_int8(net: MaskRCNN, card: ModelCard, path: Path, pictures: Sequence[Image]) -> None:
    if not len(pictures):
        raise OptionError(
            "int8 is measured on pictures of the kind that the model will see; name a folder of some with "
            "--images"
        )
    with tempfile.TemporaryDirectory() as plain:
        export_onnx(net, card.architecture, Path(plain))
        export_int8(Path(plain), path, card.architecture, pictures)
    write_card(card, path)


def _write_torchscript(net: MaskRCNN, card: ModelCard, path: Path, pictures: Sequence[Image]) -> None:
    export_torchscript(net, card, path)


def _write_labgym(net: MaskRCNN, card: ModelCard, path: Path, pictures: Sequence[Image]) -> None:
    export_labgym(net, card, path)


def _open_graphs(path: Path, card: ModelCard) -> Finder:
    return Detector(card.architecture, open_graphs(path))


def _open_exact(path: Path, card: ModelCard) -> Finder:
    return Detector(card.architecture, open_graphs(path, "exact"))


def _open_labgym(path: Path, card: ModelCard) -> Finder:
    """The folder as LabGym would see it, read back with detectron2's rules."""
    config = read_yaml(path / CONFIG)
    what, classes = config_to_architecture(config, CONFIG), count_classes(config, CONFIG)
    saved = torch.load(path / LABGYM_WEIGHTS, weights_only=True)["model"]
    weights = rename_weights({name: value.numpy() for name, value in saved.items()}, classes, str(path))
    net = build_maskrcnn(what, classes, frozen_norm=True)
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    net.roi_heads.score_thresh = card.architecture.min_score  # LabGym's is higher: there all count
    return TorchDetector(what, net.eval())


FORMS = {
    "onnx": Form(_write_onnx, _open_exact, True, 0.99, 0.99, _ASK),
    "int8": Form(
        _write_int8,
        _open_graphs,
        True,
        0.95,
        0.85,
        "Give more pictures with --images, as various as those that the model will see.",
    ),
    "torchscript": Form(_write_torchscript, open_torchscript, False, 0.99, 0.99, _ASK),
    "labgym": Form(_write_labgym, _open_labgym, True, 0.99, 0.99, _ASK),
}


def _derived(card: ModelCard, model: str | Path) -> ModelCard:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return replace(
        card, made_by=f"figureground {__version__}", made_at=now, origin=f"export of {Path(model).name}"
    )


def _made() -> list[Image]:
    """Blobs on cloth, for want of pictures that mean something to the model."""
    rng = np.random.default_rng(0)
    pictures = []
    for height, width in ((307, 401), (251, 193)):
        cloth = rng.normal(128, 60, (height // 9 + 2, width // 9 + 2, 3)).clip(0, 255).astype(np.uint8)
        image = cv2.resize(cloth, (width, height), interpolation=cv2.INTER_CUBIC)
        for _ in range(9):
            centre, axes = rng.integers(0, (width, height)), rng.integers(9, 60, 2)
            colour = tuple(float(v) for v in rng.integers(0, 255, 3))
            cv2.ellipse(image, centre.tolist(), axes.tolist(), float(rng.uniform(0, 180)), 0, 360, colour, -1)
        pictures.append(image)
    return pictures


@contextmanager
def _whole(out: Path, *, folder: bool) -> Iterator[Path]:
    """Where to write: beside `out`, and put in its place only when all went well."""
    part = part_folder(out)
    shutil.rmtree(part, ignore_errors=True)
    try:
        with output_errors(out):
            part.mkdir(parents=True)
            made = part if folder else part / out.name
            yield made
            if out.is_dir():
                shutil.rmtree(out)
            made.replace(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
