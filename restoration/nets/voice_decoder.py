"""The decoder of a voice model: what is said, how high and how loud, and whose voice, to sound at 16 kHz.

A source and its filters (Engel et al. 2020, DDSP; the pulse train as in CombSub of DDSP-SVC): a train of pulses at the
pitch and a noise pass filters that a small network sets every 8 ms. The pulses' filter has the least phase that its
magnitude allows (Oppenheim and Schafer), as a vocal tract has. The network (ConvNeXt blocks, Liu et al. 2022, modulated
by voice and channel, Perez et al. 2018) looks 96 ms ahead and no further, so a stream gets the same sound as a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from restoration.nets.breath import Breath, breathed

SAMPLE_RATE = 16000
HOP, WINDOW = 128, 512
BINS = WINDOW // 2 + 1
SPEAKER_SIZE, CHANNEL_SIZE = 208, 12
VOICE_DIRECTIONS = 16
QUIETEST = -12.0
"""Least natural logarithm of a filter's magnitude, about -104 dB."""
NOISE_FRAMES = 1 << 17
NOISE_SEED = 1912


@dataclass(frozen=True, kw_only=True)
class VoiceDecoderShape:
    """Size of the network. ``ahead`` says how many frames (8 ms) each block looks into the future."""

    content: int = 288
    width: int = 256
    kernel: int = 7
    dilations: tuple[int, ...] = (1, 1, 2, 2, 4, 4, 8, 8)
    ahead: tuple[int, ...] = (1, 1, 1, 1, 2, 2, 2, 2)

    @property
    def lookahead_frames(self) -> int:
        """Frames of the future that a frame of the result depends on."""
        return sum(self.ahead)

    @property
    def past_frames(self) -> int:
        """Frames of the past that it depends on."""
        return sum(d * (self.kernel - 1) - a for d, a in zip(self.dilations, self.ahead, strict=True))


@dataclass(frozen=True)
class Controls:
    """What the network hears, every 8 ms: content (batch, frames, size); f0_hz (0 where unvoiced), voicing (0 to 1) and
    loudness_db (of speech near 0), each (batch, frames); speaker (batch, 208) and channel (batch, 12)."""

    content: Tensor
    f0_hz: Tensor
    voicing: Tensor
    loudness_db: Tensor
    speaker: Tensor
    channel: Tensor


class VoiceDecoder(nn.Module):
    """Controls to the filters of the pulses and of the noise, and these to sound.

    ``speaker_mean`` and ``speaker_spread`` (208,) say how the voices lie that it was taught with, ``content_mean`` and
    ``content_spread`` the same of the frames of content. ``content_voices`` (16, 288) are the directions in which the
    content of one voice lies beside that of another: what lies along them is taken out (Solomonoff et al. 2005,
    nuisance attribute projection), for whose voice it is to be is told by the speaker code alone.
    """

    content_mean: Tensor
    content_spread: Tensor
    content_voices: Tensor
    speaker_mean: Tensor
    speaker_spread: Tensor

    def __init__(self, shape: VoiceDecoderShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or VoiceDecoderShape()
        self.content = nn.Linear(shape.content, shape.width)
        self.prosody = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, shape.width))
        self.voice = nn.Sequential(nn.Linear(SPEAKER_SIZE + CHANNEL_SIZE, 192), nn.SiLU(), nn.Linear(192, 160))
        self.blocks = nn.ModuleList(
            [Block(shape.width, shape.kernel, d, a) for d, a in zip(shape.dilations, shape.ahead, strict=True)]
        )
        self.head = nn.Sequential(nn.LayerNorm(shape.width), nn.Linear(shape.width, 2 * BINS))
        # How a voice sounds in the mean goes straight to the filters; the blocks have the rest to learn.
        self.tone = nn.Linear(SPEAKER_SIZE + CHANNEL_SIZE, 2 * BINS)
        nn.init.zeros_(self.tone.weight)
        nn.init.constant_(self.tone.bias, -4.0)
        self.register_buffer("content_mean", torch.zeros(shape.content))
        self.register_buffer("content_spread", torch.ones(shape.content))
        self.register_buffer("content_voices", torch.zeros(VOICE_DIRECTIONS, shape.content))
        self.register_buffer("speaker_mean", torch.zeros(SPEAKER_SIZE))
        self.register_buffer("speaker_spread", torch.ones(SPEAKER_SIZE))

    def filters(self, controls: Controls) -> tuple[Tensor, Tensor]:
        """Natural logarithms of the magnitudes of both filters, each (batch, frames, 257)."""
        sound, voice = self.entered(controls)
        for block in self.blocks:
            sound = block(sound, voice)
        return self.left(sound, controls)

    def entered(self, controls: Controls) -> tuple[Tensor, Tensor]:
        """What the first block hears (batch, frames, width), and whose voice it is to be (batch, 160)."""
        pitch = torch.log2(controls.f0_hz.clamp(min=30.0) / 200.0) * (controls.f0_hz > 0)
        prosody = torch.stack([pitch, controls.voicing, controls.loudness_db / 20.0], dim=-1)
        content = self.voiceless(controls.content)
        voice = self.voice(torch.cat([controls.speaker, controls.channel], dim=-1))
        return self.content(content) + self.prosody(prosody), voice

    def voiceless(self, content: Tensor) -> Tensor:
        """Content (..., size) standardised, without what tells the voice."""
        standard = (content - self.content_mean) / self.content_spread
        return standard - standard @ self.content_voices.T @ self.content_voices

    def left(self, sound: Tensor, controls: Controls) -> tuple[Tensor, Tensor]:
        """The filters of as many frames as the last block made (batch, frames, width), the first of the controls."""
        # The loudness is heard directly too, so that the network has only the spectrum's shape to learn.
        level = controls.loudness_db[:, : sound.shape[1], None] * (2.302585 / 20.0)
        tone = self.tone(torch.cat([controls.speaker, controls.channel], dim=-1))[:, None]
        made = (self.head(sound) + tone + level).clamp(min=QUIETEST)
        return made[..., :BINS], made[..., BINS:]

    def forward(self, controls: Controls, noise: Tensor) -> Tensor:
        """Sound (batch, frames * 128) from controls and as much noise."""
        pulses = pulse_train(controls.f0_hz, controls.voicing)[0]
        return filtered(pulses, noise, *self.filters(controls))


class Block(nn.Module):
    """Convolution over time, channel by channel, and over channels, frame by frame, as the voice scales and shifts."""

    def __init__(self, width: int, kernel: int, dilation: int, ahead: int) -> None:
        super().__init__()
        self.past, self.ahead = dilation * (kernel - 1) - ahead, ahead
        self.along = nn.Conv1d(width, width, kernel, dilation=dilation, groups=width)
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.voice = nn.Linear(160, 2 * width)
        self.across = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.gain = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, sound: Tensor, voice: Tensor) -> Tensor:
        return self.inside(nn.functional.pad(sound, (0, 0, self.past, self.ahead)), voice)

    def inside(self, around: Tensor, voice: Tensor) -> Tensor:
        """Of (batch, frames, width) all but the first ``past`` frames and the last ``ahead``."""
        scale, shift = self.voice(voice)[:, None].chunk(2, dim=-1)
        heard = self.norm(self.along(around.transpose(1, 2)).transpose(1, 2)) * (1 + scale) + shift
        return around[:, self.past : around.shape[1] - self.ahead] + self.gain * self.across(heard)


def pulse_train(f0_hz: Tensor, voicing: Tensor, phase: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Band-limited pulses of unit power at the pitch, (batch, frames * 128), and the phase (batch,) they end at.

    Sample n of frame m lies between frames m and m + 1; the last frame's pitch is held. ``phase`` (turns, float64) is
    where the pulses before ended.
    """
    held = _held(f0_hz)
    every_hz = _between(held)
    voiced = _between(nn.functional.pad(voicing, (0, 1), mode="replicate"))
    turns = torch.cumsum(every_hz.double() / SAMPLE_RATE, dim=1)
    if phase is not None:
        turns = turns + phase[:, None]
    place = (turns - torch.round(turns)).to(every_hz.dtype)
    period = SAMPLE_RATE / every_hz
    pulses = torch.sinc(place * period) * period.sqrt()
    return pulses * voiced, turns[:, -1] - torch.floor(turns[:, -1])


def _held(f0_hz: Tensor) -> Tensor:
    """The pitch with its gaps filled by a low one, and one frame more."""
    filled = torch.where(f0_hz > 0, f0_hz, torch.full_like(f0_hz, 120.0))
    return nn.functional.pad(filled, (0, 1), mode="replicate")


def _between(frames: Tensor) -> Tensor:
    """(batch, frames + 1) to samples (batch, frames * 128), on straight lines."""
    share = torch.arange(HOP, device=frames.device, dtype=frames.dtype) / HOP
    return (frames[:, :-1, None] * (1 - share) + frames[:, 1:, None] * share).flatten(1)


def filtered(
    pulses: Tensor, noise: Tensor, of_pulses: Tensor, of_noise: Tensor, breath: Breath | None = None
) -> Tensor:
    """Both sources through their filters (natural log magnitudes, a frame every 128 samples), added; as much of the
    noise as ``breath`` says is the performer's."""
    half = (WINDOW // 2, WINDOW // 2)
    sources = nn.functional.pad(pulses, half), nn.functional.pad(noise, half)
    return _overlap_add(filtered_windows(*sources, of_pulses, of_noise, breath), pulses.shape[1])


def filtered_windows(
    pulses: Tensor, noise: Tensor, of_pulses: Tensor, of_noise: Tensor, breath: Breath | None = None
) -> Tensor:
    """The same as windows (batch, frames, 512) still to be added, a window every 128 samples; the first one begins with
    the sources."""
    window = torch.hann_window(WINDOW, device=pulses.device).sqrt()
    voiced = _stft(pulses, window, of_pulses.shape[1]) * least_phase(of_pulses)
    hissed = _stft(noise, window, of_noise.shape[1]) * torch.exp(of_noise)
    if breath is not None:
        hissed = breathed(hissed, _stft(breath.sound, window, of_noise.shape[1]), of_noise, breath.share)
    # Four windows overlap, and the squares of their weights add up to two.
    return torch.fft.irfft(voiced + hissed, n=WINDOW, dim=-1) * window / 2


def _stft(sound: Tensor, window: Tensor, frames: int) -> Tensor:
    """Spectra (batch, frames, 257) of windows that begin at samples 0, 128, 256 and so on."""
    return torch.fft.rfft(sound.unfold(1, WINDOW, HOP)[:, :frames] * window, dim=-1)


def _overlap_add(windows: Tensor, size: int) -> Tensor:
    """The sum (batch, size) of windows centred at samples 0, 128, 256 and so on."""
    frames = windows.shape[1]
    whole = (frames - 1) * HOP + WINDOW
    added = nn.functional.fold(windows.transpose(1, 2), (1, whole), (1, WINDOW), stride=(1, HOP))[:, 0, 0]
    kept = added[:, WINDOW // 2 : WINDOW // 2 + size]
    return nn.functional.pad(kept, (0, size - kept.shape[1]))


def least_phase(magnitude_log: Tensor) -> Tensor:
    """The complex response of least phase with that natural log magnitude (..., 257), by its folded cepstrum."""
    cepstrum = torch.fft.irfft(magnitude_log, n=WINDOW, dim=-1)
    fold = torch.zeros(WINDOW, device=magnitude_log.device, dtype=magnitude_log.dtype)
    fold[0] = fold[WINDOW // 2] = 1
    fold[1 : WINDOW // 2] = 2
    response: Tensor = torch.exp(torch.fft.rfft(cepstrum * fold, dim=-1))
    return response


def steady_noise(start: int, size: int) -> Tensor:
    """Samples ``start`` to ``start + size`` of one endless noise of unit power: the same for whoever asks."""
    return _noise_table()[torch.arange(start, start + size) % NOISE_FRAMES]


@cache
def _noise_table() -> Tensor:
    return torch.randn(NOISE_FRAMES, generator=torch.Generator().manual_seed(NOISE_SEED))
