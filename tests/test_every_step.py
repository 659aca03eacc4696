"""What holds for every step there is, and for every one that will be written: the directory is the registry."""

import dataclasses
import json
import re
from typing import get_args

import numpy as np
import pytest

from restoration.audio import Audio, Recording, Writer
from restoration.recipe import build, load_recipe, recipe_names, step_kind, step_names
from restoration.step import Generates, Step

# Steps whose parameters have no default are tried with these.
REQUIRED = {
    "resample": {"sample_rate": 32000},
    "equalise": {"bands": [{"kind": "high_shelf", "frequency_hz": 2000.0, "gain_db": 3.0}]},
}
SAME_SOUND_DBFS = -120.0


def make(name: str) -> Step:
    return build(step_kind(name), REQUIRED.get(name, {}), name)


def run(step: Step, recording: Recording, tmp_path, tag: str) -> Recording:
    """What the treatment does with a step."""
    findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
    if not findings.get("needed", True):
        return recording
    with Writer(tmp_path / f"{tag}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording


def worn(reading: Audio, seconds: float, sample_rate: int = 48000, channels: int = 1) -> np.ndarray:
    """A piece of the reading with every fault the steps look for, quiet and band-limited."""
    import soxr

    clean = soxr.resample(reading.samples[0], reading.sample_rate, sample_rate)[: int(seconds * sample_rate)]
    rng = np.random.default_rng(7)
    time = np.arange(clean.size) / sample_rate
    hum = sum(0.01 / k * np.sin(2 * np.pi * 50 * k * time + k) for k in range(1, 6))
    spectrum = np.fft.rfft(clean)
    spectrum[np.fft.rfftfreq(clean.size, 1 / sample_rate) > 4000] = 0
    faulty = 0.5 * np.fft.irfft(spectrum, clean.size) + hum + 0.004 * rng.standard_normal(clean.size) + 0.01
    clicks = rng.integers(0, clean.size, max(1, int(10 * seconds)))
    faulty[clicks] += rng.uniform(0.2, 0.4, clicks.size)
    return np.stack([np.roll(faulty, 3 * channel) for channel in range(channels)]).astype(np.float32)


@pytest.fixture(params=step_names())
def name(request):
    return request.param


def test_parameters_are_frozen_documented_and_named_only(name):
    step = make(name)
    kind = type(step)
    assert isinstance(step, Step)
    assert kind.__dataclass_params__.frozen
    for field in dataclasses.fields(kind):
        assert field.kw_only
        assert re.search(rf"\b{field.name}\b", kind.__doc__), f"{field.name} is not in the docstring"
    assert kind.generates in get_args(Generates)
    assert build(kind, json.loads(json.dumps(dataclasses.asdict(step))), name) == step


def test_the_same_sound_twice_whatever_the_blocks(name, reading, recording_of, tmp_path):
    step = make(name)
    recording = recording_of(worn(reading, 9.0), 48000)
    whole = run(step, recording.with_blocks(2**22), tmp_path, "whole")
    again = run(step, recording.with_blocks(2**22), tmp_path, "again")
    assert whole.pcm_sha256 == again.pcm_sha256
    for block_frames in (30_011, 131_072):
        parts = run(step, recording.with_blocks(block_frames), tmp_path, f"parts-{block_frames}")
        difference = np.abs(parts.read().samples - whole.read().samples).max()
        assert 20 * np.log10(difference + 1e-12) < SAME_SOUND_DBFS


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silence(name, channels, recording_of, tmp_path):
    recording = recording_of(np.zeros((channels, 96_000)), 48000)
    result = run(make(name), recording, tmp_path, "silence")
    assert not result.read().samples.any()


@pytest.mark.parametrize("frames", [1, 2, 37, 1000, 4800])
def test_very_short_recordings(name, frames, recording_of, tmp_path):
    sound = np.random.default_rng(3).uniform(-0.3, 0.3, (2, frames))
    step = make(name)
    result = run(step, recording_of(sound, 48000), tmp_path, "short")
    assert result.channels == 2
    if result.sample_rate == 48000:
        assert result.frames == frames


@pytest.mark.parametrize(("sample_rate", "channels"), [(8000, 1), (11025, 2), (44100, 2), (96000, 1), (192000, 3)])
def test_rates_and_channels(name, sample_rate, channels, reading, recording_of, tmp_path):
    step = make(name)
    recording = recording_of(worn(reading, 3.0, sample_rate, channels), sample_rate)
    result = run(step, recording, tmp_path, "rate")
    assert result.channels == channels
    assert result.duration_s == pytest.approx(recording.duration_s, abs=1e-3)
    assert np.isfinite(result.read().samples).all()


def test_the_findings_decide_alone(name, reading, recording_of, tmp_path):
    """A replay by another instance, from the findings as the log keeps them, gives the same sound."""
    recording = recording_of(worn(reading, 6.0), 48000)
    findings = json.dumps(make(name).measure(recording))
    sounds = []
    for tag in ("first", "replay"):
        if not json.loads(findings).get("needed", True):
            return
        with Writer(tmp_path / f"{tag}.f32") as writer:
            make(name).treat(recording, json.loads(findings), writer)
        sounds.append(writer.recording.pcm_sha256)
    assert sounds[0] == sounds[1]


def test_findings_say_why(name, reading, recording_of):
    findings = make(name).measure(recording_of(worn(reading, 6.0), 48000))
    assert isinstance(findings["needed"], bool)
    assert findings["reason"].endswith(".")


REPAIRS = sorted(
    {name for recipe in recipe_names() for name, _ in load_recipe(recipe).steps}
    & {"remove_dc", "remove_hum", "remove_clicks", "reduce_noise"}
)


@pytest.mark.parametrize("repair", REPAIRS)
def test_a_clean_recording_is_left_almost_alone(repair, reading, recording_of, tmp_path):
    recording = recording_of(reading.samples[:, : 10 * 48000], 48000)
    result = run(make(repair), recording, tmp_path, "clean")
    before, after = recording.read().samples.astype(np.float64), result.read().samples
    error = np.sum((before - after) ** 2)
    assert 10 * np.log10(np.sum(before**2) / (error + 1e-20)) > 40.0
