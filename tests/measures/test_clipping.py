from __future__ import annotations

import numpy as np
import pytest

from restoration.measures.clipping import ClippingMeter, clipping


def clipped(samples: np.ndarray, ceiling: float) -> np.ndarray:
    return np.clip(samples, -ceiling, ceiling)


def tone(frequency_hz: float, amplitude: float, seconds: float = 2.0) -> np.ndarray:
    time_s = np.arange(round(48_000 * seconds)) / 48_000
    return amplitude * np.sin(2.0 * np.pi * frequency_hz * time_s)


@pytest.mark.parametrize("later_gain", [1.0, 0.5, 0.1])
def test_a_clipped_tone_has_two_flat_tops_a_period(recording_of, later_gain):
    samples = tone(300.0, 1.2)
    flat = np.abs(samples) > 1.0
    measured = clipping(recording_of(clipped(samples, 1.0) * later_gain, 48_000))
    assert measured["clipped_runs"] == pytest.approx(1200, abs=2)
    assert measured["clipped_share"] == pytest.approx(flat.mean(), rel=0.01)


@pytest.mark.parametrize("frequency_hz", [5.0, 20.0, 50.0, 300.0, 3_000.0])
def test_a_whole_tone_is_not_clipped_however_slow(recording_of, frequency_hz):
    samples = tone(frequency_hz, 0.9999)
    in_16_bits = np.round(samples * 32_767) / 32_768
    assert clipping(recording_of(samples, 48_000))["clipped_runs"] == 0
    assert clipping(recording_of(in_16_bits, 48_000))["clipped_runs"] == 0


def test_one_side_clips_alone(recording_of):
    samples = np.clip(tone(300.0, 0.9), -1.0, 0.6)
    assert clipping(recording_of(samples, 48_000))["clipped_runs"] == pytest.approx(600, abs=2)


def test_dither_does_not_hide_it(recording_of):
    dither = np.random.default_rng(8).uniform(-1.0, 1.0, 96_000) / 2**23
    samples = clipped(tone(300.0, 1.2), 1.0) * 0.8 + dither
    assert clipping(recording_of(samples, 48_000))["clipped_runs"] == pytest.approx(1200, abs=2)


def test_clean_speech_is_not_clipped(recording_of, reading):
    assert clipping(recording_of(reading.samples, 48_000)) == {"clipped_share": 0.0, "clipped_runs": 0}


def test_harder_clipping_is_more(recording_of, reading):
    shares = [
        clipping(recording_of(clipped(reading.samples * gain, 1.0), 48_000))["clipped_share"] for gain in (2.0, 6.0)
    ]
    assert 0.0 < shares[0] < shares[1] < 0.5


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_constant_is_not_clipped(recording_of, level):
    assert clipping(recording_of(np.full((2, 200_000), level), 48_000))["clipped_runs"] == 0


@pytest.mark.parametrize("size", [3, 50, 1_000])
def test_pieces_of_any_size_give_the_same_runs(size):
    samples = np.stack([clipped(tone(300.0, 1.3, 0.2), 0.9), clipped(tone(170.0, 1.1, 0.2), 1.0)])
    whole, pieced = ClippingMeter(2), ClippingMeter(2)
    whole.feed(samples)
    for start in range(0, samples.shape[1], size):
        pieced.feed(samples[:, start : start + size])
    assert whole.measures()["clipped_runs"] > 100
    assert pieced.measures() == whole.measures()
