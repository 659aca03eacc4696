"""The hum goes, the voice stays: also where both are at the same frequency."""

import json

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from restoration.audio import Writer
from restoration.steps.remove_hum import RemoveHum

RATE = 48000


def hum_of(frames, rate=RATE, hz=50.0, level=0.02, drift=0.002, partials=13, period_s=40.0):
    """Partials with odd phases, whose frequency drifts slowly by ``drift`` to either side."""
    time = np.arange(frames) / rate
    turns = np.cumsum(hz * (1 + drift * np.sin(2 * np.pi * time / period_s + 1))) / rate
    return sum(level / k**0.7 * np.sin(2 * np.pi * k * turns + k * k) for k in range(1, partials + 1))


def treated(recording, tmp_path, step=None, name="treated"):
    step = step or RemoveHum()
    findings = json.loads(json.dumps(step.measure(recording)))
    assert findings["needed"], findings["reason"]
    with Writer(tmp_path / f"{name}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording.read().samples.astype(np.float64)


def closeness_db(clean, other):
    scale = (clean * other).sum() / (clean * clean).sum()
    return 10 * np.log10((scale**2 * (clean**2).sum()) / ((other - scale * clean) ** 2).sum())


@pytest.mark.parametrize("hz", [50.0, 59.94, 47.6])
def test_drifting_hum_leaves_a_voice(hz, reading, recording_of, tmp_path):
    voice = reading.samples[0, : 20 * RATE].astype(np.float64)
    with_hum = voice + hum_of(voice.size, hz=hz)
    result = treated(recording_of(with_hum, RATE), tmp_path)[0]
    assert closeness_db(voice, with_hum) < 14
    assert closeness_db(voice, result) > 30


@pytest.mark.parametrize("period_s", [1.2, 3.0])
def test_hum_that_sways_with_the_tape_leaves_a_voice(period_s, reading, recording_of, tmp_path):
    voice = reading.samples[0, : 20 * RATE].astype(np.float64)
    with_hum = voice + hum_of(voice.size, drift=0.004, period_s=period_s)
    result = treated(recording_of(with_hum, RATE), tmp_path)[0]
    assert closeness_db(voice, result) > closeness_db(voice, with_hum) + 15


def test_a_voice_without_hum_is_left(reading, interview, recording_of):
    for voice in (reading, interview):
        assert RemoveHum().measure(recording_of(voice.samples, voice.sample_rate))["needed"] is False


def test_real_voices_without_hum_are_left(corpus, recording_of):
    import soundfile

    for path in sorted((corpus / "dev").glob("*.*"))[:8]:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        findings = RemoveHum().measure(recording_of(samples.T, rate))
        assert findings["needed"] is False, f"{path.name}: {findings['reason']}"


def test_a_note_at_the_frequency_of_a_partial_is_kept(recording_of, tmp_path):
    """Two seconds of 100 Hz, as a low voice may hold, over hum of 50 Hz: a notch would take it away."""
    rng = np.random.default_rng(4)
    frames = 24 * RATE
    time = np.arange(frames) / RATE
    note = 0.1 * np.sin(2 * np.pi * 100 * time) * np.clip(10 * (1 - np.abs(time - 12)), 0, 1)
    sound = note + rng.normal(0, 0.001, frames)
    result = treated(recording_of(sound + hum_of(frames, level=0.01, drift=0, partials=4), RATE), tmp_path)[0]
    assert closeness_db(sound, result) > 25


def test_the_findings_list_the_partials(recording_of):
    rng = np.random.default_rng(6)
    frames = 16 * 16000
    sound = rng.normal(0, 0.003, frames) + hum_of(frames, 16000, 60.0, 0.02, drift=0.0, partials=3)
    findings = RemoveHum().measure(recording_of(sound, 16000))
    assert findings["hum_hz"] == pytest.approx(60.0, abs=0.01)
    assert [harmonic["order"] for harmonic in findings["harmonics"][:3]] == [1, 2, 3]
    level = 20 * np.log10(0.02 / np.sqrt(2))
    assert findings["harmonics"][0]["level_dbfs"] == pytest.approx(level, abs=0.3)
    assert findings["drift_hz"] < 0.05


def test_treated_sound_has_no_hum(recording_of, tmp_path):
    rng = np.random.default_rng(6)
    frames = 40 * 16000
    noise = rng.normal(0, 0.003, frames)
    recording = recording_of(noise + hum_of(frames, 16000), 16000)
    result = treated(recording, tmp_path)
    assert RemoveHum().measure(recording_of(result, 16000))["needed"] is False
    assert closeness_db(noise, result[0]) > 15


def test_channels_have_their_own_hum_and_blocks_do_not_matter(recording_of, tmp_path):
    rng = np.random.default_rng(8)
    hum = hum_of(8 * 44100, 44100)
    sound = np.stack([hum, -0.3 * hum, 0 * hum]) + rng.normal(0, 0.002, (3, hum.size))
    recording = recording_of(sound, 44100)
    result = treated(recording, tmp_path)
    spectra = [np.abs(np.fft.rfft(found, axis=1))[:2, 8 * 50 - 4 : 8 * 50 + 5].max(axis=1) for found in (sound, result)]
    assert (spectra[1] < 0.01 * spectra[0]).all()
    assert np.abs(result[2] - sound[2]).max() < 1e-3
    in_parts = treated(recording.with_blocks(10_007), tmp_path, name="parts")
    assert np.abs(in_parts - result).max() < 1e-6


def test_digital_silence_stays_silent(recording_of, tmp_path):
    frames = 20 * 16000
    sound = np.random.default_rng(9).normal(0, 0.002, frames) + hum_of(frames, 16000, drift=0)
    gap = slice(9 * 16000, 11 * 16000)
    sound[gap] = 0
    assert not treated(recording_of(sound, 16000), tmp_path)[0, gap].any()


def test_mains_can_be_told(recording_of):
    frames = 16 * 16000
    sound = np.random.default_rng(9).normal(0, 0.002, frames) + hum_of(frames, 16000, 60.0)
    recording = recording_of(sound, 16000)
    assert RemoveHum(mains_hz=60.0).measure(recording)["needed"] is True
    assert RemoveHum(mains_hz=50.0).measure(recording)["needed"] is False


def test_a_buzz_goes_up_to_where_it_reaches(reading, recording_of, tmp_path):
    voice = reading.samples[0, : 16 * RATE].astype(np.float64)
    buzz = hum_of(voice.size, level=0.006, drift=0.0, partials=70)
    recording = recording_of(voice + buzz, RATE)
    assert max(RemoveHum().measure(recording)["orders"]) >= 65
    result = treated(recording, tmp_path)[0]
    high = butter(6, 1800, "high", fs=RATE, output="sos")
    left, had = sosfilt(high, result - voice), sosfilt(high, buzz)
    assert 10 * np.log10(np.var(left) / np.var(had)) < -15
    few = treated(recording, tmp_path, RemoveHum(max_harmonics=24), "few")[0]
    assert np.var(sosfilt(high, few - voice)) > 0.9 * np.var(had)


def judged(sound, result, recording_of):
    recording = recording_of(sound, RATE)
    return RemoveHum().judge(recording, recording_of(result, RATE), RemoveHum().measure(recording))


def test_the_judge_wants_less_hum_and_the_same_voice(reading, recording_of, tmp_path):
    voice = reading.samples[0, : 12 * RATE].astype(np.float64)
    sound = voice + hum_of(voice.size, drift=0.0)
    verdict = judged(sound, treated(recording_of(sound, RATE), tmp_path)[0], recording_of)
    assert verdict["helps"]
    assert verdict["fall_db"] > 10
    assert abs(verdict["change_db"]) < 0.05
    assert not judged(sound, sound, recording_of)["helps"]
    assert not judged(sound, sound + hum_of(voice.size, drift=0.0), recording_of)["helps"]
    without_lows = sosfilt(butter(4, 700, "high", fs=RATE, output="sos"), sound)
    worse = judged(sound, without_lows, recording_of)
    assert not worse["helps"]
    assert worse["fall_db"] > 10


@pytest.mark.parametrize("wrong", [{"mains_hz": 100.0}, {"max_harmonics": 0}, {"min_excess_db": 99.0}])
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RemoveHum(**wrong)
