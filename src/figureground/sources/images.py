"""Pictures as a source: a folder, a pattern, one file, or the pages of a TIFF file."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from figureground.errors import InputError
from figureground.frames import Frame, Image, SourceInfo
from figureground.sources.inputs import STILLS, is_input, is_still, natural_order
from figureground.sources.span import Span
from figureground.stills import count_pages, read_still

_NAMED = 3  # so many unreadable pictures are named in the problem's text


def find_stills(path: str | Path) -> list[Path]:
    """The pictures that `path` names, in natural order; none where it is another kind of file.

    Args:
        path: a folder (without those below it), a pattern such as "frames/*.png", or a picture.

    Raises:
        InputError: there is no such thing, or no picture in the folder, or none fits the pattern.
    """
    path = Path(path)
    if path.is_dir():
        return _in_folder(path)
    if path.exists() or not glob.has_magic(str(path)):
        return [path] if is_still(path) else []
    anchor, pattern = path.anchor or ".", path.relative_to(path.anchor)
    try:
        names = natural_order(str(file) for file in Path(anchor).glob(str(pattern)))
    except ValueError as error:
        raise InputError(f"{path}: there is no such file, and as a pattern it is wrong ({error})") from error
    stills = [Path(name) for name in names if is_input(name) and is_still(name)]
    if not stills:
        fitting = (
            f"what fits it are no pictures, such as {names[0]}" if names else "nothing fits this pattern"
        )
        raise InputError(f"{path}: {fitting}")
    return stills


class ImagesSource:
    """The pictures `paths`, each a frame with its file's name; they may differ in size.

    Times are index / `rate`, or the index in seconds. A picture that cannot be read is left out and told
    in `problems`; the others keep their index. One TIFF file alone gives its pages.

    Args:
        paths: in order; at least one.
        name: what the user calls them.
        span: which part of them.
        rate: frames a second.

    Raises:
        InputError: none of them can be read.
    """

    def __init__(
        self, paths: Sequence[Path], name: str, span: Span | None = None, rate: Fraction | None = None
    ) -> None:
        self._paths, self._rate = list(paths), rate
        self._pages = count_pages(paths[0]) if len(paths) == 1 else 1
        self._chosen = (span or Span()).indices(max(len(paths), self._pages), rate or Fraction(1))
        self._unread: list[InputError] = []
        first = next(self._frames(self._chosen, self._unread), None)
        if first is None:
            raise self._nothing(name)
        step = 1 / (rate or Fraction(1))
        count = len(self._chosen)
        self._info = SourceInfo(name, "stills", first.size, rate, count, count * step, step)

    @property
    def info(self) -> SourceInfo:
        """The size is that of the first picture."""
        return self._info

    @property
    def problems(self) -> Sequence[str]:
        """Pictures of the latest iteration that could not be read, so far."""
        if not self._unread:
            return []
        some = "; ".join(str(error) for error in self._unread[:_NAMED])
        more = "; ..." if len(self._unread) > _NAMED else ""
        plural = "" if len(self._unread) == 1 else "s"
        return [f"{len(self._unread)} picture{plural} skipped: {some}{more}"]

    def __iter__(self) -> Iterator[Frame]:
        self._unread = []
        return self._frames(self._chosen, self._unread)

    def sample(self, count: int) -> Iterator[Frame]:
        """`count` pictures evenly spread; the next one for each that cannot be read."""
        total = len(self._chosen)
        places = np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(int)).tolist()
        for place, following in pairwise([*places, total]):
            yield from islice(self._frames(self._chosen[place:following], []), 1)

    def _frames(self, indices: Iterable[int], unread: list[InputError]) -> Iterator[Frame]:
        for index in indices:
            try:
                image = self._read(index)
            except InputError as error:
                unread.append(error)
                continue
            yield Frame(image, index, index / (self._rate or Fraction(1)), self._file_name(index))

    def _read(self, index: int) -> Image:
        return read_still(self._paths[0], index) if self._pages > 1 else read_still(self._paths[index])

    def _file_name(self, index: int) -> str:
        if self._pages == 1:
            return self._paths[index].name
        return f"{self._paths[0].stem}_{index:04d}{self._paths[0].suffix}"

    def _nothing(self, name: str) -> InputError:
        if not self._unread:
            return InputError(f"{name}: none of its pictures lies in the part that was asked for")
        if len(self._unread) == 1:
            return self._unread[0]
        return InputError(f"{name}: none of {len(self._unread)} pictures can be read; {self._unread[0]}")


def _in_folder(path: Path) -> list[Path]:
    try:
        names = natural_order(file.name for file in path.iterdir())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    inputs = [path / name for name in names if is_input(name)]
    stills = [file for file in inputs if is_still(file)]
    if not stills:
        hint = f"; for a video in it write {inputs[0]}" if inputs else f" ({', '.join(sorted(STILLS))})"
        raise InputError(f"{path}: no pictures in this folder{hint}")
    return stills
