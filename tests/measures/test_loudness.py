"""Conformance signals of EBU Tech 3341 and 3342, synthesised; pyloudnorm as a second opinion."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from restoration.measures.loudness import LoudnessMeter, k_weighting, loudness
from restoration.measures.metering import PIECE_FRAMES


def tone(level_dbfs: float, seconds: float, sample_rate: int = 48_000) -> np.ndarray:
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    return 10.0 ** (level_dbfs / 20.0) * np.sin(2.0 * np.pi * 1000.0 * time_s)


def stereo(*stretches: tuple[float, float]) -> np.ndarray:
    mono = np.concatenate([tone(level_dbfs, seconds) for level_dbfs, seconds in stretches])
    return np.stack([mono, mono])


@pytest.mark.parametrize(
    ("stretches", "expected_lufs"),
    [
        ([(-23.0, 20.0)], -23.0),
        ([(-33.0, 20.0)], -33.0),
        ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        ([(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        ([(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ],
)
def test_integrated_loudness_of_tech_3341(recording_of, stretches, expected_lufs):
    measured = loudness(recording_of(stereo(*stretches), 48_000))
    assert measured["loudness_lufs"] == pytest.approx(expected_lufs, abs=0.1)


def test_surround_channels_weigh_more(recording_of):
    levels_dbfs = (-28.0, -28.0, -24.0, -30.0, -30.0)  # L R C Ls Rs, tech 3341 case 6
    five = np.stack([tone(level_dbfs, 20.0) for level_dbfs in levels_dbfs])
    with_effects = np.insert(five, 3, tone(0.0, 20.0), axis=0)
    assert loudness(recording_of(five, 48_000))["loudness_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert loudness(recording_of(with_effects, 48_000))["loudness_lufs"] == pytest.approx(-23.0, abs=0.1)


def test_steady_tone_is_as_loud_at_every_scale(recording_of):
    measured = loudness(recording_of(stereo((-23.0, 20.0)), 48_000))
    assert measured["max_momentary_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert measured["max_short_term_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert measured["loudness_range_lu"] == pytest.approx(0.0, abs=0.1)


def test_maxima_of_a_short_burst(recording_of):
    # Tech 3341: a burst of exactly 400 ms fills one momentary stretch, and 4/30 of a short-term one.
    measured = loudness(recording_of(stereo((-120.0, 5.0), (-20.0, 0.4), (-120.0, 5.0)), 48_000))
    assert measured["max_momentary_lufs"] == pytest.approx(-20.0, abs=0.1)
    assert measured["max_short_term_lufs"] == pytest.approx(-20.0 + 10.0 * np.log10(4.0 / 30.0), abs=0.1)


@pytest.mark.parametrize(
    ("stretches", "expected_lu"),
    [
        ([(-20.0, 20.0), (-30.0, 20.0)], 10.0),
        ([(-20.0, 20.0), (-15.0, 20.0)], 5.0),
        ([(-40.0, 20.0), (-20.0, 20.0)], 20.0),
        ([(-50.0, 20.0), (-35.0, 20.0), (-20.0, 20.0), (-35.0, 20.0), (-50.0, 20.0)], 15.0),
    ],
)
def test_loudness_range_of_tech_3342(recording_of, stretches, expected_lu):
    measured = loudness(recording_of(stereo(*stretches), 48_000))
    assert measured["loudness_range_lu"] == pytest.approx(expected_lu, abs=1.0)


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_the_same_tone_is_as_loud_at_every_sample_rate(recording_of, sample_rate):
    samples = tone(-23.0, 5.0, sample_rate)
    measured = loudness(recording_of(np.stack([samples, samples]), sample_rate))
    # At 8 kHz the bilinear transform narrows the shelf, and a tone of 1 kHz misses 0.2 dB of it.
    assert measured["loudness_lufs"] == pytest.approx(-23.0, abs=0.1 if sample_rate > 8_000 else 0.25)


def test_the_weighting_at_48_khz_is_the_table_of_bs_1770():
    shelf, high_pass = k_weighting(48_000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585], abs=1e-9
    )
    assert high_pass == pytest.approx([1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621], abs=1e-9)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
def test_speech_agrees_with_pyloudnorm(recording_of, reading, sample_rate):
    samples = reading.samples * 0.7
    expected = pyloudnorm.Meter(sample_rate).integrated_loudness(samples.T.astype(np.float64))
    measured = loudness(recording_of(samples, sample_rate))
    assert measured["loudness_lufs"] == pytest.approx(expected, abs=0.1)


def test_gain_is_loudness(recording_of, reading):
    quiet = loudness(recording_of(reading.samples * 0.1, 48_000))
    loud = loudness(recording_of(reading.samples, 48_000))
    assert loud["loudness_lufs"] - quiet["loudness_lufs"] == pytest.approx(20.0, abs=1e-3)
    assert loud["loudness_range_lu"] == pytest.approx(quiet["loudness_range_lu"], abs=0.2)


def test_silence_and_what_is_too_short_have_no_loudness(recording_of):
    assert set(loudness(recording_of(np.zeros((2, 480_000)), 48_000)).values()) == {None}
    assert set(loudness(recording_of(tone(-10.0, 0.399), 48_000)).values()) == {None}
    assert loudness(recording_of(tone(-10.0, 0.4), 48_000))["loudness_lufs"] == pytest.approx(-13.0, abs=0.2)


@pytest.mark.parametrize("size", [1, 4_799, 4_800, 4_801, PIECE_FRAMES])
def test_pieces_of_any_size_give_the_same_loudness(size):
    samples = tone(-20.0, 0.5)[None] * np.linspace(0.1, 1.0, 24_000)
    meters = [LoudnessMeter(48_000, 1), LoudnessMeter(48_000, 1)]
    meters[0].feed(samples)
    for start in range(0, samples.shape[1], size):
        meters[1].feed(samples[:, start : start + size])
    assert meters[1].measures()["loudness_lufs"] == pytest.approx(meters[0].measures()["loudness_lufs"], abs=1e-9)
