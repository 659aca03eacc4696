"""The clean readings are what their description says."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from restoration.audio import Audio, Recording
from restoration.speech.detect import speech_regions

MATERIAL = Path(__file__).parent.parent / "archive_manifests" / "demo"
PITCH_RATE = 8000


@pytest.fixture(scope="module", params=["reading", "interview"])
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def whole(name: str, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    samples, sample_rate = soundfile.read(MATERIAL / f"{name}.opus", dtype="float32", always_2d=True)
    return Recording.from_audio(tmp_path_factory.mktemp(name) / "whole.f32", Audio(samples.T.copy(), sample_rate))


def pitch_hz(voice: np.ndarray) -> float:
    """Median fundamental frequency, by the autocorrelation of 50 ms windows, where it is clear."""
    shape = np.hanning(400)
    own = np.fft.irfft(np.abs(np.fft.rfft(shape, 1024)) ** 2)[:160]
    found = []
    for start in range(0, voice.size - 400, 160):
        window = voice[start : start + 400] * shape
        lags = np.fft.irfft(np.abs(np.fft.rfft(window, 1024)) ** 2)[:160]
        if lags[0] < 1e-3:
            continue
        likeness = (lags / lags[0]) / (own / own[0])
        peak = 20 + int(np.argmax(likeness[20:130]))
        if likeness[peak] > 0.6:
            found.append(PITCH_RATE / peak)
    return float(np.median(found))


def test_it_is_mono_at_48_khz_and_as_long_as_said(name: str, whole: Recording) -> None:
    assert (whole.channels, whole.sample_rate) == (1, 48000)
    low, high = {"reading": (225, 255), "interview": (90, 120)}[name]
    assert low <= whole.duration_s <= high
    assert (MATERIAL / f"{name}.opus").stat().st_size < 1_200_000


def test_it_is_clean_level_and_quiet_at_the_ends(whole: Recording) -> None:
    samples = whole.read().samples[0]
    assert -4.5 < 20 * np.log10(np.abs(samples).max()) < -2.0
    assert abs(samples.mean()) < 1e-3
    for end in (samples[: 48000 // 4], samples[-48000 // 4 :]):
        assert 10 * np.log10(np.mean(end**2.0)) < -70


def test_it_sounds_beyond_the_band_of_a_worn_carrier(whole: Recording) -> None:
    samples = whole.read(0, 30 * 48000).samples[0].astype(np.float64)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(samples.size, 1 / 48000)
    assert 10 * np.log10(power[(hz > 8000) & (hz < 12000)].mean() / power[hz > 20500].mean()) > 30


def test_it_is_speech_with_pauses(name: str, whole: Recording) -> None:
    regions = speech_regions(whole)
    share = sum(end - start for start, end in regions) / whole.duration_s
    assert 0.7 < share < 0.95
    pauses = [after[0] - before[1] for before, after in pairwise(regions)]
    assert len(pauses) >= {"reading": 40, "interview": 25}[name]
    assert max(pauses) < 2.0


def test_the_interview_has_a_high_and_a_low_voice_and_the_reading_one(name: str, whole: Recording) -> None:
    mono = soxr.resample(whole.read(0, 90 * 48000).samples[0], 48000, PITCH_RATE)
    found = [
        pitch_hz(mono[int(start * PITCH_RATE) : int(end * PITCH_RATE)])
        for start, end in speech_regions(whole)
        if end < 90 and end - start > 1.0
    ]
    assert all(70 < hz < 200 for hz in found)
    high = sum(hz > 135 for hz in found)
    assert high == len(found) if name == "reading" else 6 <= high <= len(found) - 6


def test_the_text_holds_every_turn() -> None:
    turns = re.findall(r"^(ARCHIVIST|ANNOUNCER): ", (MATERIAL / "interview.txt").read_text("utf-8"), re.MULTILINE)
    assert turns == ["ARCHIVIST", "ANNOUNCER"] * (len(turns) // 2)
    assert len((MATERIAL / "reading.txt").read_text("utf-8").split()) > 700
