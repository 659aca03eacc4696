"""The denoiser: a convolutional recurrent network that filters the short-time spectrum.

Frequency is folded by strided convolutions, time is carried by gated recurrent units in both directions (an archive is
not live: the whole past and future may be used). The noise is shown to it as the quietest frames hold it, for a tape
has pauses, and as loud frames hold it at least, for on many a tape it swells with the voice. Each bin of the result is
a short complex filter over the frames before, at and after it (deep filtering, Mack and Habets 2019), so that what
noise has torn can be joined from its neighbours. Works at 16 kHz; what lies above is the affair of who calls it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

SAMPLE_RATE = 16000
WINDOW = 512
HOP = 256
BINS = WINDOW // 2 + 1
COMPRESSION = 0.3
PATCH = 4
FEATURES = 5
QUIET_SHARE = 0.1
LOUD_SHARE, LEAST_SHARE = 0.4, 0.15
"""So many frames, the loudest, are under the voice; this quantile of what they hold in a bin passes for the least."""
AROUND_BINS, AROUND_FRAMES = 3, 1
"""Power is averaged over so many neighbours on both sides, so that the least of noise is near its mean (1.4 dB)."""
FURTHER = 0.2
LEAST_FURTHER = 0.1
"""Held-out pairs score nearly alike from 0.2 to 0.4 (``python -m tests.further_bench --corpus DIR``). The least of
them was taken after the benchmark's clips had lost words at 0.3."""
VOICE_DBFS = -26.0
"""Level (RMS) of the sound the network is trained on, and wants to be given."""


@dataclass(frozen=True, kw_only=True)
class DenoiserShape:
    """Sizes of the network.

    Attributes:
        channels: of the convolutions, from the input inwards; the first takes patches of four bins, each other one
            halves their number.
        hidden: units of a recurrent layer in one direction.
        layers: recurrent layers.
        taps: frames that a bin of the result is filtered from, odd; 1 is a complex mask.
        look_ahead: False makes the recurrence causal.
    """

    channels: tuple[int, ...] = (48, 64, 80)
    hidden: int = 256
    layers: int = 2
    taps: int = 3
    look_ahead: bool = True

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def spectrum(samples: Tensor) -> Tensor:
    """Complex spectrum (batch, bins, frames) of ``samples`` (batch, time), which is padded with zeros to whole hops."""
    window = torch.hann_window(WINDOW, device=samples.device).sqrt()
    return torch.stft(samples, WINDOW, HOP, window=window, return_complex=True, pad_mode="constant")


def samples_of(spectra: Tensor, length: int) -> Tensor:
    """Samples (batch, time) of a complex spectrum (batch, bins, frames)."""
    window = torch.hann_window(WINDOW, device=spectra.device).sqrt()
    return torch.istft(spectra, WINDOW, HOP, window=window, length=length)


def compressed(spectra: Tensor) -> Tensor:
    """The spectrum with its magnitude raised to ``COMPRESSION``, phase kept, as real and imaginary (..., 2)."""
    parts = torch.view_as_real(spectra)
    power = parts.square().sum(-1, keepdim=True).clamp_min(1e-10)
    return parts * power ** ((COMPRESSION - 1) / 2)


def quiet_power(spectra: Tensor) -> Tensor:
    """Power (batch, bins, 1) of the noise, as far as the quietest tenth of the frames shows it."""
    power = spectra.abs().square()
    loudness = power.pow(COMPRESSION).sum(1)
    # Digital silence says nothing of the noise.
    loudness = loudness.masked_fill(loudness < 1e-3, torch.inf)
    quietest = loudness.topk(max(1, round(QUIET_SHARE * loudness.shape[1])), dim=1, largest=False).indices
    taken = power.gather(2, quietest[:, None].expand(-1, power.shape[1], -1))
    return taken.mean(2, keepdim=True).clamp_min(1e-9)


def power_under_voice(spectra: Tensor) -> Tensor:
    """Power (batch, bins, 1) that loud frames hold at least: where a voice pauses now and then, as it does above 3 kHz,
    that is noise, which on many tapes is louder under the voice than in the pauses."""
    power = spectra.abs().square()
    around = (2 * AROUND_BINS + 1, 2 * AROUND_FRAMES + 1)
    smooth = nn.functional.avg_pool2d(
        power[:, None], around, stride=1, padding=(AROUND_BINS, AROUND_FRAMES), count_include_pad=False
    )[:, 0]
    count = max(1, round(LOUD_SHARE * power.shape[2]))
    loudest = power.pow(COMPRESSION).sum(1).topk(count, dim=1).indices
    taken = smooth.gather(2, loudest[:, None].expand(-1, power.shape[1], -1))
    return taken.kthvalue(1 + round(LEAST_SHARE * (count - 1)), dim=2, keepdim=True).values


def features_of(spectra: Tensor, noise_power: Tensor, under_voice: Tensor) -> Tensor:
    """What the network hears, (batch, 5, frames, bins): the compressed spectrum, its size, its height over the noise of
    the pauses and over that under the voice."""
    small = compressed(spectra)
    size = small.square().sum(-1, keepdim=True).sqrt()
    power = spectra.abs().square().clamp_min(1e-9)
    heights = [torch.log10(power / noise).clamp(-2, 5)[..., None] / 2 for noise in (noise_power, under_voice)]
    return torch.cat([small, size, *heights], dim=-1).permute(0, 3, 2, 1).contiguous(memory_format=torch.channels_last)


class Block(nn.Module):
    """A convolution over time and frequency, normalised and bent."""

    def __init__(self, convolution: nn.Module, width: int) -> None:
        super().__init__()
        self.convolution, self.norm, self.bend = convolution, nn.BatchNorm2d(width), nn.LeakyReLU(0.1)

    def forward(self, heard: Tensor) -> Tensor:
        bent: Tensor = self.bend(self.norm(self.convolution(heard)))
        return bent


class Denoiser(nn.Module):
    """Filters spectra. The level of the input matters: give it with the voice at about -26 dBFS."""

    def __init__(self, shape: DenoiserShape | None = None) -> None:
        super().__init__()
        self.shape = shape or DenoiserShape()
        channels = self.shape.channels
        stem = nn.Conv2d(FEATURES, channels[0], (3, 2 * PATCH), stride=(1, PATCH), padding=(1, PATCH))
        self.folds = nn.ModuleList([Block(stem, channels[0])])
        self.unfolds = nn.ModuleList()
        for outer, inner in pairwise(channels):
            self.folds.append(Block(nn.Conv2d(outer, inner, 3, stride=(1, 2), padding=1), inner))
            self.unfolds.insert(0, Block(nn.ConvTranspose2d(inner, outer, 3, stride=(1, 2), padding=1), outer))
        self.skips = nn.ModuleList(nn.Conv2d(width, width, 1) for width in channels[::-1])
        folded = (BINS // PATCH) // 2 ** (len(channels) - 1) + 1
        self.recurrence = _Recurrence(channels[-1] * folded, self.shape)
        self.taps = nn.Conv2d(channels[0], PATCH * 2 * self.shape.taps, 3, padding=1)
        nn.init.zeros_(self.taps.weight)
        # Compressed spectra and ratios do not mind a result that is a little too quiet; this puts it right.
        self.level: Tensor
        self.register_buffer("level", torch.ones(()))

    def forward(self, spectra: Tensor, noise_power: Tensor | None = None) -> Tensor:
        """Filter complex spectra (batch, bins, frames); without ``noise_power`` (batch, bins, 1) it is estimated."""
        return self.given(spectra, self.taps_of(self.heard(spectra, noise_power)))

    def heard(self, spectra: Tensor, noise_power: Tensor | None = None) -> Tensor:
        """The features of complex spectra, (batch, 5, frames, bins)."""
        noise_power = quiet_power(spectra) if noise_power is None else noise_power
        return features_of(spectra, noise_power, self._under_voice(spectra, noise_power))

    def taps_of(self, heard: Tensor) -> Tensor:
        """The taps of all bins, patch by patch, (batch, PATCH x 2 x taps, frames, patches): all that is learnt."""
        folded = []
        for fold in self.folds:
            heard = fold(heard)
            folded.append(heard)
        heard = self.skips[0](heard) + self.recurrence(heard)
        for unfold, skip, kept in zip(self.unfolds, list(self.skips)[1:], folded[-2::-1], strict=True):
            heard = unfold(heard) + skip(kept)
        # Learnt in half precision, the taps would be too coarse to take more than 48 dB away.
        with torch.autocast(heard.device.type, enabled=False):
            taps: Tensor = self.taps(heard.float())
        return taps

    def given(self, spectra: Tensor, taps: Tensor) -> Tensor:
        """The spectra as ``taps_of`` filter them."""
        return self.level * filtered(spectra, _unpatched(taps))

    def _under_voice(self, spectra: Tensor, noise_power: Tensor) -> Tensor:
        """Power of the noise under the voice, never less than in the pauses; a causal network does not know it."""
        return torch.maximum(power_under_voice(spectra), noise_power) if self.shape.look_ahead else noise_power

    def cleaned(self, spectra: Tensor, noise_power: Tensor | None = None) -> Tensor:
        """As ``forward`` filters, and what it turns down turned down further: half sure, a network leaves a haze."""
        return turned_down_further(spectra, self(spectra, noise_power))


class _Recurrence(nn.Module):
    """What every frame learns from those before it and, if allowed, after it."""

    def __init__(self, width: int, shape: DenoiserShape) -> None:
        super().__init__()
        both = 2 if shape.look_ahead else 1
        self.into = nn.Linear(width, shape.hidden)
        self.units = nn.GRU(shape.hidden, shape.hidden, shape.layers, batch_first=True, bidirectional=shape.look_ahead)
        self.back = nn.Linear(both * shape.hidden, width)

    def forward(self, heard: Tensor) -> Tensor:
        batch, width, frames, bins = heard.shape
        flat = self.into(heard.permute(0, 2, 1, 3).reshape(batch, frames, width * bins))
        flat = self.back(self.units(flat)[0])
        return flat.reshape(batch, frames, width, bins).permute(0, 2, 1, 3)


def turned_down_further(
    spectra: Tensor, heard: Tensor, further: float = FURTHER, least: float = LEAST_FURTHER
) -> Tensor:
    """Every bin of ``heard`` times its own gain over ``spectra``, at most 1, to the power of ``further``.

    A gain of less than ``least`` is taken for that: what is gone already need not go further.
    """
    return heard * (heard.abs() / spectra.abs().clamp_min(1e-9)).clamp(least, 1.0) ** further


def _unpatched(taps: Tensor) -> Tensor:
    """(batch, PATCH x n, frames, patches) to (batch, n, frames, BINS)."""
    batch, width, frames, patches = taps.shape
    apart = taps.reshape(batch, width // PATCH, PATCH, frames, patches).permute(0, 1, 3, 4, 2)
    return apart.reshape(batch, width // PATCH, frames, patches * PATCH)[..., :BINS]


def filtered(spectra: Tensor, taps: Tensor) -> Tensor:
    """Each bin as the sum of its neighbouring frames, weighted; ``taps`` is (batch, 2 x taps, frames, bins).

    Taps of zero leave the sound as it is, so that the network learns what to take away.
    """
    count, reach, frames = taps.shape[1] // 2, taps.shape[1] // 4, spectra.shape[-1]
    real, imaginary = (2 * torch.tanh(taps / 2)).permute(0, 1, 3, 2).split(count, dim=1)
    around = nn.functional.pad(spectra, (reach, reach))
    result = spectra
    for tap in range(count):
        weights = torch.complex(real[:, tap].contiguous(), imaginary[:, tap].contiguous())
        result = result + weights * around[..., tap : tap + frames]
    return result
