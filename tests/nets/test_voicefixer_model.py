"""VoiceFixer behind its door: alignment, refusals, and the real loading code on files of the right shape."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import fftconvolve, firwin

from restoration.audio import Recording, Writer
from restoration.errors import MissingWeights
from restoration.nets.voicefixer_model import LARGEST_LAG_S, VoiceFixerModel, aligned, envelope_lag
from restoration.steps.extend_band import ExtendBand

RecordingOf = Callable[..., Recording]
RATE = 44100
VOCODER = "model.ckpt-1490000_trimed.pt"


def syllables(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise with the envelope of syllables."""
    rng = np.random.default_rng(seed)
    steps = rng.random(int(seconds * 8) + 2) ** 2
    time = np.arange(round(seconds * RATE))
    return (np.interp(time, np.arange(steps.size) * RATE / 8, steps) * rng.standard_normal(time.size)).astype(
        np.float32
    )


@pytest.mark.parametrize("lag", [-847, 0, 1023])
def test_a_late_or_early_sound_is_moved_onto_its_source(lag: int) -> None:
    heard = syllables(3)
    other_waves = np.abs(heard) * np.sign(np.random.default_rng(1).standard_normal(heard.size)).astype(np.float32)
    made = np.roll(other_waves, lag)
    assert abs(envelope_lag(made, heard, RATE) - lag) <= 22  # half a millisecond
    assert abs(envelope_lag(aligned(made, heard, RATE), heard, RATE)) <= 22


def test_sounds_that_have_nothing_in_common_are_not_moved() -> None:
    rng = np.random.default_rng(3)
    heard, made = (rng.standard_normal(RATE).astype(np.float32) for _ in range(2))
    assert envelope_lag(made, heard, RATE) == 0
    assert envelope_lag(made, np.zeros_like(heard), RATE) == 0


def test_a_lag_beyond_what_the_vocoder_has_is_not_believed() -> None:
    heard = syllables(2)
    assert abs(envelope_lag(np.roll(heard, RATE // 5), heard, RATE)) <= LARGEST_LAG_S * RATE


def test_without_weights_nothing_is_imported_or_fetched(tmp_path: Path) -> None:
    script = (
        "import sys, socket\n"
        "def refuse(*_, **__): raise SystemExit('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from restoration.errors import MissingWeights\n"
        "from restoration.nets.voicefixer_model import VoiceFixerModel\n"
        "try: VoiceFixerModel()\n"
        "except MissingWeights as error: print(error)\n"
        "raise SystemExit('voicefixer was imported' if 'voicefixer' in sys.modules else 0)\n"
    )
    environment = os.environ | {"HOME": str(tmp_path), "RESTORATION_MODELS": str(tmp_path / "models")}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert str(tmp_path / "models" / "voicefixer" / "vf.ckpt") in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "voicefixer").mkdir()
    for name in ("vf.ckpt", VOCODER):
        (tmp_path / "voicefixer" / name).write_bytes(b"<!doctype html> not found")
    monkeypatch.setenv("RESTORATION_MODELS", str(tmp_path))
    with pytest.raises(MissingWeights, match="cannot be read as a checkpoint of tensors"):
        VoiceFixerModel()


@pytest.fixture(scope="module")
def model(voicefixer_folder: Path) -> VoiceFixerModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "RESTORATION_MODELS", str(voicefixer_folder))
        return VoiceFixerModel()


@pytest.mark.slow
class TestWithFilesOfTheRightShape:
    def test_same_length_and_same_sound_twice(self, model: VoiceFixerModel) -> None:
        home = os.environ.get("HOME")
        sound = 0.1 * syllables(1.0)[:40001]
        first, second = model.restore(sound, 48000), model.restore(sound, 48000)
        assert first.shape == sound.shape
        assert np.isfinite(first).all() and first.any()
        assert np.array_equal(first, second)
        assert os.environ.get("HOME") == home

    def test_a_remainder_that_the_package_cannot_take_is_taken(self, model: VoiceFixerModel) -> None:
        assert model.restore(0.1 * syllables(0.1)[:700], RATE).shape == (700,)

    def test_silence_stays_silence(self, model: VoiceFixerModel) -> None:
        assert not model.restore(np.zeros(RATE, dtype=np.float32), RATE).any()

    def test_more_than_thirty_seconds_are_refused(self, model: VoiceFixerModel) -> None:
        with pytest.raises(ValueError, match="30 s at most"):
            model.restore(np.zeros(31 * RATE, dtype=np.float32), RATE)

    def test_the_step_takes_only_what_lies_above_the_recorded_band(
        self, voicefixer_folder: Path, recording_of: RecordingOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("RESTORATION_MODELS", str(voicefixer_folder))
        narrow = fftconvolve(0.1 * syllables(2.5), firwin(801, 3400, fs=RATE, window=("kaiser", 10)), mode="same")
        recording = recording_of(np.stack([narrow, np.zeros_like(narrow)]), RATE)
        step = ExtendBand(method="voicefixer", recorded_bandwidth_hz=3400)
        findings = {
            "method": "voicefixer",
            "generated_band_hz": [3400.0, 8000.0],
            "levels": [{"pause_db": -90.0, "voice_db": -40.0}, {"pause_db": 0.0, "voice_db": 0.0}],
            "speech": [[0.5, 2.0]],
        }
        with Writer(tmp_path / "extended.f32") as writer:
            step.treat(recording, findings, writer)
        extended, source = writer.recording.read().samples, recording.read().samples
        added = extended[0].astype(float) - source[0]
        below = fftconvolve(added, firwin(801, 3000, fs=RATE, window=("kaiser", 10)), mode="same")
        assert np.abs(added[RATE // 2 : 2 * RATE]).max() > 1e-4
        assert np.abs(below).max() < 1e-5
        assert not added[: round(0.4 * RATE)].any()
        assert np.array_equal(extended[1], source[1])

    @pytest.mark.parametrize("wrong", ["vf.ckpt", VOCODER])
    def test_another_networks_file_is_refused(
        self, wrong: str, voicefixer_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import torch

        (tmp_path / "voicefixer").mkdir()
        for name in ("vf.ckpt", VOCODER):
            if name != wrong:
                (tmp_path / "voicefixer" / name).symlink_to(voicefixer_folder / "voicefixer" / name)
        tensors = torch.load(voicefixer_folder / "voicefixer" / wrong, weights_only=True, mmap=True)
        table = tensors["generator"] if wrong == VOCODER else tensors
        table["generator.foreign.weight"] = table.pop(next(n for n in table if "bias" in n and "vocoder" not in n))
        torch.save(tensors, tmp_path / "voicefixer" / wrong)
        monkeypatch.setenv("RESTORATION_MODELS", str(tmp_path))
        with pytest.raises(MissingWeights, match="1 are missing, 1 are foreign"):
            VoiceFixerModel()
        shutil.rmtree(tmp_path / "voicefixer")
