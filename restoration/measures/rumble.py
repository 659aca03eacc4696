"""Rumble: what moves below the lowest voice, heard between the words, and how low that voice goes.

The sound is brought down to 2 kHz and cut into windows of 0.2 s. These are sorted by their level from 250 to 900 Hz,
where voices are strong and rumble is not: the quiet ones are the pauses, and rumble is what they hold below the voice.
The pitch of the windows with voice is the first strong peak of their autocorrelation in the band from 150 to 900 Hz;
rumble lies below that band, so that it cannot pass for a voice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr
from scipy import fft
from scipy.signal import get_window

from restoration.audio import Recording
from restoration.measures.metering import Float64, Windows, listen

RATE_HZ = 2000
WINDOW = 400
HOP = 100
VOICE_BAND_HZ = (250.0, 900.0)
PITCH_BAND_HZ = (150.0, 900.0)
LOWEST_HZ = 5.0
FINER = 4
"""The autocorrelation is interpolated so many times: at 2 kHz a period of 9.5 samples would pass for one of 19."""

PITCH_LAGS = (20, 132)
"""From 400 to 61 Hz, in samples at ``FINER`` times the rate."""

PITCH_STRENGTH = 0.7
FIRST_PEAK_SHARE = 0.9
LOWEST_PITCH_SHARE = 0.05
LEAST_VOICED_WINDOWS = 20
LOWEST_CLASS_DBFS, CLASSES = -150, 160
PAUSE_SHARE = 0.1
VOICE_ABOVE_FLOOR_DB = 10.0
PAUSE_ABOVE_FLOOR_DB = 2.0


@dataclass(frozen=True)
class LowEnd:
    """The lowest octaves of a recording.

    Attributes:
        frequencies_hz: of the spectra, up to 1 kHz.
        pauses: mean power of the pauses in each bin; the bins sum to the mean square.
        voice: mean power of the windows with voice in each bin.
        lowest_pitch_hz: what 95 % of the voiced windows exceed.
    """

    frequencies_hz: Float64
    pauses: Float64
    voice: Float64
    lowest_pitch_hz: float

    @property
    def voice_dbfs(self) -> float:
        """Level of the voice, without the noise under it, from its lowest pitch to 1 kHz."""
        above = self.frequencies_hz >= 0.9 * self.lowest_pitch_hz
        alone = np.maximum(self.voice - self.pauses, 0.0)[above].sum()
        return _decibels(float(alone))

    def rumble_dbfs(self, below_hz: float) -> float:
        """Level of the pauses from 5 Hz to ``below_hz``."""
        return _decibels(float(self.pauses[self._below(below_hz)].sum()))

    def excess_db(self, below_hz: float) -> float:
        """How much denser the noise of the pauses is below than above: than its median density up to 900 Hz."""
        above = (self.frequencies_hz >= VOICE_BAND_HZ[0]) & (self.frequencies_hz <= VOICE_BAND_HZ[1])
        density = float(self.pauses[self._below(below_hz)].mean()) / max(float(np.median(self.pauses[above])), 1e-30)
        return _decibels(density)

    def reach_hz(self, below_hz: float, share: float) -> float:
        """The frequency below which lies ``share`` (0..1) of the rumble under ``below_hz``."""
        inside = self._below(below_hz)
        sums = np.cumsum(self.pauses[inside])
        return float(self.frequencies_hz[inside][np.searchsorted(sums, share * sums[-1])])

    def voice_loss_db(self, gain: Float64) -> float:
        """What a filter of ``gain`` (amplitude for each of ``frequencies_hz``) takes from the voice below 300 Hz."""
        low = (self.frequencies_hz >= 0.9 * self.lowest_pitch_hz) & (self.frequencies_hz <= 300.0)
        alone = np.maximum(self.voice - self.pauses, 0.0)[low]
        return _decibels(float(alone.sum())) - _decibels(float((alone * gain[low] ** 2).sum()))

    def _below(self, below_hz: float) -> npt.NDArray[np.bool_]:
        return (self.frequencies_hz >= LOWEST_HZ) & (self.frequencies_hz < max(below_hz, 2 * LOWEST_HZ))


class LowEndMeter:
    """Sums spectra and pitches by level class; the channels count together."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._channels = channels
        self._stream = soxr.ResampleStream(sample_rate, RATE_HZ, channels, dtype="float64", quality="MQ")
        self._windows = Windows(channels, WINDOW, HOP)
        self._window = get_window("hann", WINDOW)
        self._frequencies: Float64 = np.fft.rfftfreq(WINDOW, 1.0 / RATE_HZ).astype(np.float64)
        self._scale = 2.0 / (WINDOW * float((self._window**2).sum()))
        self._counts = np.zeros(CLASSES, dtype=np.int64)
        self._sums = np.zeros((CLASSES, self._frequencies.size))
        self._pitches = np.zeros((CLASSES, PITCH_LAGS[1] + 1), dtype=np.int64)

    def feed(self, samples: Float64) -> None:
        # One channel is a plain array to the resampler, several are columns.
        columns = samples[0] if self._channels == 1 else np.ascontiguousarray(samples.T)
        self._sort(self._windows.feed(np.atleast_2d(self._stream.resample_chunk(columns).T)))

    def _sort(self, windows: Float64) -> None:
        audible = windows.any(axis=(0, 2))
        if not audible.any():
            return
        windows = windows[:, audible]
        spectra = np.zeros((windows.shape[1], self._frequencies.size))
        for channel in windows:
            transform = fft.rfft((channel - channel.mean(axis=1, keepdims=True)) * self._window, axis=1)
            spectra += transform.real**2 + transform.imag**2
        spectra *= self._scale / self._channels
        levels = 10.0 * np.log10(np.maximum(spectra[:, self._between(VOICE_BAND_HZ)].sum(axis=1), 1e-30))
        classes = np.clip(np.floor(levels).astype(int) - LOWEST_CLASS_DBFS, 0, CLASSES - 1)
        np.add.at(self._counts, classes, 1)
        np.add.at(self._sums, classes, spectra)
        lags = self._lags(spectra)
        np.add.at(self._pitches, (classes[lags > 0], lags[lags > 0]), 1)

    def _between(self, band_hz: tuple[float, float]) -> npt.NDArray[np.bool_]:
        return (self._frequencies >= band_hz[0]) & (self._frequencies <= band_hz[1])

    def _lags(self, spectra: Float64) -> npt.NDArray[np.int64]:
        """The pitch period of every window, as ``PITCH_LAGS`` counts it; 0 where it has none."""
        first, last = PITCH_LAGS
        banded = np.where(self._between(PITCH_BAND_HZ), spectra, 0.0)
        similar = fft.irfft(banded, FINER * WINDOW, axis=1)
        similar = similar[:, : last + 2] / np.maximum(similar[:, :1], 1e-30)
        inner = similar[:, first : last + 1]
        top = (inner >= similar[:, first - 1 : last]) & (inner >= similar[:, first + 1 : last + 2])
        strength = np.where(top, inner, 0.0)
        best = strength.max(axis=1, keepdims=True)
        lags = first + np.argmax(strength >= FIRST_PEAK_SHARE * best, axis=1)
        return np.where(best[:, 0] >= PITCH_STRENGTH, lags, 0)

    def low_end(self) -> LowEnd | None:
        """What was heard; None without a second of voice that has a pitch."""
        total = int(self._counts.sum())
        if not total:
            return None
        floor = int(np.searchsorted(np.cumsum(self._counts), PAUSE_SHARE * total))
        classes = np.arange(CLASSES)
        voiced = self._pitches[classes >= floor + VOICE_ABOVE_FLOOR_DB].sum(axis=0)
        if voiced.sum() < LEAST_VOICED_WINDOWS:
            return None
        from_longest = np.cumsum(voiced[::-1])
        longest = voiced.size - 1 - int(np.searchsorted(from_longest, LOWEST_PITCH_SHARE * from_longest[-1]))
        pauses = self._mean(classes <= floor + PAUSE_ABOVE_FLOOR_DB)
        voice = self._mean(classes >= floor + VOICE_ABOVE_FLOOR_DB)
        return LowEnd(self._frequencies, pauses, voice, FINER * RATE_HZ / longest)

    def _mean(self, chosen: npt.NDArray[np.bool_]) -> Float64:
        mean: Float64 = self._sums[chosen].sum(axis=0) / max(int(self._counts[chosen].sum()), 1)
        return mean


def low_end(recording: Recording) -> LowEnd | None:
    """The lowest octaves of a recording; None without a second of voice that has a pitch."""
    meter = LowEndMeter(recording.sample_rate, recording.channels)
    listen(recording, meter)
    return meter.low_end()


def _decibels(power: float) -> float:
    return 10.0 * float(np.log10(max(power, 1e-20)))
