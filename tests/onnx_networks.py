"""Small ONNX networks of random or known weights, and the cards that describe them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

CARD = """
[[model]]
name = "{name}"
file = "{name}.onnx"
sha256 = "{sha256}"
licence = "CC0-1.0"
recipe = "made by a test"
quality = "none"
use = "tests"
limits = "knows nothing"
training = [{{ name = "nothing", licence = "CC0-1.0" }}]
[model.denoiser]
{denoiser}
"""


def put_network(folder: Path, name: str, content: bytes, **denoiser: Any) -> None:
    """Write a network and its card into a user's folder of models."""
    (folder / f"{name}.onnx").write_bytes(content)
    rows = [f"{key} = {_toml(value)}" for key, value in denoiser.items()]
    card = CARD.format(name=name, sha256=hashlib.sha256(content).hexdigest(), denoiser="\n".join(rows))
    with (folder / "cards.toml").open("a", encoding="utf-8") as file:
        file.write(card)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'{key} = "{each}"' for key, each in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


def waveform_network(taps: np.ndarray) -> bytes:
    """(1, 1, time) filtered by ``taps``, causal: the first is what is heard at once."""
    onnx = pytest.importorskip("onnx", reason="the package onnx builds the networks of this test")
    kernel = _constant("kernel", taps[::-1].reshape(1, 1, -1))
    node = onnx.helper.make_node("Conv", ["sound", "kernel"], ["clean"], pads=[taps.size - 1, 0])
    return _network([node], {"sound": [1, 1, "time"]}, {"clean": [1, 1, "time"]}, [kernel])


def one_frame_late(bins: int, parts_last: bool = True) -> bytes:
    """A spectrum stream that gives every frame back with the next one: its memory is the frame."""
    onnx = pytest.importorskip("onnx", reason="the package onnx builds the networks of this test")
    shape = [1, bins, 1, 2] if parts_last else [1, 2, bins]
    nodes = [
        onnx.helper.make_node("Identity", ["past"], ["clean"]),
        onnx.helper.make_node("Identity", ["mix"], ["past_out"]),
    ]
    return _network(nodes, {"mix": shape, "past": shape}, {"clean": shape, "past_out": shape}, [])


def random_mask(bins: int, seed: int = 0) -> bytes:
    """A spectrum stream with random weights: a gain for each bin from the frame and from a memory of 8."""
    onnx = pytest.importorskip("onnx", reason="the package onnx builds the networks of this test")
    draw = np.random.default_rng(seed)
    flat, units = 2 * bins, 8
    weights = [
        _constant("to_memory", draw.normal(0, 2 / np.sqrt(flat), (flat, units))),
        _constant("memory_to_memory", draw.normal(0, 0.3, (units, units))),
        _constant("to_gain", draw.normal(0, 2, (units, bins))),
        onnx.numpy_helper.from_array(np.array([1, flat]), "flat_shape"),
        onnx.numpy_helper.from_array(np.array([1, bins, 1, 1]), "gain_shape"),
    ]
    node = onnx.helper.make_node
    nodes = [
        node("Reshape", ["mix", "flat_shape"], ["flat"]),
        node("MatMul", ["flat", "to_memory"], ["heard"]),
        node("MatMul", ["past", "memory_to_memory"], ["remembered"]),
        node("Add", ["heard", "remembered"], ["sum"]),
        node("Tanh", ["sum"], ["past_out"]),
        node("MatMul", ["past_out", "to_gain"], ["before_gain"]),
        node("Sigmoid", ["before_gain"], ["gain"]),
        node("Reshape", ["gain", "gain_shape"], ["gains"]),
        node("Mul", ["mix", "gains"], ["clean"]),
    ]
    shapes = {"mix": [1, bins, 1, 2], "past": [1, units]}
    return _network(nodes, shapes, {"clean": [1, bins, 1, 2], "past_out": [1, units]}, weights)


def _constant(name: str, values: np.ndarray) -> Any:
    import onnx

    return onnx.numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name)


def _network(nodes: list[Any], inputs: dict[str, list], results: dict[str, list], constants: list[Any]) -> bytes:
    from onnx import TensorProto, helper

    described = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in each.items()]
        for each in (inputs, results)
    ]
    graph = helper.make_graph(nodes, "network", *described, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())
