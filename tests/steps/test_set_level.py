from __future__ import annotations

import json

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.measures.loudness import loudness
from restoration.measures.true_peak import true_peak_dbtp
from restoration.steps.set_level import SetLevel


@pytest.fixture
def treated(tmp_path):
    def treat(step, recording):
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / "treated.f32") as result:
            step.treat(recording, findings, result)
        return findings, result.recording

    return treat


@pytest.mark.parametrize("target_lufs", [-30.0, -23.0])
def test_the_loudness_is_the_one_wanted(recording_of, reading, treated, target_lufs):
    step = SetLevel(target_lufs=target_lufs)
    findings, result = treated(step, recording_of(reading.samples * 0.1, 48_000))
    assert loudness(result)["loudness_lufs"] == pytest.approx(target_lufs, abs=0.01)
    assert not findings["held_back_by_peak"]
    assert not step.measure(result)["needed"]


def test_it_is_one_gain_which_the_findings_tell(recording_of, reading, treated):
    source = recording_of(reading.samples * 0.1, 48_000)
    findings, result = treated(SetLevel(), source)
    expected = source.read().samples * 10.0 ** (findings["gain_db"] / 20.0)
    assert np.abs(result.read().samples - expected).max() < 1e-6


def test_the_true_peak_holds_the_gain_back_and_it_says_so(recording_of, reading, treated):
    findings, result = treated(SetLevel(target_lufs=-8.0), recording_of(reading.samples * 0.1, 48_000))
    assert findings["held_back_by_peak"]
    assert "true peak" in findings["reason"]
    assert true_peak_dbtp(result) == pytest.approx(-1.0, abs=1e-3)
    assert loudness(result)["loudness_lufs"] < -8.0


def test_blocks_of_any_size_give_the_same_sound(recording_of, reading, treated):
    source = recording_of(reading.samples[:, :200_000] * 0.1, 48_000)
    findings, whole = treated(SetLevel(), source)
    samples = whole.read().samples
    in_blocks, pieced = treated(SetLevel(), source.with_blocks(1_009))
    assert in_blocks == findings
    assert np.array_equal(pieced.read().samples, samples)


@pytest.mark.parametrize("samples", [np.zeros((2, 48_000)), np.ones((1, 1)), np.full((1, 10_000), 0.5)])
def test_silence_and_what_is_too_short_are_left_alone(recording_of, samples):
    findings = SetLevel().measure(recording_of(samples, 48_000))
    assert findings["needed"] is False
    assert findings["gain_db"] == 0.0


def test_a_gain_within_the_tolerance_is_not_applied(recording_of, reading, treated):
    _, right = treated(SetLevel(target_lufs=-23.15), recording_of(reading.samples * 0.1, 48_000))
    assert not SetLevel(tolerance_lu=0.2).measure(right)["needed"]
    assert SetLevel(tolerance_lu=0.1).measure(right)["needed"]


@pytest.mark.parametrize("fields", [{"target_lufs": 3.0}, {"max_true_peak_dbtp": 1.0}, {"tolerance_lu": -1.0}])
def test_impossible_parameters_are_refused(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        SetLevel(**fields)
