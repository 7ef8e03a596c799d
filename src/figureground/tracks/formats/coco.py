"""COCO json of a video: run lengths, with `track_id` in each annotation."""

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import msgspec

from figureground.tracks.run_lengths import check_texts
from figureground.tracks.tracks import Tracks


def write_coco(tracks: Tracks, path: Path) -> list[str]:
    """Write a COCO json; what it cannot hold, in words.

    Every frame that was looked at is an image, whose id is the frame's index + 1, as COCO counts from 1; the
    index itself is `frame_id`. Categories count from 1, `track_id` is the figure's id as it is.
    `exact_time` is numerator and denominator of a frame's time in seconds.

    Raises:
        InputError: an outline is damaged; what reads the file would not notice.
    """
    check_texts(tracks.masks)
    rate = "" if tracks.info.rate is None else str(tracks.info.rate)
    head = {
        "info": {"description": tracks.info.made_by},
        "videos": [{"id": 1, "name": tracks.info.video, "sha256": tracks.info.sha256, "rate": rate}],
        "categories": [{"id": i, "name": name} for i, name in enumerate(tracks.info.classes, 1)],
    }
    with path.open("wb") as file:
        file.write(msgspec.json.encode(head)[:-1])
        for name, records in (("images", _images(tracks)), ("annotations", _annotations(tracks))):
            file.write(b',\n"%s": [' % name.encode())
            for number, record in enumerate(records):
                file.write((b",\n" if number else b"\n") + msgspec.json.encode(record))
            file.write(b"]")
        file.write(b"}\n")
    bare = int((~tracks.masks.known).sum())
    return [f"{bare} figures have no outline, so their segmentation is empty"] if bare else []


def _images(tracks: Tracks) -> Iterator[dict[str, Any]]:
    height, width = tracks.info.size
    stem = PurePath(tracks.info.video.replace("\\", "/")).stem or "frame"
    columns = (tracks.frames, tracks.seconds, tracks.times)
    for index, time, exact in zip(*(column.tolist() for column in columns), strict=True):
        name = f"{stem}_{index:06}.png"
        image = {"id": index + 1, "file_name": name, "height": height, "width": width}
        yield image | {"video_id": 1, "frame_id": index, "time": time, "exact_time": exact}


def _annotations(tracks: Tracks) -> Iterator[dict[str, Any]]:
    columns = (tracks.frame, tracks.id, tracks.label, tracks.score, tracks.boxes, tracks.area)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for row, (frame, identity, label, score, (x1, y1, x2, y2), area) in enumerate(rows):
        text = tracks.masks.text(row).decode("ascii")
        yield {
            "id": row + 1,
            "image_id": frame + 1,
            "category_id": label + 1,
            "track_id": identity,
            "score": score,
            "bbox": [x1, y1, x2 - x1, y2 - y1],
            "area": area,
            "iscrowd": 0,
            "segmentation": {"size": list(tracks.info.size), "counts": text} if text else [],
        }
