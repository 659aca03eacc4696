"""Two tracks of one programme beside each other: which is brighter, which stands clearer of its noise, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from restoration.measures.azimuth import Section
from restoration.measures.metering import Float64
from restoration.measures.spectrum import LevelSpectra
from restoration.measures.tone import BANDS_HZ, CORE, band_powers, voice_and_pauses

BRIGHT = (BANDS_HZ > 1900.0) & (BANDS_HZ < 8500.0)
LEAST_HEARD = 2.0
"""The voice is this many times as strong as the noise, in power, where its level is taken as known."""

LARGEST_WEIGHT = 4.0
STRETCH_SECTIONS = 3
LARGEST_LEAD_DB = 10.0
"""One section with a pause in it says more than its neighbours without, and would speak for them all."""


@dataclass(frozen=True)
class Tracks:
    """Power of the voice without the noise, and of the noise, of two tracks in ``BANDS_HZ``: shape (2, bands)."""

    voice: Float64
    noise: Float64

    @property
    def brighter(self) -> int:
        """The track (0, 1) with more of its voice above 2 kHz."""
        shares = self.voice[:, BRIGHT].sum(axis=1) / np.maximum(self.voice[:, CORE].sum(axis=1), 1e-30)
        return int(np.argmax(shares))

    @property
    def ratios(self) -> Float64:
        """Voice to noise of each track in each band, in power."""
        return self.voice / np.maximum(self.noise, 1e-30)

    def weights(self) -> Float64:
        """Amplitudes (2, bands) by which the tracks are summed: the voice as in the brighter, the noise least.

        Maximum-ratio combining (Brennan, Proc. IRE 47, 1959): each track by its voice's amplitude over its noise's
        power. Where the voice is not heard the weights are those of the nearest band where it is.
        """
        amplitude = np.sqrt(self.voice)
        raw = amplitude / np.maximum(self.noise, 1e-30)
        weights = raw * amplitude[self.brighter] / np.maximum((raw * amplitude).sum(axis=0), 1e-30)
        heard = np.nonzero((self.ratios >= LEAST_HEARD).any(axis=0))[0]
        if not heard.size:
            return np.full_like(weights, 0.5)
        numbers = np.arange(BANDS_HZ.size)
        return np.clip([np.interp(numbers, heard, track[heard]) for track in weights], 1e-3, LARGEST_WEIGHT)

    def gain_db(self) -> float:
        """How much farther from the noise the voice stands in the sum than in the better track, mean over ``CORE``."""
        ratios = np.maximum(self.ratios[:, CORE], 1e-6)
        return float(np.mean(10.0 * np.log10(ratios.sum(axis=0) / ratios.max(axis=0))))


def tracks_of(first: LevelSpectra, second: LevelSpectra) -> Tracks:
    """Of the spectra of each track."""
    voices, noises = [], []
    for spectra in (first, second):
        voice, pauses, _ = voice_and_pauses(spectra)
        both, noise = (band_powers(spectra.frequencies_hz, spectrum) for spectrum in (voice, pauses))
        voices.append(np.maximum(both - noise, 0.0))
        noises.append(noise)
    return Tracks(np.array(voices), np.array(noises))


def better_track(sections: list[Section], hysteresis_db: float) -> list[tuple[int, int]]:
    """The track whose voice stands clearer of its noise: (section, track 0 or 1) wherever that changes, from 0 on.

    Over three sections; the other track is taken only where it is ``hysteresis_db`` better.
    """
    lively = np.array([section.liveliness_db for section in sections])
    leads = np.pad(
        np.clip(lively[:, 1] - lively[:, 0], -LARGEST_LEAD_DB, LARGEST_LEAD_DB), STRETCH_SECTIONS // 2, "edge"
    )
    better = np.lib.stride_tricks.sliding_window_view(leads, STRETCH_SECTIONS).mean(axis=1)
    switches = [(0, int(better[0] > 0.0))]
    for number, lead_db in enumerate(better):
        track = switches[-1][1]
        if (lead_db if track == 0 else -lead_db) > hysteresis_db:
            switches.append((number, 1 - track))
    return switches
