"""The late reverberation of a room, predicted from what was heard before it (weighted prediction error).

Nakatani et al. 2010, *Speech dereverberation based on variance-normalized delayed linear prediction*, by the parts of
the library nara-wpe (Drude et al. 2018). What a room adds later than about 50 ms is a filtered copy of the past; the
voice itself cannot be foretold that long. Nothing is generated and no gain is gated: one filter for each bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.nets.band_below import of_length, resampled

BAND_RATE = 16000
"""What lies above 8 kHz is left: air and walls have taken its reverberation already."""
WINDOW_MS = 64
OVERLAP = 4
DELAY = 3
"""Frames of 16 ms that are left to the voice: they overlap with the present one."""
MOST_REACH_S = 1.0
ITERATIONS = 3
FLOOR = 3e-4
"""Frames that lie 35 dB below a bin's loudest count as if they lay there: silence must not decide the filter."""
LOADING = 1e-6
FRAMES_A_TAP = 4
"""From fewer frames the filter would learn the voice itself."""
SILENT_RUN_S = 0.01

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Complex64 = npt.NDArray[np.complex64]


@dataclass(frozen=True)
class Frames:
    """The grid of the short-time Fourier transform: root-Hann windows."""

    hop: int
    shape: Float32

    @classmethod
    def at(cls, sample_rate: int) -> Frames:
        """Windows of about 64 ms every quarter of it, of lengths that transform fast."""
        from scipy.fft import next_fast_len

        hop = next_fast_len(max(8, round(sample_rate * WINDOW_MS / 1000 / OVERLAP)))
        return cls(hop, np.sqrt(np.hanning(OVERLAP * hop + 1)[:-1]).astype(np.float32))

    def spectra(self, channel: Float32) -> Complex64:
        """Spectra (bins, frames) of one channel (time,)."""
        from scipy.fft import rfft

        size = self.shape.size
        padded = np.pad(channel, (size, size + -channel.size % self.hop))
        windows = np.lib.stride_tricks.sliding_window_view(padded, size)[:: self.hop]
        return np.ascontiguousarray(np.asarray(rfft(windows * self.shape, axis=1)).T)

    def sound(self, spectra: Complex64, frames: int) -> Float32:
        """The channel of that many samples (``frames``) that ``spectra`` (bins, frames) came from."""
        from scipy.fft import irfft

        size, hop = self.shape.size, self.hop
        pieces = np.asarray(irfft(spectra.T, size, axis=1)) * (self.shape * np.float32(2 / OVERLAP))
        # Every fourth window begins where its neighbour ends.
        length = (len(pieces) + OVERLAP) * hop + size
        sound = np.zeros(length, dtype=np.float32)
        for first in range(OVERLAP):
            row = pieces[first::OVERLAP].reshape(-1)
            sound[first * hop : first * hop + row.size] += row
        return sound[size : size + frames]


def late_reverberation(channel: Float32, sample_rate: int, reach_s: float) -> Float32:
    """What of one channel (time,) below 8 kHz is the room's answer to what was heard up to ``reach_s`` before.

    Stretches of digital silence have none.
    """
    rate = min(sample_rate, BAND_RATE)
    heard = resampled(channel, sample_rate, rate)
    level = float(np.sqrt(np.mean(heard.astype(np.float64) ** 2))) if heard.size else 0.0
    if level == 0:
        return np.zeros_like(channel)
    frames = Frames.at(rate)
    taps = max(1, round(reach_s * rate / frames.hop))
    spectra = frames.spectra(heard / np.float32(level))
    if spectra.shape[1] < FRAMES_A_TAP * taps:
        return np.zeros_like(channel)
    late = frames.sound(np.stack([_foretold(row, taps) for row in spectra]), heard.size) * np.float32(level)
    late = of_length(resampled(late, rate, sample_rate), channel.size)
    late[_silent(channel, round(SILENT_RUN_S * sample_rate))] = 0
    return late


def _foretold(spectrum: Complex64, taps: int) -> Complex64:
    """What of one bin (frames,) follows from its own past."""
    from nara_wpe.wpe import build_y_tilde, get_correlations_v6, get_power

    heard = spectrum[None]
    past = build_y_tilde(heard, taps, DELAY)
    voice, late = heard, np.zeros_like(heard)
    for _ in range(ITERATIONS):
        power = get_power(voice)
        most = float(power.max())
        if most <= 0:
            break
        weight = (most / np.maximum(power, FLOOR * most)).astype(np.float32)
        correlation, with_present = get_correlations_v6(heard, past, weight)
        late = _solved(correlation, with_present, past)
        voice = heard - late
    return np.asarray(late[0])


def _solved(correlation: Any, with_present: Any, past: Any) -> Any:
    """The past (taps, frames) through the filter that foretells the present from it best."""
    correlation = correlation.astype(np.complex128)
    loading = LOADING * np.trace(correlation).real / len(correlation) + 1e-30
    filters = np.linalg.solve(correlation + loading * np.eye(len(correlation)), with_present.astype(np.complex128))
    return filters.conj().T.astype(np.complex64) @ past


def _silent(channel: Float32, run: int) -> npt.NDArray[np.bool_]:
    """Where at least ``run`` zeros follow each other."""
    from scipy.ndimage import binary_opening

    return np.asarray(binary_opening(channel == 0, np.ones(max(1, run), dtype=np.bool_)))
