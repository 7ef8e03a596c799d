"""A mask of several animals that touch, cut into one piece each by where and how large each should be."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.frames import Image
from figureground.instances import Crop, tight_crop
from figureground.trackers.figures import Float64, axes, solidity

_ROUNDS = 12
_POINTS = 700  # pixels that the bodies are laid on; of a larger mask some
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
    pixels = np.stack([columns + crop.x0, rows + crop.y0], axis=1).astype(np.float64)
    step = 1 + len(pixels) // _POINTS
    some = pixels[::step]
    colour = _colours(crop, bodies, image)
    expected = np.array([(body.x, body.y) for body in bodies])
    area = np.array([max(body.area, 1.0) for body in bodies])
    places, angles = expected.copy(), np.array([body.angle for body in bodies])
    sizes = np.array([(body.long, body.short) for body in bodies])
    tie = _TIE * max(1, len(some)) * area / area.sum()
    for _ in range(_ROUNDS):
        score = _scores(some, places, angles, sizes, area) + colour[::step]
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        weight = share.sum(axis=0)
        places = (share.T @ some + tie[:, None] * expected) / (weight + tie)[:, None]
        for k, own in enumerate(share.T):
            angles[k] = _angle(some, own, angles[k])
    owner = (_scores(pixels, places, angles, sizes, area) + colour).argmax(axis=1)
    return [_piece(crop, rows[owner == k], columns[owner == k]) for k in range(len(bodies))]


def _colours(crop: Crop, bodies: Sequence[Body], image: Image | None) -> Float64:
    """(n, k): how well the colour of each pixel of the mask fits each body, as a logarithm."""
    if image is None or any(body.look is None for body in bodies):
        return np.zeros((int(np.count_nonzero(crop.mask)), len(bodies)))
    colours = image[crop.window][crop.mask].astype(np.float64)
    looks = np.array([body.look for body in bodies])
    deviation = np.maximum(looks[:, 3:6], _LEAST_TEXTURE)
    off = np.square((colours[:, None] - looks[:, :3]) / deviation).sum(axis=2) / 2
    fit = -(off + np.log(deviation).sum(axis=1)) * _COLOUR
    return np.maximum(fit, fit.max(axis=1, keepdims=True) - _MOST_COLOUR)


def _angle(points: Float64, share: Float64, before: float) -> float:
    """The angle that the points (n, 2), counted by their `share`, lie at; as before where they are round."""
    total = share.sum()
    if total < 3:
        return before
    off = points - share @ points / total
    xx, yy = share @ off**2 / total
    xy = share @ off.prod(axis=1) / total
    long, short, angle = axes(np.array([xx, xy, yy]))
    return angle if long > 1.3 * short else before


def _scores(points: Float64, places: Float64, angles: Float64, sizes: Float64, area: Float64) -> Float64:
    """(n, k): how well each point (n, 2) fits each body, as a logarithm."""
    off = points[:, None] - places
    cos, sin = np.cos(angles), np.sin(angles)
    along, across = off[..., 0] * cos + off[..., 1] * sin, off[..., 1] * cos - off[..., 0] * sin
    far = along**2 / sizes[:, 0] + across**2 / sizes[:, 1]
    return np.asarray(np.log(area) - 0.5 * np.log(sizes.prod(axis=1)) - 0.5 * far)


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
        i, crop, solid = pieces.pop(worst)
        halves = [(i, half, solidity(half.mask)) for half in _halves(crop)] if solid < _SOLID else []
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
