"""A reading with hum is warped by a known speed; the step must find its time axis again, or leave it alone."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import soundfile
from scipy.interpolate import CubicSpline

from restoration.audio import Writer
from restoration.steps.correct_speed import CorrectSpeed, warp_of

RATE = 24_000


def with_hum(sound: np.ndarray, dbfs: float = -45.0, hz: float = 50.0) -> np.ndarray:
    times_s = np.arange(sound.size) / RATE
    partials = sum(np.sin(2 * np.pi * hz * k * times_s + k) / k for k in (1, 2, 3, 5, 7))
    return sound + partials * 10 ** (dbfs / 20) / np.sqrt(np.mean(partials**2))


def axis(percent: float, hz: float, ratio: float = 1.0):
    depth = percent / 100
    return lambda times_s: ratio * (times_s + depth / (2 * np.pi * hz) * np.sin(2 * np.pi * hz * times_s))


def played(sound: np.ndarray, right_s) -> np.ndarray:
    times_s = np.arange(int(sound.size / right_s(1e6) * 1e6)) / RATE
    return CubicSpline(np.arange(sound.size) / RATE, sound)(np.minimum(right_s(times_s), (sound.size - 1) / RATE))


def uneven(right_s, findings) -> float:
    """What the corrected speed still sways by (RMS), over what the transfer did."""
    axis_s = np.arange(1.0, 28.0, 0.005)
    read_s = warp_of(findings).transfer_time_s(axis_s) if findings["needed"] else axis_s
    return np.std(np.gradient(right_s(read_s), axis_s)) / np.std(np.gradient(right_s(axis_s), axis_s))


@pytest.fixture(scope="module")
def speech(reading):
    import soxr

    return soxr.resample(reading.samples[0], reading.sample_rate, RATE).astype(np.float64)


@pytest.fixture
def treated(tmp_path):
    def treat(step, recording):
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / "treated.f32") as result:
            step.treat(recording, findings, result)
        return findings, result.recording

    return treat


@pytest.mark.parametrize(("hz", "dbfs"), [(1.0, -45.0), (2.0, -50.0), (4.0, -45.0), (6.0, -45.0)])
def test_wow_is_taken_out_by_the_hum(speech, recording_of, hz, dbfs):
    right_s = axis(0.3, hz)
    findings = CorrectSpeed(ask_voice=False).measure(recording_of(played(with_hum(speech, dbfs), right_s), RATE))
    assert findings["needed"]
    assert "told by the hum" in findings["reason"]
    assert uneven(right_s, findings) < 0.3


def test_the_sound_comes_back_and_the_judge_agrees(speech, recording_of, treated):
    whole = with_hum(speech)
    recording = recording_of(played(whole, axis(0.5, 1.0)), RATE)
    step = CorrectSpeed(ask_voice=False)
    findings, result = treated(step, recording)
    assert result.frames == recording.frames
    verdict = step.judge(recording, result, findings)
    assert verdict["helps"]
    assert verdict["wow_percent_after"] < 0.1 * verdict["wow_percent_before"]

    kept = slice(RATE, 28 * RATE)
    lag_s = warp_of(findings).transfer_time_s(np.arange(whole.size) / RATE)
    wanted = CubicSpline(np.arange(whole.size) / RATE, whole)(axis(0.5, 1.0)(lag_s))
    error = np.std((result.read().samples[0] - wanted)[kept]) / np.std(wanted[kept])
    assert 20 * np.log10(error) < -30.0


def test_wow_is_taken_out_by_a_whine_and_the_judge_agrees(speech, recording_of, treated):
    whine = 0.002 * np.sin(2 * np.pi * 2400.0 / RATE * np.arange(speech.size))
    recording = recording_of(played(speech + whine, axis(0.3, 3.0)), RATE)
    step = CorrectSpeed(ask_voice=False)
    findings, result = treated(step, recording)
    assert "told by the tone" in findings["reason"]
    assert uneven(axis(0.3, 3.0), findings) < 0.3
    assert step.judge(recording, result, findings)["helps"]


def test_the_judge_refuses_what_does_not_help(speech, recording_of, treated, monkeypatch):
    recording = recording_of(played(with_hum(speech), axis(0.3, 2.0)), RATE)
    step = CorrectSpeed(ask_voice=False)
    turned = step.measure(recording)
    for line in turned["stretches"][0]["lines"]:
        line["phase"] += np.pi
    monkeypatch.setattr(CorrectSpeed, "measure", lambda self, recording: turned)
    _, worse = treated(step, recording)
    assert not step.judge(recording, worse, turned)["helps"]


@pytest.mark.parametrize(("ratio", "mains_hz"), [(0.956, 60.0), (1.03, 50.0)])
def test_a_constant_error_is_corrected_to_a_thousandth(speech, recording_of, treated, ratio, mains_hz):
    recording = recording_of(played(with_hum(speech, hz=mains_hz), axis(0.0, 1.0, ratio)), RATE)
    step = CorrectSpeed(ask_voice=False)
    findings, result = treated(step, recording)
    assert findings["ratio"] == pytest.approx(ratio, rel=0.001)
    assert result.duration_s == pytest.approx(findings["duration_s"], abs=1e-3)
    assert result.duration_s == pytest.approx(30.0, rel=0.001)
    assert step.judge(recording, result, findings)["helps"]
    left = CorrectSpeed(correct_constant=False, ask_voice=False).measure(recording)
    assert left["needed"] is False
    assert "not to be corrected" in left["reason"]


@pytest.mark.parametrize("error_percent", [-0.3, 0.1, 0.3])
def test_what_the_mains_do_themselves_is_left(speech, recording_of, error_percent):
    recording = recording_of(with_hum(speech, hz=50.0 * (1 + error_percent / 100)), RATE)
    assert CorrectSpeed().measure(recording)["needed"] is False


def test_an_even_voice_is_left(speech, recording_of):
    for sound in (speech, with_hum(speech, -50.0)):
        assert CorrectSpeed().measure(recording_of(sound, RATE))["needed"] is False


@pytest.mark.slow
def test_the_clips_of_many_voices_are_left(corpus, recording_of):
    with (corpus / "dev.csv").open(encoding="utf-8") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["split"] == "dev"]
    for path in paths:
        samples, rate = soundfile.read(corpus / path, dtype="float32", always_2d=True)
        findings = CorrectSpeed().measure(recording_of(samples.T, rate))
        assert findings["needed"] is False, path


def test_the_mission_loop_of_1969_ran_slow(corpus, recording_of):
    path = corpus / "historical" / "apollo11_1969_launch_loop.mp3"
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    findings = CorrectSpeed().measure(recording_of(samples.T, rate))
    assert findings["ratio"] == pytest.approx(57.35 / 60.0, rel=0.001)
    assert findings["stretches"] == []


@pytest.mark.parametrize("ratio", [1.0, 0.97])
def test_blocks_of_any_size_give_the_same_sound(speech, recording_of, treated, ratio):
    recording = recording_of(played(with_hum(speech), axis(0.3, 2.0, ratio)), RATE)
    step = CorrectSpeed(ask_voice=False)
    findings, whole = treated(step, recording.with_blocks(2**21))
    assert findings["stretches"]
    samples = whole.read().samples
    _, parts = treated(step, recording.with_blocks(10_007))
    assert np.abs(parts.read().samples - samples).max() < 1e-6


@pytest.mark.parametrize(
    "wrong",
    [{"nominal_mains_hz": 55.0}, {"max_error_percent": 50.0}, {"min_confidence": 0.5}],
    ids=lambda one: next(iter(one)),
)
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        CorrectSpeed(**wrong)
