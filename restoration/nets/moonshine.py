"""The encoder of Moonshine as a torch network: every layer can be heard, and a loss followed back to the sound.

Moonshine tiny (Jeffries et al. 2024): three convolutions, then six transformer layers with rotary positions (Su et al.
2021) on part of each head. The weights are read from the file that onnxruntime runs, its 8-bit matrices as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

LAYERS, WIDTH, HEADS = 6, 288, 8
ROTATED = 32
"""Of the 36 numbers of a head, those that carry the position."""
FLOAT, BYTE, SIGNED_BYTE = 1, 2, 3


class Moonshine(nn.Module):
    """Sound (batch, time) at 16 kHz to frames (batch, frames, 288), a frame every 384 samples."""

    frequencies: Tensor

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, WIDTH, 127, stride=64, bias=False)
        self.groupnorm = nn.GroupNorm(1, WIDTH)
        self.conv2 = nn.Conv1d(WIDTH, 2 * WIDTH, 7, stride=3)
        self.conv3 = nn.Conv1d(2 * WIDTH, WIDTH, 3, stride=2)
        self.layers = nn.ModuleList([_Layer() for _ in range(LAYERS)])
        self.layer_norm = nn.LayerNorm(WIDTH, bias=False)
        self.register_buffer("frequencies", torch.zeros(ROTATED // 2))
        self.load_state_dict(dict(_weights(file)))

    def forward(self, sound: Tensor) -> Tensor:
        """The frames after all layers, normalised."""
        made: Tensor = self.layer_norm(self.layers_of(sound, LAYERS)[-1])
        return made

    def layers_of(self, sound: Tensor, layers: int) -> list[Tensor]:
        """The frames before the first layer, and after each of so many."""
        heard = self.groupnorm(torch.tanh(self.conv1(sound[:, None])))
        heard = nn.functional.gelu(self.conv2(heard))
        frames = nn.functional.gelu(self.conv3(heard)).transpose(1, 2)
        angles = torch.arange(frames.shape[1], device=sound.device)[:, None] * self.frequencies
        turn = angles.cos().repeat_interleave(2, dim=-1), angles.sin().repeat_interleave(2, dim=-1)
        made = [frames]
        for layer in self.layers[:layers]:
            made.append(layer(made[-1], *turn))
        return made


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(WIDTH, bias=False)
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4))
        self.post_attention_layernorm = nn.LayerNorm(WIDTH, bias=False)
        self.fc1, self.fc2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, frames: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        heard = self.input_layernorm(frames)
        queries, keys, values = (
            part(heard).unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        queries, keys = _turned(queries, cosines, sines), _turned(keys, cosines, sines)
        joined = nn.functional.scaled_dot_product_attention(queries, keys, values)
        frames = frames + self.o_proj(joined.transpose(1, 2).flatten(-2))
        made: Tensor = frames + self.fc2(nn.functional.gelu(self.fc1(self.post_attention_layernorm(frames))))
        return made


def _turned(heads: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Each pair of numbers turned by its frame's angle."""
    moved, kept = heads[..., :ROTATED], heads[..., ROTATED:]
    across = torch.stack((-moved[..., 1::2], moved[..., ::2]), dim=-1).flatten(-2)
    return torch.cat((moved * cosines + across * sines, kept), dim=-1)


def _weights(file: Path) -> Iterator[tuple[str, Tensor]]:
    """The parameters by the names that ``Moonshine`` gives them."""
    from onnxruntime.tools.ort_format_model.ort_flatbuffers_py.fbs.InferenceSession import InferenceSession

    graph = InferenceSession.GetRootAs(file.read_bytes(), 0).Model().Graph()
    held = {item.Name().decode(): item for item in map(graph.Initializers, range(graph.InitializersLength()))}
    yield from _named(held)
    for node in map(graph.Nodes, range(graph.NodesLength())):
        kind, inputs = node.OpType().decode(), [node.Inputs(n).decode() for n in range(node.InputsLength())]
        if kind in ("MatMulIntegerToFloat", "DynamicQuantizeMatMul"):
            scale, zero = inputs[3::2] if kind == "MatMulIntegerToFloat" else inputs[2:4]
            matrix = (_array(held[inputs[1]]) - _array(held[zero])) * _array(held[scale])
            _, layer, _, part, *_ = node.Outputs(0).decode().split("/")
            yield f"{layer}.{part}.weight", matrix.T.contiguous()


def _named(held: dict[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """Those that the file keeps by their names."""
    for name, item in held.items():
        if name.startswith(("conv", "layers.", "layer_norm.")) and _array(item).dim():
            yield name.replace("_add_tensor", "").replace(".mlp", ""), _array(item)
    yield "groupnorm.weight", _array(held["onnx::Mul_2080"]).flatten()
    yield "groupnorm.bias", _array(held["onnx::Add_2081"]).flatten()
    yield "frequencies", _array(held["onnx::Expand_202"]).flatten()


def _array(item: Any) -> Tensor:
    kinds = {FLOAT: np.float32, BYTE: np.uint8, SIGNED_BYTE: np.int8}
    numbers = np.frombuffer(item.RawDataAsNumpy().tobytes(), dtype=kinds[item.DataType()])
    return torch.from_numpy(numbers.astype(np.float32)).reshape([item.Dims(n) for n in range(item.DimsLength())])
