"""Peaks come back where they were cut off; every other sample keeps every bit, and whole sound is left alone."""

import json

import numpy as np
import pytest
import soundfile
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfiltfilt

from restoration.audio import Writer
from restoration.steps.restore_clipped import RestoreClipped

RATE = 48000


def treated(recording, tmp_path, step=None, name="treated"):
    step = step or RestoreClipped()
    findings = json.loads(json.dumps(step.measure(recording)))
    assert findings["needed"], findings["reason"]
    with Writer(tmp_path / f"{name}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording, findings


def closeness_db(clean, other):
    """Scale-invariant ratio of signal to distortion."""
    clean, other = clean.astype(np.float64), other.astype(np.float64)
    scale = (clean * other).sum() / (clean * clean).sum()
    return 10 * np.log10((scale**2 * (clean**2).sum()) / (((other - scale * clean) ** 2).sum() + 1e-20))


def cut(voice, share):
    """Clipped so that ``share`` of the samples lie at the rail, and the rail."""
    ceiling = np.float32(np.quantile(np.abs(voice), 1.0 - share))
    return np.clip(voice, -ceiling, ceiling), ceiling


@pytest.fixture(scope="module")
def voice(reading):
    return reading.samples[0, RATE : 3 * RATE]


@pytest.mark.parametrize(("share", "gain_db"), [(0.01, 10), (0.04, 9), (0.08, 8)])
def test_the_voice_comes_much_closer_to_what_it_was(share, gain_db, voice, recording_of, tmp_path):
    flat, ceiling = cut(voice, share)
    recording = recording_of(flat, RATE)
    result, findings = treated(recording, tmp_path)
    restored = result.read().samples[0]
    assert closeness_db(voice, restored) > closeness_db(voice, flat) + gain_db
    known = np.nonzero(np.abs(flat) < ceiling)[0]
    spline = np.where(np.abs(flat) < ceiling, flat, CubicSpline(known, flat[known])(np.arange(flat.size)))
    assert closeness_db(voice, restored) > closeness_db(voice, spline) + 3
    verdict = RestoreClipped().judge(recording, result, findings)
    assert verdict["helps"], verdict
    json.dumps(verdict, allow_nan=False)


def test_known_samples_keep_every_bit_and_restored_ones_lie_beyond_the_rail(voice, recording_of, tmp_path):
    flat, ceiling = cut(voice, 0.04)
    result, _ = treated(recording_of(flat, RATE), tmp_path)
    restored = result.read().samples[0]
    known = np.abs(flat) < 0.999 * ceiling
    assert np.array_equal(restored[known], flat[known])
    assert (np.abs(restored) >= np.abs(flat)).all()
    assert (np.sign(restored) == np.sign(flat)).all()
    assert np.abs(restored).max() <= 1.001 * ceiling * 10 ** (12 / 20)
    assert np.abs(restored).max() > 1.5 * ceiling


@pytest.mark.parametrize("max_rise_db", [1.0, 3.0])
def test_nothing_rises_farther_than_it_may(max_rise_db, voice, recording_of, tmp_path):
    flat, ceiling = cut(voice, 0.04)
    result, _ = treated(recording_of(flat, RATE), tmp_path, RestoreClipped(max_rise_db=max_rise_db))
    assert 0.98 <= np.abs(result.read().samples).max() / (ceiling * 10 ** (max_rise_db / 20)) <= 1.001


def test_one_side_alone_and_a_later_gain(voice, recording_of, tmp_path):
    ceiling = np.quantile(voice, 0.97)
    flat = 0.2 * np.minimum(voice, ceiling)
    result, findings = treated(recording_of(flat, RATE), tmp_path)
    assert {found["side"] for found in findings["rails"]} == {1}
    assert findings["rails"][0]["level"] == pytest.approx(0.2 * ceiling, rel=3e-3)
    assert closeness_db(voice, result.read().samples[0]) > closeness_db(voice, flat) + 8


def test_tops_that_a_band_limit_has_roughened(voice, recording_of, tmp_path):
    flat, _ = cut(voice, 0.04)
    rough = sosfiltfilt(butter(4, 7000, fs=RATE, output="sos"), flat)
    recording = recording_of(rough, RATE)
    result, findings = treated(recording, tmp_path)
    assert not any(found["hard"] for found in findings["rails"])
    assert closeness_db(voice, result.read().samples[0]) > closeness_db(voice, rough) + 1.5
    assert not RestoreClipped(soft=False).measure(recording)["needed"]


@pytest.mark.parametrize("rate", [8000, 96000])
def test_other_rates(rate, reading, recording_of, tmp_path):
    import soxr

    voice = soxr.resample(reading.samples[0, RATE : 3 * RATE], RATE, rate)
    flat, _ = cut(voice, 0.04)
    result, _ = treated(recording_of(flat, rate), tmp_path)
    assert closeness_db(voice, result.read().samples[0]) > closeness_db(voice, flat) + 5


def test_a_whole_voice_has_no_rails(reading, interview, recording_of):
    for audio in (reading, interview):
        findings = RestoreClipped().measure(recording_of(audio.samples, RATE))
        assert (findings["needed"], findings["rails"]) == (False, [])


@pytest.mark.parametrize("name", ["sine", "noise", "eight bits", "two tones"])
def test_whole_sounds_of_other_kinds_have_no_rails(name, reading, recording_of):
    time = np.arange(10 * RATE) / RATE
    sounds = {
        "sine": 0.5 * np.sin(2 * np.pi * 1000.3 * time),
        "noise": 0.1 * np.random.default_rng(1).standard_normal(time.size),
        "eight bits": np.round(reading.samples[0, : time.size] * 128) / 128,
        "two tones": 0.3 * np.sin(2 * np.pi * 440 * time) + 0.2 * np.sin(2 * np.pi * 1330 * time),
    }
    assert not RestoreClipped().measure(recording_of(sounds[name], RATE))["needed"]


def test_real_recordings_that_were_not_clipped_have_no_rails(corpus, recording_of):
    files = sorted((corpus / "historical").glob("*.mp3")) + sorted((corpus / "dev").glob("nabu*.mp3"))[:8]
    assert len(files) == 12
    for file in files:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True, frames=4_000_000)
        assert RestoreClipped().measure(recording_of(samples.T, rate))["rails"] == [], file.name


def test_channels_are_restored_each_for_itself(voice, recording_of, tmp_path):
    flat, _ = cut(voice, 0.04)
    result, findings = treated(recording_of(np.stack([voice, flat, voice]), RATE), tmp_path)
    restored = result.read().samples
    assert np.array_equal(restored[[0, 2]], np.stack([voice, voice]))
    assert {found["channel"] for found in findings["rails"]} == {1}
    assert closeness_db(voice, restored[1]) > closeness_db(voice, flat) + 9


def test_chunks_leave_no_seam(reading, recording_of, tmp_path):
    """Five seconds are one chunk: a peak at its end is restored as it is elsewhere."""
    sound = reading.samples[0, : 6 * RATE]
    flat, ceiling = cut(np.roll(sound, 5 * RATE // 512 * 512 - int(np.abs(sound).argmax())), 0.01)
    late = 30 * 512
    whole = treated(recording_of(flat, RATE), tmp_path, name="whole")[0].read().samples[0]
    cut_off = treated(recording_of(flat[late:], RATE), tmp_path, name="late")[0].read().samples[0]
    assert np.abs(whole[late + 4096 :] - cut_off[4096:]).max() < 1e-4 * ceiling


def test_a_result_that_is_no_better_is_judged_so(voice, recording_of, tmp_path):
    flat, ceiling = cut(voice, 0.04)
    recording = recording_of(flat, RATE)
    _, findings = treated(recording, tmp_path)
    noise = np.random.default_rng(2).uniform(1.0, 3.0, flat.size)
    noisy = np.where(np.abs(flat) >= 0.999 * ceiling, noise * flat, flat)
    for other in (flat, np.where(np.arange(flat.size) == 5, 0.01, flat), noisy):
        assert not RestoreClipped().judge(recording, recording_of(other, RATE), findings)["helps"]


@pytest.mark.parametrize("max_rise_db", [0.5, 31.0])
def test_parameters_are_checked(max_rise_db):
    with pytest.raises(ValueError, match="max_rise_db is from 1 to 30"):
        RestoreClipped(max_rise_db=max_rise_db)
