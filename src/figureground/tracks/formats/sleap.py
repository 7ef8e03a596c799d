"""SLEAP's .slp with the masks and their tracks, through the package sleap-io."""

from pathlib import Path
from typing import Any

import numpy as np

from figureground.errors import MissingExtraError, OptionError
from figureground.instances import Crop
from figureground.tracks.outlines import crop_to_counts
from figureground.tracks.tracks import Tracks


def write_sleap(tracks: Tracks, path: Path) -> list[str]:
    """Write a .slp; what it cannot hold, in words. Figures without an outline are left out.

    Raises:
        MissingExtraError: sleap-io is not installed.
    """
    sleap = _load_sleap()
    if not tracks.info.video:
        raise OptionError("a .slp names its video, and these tracks do not know theirs; say it with --video")
    video = sleap.Video(filename=tracks.info.video, open_backend=False)
    followed = {one: sleap.Track(name=f"id_{one}") for one in tracks.ids.tolist()}
    frames = []
    for index in np.unique(tracks.frame).tolist():
        masks = [_mask(sleap, tracks, row, followed) for row in _rows_at(tracks, index)]
        frames.append(sleap.LabeledFrame(video=video, frame_idx=index, masks=masks))
    labels = sleap.Labels(labeled_frames=frames, videos=[video], tracks=list(followed.values()))
    labels.provenance["made_by"] = tracks.info.made_by
    sleap.save_slp(labels, str(path), embed=False, verbose=False)
    bare = int((~tracks.masks.known).sum())
    return [f"{bare} figures have no outline, so the .slp is without them"] if bare else []


def _load_sleap() -> Any:
    try:
        import sleap_io
    except ImportError as error:
        raise MissingExtraError("a .slp needs sleap-io: pip install 'figureground[tracks]'") from error
    return sleap_io


def _rows_at(tracks: Tracks, frame: int) -> list[int]:
    first, last = np.searchsorted(tracks.frame, [frame, frame + 1]).tolist()
    return [row for row in range(first, last) if tracks.masks.known[row]]


def _mask(sleap: Any, tracks: Tracks, row: int, followed: dict[int, Any]) -> Any:
    crop, (height, width) = tracks.masks[row], tracks.info.size
    turned = Crop(crop.x0, crop.y0, crop.mask.T)  # its run lengths go row by row
    return sleap.PredictedSegmentationMask(
        rle_counts=np.array(crop_to_counts(turned, (width, height)), np.uint32),
        height=height,
        width=width,
        track=followed[int(tracks.id[row])],
        category=tracks.info.classes[tracks.label[row]],
        score=float(tracks.score[row]),
    )
