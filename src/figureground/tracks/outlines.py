"""Outlines: many masks as COCO run lengths, made into crops only when one is asked for."""

from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco

from figureground.errors import InputError
from figureground.instances import Crop, IntArray
from figureground.masks import counts_to_crop, string_to_counts

_MOST_LETTERS = 6  # of a run, one for each pixel at most
_EMPTY = Crop(0, 0, np.zeros((0, 0), bool))


class Outlines(Sequence[Crop]):
    """The masks of n figures, each as COCO's packed run lengths of the whole frame.

    A figure of which only the box is known has no run lengths; its crop is empty.

    Attributes:
        size: (h, w) of the frame in pixels.
        data: uint8, the texts of all figures in a row.
        starts: (n,) int64, where the text of each begins in `data`.
        ends: (n,) int64, where it ends.
        origin: the file they are from, for messages; empty for none.

    Example:
        >>> outlines = Outlines.from_crops([Crop(2, 1, np.ones((2, 3), bool))], (5, 7))
        >>> outlines.text(0), outlines[0].window
        (b'723000=', (slice(2, 4, None), slice(1, 4, None)))
    """

    def __init__(
        self,
        size: tuple[int, int],
        data: npt.NDArray[np.uint8],
        starts: IntArray,
        ends: IntArray,
        origin: str = "",
    ):
        self.size, self.data, self.starts, self.ends, self.origin = size, data, starts, ends, origin

    @classmethod
    def from_crops(cls, crops: Iterable[Crop], size: tuple[int, int]) -> "Outlines":
        """Those of `crops` in a frame of `size` (h, w)."""
        return cls.from_texts([crop_to_text(crop, size) for crop in crops], size)

    @classmethod
    def from_texts(cls, texts: Sequence[bytes], size: tuple[int, int], origin: str = "") -> "Outlines":
        """From COCO's packed run lengths; an empty text is a figure without an outline."""
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        starts = np.concatenate(([0], ends[:-1])).astype(np.int64)[: len(ends)]
        return cls(size, np.frombuffer(b"".join(texts), np.uint8), starts, ends, origin)

    @classmethod
    def joined(cls, parts: Sequence["Outlines"], size: tuple[int, int]) -> "Outlines":
        """The figures of all `parts`, one after the other."""
        shifts = np.cumsum([0, *(len(part.data) for part in parts)])
        pairs = list(zip(parts, shifts[:-1], strict=True))
        none = np.zeros(0, np.int64)
        return cls(
            size,
            np.concatenate([np.zeros(0, np.uint8), *(part.data for part in parts)]),
            np.concatenate([none, *(part.starts + shift for part, shift in pairs)]),
            np.concatenate([none, *(part.ends + shift for part, shift in pairs)]),
            next((part.origin for part in parts if part.origin), ""),
        )

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> Crop: ...
    @overload
    def __getitem__(self, index: slice) -> "Outlines": ...
    def __getitem__(self, index: int | slice) -> "Crop | Outlines":
        """One crop, or the outlines of some figures.

        Raises:
            InputError: the run lengths are damaged.
        """
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        text = self.text(index)
        try:
            if len(text) > _MOST_LETTERS * (self.size[0] * self.size[1] + 2):
                raise ValueError(f"run lengths of {len(text):,} letters for a frame of {self.size}")
            return counts_to_crop(string_to_counts(text), self.size) if text else _EMPTY
        except ValueError as error:
            raise InputError(f"{self.origin or 'tracks'}: an outline is damaged: {error}") from error

    def text(self, index: int) -> bytes:
        """COCO's packed run lengths of one figure, empty where its outline is not known."""
        return self.data[self.starts[index] : self.ends[index]].tobytes()

    def take(self, rows: npt.NDArray[np.int64]) -> "Outlines":
        """Those of the figures at `rows` (m,); costs nothing for the outlines themselves."""
        return Outlines(self.size, self.data, self.starts[rows], self.ends[rows], self.origin)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(n,) bool: whether a figure has an outline at all."""
        return self.ends > self.starts


def crop_to_text(crop: Crop, size: tuple[int, int]) -> bytes:
    """COCO's packed run lengths of a crop in a frame of `size` (h, w); empty for a crop without pixels.

    Costs what the figure costs, where pycocotools' `encode` looks at the whole frame.

    Example:
        >>> crop_to_text(Crop(2, 1, np.array([[True], [True]])), (5, 7))
        b'72j0'
    """
    counts = crop_to_counts(crop, size)
    if len(counts) < 2:
        return b""
    height, width = size
    packed: bytes = coco.frPyObjects({"size": [height, width], "counts": counts}, height, width)["counts"]
    return packed


def crop_to_counts(crop: Crop, size: tuple[int, int]) -> list[int]:
    """COCO's run lengths of a crop in a frame of `size` (h, w): column by column, ground first.

    Example:
        >>> crop_to_counts(Crop(2, 1, np.array([[True], [True]])), (5, 7))
        [7, 2, 26]
    """
    height, width = size
    rows, columns = crop.mask.shape
    step = rows + (rows < height)  # a row of ground below, so that no run goes on in the next column
    flat = np.zeros(columns * step + 2, bool)
    flat[1:-1].reshape(columns, step)[:, :rows] = crop.mask.T
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    places = np.empty(len(edges) + 2, np.int64)
    places[0], places[-1] = 0, height * width
    column, row = np.divmod(edges, max(1, step))
    places[1:-1] = (column + crop.x0) * height + row + crop.y0
    counts: list[int] = (places[1:] - places[:-1]).tolist()
    return counts if counts[-1] else counts[:-1]
