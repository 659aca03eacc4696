"""True peak signals of EBU Tech 3341, synthesised: tolerance +0.2 and -0.4 dB."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample

from restoration.measures.true_peak import PeakMeter, peaks, true_peak_dbtp


@pytest.mark.parametrize(
    ("divisor", "phase_degrees", "amplitude", "expected_dbtp"),
    [(4, 0.0, 0.5, -6.0), (4, 45.0, 0.5, -6.0), (6, 60.0, 0.5, -6.0), (8, 67.5, 0.5, -6.0), (4, 45.0, 1.41, 3.0)],
)
def test_true_peak_of_tech_3341(recording_of, divisor, phase_degrees, amplitude, expected_dbtp):
    sample_rate = 48_000
    phase = 2.0 * np.pi * np.arange(sample_rate) / divisor + np.radians(phase_degrees)
    fade = np.minimum(1.0, np.arange(sample_rate) / 2_400)  # an abrupt start would have a peak of its own
    samples = amplitude * np.sin(phase) * fade * fade[::-1]
    measured = true_peak_dbtp(recording_of(samples, sample_rate))
    assert expected_dbtp - 0.4 <= measured <= expected_dbtp + 0.2


def test_true_peak_is_that_of_the_interpolated_sound(recording_of):
    generator = np.random.default_rng(5)
    spectrum = np.fft.rfft(generator.standard_normal(48_000))
    spectrum[19_000:] = 0.0  # the interpolator needs some room under half the sample rate
    samples = np.fft.irfft(spectrum) * 0.1
    expected = 20.0 * np.log10(np.abs(resample(samples, samples.size * 4)).max())
    assert true_peak_dbtp(recording_of(samples, 48_000)) == pytest.approx(expected, abs=0.1)


def test_no_sample_exceeds_the_true_peak(recording_of, reading):
    measured = peaks(recording_of(reading.samples, 48_000))
    assert measured["peak_dbfs"] == pytest.approx(20.0 * np.log10(np.abs(reading.samples).max()), abs=1e-6)
    assert measured["peak_dbfs"] <= measured["true_peak_dbtp"] < measured["peak_dbfs"] + 1.0


def test_a_single_sample_at_either_end_counts(recording_of):
    for frame in (0, -1):
        samples = np.zeros((2, 5_000))
        samples[1, frame] = -0.5
        assert true_peak_dbtp(recording_of(samples, 44_100)) == pytest.approx(-6.02, abs=0.01)


def test_the_wave_between_the_last_samples_counts(recording_of):
    samples = np.zeros(1_000)
    samples[-2:] = 0.5
    expected_dbtp = 20.0 * np.log10(0.5 * 2.0 * np.sinc(0.5))  # two sincs meet half way
    assert true_peak_dbtp(recording_of(samples, 48_000)) == pytest.approx(expected_dbtp, abs=0.1)


def test_silence_has_no_peak(recording_of):
    assert peaks(recording_of(np.zeros(1_000), 48_000)) == {"peak_dbfs": None, "true_peak_dbtp": None}


@pytest.mark.parametrize("size", [1, 31, 1_000])
def test_pieces_of_any_size_give_the_same_peak(size):
    samples = np.random.default_rng(1).standard_normal((2, 6_000)) * 0.2
    whole, pieced = PeakMeter(48_000, 2), PeakMeter(48_000, 2)
    whole.feed(samples)
    for start in range(0, samples.shape[1], size):
        pieced.feed(samples[:, start : start + size])
    assert pieced.measures()["true_peak_dbtp"] == pytest.approx(whole.measures()["true_peak_dbtp"], abs=1e-9)
