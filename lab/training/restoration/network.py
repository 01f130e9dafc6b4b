"""The network that restores printed photos: a small U-Net on quarters of the pixels.

Four neighbouring pixels become one place with twelve numbers, and back (Shi et al., "Real-time
single image and video super-resolution using an efficient sub-pixel convolutional network", 2016);
between lie three scales with skips (Ronneberger et al., "U-Net", 2015). The network learns what to
add to the print, not the photo itself.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

WIDTHS = (16, 24, 40)
"""Channels at a half, a quarter and an eighth of the print's scale."""

MULTIPLE = 8
"""Sides of the input are multiples of this many pixels."""


class RestoringNetwork(nn.Module):
    """Takes prints, shape (n, 3, height, width), values 0–1, to photos of the same shape."""

    def __init__(self, widths: tuple[int, int, int] = WIDTHS) -> None:
        super().__init__()
        half, quarter, eighth = widths
        self.first = nn.Sequential(_convolved(12, half), _convolved(half, half))
        self.down = nn.Sequential(_convolved(half, quarter, 2), _convolved(quarter, quarter))
        self.deep = nn.Sequential(
            _convolved(quarter, eighth, 2),
            _convolved(eighth, eighth),
            _convolved(eighth, eighth),
        )
        self.up = _convolved(eighth + quarter, quarter)
        self.last = _convolved(quarter + half, half)
        self.change = nn.Conv2d(half, 12, 3, padding=1)

    def forward(self, prints: torch.Tensor) -> torch.Tensor:
        """Return the photos."""
        places = functional.pixel_unshuffle(prints, 2)
        half = self.first(places)
        quarter = self.down(half)
        up = self.up(torch.cat([_doubled(self.deep(quarter)), quarter], 1))
        last = self.last(torch.cat([_doubled(up), half], 1))
        return functional.pixel_shuffle(places + self.change(last), 2)


def _convolved(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.ReLU(inplace=True))


def _doubled(maps: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="nearest")
