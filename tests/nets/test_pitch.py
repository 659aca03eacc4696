"""Pitch on one grid, whatever the method: known courses are found, silence and noise have none."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from scipy.signal import butter, sosfilt

from restoration.audio import Audio
from restoration.errors import RestorationError
from restoration.nets import pitch as module
from restoration.nets.autocorrelation import autocorrelation
from restoration.nets.pitch import METHODS, count_frames, pitch, swift_f0
from restoration.simulate.age import age
from restoration.simulate.chains import worn_disc

RATE = 16000
OWN = ("swift-f0", "autocorrelation")
FORMANTS = {"a": (730, 1090, 2440), "i": (270, 2290, 3010), "u": (300, 870, 2240)}
"""Hz, of men (Peterson and Barney 1952)."""


def buzz(f0_hz: np.ndarray, formants_hz: tuple[int, ...] = ()) -> np.ndarray:
    """A voiced sound with this course of F0 (time,): harmonics that fall by 6 dB an octave, through formants."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
    total = np.zeros(f0_hz.size)
    for order in range(1, int(7500 / f0_hz.min()) + 1):
        hz = order * f0_hz
        gain = (hz < 7500) / order
        for formant in formants_hz:
            gain = gain / np.hypot(1 - (hz / formant) ** 2, 80 * hz / formant**2)
        total += gain * np.cos(order * phase + order)
    return (0.1 * total / np.sqrt(np.mean(total**2))).astype(np.float32)


def semitones(found_hz: np.ndarray, true_hz: np.ndarray) -> np.ndarray:
    """Distance of the voiced frames from the course (time,), at their centres."""
    at = np.arange(found_hz.size) * 128
    true = np.interp(at, np.arange(true_hz.size), true_hz)
    voiced = found_hz > 0
    return 12 * np.log2(found_hz[voiced] / true[voiced])


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize(("start_hz", "octaves"), [(80, 1.5), (400, -1.5), (250, 1.5)])
def test_a_sweep_is_followed_without_delay(method: str, start_hz: float, octaves: float) -> None:
    course = start_hz * 2 ** (octaves * np.arange(24000) / 24000)
    found = pitch(buzz(course), method)
    errors = np.abs(semitones(found.f0_hz, course))
    assert (found.f0_hz > 0).mean() > 0.9
    # 8 ms of this sweep are 0.1 semitone: frames that lie one hop off would show in the median.
    assert np.median(errors) < 0.06
    assert np.quantile(errors, 0.95) < 0.3


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize("vowel", FORMANTS)
@pytest.mark.parametrize("f0_hz", [75, 120, 230, 420])
def test_vowels_are_found_in_their_octave(method: str, vowel: str, f0_hz: float) -> None:
    course = np.full(8000, float(f0_hz))
    found = pitch(buzz(course, FORMANTS[vowel]), method)
    errors = np.abs(semitones(found.f0_hz, course))
    assert (found.f0_hz > 0).mean() > 0.85
    assert np.quantile(errors, 0.9) < 0.3
    assert (errors > 6).mean() < 0.05


@pytest.mark.parametrize("method", OWN)
def test_a_voice_that_lost_its_fundamental_keeps_its_octave(method: str) -> None:
    course = np.full(16000, 140.0)
    telephone = butter(6, 300, "highpass", fs=RATE, output="sos")
    narrow = sosfilt(telephone, buzz(course, FORMANTS["a"]))
    errors = np.abs(semitones(pitch(narrow, method).f0_hz, course))
    assert errors.size > 80
    assert (errors > 6).mean() < 0.05


@pytest.mark.parametrize("method", OWN)
def test_silence_and_noise_have_no_pitch(method: str) -> None:
    noise = np.random.default_rng(3).standard_normal(3 * RATE).astype(np.float32)
    assert not pitch(np.zeros(RATE), method).f0_hz.any()
    assert (pitch(0.1 * noise, method).f0_hz > 0).mean() < 0.05
    assert (pitch(0.001 * noise, method).f0_hz > 0).mean() < 0.05


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 300, 5000])
def test_one_frame_every_128_samples(method: str, size: int) -> None:
    found = pitch(buzz(np.full(5000, 200.0))[:size], method)
    assert found.f0_hz.shape == found.confidence.shape == (1 + size // 128,) == (count_frames(size),)
    assert found.f0_hz.dtype == found.confidence.dtype == np.float32
    assert np.array_equal(found.f0_hz > 0, found.confidence >= 0.5)


@pytest.mark.parametrize("method", OWN)
def test_the_level_does_not_matter(method: str, reading: Audio) -> None:
    heard = spoken(reading)[: 6 * RATE]
    loud, faint = pitch(heard, method), pitch(heard / 30, method)
    assert np.abs(loud.confidence - faint.confidence).max() < 1e-3


@pytest.mark.parametrize(("own", "pieces"), [(swift_f0, (40, 1875)), (autocorrelation, (50, 512))])
def test_the_size_of_the_pieces_cannot_be_measured(own, pieces: tuple[int, int], reading: Audio) -> None:
    heard = spoken(reading)[: 6 * RATE + 77]
    (f0_hz, confidence), (whole_hz, whole) = (own(heard, 50.0, 1000.0, piece) for piece in pieces)
    assert np.abs(confidence - whole).max() < 1e-4
    voiced = whole >= 0.5
    assert voiced.sum() > 200
    assert np.abs(f0_hz[voiced] / whole_hz[voiced] - 1).max() < 1e-4


@pytest.mark.parametrize("method", OWN)
def test_only_the_range_that_is_asked_for(method: str) -> None:
    found = pitch(buzz(np.full(8000, 200.0)), method, lowest_hz=60, highest_hz=150)
    assert found.f0_hz.max() <= 151
    found = pitch(buzz(np.full(8000, 200.0)), method, lowest_hz=250, highest_hz=900)
    assert found.f0_hz[found.f0_hz > 0].min(initial=900) >= 248


@pytest.mark.parametrize(
    ("method", "gross", "found", "wrong"), [("swift-f0", 0.01, 0.95, 0.03), ("autocorrelation", 0.03, 0.95, 0.06)]
)
def test_an_aged_disc_at_10_db_keeps_its_pitch(
    method: str, gross: float, found: float, wrong: float, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = at_16_khz(corpus / "dev" / "reading_lj" / "LJ001-0004.opus")
    aged = as_a_disc(clean, snr_db=10.0)
    # The truth is where two methods that have nothing in common agree on the clean reading.
    first, second = (pitch(clean, each).f0_hz for each in OWN)
    both = (first > 0) & (second > 0)
    ratio = np.where(both, first, 1) / np.where(both, second, 1)
    true = both & (np.abs(12 * np.log2(ratio)) < 0.5)
    nothing = (first == 0) & (second == 0)
    heard = pitch(aged, method).f0_hz
    voiced = true & (heard > 0)
    errors = (np.abs(12 * np.log2(heard[voiced] / first[voiced])) > 3).mean()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{method} on a disc at 10 dB: gross errors {errors:.3f}, voiced frames found "
            f"{voiced.sum() / true.sum():.3f}, unvoiced frames taken for voiced {(heard[nothing] > 0).mean():.3f}"
        )
    assert errors <= gross
    assert voiced.sum() / true.sum() >= found
    assert (heard[nothing] > 0).mean() <= wrong


def test_an_octave_leap_inside_a_run_is_no_glide() -> None:
    f0_hz, confidence = module._halved(np.array([100.0, 200.0]), np.array([0.9, 0.8]), 3)
    assert np.allclose(f0_hz, [100, 100, 200])
    f0_hz, confidence = module._halved(np.array([100.0, 110.0, 110.0]), np.array([0.9, 0.8, 0.1]), 5)
    assert np.allclose(f0_hz[:3], [100, np.sqrt(11000), 110])
    assert list(confidence >= 0.5) == [True, True, True, False, False]


def test_what_cannot_be_done_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = np.zeros(1000, dtype=np.float32)
    with pytest.raises(RestorationError, match="no F0 method 'rmvpe'; there are swift-f0, autocorrelation, harvest"):
        pitch(sound, "rmvpe")
    with pytest.raises(RestorationError, match="one channel"):
        pitch(np.zeros((2, 1000)))
    with pytest.raises(RestorationError, match="not numbers"):
        pitch(np.full(1000, np.nan))
    for lowest_hz, highest_hz in [(400, 300), (20, 300), (100, 5000), (np.nan, 300)]:
        with pytest.raises(RestorationError, match="cannot be searched for"):
            pitch(sound, lowest_hz=lowest_hz, highest_hz=highest_hz)
    monkeypatch.setitem(sys.modules, "pyworld", None)
    with pytest.raises(RestorationError, match="pip install pyworld"):
        pitch(sound, "harvest")
    assert (*OWN, "harvest") == METHODS


def test_harvest_is_on_the_same_grid() -> None:
    pytest.importorskip("pyworld", reason="the method harvest needs the package pyworld")
    course = 100 * 2 ** (np.arange(16000) / 16000)
    found = pitch(buzz(course), "harvest")
    assert found.f0_hz.shape == (126,)
    assert np.median(np.abs(semitones(found.f0_hz, course))) < 0.1


def at_16_khz(file: Path) -> np.ndarray:
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(samples.mean(axis=1), rate, RATE), dtype=np.float32)


def spoken(reading: Audio) -> np.ndarray:
    return np.asarray(soxr.resample(reading.samples[0], reading.sample_rate, RATE), dtype=np.float32)


def as_a_disc(clean: np.ndarray, snr_db: float) -> np.ndarray:
    """``clean`` as a worn disc whose crackle, hiss, rumble and hum together lie so far below the voice."""
    made = age(Audio(clean[None], RATE), worn_disc(), 1)
    voice = made.programme.samples[0].astype(np.float64)
    noise = made.audio.samples[0] - voice
    noise *= np.sqrt(np.mean(voice**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    return (voice + noise).astype(np.float32)
