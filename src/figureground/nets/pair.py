"""The pair network: (picture of the empty scene, frame, noise) -> mask and depth.

An encoder and decoder whose work is mostly done at a quarter of the picture's sides and below; thin legs
and tails come back from the pictures and their difference themselves, which are kept at half the sides, and
the last layer gives four pixels a cell (pixel shuffle: Shi et al., Real-Time Single Image and Video
Super-Resolution, CVPR 2016). At the beginning a convolution of 2 x 2 with a stride of 2 does what pixel
unshuffle and a convolution of 1 x 1 do; ONNX Runtime takes a fifth of the time for it. Every norm is a batch
norm, which folds into its convolution when the net is used.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from figureground.errors import OptionError
from figureground.models.pair import MULTIPLE

_GREY, _SPREAD = 127.5, 64.0  # what colours are brought to the neighbourhood of 0 by
_LEAST_NOISE = 1.5  # grey levels: 8 bits and a camera's coding hide what is less
_MOST_SIGMAS = 12.0
_LEAST_DEPTH = 1e-3


@dataclass(frozen=True)
class PairDesign:
    """What a pair network is made of.

    Attributes:
        mask: whether it gives a mask.
        depth: whether it gives a depth.
        background: whether it looks at the empty scene; without, at the frame alone.
        widths: channels at 1/4, 1/8, 1/16 and 1/32 of the sides, and last at 1/2.

    Raises:
        OptionError: it gives nothing.
    """

    mask: bool = True
    depth: bool = True
    background: bool = True
    widths: tuple[int, int, int, int, int] = (32, 64, 96, 96, 16)

    def __post_init__(self) -> None:
        if not self.mask and not self.depth:
            raise OptionError("a pair network gives a mask, a depth, or both; this one gives neither")


class PairNet(nn.Module):
    """Mask and depth of a frame before a known empty scene.

    Normalisation and the differences are inside: what is handed over are grey levels.

    Args:
        design: what it is made of.

    Example:
        >>> net = PairNet(PairDesign()).eval()
        >>> empty, noise = torch.zeros(1, 3, 64, 96), torch.ones(1, 1, 64, 96)
        >>> [tuple(one.shape) for one in net(empty, empty + 9, noise)]
        [(1, 1, 64, 96), (1, 1, 32, 48)]
    """

    def __init__(self, design: PairDesign | None = None) -> None:
        super().__init__()
        self.design = design = design or PairDesign()
        a, b, c, d, fine = design.widths
        shown = 12 if design.background else 3
        self.raw = _conv(shown, fine, 2, 2)
        self.stem = _conv(fine, a, 3, 2)
        self.quarter = _Residual(a)
        self.eighth = nn.Sequential(_conv(a, b, 3, 2), _Residual(b))
        self.sixteenth = nn.Sequential(_conv(b, c, 3, 2), _Residual(c))
        self.least = nn.Sequential(_Separable(c, d, 2), _Separable(d, d), _Separable(d, d))
        self.whole = _Context(d)
        self.to_sixteenth, self.join_sixteenth = _conv(d, c, 1), _Separable(c, c)
        self.to_eighth, self.join_eighth = _conv(c, b, 1), _conv(b, b, 3)
        self.to_quarter, self.join_quarter = _conv(b, a, 1), _conv(a, a, 3)
        self.to_half = _conv(a, 4 * fine, 1)
        self.join_half = _conv(2 * fine, fine, 3)
        self.coarse_depth = nn.Conv2d(a, 1, 1) if design.depth else None
        self.last = nn.Conv2d(fine, 4 * design.mask + design.depth, 3, padding=1)

    def forward(self, background: Tensor, frame: Tensor, noise: Tensor) -> tuple[Tensor, ...]:
        """Logits of the mask, and the depth; only what the design gives.

        Args:
            background: (n, 3, h, w) float32 RGB, 0..255; h and w multiples of 32.
            frame: likewise.
            noise: (n, 1, h, w) float32, standard deviation of a ground pixel in grey levels.

        Returns:
            (n, 1, h, w) logits and (n, 1, h / 2, w / 2) depth over 0, as scene.View has it.
        """
        raw = self.raw(self._shown(background, frame, noise))
        quarter = self.quarter(self.stem(raw))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        deep = self.whole(self.least(sixteenth))
        sixteenth = self.join_sixteenth(_twice(self.to_sixteenth(deep)) + sixteenth)
        eighth = self.join_eighth(_twice(self.to_eighth(sixteenth)) + eighth)
        quarter = self.join_quarter(_twice(self.to_quarter(eighth)) + quarter)
        half = functional.pixel_shuffle(self.to_half(quarter), 2)
        last = self.last(self.join_half(torch.cat([half, raw], 1)))
        outputs = []
        if self.design.mask:
            outputs.append(functional.pixel_shuffle(last[:, :4], 2))
        if self.coarse_depth is not None:
            level = _twice(self.coarse_depth(quarter)) + last[:, -1:]
            outputs.append(functional.softplus(level) + _LEAST_DEPTH)
        return tuple(outputs)

    def _shown(self, background: Tensor, frame: Tensor, noise: Tensor) -> Tensor:
        """(n, 12, h, w): both pictures, how they differ, and how that compares with the noise."""
        seen = (frame - _GREY) / _SPREAD
        if not self.design.background:
            return seen
        difference = frame - background
        sigmas = difference / (noise + _LEAST_NOISE)
        sigmas = sigmas.clamp(-_MOST_SIGMAS, _MOST_SIGMAS) / (_MOST_SIGMAS / 3)
        empty = (background - _GREY) / _SPREAD
        return torch.cat([seen, empty, difference.abs() / _SPREAD, sigmas], 1)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = _conv(width, width, 3), _conv(width, width, 3, active=False)

    def forward(self, values: Tensor) -> Tensor:
        return functional.relu(values + self.second(self.first(values)))


class _Separable(nn.Module):
    """5x5 a channel, then all channels; where few cells are left, a wide look costs little."""

    def __init__(self, given: int, made: int, stride: int = 1) -> None:
        super().__init__()
        self.each = _conv(given, given, 5, stride, groups=given)
        self.mixed = _conv(given, made, 1, active=False)
        self.same = stride == 1 and given == made

    def forward(self, values: Tensor) -> Tensor:
        made = self.mixed(self.each(values))
        return functional.relu(values + made if self.same else made)


class _Context(nn.Module):
    """What the whole picture says, and where in it a cell lies, are added to each cell."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.whole = nn.Conv2d(width, width, 1)
        self.place = nn.Conv2d(2, width, 1, bias=False)

    def forward(self, values: Tensor) -> Tensor:
        ones = torch.ones_like(values[:1, :1])
        place = torch.cat([_from_middle(ones.cumsum(2)), _from_middle(ones.cumsum(3))], 1)
        return functional.relu(values + self.whole(values.mean((2, 3), keepdim=True)) + self.place(place))


def _from_middle(numbers: Tensor) -> Tensor:
    """Rows or columns, counted from 1, as -1 to 1."""
    return numbers / numbers.mean((2, 3), keepdim=True) - 1


def _conv(
    given: int, made: int, side: int, stride: int = 1, *, groups: int = 1, active: bool = True
) -> nn.Sequential:
    parts: list[nn.Module] = [
        nn.Conv2d(
            given, made, side, stride, padding=side // 2 if side != stride else 0, groups=groups, bias=False
        ),
        nn.BatchNorm2d(made),
    ]
    return nn.Sequential(*parts, *([nn.ReLU(inplace=True)] if active else []))


def _twice(values: Tensor) -> Tensor:
    return functional.interpolate(values, scale_factor=2.0, mode="bilinear", align_corners=False)


def count_parameters(net: nn.Module) -> int:
    """How many numbers a net learns."""
    return sum(one.numel() for one in net.parameters())


def check_sides(height: int, width: int) -> None:
    """Raise OptionError where a pair network cannot be shown pictures of these sides."""
    if height % MULTIPLE or width % MULTIPLE or height < MULTIPLE or width < MULTIPLE:
        raise OptionError(f"the sides must be multiples of {MULTIPLE}, got {height} x {width}")
