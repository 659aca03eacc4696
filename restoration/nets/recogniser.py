"""What a fixed recogniser understands: Moonshine tiny (Jeffries et al. 2024), English, from the wheel moonshine-voice.

Its networks are in the wheel up to version 0.1.0; they are run by onnxruntime, the package itself is never imported.
The word error rate is that of the treated clip beside what is recognised in the clean one.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.nets.onnx_session import open_session

Mono = npt.NDArray[np.floating]
PACKAGE = "moonshine_voice"
NETWORKS = "assets/tiny-en"
SAMPLE_RATE = 16000
LAYERS, HEADS, HEAD_SIZE = 6, 8, 36
START, STOP = 1, 2
WORDS_A_SECOND = 6.5
"""More tokens than anybody speaks: a recogniser that repeats itself is stopped there."""


def word_error_rate(clean: Mono, treated: Mono) -> float | None:
    """Words wrong, missing or added, over the words recognised in the clean clip; None when there are none."""
    spoken = words(_recognised_once(clean.tobytes()))
    if not spoken:
        return None
    return distance(spoken, words(recognised(treated))) / len(spoken)


def words(text: str) -> list[str]:
    """The words of a text without case and punctuation."""
    return re.findall(r"[\w']+", text.lower())


def distance(first: list[str], second: list[str]) -> int:
    """The least number of words to change, leave out or put in (Levenshtein 1966)."""
    row = list(range(len(second) + 1))
    for count, word in enumerate(first, start=1):
        costs = [count]
        for column, ((before, above), other) in enumerate(zip(pairwise(row), second, strict=True)):
            costs.append(min(above + 1, costs[column] + 1, before + (word != other)))
        row = costs
    return row[-1]


@cache
def _recognised_once(sound: bytes) -> str:
    return recognised(np.frombuffer(sound, dtype=np.float64))


def recognised(sound: Mono) -> str:
    """The text in ``sound`` at 16 kHz, by greedy decoding."""
    encoder, decoder = _networks()
    heard = sound.astype(np.float32)[None]
    everything = np.ones(heard.shape, dtype=np.int64)
    hidden = encoder.run(None, {"input_values": heard, "attention_mask": everything})[0]
    past = {name: np.zeros((1, HEADS, 0, HEAD_SIZE), dtype=np.float32) for name in _past_names()}
    tokens = [START]
    for turn in range(int(WORDS_A_SECOND * sound.size / SAMPLE_RATE) + 2):
        feeds = {
            "encoder_hidden_states": hidden,
            "encoder_attention_mask": everything,
            "input_ids": np.array([tokens[-1:]], dtype=np.int64),
            "use_cache_branch": np.array([turn > 0]),
        }
        logits, *present = decoder.run(None, feeds | past)
        # After the first turn the decoder gives no keys of the encoder any more: those of the first turn stay.
        kept = zip(past, present, strict=True)
        past = {name: new if turn == 0 or ".decoder." in name else past[name] for name, new in kept}
        tokens.append(int(logits[0, -1].argmax()))
        if tokens[-1] == STOP:
            break
    return _text(tokens)


def _past_names() -> list[str]:
    sides = [f"{part}.{kind}" for part in ("decoder", "encoder") for kind in ("key", "value")]
    return [f"past_key_values.{layer}.{side}" for layer in range(LAYERS) for side in sides]


def _assets() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"the package {PACKAGE} is not installed")
    return Path(found.origin).parent / NETWORKS


@cache
def _networks() -> tuple[Any, Any]:
    encoder, decoder = (open_session(_assets() / f"{name}.ort") for name in ("encoder_model", "decoder_model_merged"))
    return encoder, decoder


@cache
def _vocabulary() -> tuple[bytes, ...]:
    content = (_assets() / "tokenizer.bin").read_bytes()
    pieces, place = [], 0
    while place < len(content):
        size, width = content[place], 1
        if size >= 128:
            size, width = content[place + 1] * 128 + size - 128, 2
        pieces.append(content[place + width : place + width + size])
        place += width + size
    return tuple(pieces)


def _text(tokens: list[int]) -> str:
    joined = b"".join(_piece(_vocabulary()[token]) for token in tokens if token > STOP)
    return joined.decode("utf-8", errors="replace").replace("▁", " ").strip()


def _piece(piece: bytes) -> bytes:
    # Letters that have no piece of their own are spelled in bytes: <0xC3>.
    if found := re.fullmatch(rb"<0x([0-9A-F]{2})>", piece):
        return bytes([int(found[1], 16)])
    return piece
