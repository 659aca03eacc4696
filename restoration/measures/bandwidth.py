"""Effective bandwidth: how far up the voice goes, whatever the container and the hiss pretend.

The spectrum of the windows with voice (6 dB or more above the noise floor) is compared with that of the noise, both
averaged over a 24th of an octave. The noise is what the pauses hold (at most 1.5 dB above the floor), or less where
louder windows hold less: in a short clip the quietest windows are breaths and the ends of words, not pauses. The
bandwidth is the highest frequency at which the voice
(a) stands 3 dB above the pauses, where it is as strong as the noise, and (b) is part of the voice and not of a filter's
or a codec's remainder: no more than 50 dB below the peak of the spectrum up to 4 kHz, and 8 dB an octave more above.
So must three quarters of the half octave below it be: an island far above the voice is a whistle or a codec's noise.
Where no window stands out from the floor, (b) alone decides on the mean of all. Line (b) is the house's own: it lies
under the spectra of wide-band voices at hand, and above what lossy coding leaves over a cylinder's band.

Where the voice falls by 24 dB and more within a third of an octave, stays down and then hardly falls any more, what
follows is a codec's remainder even where it follows the voice: the bandwidth is then where it has fallen by 12 dB. The
cylinder of 1912 falls by 27 dB, then by less than 1 dB; tests/measures/test_bandwidth.py looks that voices of the
training corpus do not. Where it falls on and on, the voice itself goes down the slope of a filter.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from restoration.audio import Recording
from restoration.measures.metering import Float64
from restoration.measures.noise import noise_floor_of
from restoration.measures.spectrum import LevelSpectra, level_spectra

VOICE_ABOVE_FLOOR_DB = 6.0
PAUSE_ABOVE_FLOOR_DB = 1.5
EXCESS_DB = 3.0
LOUDER_FROM_DB = (1.5, 6.0, 12.0, 18.0, 24.0)
"""Windows are taken in classes from each of these above the floor to the next; noise that is steady is in all."""
FEWEST_WINDOWS = 10
CONTIGUOUS_SHARE = 0.75
DEPTH_DB, DEPTH_FROM_HZ, DEPTH_DB_PER_OCTAVE = 50.0, 4000.0, 8.0
CLIFF_DB, CLIFF_END_DB = 24.0, 12.0
"""A voice that falls so far within a third of an octave was cut; it ends where it has fallen by the second."""
CLIFF_LEVEL_DB = 6.0
"""In a third of an octave a remainder falls by no more than that; the gentlest filter that makes a cliff, by 8."""
CLIFF_FROM_HZ, CLIFF_DEPTH_DB, CLIFF_RETURN_DB, CLIFF_BELOW_REACH = 1500.0, 38.0, 8.0, 1.2
"""Looked for from that frequency on; what follows lies so far below the peak, comes back by no more than that, and the
band would reach so many times higher: at the end of a band there is always a cliff."""


def bandwidth_hz(recording: Recording) -> float | None:
    """Effective bandwidth in Hz (see the module); None for digital silence and less than 43 ms."""
    return bandwidth_of(level_spectra(recording))


def bandwidth_of(spectra: LevelSpectra) -> float | None:
    """The effective bandwidth in Hz, of spectra already measured."""
    floor = noise_floor_of(spectra)
    if floor is None:
        return None
    voice, windows = spectra.between(floor + VOICE_ABOVE_FLOOR_DB, float("inf"))
    if windows:
        reaches = reach_of(spectra.frequencies_hz, voice, steady_noise_of(spectra, floor))
        if reaches is not None:
            return cliff_of(spectra.frequencies_hz, voice, reaches) or reaches
    everything, _ = spectra.between(-float("inf"), float("inf"))
    return reach_of(spectra.frequencies_hz, everything, np.zeros_like(everything))


def steady_noise_of(spectra: LevelSpectra, floor_dbfs: float) -> Float64:
    """Power spectrum of the noise: at every frequency the least that any class of windows holds."""
    noise, _ = spectra.between(-float("inf"), floor_dbfs + PAUSE_ABOVE_FLOOR_DB)
    noise = smoothed(noise)
    for low_db, high_db in pairwise((*LOUDER_FROM_DB, float("inf"))):
        louder, windows = spectra.between(floor_dbfs + low_db, floor_dbfs + high_db)
        if windows >= FEWEST_WINDOWS:
            noise = np.minimum(noise, smoothed(louder))
    return noise


def reach_of(frequencies_hz: Float64, voice: Float64, pauses: Float64) -> float | None:
    """Highest frequency in Hz at which the power spectrum ``voice`` meets both conditions; None if none does."""
    voice, pauses = smoothed(voice), smoothed(pauses)
    octaves = np.log2(np.maximum(frequencies_hz, DEPTH_FROM_HZ) / DEPTH_FROM_HZ)
    least = voice.max() * 10.0 ** (-(DEPTH_DB + DEPTH_DB_PER_OCTAVE * octaves) / 10.0)
    heard = (voice > pauses * 10.0 ** (EXCESS_DB / 10.0)) & (voice > least)
    heard &= share_heard_below(heard) >= CONTIGUOUS_SHARE
    return float(frequencies_hz[np.nonzero(heard)[0][-1]]) if heard.any() else None


def cliff_of(frequencies_hz: Float64, voice: Float64, reach_hz: float) -> float | None:
    """Frequency in Hz at which a power spectrum, which reaches ``reach_hz``, was cut; None if it was not."""
    level_db = 10.0 * np.log10(np.maximum(smoothed(voice), np.finfo(np.float64).tiny))
    last = int(np.searchsorted(frequencies_hz, reach_hz))
    middles = np.arange(np.searchsorted(frequencies_hz, CLIFF_FROM_HZ), int(last / CLIFF_BELOW_REACH))
    if not middles.size:
        return None
    tops, feet = (np.round(middles * 2.0 ** (sign / 6.0)).astype(int) for sign in (-1, 1))
    falls_db = level_db[tops] - level_db[np.minimum(feet, last)]
    place = int(np.argmax(falls_db))
    top, foot = tops[place], min(feet[place], last)
    stays_down_db = min(level_db[foot] + CLIFF_RETURN_DB, level_db.max() - CLIFF_DEPTH_DB)
    if falls_db[place] < CLIFF_DB or level_db[foot : last + 1].max() > stays_down_db:
        return None
    beyond = min(round(foot * 2.0 ** (1.0 / 3.0)), last)
    if level_db[foot] - level_db[beyond] > CLIFF_LEVEL_DB * 3 * np.log2(beyond / foot):
        return None
    fallen = level_db[top:foot] <= level_db[top] - CLIFF_END_DB
    return float(frequencies_hz[top + int(np.argmax(fallen))])


def share_heard_below(heard: np.ndarray) -> Float64:
    """For every bin, the share of the half octave that ends with it in which ``heard`` is true."""
    bins = np.arange(heard.size)
    low = np.round(bins / np.sqrt(2.0)).astype(int)
    sums = np.concatenate(([0], np.cumsum(heard)))
    return (sums[bins + 1] - sums[low]) / (bins + 1 - low)


def smoothed(spectrum: Float64) -> Float64:
    """Mean of a power spectrum over a 24th of an octave around every bin, three bins at least."""
    bins = np.arange(spectrum.size)
    half = np.maximum(1, np.round(bins * (2.0 ** (1.0 / 48.0) - 1.0)).astype(int))
    low, high = np.maximum(bins - half, 0), np.minimum(bins + half + 1, spectrum.size)
    sums = np.concatenate(([0.0], np.cumsum(spectrum)))
    return (sums[high] - sums[low]) / (high - low)
