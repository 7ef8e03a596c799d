"""A pinhole camera: from pixels to rays, and from points to pixels."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Camera(NamedTuple):
    """Where the camera stands and how it looks; the world's third axis points up.

    Attributes:
        position: (3,) float32.
        axes: (3, 3) float32, rows: right, down and forward of the picture in the world.
        focal: pixels.
        size: (h, w) in pixels; the axis meets the picture at its middle.
    """

    position: Floats
    axes: Floats
    focal: float
    size: tuple[int, int]


def look_at(
    position: npt.ArrayLike, target: npt.ArrayLike, focal: float, size: tuple[int, int], roll: float = 0.0
) -> Camera:
    """A camera at `position` (3,) whose axis goes through `target` (3,), turned by `roll` radians."""
    place = np.asarray(position, np.float64)
    forward = np.asarray(target, np.float64) - place
    forward /= np.linalg.norm(forward)
    up = np.array([0, 0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0, 1.0, 0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    turned = np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right
    return Camera(place.astype(np.float32), np.array([*turned, forward], np.float32), focal, size)


def pixel_rays(camera: Camera, samples: int = 1) -> Floats:
    """(h * samples, w * samples, 3) float32: the ray through each sample, one long along the camera's axis.

    So a point at `position + t * ray` has the depth t.

    Example:
        >>> camera = look_at((0, 0, 2), (0, 5, 2), focal=10, size=(5, 7))
        >>> pixel_rays(camera)[2, 3].round(3).tolist()
        [0.0, 1.0, 0.0]
    """
    h, w = camera.size
    y = ((np.arange(h * samples) + 0.5) / samples - h / 2) / camera.focal
    x = ((np.arange(w * samples) + 0.5) / samples - w / 2) / camera.focal
    right, down, forward = camera.axes
    return (forward + y[:, None, None] * down + x[None, :, None] * right).astype(np.float32)


def project(camera: Camera, points: Floats) -> Floats:
    """(..., 3): x and y in pixels, and depth, of `points` (..., 3); only those ahead have a true place."""
    seen = (points - camera.position) @ camera.axes.T
    depth = np.maximum(seen[..., 2:], np.float32(1e-6))
    h, w = camera.size
    place = seen[..., :2] / depth * np.float32(camera.focal) + np.array([w / 2, h / 2], np.float32)
    return np.concatenate([place, seen[..., 2:]], -1)
