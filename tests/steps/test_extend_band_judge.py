"""What the step says of its own result: a good band helps, and what a bad one does is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import fftconvolve, firwin

from restoration.audio import Audio, Recording, Writer
from restoration.steps.extend_band import ExtendBand

RATE = 48000


@pytest.fixture
def narrow(reading: Audio, recording_of) -> Recording:
    low_pass = firwin(1201, 4000, fs=RATE, window=("kaiser", 10))
    sound = fftconvolve(reading.samples[0, : 12 * RATE].astype(float), low_pass, mode="same")
    return recording_of(np.concatenate([np.zeros(RATE), sound]), RATE)


def test_the_band_it_makes_helps_and_keeps_the_recorded_one(narrow: Recording, tmp_path: Path) -> None:
    step = ExtendBand()
    findings = step.measure(narrow)
    with Writer(tmp_path / "extended.f32") as writer:
        step.treat(narrow, findings, writer)
    verdict = step.judge(narrow, writer.recording, findings)
    assert verdict["helps"], verdict
    assert verdict["below_edge_db"] < -100
    assert verdict["pauses_rose_db"] == 0.0
    assert verdict["relative_db"] == pytest.approx(findings["generated_relative_db"], abs=0.2)
    assert verdict["share"] == pytest.approx(findings["generated_share_of_speech"], abs=0.02)


@pytest.mark.parametrize(
    ("band_hz", "level", "during_s", "said"),
    [
        ((300, 3000), 0.001, (0, 13), "The recorded band changed"),
        ((4500, 9000), 0.3, (0, 13), "The made band is louder than a voice has it"),
        ((4500, 9000), 0.001, (0, 1), "the pauses grew louder"),
        ((4500, 9000), 0.0, (0, 13), "Nothing was made"),
    ],
)
def test_a_band_that_does_harm_is_left_out(
    band_hz: tuple[float, float], level: float, during_s: tuple[int, int], said: str, narrow: Recording, recording_of
) -> None:
    step = ExtendBand()
    findings = step.measure(narrow)
    sound = narrow.read().samples[0].astype(float)
    noise = level * np.random.default_rng(1).standard_normal(sound.size)
    noise[: during_s[0] * RATE] = noise[during_s[1] * RATE :] = 0
    added = fftconvolve(noise, firwin(1201, band_hz, fs=RATE, pass_zero=False, window=("kaiser", 10)), mode="same")
    verdict = step.judge(narrow, recording_of(sound + added, RATE), findings)
    assert not verdict["helps"]
    assert said.lower() in verdict["reason"].lower()
