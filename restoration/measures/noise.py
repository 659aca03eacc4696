"""Noise floor, signal-to-noise ratio without a reference, and the share of digital silence.

The noise floor is the level that 90 % of the 43 ms windows exceed: the background level L90 of ISO 1996-1, unweighted,
from 20 Hz up. It is the level of the pauses wherever a tenth of the recording or more is pause. Digital zeros are no
windows of it: they are the absence of a transfer, not a quiet one.

The signal is the mean power of the windows that stand out from the floor, less the power of the floor. So the ratio is
that of the voice while it speaks to what is heard while it does not, hum and rumble included. A window stands out at
3 dB above the floor, or less where the noise is steadier than that: at 0.5 dB and twice the spread L90 - L99 above it,
so that a voice as weak as the noise is not taken for pauses with the noise's own peaks for a voice.
"""

from __future__ import annotations

from restoration.audio import Recording
from restoration.measures.metering import Float64, decibels, listen
from restoration.measures.spectrum import LevelSpectra, level_spectra

PAUSE_SHARE = 0.9
LOWEST_SHARE = 0.99
MOST_ABOVE_FLOOR_DB = 3.0
LEAST_ABOVE_FLOOR_DB = 0.5


def noise_floor_dbfs(recording: Recording) -> float | None:
    """RMS level of the pauses in dBFS (see the module); None for digital silence and less than 43 ms."""
    return noise_floor_of(level_spectra(recording))


def snr_db(recording: Recording) -> float | None:
    """Level of the voice over the noise floor in dB; None where nothing stands out from it."""
    return snr_of(level_spectra(recording))


def noise_floor_of(spectra: LevelSpectra) -> float | None:
    """The noise floor in dBFS, of spectra already measured."""
    return spectra.level_exceeded(PAUSE_SHARE)


def snr_of(spectra: LevelSpectra) -> float | None:
    """The signal-to-noise ratio in dB, of spectra already measured."""
    floor, lowest = noise_floor_of(spectra), spectra.level_exceeded(LOWEST_SHARE)
    if floor is None or lowest is None:
        return None
    above = min(MOST_ABOVE_FLOOR_DB, LEAST_ABOVE_FLOOR_DB + 2.0 * (floor - lowest))
    spectrum, count = spectra.between(floor + above, float("inf"))
    noise = 10.0 ** (floor / 10.0)
    return decibels((float(spectrum.sum()) - noise) / noise) if count else None


class SilenceMeter:
    """Counts the frames in which every channel is exactly zero."""

    def __init__(self) -> None:
        self._zeros = self._frames = 0

    def feed(self, samples: Float64) -> None:
        self._zeros += samples.shape[1] - int(samples.any(axis=0).sum())
        self._frames += samples.shape[1]

    @property
    def share(self) -> float:
        """From 0 to 1; 0 for a recording of no frames."""
        return self._zeros / max(self._frames, 1)


def digital_silence_share(recording: Recording) -> float:
    """Share (0..1) of the frames that are exactly zero in every channel."""
    meter = SilenceMeter()
    listen(recording, meter)
    return meter.share
