"""How good each stretch of speech is: its level, what noise lies under it, how far up it goes, how much of it clips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.bandwidth import reach_of
from restoration.measures.clipping import ClippingMeter
from restoration.measures.spectrum import LevelSpectra

PIECE_FRAMES = 2**16
VOICE_FROM_HZ = 80.0
"""Rumble and hum below it are not what makes a voice hard to understand."""

PAUSE_S = 2.0
"""Of the pause before and of the pause after, at most this much next to the speech tells what the noise is."""
SHORTEST_PAUSE_S = 0.15
LOWEST_POWER = 1e-12

Span = tuple[float, float]
"""Start and end in seconds."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The quality of one segment; a figure is None where it cannot be measured.

    Attributes:
        speech_probability: mean of the speech detector's probability, 0 to 1.
        level_dbfs: mean power of all channels, in dB; a full-scale sine has -3 dBFS.
        snr_db: power of the segment less that of the noise, over that of the noise, from 80 Hz up. The noise is the
            quieter half of the neighbouring pauses, up to 2 s on each side; None without a pause of 0.15 s.
        peak_dbfs: the largest sample.
        clipped_share: share of samples, 0 to 1, in flat tops (see ``restoration.measures.clipping``).
        bandwidth_hz: how far up the voice stands out from the noise (see ``restoration.measures.bandwidth``).
    """

    speech_probability: float | None
    level_dbfs: float | None
    snr_db: float | None
    peak_dbfs: float | None
    clipped_share: float | None
    bandwidth_hz: float | None


def quality_figures(
    recording: Recording, spans: Sequence[Span], probabilities: npt.NDArray[np.float32], hop_s: float
) -> list[Figures]:
    """The figures of each of the ``spans``, which are in order and do not overlap.

    Args:
        recording: what is measured, at its own sample rate, a piece at a time.
        spans: the segments.
        probabilities: of speech, one for every ``hop_s`` seconds from the beginning.
        hop_s: see there.
    """
    pauses = pauses_between(spans, recording.duration_s)
    figures = []
    for start, end in spans:
        hops = probabilities[int(start / hop_s) : max(math.ceil(end / hop_s), int(start / hop_s) + 1)]
        probability = round(float(hops.mean()), 3) if hops.size else None
        figures.append(_figures_of(recording, (start, end), neighbours(pauses, (start, end)), probability))
    return figures


def pauses_between(spans: Sequence[Span], duration_s: float) -> list[Span]:
    """The stretches of at least 0.15 s in which nobody speaks."""
    edges = [0.0, *(edge for span in spans for edge in span), duration_s]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    return [(start, end) for start, end in gaps if end - start >= SHORTEST_PAUSE_S]


def neighbours(pauses: Sequence[Span], span: Span) -> list[Span]:
    """The pause before and the pause after ``span``, each cut to the 2 s next to it."""
    before = [pause for pause in pauses if pause[1] <= span[0] + 1e-9][-1:]
    after = [pause for pause in pauses if pause[0] >= span[1] - 1e-9][:1]
    return [(max(start, end - PAUSE_S), end) for start, end in before] + [
        (start, min(end, start + PAUSE_S)) for start, end in after
    ]


def _figures_of(recording: Recording, span: Span, pauses: Sequence[Span], probability: float | None) -> Figures:
    voice, noise = _Meter(recording), _Meter(recording)
    voice.hear(*span)
    for pause in pauses:
        noise.hear(*pause)
    if not voice.samples:
        return Figures(
            speech_probability=probability,
            level_dbfs=None,
            snr_db=None,
            peak_dbfs=None,
            clipped_share=None,
            bandwidth_hz=None,
        )
    under = noise.quiet_spectrum()
    spectrum = voice.mean_spectrum()
    reach = reach_of(voice.frequencies_hz, spectrum, np.zeros_like(spectrum) if under is None else under)
    return Figures(
        speech_probability=probability,
        level_dbfs=round(_decibels(voice.energy / voice.samples), 2),
        snr_db=None if under is None else _snr_db(voice.frequencies_hz, spectrum, under),
        peak_dbfs=round(_decibels(voice.peak**2), 2),
        clipped_share=round(voice.clipping.measures()["clipped_share"], 6),
        bandwidth_hz=None if reach is None else round(reach),
    )


class _Meter:
    """Adds up what is heard of a recording, stretch by stretch."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._spectra = LevelSpectra(recording.sample_rate, recording.channels)
        self.clipping = ClippingMeter(recording.channels)
        self.energy, self.peak, self.samples = 0.0, 0.0, 0

    @property
    def frequencies_hz(self) -> npt.NDArray[np.float64]:
        return np.asarray(self._spectra.frequencies_hz, dtype=np.float64)

    def hear(self, start_s: float, end_s: float) -> None:
        stop = round(end_s * self._recording.sample_rate)
        for start in range(round(start_s * self._recording.sample_rate), stop, PIECE_FRAMES):
            heard = self._recording.read(start, min(stop, start + PIECE_FRAMES)).samples.astype(np.float64)
            magnitude = np.abs(heard)
            self.energy += float(np.sum(magnitude**2))
            self.peak = max(self.peak, float(magnitude.max(initial=0.0)))
            self.samples += heard.size
            self.clipping.feed(heard)
            self._spectra.feed(heard)

    def mean_spectrum(self) -> npt.NDArray[np.float64]:
        return self._spectra.between(-math.inf, math.inf)[0]

    def quiet_spectrum(self) -> npt.NDArray[np.float64] | None:
        """The mean spectrum of the quieter half of the windows; zeros of digital silence; None if nothing was heard."""
        if not self._spectra.counts.sum():
            return np.zeros_like(self.frequencies_hz) if self._spectra.silent_windows else None
        middle = self._spectra.level_exceeded(0.5)
        quieter = self._spectra.between(-math.inf, math.inf if middle is None else middle + 0.5)
        return quieter[0]


def _snr_db(
    frequencies_hz: npt.NDArray[np.float64], voice: npt.NDArray[np.float64], noise: npt.NDArray[np.float64]
) -> float | None:
    band = frequencies_hz >= VOICE_FROM_HZ
    total, under = float(voice[band].sum()), max(float(noise[band].sum()), LOWEST_POWER)
    if total <= LOWEST_POWER:
        return None
    return round(_decibels(max(total - under, 1e-3 * under) / under), 1)


def _decibels(power: float) -> float:
    return 10 * math.log10(max(power, LOWEST_POWER))
