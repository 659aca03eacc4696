"""A vocal over its backing: as loud against it as asked, where it was to the sample, and never too high."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from restoration.audio import Audio, Recording
from restoration.errors import RestorationError
from restoration.mastering import VocalShape
from restoration.measures.loudness import loudness
from restoration.measures.true_peak import true_peak_dbtp
from restoration.voice import cover
from restoration.voice.cover import CoverSettings, mix, mix_recordings

RATE = 44100
PLAIN = CoverSettings(shape=None, loudness_lufs=-30.0)


@pytest.fixture(scope="module")
def vocal(reading: Audio) -> np.ndarray:
    soxr = pytest.importorskip("soxr")
    return np.asarray(soxr.resample(reading.samples[0, : 6 * 48000], 48000, RATE), dtype=np.float32)


@pytest.fixture(scope="module")
def backing() -> np.ndarray:
    """Four chords with a soft attack, 8 s, in stereo."""
    seconds = np.arange(8 * RATE) / RATE
    envelope = np.exp(-1.2 * (seconds % 2)) * np.minimum(1, (seconds % 2) / 0.02)
    notes = [[220, 277, 330], [196, 247, 294], [175, 220, 262], [220, 277, 330]]
    sides = [
        sum(np.sin(2 * np.pi * np.array(notes)[(seconds // 2).astype(int), note] * seconds + side) for note in range(3))
        for side in (0.0, 0.7)
    ]
    return (0.1 * envelope * np.stack(sides)).astype(np.float32)


def lufs(samples: np.ndarray, folder: Path) -> float:
    found = loudness(Recording.from_audio(folder / "measured.f32", Audio(np.ascontiguousarray(samples), RATE)))
    return float(found["loudness_lufs"])  # type: ignore[arg-type]


def peak(samples: np.ndarray, folder: Path) -> float:
    found = true_peak_dbtp(Recording.from_audio(folder / "measured.f32", Audio(np.ascontiguousarray(samples), RATE)))
    return float(found)  # type: ignore[arg-type]


@pytest.mark.parametrize("ratio_lu", [-6.0, 0.0, 4.0])
@pytest.mark.parametrize("shape", [None, VocalShape(room=0.0)])
def test_the_vocal_is_so_much_louder_than_its_backing(vocal, backing, tmp_path: Path, ratio_lu, shape) -> None:
    """The vocal comes after the backing, so that each can be measured in the mix."""
    settings = CoverSettings(vocal_over_backing_lu=ratio_lu, loudness_lufs=-30.0, delay_s=8.0, shape=shape)
    mixed, record = mix(vocal, backing, RATE, settings)
    apart = lufs(mixed[:, 8 * RATE :], tmp_path) - lufs(mixed[:, : 8 * RATE], tmp_path)
    assert apart == pytest.approx(ratio_lu, abs=0.15)
    assert not record["limiter"]["needed"]


@pytest.mark.parametrize("delay_s", [0.0, 0.50001, -1.25])
def test_every_sample_lies_where_it_belongs(vocal, backing, delay_s: float) -> None:
    """Without shape and limiter the mix is the sum of both, times their gains, to rounding."""
    settings = CoverSettings(shape=None, loudness_lufs=-30.0, delay_s=delay_s)
    mixed, record = mix(vocal, backing, RATE, settings)
    frames = round(delay_s * RATE)
    start_vocal, start_backing = max(0, frames), max(0, -frames)
    length = max(start_vocal + vocal.size, start_backing + backing.shape[1])
    expected = np.zeros((2, length))
    expected[:, start_backing : start_backing + backing.shape[1]] += backing
    gain_db = record["vocal_gain_before_shape_db"] + record["vocal_gain_db"]
    expected[:, start_vocal : start_vocal + vocal.size] += 10 ** (gain_db / 20) * vocal
    expected *= 10 ** (record["master_gain_db"] / 20)
    assert mixed.shape == expected.shape and mixed.dtype == np.float32
    assert np.abs(mixed - expected).max() < 1e-5


def test_shape_and_limiter_shift_nothing(vocal, backing) -> None:
    """The mix, nearly all vocal, has its sharpest correlation with the vocal at no lag.

    All frequencies count alike in it (Knapp and Carter 1976), for the high-pass moves the phase of the lowest.
    """
    loud = CoverSettings(loudness_lufs=-10.0, shape=VocalShape(ratio=4.0, room=0.1))
    mixed, record = mix(vocal, 0.01 * backing, RATE, CoverSettings(**{**vars(loud), "vocal_over_backing_lu": 30.0}))
    assert record["limiter"]["needed"]
    heard, sung = mixed[0, : 4 * RATE].astype(np.float64), vocal[: 4 * RATE].astype(np.float64)
    spectrum = np.fft.rfft(heard, 8 * RATE) * np.conj(np.fft.rfft(sung, 8 * RATE))
    assert np.argmax(np.fft.irfft(spectrum / np.maximum(np.abs(spectrum), 1e-9))) == 0


@pytest.mark.parametrize(("loudness_lufs", "lost_lu"), [(-16.0, 2.0), (-8.0, 6.0)])
def test_no_peak_exceeds_the_ceiling(vocal, backing, tmp_path: Path, loudness_lufs: float, lost_lu: float) -> None:
    clicks = backing.copy()
    clicks[:, ::9001] += 0.9
    mixed, record = mix(vocal, clicks, RATE, CoverSettings(loudness_lufs=loudness_lufs))
    assert peak(mixed, tmp_path) <= -1.0
    assert record["true_peak_dbtp"] == pytest.approx(peak(mixed, tmp_path))
    assert np.abs(mixed).max() < 10 ** (-1 / 20)
    # The limiter lowers the peaks: all that a gain alone could do would cost as many dB as they stand out.
    assert record["loudness_lufs"] > loudness_lufs - lost_lu
    assert record["master_gain_db"] > 3.0


def test_one_channel_is_heard_from_both_sides(vocal, backing) -> None:
    both = np.stack([backing[0], backing[0]])
    of_one, told = mix(vocal, backing[0], RATE, PLAIN)
    of_two, record = mix(np.stack([vocal, vocal]), both, RATE, PLAIN)
    assert np.abs(of_one - of_two).max() < 1e-6
    assert told["backing_lufs"] == pytest.approx(record["backing_lufs"], abs=0.01)


def test_the_whole_is_as_loud_as_asked(vocal, backing, tmp_path: Path) -> None:
    mixed, record = mix(vocal, backing, RATE, CoverSettings(loudness_lufs=-23.0))
    assert lufs(mixed, tmp_path) == pytest.approx(-23.0, abs=0.1)
    assert record["loudness_lufs"] == pytest.approx(lufs(mixed, tmp_path))


def test_the_same_in_blocks_of_any_size(vocal, backing, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = mix(vocal, backing, RATE, PLAIN)
    monkeypatch.setattr(cover, "BLOCK_FRAMES", 50_021)
    in_blocks, _ = mix(vocal, backing, RATE, PLAIN)
    assert np.array_equal(whole, in_blocks)


def test_the_same_each_time_with_a_record(vocal, backing) -> None:
    (first, record), (second, again) = (mix(vocal, backing, RATE) for _ in range(2))
    assert np.array_equal(first, second) and record == again
    told = json.loads(json.dumps(record))
    assert told["settings"]["shape"]["ratio"] == VocalShape().ratio
    assert told["settings"]["vocal_over_backing_lu"] == 2.0
    assert {"vocal_gain_db", "master_gain_db", "backing_lufs", "delay_frames", "pedalboard"} <= told.keys()


def test_a_room_rings_on(vocal, backing) -> None:
    """More of a room leaves more after the words: the end of the mix, where only the backing plays."""
    silent = np.zeros_like(backing)
    silent[:, :RATE] = backing[:, :RATE]
    tails = []
    for room in (0.0, 0.05, 0.3):
        mixed, _ = mix(vocal[: 3 * RATE], silent, RATE, CoverSettings(shape=VocalShape(room=room)))
        tails.append(float(np.square(mixed[:, 3 * RATE + 100 : 4 * RATE]).mean()))
    assert all(less < more for less, more in pairwise(tails))


def test_files_leave_no_scratch(vocal, backing, tmp_path: Path) -> None:
    given = [
        Recording.from_audio(tmp_path / f"{name}.f32", Audio(np.atleast_2d(sound), RATE))
        for name, sound in (("vocal", vocal), ("backing", backing))
    ]
    made = mix_recordings(given[0], given[1], tmp_path / "cover.f32", PLAIN)
    assert sorted(each.name for each in tmp_path.glob("*.f32")) == ["backing.f32", "cover.f32", "vocal.f32"]
    assert (made.recording.channels, made.recording.sample_rate, made.recording.frames) == (2, RATE, 8 * RATE)


def test_what_cannot_be_mixed_is_a_sentence(vocal, backing, tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match="the vocal is silent"):
        mix(np.zeros(RATE), backing, RATE)
    with pytest.raises(RestorationError, match="the vocal is silent, or shorter"):
        mix(vocal[:3000], backing, RATE)
    with pytest.raises(RestorationError, match="the backing has 3 channels"):
        mix(vocal, np.zeros((3, RATE)), RATE)
    slow = Recording.from_audio(tmp_path / "slow.f32", Audio(vocal[None], 16000))
    fast = Recording.from_audio(tmp_path / "fast.f32", Audio(backing, RATE))
    with pytest.raises(RestorationError, match="at 16000 Hz and the backing at 44100 Hz"):
        mix_recordings(slow, fast, tmp_path / "cover.f32")
    with pytest.raises(RestorationError, match="ceiling_dbtp is from -20 to -1, not 0"):
        CoverSettings(ceiling_dbtp=0.0)
    mixed, record = mix(vocal, np.zeros((2, RATE)), RATE)
    assert record["backing_lufs"] is None and mixed.shape == (2, vocal.size)
