"""Holes in a tape are lifted or filled; a voice's own pauses are none, and nothing else changes."""

import json

import numpy as np
import pytest
import soundfile
from scipy.signal.windows import tukey

from restoration.audio import Writer
from restoration.measures.holes import find_holes
from restoration.repair.gaps import filled, lifted
from restoration.steps.fill_dropouts import FillDropouts

RATE = 48000


def treated(recording, tmp_path, step=None, name="treated"):
    step = step or FillDropouts()
    findings = json.loads(json.dumps(step.measure(recording)))
    assert findings["needed"], findings["reason"]
    with Writer(tmp_path / f"{name}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording, findings


def tape(reading, rate=RATE, seconds=20):
    """The reading with a hiss 32 dB under it."""
    import soxr

    voice = soxr.resample(reading.samples[0, : seconds * RATE].astype(np.float64), RATE, rate)
    return voice + np.sqrt((voice**2).mean()) * 0.025 * np.random.default_rng(4).standard_normal(voice.size)


def with_holes(sound, depth_db, length_ms, rate=RATE, every_s=0.83):
    """``sound`` with a hole every so often, and the places of the holes."""
    holed, places = sound.copy(), []
    length = round(length_ms * rate / 1000)
    for start in range(round(0.5 * rate), sound.size - rate // 2, round(every_s * rate)):
        holed[start : start + length] *= 10 ** (-depth_db * tukey(length, 0.3) / 20)
        places.append((start, start + length))
    return holed, places


def met(findings, places):
    return [any(hole["start"] < stop and start < hole["stop"] for hole in findings["holes"]) for start, stop in places]


def closeness_db(sound, other, places):
    """Segmental signal-to-noise ratio in the holes."""
    ratios = []
    for start, stop in places:
        error = ((sound - other)[start:stop] ** 2).sum()
        ratios.append(10 * np.log10((sound[start:stop] ** 2).sum() / (error + 1e-12)))
    return float(np.clip(ratios, -10, 40).mean())


@pytest.mark.parametrize(
    ("depth_db", "length_ms", "share"), [(10, 20, 0.25), (18, 30, 0.6), (60, 12, 0.8), (60, 30, 0.8)]
)
def test_holes_are_found_and_the_sound_comes_closer(depth_db, length_ms, share, reading, recording_of, tmp_path):
    sound = tape(reading)
    holed, places = with_holes(sound, depth_db, length_ms)
    recording = recording_of(holed, RATE)
    result, findings = treated(recording, tmp_path)
    hit = met(findings, places)
    assert np.mean(hit) >= share
    assert len(findings["holes"]) <= sum(hit) + 1
    restored = result.read().samples[0]
    found = [place for place, known in zip(places, hit, strict=True) if known]
    assert closeness_db(sound, restored, found) > closeness_db(sound, holed, found) + (7 if depth_db < 25 else 1)
    verdict = FillDropouts().judge(recording, result, findings)
    assert verdict["helps"], verdict
    json.dumps(verdict, allow_nan=False)
    way = "lifted" if depth_db < 25 else "filled"
    assert findings[way] >= 0.8 * sum(hit)


def test_outside_the_holes_nothing_changes(reading, recording_of, tmp_path):
    for depth_db in (18, 60):
        holed, _ = with_holes(tape(reading), depth_db, 25)
        result, findings = treated(recording_of(holed, RATE), tmp_path, name=f"depth-{depth_db}")
        far = np.ones(holed.size, dtype=bool)
        for hole in findings["holes"]:
            far[hole["start"] - 288 : hole["stop"] + 288] = False
        changed = result.read().samples[0] != holed.astype(np.float32)
        assert changed.any()
        assert not (changed & far).any()


def test_digital_zeros_are_filled_and_long_ones_left(reading, recording_of, tmp_path):
    sound = tape(reading)
    for start_s, length_ms in ((1.0, 10), (5.0, 25), (9.0, 120)):
        sound[round(start_s * RATE) :][: length_ms * RATE // 1000] = 0.0
    result, findings = treated(recording_of(sound, RATE), tmp_path)
    ways = {round(hole["start"] / RATE): hole["mended"] for hole in findings["holes"]}
    assert ways.get(9, "no") == "no"
    assert {second for second, way in ways.items() if way == "fill"} <= {1, 5}
    assert findings["filled"] >= 1
    assert findings["filled_s"] < 0.05
    assert not result.read().samples[0, round(9.01 * RATE) : round(9.11 * RATE)].any()


def test_a_clean_voice_and_its_pauses_have_hardly_any(reading, interview, recording_of):
    for audio in (reading, interview):
        assert len(FillDropouts().measure(recording_of(audio.samples, RATE))["holes"]) <= 1


def test_real_tapes_have_hardly_any(corpus, recording_of):
    count = seconds = 0.0
    files = sorted((corpus / "historical").glob("*.mp3")) + sorted((corpus / "dev").glob("nabu*.mp3"))[:6]
    assert len(files) == 10
    for file in files:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True, frames=2_700_000)
        count += len(FillDropouts().measure(recording_of(samples.T[:1], rate))["holes"])
        seconds += samples.shape[0] / rate
    assert count / seconds < 1 / 60


def test_a_pause_cut_to_the_noise_of_the_tape_is_no_hole(recording_of):
    """A voice that stops at once and comes back at once leaves the noise where it was."""
    draw = np.random.default_rng(6)
    voice = 0.1 * draw.standard_normal(20 * RATE)
    for start in range(RATE, voice.size - RATE, RATE // 2):
        voice[start : start + RATE // 25] = 0.0
    noisy = voice + 0.001 * draw.standard_normal(voice.size)
    assert FillDropouts().measure(recording_of(noisy, RATE))["holes"] == []
    noisy[5 * RATE : 5 * RATE + RATE // 25] *= 0.1
    assert len(FillDropouts().measure(recording_of(noisy, RATE))["holes"]) == 1


@pytest.mark.parametrize("rate", [8000, 16000, 96000])
def test_other_rates(rate, reading):
    sound = tape(reading, rate)
    holed, places = with_holes(sound, 60, 25, rate)
    found = find_holes(holed, rate)
    hit = [any(hole.start < stop and start < hole.stop for hole in found) for start, stop in places]
    assert np.mean(hit) >= 0.7
    assert len(found) <= sum(hit) + 1


def test_a_channel_is_mended_alone(reading, recording_of, tmp_path):
    sound = tape(reading, seconds=10)
    holed, _ = with_holes(sound, 20, 25)
    result, findings = treated(recording_of(np.stack([sound, holed]), RATE), tmp_path)
    assert np.array_equal(result.read().samples[0], sound.astype(np.float32))
    assert {hole["channel"] for hole in findings["holes"]} == {1}


@pytest.mark.parametrize("length", [50, 500, 1900])
def test_a_gap_in_a_tone_is_filled_with_the_tone(length):
    time = np.arange(10_000) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.1 * np.sin(2 * np.pi * 1730 * time + 1)
    tone += 1e-4 * np.random.default_rng(3).standard_normal(time.size)
    holed = tone.copy()
    holed[4000 : 4000 + length] = 0.0
    assert np.abs(filled(holed, 4000, 4000 + length, RATE) - tone[4000 : 4000 + length]).max() < 0.02


def test_a_lift_gives_back_what_was_lost():
    noise = 0.1 * np.random.default_rng(7).standard_normal(RATE)
    holed = noise.copy()
    holed[20_016:22_032] *= 0.2
    restored = lifted(holed, 20_016, 22_032, RATE, 24.0)
    inside = slice(20_300, 21_700)
    assert np.std(restored[inside]) == pytest.approx(np.std(noise[inside]), rel=0.15)
    assert closeness_db(noise, restored, [(20_300, 21_700)]) > 14
    limited = lifted(holed, 20_016, 22_032, RATE, 6.0)
    assert np.std(limited[inside]) == pytest.approx(2 * np.std(holed[inside]), rel=0.05)


def test_what_is_no_better_is_judged_so(reading, recording_of, tmp_path):
    holed, _ = with_holes(tape(reading), 20, 25)
    recording = recording_of(holed, RATE)
    _, findings = treated(recording, tmp_path)
    louder = holed.copy()
    for hole in findings["holes"]:
        louder[hole["start"] : hole["stop"]] *= 100
    for other in (holed, louder):
        assert not FillDropouts().judge(recording, recording_of(other, RATE), findings)["helps"]


@pytest.mark.parametrize(("field", "value"), [("max_lift_db", 2.0), ("max_fill_ms", 61.0), ("max_lift_ms", 0.5)])
def test_parameters_are_checked(field, value):
    with pytest.raises(ValueError, match=f"{field} is from"):
        FillDropouts(**{field: value})
