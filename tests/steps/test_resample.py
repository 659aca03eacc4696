from __future__ import annotations

import json

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.steps.resample import Resample


@pytest.fixture
def treated(tmp_path):
    def treat(step, recording):
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / "treated.f32") as result:
            step.treat(recording, findings, result)
        return findings, result.recording

    return treat


def tone(frequency_hz: float, frames: int, sample_rate: int) -> np.ndarray:
    return 0.5 * np.sin(2.0 * np.pi * frequency_hz * np.arange(frames) / sample_rate)


RATES = [(48_000, 16_000), (44_100, 48_000), (96_000, 48_000), (11_025, 44_100), (8_000, 192_000), (192_000, 8_000)]


@pytest.mark.parametrize(("source_rate", "sample_rate"), RATES)
def test_a_tone_is_the_same_tone_at_the_same_time(recording_of, treated, source_rate, sample_rate):
    source = tone(440.0, source_rate + 17, source_rate)
    findings, result = treated(Resample(sample_rate=sample_rate), recording_of(source, source_rate))
    expected = tone(440.0, result.frames, sample_rate)
    edge = sample_rate // 10
    assert result.sample_rate == sample_rate
    assert np.abs(result.read().samples[0] - expected)[edge:-edge].max() < 1e-6
    assert findings["ratio"] == sample_rate / source_rate


@pytest.mark.parametrize(("source_rate", "sample_rate"), RATES)
@pytest.mark.parametrize("frames", [1, 2, 7, 100, 4_801])
def test_the_length_is_exactly_the_ratio(recording_of, treated, source_rate, sample_rate, frames):
    findings, result = treated(Resample(sample_rate=sample_rate), recording_of(np.ones((2, frames)), source_rate))
    assert result.frames == findings["frames"] == max(1, int(frames * sample_rate / source_rate + 0.5))
    assert result.channels == 2


def test_what_would_alias_is_gone(recording_of, treated):
    _, result = treated(Resample(sample_rate=16_000), recording_of(tone(9_000.0, 96_000, 48_000), 48_000))
    assert np.abs(result.read().samples[0, 2_000:-2_000]).max() < 1e-6


def test_there_and_back_is_the_same(recording_of, treated, reading):
    source = recording_of(reading.samples[:, :96_000], 48_000)
    _, up = treated(Resample(sample_rate=96_000), source)
    samples = up.read().samples
    _, back = treated(Resample(sample_rate=48_000), recording_of(samples, 96_000))
    assert back.frames == source.frames
    assert np.abs(back.read().samples - source.read().samples)[:, 1_000:-1_000].max() < 1e-3


@pytest.mark.parametrize("block_frames", [1_000, 65_537])
def test_blocks_of_any_size_give_the_same_sound(recording_of, treated, block_frames, monkeypatch):
    source = recording_of(np.random.default_rng(1).standard_normal((2, 100_000)) * 0.1, 44_100)
    _, whole = treated(Resample(), source)
    samples = whole.read().samples
    _, pieced = treated(Resample(), source.with_blocks(block_frames))
    assert np.abs(pieced.read().samples - samples).max() < 1e-6
    monkeypatch.setattr("restoration.steps.resample.BLOCK_FRAMES", block_frames)
    _, streamed = treated(Resample(), source)
    assert np.abs(streamed.read().samples - samples).max() < 1e-6


def test_silence_stays_silence(recording_of, treated):
    _, result = treated(Resample(sample_rate=44_100), recording_of(np.zeros((2, 50_000)), 48_000))
    assert not result.read().samples.any()


def test_the_rate_wanted_needs_nothing(recording_of):
    findings = Resample(sample_rate=48_000).measure(recording_of(np.ones(100), 48_000))
    assert findings["needed"] is False
    assert findings["frames"] == 100


def test_impossible_rates_are_refused():
    with pytest.raises(ValueError, match="sample_rate"):
        Resample(sample_rate=100)
