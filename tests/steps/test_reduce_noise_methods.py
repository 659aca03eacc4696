"""The three methods of noise reduction, and the judgement of their results."""

from __future__ import annotations

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.steps.reduce_noise import ReduceNoise

RATE = 48000
METHODS = ("network", "gate", "log_spectral_amplitude")
GAIN_DB = {"network": 5.0, "gate": 1.0, "log_spectral_amplitude": 5.0}


def sdr_db(sound: np.ndarray, clean: np.ndarray) -> float:
    return float(10 * np.log10(np.sum(clean**2) / np.sum((sound - clean) ** 2)))


@pytest.fixture(scope="module")
def voice(reading):
    """Twenty seconds, with a second of pause after every four."""
    voice = reading.samples[0, : 20 * RATE].astype(np.float64)
    voice[np.arange(voice.size) % (5 * RATE) > 4 * RATE] = 0
    return voice


def treated(step, recording, path):
    findings = step.measure(recording)
    with Writer(path / "treated.f32") as writer:
        step.treat(recording, findings, writer)
    return findings, writer.recording


@pytest.mark.parametrize("method", METHODS)
def test_hiss_goes_and_the_voice_comes_closer(method, voice, recording_of, tmp_path):
    hiss = 10 ** (-38 / 20) * np.random.default_rng(1).standard_normal(voice.size)
    recording = recording_of(voice + hiss, RATE)
    step = ReduceNoise(method=method)
    findings, result = treated(step, recording, tmp_path)
    verdict = step.judge(recording, result, findings)
    assert verdict["helps"] is True, verdict
    assert verdict["fell_in_pauses_db"] > 6
    assert sdr_db(result.read().samples[0], voice) > sdr_db(recording.read().samples[0], voice) + GAIN_DB[method]


@pytest.mark.parametrize("method", METHODS)
def test_a_clean_voice_is_left_alone(method, reading, recording_of):
    assert ReduceNoise(method=method).measure(recording_of(reading.samples, RATE))["needed"] is False


def test_what_takes_the_voice_is_no_help(voice, recording_of, tmp_path):
    """The result of a step gone wrong: pauses are quieter, and so is the voice around 1 kHz."""
    hiss = 10 ** (-45 / 20) * np.random.default_rng(2).standard_normal(voice.size)
    recording = recording_of(voice + hiss, RATE)
    step = ReduceNoise(method="log_spectral_amplitude")
    findings, result = treated(step, recording, tmp_path)
    assert step.judge(recording, result, findings)["helps"] is True
    spectrum = np.fft.rfft(result.read().samples[0])
    frequencies = np.fft.rfftfreq(voice.size, 1 / RATE)
    spectrum[(frequencies > 700) & (frequencies < 1400)] *= 0.3
    verdict = step.judge(recording, recording_of(np.fft.irfft(spectrum, voice.size), RATE), findings)
    assert verdict["helps"] is False
    assert verdict["octave_hz"] == 1000.0


def test_a_result_as_noisy_as_before_is_no_help(voice, recording_of):
    recording = recording_of(voice + 0.01 * np.random.default_rng(3).standard_normal(voice.size), RATE)
    step = ReduceNoise(method="log_spectral_amplitude")
    assert step.judge(recording, recording, step.measure(recording))["helps"] is False


def test_the_network_is_named_for_the_record():
    assert ReduceNoise(method="network").models == ("denoiser", "upper-band")
    assert ReduceNoise(method="gate").models == ()


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="network, gate, log_spectral_amplitude"):
        ReduceNoise(method="magic")
