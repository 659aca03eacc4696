"""Features to sound in pieces: where they begin and end is not heard."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from restoration.nets.voice_decoder import HOP, VoiceDecoder, steady_noise
from restoration.voice.decoding import Lent, controls_of, decoded, sound_between, turns_at
from restoration.voice.features import Features, studio_code

FRAMES = 700


@pytest.fixture(scope="module")
def lent() -> Lent:
    torch.manual_seed(7)
    network = VoiceDecoder()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return Lent(network.eval(), np.random.default_rng(1).normal(size=208).astype(np.float32), studio_code())


@pytest.fixture(scope="module")
def features() -> Features:
    draw = np.random.default_rng(2)
    voiced = (np.arange(FRAMES) % 90) < 60
    f0_hz = np.where(voiced, 140 + 30 * np.sin(np.arange(FRAMES) / 25), 0).astype(np.float32)
    content = draw.normal(size=(FRAMES, 288)).astype(np.float32)
    return Features(content, f0_hz, voiced.astype(np.float32), draw.normal(0, 4, FRAMES).astype(np.float32))


def apart_db(first: np.ndarray, second: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(first - second).max() / np.abs(first).max() + 1e-12))


@pytest.mark.parametrize("size", [1, 37, 333])
def test_any_pieces_give_the_same_sound(lent: Lent, features: Features, size: int) -> None:
    frames = 120 if size == 1 else FRAMES
    turns = turns_at(features.f0_hz)
    whole = decoded(lent, features)[: frames * HOP]
    starts = range(0, frames, size)
    pieces = [sound_between(lent, features, turns, start, min(start + size, frames)) for start in starts]
    assert apart_db(whole, np.concatenate(pieces)) < -80


def test_a_cell_heard_by_itself_gives_the_same_sound(lent: Lent, features: Features) -> None:
    """As a conversion hears it: features from 250 frames before, the pulses and the noise where they stand by then."""
    begin, first, last = 150, 400, 600
    cell = Features(*(part[begin:] for part in vars(features).values() if part is not None))
    turns = turns_at(features.f0_hz)
    alone = sound_between(lent, cell, turns, first - begin, last - begin, before=begin)
    assert apart_db(decoded(lent, features)[first * HOP : last * HOP], alone) < -80


@torch.inference_mode()
def test_pieces_give_what_the_network_gives(lent: Lent, features: Features) -> None:
    noise = steady_noise(0, FRAMES * HOP)[None]
    whole = lent.decoder(controls_of(features, 0, FRAMES, lent), noise)[0].numpy()
    assert apart_db(whole, decoded(lent, features)) < -80


def test_turns_go_on_at_the_pitch() -> None:
    turns = turns_at(np.full(125, 100.0, dtype=np.float32))
    gone = np.diff(turns) % 1.0
    assert np.allclose(gone, 100 * HOP / 16000 % 1.0)
