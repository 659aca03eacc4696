"""Noise reduction: what it must do to noise, and above all what it must not do to a voice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from restoration.audio import Audio, Recording, Writer
from restoration.measures.quiet_stretches import noise_alone, pause_pieces, piece_power, sections_of
from restoration.nets.spectral_gate import gate_of, gated
from restoration.step import Findings
from restoration.steps.reduce_noise import ReduceNoise

RecordingOf = Callable[..., Recording]

RATE = 16000


def gate(**parameters: float) -> ReduceNoise:
    return ReduceNoise(method="gate", **parameters)


def noise(seconds: float, dbfs: float, seed: int = 0, rate: int = RATE) -> np.ndarray:
    return 10 ** (dbfs / 20) * np.random.default_rng(seed).standard_normal(round(seconds * rate))


def tones(seconds: float, rate: int = RATE) -> np.ndarray:
    """Half a second of harmonics, half a second of nothing, and so on."""
    time = np.arange(round(seconds * rate)) / rate
    voice = sum(np.sin(2 * np.pi * 150 * k * time + k) / k for k in range(1, 15))
    return 0.1 * voice * (time % 1 < 0.5)


def pauses_of(seconds: float) -> list[list[float]]:
    return [[second + 0.55, second + 0.95] for second in range(int(seconds))]


def found(seconds: float, profile: list[list[float]] | None = None) -> Findings:
    section = {"start_s": 0.0, "end_s": seconds, "noise_dbfs": -50.0, "profile": profile or pauses_of(seconds)}
    return {"needed": True, "reason": "", "sections": [section]}


def treated(step: ReduceNoise, recording: Recording, findings: Findings, path: Path) -> np.ndarray:
    with Writer(path / "treated.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording.read().samples


def level_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=float))))


def si_sdr_db(sound: np.ndarray, clean: np.ndarray) -> float:
    kept = (sound @ clean) / (clean @ clean) * clean
    return level_db(kept) - level_db(sound - kept)


@pytest.mark.parametrize("block_frames", [1777, 2**15, 2**20])
def test_any_block_size_gives_the_same_sound(block_frames: int, recording_of: RecordingOf, tmp_path: Path) -> None:
    sound = np.stack([tones(12) + noise(12, -45), tones(12) + noise(12, -40, 1)])
    step = gate()
    reference = treated(step, recording_of(sound, RATE), found(12), tmp_path)
    assert np.abs(treated(step, recording_of(sound, RATE, block_frames), found(12), tmp_path) - reference).max() < 1e-6


def test_the_gates_own_blocks_leave_no_seam(recording_of: RecordingOf, tmp_path: Path) -> None:
    """What the step writes in blocks of 10 s is what one call of the gate over everything gives."""
    sound = (tones(25) + noise(25, -45)).astype(np.float32)
    recording = recording_of(sound, RATE)
    step = gate()
    in_blocks = treated(step, recording, found(25), tmp_path)[0]
    whole = gated(gate_of(noise_alone(recording, pauses_of(25))[0], RATE, step.smoothing), sound)
    assert np.abs(in_blocks - (step.share * whole + (1 - step.share) * sound)).max() < 1e-6


def test_noise_falls_by_the_wanted_amount_and_is_not_shut_off(recording_of: RecordingOf, tmp_path: Path) -> None:
    recording = recording_of(noise(10, -50), RATE)
    for reduction_db in (6, 12, 24):
        step = gate(reduction_db=reduction_db)
        left = treated(step, recording, found(10, [[0.0, 10.0]]), tmp_path)[0]
        assert -50 - reduction_db - 0.5 < level_db(left[RATE:-RATE]) < -50 - 0.8 * reduction_db
        windows = left[: left.size // 1600 * 1600].reshape(-1, 1600)
        assert min(level_db(window) for window in windows) > -50 - reduction_db - 3


def test_the_dial_goes_from_as_recorded_to_full(recording_of: RecordingOf, tmp_path: Path) -> None:
    sound = tones(8) + noise(8, -45)
    recording = recording_of(sound, RATE)
    as_recorded = treated(gate(strength=0), recording, found(8), tmp_path)[0]
    assert np.abs(as_recorded - recording.read().samples[0]).max() < 1e-6
    distances = [
        level_db(treated(gate(strength=strength), recording, found(8), tmp_path)[0] - sound)
        for strength in (0.25, 0.5, 1.0)
    ]
    assert distances == sorted(distances) and distances[2] > distances[0] + 6


@pytest.mark.parametrize("rate", [8000, 48000, 192000])
def test_a_voice_keeps_its_level_at_every_frequency(rate: int, recording_of: RecordingOf, tmp_path: Path) -> None:
    """noisereduce alone turns the lowest harmonics down by 5 dB, for it smooths its mask against nothing below 0 Hz."""
    time = np.arange(3 * rate) / rate
    voice = sum(np.sin(2 * np.pi * 100 * k * time + k * k) for k in range(1, 36))
    sound = 0.01 * voice * (time > 1) + noise(3, -80, rate=rate)
    left = treated(gate(), recording_of(sound, rate), found(3, [[0.1, 0.9]]), tmp_path)[0]
    middle = slice(round(1.5 * rate), round(2.5 * rate))
    before, after = (np.abs(np.fft.rfft(each[middle])) for each in (sound, left))
    for tone_hz in (100, 200, 300, 1000, 2500):
        assert 20 * np.log10(after[tone_hz] / before[tone_hz]) == pytest.approx(0, abs=0.3), tone_hz


def test_digital_silence_stays_digital_silence(recording_of: RecordingOf, tmp_path: Path) -> None:
    sound = np.concatenate([np.zeros(14 * RATE), tones(14) + noise(14, -45)])
    left = treated(gate(), recording_of(sound, RATE), found(28, [[14.55, 14.95], [15.55, 15.95]]), tmp_path)[0]
    assert np.isfinite(left).all()
    assert not left[: 13 * RATE].any()


def test_a_silent_recording_is_left_alone(recording_of: RecordingOf) -> None:
    assert gate().measure(recording_of(np.zeros((2, RATE)), RATE))["needed"] is False


@pytest.mark.parametrize("frames", [1, 100, 1000, 1025])
def test_very_short_recordings(frames: int, recording_of: RecordingOf, tmp_path: Path) -> None:
    recording = recording_of(noise(1, -30)[:frames], RATE)
    assert gate().measure(recording)["needed"] is False
    assert treated(gate(), recording, found(1, [[0.0, 1.0]]), tmp_path).shape == (1, frames)


def test_a_noise_that_rises_is_followed(recording_of: RecordingOf, tmp_path: Path) -> None:
    """noisereduce's own statistics come from the first seconds alone; then the louder half passes untouched."""
    quiet, loud = noise(40, -70), noise(40, -44, 1)
    recording = recording_of(np.concatenate([quiet, loud]), RATE)
    sections = sections_of(piece_power(recording), np.ones(800, bool), section_s=40, wanted_s=15)
    assert [section.noise_dbfs for section in sections] == pytest.approx([-70, -44], abs=0.5)
    findings = found(80)
    findings["sections"] = [
        {"start_s": s.start_s, "end_s": s.end_s, "noise_dbfs": s.noise_dbfs, "profile": list(s.stretches)}
        for s in sections
    ]
    left = treated(gate(), recording, findings, tmp_path)[0]
    assert level_db(left[5 * RATE : 35 * RATE]) == pytest.approx(-91, abs=2)
    assert level_db(left[45 * RATE : 75 * RATE]) == pytest.approx(-65, abs=2)


class TestWhereTheNoiseIsAlone:
    def test_only_pauses_are_taken_and_no_digital_silence(self, recording_of: RecordingOf) -> None:
        sound = tones(20) + noise(20, -60)
        sound[15 * RATE :] = 0
        recording = recording_of(sound, RATE)
        speech = [(float(second), second + 0.5) for second in range(20)]
        power = piece_power(recording)
        (section,) = sections_of(power, pause_pieces(power.size, speech), section_s=300, wanted_s=15)
        assert section.in_pauses
        assert section.noise_dbfs == pytest.approx(-60, abs=0.5)
        for start_s, end_s in section.stretches:
            assert start_s % 1 >= 0.499 and end_s <= 15
            assert end_s - int(start_s) <= 1.001

    def test_breaths_are_not_taken_for_noise(self, recording_of: RecordingOf) -> None:
        sound = noise(20, -60)
        for second in range(0, 20, 4):
            sound[second * RATE : second * RATE + RATE // 2] *= 8
        power = piece_power(recording_of(sound, RATE))
        (section,) = sections_of(power, np.ones(power.size, bool), section_s=300, wanted_s=15)
        assert section.noise_dbfs == pytest.approx(-60, abs=0.5)

    def test_without_a_pause_the_quietest_pieces_have_to_do(self, recording_of: RecordingOf) -> None:
        power = piece_power(recording_of(tones(20) + noise(20, -60), RATE))
        (section,) = sections_of(power, np.zeros(power.size, bool), section_s=300, wanted_s=15)
        assert not section.in_pauses
        assert section.noise_dbfs == pytest.approx(-60, abs=1)

    def test_music_in_the_pauses_is_not_taken_for_noise(self, recording_of: RecordingOf) -> None:
        sound = noise(20, -60)
        sound[: 10 * RATE] *= 100
        power = piece_power(recording_of(sound, RATE))
        (section,) = sections_of(power, np.arange(power.size) < 100, section_s=300, wanted_s=15)
        assert not section.in_pauses
        assert section.noise_dbfs == pytest.approx(-60, abs=1)

    def test_any_block_size_finds_the_same_levels(self, recording_of: RecordingOf) -> None:
        sound = tones(5) + noise(5, -50)
        reference = piece_power(recording_of(sound, RATE))
        assert np.array_equal(piece_power(recording_of(sound, RATE, 1999)), reference)
        assert reference.size == 50


class TestOnAVoice:
    def test_hiss_is_learnt_in_the_pauses_and_the_voice_comes_closer(
        self, reading: Audio, recording_of: RecordingOf, tmp_path: Path
    ) -> None:
        clean = reading.samples[0, : 20 * reading.sample_rate].astype(float)
        hiss = noise(20, level_db(clean) - 15, rate=reading.sample_rate)
        recording = recording_of(clean + hiss, reading.sample_rate)
        step = gate()
        findings = json.loads(json.dumps(step.measure(recording)))
        assert findings["needed"] and findings["profile_from"] == "pauses"
        assert findings["noise_dbfs"] == pytest.approx(level_db(hiss), abs=0.7)
        left = treated(step, recording, findings, tmp_path)[0]
        assert si_sdr_db(left, clean) > si_sdr_db(clean + hiss, clean) + 2.5
        profile = findings["sections"][0]["profile"]
        assert all(
            level_db(clean[round(a * reading.sample_rate) : round(b * reading.sample_rate)]) < level_db(hiss) - 6
            for a, b in profile
        )

    def test_it_is_no_worse_than_the_library_that_is_given_the_noise_itself(
        self, reading: Audio, recording_of: RecordingOf, tmp_path: Path
    ) -> None:
        import noisereduce

        clean = reading.samples[0, : 15 * reading.sample_rate].astype(float)
        hiss = noise(15, level_db(clean) - 20, rate=reading.sample_rate)
        alone = noise(5, level_db(clean) - 20, 9, reading.sample_rate)
        recording = recording_of(clean + hiss, reading.sample_rate)
        step = gate(reduction_db=60)
        ours = treated(step, recording, step.measure(recording), tmp_path)[0]
        theirs = noisereduce.reduce_noise(clean + hiss, reading.sample_rate, stationary=True, y_noise=alone)
        assert si_sdr_db(ours, clean) > si_sdr_db(theirs, clean)

    def test_a_clean_voice_is_left_alone(self, reading: Audio, recording_of: RecordingOf) -> None:
        findings = gate().measure(recording_of(reading.samples, reading.sample_rate))
        assert findings["needed"] is False
        assert "left alone" in findings["reason"]

    def test_a_voice_nobody_hears_is_not_taken_for_noise(self, recording_of: RecordingOf) -> None:
        findings = gate().measure(recording_of(tones(20) + noise(20, -60), RATE))
        assert findings["profile_from"] == "quietest pieces" or findings["noise_dbfs"] == pytest.approx(-60, abs=2)


@pytest.mark.parametrize("wrong", [{"strength": 1.1}, {"reduction_db": -1}, {"smoothing_hz": 50}, {"profile_s": 0}])
def test_what_makes_no_sense_is_refused_before_any_sound(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ReduceNoise(**wrong)


@pytest.mark.parametrize("snr_db", [3.0, 12.0])
def test_a_voice_in_much_noise_is_not_eaten(snr_db: float, reading: Audio, recording_of: RecordingOf, tmp_path: Path):
    """What the gate takes from the louder voice is bounded; unbounded, it takes more where the noise is strong."""
    clean = reading.samples[0].astype(np.float64)
    loud = np.abs(clean) > 2 * clean.std()
    noise = np.random.default_rng(4).standard_normal(clean.size) * clean.std() * 10 ** (-snr_db / 20)
    recording = recording_of(clean + noise, reading.sample_rate)
    lost_db = {}
    for most in (1.0, 60.0):
        step = gate(max_voice_loss_db=most)
        findings = step.measure(recording)
        with Writer(tmp_path / f"{most}.f32") as writer:
            step.treat(recording, findings, writer)
        treated = writer.recording.read().samples[0]
        # The part of the treated sound that is the voice, by projection.
        lost_db[most] = -20 * np.log10(np.dot(treated[loud], clean[loud]) / np.dot(clean[loud], clean[loud]))
    # The projection counts phase and smoothing too, so it may say a little more than the power that was bounded.
    assert lost_db[1.0] < 1.6
    if snr_db < 5:
        assert lost_db[60.0] > lost_db[1.0] + 0.5
        assert "held back" in gate(max_voice_loss_db=1.0).measure(recording)["reason"]
