"""How close a recording is to the clean one it was made from, for demonstrations where the clean one is known.

Both are brought to one rate, channel and beginning (``alignment``), and their short-time spectra (Hann windows of 2048
frames, half overlapping, at the clean recording's rate) are compared without their phases, so that wow below a
millisecond does not count as an error. One gain for the whole candidate is taken out: the least-squares match of the
two magnitude spectra from 200 to 4000 Hz, where the voice is and hum is not.

* Log-spectral distance (Gray and Markel, "Distance measures for speech processing", IEEE Trans. ASSP 24, 1976): the
  root mean square over frequency of the difference of the two spectra in dB, averaged over the windows with speech.
  Lower is closer; 0 is the same. Both spectra are floored 80 dB below the clean recording's loudest window, so that
  what nobody could hear is not compared.
* Frequency-weighted segmental signal-to-noise ratio (Tribolet et al. 1978; Hu and Loizou, "Evaluation of objective
  quality measures for speech enhancement", IEEE Trans. ASLP 16, 2008): in bands one Bark wide, 20 log10(C / |C - X|) of
  the magnitudes, held between -10 and 35 dB, weighted by C to the power 0.2, averaged over the windows with speech.
  Higher is closer. It falls when a noise reduction takes weak speech away, where the log-spectral distance may not.
* How far the pauses lie below the speech: mean power in the windows with speech over that in those without.

Speech is what lies within 40 dB of the clean recording's loudest window, pauses are what lies 50 dB or more below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import fft
from scipy.signal import get_window

from restoration.audio import Recording
from restoration.measures.alignment import delay_s, side_by_side
from restoration.measures.metering import Float64, Windows

WINDOW_FRAMES = 2048
FLOOR_DB = 80.0
SPEECH_WITHIN_DB = 40.0
PAUSE_BELOW_DB = 50.0
GAIN_BAND_HZ = (200.0, 4000.0)
SNR_RANGE_DB = (-10.0, 35.0)
WEIGHT_POWER = 0.2

Closeness = dict[str, float | None]


@dataclass(frozen=True)
class _Pair:
    """Two aligned recordings: the bins that both have, and the delay in frames of the clean one's rate."""

    clean: Recording
    candidate: Recording
    delay_frames: int
    frequencies_hz: Float64

    def spectra(self) -> Iterator[tuple[Float64, Float64]]:
        """Power spectra (windows, bins) of the clean recording and of the candidate."""
        shape = get_window("hann", WINDOW_FRAMES)
        cutters = [Windows(1, WINDOW_FRAMES, WINDOW_FRAMES // 2) for _ in range(2)]
        for chunks in side_by_side(self.clean, self.candidate, self.clean.sample_rate, self.delay_frames):
            windows = [cutter.feed(chunk[None])[0] for cutter, chunk in zip(cutters, chunks, strict=True)]
            ours, theirs = (np.abs(fft.rfft(cut * shape, axis=1)) ** 2 for cut in windows)
            yield ours[:, : self.frequencies_hz.size], theirs[:, : self.frequencies_hz.size]


@dataclass(frozen=True)
class _Frame:
    """What the first pass finds: where speech and pauses are, the gain, and the floor of a bin's power."""

    speech: np.ndarray
    pauses: np.ndarray
    gain: float
    floor: float
    pauses_below_speech_db: float | None


def closeness(clean: Recording, candidate: Recording) -> Closeness:
    """``lsd_db``, ``segmental_snr_db`` and ``pauses_below_speech_db`` (None without pauses), as the module describes.

    Also ``gain_db`` and ``delay_ms``, which were taken out of the candidate before it was compared.

    Raises:
        ValueError: less than 2048 frames in common, or a recording that is silent.
    """
    pair = _paired(clean, candidate)
    frame = _framed(pair)
    distance, ratio, first = 0.0, 0.0, 0
    bands = _bark_bands(pair.frequencies_hz)
    for ours, theirs in pair.spectra():
        speech = frame.speech[first : first + ours.shape[0]]
        first += ours.shape[0]
        ours, theirs = ours[speech], theirs[speech] * frame.gain**2
        distance += float(_log_spectral_distance_db(ours, theirs, frame.floor).sum())
        ratio += float(_weighted_snr_db(np.sqrt(ours @ bands), np.sqrt(theirs @ bands)).sum())
    count = int(frame.speech.sum())
    return {
        "lsd_db": distance / count,
        "segmental_snr_db": ratio / count,
        "pauses_below_speech_db": frame.pauses_below_speech_db,
        "gain_db": -20 * float(np.log10(frame.gain)),
        "delay_ms": 1000 * pair.delay_frames / clean.sample_rate,
    }


def improvement(clean: Recording, aged: Recording, restored: Recording) -> Closeness:
    """The measures of ``closeness`` before and after (``..._before``, ``..._after``), and how much closer it came.

    ``lsd_closer_db`` and ``segmental_snr_closer_db`` are above 0 when the restored recording is closer to the clean one
    than the aged one is, and so is ``closer_share``: the part of the log-spectral distance that is gone (1 is all).
    """
    before, after = closeness(clean, aged), closeness(clean, restored)
    told = ("lsd_db", "segmental_snr_db", "pauses_below_speech_db")
    result: Closeness = {f"{name}_before": before[name] for name in told}
    result |= {f"{name}_after": after[name] for name in told}
    lsd_before, lsd_after = before["lsd_db"] or 0.0, after["lsd_db"] or 0.0
    result["lsd_closer_db"] = lsd_before - lsd_after
    result["segmental_snr_closer_db"] = (after["segmental_snr_db"] or 0.0) - (before["segmental_snr_db"] or 0.0)
    result["closer_share"] = 1 - lsd_after / lsd_before if lsd_before else 0.0
    return result


def _paired(clean: Recording, candidate: Recording) -> _Pair:
    delay_frames = round(delay_s(clean, candidate) * clean.sample_rate)
    every = fft.rfftfreq(WINDOW_FRAMES, 1 / clean.sample_rate)
    shared = every[every <= min(clean.sample_rate, candidate.sample_rate) / 2]
    return _Pair(clean, candidate, delay_frames, shared)


def _framed(pair: _Pair) -> _Frame:
    band = (pair.frequencies_hz >= GAIN_BAND_HZ[0]) & (pair.frequencies_hz <= GAIN_BAND_HZ[1])
    rows = [np.zeros((4, 0))]
    for ours, theirs in pair.spectra():
        common = np.sqrt(ours[:, band] * theirs[:, band]).sum(axis=1)
        rows.append(np.stack((ours.sum(axis=1), theirs.sum(axis=1), common, theirs[:, band].sum(axis=1))))
    clean_power, power, common, own = np.concatenate(rows, axis=1)
    loudest = clean_power.max(initial=0.0)
    if loudest == 0 or own.max(initial=0.0) == 0:
        raise ValueError(f"{pair.clean.path} and {pair.candidate.path} are too short to compare, or one is silent")
    speech = clean_power >= loudest * 10 ** (-SPEECH_WITHIN_DB / 10)
    pauses = clean_power <= loudest * 10 ** (-PAUSE_BELOW_DB / 10)
    gain = float(common[speech].sum() / own[speech].sum())
    below = None
    if pauses.any() and power[pauses].any():
        below = 10 * float(np.log10(power[speech].mean() / power[pauses].mean()))
    return _Frame(speech, pauses, gain, float(loudest) * 10 ** (-FLOOR_DB / 10), below)


def _log_spectral_distance_db(ours: Float64, theirs: Float64, floor: float) -> Float64:
    """One figure a window: the RMS over the bins of the difference in dB."""
    difference = 10 * np.log10(np.maximum(ours, floor) / np.maximum(theirs, floor))
    return np.asarray(np.sqrt(np.mean(difference**2, axis=1)))


def _weighted_snr_db(ours: Float64, theirs: Float64) -> Float64:
    """One figure a window, of the magnitudes (windows, bands) of the clean recording and of the candidate."""
    tiny = np.finfo(np.float64).tiny
    # An error below what the range lets count is that far below, and no division by nothing.
    error = np.maximum(np.abs(ours - theirs), ours * 10 ** (-SNR_RANGE_DB[1] / 20) + tiny)
    ratio = 20 * np.log10(np.maximum(ours, tiny) / error)
    weights = ours**WEIGHT_POWER
    return np.asarray((weights * np.clip(ratio, *SNR_RANGE_DB)).sum(axis=1) / np.maximum(weights.sum(axis=1), tiny))


def _bark_bands(frequencies_hz: Float64) -> Float64:
    """(bins, bands) of 0 and 1: the bins of each Bark above 50 Hz, by Traunmüller's formula (JASA 88, 1990)."""
    bark = np.floor(26.81 * frequencies_hz / (1960 + frequencies_hz) - 0.53)
    bark = np.where(frequencies_hz >= 50, bark, np.nan)
    return np.stack([bark == band for band in np.unique(bark[~np.isnan(bark)])], axis=1).astype(np.float64)
