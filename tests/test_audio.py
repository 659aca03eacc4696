"""Sound in memory and on disk."""

import hashlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from restoration.audio import Audio, Recording, Writer, map_blocks
from restoration.errors import BadSoundFile


def noise(channels: int, frames: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (channels, frames)).astype(np.float32)


def test_audio_cannot_be_changed():
    samples = noise(2, 100)
    audio = Audio(samples, 48000)
    with pytest.raises(ValueError, match="read-only"):
        audio.samples[0, 0] = 0.5
    samples[0, 0] = 0.25  # the maker's own array stays his


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.zeros(10, np.float32), 48000, "channels, time"),
        (np.zeros((1, 10)), 48000, "float32"),
        (np.zeros((1, 10), np.float32), 0, "sample rate"),
    ],
)
def test_audio_refuses_what_is_no_sound(samples, rate, message):
    with pytest.raises(ValueError, match=message):
        Audio(samples, rate)


def test_a_recording_reads_back_what_was_written(recording_of):
    samples = noise(3, 10_000)
    recording = recording_of(samples, 44100)
    assert np.array_equal(recording.read().samples, samples)
    assert np.array_equal(recording.read(100, 250).samples, samples[:, 100:250])
    assert recording.read(9_990, 20_000).frames == 10
    assert (recording.channels, recording.frames, recording.sample_rate) == (3, 10_000, 44100)


def test_the_digest_is_of_the_interleaved_frames(recording_of):
    samples = noise(2, 1000)
    expected = hashlib.sha256(samples.T.astype("<f4").tobytes()).hexdigest()
    assert recording_of(samples, 48000).pcm_sha256 == expected


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    frames=st.integers(1, 3000),
    block=st.integers(1, 700),
    context=st.integers(0, 900),
    align=st.integers(1, 64),
)
def test_blocks_cover_the_recording_once_on_the_grid(tmp_path, frames, block, context, align):
    samples = np.arange(frames, dtype=np.float32)[None]
    recording = Recording.from_audio(tmp_path / "r.f32", Audio(samples, 8000)).with_blocks(block)
    covered = []
    for part in recording.blocks(context, align):
        assert part.start % align == 0
        assert part.samples[0, part.lead] == part.start
        assert part.lead >= min(context, part.start)
        assert part.samples.shape[1] - part.lead - part.frames >= min(context, frames - part.start - part.frames)
        covered.extend(part.samples[0, part.lead : part.lead + part.frames])
    assert np.array_equal(covered, samples[0])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(block=st.integers(1, 5000), reach=st.integers(1, 300))
def test_map_blocks_leaves_no_seam(tmp_path, block, reach):
    """A moving average looks ``reach`` frames both ways; with that context no block size shows."""
    samples = noise(2, 4000)
    recording = Recording.from_audio(tmp_path / "r.f32", Audio(samples, 8000)).with_blocks(block)

    def smooth(part, _start):
        padded = np.pad(part.astype(np.float64), ((0, 0), (reach, reach)))
        kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
        return np.stack([np.convolve(row, kernel, "valid") for row in padded]).astype(np.float32)

    with Writer(tmp_path / "s.f32") as writer:
        map_blocks(recording, smooth, writer, context=reach)
    assert np.abs(writer.recording.read().samples - smooth(samples, 0)).max() < 1e-6


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="stop"), Writer(tmp_path / "r.f32") as writer:
        writer.write(Audio(noise(1, 10), 8000))
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_a_writer_refuses_what_is_not_a_number(tmp_path):
    broken = noise(1, 10)
    broken[0, 3] = np.nan
    with pytest.raises(ValueError, match="not numbers"), Writer(tmp_path / "r.f32") as writer:
        writer.write(Audio(broken, 8000))


def test_a_writer_refuses_a_second_format(tmp_path):
    with pytest.raises(ValueError, match="in a recording of"), Writer(tmp_path / "r.f32") as writer:
        writer.write(Audio(noise(1, 10), 8000))
        writer.write(Audio(noise(2, 10), 8000))


def test_a_writer_without_sound_says_so(tmp_path):
    with pytest.raises(BadSoundFile, match="no sound"), Writer(tmp_path / "r.f32"):
        pass


def test_a_shortened_recording_is_noticed(recording_of):
    recording = recording_of(noise(1, 100), 8000)
    with recording.path.open("r+b") as file:
        file.truncate(396)
    with pytest.raises(BadSoundFile, match="396 bytes"):
        Recording.open(recording.path)
