"""Equalising, compressing, shaping of voices and limiting through pedalboard, which is GPL-3.

No other module imports it, and this one when it is called. All keep their sound aligned to the sample with what they
were given, and give the same sound in blocks of any size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal, get_args

import numpy as np

from restoration.audio import BLOCK_FRAMES, Audio, Recording, Samples, Writer

BandKind = Literal["highpass", "lowpass", "low_shelf", "high_shelf", "peak"]
KINDS: tuple[str, ...] = get_args(BandKind)
SLOPES = (6, 12, 18, 24)
BUFFER_FRAMES = 4096
FREEVERB_DRY = 0.5
"""At this setting the direct sound keeps its level: the reverberation counts in steps of two."""
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


@dataclass(frozen=True, kw_only=True)
class VocalShape:
    """What a voice goes through before it is mixed: a high-pass, a compressor and a room.

    highpass_hz: below it is no voice, 20 to 400 Hz.
    threshold_db: level of the voice (dBFS) above which it is compressed, -60 to 0.
    ratio: dB in for a dB out above the threshold, 1 to 20; 1 does nothing.
    attack_ms, release_ms: times of the compressor, 0.1 to 500 and 1 to 5000 ms.
    room: share of a reverberation that is added, 0 to 0.6; the voice itself keeps its level.
    room_size: 0 to 1.
    """

    highpass_hz: float = 80.0
    threshold_db: float = -20.0
    ratio: float = 2.5
    attack_ms: float = 8.0
    release_ms: float = 150.0
    room: float = 0.06
    room_size: float = 0.35

    def __post_init__(self) -> None:
        ranges = {
            "highpass_hz": (20.0, 400.0),
            "threshold_db": (-60.0, 0.0),
            "ratio": (1.0, 20.0),
            "attack_ms": (0.1, 500.0),
            "release_ms": (1.0, 5000.0),
            "room": (0.0, 0.6),
            "room_size": (0.0, 1.0),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is from {least:g} to {most:g}, not {getattr(self, name)}")


def shaped(recording: Recording, shape: VocalShape) -> Iterator[Audio]:
    """A voice in ``recording`` through ``shape``, block by block; the room rings on only as long as the recording.

    The blocks are not the recording's, but together as long and aligned with it.
    """
    from pedalboard import Compressor, HighpassFilter, Pedalboard, Reverb

    effects: list[Any] = [HighpassFilter(shape.highpass_hz)]
    if shape.ratio > 1:
        effects.append(Compressor(shape.threshold_db, shape.ratio, shape.attack_ms, shape.release_ms))
    if shape.room:
        effects.append(Reverb(shape.room_size, 0.6, shape.room, FREEVERB_DRY, 1.0))
    for samples in _through(Pedalboard(effects), recording):
        yield Audio(samples, recording.sample_rate)


@dataclass(frozen=True, kw_only=True)
class Compressor:
    """A compressor over the whole programme: ``threshold_db`` (dBFS), ``ratio`` (dB in for a dB out), times in ms.

    It follows the rectified sound of each channel by itself.
    """

    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float


def compressed(recording: Recording, shape: Compressor, result: Writer) -> None:
    """Write ``recording`` through a compressor to ``result``; there is no make-up gain."""
    from pedalboard import Compressor as Effect
    from pedalboard import Pedalboard

    effect = Pedalboard([Effect(shape.threshold_db, shape.ratio, shape.attack_ms, shape.release_ms)])
    for samples in _through(effect, recording):
        result.write(Audio(samples, recording.sample_rate))


def pedalboard_version() -> str:
    """For the record of what was mastered."""
    return version("pedalboard")


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
