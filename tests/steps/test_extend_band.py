"""The band that is generated: closer to the full-band voice, and never at the cost of what was recorded."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from scipy.signal import fftconvolve, firwin

from restoration.audio import Audio, Recording, Writer
from restoration.benchmark.scores import Pair
from restoration.errors import MissingWeights
from restoration.nets.voice_bands import BANDS
from restoration.repair.band_extension import Method
from restoration.step import Findings
from restoration.steps.extend_band import ExtendBand
from restoration.training.clips import is_held_out

RecordingOf = Callable[..., Recording]

RATE = 48000
MOST = 1.3
"""Log-spectral distance (restoration.benchmark.scores) that no speech cut at 4 kHz may pass when it is extended."""

LEFT = {"network": 0.8, "replication": 0.9}
"""What share of the distance up to 8 kHz may be left."""


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESTORATION_MODELS", raising=False)


def low_passed(sound: np.ndarray, edge_hz: float, rate: int = RATE) -> np.ndarray:
    return fftconvolve(sound, firwin(1201, edge_hz, fs=rate, window=("kaiser", 10)), mode="same")


def decades_apart(sound: np.ndarray, clean: np.ndarray, up_to_hz: Sequence[float]) -> list[float]:
    """Log-spectral distance up to each frequency, as the benchmark has it."""
    squares = Pair(clean, sound).log_distance
    hz = np.linspace(0, RATE / 2, squares.shape[1])
    return [float(np.sqrt(squares[:, hz < up_to].mean(axis=1)).mean()) for up_to in up_to_hz]


def treated(step: ExtendBand, recording: Recording, findings: Findings, path: Path) -> np.ndarray:
    with Writer(path / "extended.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording.read().samples


NOISE_DB = [-100.0] * BANDS


def found(edge_hz: float, target_hz: float = 8000.0, channels: int = 1, method: str = "network") -> Findings:
    return {
        "method": method,
        "generated_band_hz": [edge_hz, target_hz],
        "levels": [{"pause_db": -100.0, "voice_db": -40.0}] * channels,
        "heard": [{"voice_db": -40.0, "noise_db": NOISE_DB, "upper_noise_db": -100.0}] * channels,
        "speech": [[0.2, 3.7], [4.0, 11.0], [12.0, 40.0]],
    }


def voice(reading: Audio, seconds: float = 20.0) -> np.ndarray:
    return reading.samples[0, : round(seconds * reading.sample_rate)].astype(float)


@pytest.mark.parametrize("method", ["network", "replication"])
@pytest.mark.parametrize("edge_hz", [3400, 4000, 5500])
def test_a_narrow_voice_comes_closer_and_keeps_what_was_recorded(
    edge_hz: int, method: Method, reading: Audio, recording_of: RecordingOf, tmp_path: Path
) -> None:
    clean = voice(reading, 10)
    recording = recording_of(low_passed(clean, edge_hz), RATE)
    narrow = recording.read().samples[0].astype(float)
    step = ExtendBand(method=method, target_bandwidth_hz=8000.0)
    findings = json.loads(json.dumps(step.measure(recording)))
    assert findings["needed"] and findings["method"] == method
    assert findings["recorded_bandwidth_hz"] == pytest.approx(edge_hz, rel=0.06)
    assert findings["generated_relative_db"] < -10
    assert 0.5 < findings["generated_share_of_speech"] <= 1
    extended = treated(step, recording, findings, tmp_path)[0].astype(float)
    before, after = (decades_apart(each, clean, [8000, 24000]) for each in (narrow, extended))
    assert after[0] < LEFT[method] * before[0]
    assert after[1] < before[1]
    added = extended - narrow
    assert np.abs(low_passed(added, 0.95 * edge_hz)).max() < 1e-5


@pytest.mark.parametrize(
    ("bandwidth", "target_hz", "most_8k", "most_24k"), [("20000", 18000.0, 0.7, 0.72), ("7900", 8000.0, 0.5, 0.3)]
)
def test_speech_cut_at_4_khz_comes_close_to_the_full_band(
    bandwidth: str, target_hz: float, most_8k: float, most_24k: float, corpus: Path, recording_of: RecordingOf, tmp_path
) -> None:
    """Clips of the training's corpus that were held out; as they are cut, those of full band have 1.1."""
    with (corpus / "train.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["bandwidth_hz"] == bandwidth and is_held_out(row["path"])]
    distances = []
    for row in rows[:: len(rows) // 6][:6]:
        samples, rate = soundfile.read(corpus / row["path"], dtype="float64", always_2d=True)
        clean = soxr.resample(samples[: 6 * rate, 0], rate, RATE)
        recording = recording_of(low_passed(clean, 4000), RATE)
        step = ExtendBand(target_bandwidth_hz=target_hz)
        extended = treated(step, recording, step.measure(recording), tmp_path)[0].astype(float)
        distances.append(decades_apart(extended, clean, [8000, 24000]))
    figures = np.mean(distances, axis=0)
    assert figures[0] < min(most_8k, MOST) and figures[1] < min(most_24k, MOST), figures


@pytest.mark.parametrize("block_frames", [5003, 2**17, 2**20])
def test_any_block_size_gives_the_same_sound(
    block_frames: int, reading: Audio, recording_of: RecordingOf, tmp_path: Path
) -> None:
    narrow = low_passed(voice(reading, 12), 3400)
    sound = np.stack([narrow, 0.5 * narrow])
    findings = found(3400.0, channels=2)
    reference = treated(ExtendBand(), recording_of(sound, RATE), findings, tmp_path)
    other = treated(ExtendBand(), recording_of(sound, RATE, block_frames), findings, tmp_path)
    assert np.abs(other - reference).max() < 1e-6


@pytest.mark.parametrize("method", ["network", "replication"])
def test_the_steps_own_blocks_leave_no_seam(
    method: str, reading: Audio, recording_of: RecordingOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, findings = recording_of(low_passed(voice(reading, 12), 3400), RATE), found(3400.0, method=method)
    in_blocks = treated(ExtendBand(), recording, findings, tmp_path)
    monkeypatch.setattr("restoration.repair.band_extension.BLOCK_S", 3.3)
    assert np.abs(treated(ExtendBand(), recording, findings, tmp_path) - in_blocks).max() < 1e-6


def test_a_sound_that_stops_in_the_middle_of_a_word_gets_no_click(
    reading: Audio, recording_of: RecordingOf, tmp_path: Path
) -> None:
    """Cut there, the made band would have all frequencies at its end."""
    recording = recording_of(low_passed(voice(reading, 3.0), 4000)[round(0.7 * RATE) : round(2.6 * RATE)], RATE)
    step = ExtendBand()
    findings = step.measure(recording)
    added = treated(step, recording, findings, tmp_path)[0].astype(float) - recording.read().samples[0]
    assert np.abs(added[RATE // 2 : -RATE // 2]).max() > 1e-3
    beyond = np.pad(added, RATE)
    assert np.abs(low_passed(beyond, 3800)).max() < 1e-5


def test_pauses_stay_as_they_are(reading: Audio, recording_of: RecordingOf, tmp_path: Path) -> None:
    narrow = low_passed(voice(reading, 13), 3400)
    narrow[round(11.05 * RATE) : round(11.95 * RATE)] = 0
    recording = recording_of(narrow, RATE)
    extended = treated(ExtendBand(), recording, found(3400.0), tmp_path)[0]
    source = recording.read().samples[0]
    for start_s, end_s in ((0.0, 0.12), (3.79, 3.91), (11.1, 11.9)):
        stretch = slice(round(start_s * RATE), round(end_s * RATE))
        assert np.array_equal(extended[stretch], source[stretch])


def test_a_full_band_voice_is_left_alone(reading: Audio, recording_of: RecordingOf) -> None:
    recording = recording_of(reading.samples, RATE)
    for target_hz, said in ((8000.0, "of the 8000 Hz wanted"), (18000.0, "from 7200 Hz on it is left alone")):
        findings = ExtendBand(target_bandwidth_hz=target_hz).measure(recording)
        assert findings["needed"] is False
        assert said in findings["reason"]


def test_where_nobody_speaks_nothing_is_made(recording_of: RecordingOf) -> None:
    hiss = low_passed(0.01 * np.random.default_rng(1).standard_normal(5 * RATE), 3000)
    findings = ExtendBand().measure(recording_of(hiss, RATE))
    assert findings["needed"] is False


@pytest.mark.parametrize("frames", [1, 100, 4000])
def test_very_short_recordings(frames: int, recording_of: RecordingOf, tmp_path: Path) -> None:
    recording = recording_of(0.1 * np.random.default_rng(1).standard_normal(frames), RATE)
    assert ExtendBand().measure(recording)["needed"] is False
    assert treated(ExtendBand(), recording, found(3400.0), tmp_path).shape == (1, frames)


def test_silence_stays_silence(recording_of: RecordingOf, tmp_path: Path) -> None:
    recording = recording_of(np.zeros((2, RATE)), RATE)
    assert ExtendBand().measure(recording)["needed"] is False
    assert not treated(ExtendBand(), recording, found(3400.0, channels=2), tmp_path).any()


@pytest.mark.parametrize("rate", [8000, 11025, 192000])
def test_other_sample_rates(rate: int, reading: Audio, recording_of: RecordingOf, tmp_path: Path) -> None:
    sound = soxr.resample(low_passed(voice(reading, 6), 2500), RATE, rate)
    recording = recording_of(sound, rate)
    step = ExtendBand()
    findings = step.measure(recording)
    assert findings["needed"]
    assert findings["generated_band_hz"][1] == min(12000, 0.49 * rate)
    added = treated(step, recording, findings, tmp_path)[0] - recording.read().samples[0]
    assert np.isfinite(added).all() and np.abs(added).max() > 1e-4


def test_asking_for_voicefixer_without_its_weights_is_an_error(reading: Audio, recording_of: RecordingOf) -> None:
    recording = recording_of(low_passed(voice(reading, 5), 3400), RATE)
    with pytest.raises(MissingWeights, match=r"vf\.ckpt"):
        ExtendBand(method="voicefixer").measure(recording)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target_bandwidth_hz": 20000},
        {"enough_bandwidth_hz": 100},
        {"method": "auto"},
        {"recorded_bandwidth_hz": 100},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_before_any_sound(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ExtendBand(**wrong)


def test_each_method_names_the_models_it_loads() -> None:
    assert ExtendBand().models == ("extender",)
    assert ExtendBand(method="replication").models == ()
    assert ExtendBand(method="voicefixer").models == ("voicefixer-analysis", "voicefixer-vocoder")
