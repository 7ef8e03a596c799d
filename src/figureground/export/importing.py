"""Models of other tools become model folders that run without those tools."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torchvision.models.detection import MaskRCNN

from figureground import __version__
from figureground.errors import InputError, OptionError
from figureground.export.onnx import export_onnx
from figureground.export.unscripting import program_to_net
from figureground.folders import check_folder, written_folder
from figureground.models import known
from figureground.models.architecture import Architecture, architecture, resized
from figureground.models.card import ModelCard, read_card, sha256, write_card
from figureground.models.detectron2 import config_to_architecture, count_classes, rename_weights
from figureground.models.importing import Foreign, find_foreign
from figureground.models.labgym import read_names
from figureground.models.pickles import read_zoo
from figureground.models.torchscript import PROGRAM, open_program, read_classes
from figureground.models.yaml_file import read_yaml
from figureground.nets.checkpoints import put_weights, read_checkpoint
from figureground.nets.maskrcnn import build_maskrcnn
from figureground.nets.starting import COCO, published_weights
from figureground.nets.weights import write_weights

Weights = dict[str, Any]
COCO_NAMES = tuple(name for name in COCO if name != "N/A")


@dataclass(frozen=True)
class Imported:
    """What an import made.

    Attributes:
        card: of the new model folder.
        told: what people should know about it.
    """

    card: ModelCard
    told: tuple[str, ...] = ()


def import_model(
    path: str | Path,
    out: str | Path,
    *,
    config: str | Path | None = None,
    size: int | None = None,
    classes: Sequence[str] | None = None,
    overwrite: bool = False,
    fetch: Callable[[str], Path] = known.fetch,
) -> Imported:
    """Make a model folder of another tool's model.

    Args:
        path: see `models.importing.find_foreign`; or one of the published models, such as coco-resnet50.
        out: the new folder.
        config: detectron2's configuration where it is not beside the weights.
        size: pixels that the shorter side of pictures is scaled to; 0 leaves their size; None is as the model
            says.
        classes: names, where the model comes without.
        overwrite: replace `out` if figureground wrote it.
        fetch: gives the file of a published model by its name.

    Raises:
        InputError: the model cannot be read, is of a kind that cannot run here, or is not safe to read.
        OptionError: there are more or fewer classes than names.
        OutputError: the folder is there already or cannot be written.
    """
    check_folder(Path(out), overwrite=overwrite)
    if str(path) in known.KNOWN and not Path(path).exists():
        made = _published(str(path), fetch, classes)
    else:
        files = find_foreign(path, config)
        if files.weights.suffix == ".ts":
            return _from_program(files, Path(out), size, classes, overwrite=overwrite)
        made = _from_files(files, classes)
        if files.names is not None and size is None:
            note = "LabGym's own analysis gives detectors the frames unscaled: --size 0 does the same"
            made = replace(made, told=(*made.told, note))
    return _write(made, Path(out), size, overwrite=overwrite)


@dataclass(frozen=True)
class _Made:
    net: MaskRCNN
    what: Architecture
    classes: tuple[str, ...]
    origin: Path
    told: tuple[str, ...] = ()


def _published(name: str, fetch: Callable[[str], Path], classes: Sequence[str] | None) -> _Made:
    if not name.startswith("coco-"):
        raise OptionError(f"{name}: is a body without heads, which finds nothing; training can start from it")
    path = fetch(name)
    return _torchvision(published_weights(name, read_checkpoint(path)), path, classes)


def _from_files(files: Foreign, classes: Sequence[str] | None) -> _Made:
    path = files.weights
    weights: Weights = dict(read_zoo(path) if path.suffix == ".pkl" else read_checkpoint(path))
    if "backbone.body.conv1.weight" in weights:
        name = next((one.name for one in known.KNOWN.values() if one.file == path.name), "")
        return _torchvision(published_weights(name, weights), path, classes)
    if files.config is None:
        raise InputError(
            f"{path}: comes without detectron2's configuration, which says how the model is built; put its "
            "config.yaml beside it, or say --config FILE"
        )
    config, name = read_yaml(files.config), str(files.config)
    what, count = config_to_architecture(config, name), count_classes(config, name)
    names, told = _names(files, config, count, classes)
    renamed = rename_weights({key: _array(value) for key, value in weights.items()}, count, str(path))
    net = build_maskrcnn(what, count, frozen_norm=True)
    put_weights(net, renamed, str(path))
    return _Made(net, what, names, path, told)


def _names(
    files: Foreign, config: dict[str, Any], count: int, given: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes of one of detectron2's models, and what people should know about them."""
    if given is not None:
        return _fitting(tuple(given), count), ()
    if files.names is not None:
        names = read_names(files.names)
        if len(names) != count:
            raise InputError(f"{files.names}: names {len(names)} classes, but the model has {count}")
        return names, ()
    if count == len(COCO_NAMES) and "coco_2017" in str(config.get("DATASETS", ""))[:1000]:
        return COCO_NAMES, ()
    names = tuple(f"class_{number}" for number in range(1, count + 1))
    return names, (
        f"the model comes without names, so its classes are {', '.join(names[:3])} ...: --classes",
    )


def _torchvision(weights: Weights, path: Path, given: Sequence[str] | None) -> _Made:
    """One of torchvision's models: a resnet50 with either kind of heads."""
    heads = "resnet50_v2" if any(".mask_head.0.1." in key for key in weights) else "resnet50"
    rows = "roi_heads.box_predictor.cls_score.weight", "roi_heads.box_predictor.cls_score.bias"
    if any(key not in weights for key in rows):
        raise InputError(f"{path}: is no Mask R-CNN: it has no {rows[0]}")
    count = len(weights[rows[0]]) - 1
    names = _fitting(tuple(given), count) if given is not None else None
    if names is None and count == len(COCO):
        weights, names = _without_gaps(weights), COCO_NAMES
    told: tuple[str, ...] = ()
    if names is None:
        names = tuple(f"class_{number}" for number in range(1, count + 1))
        told = ("the model comes without names; give them with --classes",)
    net = build_maskrcnn(architecture(heads), len(names), frozen_norm=heads == "resnet50")
    put_weights(net, weights, str(path))
    return _Made(net, architecture(heads), names, path, told)


def _without_gaps(weights: Weights) -> Weights:
    """COCO's 90 numbers less those that no class has."""
    rows = torch.tensor([0, *(number for number, name in enumerate(COCO, 1) if name != "N/A")])
    out = dict(weights)
    for key, value in weights.items():
        if "box_predictor.bbox_pred" in key:
            out[key] = value.unflatten(0, (-1, 4))[rows].flatten(0, 1)
        elif "box_predictor.cls_score" in key or "mask_fcn_logits" in key:
            out[key] = value[rows]
    return out


def _fitting(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    if len(names) != count or len(set(names)) != count or not all(names):
        raise OptionError(
            f"classes: the model has {count} classes, got {len(set(names))}: {', '.join(names)}"
        )
    return names


def _array(value: Any) -> Any:
    return value.float().numpy() if isinstance(value, torch.Tensor) else value


def _write(made: _Made, out: Path, size: int | None, *, overwrite: bool) -> Imported:
    what = resized(made.what, size)
    net = made.net.eval()
    with written_folder(out, overwrite=overwrite) as part:
        write_weights(net, part)
        export_onnx(net, what, part)
        write_card(_card(made.classes, what, made.origin), part)
    return Imported(read_card(out), made.told)


def _from_program(
    files: Foreign, out: Path, size: int | None, given: Sequence[str] | None, *, overwrite: bool
) -> Imported:
    """The net of a TorchScript file, or the file as it is where the net within cannot be told."""
    if files.names is None:
        raise InputError(f"{files.weights}: comes without a .txt with the names of its classes")
    names, side = read_classes(files.names)
    if size == 0:
        raise OptionError("size: a TorchScript model takes pictures of one size; give it, or leave it out")
    side = size or side
    program = open_program(files.weights)
    names = _fitting(tuple(given), len(names)) if given is not None else names
    if found := program_to_net(program, len(names), side):
        return _write(_Made(*found, names, files.weights), out, None, overwrite=overwrite)
    what = replace(architecture("detectron2"), colour="RGB", short_side=side, long_side=side)
    with written_folder(out, overwrite=overwrite) as part:
        (part / PROGRAM).write_bytes(files.weights.read_bytes())
        write_card(replace(_card(names, what, files.weights), kind="torchscript"), part)
    told = "it stays a program of torch: it needs torch to run, and is as slow as before"
    return Imported(read_card(out), (told,))


def _card(classes: tuple[str, ...], what: Architecture, origin: Path) -> ModelCard:
    packages = {name: version(name) for name in ("torch", "torchvision", "onnx")}
    return ModelCard(
        classes=classes,
        architecture=what,
        made_by=f"figureground {__version__}",
        made_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        origin=f"imported from {origin.name}, sha256 {sha256(origin)}",
        versions={"figureground": __version__, "python": platform.python_version(), **packages},
    )
