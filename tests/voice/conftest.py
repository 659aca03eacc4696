"""Consents that allow everything but what a test changes."""

import csv
import hashlib
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import soundfile
import soxr

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.voice.consent import Consent
from restoration.voice.gate import Use, today
from restoration.voice.material import Piece


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


@pytest.fixture(scope="session")
def clips_of(corpus):
    """``clips_of("kathleen", 8)``: the first clips of a speaker of the training part, mono at 16 kHz, with texts."""

    @cache
    def read(speaker, count):
        with (corpus / "train.csv").open(encoding="utf-8") as table:
            rows = [row for row in csv.DictReader(table) if row["speaker"] == speaker][:count]
        return [(row["text"], _mono_16k(corpus / row["path"])) for row in rows]

    return read


def _mono_16k(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, 16000).astype(np.float32)


@pytest.fixture(scope="session")
def reading_by(clips_of):
    """``reading_by("kathleen", 8)``: the same clips one after the other."""
    return lambda speaker, count: np.concatenate([sound for _, sound in clips_of(speaker, count)])


@pytest.fixture(scope="session")
def aged_by():
    """``aged_by(chain, sound)``: a sound at 16 kHz after a chain of faults, always the same."""
    return lambda chain, sound: age(Audio(np.array(sound[None]), 16000), chain, 1).audio.samples[0]


@pytest.fixture(scope="session")
def pieces_of():
    """``pieces_of(sounds)``: a piece of each, one after the other in the item "reading"."""

    def cut(sounds, item="reading", speaker="speaker 1"):
        edges = np.cumsum([0, *(sound.size / 16000 for sound in sounds)]).round(3)
        digest = hashlib.sha256(item.encode()).hexdigest()
        times = pairwise(edges.tolist())
        return [Piece(item, *time, sound, digest, speaker) for time, sound in zip(times, sounds, strict=True)]

    return cut


@pytest.fixture
def a_voice(consent):
    """A voice that nobody trained: a seeded decoder with flat filters, of the height of a woman's voice.

    Its pulses are as loud as the performer, its noise is some way below; its consents allow everything. Its long-term
    spectrum falls by 6 dB an octave.
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
        network.tone.bias[:BINS], network.tone.bias[BINS:] = -2.5, -4.0
    consents = [consent()]
    encoder = content_encoder()
    falling = (12 - 24 * np.arange(40) / 39).tolist()
    card = {
        "name": "A voice of chance",
        "consents": [each.as_dict() for each in consents],
        "encoder": {"name": encoder.name, "sha256": encoder.sha256},
        "base": {"name": "voice-base", "sha256": "0" * 64},
        "f0": {"median_hz": 200.0, "low_hz": 150.0, "high_hz": 280.0},
        "tonal_balance": {"level_db": falling, "clean": [1.0] * 40},
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
    state["tone.bias"][:BINS] = -2.0 - 5.0 * octaves
    state["tone.bias"][BINS:] = 2 * QUIETEST
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
