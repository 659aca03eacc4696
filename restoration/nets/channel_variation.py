"""Random channels for training: the same voice heard through a cylinder, a disc, a tape, a telephone line.

A network that saw each voice through many channels learns the voice and not the channel. Works on batches of short
windows at 16 kHz; ageing whole recordings for demonstrations is another part's work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

SAMPLE_RATE = 16000


@dataclass(frozen=True, kw_only=True)
class ChannelVariation:
    """How often, from 0 to 1, a window gets each kind of damage."""

    band_limit: float = 0.6  # upper edge from 2.5 to 8 kHz
    low_cut: float = 0.5  # lower edge from 80 to 400 Hz
    colour: float = 0.6  # a smooth random response, +-8 dB
    room: float = 0.25  # reverberation of 0.1 to 0.5 s
    hiss: float = 0.8  # 3 to 40 dB below the voice, slope from white to -6 dB an octave
    crackle: float = 0.25  # 5 to 100 clicks a second
    clipping: float = 0.1


def through_channels(windows: Tensor, variation: ChannelVariation, generator: torch.Generator) -> Tensor:
    """Each of the ``windows`` (windows, time) through a channel of its own, drawn from ``generator``."""

    def chosen(probability: float) -> Tensor:
        return (torch.rand(len(windows), 1, generator=generator) < probability).float()

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(len(windows), 1, generator=generator)

    heard = windows / (windows.square().mean(dim=1, keepdim=True).sqrt() + 1e-5)
    heard = heard + chosen(variation.room) * _tail(heard, uniform(0.02, 0.1), generator)
    heard = heard + chosen(variation.crackle) * _crackle(heard, uniform(5, 100), uniform(0.5, 3), generator)
    noise = _hiss(heard, uniform(0, 1), generator)
    heard = heard + chosen(variation.hiss) * noise * 10 ** (-uniform(3, 40) / 20)
    response = _response(heard.shape[1], variation, generator, len(windows))
    heard = torch.fft.irfft(torch.fft.rfft(heard) * response, n=heard.shape[1])
    peak = heard.abs().amax(dim=1, keepdim=True) * uniform(0.25, 0.7)
    clips = chosen(variation.clipping)
    clipped = torch.maximum(torch.minimum(heard, peak), -peak)
    # The medium's own noise comes after its band limit; without it the empty bands would give the edge away.
    floor = _hiss(heard, uniform(0, 1), generator) * 10 ** (-uniform(25, 60) / 20)
    return clips * clipped + (1 - clips) * heard + floor


def _response(frames: int, variation: ChannelVariation, generator: torch.Generator, count: int) -> Tensor:
    frequencies = torch.fft.rfftfreq(frames, 1 / SAMPLE_RATE).clamp(min=1.0)[None]
    draws = torch.rand(6, count, 1, generator=generator)
    upper = 2500 * (8000 / 2500) ** draws[0]
    lower = 80 * 5 ** draws[1]
    top = 1 / (1 + (frequencies / upper) ** 16).sqrt()
    bottom = 1 / (1 + (lower / frequencies) ** 6).sqrt()
    octaves = torch.log2(frequencies / 1000)
    waves = torch.sin(octaves[None] * (0.5 + draws[2]) * math.pi + 2 * math.pi * draws[3])[0]
    colour = 10 ** (waves * 8 * draws[4] / 20)
    pick = torch.rand(3, count, 1, generator=generator)
    response = torch.where(pick[0] < variation.band_limit, top, torch.ones_like(top))
    response = response * torch.where(pick[1] < variation.low_cut, bottom, torch.ones_like(bottom))
    return response * torch.where(pick[2] < variation.colour, colour, torch.ones_like(colour))


def _hiss(like: Tensor, slope: Tensor, generator: torch.Generator) -> Tensor:
    spectrum = torch.fft.rfft(torch.randn(like.shape, generator=generator))
    frequencies = torch.fft.rfftfreq(like.shape[1], 1 / SAMPLE_RATE).clamp(min=50.0)[None]
    shaped = torch.fft.irfft(spectrum * (frequencies / 1000) ** -slope, n=like.shape[1])
    return shaped / (shaped.square().mean(dim=1, keepdim=True).sqrt() + 1e-9)


def _tail(dry: Tensor, decay_s: Tensor, generator: torch.Generator) -> Tensor:
    frames = SAMPLE_RATE // 2
    time = torch.arange(frames) / SAMPLE_RATE
    impulse = torch.randn(len(dry), frames, generator=generator) * torch.exp(-time[None] / decay_s)
    impulse = impulse / impulse.square().sum(dim=1, keepdim=True).sqrt()
    size = dry.shape[1] + frames
    wet = torch.fft.irfft(torch.fft.rfft(dry, n=size) * torch.fft.rfft(impulse, n=size), n=size)
    return 0.7 * wet[:, : dry.shape[1]]


def _crackle(like: Tensor, clicks_per_s: Tensor, decay_ms: Tensor, generator: torch.Generator) -> Tensor:
    struck = torch.rand(like.shape, generator=generator) < clicks_per_s / SAMPLE_RATE
    strength = torch.randn(like.shape, generator=generator) * struck * 4
    time_ms = torch.arange(160) / SAMPLE_RATE * 1000
    impulse = torch.randn(len(like), 160, generator=generator) * torch.exp(-time_ms[None] / decay_ms)
    size = like.shape[1] + 160
    heard = torch.fft.irfft(torch.fft.rfft(strength, n=size) * torch.fft.rfft(impulse, n=size), n=size)
    return heard[:, : like.shape[1]]
