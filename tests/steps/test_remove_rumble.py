"""What moves below the voice goes, the voice stays."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import soundfile
from scipy import signal

from restoration.audio import Writer
from restoration.measures.rumble import low_end
from restoration.repair.tone import filtered, high_pass, response_at
from restoration.steps.remove_rumble import RemoveRumble

RATE = 48_000


def rumble(frames: int, below_hz: float, rel_db: float, voice, seed: int = 3) -> np.ndarray:
    """Noise from 10 Hz to ``below_hz`` with a line at 25 Hz, at a level against the voice's mean square."""
    rng = np.random.default_rng(seed)
    noise = signal.sosfilt(
        signal.butter(4, (10.0, below_hz), "bandpass", fs=RATE, output="sos"), rng.standard_normal(frames)
    )
    noise = noise / noise.std() + np.sin(2 * np.pi * 25.0 * np.arange(frames) / RATE)
    return noise / np.sqrt(np.mean(noise**2)) * np.sqrt(np.mean(voice**2)) * 10 ** (rel_db / 20)


def si_sdr_db(clean, heard) -> float:
    scaled = clean * (clean @ heard) / (clean @ clean)
    return float(10 * np.log10((scaled @ scaled) / np.sum((heard - scaled) ** 2)))


@pytest.fixture
def treated(tmp_path):
    def treat(recording, step=None):
        step = step or RemoveRumble()
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / "treated.f32") as writer:
            step.treat(recording, findings, writer)
        return findings, writer.recording, step.judge(recording, writer.recording, findings)

    return treat


@pytest.fixture
def voice(reading) -> np.ndarray:
    return reading.samples[0, : 15 * RATE].astype(np.float64)


@pytest.mark.parametrize("below_hz", [40.0, 70.0])
def test_rumble_goes_and_the_voice_stays(below_hz, voice, recording_of, treated):
    worn = voice + rumble(voice.size, below_hz, -6.0, voice)
    findings, result, verdict = treated(recording_of(worn, RATE))
    assert findings["needed"], findings["reason"]
    assert verdict["helps"], verdict["reason"]
    heard = result.read().samples[0].astype(np.float64)
    assert si_sdr_db(voice, heard) > si_sdr_db(voice, worn) + 15.0
    assert verdict["rumble_reduction_db"] > 20.0


def test_the_cut_is_no_higher_than_the_rumble_needs_and_below_the_voice(voice, recording_of):
    step = RemoveRumble()
    low = step.measure(recording_of(voice + rumble(voice.size, 30.0, -6.0, voice), RATE))
    high = step.measure(recording_of(voice + rumble(voice.size, 90.0, -6.0, voice), RATE))
    assert low["cutoff_hz"] < 60.0 < high["cutoff_hz"] < high["lowest_pitch_hz"]
    assert high["lowest_pitch_hz"] == pytest.approx(low["lowest_pitch_hz"], rel=0.06)


def test_thumps_are_rumble(voice, recording_of, treated):
    thump = np.hanning(int(0.06 * RATE)) * np.sin(2 * np.pi * 30 * np.arange(int(0.06 * RATE)) / RATE)
    worn = voice.copy()
    for start in np.random.default_rng(5).integers(0, voice.size - thump.size, 60):
        worn[start : start + thump.size] += 0.5 * thump
    findings, result, verdict = treated(recording_of(worn, RATE))
    assert findings["needed"] and verdict["helps"]
    assert si_sdr_db(voice, result.read().samples[0]) > si_sdr_db(voice, worn) + 10.0


def test_no_rumble_no_treatment(voice, interview, recording_of):
    hiss = 0.003 * np.random.default_rng(1).standard_normal(voice.size)
    for sound in (voice, voice + hiss, interview.samples):
        findings = RemoveRumble().measure(recording_of(sound, RATE))
        assert not findings["needed"], findings["reason"]


def test_loud_hiss_is_no_rumble(voice, recording_of):
    """White noise 10 dB under the voice holds as much below it as above: nothing stands out."""
    hiss = 10 ** (-10 / 20) * np.sqrt(np.mean(voice**2)) * np.random.default_rng(1).standard_normal(voice.size)
    step = RemoveRumble(least_rel_voice_db=-60.0)
    findings = step.measure(recording_of(voice + hiss, RATE))
    assert not findings["needed"], findings["reason"]


def test_without_a_voice_nothing_is_below_it(recording_of):
    noise = rumble(5 * RATE, 70.0, 0.0, np.full(10, 0.05))
    findings = RemoveRumble().measure(recording_of(noise, RATE))
    assert not findings["needed"] and "no voice" in findings["reason"]


def test_clean_clips_are_left_alone(corpus, recording_of):
    with (corpus / "dev.csv").open(encoding="utf-8") as file:
        paths = [row["path"] for row in csv.DictReader(file) if "reading_lj" not in row["path"]]
    needed = []
    for path in paths:
        samples, rate = soundfile.read(corpus / path, dtype="float32", always_2d=True)
        if RemoveRumble().measure(recording_of(samples.T, rate))["needed"]:
            needed.append(path)
    assert paths
    assert needed == []


def test_a_result_that_lost_voice_is_refused(voice, recording_of):
    worn = voice + rumble(voice.size, 60.0, -6.0, voice)
    step, before = RemoveRumble(), recording_of(worn, RATE)
    thin = filtered(worn[None].astype(np.float32), high_pass(250.0, 400.0, 40.0, RATE))
    verdict = step.judge(before, recording_of(thin, RATE), step.measure(before))
    assert not verdict["helps"], verdict


def test_keep_or_kill():
    taps = high_pass(50.0, 80.0, 40.0, RATE)
    gain_db = 20 * np.log10(response_at(taps, np.array([10.0, 30.0, 49.0, 81.0, 200.0, 20_000.0]), RATE))
    assert (gain_db[:3] < -39.0).all()
    assert np.abs(gain_db[3:]).max() < 0.1


@pytest.mark.parametrize("pitch_hz", [80.0, 120.0, 210.0])
def test_the_pitch_of_a_buzz_is_found_under_rumble(pitch_hz, recording_of):
    time = np.arange(6 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * pitch_hz * k * time) / k for k in range(1, 12)) * (np.sin(2 * np.pi * time) > 0)
    low = low_end(recording_of(0.1 * buzz + rumble(time.size, 50.0, 0.0, 0.1 * buzz), RATE))
    assert low.lowest_pitch_hz == pytest.approx(pitch_hz, rel=0.06)


@pytest.mark.parametrize(
    "wrong",
    [{"least_rel_voice_db": 1.0}, {"least_excess_db": -1.0}, {"reduction_db": 90.0}, {"max_voice_loss_db": 0.0}],
)
def test_ranges_are_checked(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RemoveRumble(**wrong)
