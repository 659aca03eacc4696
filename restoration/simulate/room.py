"""The room between the voice and the microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import fft, signal

from restoration.simulate.fault import Float64, Kind, check_range
from restoration.simulate.odds import log_uniform, uniform

SPEED_OF_SOUND_M_S = 343.0
DECAY = 13.8155
"""A power that falls by 60 dB in a time T is exp(-13.8 t / T)."""

REFLECTIONS = 2
WALL_MARGIN_M = 0.3
BRIGHT_FROM_HZ = 2000.0


@dataclass(frozen=True, kw_only=True)
class Reverberation:
    """A box-shaped room, its early reflections by the image method, then a decaying noise (Allen and Berkley 1979).

    The direct sound is left where and as loud as it was, so that a reverberant recording lies on the time axis of the
    clean one. The noise takes over from the images with the power that a diffuse field has in a room of this volume.

    Args:
        rt60_s: time in which the reverberation falls by 60 dB, 0.05 to 5.
        distance_m: from the voice to the microphone, 0.05 to 20; in a room too small for it, as far as fits.
        volume_m3: of the room, 8 to 20000; its proportions, and where voice and microphone stand, are drawn.
        bright_share: reverberation time above 2 kHz over ``rt60_s``, 0.1 to 1: curtains and air.
    """

    kind: ClassVar[Kind] = "room"
    rt60_s: float = 0.4
    distance_m: float = 1.0
    volume_m3: float = 60.0
    bright_share: float = 0.6

    def __post_init__(self) -> None:
        check_range(self, 0.05, 5, "rt60_s")
        check_range(self, 0.05, 20, "distance_m")
        check_range(self, 8, 20_000, "volume_m3")
        check_range(self, 0.1, 1, "bright_share")

    def apply(self, samples: Float64, sample_rate: int, draw: np.random.Generator) -> tuple[Float64, dict[str, Any]]:
        channels, frames = samples.shape
        response, drawn = self.impulse_response(channels, sample_rate, draw)
        size = int(fft.next_fast_len(frames + response.shape[1], real=True))
        # Single precision errs 130 dB below the sound.
        spectrum = fft.rfft(samples.astype(np.float32), size) * fft.rfft(response.astype(np.float32), size)
        return np.asarray(fft.irfft(spectrum, size)[:, :frames], dtype=np.float64), drawn

    def impulse_response(
        self, channels: int, sample_rate: int, draw: np.random.Generator
    ) -> tuple[Float64, dict[str, Any]]:
        """The room's response (channels, time) from the direct sound on, which is 1, and what was drawn for it.

        Early reflections are the same in all channels, what comes after is independent.
        """
        sides_m, voice_m, microphone_m = self._place(draw)
        distance_m = float(np.linalg.norm(voice_m - microphone_m))
        direct_s = distance_m / SPEED_OF_SOUND_M_S
        # From here on the images of REFLECTIONS periods of the shortest side are no longer all there are.
        complete_s = (2 * REFLECTIONS - 1) * float(sides_m.min()) / SPEED_OF_SOUND_M_S
        response = self._tail(channels, sample_rate, (direct_s, complete_s), draw) * distance_m
        delays_s, gains = _images(sides_m, voice_m, microphone_m, self._reflected(sides_m))
        early = (delays_s > direct_s + 1e-9) & (delays_s < complete_s)
        places = np.round((delays_s[early] - direct_s) * sample_rate).astype(np.intp)
        inside = places < response.shape[1]
        response += np.bincount(places[inside], gains[early][inside] * distance_m, response.shape[1])
        response[:, 0] = 1.0
        return response, {
            "sides_m": sides_m.tolist(),
            "voice_m": voice_m.tolist(),
            "microphone_m": microphone_m.tolist(),
        }

    def _place(self, draw: np.random.Generator) -> tuple[Float64, Float64, Float64]:
        """The sides of the room, and where voice and microphone are in it."""
        proportions = np.array([log_uniform(draw, 1.2, 1.8), log_uniform(draw, 1.0, 1.5), uniform(draw, 0.6, 1.0)])
        sides_m = proportions * (self.volume_m3 / np.prod(proportions)) ** (1 / 3)
        microphone_m = sides_m * draw.uniform(0.25, 0.75, 3)
        towards = draw.standard_normal(3) * [1, 1, 0.3]
        voice_m = microphone_m + self.distance_m * towards / np.linalg.norm(towards)
        return sides_m, np.clip(voice_m, WALL_MARGIN_M, sides_m - WALL_MARGIN_M), microphone_m

    def _reflected(self, sides_m: Float64) -> float:
        """How much of the pressure a wall throws back, by Eyring's formula."""
        surface_m2 = 2 * (sides_m[0] * sides_m[1] + sides_m[0] * sides_m[2] + sides_m[1] * sides_m[2])
        return float(np.exp(-2 * DECAY * np.prod(sides_m) / (SPEED_OF_SOUND_M_S * surface_m2 * self.rt60_s)))

    def _tail(
        self, channels: int, sample_rate: int, begins_s: tuple[float, float], draw: np.random.Generator
    ) -> Float64:
        """The diffuse part at 1 m from the voice: as many images a second as the volume holds, each decayed."""
        direct_s, complete_s = begins_s
        count = max(1, int(self.rt60_s * sample_rate))
        times_s = direct_s + np.arange(count) / sample_rate
        noise = draw.standard_normal((channels, count), dtype=np.float32).astype(np.float64)
        dark = signal.lfilter(*signal.butter(3, BRIGHT_FROM_HZ, fs=sample_rate), noise, axis=1)
        decay = np.exp(-DECAY / 2 * times_s / self.rt60_s)
        tail = dark * decay + (noise - dark) * decay ** (1 / self.bright_share)
        power = 4 * np.pi * SPEED_OF_SOUND_M_S / (self.volume_m3 * sample_rate)
        return np.asarray(np.where(times_s >= complete_s, tail * np.sqrt(power), 0.0))


def _images(sides_m: Float64, voice_m: Float64, microphone_m: Float64, reflected: float) -> tuple[Float64, Float64]:
    """When the sound of every image of the voice arrives, and its gain at 1 m from the voice."""
    periods = np.arange(-REFLECTIONS, REFLECTIONS + 1)
    squares, bounces = [], []
    for side, voice, microphone in zip(sides_m, voice_m, microphone_m, strict=True):
        apart = np.concatenate([voice + 2 * periods * side, -voice + 2 * periods * side]) - microphone
        squares.append(apart**2)
        bounces.append(np.concatenate([2 * np.abs(periods), np.abs(periods - 1) + np.abs(periods)]))
    distances_m = np.sqrt(_sums(squares))
    return distances_m / SPEED_OF_SOUND_M_S, reflected ** _sums(bounces) / distances_m


def _sums(of_axes: list[Float64]) -> Float64:
    x, y, z = of_axes
    return np.asarray(x[:, None, None] + y[None, :, None] + z[None, None, :]).reshape(-1)
