"""Content encoders of the user's, by their cards alone: frames lie where they were heard, however they are called."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from restoration.errors import MissingWeights
from restoration.nets.content_adapters import EXAMPLES, ContentContract, OnnxContentEncoder
from restoration.nets.content_encoder import content_encoder
from restoration.nets.whisper_mel import log_mel, mel_bands
from tests.onnx_networks import CARD, _constant, _toml

onnx = pytest.importorskip("onnx", reason="the package onnx builds the networks of this test")
SIZE = 12
HUBERT = {"input": "sound", "result": "frames", "size": SIZE, "hop_frames": 320, "window_frames": 400}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESTORATION_MODELS", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, content: bytes, **table: Any) -> None:
    (folder / f"{name}.onnx").write_bytes(content)
    rows = "\n".join(f"{key} = {_toml(value)}" for key, value in table.items())
    text = CARD.format(name=name, sha256=hashlib.sha256(content).hexdigest(), denoiser=rows)
    with (folder / "cards.toml").open("a", encoding="utf-8") as file:
        file.write(text.replace("[model.denoiser]", "[model.content_encoder]"))


def framed(
    axes: str = "batch size frames", hop: int = 320, window: int = 400, channels: int = 1, mask: str = ""
) -> bytes:
    """As many random filters as a frame has numbers, every hop: HuBERT's shape at a hundred-thousandth of its size.

    The result's axes are layers, batch, size and frames in any order; the second of two layers is the first negated.
    """
    helper, draw = onnx.helper, np.random.default_rng(4)
    node = helper.make_node
    inputs = {"sound": [1, channels, "time"] if channels else [1, "time"]}
    nodes = [node("Reshape", ["sound", "flat"], ["line"])]
    if mask:
        inputs[mask] = [1, "time"]
        nodes += [node("Cast", [mask], ["weights"], to=1), node("Reshape", ["weights", "flat"], ["weights_line"])]
        nodes += [node("Mul", ["line", "weights_line"], ["heard"])]
    nodes += [node("Conv", ["heard" if mask else "line", "kernels"], ["bsf"], strides=[hop])]
    natural = ["batch", "size", "frames"]
    if "layers" in axes:
        nodes += [node("Neg", ["bsf"], ["minus"]), node("Unsqueeze", ["bsf", "nought"], ["one"])]
        nodes += [node("Unsqueeze", ["minus", "nought"], ["two"]), node("Concat", ["one", "two"], ["all"], axis=0)]
        natural = ["layers", *natural]
    wanted = axes.split()
    last = "all" if "layers" in axes else "bsf"
    nodes += [node("Transpose", [last], ["frames"], perm=[natural.index(each) for each in wanted])]
    constants = [
        _constant("kernels", draw.normal(0, 1, (SIZE, 1, window))),
        onnx.numpy_helper.from_array(np.array([1, 1, -1]), "flat"),
        onnx.numpy_helper.from_array(np.array([0]), "nought"),
    ]
    kinds = {name: onnx.TensorProto.INT64 if name == mask else onnx.TensorProto.FLOAT for name in inputs}
    taken = [helper.make_tensor_value_info(name, kinds[name], shape) for name, shape in inputs.items()]
    given = [helper.make_tensor_value_info("frames", onnx.TensorProto.FLOAT, [None] * len(wanted))]
    graph = helper.make_graph(nodes, "encoder", taken, given, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def sound(seconds: float) -> np.ndarray:
    return np.random.default_rng(5).normal(0, 0.1, int(seconds * 16000)).astype(np.float32)


def by_hand(heard: np.ndarray, window: int = 400, hop: int = 320) -> np.ndarray:
    """The frames (frames, SIZE) of the network above, in the middle of their hops."""
    kernels = np.random.default_rng(4).normal(0, 1, (SIZE, 1, window)).astype(np.float32)[:, 0]
    beyond = window - hop
    padded = np.pad(heard, (beyond // 2, beyond - beyond // 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][: heard.size // hop]
    return windows @ kernels.T


@pytest.mark.parametrize(
    ("axes", "channels", "mask"),
    [("batch size frames", 1, ""), ("batch frames size", 0, "mask"), ("frames batch size", 0, "")],
)
def test_frames_lie_in_the_middle_of_their_hops(models: Path, axes: str, channels: int, mask: str) -> None:
    put(models, "hubert", framed(axes, channels=channels, mask=mask), **HUBERT, result_axes=axes, mask=mask)
    heard, encoder = sound(1.01), OnnxContentEncoder("hubert")
    found = encoder.encode(heard)
    assert found.shape == (50, SIZE) and found.dtype == np.float32
    assert np.abs(found - by_hand(heard[: 50 * 320])).max() < 1e-4
    assert (encoder.hop_frames, encoder.size, encoder.centre_frames) == (320, SIZE, 159.5)


@pytest.mark.parametrize(("layer", "sign"), [(0, 1), (1, -1), (-1, -1)])
def test_the_layer_of_the_card_is_taken(models: Path, layer: int, sign: int) -> None:
    axes = "layers batch frames size"
    put(models, "wavlm", framed(axes), **HUBERT, result_axes=axes, layer=layer)
    heard = sound(0.5)
    assert np.abs(OnnxContentEncoder("wavlm").encode(heard) - sign * by_hand(heard)).max() < 1e-4


@pytest.mark.parametrize("seconds", [4.0, 5.9, 6.02, 17.3])
def test_long_sound_in_pieces_is_as_in_one(models: Path, seconds: float) -> None:
    put(models, "hubert", framed(), **HUBERT, result_axes="batch size frames", piece_s=6.0, context_s=0.5)
    heard = sound(seconds)
    found = OnnxContentEncoder("hubert").encode(heard)
    assert np.abs(found - by_hand(heard[: len(found) * 320])).max() < 1e-4
    assert len(found) == heard.size // 320


@pytest.mark.parametrize("size", [0, 1, 319, 320])
def test_the_shortest_sound_has_one_frame(models: Path, size: int) -> None:
    put(models, "hubert", framed(), **HUBERT, result_axes="batch size frames")
    assert OnnxContentEncoder("hubert").encode(sound(1)[:size]).shape == (1, SIZE)


def test_normalised_over_the_whole_sound(models: Path) -> None:
    put(models, "hubert", framed(), **HUBERT, result_axes="batch size frames", normalisation="utterance")
    heard = sound(1)
    found = OnnxContentEncoder("hubert").encode(heard + 0.3)
    assert np.abs(found - by_hand((heard - heard.mean()) / heard.std())).max() < 2e-3


def test_another_sample_rate_keeps_time(models: Path) -> None:
    table = {**HUBERT, "hop_frames": 640, "window_frames": 640, "sample_rate": 32000}
    put(models, "wide", framed(hop=640, window=640), **table, result_axes="batch size frames")
    encoder = OnnxContentEncoder("wide")
    found = encoder.encode(np.concatenate([np.zeros(16000), sound(1)]).astype(np.float32))
    assert encoder.hop_frames == 320 and found.shape == (100, SIZE)
    level = np.abs(found).mean(axis=1)
    assert level[:49].max() < 0.05 * level[51:].min()


def test_a_whisper_is_given_its_spectrogram(models: Path) -> None:
    """The network averages pairs of frames and a few bands: what comes out is the spectrogram, at half its rate."""
    helper = onnx.helper
    nodes = [helper.make_node("AveragePool", ["input_features"], ["bsf"], kernel_shape=[2], strides=[2])]
    nodes += [helper.make_node("Transpose", ["bsf"], ["last"], perm=[0, 2, 1])]
    shapes = {"input_features": [1, 80, 3000], "last": [1, 1500, 80]}
    taken, given = (helper.make_tensor_value_info(name, 1, shape) for name, shape in shapes.items())
    graph = helper.make_graph(nodes, "whisper", [taken], [given], [])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    table = {"kind": "log-mel", "input": "input_features", "result": "last", "size": 80, "hop_frames": 320}
    put(models, "whisper", model.SerializeToString(), **table)
    tone = (0.1 * np.sin(2 * np.pi * 1000 * np.arange(40 * 16000) / 16000) * (np.arange(640000) > 496000)).astype(
        np.float32
    )
    encoder = content_encoder("whisper")
    found = encoder.encode(tone)
    assert found.shape == (2000, 80)
    assert abs(int(np.argmax(np.diff(found.max(axis=1)))) - 1550) <= 2
    centres_hz = mel_bands(80) @ np.fft.rfftfreq(400, 1 / 16000) / mel_bands(80).sum(axis=1)
    assert abs(centres_hz[found[1800].argmax()] - 1000) < 40


def test_the_mel_spectrogram_is_whispers() -> None:
    """Radford et al.: 80 bands, 25 ms windows, 10 ms hops, at most 8 decades deep, about -1 to 1."""
    spectrum = log_mel(sound(5), 80, 30.0)
    assert spectrum.shape == (1, 80, 3000) and spectrum.dtype == np.float32
    assert spectrum.max() - spectrum.min() == pytest.approx(2.0)
    bands = mel_bands(80)
    assert bands.shape == (80, 201)
    # Slaney: triangles of the area of 1 Hz, 15 mel at 1 kHz, of 80 bands and their two ends over 45.25 mel.
    assert np.allclose((bands.sum(axis=1) * 40)[20:], 1, atol=0.12)
    assert np.argmax(bands[:, 25]) in (26, 27)


def test_a_card_that_does_not_fit_is_a_sentence(models: Path) -> None:
    put(models, "hop", framed(), **{**HUBERT, "hop_frames": 160, "window_frames": 0}, result_axes="batch size frames")
    put(models, "size", framed(), **{**HUBERT, "size": 7}, result_axes="batch size frames")
    put(models, "axes", framed(), **HUBERT)
    put(models, "input", framed(), **{**HUBERT, "input": "wave"}, result_axes="batch size frames")
    put(models, "result", framed(), **{**HUBERT, "result": "embed"}, result_axes="batch size frames")
    put(models, "layer", framed("layers batch size frames"), **HUBERT, result_axes="layers batch size frames", layer=2)
    put(models, "word", framed(), **HUBERT, hop_ms=20)
    put(models, "bytes", b"no network", **HUBERT)
    sentences = {
        "hop": "where its card's hop of 160 means 100",
        "size": "with a size of 7",
        "axes": r"has the shape \[1, 12, 50\]",
        "input": "names the input wave; the file has sound",
        "result": "names the result embed; the file has frames",
        "layer": "has 2 layers, counted from 0; the card asks for 2",
        "word": "there is no 'hop_ms'",
        "bytes": "cannot be read as an ONNX network",
        "absent": "there is no model 'absent'",
        "denoiser": r"has no table \[model.content_encoder\]",
    }
    for name, sentence in sentences.items():
        with pytest.raises(MissingWeights, match=sentence):
            content_encoder(name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hop_frames": 0},
        {"kind": "spectrum"},
        {"normalisation": "peak"},
        {"result_axes": "batch time"},
        {"bands": 64},
        {"window_frames": 100},
        {"context_s": 12.0},
        {"sample_rate": 22050},
        {"kind": "log-mel", "piece_s": 20.0},
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ContentContract(**{**HUBERT, **wrong})


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_contracts(name: str) -> None:
    assert ContentContract(**EXAMPLES[name]).hop_frames == 320
