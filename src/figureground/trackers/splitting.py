"""A mask of several animals that touch, cut into one piece each by where and how large each should be."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.frames import Image
from figureground.instances import Crop, tight_crop
from figureground.trackers.figures import Float64, solidity

_ROUNDS = 12
_POINTS = 700  # pixels that the bodies are laid on; of a larger mask some
_STILL = 0.05  # pixels: where no body moves so far any more, they lie where they lie
_FEWEST, _OBLONG = 3, 1.3  # pixels, and times the short variance: below that, no angle is to be seen
_TIE = 0.15  # of its pixels: how strongly a body keeps to where it is expected
_LEAST_TEXTURE = 6.0  # grey levels that the colour of a body varies by at least
_COLOUR, _MOST_COLOUR = 0.3, 2.0  # weight of a pixel's colour, and nats it can say at most
_SOLID = 0.88  # share of its convex hull that a single body fills
_PIECE = 0.2  # of a mask: a smaller piece is no body


class Body(NamedTuple):
    """What is expected of an animal in a mask.

    Attributes:
        x: pixels.
        y: pixels.
        area: pixels.
        long: variance of its pixels along its body.
        short: the same across.
        angle: radians that it lies at.
        look: (7,) how it looks, see `looks.look_of`; None where that is not known.
    """

    x: float
    y: float
    area: float
    long: float
    short: float
    angle: float
    look: Float64 | None = None


def split(crop: Crop, bodies: Sequence[Body], image: Image | None = None) -> list[Crop]:
    """The pieces of `crop` that belong to each of `bodies`, in their order; they share no pixel.

    Each body is laid as a normal distribution of its own size on the pixels; where it lies and at what
    angle is found in turn with which pixels are its own (expectation maximisation: Dempster, Laird and
    Rubin, 1977), starting from where it was expected. So the size of an animal does not change while it
    touches others, and its place goes on smoothly. Where the `image` is given and the bodies' looks are
    known, their colours count too. A piece can be empty.

    Example:
        >>> bodies = [Body(x, 4.0, 50.0, 8.0, 2.0, 0.0) for x in (4.0, 17.0)]
        >>> [int(piece.mask.sum()) for piece in split(Crop(0, 0, np.ones((5, 20), bool)), bodies)]
        [50, 50]
    """
    rows, columns = np.nonzero(crop.mask)
    terms = _terms(columns.astype(np.float64), rows.astype(np.float64))
    step = 1 + len(rows) // _POINTS
    some = np.ascontiguousarray(terms[:, ::step])
    colour = _colours(crop, bodies, image)
    laid = [_Laid.expected(body, crop) for body in bodies]
    total = sum(one.area for one in laid)
    ties = [_TIE * max(1, some.shape[1]) * one.area / total for one in laid]
    expected = laid
    for _ in range(_ROUNDS):
        score = _weights(laid) @ some + colour[:, ::step]
        share = np.exp(score - score.max(axis=0))
        share /= share.sum(axis=0)
        before, sums = laid, (share @ some.T).tolist()
        laid = [
            one.moved(*row) for one, row in zip(laid, zip(sums, ties, expected, strict=True), strict=True)
        ]
        if all(
            abs(one.x - was.x) + abs(one.y - was.y) < _STILL for one, was in zip(laid, before, strict=True)
        ):
            break
    owner = (_weights(laid) @ terms + colour).argmax(axis=0)
    return [_piece(crop, rows[owner == k], columns[owner == k]) for k in range(len(bodies))]


def _terms(x: Float64, y: Float64) -> Float64:
    """(6, n): the terms of a polynomial of second order; a body's score is a sum of them."""
    return np.stack([np.ones(len(x)), x, y, x * x, x * y, y * y])


class _Laid(NamedTuple):
    """A body as it lies on the pixels: x y of its middle in pixels of the crop, the rest as in Body."""

    x: float
    y: float
    angle: float
    long: float
    short: float
    area: float

    @classmethod
    def expected(cls, body: Body, crop: Crop) -> "_Laid":
        long, short = max(body.long, 1 / 12), max(body.short, 1 / 12)
        return cls(body.x - crop.x0, body.y - crop.y0, body.angle, long, short, max(body.area, 1.0))

    def weights(self) -> tuple[float, ...]:
        """What each of `_terms` counts in the logarithm of how well a point fits the body."""
        x, y, long, short = self.x, self.y, 1 / self.long, 1 / self.short
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        xx, xy, yy = (
            cos**2 * long + sin**2 * short,
            cos * sin * (long - short),
            sin**2 * long + cos**2 * short,
        )
        far = xx * x**2 + 2 * xy * x * y + yy * y**2
        alone = math.log(self.area) + 0.5 * math.log(long * short) - 0.5 * far
        return alone, xx * x + xy * y, xy * x + yy * y, -xx / 2, -xy, -yy / 2

    def moved(self, sums: Sequence[float], tie: float, expected: "_Laid") -> "_Laid":
        """Where it lies by the `sums` (6,) of its pixels' terms; the `tie` holds it back."""
        weight, x, y, xx, xy, yy = sums
        place = (x + tie * expected.x) / (weight + tie), (y + tie * expected.y) / (weight + tie)
        if weight < _FEWEST:
            return self._replace(x=place[0], y=place[1])
        x, y = x / weight, y / weight
        xx, xy, yy = xx / weight - x * x, xy / weight - x * y, yy / weight - y * y
        middle, off = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
        clear = middle + off > _OBLONG * max(middle - off, 1 / 12)
        angle = math.atan2(2 * xy, xx - yy) / 2 if clear else self.angle
        return self._replace(x=place[0], y=place[1], angle=angle)


def _weights(laid: Sequence[_Laid]) -> Float64:
    """(k, 6): the weights of all bodies."""
    return np.array([one.weights() for one in laid])


def _colours(crop: Crop, bodies: Sequence[Body], image: Image | None) -> Float64:
    """(k, n): how well the colour of each pixel of the mask fits each body, as a logarithm."""
    if image is None or any(body.look is None for body in bodies):
        return np.zeros((len(bodies), int(np.count_nonzero(crop.mask))))
    colours = image[crop.window][crop.mask].T.astype(np.float64)
    fit = np.empty((len(bodies), colours.shape[1]))
    for k, body in enumerate(bodies):
        look: Float64 = body.look  # type: ignore[assignment]
        deviation = np.maximum(look[3:6], _LEAST_TEXTURE)
        off = np.square((colours - look[:3, None]) / deviation[:, None]).sum(axis=0) / 2
        fit[k] = -(off + np.log(deviation).sum()) * _COLOUR
    return np.maximum(fit, fit.max(axis=0) - _MOST_COLOUR)


def exchange_gain(pieces: Sequence[Crop], bodies: Sequence[Body], image: Image) -> float:
    """By how much two `pieces` look more like two `bodies` the other way round; 0 where that is not known.

    In nats, as if each piece were a single pixel of its mean colour: what is said by so much is plain to see.
    """
    if any(body.look is None for body in bodies) or not all(piece.mask.any() for piece in pieces):
        return 0.0
    looks = np.array([body.look for body in bodies])
    colours = np.array([image[piece.window][piece.mask].mean(axis=0) for piece in pieces])
    deviation = np.maximum(looks[:, 3:6], _LEAST_TEXTURE)
    off = np.square((colours[:, None] - looks[:, :3]) / deviation).sum(axis=2) / 2
    off += np.log(deviation).sum(axis=1)
    return float(off[0, 0] + off[1, 1] - off[0, 1] - off[1, 0])


def _piece(crop: Crop, rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Crop:
    mask = np.zeros(crop.mask.shape, bool)
    mask[rows, columns] = True
    return tight_crop(mask, crop.y0, crop.x0)


def split_unknown(masks: Sequence[Crop], count: int) -> list[tuple[int, Crop]]:
    """`masks` as at most `count` bodies, of which nothing is known: each piece with its mask's position.

    A mask that is far from filling its convex hull is taken for several bodies, the worst first, and cut
    in two across where that makes the pieces more solid. Nothing is cut that looks like one body.

    Example:
        >>> bent = np.zeros((40, 40), bool); bent[:12] = True; bent[:, :12] = True
        >>> pieces = split_unknown([Crop(0, 0, bent)], 5)
        >>> [i for i, _ in pieces], sum(int(piece.mask.sum()) for _, piece in pieces)
        ([0, 0], 816)
    """
    pieces = [(i, crop, solidity(crop.mask)) for i, crop in enumerate(masks)]
    done: list[tuple[int, Crop, float]] = []
    while pieces and len(pieces) + len(done) < count:
        worst = min(range(len(pieces)), key=lambda at: (pieces[at][2], at))
        if pieces[worst][2] >= _SOLID:
            break
        i, crop, solid = pieces.pop(worst)
        halves = [(i, half, solidity(half.mask)) for half in _halves(crop)]
        least = _PIECE * np.count_nonzero(crop.mask)
        better = len(halves) == 2 and sum(half[2] for half in halves) / 2 > solid + 0.02
        if better and all(np.count_nonzero(half[1].mask) >= least for half in halves):
            pieces += halves
        else:
            done.append((i, crop, solid))
    return [(i, crop) for i, crop, _ in sorted(pieces + done, key=lambda piece: piece[0])]


def _halves(crop: Crop) -> list[Crop]:
    """The two pieces around the two middles that the pixels gather at (Lloyd's algorithm)."""
    rows, columns = np.nonzero(crop.mask)
    pixels = np.stack([columns, rows], axis=1).astype(np.float64)
    middle = pixels.mean(axis=0)
    first = pixels[np.square(pixels - middle).sum(axis=1).argmax()]
    places = np.stack([first, pixels[np.square(pixels - first).sum(axis=1).argmax()]])
    owner = np.zeros(len(pixels), np.int64)
    for _ in range(_ROUNDS):
        owner = np.square(pixels[:, None] - places).sum(axis=2).argmin(axis=1)
        if not 0 < owner.sum() < len(owner):
            return [crop]
        places = np.stack([pixels[owner == k].mean(axis=0) for k in (0, 1)])
    return [_piece(crop, rows[owner == k], columns[owner == k]) for k in (0, 1)]
