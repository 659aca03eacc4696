"""The made band: its crossover, its gate, and the fit that says how loud it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve, firwin, freqz

from restoration.nets.band_replication import COEFFICIENTS, fit, replicated
from restoration.nets.missing_band import Band, Levels, sound_above_edge, speaking_at, taken_above_edge, transform

RATE = 48000
LOUD = Levels(pause_db=-120.0, voice_db=-40.0)


def narrow_noise(edge_hz: float, seconds: float = 2.0, rate: int = RATE, seed: int = 0) -> np.ndarray:
    sound = 0.05 * np.random.default_rng(seed).standard_normal(round(seconds * rate))
    low_pass = firwin(1201, edge_hz, fs=rate, window=("kaiser", 11))
    return fftconvolve(sound, low_pass, mode="same").astype(np.float32)


def band_db(sound: np.ndarray, low_hz: float, high_hz: float, rate: int = RATE) -> float:
    power = np.abs(np.fft.rfft(sound * np.hanning(sound.size))) ** 2
    frequencies = np.fft.rfftfreq(sound.size, 1 / rate)
    return float(10 * np.log10(power[(frequencies >= low_hz) & (frequencies < high_hz)].mean() + 1e-30))


@pytest.mark.parametrize("rate", [8000, 11025, 48000, 192000])
def test_the_crossover_passes_above_and_stops_below(rate: int) -> None:
    band = Band(rate, 3000.0, min(8000.0, 0.49 * rate))
    frequencies, response = freqz(band.crossover, worN=2**16, fs=rate)
    gain_db = 20 * np.log10(np.abs(response) + 1e-12)
    assert gain_db[frequencies <= 3000].max() < -100
    assert np.abs(gain_db[(frequencies >= 3200) & (frequencies < 0.48 * rate)]).max() < 0.1


@pytest.mark.parametrize("edge_hz", [2000.0, 3400.0, 5500.0])
def test_only_what_lies_above_the_edge_is_made(edge_hz: float) -> None:
    band = Band(RATE, edge_hz, 8000.0)
    sound = narrow_noise(edge_hz)
    made = replicated(sound, band, LOUD, speaking_at([[0.0, 2.0]], band, 0, sound.size))
    reference = band_db(sound, 200, 0.9 * edge_hz)
    assert band_db(made, 50, 0.99 * edge_hz) < reference - 100
    assert band_db(made, 8300, 24000) < reference - 60
    assert -30 < band_db(made, 1.1 * edge_hz, 7900) - reference < 0


def test_nothing_is_made_where_nobody_speaks() -> None:
    band = Band(RATE, 3400.0, 8000.0)
    sound = narrow_noise(3400, 4)
    made = replicated(sound, band, LOUD, speaking_at([[1.0, 2.0]], band, 0, sound.size))
    assert np.abs(made[round(1.2 * RATE) : round(1.8 * RATE)]).max() > 1e-4
    for start_s, end_s in ((0, 0.9), (2.1, 4)):
        assert not made[round(start_s * RATE) : round(end_s * RATE)].any()


def test_nothing_is_made_of_noise_as_loud_as_in_the_pauses() -> None:
    band = Band(RATE, 3400.0, 8000.0)
    sound = narrow_noise(3400)
    upper = 10 * np.log10(np.mean(np.abs(transform(sound, band)[60:90]) ** 2))
    made = replicated(sound, band, Levels(upper - 1, upper), speaking_at([[0.0, 2.0]], band, 0, sound.size))
    assert not made.any()


def test_when_somebody_speaks_is_told_by_the_place_on_the_tape() -> None:
    band = Band(RATE, 3400.0, 8000.0)
    regions = [[0.5, 1.0], [1.5, 1.6]]
    whole = speaking_at(regions, band, 0, 2 * RATE)
    assert whole.sum() * band.hop / RATE == pytest.approx(0.6, abs=0.02)
    start = 100 * band.hop
    part = speaking_at(regions, band, start, RATE)
    assert np.array_equal(part[:100], whole[100:200])


def test_what_a_network_made_is_brought_to_the_level_of_the_recording() -> None:
    band = Band(RATE, 3400.0, 8000.0)
    full = 0.05 * np.random.default_rng(5).standard_normal(2 * RATE).astype(np.float32)
    recorded = narrow_noise(3400, seed=5)
    speaking = speaking_at([[0.0, 2.0]], band, 0, recorded.size)
    for gain in (0.01, 1.0, 30.0):
        taken = taken_above_edge(np.float32(gain) * full, recorded, band, LOUD, speaking)
        assert band_db(taken, 4000, 7900) == pytest.approx(band_db(full, 4000, 7900), abs=0.5)
        assert band_db(taken, 50, 3350) < band_db(recorded, 200, 3000) - 100
    assert not taken_above_edge(np.zeros_like(full), recorded, band, LOUD, speaking).any()


def test_spectra_that_fit_together_give_their_sound_back() -> None:
    band = Band(RATE, 1500.0, 12000.0)
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 5000 * time).astype(np.float32)
    back = sound_above_edge(transform(tone, band), band, tone.size)
    assert np.abs(back - tone)[5000:-5000].max() < 1e-4


@pytest.mark.slow
def test_the_coefficients_are_what_the_training_voices_give(corpus: Path) -> None:
    """Sixty clips of three full-band voices, as if they ended at 3 to 7 kHz."""

    def voices():
        for speaker in ("kathleen", "nathalie", "flemishguy"):
            files = sorted((corpus / "train" / speaker).iterdir())
            for file in files[:: len(files) // 20][:20]:
                samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
                yield samples[: 8 * rate, 0], rate

    found = fit(voices(), (3000, 3400, 4000, 4700, 5500, 7000), 11000)
    assert np.abs(found - COEFFICIENTS).max() < 0.01, found.round(2).tolist()
