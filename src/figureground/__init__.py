"""figureground: given a video, a folder of frames or a photo, only the figures, without the ground.

Importing does nothing else: each public name loads its module when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_PUBLIC = {
    "Dataset": "figureground.datasets.dataset",
    "Frame": "figureground.frames",
    "Instances": "figureground.instances",
    "SourceInfo": "figureground.frames",
    "TrackInfo": "figureground.tracks",
    "Tracks": "figureground.tracks",
    "load_segmenter": "figureground.segmenters",
    "load_tracker": "figureground.trackers",
    "open_source": "figureground.sources",
    "open_tracks": "figureground.tracks.file",
    "open_writer": "figureground.writers",
    "process": "figureground.pipeline",
    "read_dataset": "figureground.datasets.formats",
    "read_tracks": "figureground.tracks.file",
    "write_dataset": "figureground.datasets.formats",
    "write_tracks": "figureground.tracks.file",
}
__all__ = [
    "Dataset",
    "Frame",
    "Instances",
    "SourceInfo",
    "TrackInfo",
    "Tracks",
    "load_segmenter",
    "load_tracker",
    "open_source",
    "open_tracks",
    "open_writer",
    "process",
    "read_dataset",
    "read_tracks",
    "write_dataset",
    "write_tracks",
]

if TYPE_CHECKING:
    from figureground.datasets.dataset import Dataset
    from figureground.datasets.formats import read_dataset, write_dataset
    from figureground.frames import Frame, SourceInfo
    from figureground.instances import Instances
    from figureground.pipeline import process
    from figureground.segmenters import load_segmenter
    from figureground.sources import open_source
    from figureground.trackers import load_tracker
    from figureground.tracks import TrackInfo, Tracks
    from figureground.tracks.file import open_tracks, read_tracks, write_tracks
    from figureground.writers import open_writer


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'figureground' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
