from __future__ import annotations

import json

import numpy as np
import pytest

from restoration.measures.condition import condition

PROMISED = {
    "noise_floor_dbfs",
    "snr_db",
    "peak_dbfs",
    "true_peak_dbtp",
    "loudness_lufs",
    "loudness_range_lu",
    "dc_offset",
    "hum_hz",
    "hum_dbfs",
    "clicks_per_s",
    "clipped_share",
    "clipped_runs",
    "bandwidth_hz",
    "channel_correlation",
    "dropouts_per_min",
    "digital_silence_share",
    "duration_s",
    "sample_rate",
    "channels",
}


def numbers(measures: dict) -> np.ndarray:
    flat = []
    for value in measures.values():
        flat += value if isinstance(value, list) else [value]
    return np.array([value for value in flat if value is not None], dtype=float)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("sample_rate", [8_000, 48_000, 192_000])
@pytest.mark.parametrize("seconds", [0.0001, 0.1, 3.5])
def test_every_shape_has_every_measure(recording_of, channels, sample_rate, seconds):
    frames = max(1, round(seconds * sample_rate))
    samples = np.random.default_rng(1).standard_normal((channels, frames)) * 0.1
    measures = condition(recording_of(samples, sample_rate))
    assert measures.keys() >= PROMISED
    assert json.loads(json.dumps(measures, allow_nan=False)) == measures
    assert np.isfinite(numbers(measures)).all()
    assert (measures["channels"], measures["sample_rate"]) == (channels, sample_rate)


def test_silence_is_nothing_but_silent(recording_of):
    measures = condition(recording_of(np.zeros((2, 100_000)), 48_000))
    json.dumps(measures, allow_nan=False)
    for name in (
        "noise_floor_dbfs",
        "snr_db",
        "peak_dbfs",
        "true_peak_dbtp",
        "loudness_lufs",
        "bandwidth_hz",
        "hum_hz",
    ):
        assert measures[name] is None, name
    assert measures["digital_silence_share"] == 1.0
    assert measures["clipped_runs"] == measures["dropouts_per_min"] == measures["clicks_per_s"] == 0


def test_blocks_of_any_size_give_the_same_measures(recording_of, reading):
    recording = recording_of(reading.samples[:, : 8 * 48_000], 48_000)
    whole, blocks = condition(recording), condition(recording.with_blocks(7_919))
    assert blocks.keys() == whole.keys()
    np.testing.assert_allclose(numbers(blocks), numbers(whole), rtol=1e-6, atol=1e-6)


def test_what_was_done_to_the_reading_is_what_is_measured(recording_of, reading):
    generator = np.random.default_rng(2)
    time_s = np.arange(reading.frames) / 48_000
    aged = reading.samples[0] + 0.002 * generator.standard_normal(reading.frames) + 0.02
    aged += sum(0.01 / number * np.sin(2.0 * np.pi * 50.0 * number * time_s) for number in (1, 2, 3))
    before = condition(recording_of(reading.samples, 48_000))
    after = condition(recording_of(np.clip(3.0 * aged, -1.0, 1.0), 48_000))
    assert after["noise_floor_dbfs"] > before["noise_floor_dbfs"] + 20.0
    assert after["snr_db"] < before["snr_db"] - 20.0
    assert after["bandwidth_hz"] < before["bandwidth_hz"]
    assert after["clipped_runs"] > before["clipped_runs"] == 0
    assert after["dc_offset"][0] == pytest.approx(0.06, abs=0.01)
    assert after["hum_hz"] == pytest.approx(50.0, abs=0.1)
