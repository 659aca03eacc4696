"""What the step gains on voices of the training corpus in simulated rooms, and what it costs.

``python -m pytest --log-cli-level=INFO tests/steps/test_reduce_reverb_figures.py`` prints the figures.
"""

from __future__ import annotations

import csv
import logging
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from restoration.audio import Recording, Writer
from restoration.simulate.room import Reverberation
from restoration.steps.reduce_reverb import ReduceReverb

RATE = 16000
LENGTH_S = 16
EARLY_S = 0.05
CASES = [
    ("kathleen", 0.6, 2.0),
    ("so0024", 0.8, 2.0),
    ("flemishguy", 0.9, 3.0),
    ("fleurs_readers", 0.9, 3.0),
    ("nathalie", 1.2, 3.0),
    ("picovoice_crowd", 1.2, 3.0),
]
"""Speaker, reverberation time in s, distance in m."""

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


def voice_of(corpus: Path, speaker: str) -> np.ndarray:
    """Clips of a speaker end to end, at 16 kHz."""
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        paths = [corpus / row["path"] for row in csv.DictReader(file) if row["speaker"] == speaker]
    voice = np.zeros(0)
    for path in paths:
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
        voice = np.append(voice, soxr.resample(samples.mean(axis=1), sample_rate, RATE))
        if voice.size >= LENGTH_S * RATE:
            break
    return 0.05 * voice[: LENGTH_S * RATE] / np.std(voice[: LENGTH_S * RATE])


def scores(sound: np.ndarray, clean: np.ndarray) -> list[float]:
    """SI-SDR in dB, ESTOI and wide-band PESQ."""
    from pesq import pesq
    from pystoi import stoi

    kept = (sound @ clean) / (clean @ clean) * clean
    si_sdr_db = 10 * np.log10((kept @ kept) / ((sound - kept) @ (sound - kept)))
    return [si_sdr_db, stoi(clean, sound, RATE, extended=True), pesq(RATE, clean, sound, "wb")]


def test_voices_in_rooms_come_closer_to_what_is_heard_without_the_late_part(corpus, recording_of, tmp_path) -> None:
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    step, gains = ReduceReverb(), []
    for number, (speaker, rt60_s, distance_m) in enumerate(CASES):
        room = Reverberation(rt60_s=rt60_s, distance_m=distance_m, volume_m3=200)
        response = room.impulse_response(1, RATE, np.random.default_rng(number))[0][0]
        voice = voice_of(corpus, speaker)
        wet, dry = (np.convolve(voice, each)[: voice.size] for each in (response, response[: round(EARLY_S * RATE)]))
        recording = recording_of(wet, RATE)
        findings = step.measure(recording)
        with Writer(tmp_path / "treated.f32") as writer:
            step.treat(recording, findings, writer)
        verdict = step.judge(recording, writer.recording, findings)
        before, after = scores(wet, dry), scores(writer.recording.read().samples[0].astype(np.float64), dry)
        gains.append(np.subtract(after, before))
        log.info("%s %s: %s -> %s; %s", speaker, rt60_s, np.round(before, 3), np.round(after, 3), verdict["reason"])
        assert findings["t60_s"] == pytest.approx(rt60_s, rel=0.35)
        assert verdict["helps"], verdict
    log.info("mean gain of SI-SDR, ESTOI, PESQ: %s", np.round(np.mean(gains, axis=0), 3))
    assert (np.mean(gains, axis=0) > [1.5, 0.07, 0.2]).all()
    assert np.min(gains, axis=0)[1] > 0.03


@pytest.mark.clock
def test_it_costs_what_its_description_says(reading, recording_of, tmp_path: Path) -> None:
    recording: Recording = recording_of(reading.samples, reading.sample_rate)
    step = ReduceReverb()
    began = time.thread_time()
    findings = step.measure(recording)
    measured = time.thread_time()
    with Writer(tmp_path / "treated.f32") as writer:
        step.treat(recording, findings, writer)
    took = time.thread_time()
    step.judge(recording, writer.recording, {**findings, "t60_s": 0.9})
    costs = np.diff([began, measured, took, time.thread_time()]) / recording.duration_s
    log.info("measure, treat, judge, in s for each second: %s", np.round(costs, 4))
    assert costs.sum() < 0.15
