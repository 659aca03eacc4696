"""The colours of a spectrogram: equal steps in level are equal steps in perceived lightness.

The map is computed, not tabled: a straight line in CIE L*, with the hue turning from violet over red to yellow and a
chroma that is largest in the middle. A curator who prints it on a black-and-white printer sees the same order.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.uint8]
"""Shape (levels, 3): red, green, blue as sRGB."""

DARKEST_L, LIGHTEST_L = 4.0, 96.0
FIRST_HUE_DEGREES, LAST_HUE_DEGREES = 285.0, 455.0
LARGEST_CHROMA = 68.0
WHITE_D65 = np.array([0.95047, 1.0, 1.08883])
RGB_OF_XYZ = np.linalg.inv(
    np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
)


@cache
def colour_map(levels: int) -> Colours:
    """``levels`` colours from quiet (dark) to loud (light), evenly spaced in CIE L* (CIE 15, D65, sRGB)."""
    position = np.linspace(0.0, 1.0, levels)
    lightness = DARKEST_L + (LIGHTEST_L - DARKEST_L) * position
    hue = np.radians(FIRST_HUE_DEGREES + (LAST_HUE_DEGREES - FIRST_HUE_DEGREES) * position)
    chroma = LARGEST_CHROMA * np.sin(np.pi * (0.08 + 0.8 * position))
    for _ in range(60):
        # A colour that no screen can show is made greyer, never lighter or darker, so that the order survives.
        linear = _linear_rgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))
        outside = (linear.min(axis=1) < 0.0) | (linear.max(axis=1) > 1.0)
        chroma = np.where(outside, chroma * 0.95, chroma)
    colours = np.rint(255.0 * _gamma(np.clip(linear, 0.0, 1.0))).astype(np.uint8)
    colours.flags.writeable = False
    return colours


def lightness_of(colours: Colours) -> npt.NDArray[np.float64]:
    """CIE L* (0 to 100) of sRGB colours, shape (levels,)."""
    coded = colours.astype(np.float64) / 255.0
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.linalg.inv(RGB_OF_XYZ)[1]
    root = np.where(luminance > (6 / 29) ** 3, np.cbrt(luminance), luminance / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.asarray(116.0 * root - 16.0)


def _linear_rgb(
    lightness: npt.NDArray[np.float64], a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    height = (lightness + 16.0) / 116.0
    roots = np.stack([height + a / 500.0, height, height - b / 200.0], axis=1)
    xyz = np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29)) * WHITE_D65
    return np.asarray(xyz @ RGB_OF_XYZ.T)


def _gamma(linear: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-12) ** (1 / 2.4) - 0.055)
