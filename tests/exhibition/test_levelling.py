"""Loudness and ceiling: both kept, or the ceiling kept and the rest said; chain and fades do what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.errors import RestorationError
from restoration.exhibition.levelling import Aim, level, measured
from restoration.exhibition.preset import Fades, load_preset
from restoration.exhibition.shaping import fade, shape
from restoration.mastering import limited
from tests.conftest import RecordingOf

SECONDS = 8 * 48_000
RING = (0.9 * np.sin(0.5 * np.pi * np.arange(480) + 0.25 * np.pi) * np.hanning(480)).astype(np.float32)
"""A tone whose samples miss its peaks by up to 3 dB."""


@pytest.fixture
def mastered(recording_of, tmp_path):
    """Shape and level a sound by a preset: ``mastered(samples, preset, target_lufs=None)``."""

    def make(samples, preset, target_lufs=None):
        shaped = shape(recording_of(samples, 48_000), preset, tmp_path)
        before = measured(shaped.recording)
        return level(shaped.recording, before, preset, Aim.of(preset, target_lufs), tmp_path / "mastered.f32")

    return make


@pytest.mark.parametrize("name", ["exhibition_r128", "exhibition_museum", "web", "broadcast"])
@pytest.mark.parametrize("gain", [0.02, 1.0])
def test_every_preset_keeps_its_loudness_and_its_ceiling(mastered, reading, name, gain):
    preset = load_preset(name)
    made = mastered(reading.samples[:, :SECONDS] * gain, preset)
    aim = Aim.of(preset)
    assert made.held_back == ""
    assert made.measured["loudness_lufs"] == pytest.approx(aim.target_lufs, abs=aim.tolerance_lu)
    assert made.measured["true_peak_dbtp"] <= aim.ceiling_dbtp
    # What is said is what a fresh look at the sound finds.
    assert measured(made.recording) == made.measured
    assert made.recording.channels == 2


def test_a_quiet_voice_with_a_bang_is_limited_and_still_as_loud(mastered, reading):
    samples = np.array(reading.samples[:, :SECONDS])
    samples[:, 100_000:100_040] = 0.9 * np.sign(np.sin(np.arange(40)))
    preset = load_preset("web")
    made = mastered(samples, preset)
    assert made.parameters["limiter"]["peaks_lowered_by_db"] > 2.0
    assert made.measured["loudness_lufs"] == pytest.approx(-16.0, abs=0.1)
    assert made.measured["true_peak_dbtp"] <= -1.0


def test_peaks_between_the_samples_are_held_under_the_ceiling_as_well(mastered, recording_of, reading, tmp_path):
    """A limiter alone holds samples: of a tone at a quarter of the sample rate they miss the peak by up to 3 dB."""
    samples = np.array(reading.samples[:, :SECONDS])
    for start in range(20_000, SECONDS - 1_000, 24_000):
        samples[0, start : start + 480] += RING
    preset = load_preset("web")
    made = mastered(samples, preset)
    assert made.held_back == ""
    assert made.measured["loudness_lufs"] == pytest.approx(-16.0, abs=0.1)
    assert made.measured["true_peak_dbtp"] <= -1.0
    shaped = shape(recording_of(samples, 48_000), preset, tmp_path).recording
    louder = recording_of(shaped.read().samples * 10 ** (made.gain_db / 20), 48_000)
    with Writer(tmp_path / "limited.f32") as writer:
        for audio in limited(louder, -1.0, preset.chain.limiter_release_ms):
            writer.write(audio)
    assert measured(writer.recording)["true_peak_dbtp"] > -1.0


def test_what_is_held_back_at_once_is_under_the_ceiling_between_its_samples_too(mastered, reading):
    samples = 0.3 * np.array(reading.samples[:, :SECONDS])
    for start in range(20_000, SECONDS - 1_000, 24_000):
        samples[0, start : start + 480] += RING
    known = load_preset("exhibition_r128")
    preset = replace(known, chain=replace(known.chain, max_limiting_db=12.0))
    made = mastered(samples, preset, target_lufs=-9.0)
    assert made.held_back
    assert made.measured["true_peak_dbtp"] <= -1.0


def test_where_both_cannot_hold_the_ceiling_is_kept_and_it_is_said(mastered, reading):
    samples = 0.02 * np.array(reading.samples[:, :SECONDS])
    samples[:, 200_000:200_010] = 0.9
    preset = load_preset("exhibition_r128")
    made = mastered(samples, preset)
    assert made.measured["true_peak_dbtp"] <= -1.0
    assert made.measured["loudness_lufs"] < -24.0
    assert "where -23.0 were wanted" in made.held_back
    assert made.parameters["limiter"]["peaks_lowered_by_db"] == pytest.approx(preset.chain.max_limiting_db, abs=0.2)


def test_silence_and_what_is_too_short_have_no_loudness(mastered):
    for samples in (np.zeros((1, 48_000)), np.full((1, 1_000), 0.1)):
        with pytest.raises(RestorationError, match="has no loudness"):
            mastered(samples, load_preset("exhibition_r128"))


def test_one_channel_on_two_is_as_loud_as_two(mastered, reading):
    """What a gallery loop is even by: mono and stereo tapes leave as loud as they are heard."""
    mono = reading.samples[:, :SECONDS]
    preset = load_preset("exhibition_r128")
    one, two = mastered(mono, preset), mastered(np.repeat(mono, 2, axis=0), preset)
    assert one.measured == two.measured
    assert one.gain_db == two.gain_db


def test_the_compressor_narrows_what_the_clean_chain_leaves(recording_of, reading, tmp_path):
    loud, quiet = reading.samples[:, :SECONDS], 0.2 * reading.samples[:, :SECONDS]
    sound = recording_of(np.concatenate([loud, quiet], axis=1), 48_000)
    ranges = {}
    for name in ("exhibition_r128", "web"):
        shaped = shape(sound, load_preset(name), tmp_path)
        first, second = (
            measured(recording_of(shaped.recording.read(start, start + SECONDS).samples, 48_000))["loudness_lufs"]
            for start in (0, SECONDS)
        )
        ranges[name] = first - second
    assert ranges["exhibition_r128"] == pytest.approx(20 * np.log10(5.0), abs=0.2)
    assert ranges["web"] < ranges["exhibition_r128"] - 0.5


@pytest.mark.parametrize("block_frames", [997, 2**18])
def test_fades_are_of_equal_power_and_nothing_else(recording_of, tmp_path, block_frames):
    sound = recording_of(np.ones((2, 48_000)), 48_000, block_frames)
    with Writer(tmp_path / "faded.f32") as writer:
        fade(sound, Fades(in_ms=100.0, out_ms=50.0), writer)
    faded = writer.recording.read().samples[0]
    rising, falling = faded[:4_800].astype(float), faded[-2_400:].astype(float)
    assert rising**2 + rising[::-1] ** 2 == pytest.approx(np.ones(4_800), abs=1e-6)
    assert falling**2 + falling[::-1] ** 2 == pytest.approx(np.ones(2_400), abs=1e-6)
    assert (np.diff(rising) > 0).all()
    assert (np.diff(falling) < 0).all()
    assert (faded[4_800:-2_400] == 1.0).all()


def test_fades_longer_than_the_sound_meet_in_its_middle(recording_of, tmp_path):
    with Writer(tmp_path / "faded.f32") as writer:
        fade(recording_of(np.ones((1, 1_000)), 48_000), Fades(in_ms=500.0, out_ms=500.0), writer)
    faded = writer.recording.read().samples[0]
    assert faded[499] == pytest.approx(1.0, abs=1e-2)
    assert faded == pytest.approx(faded[::-1], abs=1e-6)


def test_untouched_is_the_same_recording(recording_of: RecordingOf, reading, tmp_path):
    sound = recording_of(reading.samples[:, :48_000], 48_000)
    assert shape(sound, load_preset("research_flat"), tmp_path).recording is sound


def test_a_preset_without_a_compressor_says_none(recording_of, reading, tmp_path):
    sound = recording_of(reading.samples[:, :SECONDS], 44_100)
    preset = load_preset("exhibition_museum")
    told = shape(sound, preset, tmp_path).parameters
    assert told["resampled"] == {"from_hz": 44_100, "to_hz": 48_000, "by": "soxr, VHQ"}
    assert told["compressor"]["ratio"] == 1.5
    assert told["fades"]["curve"] == "equal power"
    clean = replace(preset, chain=load_preset("broadcast").chain)
    assert "compressor" not in shape(sound, clean, tmp_path).parameters
