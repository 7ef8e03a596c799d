"""Which pictures are frames of one video: these are so alike that they must not be parted."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import msgspec

from figureground.datasets.dataset import Dataset, Picture, Record
from figureground.errors import InputError, OptionError

_FILMS = "mp4|avi|mov|mkv|webm|m4v|mpe?g|wmv|flv|h264|mts|ufmf|seq"
_COPY = re.compile(r"[._](?:jpe?g|png|bmp|tiff?|webp)\.rf\.[0-9A-Za-z]{8,}$", re.I)  # Roboflow's copies
_FILM = re.compile(rf"^(.+[._](?:{_FILMS}))(?:[^0-9A-Za-z].*)?$", re.I)
_COCO = re.compile(r"^(?:COCO_(?:train|val|test)\d{4}_)?\d{12}$")
_FRAME = re.compile(r"^(.*?)[-_. ]*frame[-_. ]*\d+(.*)$", re.I)
_DATE = re.compile(
    r"[-_. ]*(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d[-_. T]*[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d)?"
    r"(?:[-_.]?\d+)?$"
)
_NUMBER = re.compile(r"[-_. (]*\d+\)?$")
LONGEST = 500  # characters of a name that are looked at; patterns take the square of it
_COMMON = {
    "",
    "image",
    "images",
    "img",
    "_mg",
    "im",
    "dsc",
    "_dsc",
    "dscn",
    "dscf",
    "photo",
    "pic",
    "picture",
}


class _Origin(msgspec.Struct, gc=False):
    video: Any = None
    frame: Any = None


_decode = msgspec.json.Decoder(_Origin).decode


def video_of(picture: Picture) -> str | None:
    """The video that `picture` is a frame of; None where there is no sign of any.

    It is the key "video" of the picture, or told by the file name, as tools leave them:

    - `arena.mp4-mask_image_0-12.jpg`, `arena_mp4-12_jpg.rf.0a1b2c3d4e.jpg`: up to the video's suffix;
    - `arena_000012.png`, `arena-frame12.jpg`, `arena_2024-05-31_12-30-59.jpg`: without the number or time;
    - `arena/0012.png`, `arena/frame_12.png`, `arena/img12.png`: the folder.

    Numbered photos (`IMG_0001.jpg`, `rat12.jpg`) look the same and are taken for one video too: to part what
    belongs together spoils a test unseen, to keep together what need not be is seen at once. Numbers alone
    (`12.jpg` in no folder) and COCO's names tell nothing.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> names = ["arena_000012.png", "arena.mp4-mask_image_0-12.jpg", "COCO_val2014_000000000042.jpg"]
        >>> [video_of(new(Picture, id=1, file_name=name)) for name in names]
        ['arena', 'arena.mp4', None]
    """
    video = _origin(picture).video
    return video if isinstance(video, str) and video else _video_in(picture.file_name)


def source_of(picture: Picture) -> str:
    """What `picture` is a copy of, by its name: Roboflow changes a picture a little and writes it again.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> names = ["train/cat_jpg.rf.0a1b2c3d4e.jpg", "valid/cat_jpg.rf.5f6a7b8c9d.jpg", "train/cat.jpg"]
        >>> [source_of(new(Picture, id=1, file_name=name)) for name in names]
        ['cat', 'cat', 'train/cat.jpg']
    """
    stem = PurePosixPath(picture.file_name.replace("\\", "/")).stem
    return _stem(picture.file_name) if _COPY.search(stem[-LONGEST:]) else picture.file_name


def frame_of(picture: Picture) -> int | None:
    """The number of the frame: the key "frame", or the last number in the file name; None without."""
    frame = _origin(picture).frame
    if isinstance(frame, int):
        return int(frame)
    stem = _stem(picture.file_name)
    numbers = re.findall(r"\d{1,18}", stem)
    return None if _DATE.search(stem) or not numbers else int(numbers[-1])


def in_time(pictures: list[Picture]) -> list[Picture]:
    """The pictures of one video in the order of their frames: by "frame" if all have it, else by name."""
    frames = [_origin(picture).frame for picture in pictures]
    if all(isinstance(frame, int) for frame in frames):
        places = sorted(range(len(pictures)), key=lambda place: (frames[place], pictures[place].file_name))
        return [pictures[place] for place in places]
    return sorted(pictures, key=lambda picture: (_natural(picture.file_name), picture.file_name))


def grouping(pattern: str = "") -> Callable[[Picture], str | None]:
    r"""`video_of`, or what `pattern` finds in the file name: its first pair of brackets, or all of it.

    Raises:
        OptionError: the pattern is none.

    Example:
        >>> from figureground.datasets.dataset import new
        >>> grouping(r"mouse(\d+)")(new(Picture, id=1, file_name="cage2/mouse7_left.jpg"))
        '7'
    """
    if not pattern:
        return video_of
    try:
        find = re.compile(pattern).search
    except re.error as error:
        raise OptionError(f"{pattern!r} is no regular expression: {error}") from error

    def group_of(picture: Picture) -> str | None:
        found = find(picture.file_name)
        return (found[1] if found.re.groups else found[0]) if found else None

    return group_of


def check_ids(records: tuple[Record, ...], kind: str, name: str = "") -> None:
    """Raise InputError where two of `records`, each a `kind`, have the same id."""
    seen: set[int] = set()
    for record in records:
        if record.id in seen:
            raise InputError(
                f"{name}{': ' if name else ''}{kind} id {record.id} is there twice, so it is not known which "
                "figures belong to it; see 'figureground dataset check'"
            )
        seen.add(record.id)


def videos(dataset: Dataset, group_of: Callable[[Picture], str | None]) -> dict[str | None, list[Picture]]:
    """The pictures of each group; those of none under None."""
    groups: dict[str | None, list[Picture]] = {}
    for picture in dataset.pictures:
        groups.setdefault(group_of(picture), []).append(picture)
    return groups


def _video_in(file_name: str) -> str | None:
    path = PurePosixPath(file_name.replace("\\", "/"))
    stem, folder = _stem(file_name), path.parent.name
    if film := _FILM.match(stem):
        return film[1]
    if _COCO.match(stem):
        return None
    for pattern in (_DATE, _FRAME, _NUMBER):
        rest, found = pattern.subn(_around, stem)
        if found:
            named = "frame" if pattern is _FRAME else None
            return rest if rest.lower() not in _COMMON else (folder or rest or named)
    return stem if _COPY.search(path.stem[-LONGEST:]) else None


def _around(found: re.Match[str]) -> str:
    return "".join(found.groups())


def _stem(file_name: str) -> str:
    """The file's name without folder, suffix, and what Roboflow appends; of a monster only its end."""
    return _COPY.sub("", PurePosixPath(file_name.replace("\\", "/")).stem[-LONGEST:])


def _natural(name: str) -> list[tuple[int, str]]:
    """What sorts 2 before 10."""
    parts = re.split(r"(\d{1,18})", _stem(name))
    return [(int(part), "") if number % 2 else (-1, part) for number, part in enumerate(parts)]


def _origin(picture: Picture) -> _Origin:
    return _decode(picture.raw)
