"""Textures drawn from chance, as square tiles that repeat without a seam: floors, walls, grounds."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Generator = np.random.Generator

TILE = 256
"""Pixels along the side of every tile."""


def floats(values: npt.ArrayLike) -> Floats:
    """`values` as float32."""
    return np.asarray(values, np.float32)


def noise(rng: Generator, roughness: float, stretch: float = 1.0, n: int = TILE) -> Floats:
    """(n, n) float32 with mean 0 and deviation 1 that repeats without a seam.

    The size of its waves falls with their frequency to the power `roughness`; `stretch` over 1 draws the
    pattern out along its rows.
    """
    fy, fx = np.fft.fftfreq(n)[:, None] * n, np.fft.rfftfreq(n)[None] * n
    radius = np.hypot(fx * stretch, fy)
    radius[0, 0] = np.inf
    white = np.fft.rfft2(rng.standard_normal((n, n), np.float32))
    field = np.fft.irfft2(white * radius**-roughness, (n, n))
    return ((field - field.mean()) / (field.std() + 1e-9)).astype(np.float32)


def some_colour(rng: Generator, vivid: float = 0.1) -> Floats:
    """(3,) float32, linear RGB reflectance: mostly dull, sometimes vivid, nearly black to white."""
    value = float(rng.uniform(0.08, 0.9)) ** 1.5
    saturation = float(rng.beta(1.1, 4)) if rng.random() > vivid else float(rng.uniform(0.4, 0.95))
    hue = (
        float(rng.choice([25, 35, 45, 100, 210]) + rng.normal(0, 12))
        if rng.random() < 0.6
        else rng.uniform(0, 360)
    )
    offset = np.cos(np.deg2rad(hue - np.array([0, 120, 240], np.float32)))
    return np.clip(value * (1 + saturation * offset), 0.01, 0.95).astype(np.float32)


def varied(rng: Generator, base: Floats, amount: Floats) -> Floats:
    """(n, n, 3): `base` (3,) made lighter and darker by `amount` (n, n), and a little warmer and cooler."""
    tint = rng.normal(0, 0.25, 3).astype(np.float32)
    return base * np.exp(np.clip(amount, -2, 2)[..., None] * (1 + tint))


def paint(rng: Generator) -> Floats:
    """Plain paint, hardly any dirt."""
    return varied(rng, some_colour(rng), noise(rng, 1.5) * rng.uniform(0.005, 0.05))


def plaster(rng: Generator) -> Floats:
    """Plaster, concrete, earth: blotches of every size."""
    return varied(rng, some_colour(rng), noise(rng, rng.uniform(0.7, 2)) * rng.uniform(0.08, 0.35))


def marble(rng: Generator) -> Floats:
    """Veins between two colours."""
    veins = np.exp(-np.abs(noise(rng, 1.8)) * rng.uniform(2, 9))[..., None]
    return some_colour(rng) * (1 - veins) + some_colour(rng) * veins


def wood(rng: Generator) -> Floats:
    """Planks with a grain."""
    count = int(rng.integers(2, 12))
    row = np.arange(TILE) * count // TILE
    shade = rng.normal(0, 0.18, count)[row][:, None]
    grain = noise(rng, 1.1, stretch=rng.uniform(8, 25))
    out = varied(rng, some_colour(rng), (grain * rng.uniform(0.06, 0.25) + shade).astype(np.float32))
    gap = np.arange(TILE) % (TILE // count) < rng.integers(0, 3)
    out[gap] *= np.float32(rng.uniform(0.3, 0.8))
    return _turned(rng, out)


def tiles(rng: Generator) -> Floats:
    """Square tiles or bricks with joints, each tile a little different."""
    rows, columns = (int(rng.integers(1, 5)) * 2, int(rng.integers(1, 6)))
    y, x = np.mgrid[:TILE, :TILE]
    shift = (y * rows // TILE % 2) * (TILE // columns // 2) if rng.random() < 0.4 else 0
    x = (x + shift) % TILE
    shade = rng.normal(0, rng.uniform(0.02, 0.25), (rows, columns))[y * rows // TILE, x * columns // TILE]
    out = varied(rng, some_colour(rng), (shade + 0.06 * noise(rng, 1.2)).astype(np.float32))
    width = rng.integers(2, 7)
    joint = (y % (TILE / rows) < width) | (x % (TILE / columns) < width)
    out[joint] = out[joint] * 0.2 + 0.8 * some_colour(rng)
    return out


def checks(rng: Generator) -> Floats:
    """Two colours in squares or in stripes."""
    rows, columns = (int(k) * 2 for k in rng.integers(1, 6, 2))
    y, x = np.mgrid[:TILE, :TILE]
    rows = 0 if rng.random() < 0.35 else rows
    odd = ((y * rows // TILE + x * columns // TILE) % 2)[..., None]
    grain = np.exp(noise(rng, 1.0) * rng.uniform(0.01, 0.12))[..., None]
    base = some_colour(rng)
    other = some_colour(rng) if rng.random() < 0.5 else base * rng.uniform(0.4, 0.8)
    return _turned(rng, (base * odd + other * (1 - odd)) * grain)


def carpet(rng: Generator) -> Floats:
    """Fine fibres over a slow pattern."""
    fine = noise(rng, rng.uniform(0, 0.4)) * rng.uniform(0.08, 0.3)
    return varied(rng, some_colour(rng, 0.5), fine + noise(rng, 2.2) * rng.uniform(0, 0.2))


def strokes(rng: Generator, base: Floats, count: int, length: float, width: float, spread: float) -> Floats:
    """Short strokes thrown one over the other, as wood chips and grass are; they wrap around the tile."""
    out = np.ascontiguousarray(np.broadcast_to(base * 0.5, (TILE, TILE, 3)), np.float32)
    for _ in range(count):
        x, y, angle = rng.uniform(0, TILE), rng.uniform(0, TILE), rng.uniform(0, np.pi)
        dx, dy = length * np.cos(angle), length * np.sin(angle)
        colour = (base * np.exp(rng.normal(0, spread, 3) * 0.3 + rng.normal(0, spread))).tolist()
        for ox in (-TILE, 0) if x + abs(dx) > TILE else (0,):
            start = (round(x + ox), round(y))
            cv2.line(out, start, (round(x + ox + dx), round(y + dy)), colour, round(width), cv2.LINE_AA)
    return out


def bedding(rng: Generator) -> Floats:
    """Wood chips or straw."""
    base = np.array([0.5, 0.35, 0.2], np.float32) * rng.uniform(0.5, 1.5)
    return strokes(rng, base, 2200, rng.uniform(4, 18), int(rng.integers(1, 5)), rng.uniform(0.15, 0.45))


def grass(rng: Generator) -> Floats:
    """Blades of grass, green to dry."""
    base = np.array([rng.uniform(0.05, 0.22), rng.uniform(0.12, 0.25), 0.05], np.float32)
    out = strokes(rng, base, 2600, rng.uniform(4, 12), 1, rng.uniform(0.15, 0.4))
    return out * np.exp(noise(rng, 1.8) * rng.uniform(0, 0.25))[..., None]


def gravel(rng: Generator) -> Floats:
    """Grains and stones: slow noise cut into plateaus."""
    levels = np.floor(noise(rng, rng.uniform(0.6, 1.2)) * rng.uniform(1, 4))
    return varied(rng, some_colour(rng, 0.1), (levels * rng.uniform(0.05, 0.2)).astype(np.float32))


def leaves(rng: Generator) -> Floats:
    """Foliage: light and dark clumps of green or autumn."""
    base = np.array([rng.uniform(0.04, 0.3), rng.uniform(0.1, 0.25), 0.04], np.float32)
    return varied(rng, base, np.abs(noise(rng, 0.9)) * 0.5 - 0.3 + 0.3 * noise(rng, 2))


def printed(rng: Generator) -> Floats:
    """Rectangles and lines of every colour: shelves, posters, windows."""
    out = np.ascontiguousarray(np.broadcast_to(some_colour(rng), (TILE, TILE, 3)), np.float32)
    for _ in range(int(rng.integers(4, 40))):
        x, y = rng.integers(0, TILE, 2)
        w, h = (int(v) for v in rng.integers(6, TILE // 2, 2))
        out[y : y + h, x : x + w] = some_colour(rng)
    return varied(rng, np.ones(3, np.float32), noise(rng, 1.3) * 0.05) * out


KINDS: dict[str, Callable[[Generator], Floats]] = {
    "paint": paint,
    "plaster": plaster,
    "marble": marble,
    "wood": wood,
    "tiles": tiles,
    "checks": checks,
    "carpet": carpet,
    "bedding": bedding,
    "grass": grass,
    "gravel": gravel,
    "leaves": leaves,
    "printed": printed,
}


def made_tile(rng: Generator, kinds: Sequence[str]) -> Floats:
    """(TILE, TILE, 3) float32, linear RGB reflectance in 0..1, of one of the named kinds.

    Example:
        >>> tile = made_tile(np.random.default_rng(3), ["wood", "tiles"])
        >>> tile.shape, bool(tile.min() > 0), bool(tile.max() < 1)
        ((256, 256, 3), True, True)
    """
    tile = KINDS[str(rng.choice(list(kinds)))](rng)
    return np.clip(tile, 0.01, 0.98).astype(np.float32)


def photo_tile(photo: npt.NDArray[np.uint8]) -> Floats:
    """A tile from a photograph (h, w, 3) uint8 RGB, its far edges faded into its near ones: no seam."""
    fade = TILE // 4
    whole = cv2.resize(photo[..., :3], (TILE + fade, TILE + fade), interpolation=cv2.INTER_AREA)
    linear = (whole.astype(np.float32) / 255) ** np.float32(2.2)
    part = (np.arange(fade, dtype=np.float32) / fade)[:, None, None]
    for _ in range(2):  # rows, then columns
        linear[:fade] = linear[:fade] * part + linear[TILE:] * (1 - part)
        linear = linear[:TILE].transpose(1, 0, 2)
    return np.clip(linear, 0.01, 0.98)


def _turned(rng: Generator, tile: Floats) -> Floats:
    return tile.transpose(1, 0, 2) if rng.random() < 0.5 else tile
