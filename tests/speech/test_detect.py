"""Speech is found where it is, at any level, rate, block size and number of channels."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as some

from restoration.speech.detect import HOP_S, WINDOW, regions_of, speech_probabilities, speech_regions
from restoration.speech.listen import LISTENING_RATE, listening_chunks, polarities, speech_level_dbfs


@pytest.fixture(scope="module")
def words(reading) -> np.ndarray:
    """Eight seconds of the reading at 16 kHz."""
    return soxr.resample(reading.samples[0, : 8 * reading.sample_rate], reading.sample_rate, LISTENING_RATE)


def between_silences(words: np.ndarray, before_s: float = 2.0, after_s: float = 3.0, rate: int = LISTENING_RATE):
    room = np.random.default_rng(3).normal(0, 1e-4, round((before_s + after_s) * rate) + words.size)
    room[round(before_s * rate) : round(before_s * rate) + words.size] += words
    return room.astype(np.float32)


def test_speech_is_found_where_it_is(recording_of, words):
    regions = speech_regions(recording_of(between_silences(words), LISTENING_RATE))
    assert regions[0][0] == pytest.approx(2.4, abs=0.25)
    assert 8.0 < regions[-1][1] < 10.3
    assert 5.0 < sum(end - start for start, end in regions) < 8.0


def test_the_probabilities_are_those_of_the_detectors_own_package(recording_of, words):
    torch = pytest.importorskip("torch")
    wrapper_of = pytest.importorskip("silero_vad.utils_vad").OnnxWrapper
    from restoration.speech.detect import DETECTOR_LEVEL_DBFS, detector_file

    recording = recording_of(between_silences(words), LISTENING_RATE)
    found, hop_s = speech_probabilities(recording)
    gain = 10 ** ((DETECTOR_LEVEL_DBFS - speech_level_dbfs(recording)) / 20)
    heard = np.concatenate(list(listening_chunks(recording))) * np.float32(gain)
    heard = np.pad(heard, (0, -heard.size % WINDOW)).reshape(-1, WINDOW)
    wrapper = wrapper_of(str(detector_file()), force_onnx_cpu=True)
    expected = [float(wrapper(torch.from_numpy(window), LISTENING_RATE)) for window in np.clip(heard, -1, 1)]
    assert hop_s == HOP_S
    assert found.tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("block_frames", [1, 777, 48000])
def test_the_size_of_the_blocks_changes_nothing(recording_of, words, block_frames):
    samples = between_silences(words)
    whole = speech_probabilities(recording_of(samples, LISTENING_RATE))[0]
    assert (speech_probabilities(recording_of(samples, LISTENING_RATE, block_frames))[0] == whole).all()


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 96000, 192000])
def test_the_sample_rate_moves_no_region(recording_of, words, rate):
    samples = between_silences(words)
    expected = speech_regions(recording_of(samples, LISTENING_RATE))
    found = speech_regions(recording_of(soxr.resample(samples, LISTENING_RATE, rate), rate))
    assert (found[0][0], found[-1][1]) == pytest.approx((expected[0][0], expected[-1][1]), abs=0.15)


@pytest.mark.parametrize("gain_db", [-50, 10])
def test_a_quiet_or_loud_transfer_has_the_same_speech(recording_of, words, gain_db):
    samples = between_silences(words)
    expected = speech_regions(recording_of(samples, LISTENING_RATE))
    found = speech_regions(recording_of(samples * 10 ** (gain_db / 20), LISTENING_RATE))
    assert np.ravel(found) == pytest.approx(np.ravel(expected), abs=0.04)


def test_a_channel_that_is_turned_round_does_not_cancel_the_voice(recording_of, words):
    samples = between_silences(words)
    expected = speech_regions(recording_of(samples, LISTENING_RATE))
    turned = recording_of(np.stack([samples, -samples]), LISTENING_RATE)
    assert polarities(turned).tolist() == [1.0, -1.0]
    assert np.ravel(speech_regions(turned)) == pytest.approx(np.ravel(expected), abs=0.07)


def test_two_different_tracks_are_not_turned(recording_of):
    noise = np.random.default_rng(1).normal(0, 0.1, (3, LISTENING_RATE))
    assert polarities(recording_of(noise, LISTENING_RATE)).tolist() == [1.0, 1.0, 1.0]


def test_noise_hum_and_rumble_are_no_speech(recording_of):
    time_s = np.arange(6 * LISTENING_RATE) / LISTENING_RATE
    noise = np.random.default_rng(5).normal(0, 0.05, time_s.size)
    hum = 0.1 * np.sin(2 * np.pi * 50 * time_s) + 0.03 * np.sin(2 * np.pi * 150 * time_s)
    for sound in (noise, hum, noise + hum, 0.5 * np.sin(2 * np.pi * 2.7 * time_s)):
        assert speech_regions(recording_of(sound, LISTENING_RATE)) == []


@pytest.mark.parametrize("frames", [1, 100, 513, 8000])
def test_a_short_or_silent_recording_has_no_speech(recording_of, frames):
    for value in (0.0, 0.5):
        recording = recording_of(np.full(frames, value), 8000)
        probabilities, hop_s = speech_probabilities(recording)
        assert np.isfinite(probabilities).all()
        assert probabilities.size * hop_s == pytest.approx(recording.duration_s, abs=hop_s)
        assert speech_regions(recording) == []


def test_every_second_of_an_historical_speech_is_not_silence(recording_of, corpus):
    """The share of speech that the detector finds in each of the four, as they were when this was written."""
    shares = {"roosevelt_1912_cylinder": 0.92, "nixon_1969_broadcast_tape": 0.80, "reagan_1986_broadcast_tape": 0.80}
    for name, share in shares.items():
        samples, rate = soundfile.read(corpus / "historical" / f"{name}.mp3", frames=60 * 44100, dtype="float32")
        recording = recording_of(samples.T, rate)
        speech_s = sum(end - start for start, end in speech_regions(recording))
        assert speech_s / recording.duration_s == pytest.approx(share, abs=0.1)


def test_the_detectors_package_is_not_imported():
    program = (
        "import sys, restoration.speech.segments as s, restoration.speech.detect as d; d._session(d.detector_file());"
        "sys.exit(any(name in sys.modules for name in ('silero_vad', 'torchaudio', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


courses = some.lists(some.floats(0, 1, width=32), max_size=120).map(lambda course: np.array(course, dtype=np.float32))


@settings(deadline=None)
@given(courses, some.floats(0.1, 0.95), some.floats(0, 0.5), some.floats(0, 0.5), some.floats(0, 0.3))
def test_regions_are_in_order_apart_and_within(course, threshold, min_speech_s, min_pause_s, pad_s):
    regions = regions_of(course, threshold, min_speech_s, min_pause_s, pad_s)
    edges = [edge for region in regions for edge in region]
    assert edges == sorted(edges)
    assert all(0 <= edge <= course.size * HOP_S + 1e-9 for edge in edges)
    assert all(end - start >= min_speech_s - 1e-9 for start, end in regions)
    assert all(course[round(s / HOP_S) : round(e / HOP_S) + 1].max() >= threshold for s, e in regions)


def test_a_region_outlasts_a_dip_above_the_lower_threshold():
    course = np.array([0, 0.9, *[0.4] * 20, 0.9, *[0.2] * 20, *[0.6] * 20], dtype=np.float32)
    regions = regions_of(course, 0.5, 0.05, 0.3, 0.0)
    assert regions == [pytest.approx((1 * HOP_S, 23 * HOP_S)), pytest.approx((43 * HOP_S, 63 * HOP_S))]
