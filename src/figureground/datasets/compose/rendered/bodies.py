"""Bodies put together from ellipsoids, capsules and boxes, each with a skin."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from figureground.datasets.compose.rendered.textures import Floats

ELLIPSOID, CAPSULE, BOX = 0, 1, 2


class Part(NamedTuple):
    """One ellipsoid, capsule (round rod) or box.

    Attributes:
        kind: ELLIPSOID, CAPSULE or BOX.
        centre: (3,).
        axes: (3, 3), rows: the part's own axes; a capsule lies along the first.
        half: (3,) half the extent along each; a capsule: half its length between the centres of its ends,
            then its radius twice.
        skin: which skin of its figure.
    """

    kind: int
    centre: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]
    half: npt.NDArray[np.float64]
    skin: int


class Skin(NamedTuple):
    """Two colours, and what mixes them: stripes along the part's first axis, spots, and how far it looks up.

    Attributes:
        colour: (3,) linear RGB.
        other: (3,) linear RGB.
        mix: (3,) weights of stripes, spots and up, any sign.
        detail: stripes and spots in one length of the figure.
        rough: how strong the colour varies from point to point, 0 to about 0.3.
        gloss: strength of the highlight, 0 to about 1.
    """

    colour: Floats
    other: Floats
    mix: tuple[float, float, float] = (0.0, 0.0, 0.0)
    detail: float = 8.0
    rough: float = 0.08
    gloss: float = 0.0


class Bodies(NamedTuple):
    """All parts of a moment as columns, in world units: n parts.

    Attributes:
        kind: (n,) int64. centre: (n, 3). axes: (n, 3, 3). half: (n, 3).
        skin: (n,) int64, index into the scene's skins.
        scale: (n,) length of the figure that the part belongs to.
        figure: (n,) int64.
    """

    kind: npt.NDArray[np.int64]
    centre: Floats
    axes: Floats
    half: Floats
    skin: npt.NDArray[np.int64]
    scale: Floats
    figure: npt.NDArray[np.int64]


Vector = Sequence[float] | npt.NDArray[np.float64]


def blob(centre: Vector, half: Vector, skin: int, forward: Vector | None = None) -> Part:
    """An ellipsoid whose first axis points `forward`."""
    return Part(ELLIPSOID, _array(centre), frame(forward), _array(half), skin)


def block(centre: Vector, half: Vector, skin: int, forward: Vector | None = None) -> Part:
    """A box whose first axis points `forward`."""
    return Part(BOX, _array(centre), frame(forward), _array(half), skin)


def limb(start: Vector, end: Vector, radius: float, skin: int) -> Part:
    """A capsule from `start` to `end`."""
    a, b = _array(start), _array(end)
    length = float(np.linalg.norm(b - a))
    half = np.array([length / 2, radius, radius])
    return Part(CAPSULE, (a + b) / 2, frame(b - a if length > 0 else None), half, skin)


def moved(point: npt.NDArray[np.float64], x: float, y: float, z: float) -> npt.NDArray[np.float64]:
    """`point` (3,) moved by x, y, z."""
    return point + np.array([x, y, z])


def chain(points: npt.NDArray[np.float64], radii: Sequence[float], skin: int) -> list[Part]:
    """Capsules through `points` (n, 3), one between each two; `radii` (n - 1)."""
    pairs = zip(points[:-1], points[1:], radii, strict=True)
    return [limb(a, b, radius, skin) for a, b, radius in pairs]


def frame(forward: Vector | None) -> npt.NDArray[np.float64]:
    """(3, 3) rows: `forward` made one long, its left, and up as far as that goes."""
    if forward is None:
        return np.eye(3)
    x = _array(forward) / np.linalg.norm(forward)
    side = np.array([-x[1], x[0], 0.0])
    length = np.linalg.norm(side)
    y = side / length if length > 1e-6 else np.array([0.0, 1.0, 0.0])
    up = np.array([x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]])
    return np.array([x, y, up])


def placed(
    parts: Sequence[Part],
    at: Vector,
    heading: float,
    scale: float,
    figure: int,
    first_skin: int,
    hovers: bool = False,
) -> Bodies:
    """Parts of one figure, in its own lengths with x forward, put into the world.

    Its lowest point touches the height of `at` (3,), unless it `hovers`: then its own zero does.
    """
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    n = len(parts)
    kind = np.array([p.kind for p in parts], np.int64)
    centre = np.array([p.centre for p in parts]).reshape(n, 3) @ turn * scale + _array(at)
    axes = np.array([p.axes for p in parts]).reshape(n, 3, 3) @ turn
    half = np.array([p.half for p in parts]).reshape(n, 3) * scale
    if n and not hovers:
        centre[:, 2] -= (centre[:, 2] - drop(kind, axes, half)).min() - at[2]
    skin = np.array([p.skin for p in parts], np.int64) + first_skin
    columns = centre.astype(np.float32), axes.astype(np.float32), half.astype(np.float32)
    return Bodies(kind, *columns, skin, np.full(n, scale, np.float32), np.full(n, figure, np.int64))


def drop(
    kind: npt.NDArray[np.int64], axes: npt.NDArray[np.float64], half: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """(n,) how far each part reaches down from its centre."""
    share = half * np.abs(axes[:, :, 2])
    ellipsoid = np.sqrt((share**2).sum(1))
    return np.where(kind == BOX, share.sum(1), np.where(kind == CAPSULE, share[:, 0] + half[:, 1], ellipsoid))


def together(bodies: Sequence[Bodies]) -> Bodies:
    """The parts of all figures in one table; of none, a table without rows."""
    everything = [*bodies, placed([], (0, 0, 0), 0.0, 1.0, 0, 0)]
    return Bodies._make(np.concatenate(column) for column in zip(*everything, strict=True))


def extents(bodies: Bodies) -> Floats:
    """(n, 3) half the extent of each part's box along its own axes, round ends included."""
    out = bodies.half.copy()
    out[:, 0] += np.where(bodies.kind == CAPSULE, bodies.half[:, 1], 0)
    return out


def _array(value: Vector) -> npt.NDArray[np.float64]:
    return np.asarray(value, np.float64)
