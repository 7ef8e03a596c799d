"""Published weights that training can start from, and the folder they are kept in."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from figureground.errors import OptionError
from figureground.models.fetch import Progress, download


@dataclass(frozen=True)
class Known:
    """A file that somebody published.

    Attributes:
        name: what `fetch` takes.
        url: where it is.
        sha256: of it.
        size: of it, in bytes.
        licence: under which it is given.
        purpose: what it is good for.
    """

    name: str
    url: str
    sha256: str
    size: int
    licence: str
    purpose: str

    @property
    def file(self) -> str:
        """Its name in the folder."""
        return self.url.rpartition("/")[2]


_TORCH = "https://download.pytorch.org/models/"
_LICENCE = "BSD-3-Clause (torchvision); the terms of {} may bind too"
_COCO, _IMAGENET = (_LICENCE.format(pictures) for pictures in ("COCO", "ImageNet"))

KNOWN = {
    one.name: one
    for one in (
        Known(
            "coco-resnet50",
            f"{_TORCH}maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth",
            "bf2d0c1efbc936eeee2bc95a48e80ebc86b891f61b0106485937fc29f9315fc0",
            178_090_079,
            _COCO,
            "finds the 80 classes of COCO; where training of 'resnet50' starts",
        ),
        Known(
            "coco-resnet50_v2",
            f"{_TORCH}maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth",
            "73cbd0190fcbe3ba339921fbce2c3a0b6bb9126c9a133c85e43a2a8e060a109e",
            185_828_065,
            _COCO,
            "finds the 80 classes of COCO, better and slower; where training of 'resnet50_v2' starts",
        ),
        Known(
            "imagenet-resnet50",
            f"{_TORCH}resnet50-0676ba61.pth",
            "0676ba61b6795bbe1773cffd859882e5e297624d384b6993f7c9e683e722fb8a",
            102_530_333,
            _IMAGENET,
            "a body for 'resnet50'",
        ),
        Known(
            "imagenet-resnet50_v2",
            f"{_TORCH}resnet50-11ad3fa6.pth",
            "11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca",
            102_540_417,
            _IMAGENET,
            "a body for 'resnet50_v2'",
        ),
        Known(
            "imagenet-mobilenet",
            f"{_TORCH}mobilenet_v3_large-8738ca79.pth",
            "8738ca797c879b547d18bbd15da5736ff2557b2036a9af72225393ca61759a04",
            22_139_423,
            _IMAGENET,
            "a body for 'mobilenet'",
        ),
    )
}
"""By name. torch's files carry the first digits of their sha256 in their names."""


def fetch(name: str, *, progress: Progress | None = None) -> Path:
    """The file of the weights `name`, downloaded where it is not there yet.

    Args:
        name: one of KNOWN.
        progress: called with the bytes that are there, while they come.

    Raises:
        OptionError: there are none of this name.
        InputError: they cannot be had, or are not what was published.
        OutputError: they cannot be written.
    """
    if name not in KNOWN:
        raise OptionError(f"there are no published weights {name!r}; choose one of: {', '.join(KNOWN)}")
    one = KNOWN[name]
    return download(one.url, place(one), sha256=one.sha256, size=one.size, progress=progress)


def place(one: Known) -> Path:
    """Where the file of `one` is, or will be."""
    return home() / "weights" / one.file


def home() -> Path:
    """The folder for what is downloaded: FIGUREGROUND_HOME, or the system's own for such things."""
    if named := os.environ.get("FIGUREGROUND_HOME"):
        return Path(named).expanduser()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "figureground"
