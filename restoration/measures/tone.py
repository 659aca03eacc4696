"""The tone of a voice: its long-term average spectrum in third octaves, beside that of voices in general.

The spectrum of the voice is that of the windows with voice (6 dB or more above the noise floor) less that of the pauses
(at most 1.5 dB above it), in the third-octave bands of IEC 61260-1 (base two). Voices differ: the table holds their
mean and their spread, and only what lies outside the spread says something about the recording rather than the speaker.
That the mean is much the same in all languages is known (Byrne et al., An international comparison of long-term average
speech spectra, J. Acoust. Soc. Am. 96, 1994); the figures are the house's own, so that they fit its way of measuring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.measures.bandwidth import PAUSE_ABOVE_FLOOR_DB, VOICE_ABOVE_FLOOR_DB, bandwidth_of
from restoration.measures.metering import Float64
from restoration.measures.noise import noise_floor_of
from restoration.measures.spectrum import LevelSpectra

BANDS_HZ: Float64 = 1000.0 * 2.0 ** (np.arange(-10, 13) / 3.0)
"""Centres of the third-octave bands, 99 Hz to 16 kHz."""

CORE: npt.NDArray[np.bool_] = np.abs(np.log2(BANDS_HZ / 1000.0)) < 2.1
"""The bands from 250 Hz to 4 kHz, whose power together is 0 dB: what every carrier of speech has recorded."""

SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
"""Weights over neighbouring bands, an octave wide: a formant of one voice is not the tone of a recording."""

LEAST_VOICE_S = 10.0
"""Of windows with voice; less is a few sentences and not yet an average."""

LEAST_HEARD_DB = 3.0
"""Where the voice is weaker than this over the noise, its level in a band is not known."""

JUDGED = slice(3, 19)
"""The bands from 200 Hz to 6.3 kHz. Below, women and men differ by 20 dB; above, the corpus has too few voices."""

VOICES_DB: Float64 = np.array(
    [
        (-11.4, 4.0),  # 198 Hz
        (-8.7, 3.3),  # 250 Hz
        (-11.3, 2.9),  # 315 Hz
        (-8.8, 2.7),  # 397 Hz
        (-7.0, 2.4),  # 500 Hz
        (-9.4, 2.2),  # 630 Hz
        (-11.7, 2.1),  # 794 Hz
        (-14.6, 2.0),  # 1000 Hz
        (-17.5, 2.0),  # 1260 Hz
        (-20.3, 2.1),  # 1587 Hz
        (-22.3, 2.4),  # 2000 Hz
        (-21.9, 2.8),  # 2520 Hz
        (-22.8, 3.2),  # 3175 Hz
        (-22.9, 3.9),  # 4000 Hz
        (-22.4, 4.4),  # 5040 Hz
        (-22.3, 4.8),  # 6350 Hz
    ]
)
"""Mean level (0 dB is the power in ``CORE``) and spread of natural voices in the bands ``JUDGED``, in dB.

Of 39 women and 28 men, up to a minute each, women and men weighing the same: 64 speakers of speechocean762 (CC BY 4.0)
and the readers *kathleen*, *nathalie* and *flemishguy* (CC0). ``python -m restoration.measures.tone_table CORPUS``
prints the rows.
"""


@dataclass(frozen=True)
class Tone:
    """The long-term average spectrum of a voice in ``BANDS_HZ``.

    Attributes:
        voice_db: level of the voice in each band, 0 dB being its power in ``CORE``.
        snr_db: how far the voice stands above the pauses in each band.
        heard: the bands in which the voice was recorded and stands out from the noise.
        bandwidth_hz: up to where the voice goes.
    """

    voice_db: Float64
    snr_db: Float64
    heard: npt.NDArray[np.bool_]
    bandwidth_hz: float


def tone_of(spectra: LevelSpectra) -> Tone | None:
    """The tone of the voice in spectra already measured; None without ten seconds of voice."""
    voice, pauses, windows = voice_and_pauses(spectra)
    bandwidth = bandwidth_of(spectra)
    if voice_s(spectra, windows) < LEAST_VOICE_S or bandwidth is None:
        return None
    both, noise = (band_powers(spectra.frequencies_hz, spectrum) for spectrum in (voice, pauses))
    alone = np.maximum(both - noise, 1e-30)
    snr_db = 10.0 * np.log10(alone / np.maximum(noise, 1e-30))
    heard = (upper_hz(BANDS_HZ) <= bandwidth) & (snr_db >= LEAST_HEARD_DB)
    if not (heard & CORE).any():
        return None
    return Tone(10.0 * np.log10(alone / alone[CORE].sum()), snr_db, heard, bandwidth)


def voice_and_pauses(spectra: LevelSpectra) -> tuple[Float64, Float64, int]:
    """Mean power spectra of the windows with voice and of the pauses, and how many windows have voice."""
    floor = noise_floor_of(spectra)
    if floor is None:
        nothing = np.zeros(spectra.frequencies_hz.size)
        return nothing, nothing, 0
    voice, windows = spectra.between(floor + VOICE_ABOVE_FLOOR_DB, float("inf"))
    pauses, _ = spectra.between(-float("inf"), floor + PAUSE_ABOVE_FLOOR_DB)
    return voice, pauses, windows


def voice_s(spectra: LevelSpectra, windows: int) -> float:
    """How long so many half overlapping windows are, in seconds."""
    bin_hz = float(spectra.frequencies_hz[1])
    return 0.5 * windows / bin_hz


def band_powers(frequencies_hz: Float64, spectrum: Float64) -> Float64:
    """Power of a spectrum in each of ``BANDS_HZ``; a bin that two bands share is divided between them."""
    step = float(frequencies_hz[1] - frequencies_hz[0])
    edges = frequencies_hz[0] - step / 2.0 + step * np.arange(frequencies_hz.size + 1)
    sums = np.concatenate(([0.0], np.cumsum(spectrum)))
    low, high = BANDS_HZ / 2.0 ** (1.0 / 6.0), upper_hz(BANDS_HZ)
    powers: Float64 = np.interp(high, edges, sums) - np.interp(low, edges, sums)
    return powers


def upper_hz(centres_hz: Float64) -> Float64:
    """The upper edges of third-octave bands."""
    return centres_hz * 2.0 ** (1.0 / 6.0)


def deviation_db(tone: Tone) -> Float64:
    """How much stronger than in the average voice each of ``BANDS_HZ`` is, smoothed over an octave of what is heard.

    The level of the whole is no matter: the mean over the bands heard within ``CORE`` is 0. So is what is not judged.
    """
    deviation = np.zeros(BANDS_HZ.size)
    raw = np.where(tone.heard[JUDGED], tone.voice_db[JUDGED] - VOICES_DB[:, 0], np.nan)
    deviation[JUDGED] = np.nan_to_num(smoothed(raw, CORE[JUDGED]))
    return deviation


def smoothed(raw: Float64, core: npt.NDArray[np.bool_]) -> Float64:
    """Deviations less their mean over ``core``, smoothed over an octave; NaN, where nothing is known, has no weight."""
    known = np.isfinite(raw)
    level = np.where(known, raw, 0.0)
    level = np.where(known, level - level[core & known].mean(), 0.0)
    weights = np.convolve(known.astype(float), SMOOTHING, mode="same")
    return np.where(known, np.convolve(level, SMOOTHING, mode="same") / np.maximum(weights, 1e-9), np.nan)


def unnatural_db(deviation: Float64, spreads: float) -> Float64:
    """The part of a deviation in ``BANDS_HZ`` that lies beyond so many ``spreads`` of natural voices, in dB."""
    beyond = np.zeros(BANDS_HZ.size)
    inside = deviation[JUDGED]
    beyond[JUDGED] = np.sign(inside) * np.maximum(np.abs(inside) - spreads * VOICES_DB[:, 1], 0.0)
    return beyond


def likely_colour_db(deviation: Float64, colour_db: float) -> Float64:
    """The part of a deviation in ``BANDS_HZ`` that is the recording's and not the speaker's, in dB.

    The best guess (of least mean square error) where recordings are coloured by ``colour_db`` in the mean square, and
    voices differ by their spread: the deviation times ``colour^2 / (colour^2 + spread^2)``.
    """
    likely = np.zeros(BANDS_HZ.size)
    likely[JUDGED] = deviation[JUDGED] * colour_db**2 / (colour_db**2 + VOICES_DB[:, 1] ** 2)
    return likely
