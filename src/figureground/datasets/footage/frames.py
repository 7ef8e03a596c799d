"""From videos to a dataset of some of their frames, to be annotated."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import msgspec
import numpy as np

from figureground import __version__
from figureground.datasets.collect import Collector
from figureground.datasets.dataset import Annotation, Dataset, new
from figureground.datasets.footage.choice import Choice, Progress, Wanted, settled, wanted_frames
from figureground.errors import InputError, OptionError
from figureground.frames import Frame, Image
from figureground.stages import Source

DIFFERENT = 20
"""So many frames of each video are taken if nothing else is said, as different as possible."""

COPIED = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
"""Pictures of these kinds are copied byte for byte; others become PNG."""

LARGEST_SIDE = 8192  # of letterboxed pictures
_PACKING = 2  # of PNG files: 1 is fastest, 9 smallest
_STEM_BYTES = 200  # file systems take names of 255


@dataclass(frozen=True)
class Footage:
    """A video, or a sequence of pictures, that frames are taken from.

    Attributes:
        source: its frames.
        video: what the key "video" of its pictures says; empty where it is no video.
        stem: what the names of its pictures begin with.
        folder: where its picture files lie, if it is no video.
    """

    source: Source
    video: str
    stem: str
    folder: Path | None = None


class Figure(NamedTuple):
    """What is drawn on a picture: its class, and the keys of the annotation without its ids."""

    name: str
    values: dict[str, Any]


Look = Callable[[Footage, Wanted, Collector], Iterator[tuple[Frame, list[Figure]]]]
"""Gives the frames of some footage that are wanted, each with its figures."""


@dataclass(frozen=True)
class Gathered:
    """What became of some footage.

    Attributes:
        dataset: the pictures that were taken, and what is drawn on them.
        problems: what was found wrong with the footage on the way, in plain words.
        missing: what was wanted and is not there, in plain words: frames, or all of a video that fails.
    """

    dataset: Dataset
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def take_frames(
    footage: Sequence[Footage],
    folder: str | Path,
    choice: Choice | None = None,
    *,
    square: int | None = None,
    progress: Progress | None = None,
) -> Gathered:
    """Write some frames of `footage` to `folder`, and give the dataset of them.

    A frame of a video is named `<stem>_<frame, 6 digits>.png`; its picture has the keys "video", "frame"
    (from 0) and "time" (seconds), so that a split keeps the frames of a video together. Frames are written
    as they come, so memory holds one of them.

    Args:
        footage: the videos; the choice is made of each.
        folder: an existing folder for the picture files.
        choice: which frames; None takes 20 different ones of each video, and all pictures of a folder.
        square: the side in pixels of square pictures, into which frames are fitted: at the top left, with
            black to the right or below. The key "scale" then holds the factors for x and y: where the
            frame has a point (x, y), the picture has (x * scale[0], y * scale[1]). None keeps their size.
        progress: is told how many frames are read, of all `footage` together; those that are looked at
            before the choice count too.

    Raises:
        OptionError: the side is no sensible one.
        InputError: none of the footage gave any frame.
    """
    if square is not None and not 16 <= square <= LARGEST_SIDE:
        raise OptionError(f"a square must have a side of 16 to {LARGEST_SIDE} pixels, got {square}")
    return gather(footage, Path(folder), choice, _only_frames, square=square, progress=progress)


def gather(
    footage: Sequence[Footage],
    folder: Path,
    choice: Choice | None,
    look: Look,
    *,
    square: int | None = None,
    progress: Progress | None = None,
) -> Gathered:
    """As `take_frames`, with the figures that `look` finds. A video that fails does not stop the others."""
    collector, names, read = Collector(), _Names(), _Read(progress)
    figures: list[Annotation] = []
    problems: list[str] = []
    missing: list[str] = []
    for one in footage:
        name = one.source.info.name
        try:
            chosen = _settled(one, choice, read.again())
            wanted = Wanted(chosen, read.again())
            for frame, found in look(one, wanted, collector):
                image_id = _keep(frame, one, folder, names, collector, square)
                for figure in found:
                    category = collector.category(figure.name)
                    ids = {"id": len(figures) + 1, "image_id": image_id, "category_id": category}
                    figures.append(new(Annotation, **ids, **figure.values))
            missing += [f"{name}: has no {text}" for text in _in_words(wanted.missing())]
        except InputError as error:
            missing.append(str(error))
        problems += [f"{name}: {text}" for text in one.source.problems]
    dataset = replace(collector.dataset(folder), annotations=tuple(figures), rest=_made_by())
    if not dataset.pictures:
        raise InputError("; ".join([*problems, *missing]) or "there is no frame to take")
    return Gathered(dataset, tuple(problems), tuple(missing))


def name_videos(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """For each of `paths` what the key "video" of its pictures says, and what their names begin with.

    It is the file's name, and the name without suffix. Where two would then have the same, whatever the
    letter case, the suffix stays, or the folders in which they lie go before.

    Example:
        >>> name_videos([Path("in/a/one.mp4"), Path("in/b/one.mp4"), Path("in/b/two.avi")])
        [('a/one.mp4', 'a_one'), ('b/one.mp4', 'b_one'), ('two.avi', 'two')]
        >>> name_videos([Path("one.mp4"), Path("one.avi")])
        [('one.mp4', 'one_mp4'), ('one.avi', 'one_avi')]
    """
    stems = Counter(path.stem.casefold() for path in paths)
    names = Counter(path.name.casefold() for path in paths)
    shared = _common([path for path in paths if names[path.name.casefold()] > 1])
    found: list[tuple[str, str]] = []
    taken = _Names()
    for path in paths:
        video, stem = path.name, path.stem
        if names[video.casefold()] > 1:
            place = path.absolute().relative_to(shared)
            video, stem = place.as_posix(), "_".join(place.with_suffix("").parts)
        elif stems[stem.casefold()] > 1:
            stem = f"{stem}_{path.suffix[1:]}"
        found.append((video, taken.free(_short(stem), "")))
    return found


def letterboxed(image: Image, side: int) -> tuple[Image, tuple[float, float]]:
    """`image` (h, w, 3) in a square of `side` pixels, and the factors by which x and y grew.

    Example:
        >>> picture, scale = letterboxed(np.full((60, 80, 3), 255, np.uint8), 40)
        >>> picture.shape, int(picture[29].min()), int(picture[30:].max()), scale
        ((40, 40, 3), 255, 0, (0.5, 0.5))
    """
    height, width = image.shape[:2]
    share = side / max(height, width)
    size = max(1, round(width * share)), max(1, round(height * share))
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    out = np.zeros((side, side, 3), np.uint8)
    out[: size[1], : size[0]] = cv2.resize(image, size, interpolation=way)
    return out, (size[0] / width, size[1] / height)


def _settled(footage: Footage, choice: Choice | None, progress: Progress) -> Choice:
    if choice is None:
        choice = Choice(different=DIFFERENT) if footage.video else Choice(every=1)
    return settled(footage.source, choice, progress)


def _made_by() -> dict[str, msgspec.Raw]:
    info = {"description": f"made by figureground {__version__}"}
    return {"info": msgspec.Raw(msgspec.json.encode(info))}


def _only_frames(
    footage: Footage, wanted: Wanted, collector: Collector
) -> Iterator[tuple[Frame, list[Figure]]]:
    return ((frame, []) for frame in wanted_frames(footage.source, wanted))


def _keep(
    frame: Frame, footage: Footage, folder: Path, names: "_Names", collector: Collector, square: int | None
) -> int:
    """Write the picture file of `frame` and note it; its id."""
    more: dict[str, Any] = {}
    if footage.video:
        more = {"video": footage.video, "frame": frame.index, "time": round(float(frame.time), 6)}
    image = frame.image
    if square is not None:
        image, more["scale"] = letterboxed(image, square)
    file = None if footage.folder is None or square else footage.folder / frame.name
    if file is not None and file.suffix.lower() in COPIED:
        name = names.free(file.stem, file.suffix, f"{footage.stem}_{file.stem}")
        (folder / name).write_bytes(_content(file))
    else:
        stem = f"{footage.stem}_{frame.index:06d}"
        name = names.free(Path(frame.name).stem or stem, ".png", stem)
        (folder / name).write_bytes(_png(image))
    return collector.picture(name, (image.shape[0], image.shape[1]), more)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from error


def _png(image: Image) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, _PACKING])[1])


class _Names:
    """Names that are given away, each once, whatever the letter case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, stem: str, suffix: str, instead: str = "") -> str:
        """`stem` + `suffix` if that is free, else with `instead` for the stem, else with a number."""
        name, number = stem + suffix, 1
        while name.casefold() in self._taken:
            tail = f"_{number}" if number > 1 or not instead else ""
            name, number = f"{instead or stem}{tail}{suffix}", number + 1
        self._taken.add(name.casefold())
        return name


class _Read:
    """Counts the frames that are read, through several passes."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._before, self._read = progress, 0, 0

    def again(self) -> "_Read":
        """Itself, to count one more pass."""
        self._before = self._read
        return self

    def __call__(self, done: int) -> None:
        self._read = self._before + done
        if self._progress:
            self._progress(self._read)


def _common(paths: Sequence[Path]) -> Path:
    """The last folder that holds all of `paths`, so that each has a place of its own below it."""
    folders = [path.absolute().parent for path in paths]
    if not folders:
        return Path()
    return next(
        one for one in (folders[0], *folders[0].parents) if all(f.is_relative_to(one) for f in folders)
    )


def _short(stem: str) -> str:
    return stem.encode(errors="replace")[:_STEM_BYTES].decode(errors="ignore")


def _in_words(missing: list[str]) -> list[str]:
    """What is missing in one text, if anything is; of many only the first are named."""
    if len(missing) <= 5:
        return [", ".join(missing)] if missing else []
    return [f"{', '.join(missing[:5])}, and {len(missing) - 5} more"]
