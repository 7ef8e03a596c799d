"""Pairs on disk: zip files of stored pictures, which stay open while they are read.

    OUT/index.json          what made it, which shards there are, exact statistics
    OUT/sheet.jpg           some pairs to look at
    OUT/shards/00000.zip    stored, not packed: JPEG or PNG pictures, PNG masks of 1 bit, 16-bit depth

A picture that several pairs of a shard share is in it once.
"""

from collections import OrderedDict
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import msgspec
import numpy as np

from figureground.datasets.archive import open_zip, safe_name, unpacked
from figureground.datasets.compose.coding import (
    data_to_depth,
    data_to_mask,
    data_to_noise,
)
from figureground.datasets.compose.scene import Pair
from figureground.datasets.compose.tally import Tally
from figureground.errors import InputError
from figureground.frames import Image
from figureground.stills import read_still

INDEX, SHEET, SHARDS, LISTED = "index.json", "sheet.jpg", "shards", "pairs.json"
OPEN = 16
"""Shards that are kept open."""

_LARGEST_LIST = 64 << 20  # bytes of a shard's list


class Entry(msgspec.Struct, frozen=True):
    """The members of a shard that a pair is in; `depth` is empty where nothing is known."""

    background: str
    frame: str
    noise: str
    mask: str
    depth: str = ""


class Shard(msgspec.Struct, frozen=True):
    """The list in a shard."""

    pairs: list[Entry]
    tally: Tally


class Listed(msgspec.Struct, frozen=True):
    """A shard in the index."""

    name: str
    pairs: int


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """The file index.json.

    Attributes:
        figureground: the version that wrote it.
        recipe: what made the pairs.
        size: (h, w) in pixels.
        shards: in their order.
        statistics: see tally.Tally.told.
    """

    figureground: str
    recipe: dict[str, Any]
    size: tuple[int, int]
    shards: list[Listed]
    statistics: dict[str, Any]


class Store:
    """The pairs in a folder, as a sequence.

    Args:
        folder: what `write_store` wrote.

    Raises:
        InputError: there is no such folder, or its index is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.index = read_index(self.folder)
        self._starts = np.cumsum([0, *(one.pairs for one in self.index.shards)])
        self._open: OrderedDict[int, _Opened] = OrderedDict()

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, number: int) -> Pair:
        """One pair.

        Raises:
            IndexError: there are not so many.
            InputError: its shard is missing or damaged.
        """
        if not 0 <= number < len(self):
            raise IndexError(f"{self.folder}: has {len(self)} pairs, so none with the number {number}")
        shard = int(np.searchsorted(self._starts, number, side="right")) - 1
        return self._shard(shard).read(number - int(self._starts[shard]), self.index.size)

    def _shard(self, number: int) -> "_Opened":
        if number not in self._open:
            listed = self.index.shards[number]
            self._open[number] = _Opened(self.folder / SHARDS / safe_name(listed.name), listed.pairs)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)[1].archive.close()
        self._open.move_to_end(number)
        return self._open[number]

    def close(self) -> None:
        """Close all files; reading opens them again."""
        while self._open:
            self._open.popitem()[1].archive.close()

    def __reduce__(self) -> tuple[object, ...]:  # open files do not travel to other processes
        return Store, (self.folder,)


class _Opened:
    """A shard whose file stays open."""

    def __init__(self, path: Path, pairs: int) -> None:
        self.archive = open_zip(path)
        try:
            self.members: dict[str, ZipInfo] = {info.filename: info for info in self.archive.infolist()}
            self.entries = read_shard(self.archive, path).pairs
            if len(self.entries) != pairs:
                raise InputError(f"{path}: has {len(self.entries)} pairs; the index tells of {pairs}")
        except InputError:
            self.archive.close()
            raise

    def read(self, number: int, size: tuple[int, int]) -> Pair:
        entry = self.entries[number]
        noise = data_to_noise(self._data(entry.noise), self._name(entry.noise))
        mask = data_to_mask(self._data(entry.mask), self._name(entry.mask))
        depth = np.full(size, np.nan, np.float32)
        if entry.depth:
            depth = data_to_depth(self._data(entry.depth), self._name(entry.depth))
        pair = Pair(self._picture(entry.background), self._picture(entry.frame), noise, mask, depth)
        for name, part in zip(
            Entry.__struct_fields__, (pair.background, pair.frame, noise, mask, depth), strict=True
        ):
            if part.shape[:2] != tuple(size):
                raise InputError(
                    f"{self.archive.filename}: the {name} of pair {number} is {part.shape[:2]}, not {size}"
                )
        return pair

    def _picture(self, name: str) -> Image:
        return read_still(self._name(name), data=self._data(name))

    def _name(self, member: str) -> str:
        return f"{self.archive.filename}: {member}"

    def _data(self, name: str) -> bytes:
        if name not in self.members:
            raise InputError(f"{self.archive.filename}: has no {name!r}, which its list names")
        return unpacked(self.archive, self.members[name])


def read_index(folder: Path) -> Index:
    """The index of a store.

    Raises:
        InputError: it is missing or damaged.
    """
    path = folder / INDEX
    try:
        index = msgspec.json.decode(path.read_bytes(), type=Index)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); give a folder of 'dataset compose'"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is damaged, or no index of composed pairs ({error})") from error
    if any(shard.pairs < 0 for shard in index.shards) or not 0 < min(index.size) <= max(index.size) < 1 << 16:
        raise InputError(f"{path}: is damaged: a number in it cannot be")
    return index


def read_shard(archive: ZipFile, path: Path) -> Shard:
    """The list in a shard.

    Raises:
        InputError: it is missing or damaged.
    """
    try:
        info = archive.getinfo(LISTED)
    except KeyError:
        raise InputError(f"{path}: has no {LISTED}, so it is no shard of composed pairs") from None
    if info.file_size > _LARGEST_LIST:
        raise InputError(f"{path}: its list has {info.file_size} bytes, too many to be true")
    try:
        return msgspec.json.decode(unpacked(archive, info), type=Shard)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: its list is damaged ({error})") from error
