"""The test signals of EBU Tech 3341 and 3342 that tones define, synthesised, and what a meter must say of them.

Cases 7 and 8 of 3341, and 5 and 6 of 3342, are programmes and not tones; 11 and 14 are for meters that run along. The
tones of 20 to 23 are made at four times the sample rate and brought down by a filter of ours, for the documents name
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.signal import resample

from restoration.measures.loudness import FINE, MOMENTARY, SHORT_TERM, LoudnessMeter
from restoration.measures.true_peak import PeakMeter

RATE = 48_000
Samples = np.ndarray
Measure = Callable[[Samples], list[float]]
SURROUND_DBFS = (-28.0, -28.0, -24.0, -30.0, -30.0)
"""L R C Ls Rs of case 6."""


@dataclass(frozen=True)
class Case:
    """A signal, what is measured of it, what is to come out, and by how much it may be less or more."""

    name: str
    what: str
    signal: Callable[[], Samples]
    measure: Measure
    expected: float
    less: float = 0.1
    more: float = 0.1

    def found(self) -> list[float]:
        """What the meter says: one figure, or several that all have to be right."""
        return self.measure(self.signal())

    def passes(self, found: list[float]) -> bool:
        """Whether every figure is within the tolerance."""
        return bool(found) and all(self.expected - self.less <= each <= self.expected + self.more for each in found)


def tones(*stretches: tuple[float, float], silence_s: tuple[float, float] = (0.0, 0.0)) -> Samples:
    """1 kHz in stereo, stretches of (dBFS, seconds), with silence before and after; the phase runs through."""
    levels = [np.full(round(seconds * RATE), 10.0 ** (level / 20.0)) for level, seconds in stretches]
    envelope = np.concatenate(levels)
    mono = envelope * np.sin(2.0 * np.pi * 1000.0 * np.arange(envelope.size) / RATE)
    mono = np.concatenate([np.zeros(round(silence_s[0] * RATE)), mono, np.zeros(round(silence_s[1] * RATE))])
    return np.stack([mono, mono])


def surround() -> Samples:
    """Case 6: five channels."""
    return np.stack([tones((level, 20.0))[0] for level in SURROUND_DBFS])


def peak_tone(divisor: int, phase_degrees: float, amplitude: float) -> Samples:
    """A tone of the sample rate over ``divisor`` with soft edges, for an abrupt start would have a peak of its own."""
    phase = 2.0 * np.pi * np.arange(RATE) / divisor + np.radians(phase_degrees)
    fade = np.minimum(1.0, np.arange(RATE) / 2_400)
    mono = amplitude * np.sin(phase) * fade * fade[::-1]
    return np.stack([mono, mono])


def between_samples(offset: int) -> Samples:
    """Cases 20 to 23: a tone of half scale with one period of full scale, its top between samples.

    ``offset``: quarters of a sample.
    """
    frames = np.arange(4 * RATE)
    amplitude = np.full(frames.size, 0.5)
    period = 24  # a sixth of the sample rate, at four times the rate
    middle = frames.size // 2 // period * period
    # A raised period that begins and ends in zero crossings; its neighbours rise with it, so that a filter leaves it.
    near = np.clip(1.0 - np.abs(frames - middle - period / 2) / (6 * period), 0.0, 1.0)
    amplitude += 0.5 * np.sin(0.5 * np.pi * near) ** 2
    fade = np.minimum(1.0, frames / 9_600)
    high = np.roll(amplitude * np.sin(2.0 * np.pi * frames / period) * fade * fade[::-1], offset)
    mono = resample(high, RATE)
    return np.stack([mono, mono])


def integrated(samples: Samples) -> list[float]:
    """Integrated loudness."""
    return [value for value in [_meter(samples).integrated_lufs] if value is not None]


def loudness_range(samples: Samples) -> list[float]:
    """Loudness range."""
    return [value for value in [_meter(samples).range_lu] if value is not None]


def everywhere(sub_blocks: int, from_s: float = 0.0) -> Measure:
    """The least and the most of the momentary or short-term loudness from a time on."""

    def measure(samples: Samples) -> list[float]:
        first = max(0, round(from_s * 10) - sub_blocks) * FINE
        series = _meter(samples).series_lufs(sub_blocks)[first:]
        return [float(series.min()), float(series.max())]

    return measure


def all_scales(samples: Samples) -> list[float]:
    """Momentary, short-term and integrated loudness of a steady tone."""
    return [*everywhere(MOMENTARY)(samples), *everywhere(SHORT_TERM)(samples), *integrated(samples)]


def loudest(sub_blocks: int) -> Measure:
    """The loudest momentary or short-term loudness."""
    return lambda samples: [float(_meter(samples).series_lufs(sub_blocks).max())]


def true_peak(samples: Samples) -> list[float]:
    """The true peak."""
    meter = PeakMeter(RATE, samples.shape[0])
    meter.feed(samples)
    return [value for value in [meter.measures()["true_peak_dbtp"]] if value is not None]


def cases() -> Iterator[Case]:
    """Every case that tones define, in the order of the documents."""
    yield Case("3341-1", "M, S, I", lambda: tones((-23.0, 20.0)), all_scales, -23.0)
    yield Case("3341-2", "M, S, I", lambda: tones((-33.0, 20.0)), all_scales, -33.0)
    three = ((-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0))
    yield Case("3341-3", "I", lambda: tones(*three), integrated, -23.0)
    yield Case("3341-4", "I", lambda: tones((-72.0, 10.0), *three, (-72.0, 10.0)), integrated, -23.0)
    yield Case("3341-5", "I", lambda: tones((-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)), integrated, -23.0)
    yield Case("3341-6", "I, 5.0", surround, integrated, -23.0)
    swaying = ((-20.0, 1.34), (-30.0, 1.66)) * 5
    yield Case("3341-9", "S, after 3 s", lambda: tones(*swaying), everywhere(SHORT_TERM, 3.0), -23.0)
    for number in range(20):
        late = (number * 0.15, 1.0)
        yield Case(
            f"3341-10.{number + 1}",
            "max S",
            lambda late=late: tones((-23.0, 3.0), silence_s=late),
            loudest(SHORT_TERM),
            -23.0,
        )
    quick = ((-20.0, 0.18), (-30.0, 0.22)) * 25
    yield Case("3341-12", "M, after 1 s", lambda: tones(*quick), everywhere(MOMENTARY, 1.0), -23.0)
    for number in range(20):
        late = (number * 0.02, 1.0)
        yield Case(
            f"3341-13.{number + 1}",
            "max M",
            lambda late=late: tones((-23.0, 0.4), silence_s=late),
            loudest(MOMENTARY),
            -23.0,
        )
    yield from peak_cases()
    yield from range_cases()


def peak_cases() -> Iterator[Case]:
    """The true peaks: +0.2 and -0.4 dB."""
    shapes = (
        (4, 0.0, 0.5, -6.0),
        (4, 45.0, 0.5, -6.0),
        (6, 60.0, 0.5, -6.0),
        (8, 67.5, 0.5, -6.0),
        (4, 45.0, 1.41, 3.0),
    )
    for number, (divisor, phase, amplitude, expected) in enumerate(shapes, start=15):
        yield Case(
            f"3341-{number}",
            "max TP",
            lambda shape=(divisor, phase, amplitude): peak_tone(*shape),
            true_peak,
            expected,
            0.4,
            0.2,
        )
    for offset in range(4):
        name = f"3341-{20 + offset}"
        yield Case(name, "max TP", lambda offset=offset: between_samples(offset), true_peak, 0.0, 0.4, 0.2)


def range_cases() -> Iterator[Case]:
    """The loudness ranges: 1 LU."""
    ranges = (
        (10.0, ((-20.0, 20.0), (-30.0, 20.0))),
        (5.0, ((-20.0, 20.0), (-15.0, 20.0))),
        (20.0, ((-40.0, 20.0), (-20.0, 20.0))),
        (15.0, ((-50.0, 20.0), (-35.0, 20.0), (-20.0, 20.0), (-35.0, 20.0), (-50.0, 20.0))),
    )
    for number, (expected, stretches) in enumerate(ranges, start=1):
        yield Case(
            f"3342-{number}",
            "LRA",
            lambda stretches=stretches: tones(*stretches),
            loudness_range,
            expected,
            1.0,
            1.0,
        )


def _meter(samples: Samples) -> LoudnessMeter:
    meter = LoudnessMeter(RATE, samples.shape[0])
    meter.feed(samples)
    return meter
