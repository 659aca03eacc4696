"""The offset goes, the sound stays."""

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.steps.remove_dc import RemoveDc

RATE = 16000


def treated(recording, tmp_path, step=None):
    step = step or RemoveDc()
    findings = step.measure(recording)
    with Writer(tmp_path / "treated.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording.read().samples.astype(np.float64)


def noise(seconds, channels=1):
    sound = np.random.default_rng(5).normal(0, 0.05, (channels, int(seconds * RATE)))
    return sound - sound.mean(axis=1, keepdims=True)


def test_a_constant_is_subtracted_and_nothing_else(recording_of, tmp_path):
    sound = noise(12, 2)
    result = treated(recording_of(sound + np.array([[0.02], [-0.01]]), RATE), tmp_path)
    assert np.abs(result - sound).max() < 1e-6


def test_a_drift_is_followed(recording_of, tmp_path):
    sound = noise(120)
    drift = 0.03 * np.sin(2 * np.pi * np.arange(sound.shape[1]) / sound.shape[1])
    result = treated(recording_of(sound + drift, RATE), tmp_path)
    seconds = (result - sound).reshape(-1, RATE).mean(axis=1)
    assert np.abs(seconds[10:-10]).max() < 0.002
    assert np.abs(seconds).max() < 0.006  # the ends have sound on one side only


def test_digital_silence_stays_silent_and_does_not_count(recording_of, tmp_path):
    sound = noise(6) + 0.02
    gap = slice(2 * RATE, 4 * RATE)
    sound[:, gap] = 0
    recording = recording_of(sound, RATE)
    assert RemoveDc().measure(recording)["offset"][0] == pytest.approx(0.02, abs=0.001)
    result = treated(recording, tmp_path)
    assert not result[:, gap].any()
    assert abs(result[:, : gap.start].mean()) < 0.001


@pytest.mark.parametrize(("offset", "needed"), [(0.0001, False), (0.001, True), (-0.001, True)])
def test_what_nobody_would_notice_is_left(offset, needed, recording_of):
    findings = RemoveDc().measure(recording_of(noise(5) + offset, RATE))
    assert findings["needed"] is needed


def test_a_moment_of_sound_has_no_offset(recording_of):
    assert RemoveDc().measure(recording_of(np.full(RATE // 2, 0.3), RATE))["needed"] is False


def test_speech_has_none(reading, recording_of):
    assert RemoveDc().measure(recording_of(reading.samples, reading.sample_rate))["needed"] is False


@pytest.mark.parametrize("least_dbfs", [-121.0, 0.0])
def test_impossible_limits_are_refused(least_dbfs):
    with pytest.raises(ValueError, match="least_dbfs"):
        RemoveDc(least_dbfs=least_dbfs)
