"""Writing pairs to disk, shard by shard, so that a run that was stopped goes on."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from PIL import Image as Pillow

from figureground import __version__
from figureground.datasets.archive import open_zip
from figureground.datasets.compose.coding import (
    depth_to_data,
    mask_to_data,
    noise_to_data,
    picture_to_data,
)
from figureground.datasets.compose.scene import Pair
from figureground.datasets.compose.sheet import pairs_to_sheet
from figureground.datasets.compose.store import (
    INDEX,
    LISTED,
    SHARDS,
    SHEET,
    Entry,
    Index,
    Listed,
    Shard,
    Store,
    read_shard,
)
from figureground.datasets.compose.tally import Tally, joined_tallies
from figureground.errors import InputError, OptionError
from figureground.files import output_errors, part_folder, written
from figureground.folders import check_folder, written_folder
from figureground.stills import read_still

_ON_SHEET = 24
_EPOCH = 1980, 1, 1, 0, 0, 0  # the date of every member: the same pairs give the same bytes
_RECIPE = "recipe.json"


def write_store(
    out: str | Path,
    shard: Callable[[int], Iterable[Pair]],
    shards: int,
    recipe: Mapping[str, Any],
    *,
    size: tuple[int, int],
    lossless: bool = False,
    resume: bool = False,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Write pairs to a folder that `store.Store` reads; there is no such folder until it is whole.

    Args:
        out: the folder.
        shard: the pairs of shard k; asked for in their order, one at a time.
        shards: how many there are.
        recipe: what makes the pairs, as JSON can say it; a run goes on only with the same.
        size: (h, w) of all pictures in pixels.
        lossless: write frames and backgrounds as PNG; else as JPEG.
        resume: keep the whole shards of a run that was stopped.
        overwrite: replace what figureground wrote there.
        progress: called with the number of pairs that are done.

    Returns:
        The statistics.

    Raises:
        OptionError: there is nothing to resume, or it was begun with another recipe.
        OutputError: something else is there, or it cannot be written.
    """
    out = Path(out)
    check_folder(out, overwrite=overwrite)
    part = part_folder(out)
    made = msgspec.json.encode({**recipe, "lossless": lossless, "size": size}, order="sorted")
    with output_errors(out):
        _begin(out, part, made, resume=resume)
        done, names = 0, []
        tallies: list[Tally] = []
        for number in range(shards):
            path = part / SHARDS / f"{number:05}.zip"
            tally = _tally_of(path) if path.is_file() else None
            if tally is None:
                tally = _write_shard(path, shard(number), lossless, lambda n, at=done: progress(at + n))  # type: ignore[misc]
            done += tally.pairs
            names.append(Listed(path.name, tally.pairs))
            tallies.append(tally)
            progress(done)
        statistics = joined_tallies(tallies).told()
        index = Index(
            figureground=__version__,
            recipe=msgspec.json.decode(made),
            size=size,
            shards=names,
            statistics=statistics,
        )
        _finish(out, part, index, overwrite=overwrite)
    return statistics


def _begin(out: Path, part: Path, made: bytes, *, resume: bool) -> None:
    """Make `part` ready: as a run left it that was stopped, or new."""
    recipe = part / _RECIPE
    if resume:
        if not recipe.is_file():
            raise OptionError(f"{out}: there is nothing to go on with; leave --resume out")
        if recipe.read_bytes() != made:
            raise OptionError(f"{out}: was begun with other options; give those, or leave --resume out")
        return
    if part.exists():
        shutil.rmtree(part)
    (part / SHARDS).mkdir(parents=True)
    recipe.write_bytes(made)


def _tally_of(path: Path) -> Tally | None:
    """The statistics of a whole shard; None where it is not whole."""
    try:
        with open_zip(path) as archive:
            return read_shard(archive, path).tally
    except InputError:
        return None


def _write_shard(path: Path, pairs: Iterable[Pair], lossless: bool, progress: Callable[[int], None]) -> Tally:
    tally, entries = Tally(), []
    with written(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        members = _Members(archive)
        for pair in pairs:
            entries.append(_write_pair(members, pair, lossless, tally))
            progress(len(entries))
        members.put(LISTED, msgspec.json.encode(Shard(entries, tally)))
    return tally


class _Members:
    """The members of a zip file; equal bytes are written once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names: dict[bytes, str] = {}

    def put(self, name: str, data: bytes) -> str:
        """Write `data`; under which name it is there."""
        known = hashlib.sha256(data).digest()
        if known not in self._names:
            self._archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
            self._names[known] = name
        return self._names[known]


def _write_pair(members: _Members, pair: Pair, lossless: bool, tally: Tally) -> Entry:
    """Write a pair, and count it as it is read back."""
    number = f"{tally.pairs:05}"
    pictures = []
    for kind, image in (("background", pair.background), ("frame", pair.frame)):
        data, suffix = picture_to_data(image, lossless=lossless)
        kept = image if lossless else read_still(kind, data=data)
        pictures.append((members.put(f"{number}_{kind}.{suffix}", data), kept))
    known = bool(np.isfinite(pair.depth).any())
    (background, kept_background), (frame, kept_frame) = pictures
    tally.add(Pair(kept_background, kept_frame, pair.noise, pair.mask, pair.depth))
    return Entry(
        background,
        frame,
        members.put(f"{number}_noise.png", noise_to_data(pair.noise)),
        members.put(f"{number}_mask.png", mask_to_data(pair.mask)),
        members.put(f"{number}_depth.png", depth_to_data(pair.depth)) if known else "",
    )


def _finish(out: Path, part: Path, index: Index, *, overwrite: bool) -> None:
    """Put the whole store in its place."""
    (part / INDEX).write_bytes(msgspec.json.format(msgspec.json.encode(index), indent=1))
    store = Store(part)
    chosen = np.unique(np.linspace(0, max(0, len(store) - 1), min(_ON_SHEET, len(store))).astype(int))
    sheet = pairs_to_sheet(store[int(number)] for number in chosen)
    store.close()
    Pillow.fromarray(sheet).save(part / SHEET, quality=90)
    with written_folder(out, overwrite=overwrite) as folder:
        for name in (INDEX, SHEET, SHARDS):
            (part / name).rename(folder / name)
    shutil.rmtree(part, ignore_errors=True)
