from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from restoration.audio import Audio, Writer
from restoration.mastering import Band, equalise, limited

BANDS = [
    Band(kind="highpass", frequency_hz=60.0, slope_db_per_octave=18),
    Band(kind="low_shelf", frequency_hz=200.0, gain_db=-3.0),
    Band(kind="peak", frequency_hz=2_500.0, gain_db=4.0, q=1.4),
    Band(kind="high_shelf", frequency_hz=3_000.0, gain_db=2.0),
]


@pytest.fixture
def equalised(recording_of, tmp_path):
    def through(samples, sample_rate, bands, block_frames=None) -> np.ndarray:
        with Writer(tmp_path / "equalised.f32") as result:
            equalise(recording_of(samples, sample_rate, block_frames), bands, result)
        return result.recording.read().samples

    return through


def through_limiter(recording, ceiling_db: float) -> np.ndarray:
    return np.concatenate([audio.samples for audio in limited(recording, ceiling_db, 100.0)], axis=1)


def response_db(equalised, band: Band, sample_rate: int, frequency_hz: float) -> float:
    impulse = np.zeros(sample_rate)
    impulse[0] = 1.0
    return float(20.0 * np.log10(np.abs(np.fft.rfft(equalised(impulse, sample_rate, [band])[0]))[round(frequency_hz)]))


@pytest.mark.parametrize("sample_rate", [8_000, 48_000, 192_000])
@pytest.mark.parametrize(
    ("kind", "fields", "expected_db"),
    [
        ("highpass", {"slope_db_per_octave": 6}, -3.01),
        ("highpass", {"slope_db_per_octave": 24}, -3.01),
        ("lowpass", {"slope_db_per_octave": 12}, -3.01),
        ("low_shelf", {"gain_db": 6.0}, 3.0),
        ("high_shelf", {"gain_db": -8.0}, -4.0),
        ("peak", {"gain_db": 5.0, "q": 3.0}, 5.0),
    ],
)
def test_a_band_does_what_it_says_at_its_frequency(equalised, kind, fields, expected_db, sample_rate):
    for frequency_hz in (200.0, 2_000.0):
        band = Band(kind=kind, frequency_hz=frequency_hz, **fields)
        assert response_db(equalised, band, sample_rate, frequency_hz) == pytest.approx(expected_db, abs=0.1)


@pytest.mark.parametrize("sample_rate", [8_000, 48_000])
@pytest.mark.parametrize("kind", ["highpass", "lowpass"])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_pass_filter_is_a_butterworth_filter(equalised, order, kind, sample_rate):
    impulse = np.zeros(sample_rate)
    impulse[0] = 1.0
    band = Band(kind=kind, frequency_hz=300.0, slope_db_per_octave=6 * order)
    expected = sosfilt(butter(order, 300.0, kind, fs=sample_rate, output="sos"), impulse)
    assert np.abs(equalised(impulse, sample_rate, [band])[0] - expected).max() < 1e-4


@pytest.mark.parametrize("block_frames", [1, 100, 4_096])
@pytest.mark.parametrize("channels", [1, 2, 8])
def test_blocks_of_any_size_give_the_same_sound(recording_of, equalised, channels, block_frames):
    samples = np.random.default_rng(1).standard_normal((channels, 2_001)) * 0.5
    whole, pieced = equalised(samples, 8_000, BANDS), equalised(samples, 8_000, BANDS, block_frames)
    assert np.abs(whole - pieced).max() < 1e-6
    recording = recording_of(samples, 8_000)
    limited_in_blocks = through_limiter(recording.with_blocks(block_frames), -6.0)
    assert np.abs(through_limiter(recording, -6.0) - limited_in_blocks).max() < 1e-6


@pytest.mark.parametrize("sample_rate", [8_000, 48_000])
@pytest.mark.parametrize("block_frames", [5_000, 16_384])
def test_long_recordings_are_read_in_several_blocks(recording_of, equalised, block_frames, sample_rate, monkeypatch):
    samples = np.random.default_rng(2).standard_normal((2, 30_001)) * 0.5
    recording = recording_of(samples, sample_rate)
    whole, whole_equalised = through_limiter(recording, -6.0), equalised(samples, sample_rate, BANDS)
    monkeypatch.setattr("restoration.mastering.BLOCK_FRAMES", block_frames)
    assert np.array_equal(through_limiter(recording, -6.0), whole)
    assert np.array_equal(equalised(samples, sample_rate, BANDS), whole_equalised)


@pytest.mark.parametrize("frames", [1, 2, 7, 300])
@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("sample_rate", [8_000, 192_000])
def test_the_shortest_recordings_keep_their_shape(recording_of, equalised, frames, channels, sample_rate):
    samples = np.full((channels, frames), 0.9)
    assert equalised(samples, sample_rate, BANDS).shape == samples.shape
    held = through_limiter(recording_of(samples, sample_rate), -6.0)
    assert held.shape == samples.shape
    assert np.abs(held).max() <= 10.0 ** (-6.0 / 20.0) + 1e-6


def test_the_limiter_neither_shifts_nor_touches_what_is_under_the_ceiling(recording_of):
    samples = (np.random.default_rng(3).uniform(-0.1, 0.1, (2, 48_000))).astype(np.float32)
    assert np.abs(through_limiter(recording_of(samples, 48_000), -6.0) - samples).max() < 1e-6
    samples[:, 24_000] = 1.0
    held = through_limiter(recording_of(samples, 48_000), -6.0)
    assert np.argmax(np.abs(held[0])) == 24_000
    assert np.abs(held[:, :20_000] - samples[:, :20_000]).max() < 1e-6


def test_silence_stays_silence(recording_of, equalised):
    silence = np.zeros((2, 10_000))
    assert not equalised(silence, 48_000, BANDS).any()
    assert not through_limiter(recording_of(silence, 48_000), -6.0).any()


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "notch", "frequency_hz": 50.0},
        {"kind": "peak", "frequency_hz": 0.0},
        {"kind": "peak", "frequency_hz": 100.0, "gain_db": 60.0},
        {"kind": "peak", "frequency_hz": 100.0, "q": 0.0},
        {"kind": "highpass", "frequency_hz": 100.0, "gain_db": 3.0},
        {"kind": "highpass", "frequency_hz": 100.0, "slope_db_per_octave": 10},
    ],
)
def test_impossible_bands_are_refused(fields):
    with pytest.raises(ValueError):
        Band(**fields)


def test_a_band_beyond_the_sample_rate_is_refused(equalised):
    with pytest.raises(ValueError, match="does not fit 8000 Hz"):
        equalised(np.zeros(100), 8_000, [Band(kind="peak", frequency_hz=5_000.0, gain_db=3.0)])


def test_importing_it_does_not_import_pedalboard():
    program = "import sys, restoration.mastering; sys.exit('pedalboard' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_limiters_sound_can_be_written(recording_of, tmp_path):
    recording = recording_of(np.full((2, 1_000), 0.9), 48_000)
    with Writer(tmp_path / "limited.f32") as result:
        for audio in limited(recording, -6.0, 100.0):
            assert isinstance(audio, Audio)
            result.write(audio)
    assert result.recording.frames == 1_000
