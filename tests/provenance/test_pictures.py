"""Pictures: what is loud is light, where it is, and the mark of what was generated."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from restoration.audio import Recording
from restoration.provenance.colour_map import colour_map, lightness_of
from restoration.provenance.picture_canvas import BOTTOM, LEFT, RIGHT, TOP, clock
from restoration.provenance.picture_columns import SILENCE_DB, envelope_columns, level_columns
from restoration.provenance.pictures import (
    BandMarks,
    PictureScale,
    report_pictures,
    spectrogram_picture,
    waveform_picture,
)

from ..conftest import RecordingOf
from .fabricated_log import write_log

RATE = 48_000


def sine(hz: float, seconds: float, rate: int = RATE, gain: float = 1.0) -> npt.NDArray[np.float64]:
    return gain * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def plot(picture: bytes) -> npt.NDArray[np.uint8]:
    """The pixels inside the axes, as red, green and blue."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))
    return pixels[TOP:-BOTTOM, LEFT:-RIGHT]


@pytest.mark.parametrize("levels", [16, 96, 256])
def test_equal_steps_of_level_are_equal_steps_of_lightness(levels: int) -> None:
    steps = np.diff(lightness_of(colour_map(levels)))
    assert steps.min() > 0
    assert np.abs(steps - steps.mean()).max() < 0.7  # what rounding to eight bits costs


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
@pytest.mark.parametrize("seconds", [0.5, 20.0])
def test_a_full_scale_sine_is_at_0_dbfs_in_its_row_and_nowhere_else(
    recording_of: RecordingOf, rate: int, seconds: float
) -> None:
    hz, top = 1_000.0, 4_000.0
    levels = level_columns(recording_of(sine(hz, seconds, rate), rate), 50, 100, top)
    rows = 100 * (1 - hz / top)
    middle = levels[:, 10:40]
    assert np.abs(middle.max(axis=0)).max() < 1.5  # a Hann window between two bins reads up to 1.42 dB low
    assert np.abs(middle.argmax(axis=0) - rows).max() <= 3
    assert middle[: int(rows) - 15].max() < -50


def test_channels_of_opposite_polarity_do_not_vanish(recording_of: RecordingOf) -> None:
    tone = sine(1_000.0, 1.0)
    levels = level_columns(recording_of(np.stack([tone, -tone]), RATE), 20, 40, 8_000)
    assert levels[:, 5:15].max() > -1.5
    second = level_columns(recording_of(np.stack([0 * tone, tone]), RATE), 20, 40, 8_000)
    assert second[:, 5:15].max() == pytest.approx(levels[:, 5:15].max() - 3.01, abs=0.05)


def test_a_sound_appears_in_the_column_of_its_time(recording_of: RecordingOf) -> None:
    for seconds in (2.0, 40.0, 300.0):
        samples = np.zeros(round(seconds * 8_000))
        half = samples.size // 2
        samples[half:] = sine(1_000.0, seconds / 2, 8_000)[: samples.size - half]
        recording = recording_of(samples, 8_000)
        loud = level_columns(recording, 100, 20, 4_000).max(axis=0) > -60
        assert not loud[:45].any()
        assert loud[55:].all()
        assert np.array_equal(envelope_columns(recording, 100)[1] > 0.5, np.arange(100) >= 50)


def test_beyond_the_end_of_the_shorter_recording_there_is_silence(recording_of: RecordingOf) -> None:
    levels = level_columns(recording_of(sine(1_000.0, 1.0), RATE), 100, 20, 8_000, duration_s=2.0)
    assert (levels[:, 50:] == SILENCE_DB).all()
    assert (levels[:, 10:40].max(axis=0) > -2).all()


def test_above_half_the_sample_rate_there_is_silence(recording_of: RecordingOf) -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, 16_000)
    levels = level_columns(recording_of(noise, 8_000), 40, 100, 16_000)
    assert (levels[:74] == SILENCE_DB).all()
    assert (levels[76:, 2:-2] > -100).all()


@pytest.mark.parametrize("frames", [1, 2, 100, 3_000])
def test_the_shortest_recordings_have_a_picture(recording_of: RecordingOf, frames: int) -> None:
    recording = recording_of(np.full(frames, 0.5), RATE)
    assert spectrogram_picture(recording).startswith(b"\x89PNG")
    assert waveform_picture(recording).startswith(b"\x89PNG")


def test_an_envelope_ends_with_the_sound_however_its_span_is_rounded(recording_of):
    """98,477 frames in 240 columns: the last edge is rounded to a frame before the end."""
    envelope = envelope_columns(recording_of(np.full((1, 98_477), 0.5), 48_000), 240)
    assert np.all(envelope[1] == 0.5)


def test_the_envelope_holds_every_sample_of_a_recording_that_is_read_whole(recording_of: RecordingOf) -> None:
    noise = np.random.default_rng(3).normal(0, 0.1, (2, 100_003)).astype(np.float32)
    lowest, highest, rms = envelope_columns(recording_of(noise, RATE), 377)
    assert lowest.min() == noise.min()
    assert highest.max() == noise.max()
    assert rms.mean() == pytest.approx(0.1, rel=0.02)


def test_silence_is_the_darkest_colour_and_full_scale_the_lightest(recording_of: RecordingOf) -> None:
    scale = PictureScale(width=400, height=200)
    silent = plot(spectrogram_picture(recording_of(np.zeros(RATE), RATE), scale))
    assert (silent == colour_map(96)[0]).all()
    loud = plot(spectrogram_picture(recording_of(sine(3_000.0, 1.0), RATE), scale))
    assert (loud.reshape(-1, 3) == colour_map(96)[-1]).all(axis=1).any()


def test_the_same_level_has_the_same_colour_in_every_picture(recording_of: RecordingOf) -> None:
    scale = PictureScale(width=400, height=200)
    quiet = plot(spectrogram_picture(recording_of(sine(3_000.0, 1.0, gain=0.01), RATE), scale))
    both = sine(3_000.0, 1.0, gain=0.01) + sine(12_000.0, 1.0, gain=0.5)
    assert np.array_equal(
        plot(spectrogram_picture(recording_of(both, RATE), scale))[110:130, 20:-20], quiet[110:130, 20:-20]
    )


def test_the_generated_band_is_tinted_and_nothing_else_is(recording_of: RecordingOf) -> None:
    recording = recording_of(np.random.default_rng(1).normal(0, 0.01, RATE), RATE)
    scale = PictureScale(width=600, height=360, max_hz=24_000)
    plain = plot(spectrogram_picture(recording, scale)).astype(int)
    marked = plot(spectrogram_picture(recording, scale, BandMarks(generated_hz=(6_000, 12_000)))).astype(int)
    touched = (plain != marked).any(axis=2)[:, 200:]  # the note is at the left
    rows = touched.shape[0]
    assert touched[rows // 2 : rows * 3 // 4].all()
    assert not touched[: rows // 2].any()
    assert not touched[rows * 3 // 4 :].any()


def test_only_the_treated_sound_is_marked_as_generated(tmp_path: Path, recording_of: RecordingOf) -> None:
    events = write_log(tmp_path / "events.jsonl")
    noise = recording_of(np.random.default_rng(1).normal(0, 0.01, RATE), RATE)
    pictures = report_pictures(events, noise, noise, noise)
    assert len(pictures) == 6
    assert pictures["spectrogram_before"] == pictures["spectrogram_removed"]
    assert pictures["spectrogram_before"] != pictures["spectrogram_after"]
    nothing = [event for event in events if event.get("name") != "extend_band"]
    pictures = report_pictures(nothing, noise, noise, noise)
    assert pictures["spectrogram_before"] == pictures["spectrogram_after"]


def test_a_long_tape_costs_little_more_than_a_short_one(tmp_path: Path) -> None:
    """Two hours at 48 kHz (files of holes) against four minutes."""
    costs = []
    for minutes in (4, 120):
        path = tmp_path / f"{minutes}.f32"
        frames = minutes * 60 * RATE
        with path.open("wb") as file:
            file.truncate(frames * 4)
        recording = Recording(path, RATE, 1, frames, "")
        spectrogram_picture(recording)  # brings what is looked at into memory
        begun = time.process_time()
        spectrogram_picture(recording)
        waveform_picture(recording)
        costs.append(time.process_time() - begun)
    assert costs[0] < 0.6
    assert costs[1] < 10 * costs[0]  # thirty times the sound


def test_axes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        PictureScale(width=100)
    with pytest.raises(ValueError, match="upside down"):
        PictureScale(floor_db=-20, ceiling_db=-100)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.96, "1:00"), (75, "1:15"), (3_725, "1:02:05")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize("frames", [1003, 1018, 1565, 48_011])
def test_an_envelope_has_its_columns_whatever_the_length(frames: int, recording_of: RecordingOf) -> None:
    """The last edge comes out a frame early at some lengths."""
    envelope = envelope_columns(recording_of(np.full(frames, 0.5), 48_000), 240)
    assert envelope.shape == (3, 240)
    assert (envelope[1] == 0.5).all()
