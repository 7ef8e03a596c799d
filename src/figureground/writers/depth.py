"""How far away everything is, as pictures: 16-bit levels to compute with, colours to look at."""

import cv2
import numpy as np
import numpy.typing as npt

from figureground.frames import Frame, Image
from figureground.instances import Instances

MOST = 65535
"""The level of the furthest ground; 0 is not known."""

_BAR = 0.03, 0.5  # width and height of the scale, in shares of the picture
_LEAST_TEXT = 120  # pixels of height below which the scale has no words


def depth_levels(frame: Frame, found: Instances) -> npt.NDArray[np.uint16]:
    """(h, w) uint16: the depth times 65535, at least 1 and at most 65535; 0 where not known.

    Example:
        >>> from fractions import Fraction
        >>> frame = Frame(np.zeros((2, 2, 3), np.uint8), 0, Fraction(0))
        >>> depth_levels(frame, Instances((2, 2), depth_map=np.float32([[0.5]]))).tolist()
        [[32768, 32768], [32768, 32768]]
    """
    whole = _whole_depth(found)
    levels = np.where(np.isfinite(whole), (whole * MOST).round().clip(1, MOST), 0)
    return levels.astype(np.uint16)


def coloured_depth(frame: Frame, found: Instances) -> Image:
    """(h, w, 3) uint8 RGB: red is near, blue far (Turbo; Mikhailov, 2019), with a scale; black unknown."""
    whole = _whole_depth(found)
    out = _colours(np.nan_to_num(whole, nan=1.0))
    out[~np.isfinite(whole)] = 0
    _draw_scale(out)
    return out


def _whole_depth(found: Instances) -> npt.NDArray[np.float32]:
    if not found.depth_map.size:
        return np.full(found.size, np.nan, np.float32)
    size = found.size[1], found.size[0]
    return np.asarray(cv2.resize(found.depth_map, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _colours(depth: npt.NDArray[np.float32]) -> Image:
    near = ((1 - depth.clip(0, 1)) * 255).round().astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(near, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB), np.uint8)


def _draw_scale(out: Image) -> None:
    """Draw at the right what colour means what depth, from far (1) above to near (0) below."""
    height, width = out.shape[:2]
    wide, tall = max(2, round(_BAR[0] * width)), max(2, round(_BAR[1] * height))
    top, left = (height - tall) // 2, width - 2 * wide
    ramp = np.linspace(1, 0, tall, dtype=np.float32)[:, None].repeat(max(1, width - wide - left), axis=1)
    out[top : top + tall, left : left + ramp.shape[1]] = _colours(ramp)
    if height < _LEAST_TEXT:
        return
    for text, base in (("far 1", top - 6), ("near 0", top + tall + 16)):
        at = max(0, width - 9 * len(text)), base
        cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
