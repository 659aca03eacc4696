"""ONNX networks run by their cards alone: what they give back lies where it was heard."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soxr

from restoration.audio import Audio
from restoration.errors import MissingWeights
from restoration.nets.onnx_denoiser import Contract, OnnxDenoiser
from tests.onnx_networks import one_frame_late, put_network, random_mask, waveform_network

STREAM = {"contract": "spectrum stream", "sample_rate": 16000, "input": "mix", "result": "clean"}
WAVEFORM = {"contract": "waveform", "sample_rate": 16000, "input": "sound", "result": "clean"}
PAST = {"past": "past_out"}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESTORATION_MODELS", str(tmp_path))
    return tmp_path


def sound(frames: int) -> np.ndarray:
    return np.random.default_rng(5).normal(0, 0.1, frames).astype(np.float32)


@pytest.mark.parametrize(("window", "hop"), [(512, 256), (512, 128), (320, 160)])
@pytest.mark.parametrize("parts_last", [True, False])
@pytest.mark.parametrize("frames", [1, 255, 512, 5003])
def test_a_stream_that_is_late_is_put_back_to_the_sample(models: Path, window, hop, parts_last, frames) -> None:
    content = one_frame_late(window // 2 + 1, parts_last)
    put_network(models, "late", content, **STREAM, states=PAST, window=window, hop=hop, delay_frames=hop)
    heard = sound(frames)
    assert np.abs(OnnxDenoiser("late").clean(heard) - heard).max() < 1e-6


@pytest.mark.parametrize("multiple", [1, 160])
def test_a_waveform_network_that_is_late_is_put_back_to_the_sample(models: Path, multiple: int) -> None:
    taps = np.zeros(48)
    taps[37] = 1
    put_network(models, "late", waveform_network(taps), **WAVEFORM, delay_frames=37, multiple=multiple)
    heard = sound(4001)
    assert np.abs(OnnxDenoiser("late").clean(heard) - heard).max() < 1e-6


def test_every_call_begins_with_a_silent_memory(models: Path) -> None:
    put_network(models, "mask", random_mask(257), **STREAM, states=PAST)
    denoiser, heard = OnnxDenoiser("mask"), sound(8000)
    first = denoiser.clean(heard)
    assert np.array_equal(denoiser.clean(heard), first)
    assert 0.1 < np.std(first) / np.std(heard) < 0.9
    # With the memory of what came before, the same stretch would sound otherwise: the states are carried.
    assert np.abs(denoiser.clean(heard[4096:])[1024:2048] - first[5120:6144]).max() > 1e-6


def test_another_file_than_the_cards_is_refused(models: Path) -> None:
    put_network(models, "mask", random_mask(257), **STREAM, states=PAST)
    (models / "mask.onnx").write_bytes(random_mask(257, seed=1))
    with pytest.raises(MissingWeights, match="sha256"):
        OnnxDenoiser("mask")


def test_what_is_no_network_is_a_sentence(models: Path) -> None:
    put_network(models, "mask", b"nonsense", **STREAM, states=PAST)
    with pytest.raises(MissingWeights, match="cannot be read as an ONNX network"):
        OnnxDenoiser("mask")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input": "mixture"}, "names the input mixture; the file has mix, past"),
        ({"result": "enhanced"}, "names the output enhanced; the file has clean, past_out"),
        ({"states": {}}, "cannot be called as its card says"),
        ({"window": 320, "hop": 160}, "one axis of 161 bins"),
        ({"hop": 100}, "a hop of 100 does not fit"),
        ({"contract": "telepathy"}, "spectrum stream or waveform"),
        ({"windw": 320}, "there is no 'windw'"),
        ({"sample_rate": 10}, "sample_rate is 10"),
    ],
)
def test_a_card_that_does_not_fit_is_a_sentence(models: Path, change: dict, sentence: str) -> None:
    put_network(models, "mask", random_mask(257), **{**STREAM, "states": PAST, **change})
    with pytest.raises(MissingWeights, match=sentence):
        OnnxDenoiser("mask")


def test_a_model_of_another_kind_is_no_denoiser(models: Path) -> None:
    with pytest.raises(MissingWeights, match=r"no table \[model.denoiser\]"):
        OnnxDenoiser("voicefixer-analysis")


def test_a_card_with_too_little_is_a_sentence(models: Path) -> None:
    (models / "cards.toml").write_text('[[model]]\nname = "mask"\ntraining = []\n', encoding="utf-8")
    with pytest.raises(MissingWeights, match=r"cards\.toml cannot be read as model cards: .*sha256"):
        OnnxDenoiser("mask")


def test_a_users_card_takes_no_name_that_is_known(models: Path) -> None:
    put_network(models, "denoiser", random_mask(257), **STREAM, states=PAST)
    with pytest.raises(MissingWeights, match="there is a model 'denoiser' already"):
        OnnxDenoiser("denoiser")


def test_a_users_card_states_the_digest(models: Path) -> None:
    put_network(models, "mask", random_mask(257), **STREAM, states=PAST)
    cards = models / "cards.toml"
    lines = cards.read_text(encoding="utf-8").splitlines()
    unpinned = ['sha256 = ""' if line.startswith("sha256") else line for line in lines]
    cards.write_text("\n".join(unpinned), encoding="utf-8")
    with pytest.raises(MissingWeights, match="needs the sha256"):
        OnnxDenoiser("mask")


def test_a_contract_fits_its_defaults() -> None:
    assert Contract(**STREAM).hop * 2 == Contract(**STREAM).window


GTCRN = {
    **STREAM,
    "result": "enh",
    "states": {name: f"{name}_out" for name in ("conv_cache", "tra_cache", "inter_cache")},
}


def test_a_published_network_runs_by_its_card(models: Path, reading: Audio) -> None:
    """GTCRN (Rong et al. 2024): hiss goes, the voice stays where it was."""
    file = Path(os.environ.get("RESTORATION_PEERS", "")) / "gtcrn_stream.onnx"
    if not file.is_file():
        pytest.skip("RESTORATION_PEERS does not name a folder with gtcrn_stream.onnx")
    put_network(models, "gtcrn", file.read_bytes(), **GTCRN)
    voice = soxr.resample(reading.samples[0], 48000, 16000)[: 6 * 16000]
    voice = voice * 10 ** (-26 / 20) / np.std(voice)
    noisy = (voice + 10 ** (-36 / 20) * np.random.default_rng(1).standard_normal(voice.size)).astype(np.float32)
    clean = OnnxDenoiser("gtcrn").clean(noisy)

    def sdr_db(heard: np.ndarray) -> float:
        return float(10 * np.log10(np.sum(voice**2) / np.sum((heard - voice) ** 2)))

    assert sdr_db(clean) > sdr_db(noisy) + 3
    lags = range(-20, 21)
    assert max(lags, key=lambda lag: float(np.roll(clean, -lag) @ voice)) == 0
