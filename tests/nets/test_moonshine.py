"""The embedded encoder as a torch network is the one that onnxruntime runs from the same file."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restoration.nets.content_encoder import LAYERS_HEARD, NETWORK, content_encoder, moonshine
from restoration.nets.onnx_session import open_session
from restoration.voice.trial import stretch
from restoration.weights import locate


@pytest.fixture(scope="module")
def sound():
    return stretch("reading.opus", 20.0)


def _alike(ours, theirs):
    return (ours * theirs).sum(-1) / np.linalg.norm(ours, axis=-1) / np.linalg.norm(theirs, axis=-1)


def test_hears_what_the_file_hears(sound):
    """The file's matrices take numbers of 8 bits, ours the exact ones: hence not equal."""
    session = open_session(locate(NETWORK))
    heard = {"input_values": sound[None], "attention_mask": np.ones((1, sound.size), dtype=np.int64)}
    theirs = session.run(None, heard)[0][0]
    with torch.inference_mode():
        ours = moonshine()(torch.from_numpy(sound)[None])[0].numpy()
    assert ours.shape == theirs.shape
    shared = _alike(ours, theirs)
    assert shared.mean() > 0.998
    assert shared.min() > 0.95


def test_a_batch_is_heard_like_each_alone(sound):
    both = torch.from_numpy(np.stack([sound[:48000], sound[48000:96000]]))
    with torch.inference_mode():
        together = moonshine()(both)
        alone = torch.cat([moonshine()(each[None]) for each in both])
    assert torch.allclose(together, alone, atol=1e-4)


def test_a_loss_can_be_followed_back_to_the_sound(sound):
    played = torch.from_numpy(sound[None, :32000]).requires_grad_()
    moonshine()(played).square().mean().backward()
    assert played.grad is not None
    assert played.grad.abs().amax() > 0
    assert not any(weight.requires_grad for weight in moonshine().parameters())


def test_the_layers_before_the_last_hear_sounds_rather_than_words(sound):
    """What is heard of a frame depends on the sentence around it, and the more so the later the layer: a short window
    is heard by the layer of the encoder more like the whole than by the last one."""
    with torch.inference_mode():
        whole, part = (moonshine().layers_of(torch.from_numpy(each)[None], 6) for each in (sound, sound[38400:76800]))
    first, shared = 100, slice(20, 80)
    kept = [_alike(part[n][0][shared].numpy(), whole[n][0][first:][shared].numpy()).mean() for n in (LAYERS_HEARD, 6)]
    assert kept[0] > kept[1]


def test_the_encoder_gives_that_layer(sound):
    with torch.inference_mode():
        layer = moonshine().layers_of(torch.from_numpy(sound)[None], LAYERS_HEARD)[-1][0].numpy()
    assert np.array_equal(content_encoder().encode(sound), layer)
