"""Equalising and limiting through pedalboard, which is GPL-3: the only module that imports it, when it is called.

Both keep their sound aligned to the sample with what they were given, and give the same sound in blocks of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from restoration.audio import BLOCK_FRAMES, Audio, Recording, Samples, Writer

BandKind = Literal["highpass", "lowpass", "low_shelf", "high_shelf", "peak"]
KINDS: tuple[str, ...] = get_args(BandKind)
SLOPES = (6, 12, 18, 24)
BUFFER_FRAMES = 4096
HIGHEST_SHARE = 0.49
"""Of the sample rate: a band above this share is not within the sound."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """One band of an equaliser.

    kind: ``highpass``, ``lowpass``, ``low_shelf``, ``high_shelf`` or ``peak``.
    frequency_hz: where a pass filter is 3 dB down, a shelf half way up, a peak at its top; 1 Hz to 100 kHz.
    gain_db: of a shelf or a peak, -40 to 40 dB; a pass filter has none.
    q: sharpness of a shelf or a peak, 0.05 to 50.
    slope_db_per_octave: of a pass filter: 6, 12, 18 or 24, a Butterworth filter of order 1 to 4.
    """

    kind: BandKind
    frequency_hz: float
    gain_db: float = 0.0
    q: float = math.sqrt(0.5)
    slope_db_per_octave: int = 12

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a band's kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if not 1.0 <= self.frequency_hz <= 100_000.0:
            raise ValueError(f"frequency_hz is from 1 to 100000, not {self.frequency_hz}")
        if not -40.0 <= self.gain_db <= 40.0:
            raise ValueError(f"gain_db is from -40 to 40, not {self.gain_db}")
        if not 0.05 <= self.q <= 50.0:
            raise ValueError(f"q is from 0.05 to 50, not {self.q}")
        if self.slope_db_per_octave not in SLOPES:
            raise ValueError(f"slope_db_per_octave is one of 6, 12, 18, 24, not {self.slope_db_per_octave}")
        if self.kind.endswith("pass") and self.gain_db:
            raise ValueError(f"a {self.kind} has no gain_db: {self.gain_db} would do nothing")

    def fits(self, sample_rate: int) -> bool:
        """Whether the band lies within a sound of this sample rate (Hz)."""
        return self.frequency_hz <= HIGHEST_SHARE * sample_rate

    @property
    def acts(self) -> bool:
        """Whether it changes anything."""
        return self.kind.endswith("pass") or self.gain_db != 0.0


def equalise(recording: Recording, bands: Sequence[Band], result: Writer) -> None:
    """Write ``recording`` through all ``bands`` to ``result``; the filters are minimum-phase.

    Raises:
        ValueError: a band that does not fit the sample rate.
    """
    for band in bands:
        if not band.fits(recording.sample_rate):
            raise ValueError(f"a band at {band.frequency_hz:g} Hz does not fit {recording.sample_rate} Hz")
    for samples in _through(_filters(bands), recording):
        result.write(Audio(samples, recording.sample_rate))


def limited(recording: Recording, ceiling_db: float, release_ms: float) -> Iterator[Audio]:
    """``recording`` with a look-ahead limiter, block by block: no sample exceeds ``ceiling_db`` (dBFS).

    The blocks are not the recording's, but together as long and aligned with it. Peaks between samples may exceed the
    ceiling: see ``restoration.measures.true_peak``.
    """
    from pedalboard import BrickwallLimiter, Pedalboard

    limiter = Pedalboard([BrickwallLimiter(ceiling_db=ceiling_db, release_ms=release_ms, true_peak=True)])
    for samples in _through(limiter, recording):
        yield Audio(samples, recording.sample_rate)


def _filters(bands: Iterable[Band]) -> Any:
    from pedalboard import HighpassFilter, HighShelfFilter, LowpassFilter, LowShelfFilter, PeakFilter, Pedalboard

    shaped = {"low_shelf": LowShelfFilter, "high_shelf": HighShelfFilter, "peak": PeakFilter}
    passing = {"highpass": HighpassFilter, "lowpass": LowpassFilter}
    filters: list[Any] = []
    for band in bands:
        if band.kind in shaped:
            filters.append(shaped[band.kind](band.frequency_hz, band.gain_db, band.q))
            continue
        order = band.slope_db_per_octave // 6
        filters += [passing[band.kind](band.frequency_hz) for _ in range(order)]
        for gain_db, q in butterworth_peaks(order):
            filters.append(PeakFilter(band.frequency_hz, gain_db, q))
    return Pedalboard(filters)


def butterworth_peaks(order: int) -> list[tuple[float, float]]:
    """Gain in dB and q of the peak filters that make so many equal first-order sections a Butterworth filter.

    Two equal first-order sections are a second-order section of quality 0.5. A peak filter at their corner,
    (s^2 + s A/q + 1) / (s^2 + s/(A q) + 1), whose numerator is their denominator (A/q = 2) puts its own denominator in
    the place of theirs, of the quality A q = A^2 / 2 that is wanted.
    """
    peaks = []
    for pair in range(order // 2):
        quality = 1.0 / (2.0 * math.sin(math.pi * (2 * pair + 1) / (2 * order)))
        amplitude = math.sqrt(2.0 * quality)
        peaks.append((40.0 * math.log10(amplitude), amplitude / 2.0))
    return peaks


def _through(effects: Any, recording: Recording) -> Iterator[Samples]:
    """All frames through ``effects``, which hold back as many as they look ahead, until silence pushes them out.

    Pedalboard takes an array of (2, 1) for two frames of one channel, and forgets what it holds back when a call is
    longer than all before it and its buffer. So the pieces are this function's own, all longer than the buffer, and
    the silence is a part of the last.
    """
    effects.reset()
    rate, missing = recording.sample_rate, recording.frames
    silence = np.zeros((recording.channels, max(rate, 2 * BUFFER_FRAMES)), dtype=np.float32)
    for block in recording.with_blocks(BLOCK_FRAMES).blocks():
        last = block.start + block.frames == recording.frames
        samples = np.concatenate((block.samples, silence), axis=1) if last else block.samples
        treated = effects.process(samples, rate, buffer_size=BUFFER_FRAMES, reset=False)[:, :missing]
        missing -= treated.shape[1]
        yield np.ascontiguousarray(treated, dtype=np.float32)
