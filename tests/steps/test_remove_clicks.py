"""Clicks go; every other sample keeps every bit, and a voice is not taken for clicks."""

import json

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.measures.click_search import AFTER_MS, BEFORE_MS
from restoration.simulate.clicks import clicks as clicks_of
from restoration.steps.remove_clicks import RemoveClicks

RATE = 48000


def treated(recording, tmp_path, step=None, name="treated"):
    step = step or RemoveClicks()
    findings = json.loads(json.dumps(step.measure(recording)))
    with Writer(tmp_path / f"{name}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording.read().samples, findings


def closeness_db(clean, other):
    clean, other = clean.astype(np.float64), other.astype(np.float64)
    scale = (clean * other).sum() / (clean * clean).sum()
    return 10 * np.log10((scale**2 * (clean**2).sum()) / (((other - scale * clean) ** 2).sum() + 1e-20))


def crackle(frames, per_s, seed=3, peak_dbfs=-18.0, spread_db=6.0):
    return clicks_of(frames, RATE, per_s, peak_dbfs, spread_db, np.random.default_rng(seed))[0][0]


@pytest.mark.parametrize(("per_s", "gain_db"), [(5, 8), (30, 6), (100, 8)])
def test_the_voice_comes_closer_to_what_it_was(per_s, gain_db, reading, recording_of, tmp_path):
    voice = reading.samples[0, : 8 * RATE]
    struck = (voice + crackle(voice.size, per_s)).astype(np.float32)
    result, findings = treated(recording_of(struck, RATE), tmp_path)
    assert findings["needed"]
    assert closeness_db(voice, result[0]) > closeness_db(voice, struck) + gain_db


def test_outside_the_repairs_nothing_changes(recording_of, tmp_path):
    """On steady noise with clicks at known places, whatever lies farther away is the same bits."""
    rng = np.random.default_rng(2)
    sound = rng.normal(0, 0.01, 4 * RATE).astype(np.float32)
    places = np.arange(5000, sound.size - 5000, 9973)
    sound[places] += 0.4
    result, findings = treated(recording_of(sound, RATE), tmp_path)
    assert findings["count"] == places.size
    changed = np.nonzero(result[0] != sound)[0]
    nearest = np.abs(changed[:, None] - places[None, :]).min(axis=1)
    assert changed.size > 0
    assert nearest.max() <= (BEFORE_MS + AFTER_MS + 1.5) * RATE / 1000
    assert np.abs(result[0][places]).max() < 0.06


def test_a_clean_voice_is_left_almost_alone(reading, recording_of, tmp_path):
    voice = reading.samples[:, : 20 * RATE]
    result, findings = treated(recording_of(voice, RATE), tmp_path)
    assert closeness_db(voice, result) > 45
    assert findings["clicks_per_s"] < 1


def test_real_clean_voices_are_left_almost_alone(corpus, recording_of, tmp_path):
    import soundfile

    for number, path in enumerate(sorted((corpus / "dev").glob("nabu*.mp3"))[:4]):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        result, _ = treated(recording_of(samples.T[:1], rate), tmp_path, name=f"real-{number}")
        assert closeness_db(samples.T[:1], result) > 38, path.name


def test_clean_voices_of_the_training_are_left(corpus, recording_of):
    from tests.step_bench import held_out_clips

    found = [
        RemoveClicks().measure(recording_of(clip.audio.samples, clip.audio.sample_rate))
        for clip in held_out_clips(corpus, 12, 8.0)
    ]
    assert sum(findings["needed"] for findings in found) <= 1, [findings["reason"] for findings in found]


@pytest.mark.parametrize("peak_dbfs", [-12.0, -24.0])
def test_a_few_clicks_ask_for_a_treatment(peak_dbfs, reading, recording_of):
    voice = reading.samples[0, : 8 * RATE]
    findings = RemoveClicks().measure(recording_of(voice + crackle(voice.size, 1.0, peak_dbfs=peak_dbfs), RATE))
    assert findings["needed"], findings["reason"]


def test_a_cut_to_digital_silence_is_no_click(recording_of):
    """Nor is the begin of the sound after it."""
    sound = 0.2 * np.sin(2 * np.pi * 200 / RATE * np.arange(8 * RATE))
    sound += np.random.default_rng(8).normal(0, 0.001, sound.size)
    for start in range(RATE, sound.size, RATE):
        sound[start + 37 : start + RATE // 4] = 0.0
    findings = RemoveClicks().measure(recording_of(sound, RATE))
    assert (findings["count"], findings["needed"]) == (0, False)
    sound[RATE + RATE // 8] = 0.1
    assert RemoveClicks().measure(recording_of(sound, RATE))["count"] == 1


def test_chunks_without_a_click_are_copied_and_need_no_search(recording_of, tmp_path):
    sound = np.random.default_rng(9).normal(0, 0.01, 20 * RATE)
    sound[[7 * RATE, 18 * RATE - 3]] += 0.6
    recording = recording_of(sound, RATE)
    result, findings = treated(recording, tmp_path)
    assert findings["struck"] == [[1, 3]]
    with Writer(tmp_path / "everywhere.f32") as writer:
        RemoveClicks().treat(recording, findings | {"struck": [[0, 3]]}, writer)
    assert np.array_equal(writer.recording.read().samples, result)
    with Writer(tmp_path / "nowhere.f32") as writer:
        RemoveClicks().treat(recording, findings | {"struck": []}, writer)
    assert np.array_equal(writer.recording.read().samples, recording.read().samples)


def test_blocks_do_not_matter_and_chunks_leave_no_seam(reading, recording_of, tmp_path):
    """Six seconds are one chunk: a click on its border is repaired as anywhere else."""
    voice = reading.samples[0, : 9 * RATE].astype(np.float64)
    for place in (6 * RATE - 40, 6 * RATE, 8 * RATE + 3):
        voice[place : place + 20] += 0.5 * np.exp(-np.arange(20) / 5)
    recording = recording_of(voice, RATE)
    result, _ = treated(recording, tmp_path)
    in_parts, _ = treated(recording.with_blocks(12_345), tmp_path, name="parts")
    assert np.array_equal(result, in_parts)
    shifted, _ = treated(recording_of(voice[RATE // 2 :], RATE), tmp_path, name="shifted")
    border = slice(6 * RATE - 100, 6 * RATE + 100)
    moved = slice(border.start - RATE // 2, border.stop - RATE // 2)
    assert np.abs(result[0, border] - shifted[0, moved]).max() < 0.02


def test_channels_are_repaired_each_for_itself(recording_of, tmp_path):
    sound = np.random.default_rng(5).normal(0, 0.01, (3, RATE)).astype(np.float32)
    sound[1, 20_000] += 0.5
    result, findings = treated(recording_of(sound, RATE), tmp_path)
    assert np.array_equal(result[[0, 2]], sound[[0, 2]])
    assert abs(result[1, 20_000]) < 0.06
    assert findings["count"] == 1
    assert sum(row["clicks"] for row in findings["lengths"]) == sum(findings["per_min"]) == 1


@pytest.mark.parametrize(("sample_rate", "channels"), [(8000, 8), (192_000, 1)])
def test_rates(sample_rate, channels, recording_of, tmp_path):
    sound = np.random.default_rng(6).normal(0, 0.01, (channels, sample_rate))
    sound[:, sample_rate // 2] += 0.6
    result, findings = treated(recording_of(sound, sample_rate), tmp_path)
    assert findings["count"] == channels
    assert np.abs(result[:, sample_rate // 2]).max() < 0.06


def test_a_few_clicks_in_long_sound_are_too_few(recording_of):
    sound = np.random.default_rng(7).normal(0, 0.01, 20 * 8000)
    sound[50_000] += 0.5
    findings = RemoveClicks().measure(recording_of(sound, 8000))
    assert (findings["count"], findings["needed"]) == (1, False)


def test_crackle_is_told_from_clicks(reading, recording_of):
    voice = reading.samples[0, : 8 * RATE]
    ranks = [RemoveClicks().measure(recording_of(voice + crackle(voice.size, n), RATE))["rank"] for n in (5, 150)]
    assert ranks == [2, 4]


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": 0.5},
        {"max_click_ms": 50.0},
        {"passes": 0},
        {"least_clicks_per_s": -1.0},
        {"least_plain_per_s": 200.0},
    ],
)
def test_impossible_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RemoveClicks(**wrong)
