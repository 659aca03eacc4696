"""Crackle goes out of pauses and voice alike; breath, consonants and a few clicks are not crackle."""

import json

import numpy as np
import pytest

from restoration.audio import Recording, Writer
from restoration.repair.clicks import spared_the_voice
from restoration.repair.crackle import crackle
from restoration.steps.remove_crackle import RemoveCrackle

RATE = 48000


def crackling(voice, per_s, peak, seed=3):
    """Damped ringing at random times, of log-normal peaks: nine in ten between a half and twice ``peak``."""
    rng = np.random.default_rng(seed)
    sound = voice.astype(np.float64)
    for start in rng.integers(0, voice.size - 60, rng.poisson(per_s * voice.size / RATE)):
        time = np.arange(rng.integers(5, 48))
        wave = np.exp(-4 * time / time.size) * np.cos(2 * np.pi * rng.uniform(1500, 6000) / RATE * time)
        sound[start : start + time.size] += rng.choice((-1, 1)) * peak * 2 ** rng.normal(0, 0.6) * wave
    return sound.astype(np.float32)


def treated(recording, tmp_path, name="treated") -> tuple[Recording, dict]:
    step = RemoveCrackle()
    findings = json.loads(json.dumps(step.measure(recording)))
    with Writer(tmp_path / f"{name}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording, findings


def closeness_db(clean, other):
    clean, other = clean.astype(np.float64), other.astype(np.float64)
    scale = (clean * other).sum() / (clean * clean).sum()
    return 10 * np.log10((scale**2 * (clean**2).sum()) / (((other - scale * clean) ** 2).sum() + 1e-20))


@pytest.mark.parametrize(("per_s", "peak", "gain_db"), [(200, 0.2, 9), (600, 0.12, 6)])
def test_the_voice_comes_closer_to_what_it_was(per_s, peak, gain_db, reading, recording_of, tmp_path):
    voice = reading.samples[0, : 6 * RATE]
    worn = crackling(voice, per_s, peak)
    recording = recording_of(worn, RATE)
    result, findings = treated(recording, tmp_path)
    assert findings["needed"]
    assert closeness_db(voice, result.read().samples[0]) > closeness_db(voice, worn) + gain_db
    assert RemoveCrackle().judge(recording, result, findings)["helps"]


def test_faint_crackle_is_left_rather_than_the_voice_harmed(reading, recording_of, tmp_path):
    voice = reading.samples[0, : 4 * RATE]
    helped = []
    for peak in (0.05, 0.003):
        recording = recording_of(crackling(voice, 200, peak), RATE)
        result, findings = treated(recording, tmp_path, f"peak-{peak}")
        assert findings["needed"]
        helped.append(RemoveCrackle().judge(recording, result, findings)["helps"])
    assert helped == [True, False]


@pytest.mark.parametrize(("taken_out_db", "helps"), [(-20.0, True), (-45.0, False)])
def test_what_is_far_under_the_voice_is_not_worth_its_repair(taken_out_db, helps, recording_of):
    """Taken out of voice and pauses alike, so that it may well be crackle; the louder half is the voice."""
    rng = np.random.default_rng(5)
    voice = 0.1 * rng.normal(0, 1, 4 * RATE) * (np.arange(4 * RATE) // RATE % 2)
    taken_out = 0.1 * 10 ** (taken_out_db / 20) * rng.normal(0, 1, voice.size)
    verdict = spared_the_voice(
        recording_of(voice + taken_out, RATE), recording_of(voice, RATE), {"helps": True, "reason": "It is less."}
    )
    assert verdict["helps"] is helps
    assert verdict["under_voice_db"] == pytest.approx(-taken_out_db, abs=0.5)
    assert verdict["from_voice_db"] == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize("per_s", [150, 400, 700])
def test_the_rate_is_told_also_where_clicks_crowd(per_s, recording_of):
    sound = crackling(np.random.default_rng(1).normal(0, 0.002, 6 * RATE), per_s, 0.1)
    assert per_s / 1.6 < crackle(recording_of(sound, RATE)).per_s < 1.6 * per_s


def test_clean_voices_are_left(reading, interview, recording_of):
    for voice in (reading, interview):
        findings = RemoveCrackle().measure(recording_of(voice.samples, voice.sample_rate))
        assert findings["needed"] is False, findings["reason"]


def test_real_clean_voices_are_left(corpus, recording_of):
    import soundfile

    for path in sorted((corpus / "dev").glob("*.*"))[4:15]:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        findings = RemoveCrackle().measure(recording_of(samples.T, rate))
        assert findings["needed"] is False, f"{path.name}: {findings['reason']}"


def test_crackle_in_one_breath_is_not_crackle(recording_of):
    """A second of it in twelve: the carrier is there all along, a noise in the room is not."""
    sound = np.random.default_rng(4).normal(0, 0.002, 12 * RATE).astype(np.float32)
    sound[5 * RATE : 6 * RATE] = crackling(sound[5 * RATE : 6 * RATE], 500, 0.1)
    assert RemoveCrackle().measure(recording_of(sound, RATE))["needed"] is False


def test_a_result_that_crackles_as_before_does_not_help(reading, recording_of):
    worn = recording_of(crackling(reading.samples[0, : 3 * RATE], 300, 0.05), RATE)
    verdict = RemoveCrackle().judge(worn, worn, RemoveCrackle().measure(worn))
    assert verdict["helps"] is False
    assert verdict["reason"].endswith(".")


def test_blocks_do_not_matter(reading, recording_of, tmp_path):
    recording = recording_of(crackling(reading.samples[0, : 9 * RATE], 150, 0.05), RATE)
    whole, _ = treated(recording, tmp_path)
    parts, _ = treated(recording.with_blocks(30_011), tmp_path, "parts")
    assert whole.pcm_sha256 == parts.pcm_sha256


@pytest.mark.parametrize("wrong", [{"least_per_s": 1.0}, {"threshold": 0.0}, {"max_click_ms": 50.0}, {"passes": 0}])
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RemoveCrackle(**wrong)
