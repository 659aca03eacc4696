"""Every signal of EBU Tech 3341 and 3342 that tones define; ``python -m tests.loudness_bench`` prints the figures."""

from __future__ import annotations

import numpy as np
import pytest

from restoration.measures.loudness import LoudnessMeter
from tests.loudness_signals import RATE, Case, between_samples, cases, everywhere, tones

LISTED = tuple(cases())


@pytest.mark.parametrize("case", LISTED, ids=[case.name for case in LISTED])
def test_the_meter_says_what_the_document_says(case: Case):
    found = case.found()
    assert case.passes(found), f"{case.what}: {found}, expected {case.expected}"


def test_a_signal_a_tenth_and_a_half_too_loud_fails():
    steady = LISTED[0]
    assert not steady.passes(steady.measure(tones((-22.85, 20.0))))


def test_the_peaks_of_20_to_23_lie_between_the_samples():
    """What the cases are for: the samples alone miss the peak of most of them by far more than the tolerance."""
    sample_peaks = [20.0 * np.log10(np.abs(between_samples(offset)).max()) for offset in range(4)]
    assert min(sample_peaks) < -0.6
    assert max(sample_peaks) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("late_s", [0.0, 0.02, 0.05, 0.09])
def test_a_burst_is_as_loud_wherever_it_begins(late_s):
    """Stretches a tenth of a second apart would miss one that begins between them, by half a LU."""
    meter = LoudnessMeter(RATE, 2)
    meter.feed(tones((-23.0, 0.4), silence_s=(late_s, 1.0)))
    assert meter.max_momentary_lufs == pytest.approx(-23.0, abs=0.1)


def test_a_series_begins_where_the_first_stretch_is_whole():
    assert everywhere(4)(tones((-23.0, 0.4))) == pytest.approx([-23.0, -23.0], abs=0.1)
