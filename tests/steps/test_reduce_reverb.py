"""A room is told by the voice's decays, and what it adds late goes; a dry voice is left alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from restoration.audio import Audio, Recording, Writer
from restoration.measures.reverberation import Decays
from restoration.repair.reverberation import late_reverberation
from restoration.simulate.room import Reverberation
from restoration.steps.reduce_reverb import ReduceReverb

RATE = 16000
EARLY_S = 0.05
SEEDS = {0.6: 2, 0.9: 3, 1.2: 4}
GAIN_DB = 1.5


def in_room(voice: np.ndarray, rt60_s: float, sample_rate: int = RATE) -> tuple[np.ndarray, np.ndarray]:
    """The voice in a room, and the same with its early reflections alone."""
    room = Reverberation(rt60_s=rt60_s, distance_m=2.5, volume_m3=150)
    response, _ = room.impulse_response(1, sample_rate, np.random.default_rng(SEEDS[rt60_s]))
    early = response[0, : round(EARLY_S * sample_rate)]
    size = voice.size + response.shape[1]
    sounds = (np.fft.irfft(np.fft.rfft(voice, size) * np.fft.rfft(each, size), size) for each in (response[0], early))
    wet, dry = (sound[: voice.size] for sound in sounds)
    return wet, dry


def si_sdr_db(sound: np.ndarray, clean: np.ndarray) -> float:
    kept = (sound @ clean) / (clean @ clean) * clean
    return float(10 * np.log10((kept @ kept) / ((sound - kept) @ (sound - kept))))


def written(step: ReduceReverb, recording: Recording, path: Path, findings: dict | None = None) -> Recording:
    with Writer(path / "treated.f32") as writer:
        step.treat(recording, findings or {}, writer)
    return writer.recording


def treated(step: ReduceReverb, recording: Recording, path: Path) -> tuple[dict, Recording]:
    findings = json.loads(json.dumps(step.measure(recording)))
    return findings, written(step, recording, path, findings)


@pytest.fixture(scope="module")
def voice(reading: Audio) -> np.ndarray:
    """Sixteen seconds at 16 kHz."""
    return np.asarray(soxr.resample(reading.samples[0], reading.sample_rate, RATE)[: 16 * RATE], dtype=np.float64)


@pytest.fixture(scope="module")
def roomy(voice, tmp_path_factory) -> tuple[Recording, dict, Recording]:
    """The voice in a room of 0.9 s, what was found, and the result."""
    path = tmp_path_factory.mktemp("room")
    wet = in_room(voice, 0.9)[0].astype(np.float32)
    recording = Recording.from_audio(path / "wet.f32", Audio(wet[None], RATE))
    return recording, *treated(ReduceReverb(), recording, path)


def test_a_voice_in_a_room_comes_closer_to_the_dry_one(voice, roomy) -> None:
    recording, findings, result = roomy
    assert findings["needed"], findings["reason"]
    assert findings["t60_s"] == pytest.approx(0.9, rel=0.25)
    dry = in_room(voice, 0.9)[1]
    before, after = (si_sdr_db(each.read().samples[0].astype(np.float64), dry) for each in (recording, result))
    assert after > before + GAIN_DB
    verdict = ReduceReverb().judge(recording, result, findings)
    assert verdict["helps"], verdict
    assert verdict["t60_after_s"] < 0.85 * findings["t60_s"]


def test_a_dry_voice_is_left_alone(reading: Audio, interview: Audio, recording_of) -> None:
    for sound in (reading, interview):
        findings = ReduceReverb().measure(recording_of(sound.samples, sound.sample_rate))
        assert findings["needed"] is False
        assert findings["t60_s"] < 0.3


@pytest.mark.parametrize("snr_db", [10.0, 20.0, 30.0])
def test_noise_is_not_taken_for_a_room(snr_db: float, voice, recording_of) -> None:
    noise = np.random.default_rng(1).standard_normal(voice.size) * np.std(voice) * 10 ** (-snr_db / 20)
    findings = ReduceReverb().measure(recording_of(voice + noise, RATE))
    assert findings["needed"] is False, findings["reason"]


def test_real_recordings_of_no_room_are_left_alone(corpus: Path, recording_of) -> None:
    """The development clips are read close to the microphone; the historical ones are broadcasts and a horn."""
    with (corpus / "dev.csv").open(encoding="utf-8", newline="") as file:
        files = [corpus / row["path"] for row in csv.DictReader(file)][:5]
    for path in [*files, *sorted((corpus / "historical").iterdir())]:
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True, frames=20 * 48000)
        findings = ReduceReverb().measure(recording_of(samples.T, sample_rate))
        assert findings["needed"] is False, (path.name, findings["reason"])


def test_the_reverberation_time_of_a_room_is_told(voice) -> None:
    for rt60_s in SEEDS:
        decays = Decays(RATE)
        decays.hear(in_room(voice, rt60_s)[0])
        assert decays.t60_s == pytest.approx(rt60_s, rel=0.25)


def test_too_few_decays_tell_nothing(voice) -> None:
    decays = Decays(RATE)
    decays.hear(voice[: 2 * RATE])
    assert decays.t60_s is None


def test_the_dial_goes_from_as_recorded_to_full(voice, recording_of, tmp_path: Path) -> None:
    recording = recording_of(in_room(voice, 0.9)[0][: 6 * RATE], RATE)
    sounds = [
        written(ReduceReverb(strength=strength, reach_s=0.3), recording, tmp_path).read().samples[0].astype(np.float64)
        for strength in (0.0, 0.5, 1.0)
    ]
    assert np.array_equal(sounds[0], recording.read().samples[0])
    assert not np.array_equal(sounds[2], sounds[0])
    assert np.abs((sounds[0] + sounds[2]) / 2 - sounds[1]).max() < 1e-6


def test_a_recipe_that_asks_for_nothing_gets_nothing(roomy) -> None:
    assert ReduceReverb(strength=0).measure(roomy[0])["needed"] is False


def test_what_lies_above_8_khz_is_left(reading: Audio, recording_of, tmp_path: Path) -> None:
    wet = in_room(reading.samples[0, : 6 * 48000].astype(np.float64), 0.9, 48000)[0]
    recording = recording_of(wet, 48000)
    sound = written(ReduceReverb(reach_s=0.3), recording, tmp_path).read().samples[0]
    taken = np.abs(np.fft.rfft(sound - recording.read().samples[0])) ** 2
    frequencies = np.fft.rfftfreq(wet.size, 1 / 48000)
    assert taken[frequencies > 8200].sum() < 1e-6 * taken.sum()


def test_any_block_size_gives_the_same_sound(voice, recording_of, tmp_path: Path) -> None:
    """Over two pieces, in stereo."""
    wet = np.concatenate([in_room(voice, 0.9)[0]] * 2)[: 32 * RATE : 2]
    both = np.stack([wet, 0.5 * np.roll(wet, 40)])
    step = ReduceReverb(reach_s=0.2)
    whole = written(step, recording_of(both, RATE // 2), tmp_path)
    assert written(step, recording_of(both, RATE // 2, 7001), tmp_path).pcm_sha256 == whole.pcm_sha256


def test_digital_silence_between_words_stays(voice) -> None:
    wet = in_room(voice, 0.9)[0][: 6 * RATE].astype(np.float32)
    wet[3 * RATE : 4 * RATE] = 0
    late = late_reverberation(wet, RATE, 0.3)
    assert not late[3 * RATE : 4 * RATE].any()
    assert late[2 * RATE : 3 * RATE].any() and np.isfinite(late).all()


def test_a_result_that_takes_an_octave_is_no_help(roomy, recording_of) -> None:
    recording, findings, result = roomy
    spectrum = np.fft.rfft(result.read().samples[0])
    frequencies = np.fft.rfftfreq(result.frames, 1 / RATE)
    spectrum[(frequencies > 700) & (frequencies < 1400)] *= 0.3
    verdict = ReduceReverb().judge(recording, recording_of(np.fft.irfft(spectrum, result.frames), RATE), findings)
    assert verdict["helps"] is False and verdict["octave_hz"] == 1000.0


def test_a_result_as_reverberant_as_before_is_no_help(roomy) -> None:
    recording, findings, _ = roomy
    verdict = ReduceReverb().judge(recording, recording, findings)
    assert verdict["helps"] is False and verdict["reason"].endswith("that is no help.")


@pytest.mark.parametrize(
    "wrong", [{"strength": 1.1}, {"reach_s": 2.0}, {"least_t60_s": 0.1}, {"max_tilt_db": 0.0}], ids=str
)
def test_what_makes_no_sense_is_refused_before_any_sound(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ReduceReverb(**wrong)
