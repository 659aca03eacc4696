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
