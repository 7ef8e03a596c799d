"""Names by which LabGym knows examples, and how a name of any kind becomes part of one."""

import re
from pathlib import Path
from typing import NamedTuple

from figureground.frames import SourceInfo
from figureground.writers.examples.settings import Settings

_NAME = re.compile(r"([^.]*)_(\d+)_len(\d+)(?:_scdt(\d+))?(?:_std(\d+))?(_itbs|_itadv)?", re.ASCII)
_UNFIT = re.compile(r'[\x00-\x1f\x7f./\\:*?"<>|]')
_FORBIDDEN = re.compile(r"[_\-,.]")
_LONGEST = 90  # bytes, of video and of class; file systems end at 255, and what comes after is short


class ExampleName(NamedTuple):
    """What the name of an example says.

    Attributes:
        before: all before the number of the frame: video, class and id.
        frame: index of the window's last frame.
        length: frames in the window.
        social_distance: None where the name has none.
        body_parts: None where the name has none.
        mode: "", "_itbs" or "_itadv".
    """

    before: str
    frame: int
    length: int
    social_distance: int | None
    body_parts: int | None
    mode: str


def parse_name(stem: str) -> ExampleName | None:
    """What the name of an example says, without its ending; None where it is none that LabGym takes.

    Example:
        >>> parse_name("arena_mouse_0_345_len15_std30").frame
        345
    """
    found = _NAME.fullmatch(stem)
    if found is None or stem.count("_len") != 1:
        return None
    before, frame, length, distance, parts, mode = found.groups()
    numbers = [None if one is None else int(one) for one in (distance, parts)]
    return ExampleName(before, int(frame), int(length), numbers[0], numbers[1], mode or "")


def fit_name(text: str) -> str:
    """`text` without what LabGym, or a file system, stumbles over in a name: dots, `_len`, slashes.

    Example:
        >>> fit_name("day.2_len5"), fit_name("")
        ('day-2-len5', 'video')
    """
    text = _UNFIT.sub("-", text.encode("utf-8", "replace").decode()).strip(" ").replace("_len", "-len")
    return text.encode()[:_LONGEST].decode(errors="ignore") or "video"


def video_name(info: SourceInfo) -> tuple[str, str]:
    """What a source is called, and what its examples are called by it: the same where LabGym takes that."""
    given = Path(info.name)
    name = given.stem if info.kind == "video" else given.name
    if info.kind == "stills" and set(name) & set("*?["):
        name = given.parent.name  # of a pattern, what it is looked for in
    return name, fit_name(name)


def why_unfit(name: str) -> str:
    """Why `fit_name` changes the name of a video."""
    if "." in name or "_len" in name:
        return "LabGym takes no dots and no _len in the names of videos"
    return "it is too long, or has letters that not every system takes in names"


def example_stem(video: str, figure: str, frame: int, settings: Settings) -> str:
    """The name of an example without its ending; `video` and `figure` ("mouse_0", or "") are fit names.

    Example:
        >>> example_stem("arena", "mouse_0", 345, Settings(body_parts=30))
        'arena_mouse_0_345_len15_std30'
    """
    before = f"{video}_{figure}" if figure else video
    stem = f"{before.replace('_len', '-len')}_{frame}_len{settings.length}"
    if settings.interactive == "advanced":
        stem += f"_scdt{settings.social_distance}"
    if settings.body_parts is not None:
        stem += f"_std{settings.body_parts}"
    return stem + {"": "", "basic": "_itbs", "advanced": "_itadv"}[settings.interactive]


def unfit_behaviour(name: str) -> str:
    """Which letters in the name of a behaviour LabGym cannot have; empty where it is fine.

    LabGym takes for the behaviour what follows the last `_` of a file's name, up to its dot.

    Example:
        >>> unfit_behaviour("self-grooming_2"), unfit_behaviour("rearing")
        ('-_', '')
    """
    return "".join(dict.fromkeys(_FORBIDDEN.findall(name)))


def fit_behaviour(name: str) -> str:
    """The name of a behaviour without what LabGym or a file system stumbles over; maybe empty.

    Example:
        >>> fit_behaviour(" self-grooming_2")
        'selfgrooming2'
    """
    return _UNFIT.sub("", _FORBIDDEN.sub("", name)).strip()
