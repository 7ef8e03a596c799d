"""What a pair network learns from and is judged by: pairs, made or read by their number.

The part "test" has figures, backgrounds and rendered scenes of its own: which of them, their names say
(by a hash), so that the same files always fall into the same part.
"""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from figureground.datasets.compose.backgrounds import Backgrounds, open_backgrounds
from figureground.datasets.compose.composer import PER_CLIP, Composer, Sources
from figureground.datasets.compose.cutouts import Cutouts, cutouts_of, joined, open_cutouts
from figureground.datasets.compose.rendered.scene import rendered_scene
from figureground.datasets.compose.scene import Pair, Scene
from figureground.datasets.compose.store import Store
from figureground.datasets.formats import read_dataset
from figureground.errors import InputError, OptionError
from figureground.frames import Image

Part = Literal["train", "test"]
TESTED = 0.15
"""Share of the figures and of the backgrounds that only judge; at least one where there are two."""
_TEXTURES, _TEXTURED, _PIECE = 5, 0.7, (128, 128)
_NAMES = 8  # letters of a fingerprint


class Material(Protocol):
    """Pairs in units, such as the pairs of one clip; the same number gives the same pairs in any process.

    No figure and no background of the part "train" is in the part "test".
    """

    def pairs(self, unit: int, part: Part) -> list[Pair]:
        """The pairs of a unit, 0 or more; of one clip, so they are alike."""

    def told(self) -> dict[str, str]:
        """What it is made of, for the model's card, and to know it again."""


@dataclass(frozen=True)
class Composed:
    """Pairs that are made when they are asked for.

    Attributes:
        figures: cut-outs.
        backgrounds: pictures and panoramas.
        rendered: share of the clips that are rendered, 0..1.
        size: (h, w) of the pairs.
        seed: another one makes other pairs.
        licences: what is told of the sources.
    """

    figures: Cutouts
    backgrounds: Backgrounds
    rendered: float = 1.0
    size: tuple[int, int] = (192, 256)
    seed: int = 0
    licences: tuple[str, ...] = ()

    def pairs(self, unit: int, part: Part) -> list[Pair]:
        """The pairs of clip `unit`."""
        return self._composers[part].clip(unit)

    def told(self) -> dict[str, str]:
        """Which files of each kind there are, by a hash of their names."""
        return {
            "figures": _named(self.figures.names),
            "backgrounds": _named(self.backgrounds.names),
            "rendered": f"{self.rendered:g} of the clips",
            "seed": str(self.seed),
            "licences": "; ".join(self.licences),
        }

    @functools.cached_property
    def _composers(self) -> dict[Part, Composer]:
        return {"train": self._composer("train"), "test": self._composer("test")}

    def _composer(self, part: Part) -> Composer:
        figures = [self.figures.readers[i] for i in rows_of(self.figures.names, part)]
        names = [self.figures.names[i] for i in rows_of(self.figures.names, part)]
        grounds = rows_of(self.backgrounds.names, part)
        backgrounds = Backgrounds(
            [self.backgrounds.readers[i] for i in grounds], [self.backgrounds.names[i] for i in grounds]
        )
        rendered = Rendered(backgrounds, part) if self.rendered else None
        sources = Sources(Cutouts(figures, names), backgrounds, rendered, self.rendered)
        seed = 2 * self.seed + (part == "test")
        return Composer(sources, seed=seed, size=self.size, count=1 << 40)

    def __getstate__(self) -> dict[str, object]:  # what was read does not travel to other processes
        return {name: value for name, value in self.__dict__.items() if name != "_composers"}


@dataclass(frozen=True)
class Rendered:
    """Makes rendered scenes, at times covered with pieces of pictures; each part has scenes of its own.

    Attributes:
        backgrounds: whose pieces are taken.
        part: the part.
    """

    backgrounds: Backgrounds
    part: Part

    def __call__(self, seed: int, size: tuple[int, int], frames: int) -> Scene:
        """A scene of `size` (h, w) with `frames` moments."""
        rng = np.random.default_rng((seed, 17))
        textures: list[Image] = []
        if len(self.backgrounds) and rng.random() < _TEXTURED:
            for number in rng.integers(len(self.backgrounds), size=_TEXTURES).tolist():
                above = bool(rng.random() < 0.5)
                textures.append(self.backgrounds.view(number, _PIECE, rng, above=above).image)
        return rendered_scene(2 * seed + (self.part == "test"), size, frames, textures=textures)


@dataclass(frozen=True)
class Stored:
    """Pairs of stores that `figureground dataset compose` wrote.

    Attributes:
        learned: the store of the part "train".
        judged: that of the part "test"; None takes every tenth clip of `learned` out instead, and then
            figures and backgrounds of the two parts are the same.
    """

    learned: Store
    judged: Store | None = None
    _each: int = field(default=10, init=False)

    def pairs(self, unit: int, part: Part) -> list[Pair]:
        """The pairs of a clip; after the last clip comes the first."""
        store = self.judged if part == "test" and self.judged is not None else self.learned
        clips = -(-len(store) // PER_CLIP)
        if not clips:
            return []
        number = unit % clips
        if self.judged is None:
            if clips < 2:
                raise InputError(
                    f"{store.folder}: has one clip; two are needed, one to learn and one to judge"
                )
            held = np.arange(clips) % min(self._each, clips) == 0
            chosen = np.flatnonzero(held if part == "test" else ~held)
            number = int(chosen[unit % len(chosen)])
        first = number * PER_CLIP
        return [store[one] for one in range(first, min(first + PER_CLIP, len(store)))]

    def told(self) -> dict[str, str]:
        """The stores and what made them."""
        stores = {"learned": self.learned, "judged": self.judged}
        return {
            name: f"{store.folder.name}, {len(store)} pairs, {store.index.recipe}"
            for name, store in stores.items()
            if store is not None
        }


def open_composed(
    figures: Sequence[str | Path],
    backgrounds: Sequence[str | Path],
    *,
    rendered: float | None = None,
    size: tuple[int, int] = (192, 256),
    seed: int = 0,
    licences: Sequence[str] = (),
) -> Composed:
    """What pairs are composed of.

    Args:
        figures: folders of cut-outs, or datasets.
        backgrounds: folders or files of pictures and panoramas.
        rendered: share of the clips that are rendered; None is 0.5 where there are figures and backgrounds,
            else 1.
        size: (h, w) of the pairs.
        seed: another one makes other pairs.
        licences: of the sources, one text each.

    Raises:
        InputError: a folder cannot be read, or holds nothing of use.
        OptionError: a number makes no sense, or there is nothing to compose.
    """
    if rendered is None:
        rendered = 0.5 if figures and backgrounds else 1.0
    if not 0 <= rendered <= 1:
        raise OptionError(f"rendered: must be 0 to 1, got {rendered:g}")
    if rendered < 1 and not backgrounds:
        raise OptionError("rendered: what is not rendered needs backgrounds; give some, or leave it 1")
    found = joined(_cutouts(one) for one in figures)
    places = open_backgrounds(list(backgrounds)) if backgrounds else Backgrounds((), ())
    return Composed(found, places, rendered, size, seed, tuple(licences))


def _cutouts(path: str | Path) -> Cutouts:
    """The cut-outs of a folder, else the figures of a dataset."""
    if Path(path).is_dir():
        try:
            return open_cutouts(path)
        except InputError as error:
            if "has no cut-outs" not in str(error):
                raise
    return cutouts_of(read_dataset(str(path)))


def rows_of(names: Sequence[str], part: Part) -> list[int]:
    """The rows whose names fall into a part; those of one picture fall into the same.

    Example:
        >>> [len(rows_of([f"{i}.png" for i in range(20)], part)) for part in ("train", "test")]
        [17, 3]
        >>> rows_of(["a.png"], "test")
        [0]
    """
    pictures = sorted({_picture(name) for name in names}, key=_hash)
    if len(pictures) < 2:
        return list(range(len(names)))
    tested = set(pictures[: max(1, round(TESTED * len(pictures)))])
    return [row for row, name in enumerate(names) if (_picture(name) in tested) == (part == "test")]


def _picture(name: str) -> str:
    """The file that a figure is of, without its folder: a data folder may be moved."""
    return Path(name.rpartition(", annotation ")[0] or name).name


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _named(names: Sequence[str]) -> str:
    mark = _hash("\n".join(sorted(Path(name).name for name in names)))[:_NAMES]
    folders = sorted({Path(name).parent.name for name in names})
    return f"{len(names)} ({', '.join(folders[:12])}; {mark})" if names else "none"
