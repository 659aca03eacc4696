from __future__ import annotations

import numpy as np
import pytest
import soundfile

from restoration.measures.dropouts import DropoutMeter, dropouts_per_min

HOLES_S = np.arange(1.0, 29.0, 2.0)


def noisy(seconds: float, sample_rate: int = 48_000) -> np.ndarray:
    """Loud noise for two seconds, then a second of a pause 30 dB under it."""
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    gain = np.where(time_s % 3.0 < 2.0, 1.0, 10.0**-1.5)
    return 0.1 * gain * np.random.default_rng(9).standard_normal(time_s.size)


def with_holes(samples: np.ndarray, length_ms: float, depth_db: float, sample_rate: int = 48_000) -> np.ndarray:
    holed = samples.copy()
    length, ramp = round(length_ms * sample_rate / 1000), sample_rate // 1000
    gain = np.full(length, 10.0 ** (-depth_db / 20.0))
    gain[:ramp] = np.linspace(1.0, gain[0], ramp)
    gain[-ramp:] = gain[:ramp][::-1]
    for start_s in HOLES_S:
        start = round(start_s * sample_rate)
        holed[..., start : start + length] *= gain
    return holed


def loud_holes(length_s: float) -> int:
    phase_s = HOLES_S % 3.0
    return int(((phase_s < 1.9 - length_s) & (phase_s > 0.1)).sum())


@pytest.mark.parametrize("sample_rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("depth_db", [30.0, 60.0])
@pytest.mark.parametrize("length_ms", [12.0, 60.0, 180.0])
def test_holes_in_loud_sound_are_counted(recording_of, length_ms, depth_db, sample_rate):
    samples = with_holes(noisy(30.0, sample_rate), length_ms, depth_db, sample_rate)
    counted = dropouts_per_min(recording_of(samples, sample_rate)) / 2.0
    assert counted == pytest.approx(loud_holes(length_ms / 1000.0), abs=1)


@pytest.mark.parametrize(("length_ms", "depth_db"), [(300.0, 30.0), (60.0, 10.0), (2.1, 30.0)])
def test_long_shallow_and_tiny_holes_are_none(recording_of, length_ms, depth_db):
    samples = with_holes(noisy(30.0), length_ms, depth_db)
    assert dropouts_per_min(recording_of(samples, 48_000)) == 0.0


def test_hum_does_not_hide_a_hole(recording_of):
    hum = 0.3 * np.sin(2.0 * np.pi * 50.0 * np.arange(30 * 48_000) / 48_000)
    samples = with_holes(noisy(30.0), 60.0, 30.0) + hum
    assert dropouts_per_min(recording_of(samples, 48_000)) / 2.0 == pytest.approx(loud_holes(0.06), abs=1)


def test_the_worst_channel_counts(recording_of):
    whole = noisy(30.0)
    pair = np.stack([whole, with_holes(whole, 60.0, 30.0)])
    assert dropouts_per_min(recording_of(pair, 48_000)) / 2.0 == pytest.approx(loud_holes(0.06), abs=1)


def test_holes_in_speech_are_found_and_few_are_seen_in_whole_speech(recording_of, reading):
    assert dropouts_per_min(recording_of(reading.samples, 48_000)) <= 4.0
    samples = with_holes(reading.samples + 0.0, 40.0, 200.0)
    assert dropouts_per_min(recording_of(samples, 48_000)) >= 8.0


def test_real_tapes_have_none_that_speech_explains(recording_of, corpus):
    for file in sorted((corpus / "historical").glob("*.mp3")):
        samples, sample_rate = soundfile.read(file, dtype="float32", always_2d=True, frames=2_000_000)
        assert dropouts_per_min(recording_of(samples.T, sample_rate)) == 0.0, file.name


def test_silence_and_what_is_too_short_have_none(recording_of):
    for samples in (np.zeros((2, 100_000)), np.ones(1), np.ones(5)):
        assert dropouts_per_min(recording_of(samples, 48_000)) == 0.0


def test_digital_zeros_count_in_pauses_and_in_hum_as_well(recording_of):
    hum = 0.5 * np.sin(2.0 * np.pi * 60.0 * np.arange(30 * 48_000) / 48_000)
    samples = 0.1 * noisy(30.0) + hum
    for start_s in HOLES_S:
        samples[round(start_s * 48_000) :][:480] = 0.0
    # Zeros in a pause are a fault of the transfer too.
    assert dropouts_per_min(recording_of(samples, 48_000)) / 2.0 == HOLES_S.size


@pytest.mark.parametrize("size", [997, 65_536])
def test_on_a_long_tape_every_hole_counts_once_whatever_the_pieces(size):
    samples = 0.1 * np.random.default_rng(4).standard_normal((1, 8_000 * 150))
    starts = np.arange(4_000, samples.size - 4_000, 1_600)
    for start in starts:
        samples[0, start : start + 240] = 0.0
    meter = DropoutMeter(8_000, 1)
    for start in range(0, samples.shape[1], size):
        meter.feed(samples[:, start : start + size])
    assert meter.per_min * 2.5 == pytest.approx(starts.size, abs=1e-6)
