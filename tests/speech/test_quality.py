"""The figures of a segment are those of a sound of which they are known."""

from __future__ import annotations

import numpy as np
import pytest

from restoration.speech.quality import neighbours, pauses_between, quality_figures

RATE = 16000


def noise(seconds: float, level_dbfs: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 10 ** (level_dbfs / 20), round(seconds * RATE))


def tape(snr_db: float = 20.0, level_dbfs: float = -20.0) -> np.ndarray:
    """Six seconds of noise, with louder noise from second 2 to second 4."""
    sound = noise(6, level_dbfs - snr_db)
    sound[2 * RATE : 4 * RATE] += noise(2, level_dbfs, seed=2)
    return sound


def figures_of(recording, spans=((2.0, 4.0),), probabilities=None):
    course = np.full(200, 0.5, dtype=np.float32) if probabilities is None else probabilities
    return quality_figures(recording, spans, course, 0.032)


@pytest.mark.parametrize("snr_db", [0, 10, 30])
def test_signal_to_noise_is_measured_against_the_pauses(recording_of, snr_db):
    [figures] = figures_of(recording_of(tape(snr_db), RATE))
    assert figures.snr_db == pytest.approx(snr_db, abs=1.0)


def test_level_and_peak(recording_of):
    sound = noise(6, -60)
    sound[2 * RATE : 4 * RATE] = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    [figures] = figures_of(recording_of(np.stack([sound, sound]), RATE))
    assert figures.level_dbfs == pytest.approx(-9.03, abs=0.05)
    assert figures.peak_dbfs == pytest.approx(-6.02, abs=0.05)
    assert figures.clipped_share == 0.0


def test_flat_tops_are_counted(recording_of):
    wave = 1.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    sound = noise(6, -60)
    sound[2 * RATE : 4 * RATE] = np.clip(wave, -1, 1)
    [figures] = figures_of(recording_of(sound, RATE))
    assert figures.clipped_share == pytest.approx(np.mean(np.abs(wave) > 1), abs=0.05)


def test_bandwidth_of_a_band_limited_segment(recording_of):
    from scipy.signal import butter, sosfilt

    sound = noise(6, -70)
    sound[2 * RATE : 4 * RATE] += sosfilt(butter(10, 3000, fs=RATE, output="sos"), noise(2, -20, seed=4))
    [figures] = figures_of(recording_of(sound, RATE))
    assert 2800 < figures.bandwidth_hz < 4500


def test_speech_probability_is_the_mean_over_the_segment(recording_of):
    course = np.zeros(200, dtype=np.float32)
    course[round(2 / 0.032) : round(4 / 0.032)] = 0.8
    [figures] = figures_of(recording_of(tape(), RATE), probabilities=course)
    assert figures.speech_probability == pytest.approx(0.8, abs=0.02)


def test_without_a_pause_there_is_no_signal_to_noise(recording_of):
    figures = figures_of(recording_of(tape(), RATE), [(0.0, 3.0), (3.0, 6.0)])
    assert [figure.snr_db for figure in figures] == [None, None]


def test_silence_is_measured_without_a_warning(recording_of):
    [figures] = figures_of(recording_of(np.zeros(6 * RATE), RATE))
    assert (figures.level_dbfs, figures.peak_dbfs) == (-120.0, -120.0)
    assert (figures.snr_db, figures.bandwidth_hz, figures.clipped_share) == (None, None, 0.0)


@pytest.mark.parametrize("block_frames", [1000, 2**16 + 1])
def test_the_size_of_the_blocks_changes_nothing(recording_of, block_frames):
    whole = figures_of(recording_of(tape(), RATE))
    assert figures_of(recording_of(tape(), RATE, block_frames)) == whole


def test_pauses_and_neighbours():
    pauses = pauses_between([(1.0, 2.0), (2.1, 3.0), (6.0, 7.0)], 7.1)
    assert pauses == [(0.0, 1.0), (3.0, 6.0)]
    assert neighbours(pauses, (2.1, 3.0)) == [(0.0, 1.0), (3.0, 5.0)]
    assert neighbours(pauses, (6.0, 7.0)) == [(4.0, 6.0)]
