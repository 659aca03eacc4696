"""Consents that allow everything but what a test changes."""

import pytest

from restoration.voice.consent import Consent
from restoration.voice.gate import Use, today


@pytest.fixture(autouse=True)
def no_registers_of_the_machine(monkeypatch):
    for name in ("RESTORATION_CONSENTS", "RESTORATION_USAGE", "RESTORATION_C2PA_CERTIFICATE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def consent():
    """``consent(scope="voice model")``: of the item 00471, recorded, for public speech, without dates."""

    def make(**changed):
        told = {
            "item": "00471",
            "status": "recorded",
            "scope": "public synthetic speech",
            "given_by": "Karen Holm, daughter",
            "reference": "letter of 12 March 2019",
        }
        return Consent(**told | changed)

    return make


@pytest.fixture
def use():
    """``use("speak", public=True)``: by M. Jensen, today."""

    def make(purpose="convert", **changed):
        return Use(**{"purpose": purpose, "by": "M. Jensen", "public": False, "on": today()} | changed)

    return make


@pytest.fixture
def a_voice(consent):
    """A voice that nobody trained: a seeded decoder with flat filters, of the height of a woman's voice.

    Its pulses are as loud as the performer, its noise is some way below; its consents allow everything.
    """
    import numpy as np
    import torch

    from restoration.nets.content_encoder import content_encoder
    from restoration.nets.voice_decoder import BINS, SPEAKER_SIZE, VoiceDecoder
    from restoration.voice.consent import sealed
    from restoration.voice.model import VoiceModel

    torch.manual_seed(1912)
    network = VoiceDecoder()
    with torch.no_grad():
        network.typical[:BINS], network.typical[BINS:] = -2.5, -4.0
    consents = [consent()]
    encoder = content_encoder()
    card = {
        "name": "A voice of chance",
        "consents": [each.as_dict() for each in consents],
        "encoder": {"name": encoder.name, "sha256": encoder.sha256},
        "base": {"name": "voice-base", "sha256": "0" * 64},
        "f0": {"median_hz": 200.0, "low_hz": 150.0, "high_hz": 280.0},
    }
    speaker = np.random.default_rng(1912).normal(0, 1, SPEAKER_SIZE).astype(np.float32)
    return VoiceModel(network.state_dict(), speaker, card, sealed(consents))


@pytest.fixture
def a_soft_voice(a_voice):
    """The same with hardly anything above 300 Hz and no noise: whatever is a click stands out of it."""
    import dataclasses

    import torch

    from restoration.nets.voice_decoder import BINS, QUIETEST

    octaves = torch.log2(torch.clamp(torch.arange(BINS) * 31.25 / 300, min=1.0))
    state = {name: value.clone() for name, value in a_voice.state.items()}
    state["typical"][:BINS] = -2.0 - 5.0 * octaves
    state["typical"][BINS:] = 2 * QUIETEST
    return dataclasses.replace(a_voice, state=state)


@pytest.fixture
def leave(a_voice, use):
    """``leave("live")``: a permit to use ``a_voice``."""
    from restoration.voice.gate import permit

    return lambda purpose="convert", **changed: permit(a_voice.consents, use(purpose, **changed))


@pytest.fixture(scope="session")
def performance(reading):
    """``performance(3.0, 1.0)``: so many seconds of the demonstration's reading from that second on, at 16 kHz."""
    import numpy as np
    import soxr

    sound = soxr.resample(reading.samples[0], reading.sample_rate, 16000).astype(np.float32)
    return lambda length_s, start_s=0.0: sound[round(start_s * 16000) : round((start_s + length_s) * 16000)]
