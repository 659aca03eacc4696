from __future__ import annotations

import json

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.measures.true_peak import true_peak_dbtp
from restoration.steps.limit import Limit


@pytest.fixture
def treated(tmp_path):
    def treat(step, recording):
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / "treated.f32") as result:
            step.treat(recording, findings, result)
        return findings, result.recording

    return treat


@pytest.mark.parametrize("sample_rate", [8_000, 48_000, 96_000])
@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -6.0])
def test_the_true_peak_obeys(recording_of, treated, ceiling_dbtp, sample_rate):
    samples = np.random.default_rng(1).standard_normal((2, 2 * sample_rate)) * 0.4
    findings, result = treated(Limit(ceiling_dbtp=ceiling_dbtp), recording_of(samples, sample_rate))
    assert ceiling_dbtp - 0.5 < true_peak_dbtp(result) <= ceiling_dbtp
    assert true_peak_dbtp(result) == pytest.approx(findings["limited_true_peak_dbtp"], abs=1e-6)
    assert result.frames == 2 * sample_rate


def test_what_lies_between_the_samples_is_limited_too(recording_of, treated):
    # A quarter of the sample rate, 45 degrees off: no sample exceeds -3 dBFS, the wave between them reaches 0.
    phase = np.pi / 2.0 * np.arange(48_000) + np.pi / 4.0
    source = recording_of(np.sin(phase) * np.hanning(48_000), 48_000)
    assert np.abs(source.read().samples).max() < 0.71
    findings, result = treated(Limit(ceiling_dbtp=-1.0), source)
    assert findings["needed"]
    assert true_peak_dbtp(result) <= -1.0


def test_it_is_aligned_and_quiet_sound_keeps_its_level(recording_of, treated):
    samples = (np.random.default_rng(2).uniform(-0.2, 0.2, (1, 96_000))).astype(np.float32)
    samples[0, 48_000:48_010] *= 6.0
    _, result = treated(Limit(ceiling_dbtp=-6.0), recording_of(samples, 48_000))
    change = np.abs(result.read().samples - samples)
    assert change[:, :47_000].max() < 1e-6
    assert change[:, 95_000:].max() < 1e-3
    assert change.max() > 0.1


def test_sound_under_the_ceiling_needs_nothing(recording_of, reading):
    findings = Limit(ceiling_dbtp=-1.0).measure(recording_of(reading.samples * 0.1, 48_000))
    assert findings["needed"] is False
    assert findings["gain_db"] == 0.0
    assert Limit().measure(recording_of(np.zeros((2, 1_000)), 48_000))["needed"] is False


def test_blocks_of_any_size_give_the_same_sound(recording_of, treated):
    source = recording_of(np.random.default_rng(3).standard_normal((2, 30_000)) * 0.4, 44_100)
    findings, whole = treated(Limit(), source)
    samples = whole.read().samples
    in_blocks, pieced = treated(Limit(), source.with_blocks(777))
    assert in_blocks == findings
    assert np.abs(pieced.read().samples - samples).max() < 1e-6


@pytest.mark.parametrize("frames", [1, 5, 1_000])
def test_the_shortest_recordings(recording_of, treated, frames):
    _, result = treated(Limit(ceiling_dbtp=-3.0), recording_of(np.full((2, frames), 0.99), 48_000))
    assert result.frames == frames
    assert true_peak_dbtp(result) <= -3.0


@pytest.mark.parametrize("fields", [{"ceiling_dbtp": 0.5}, {"release_ms": 0.0}])
def test_impossible_parameters_are_refused(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        Limit(**fields)
