"""The answer of a tracker: figures with ids, some of them cut into pieces."""

from typing import Any

import numpy as np

from figureground.instances import Crop, Instances
from figureground.trackers.known import Known


def joined(found: Instances, pieces: list[tuple[int, Crop, Known]]) -> Instances:
    """The figures of `found` with ids; those that were cut, as their pieces."""
    figures = np.array([figure for figure, _, _ in pieces], np.int64)
    ids = np.full(len(found), -1, np.int64)
    ids[figures] = [track.id for _, _, track in pieces]
    if len(np.unique(figures)) == len(pieces):
        return found.with_ids(ids)
    rest = np.setdiff1d(np.arange(len(found)), figures)
    whole = [(figure, found.masks[figure], -1) for figure in rest.tolist()]
    rows = sorted(
        whole + [(i, crop, track.id) for i, crop, track in pieces], key=lambda row: (row[0], row[2])
    )
    order = np.array([row[0] for row in rows])
    columns: dict[str, Any] = {
        name: getattr(found, name)[order] for name in ("boxes", "scores", "labels", "depth")
    }
    own = Instances(found.size, tuple(row[1] for row in rows))
    cut = np.bincount(order, minlength=len(found))[order] > 1
    columns["boxes"] = np.where(cut[:, None], own.boxes, columns["boxes"])
    columns["depth_map"] = found.depth_map
    return Instances(found.size, own.masks, ids=np.array([row[2] for row in rows]), **columns)
