"""The performer's own breaths and voiceless consonants in the colour of the voice that is lent.

A noise that a network shapes is smooth where a real one has grain: the burst of a plosive, the flutter of a breath. So
as much of the noise as is asked for is the performer's own sound, window by window, its spectrum brought to that which
the network sets for the frame (cross-synthesis, as a channel vocoder does it): the grain stays the performer's, the
colour is the voice's. What is heard as whose voice it is lies in the colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

AROUND_BINS = 8
"""The performer's spectrum is smoothed over 250 Hz on both sides: finer is grain, coarser is colour."""
MOST_DB = 12.0
"""A performer's sound is raised by no more than that: what is not there would be raised with its noise."""


@dataclass(frozen=True, eq=False)
class Breath:
    """What of the noise is the performer's: the sound (batch, time) from half a window before the first frame on, and
    the share of it, 0 to 1 in power, (batch, frames)."""

    sound: Tensor
    share: Tensor


def coloured(windows: Tensor, magnitude_log: Tensor) -> Tensor:
    """Spectra (batch, frames, bins) of windows, each with the smoothed magnitudes of which the natural logarithms are
    given, in root mean square of a window of as much noise of unit power."""
    size = 2 * (windows.shape[-1] - 1)
    powers = windows.abs().square() / (size / 2)
    reach = nn.functional.pad(powers, (AROUND_BINS, AROUND_BINS), mode="reflect")
    smooth = nn.functional.avg_pool1d(reach, 2 * AROUND_BINS + 1, stride=1)
    most = MOST_DB * 2.302585 / 20
    return windows * torch.exp((magnitude_log - 0.5 * torch.log(smooth + 1e-12)).clamp(max=most))


def breathed(noise: Tensor, performer: Tensor, magnitude_log: Tensor, share: Tensor) -> Tensor:
    """Spectra (batch, frames, bins) of a shaped noise, with a share (batch, frames) of the performer's ``windows``.

    Both shares add up to one in power: the two have nothing to do with one another.
    """
    own = share[..., None]
    return torch.sqrt(1 - own) * noise + torch.sqrt(own) * coloured(performer, magnitude_log)
