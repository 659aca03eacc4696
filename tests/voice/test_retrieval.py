"""Retrieval: nearest frames of the material, the same with faiss and without it, and refused where it does harm."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from restoration.errors import RestorationError
from restoration.nets.content_encoder import content_encoder
from restoration.voice import retrieval
from restoration.voice.convert import Settings, convert
from restoration.voice.features import every_frame, rows_heard
from restoration.voice.model import VoiceModel
from restoration.voice.retrieval import INDEX_RATE, Drawn, Index, check_rate, rate_of
from restoration.voice.stream import offline

ENCODER = "contentvec"


def features(frames: int, seed: int = 0, size: int = 24) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (frames, size)).astype(np.float32)


def test_faiss_and_numpy_agree() -> None:
    pytest.importorskip("faiss", reason="the other search is that of faiss")
    material, heard = features(3000), features(1500, 1)
    by_faiss, by_numpy = (Index.of(material, ENCODER, search).blend(heard, 0.7) for search in ("faiss", "numpy"))
    assert np.abs(by_faiss - by_numpy).max() < 1e-5
    assert Index.of(material, ENCODER).search == "faiss"


@pytest.mark.parametrize("search", ["faiss", "numpy"])
@pytest.mark.parametrize("k", [1, 8])
def test_what_is_in_the_material_stays_itself(search, k: int) -> None:
    if search == "faiss":
        pytest.importorskip("faiss")
    material = features(500)
    found = Index.of(material, ENCODER, search).blend(material[100:200], 1.0, k)
    assert np.abs(found - material[100:200]).max() < 1e-3


def test_the_mean_of_the_nearest_by_hand() -> None:
    material = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0], [50.0, 50.0]], dtype=np.float32)
    heard = np.array([[1.0, 0.0]], dtype=np.float32)
    weights = np.array([1 / 1.0, 1 / 4.0**1]) ** 2  # squared distances of 1 and 4
    nearest = (weights[:, None] * material[:2]).sum(axis=0) / weights.sum()
    found = Index.of(material, ENCODER, "numpy").blend(heard, 0.5, k=2)
    assert np.allclose(found, 0.5 * heard + 0.5 * nearest, atol=1e-6)


def test_the_rate_is_a_share() -> None:
    index, heard = Index.of(features(400), ENCODER), features(50, 2)
    assert np.array_equal(index.blend(heard, 0.0), heard)
    none, half, all_of_it = (index.blend(heard, rate) for rate in (0.0, 0.5, 1.0))
    assert np.allclose(half, (none + all_of_it) / 2, atol=1e-6)
    assert half.dtype == np.float32


def test_speaker_is_drawn_to_the_material() -> None:
    """Two speakers say the same sounds: what retrieval leaves of the difference is little."""
    draw = np.random.default_rng(7)
    sounds = features(40, 3, 32) * 3
    own = (sounds[draw.integers(0, 40, 2000)] + draw.normal(0, 0.2, (2000, 32)) + 1.0).astype(np.float32)
    said = draw.integers(0, 40, 300)
    other = (sounds[said] + draw.normal(0, 0.2, (300, 32)) - 1.0).astype(np.float32)
    found = Index.of(own, ENCODER).blend(other, 1.0)
    assert np.abs((found - sounds[said]).mean(axis=0) - 1.0).max() < 0.1


def test_a_rate_is_from_0_to_1() -> None:
    index = Index.of(features(100), ENCODER)
    assert np.array_equal(index.blend(features(5), 0.0), features(5))
    for rate in (-0.1, 1.1, float("nan")):
        with pytest.raises(RestorationError, match="from 0 to 1"):
            check_rate(rate)


def test_a_voice_draws_the_content_towards_its_material(a_voice, performance) -> None:
    """At rate 1 every frame is made of the material's, as far as they do not tell the voice; the sound is another."""
    encoder, sound = content_encoder(), performance(2.0)
    voice = replace(a_voice, frames=encoder.encode(performance(9.0))[100:300])
    wholly = Drawn(encoder, voice, 1.0)
    heard = voice.decoder().voiceless(torch.from_numpy(wholly.encode(sound))).detach().numpy()
    material = voice.decoder().voiceless(torch.from_numpy(voice.frames)).detach().numpy()
    apart = ((heard[:, None] - material[None]) ** 2).sum(2).min(1)
    before = voice.decoder().voiceless(torch.from_numpy(encoder.encode(sound))).detach().numpy()
    assert apart.mean() < 0.7 * ((before[:, None] - material[None]) ** 2).sum(2).min(1).mean()
    assert wholly.encode(sound).shape == encoder.encode(sound).shape
    with pytest.raises(RestorationError, match="holds no frames of its material"):
        Drawn(encoder, replace(a_voice, frames=None), 0.5)


def test_what_cannot_be_searched_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (np.zeros((0, 4)), np.zeros(4), np.full((3, 4), np.nan)):
        with pytest.raises(RestorationError, match="features"):
            Index.of(wrong.astype(np.float32), ENCODER)
    index = Index.of(features(20), ENCODER)
    with pytest.raises(RestorationError, match="not of one encoder"):
        index.blend(features(5, size=7), 0.5)
    with pytest.raises(RestorationError, match="at least 1"):
        index.blend(features(5), 0.5, k=0)
    assert index.blend(features(5), 0.5, k=1000).shape == (5, 24)
    monkeypatch.setattr(retrieval, "find_spec", lambda name: None)
    assert Index.of(features(20), ENCODER).search == "numpy"
    with pytest.raises(RestorationError, match=r"heritage-voice\[retrieval\]"):
        Index.of(features(20), ENCODER, "faiss")


def test_the_usual_share_is_taken_where_there_is_material(a_voice: VoiceModel) -> None:
    assert rate_of(a_voice, None) == 0.0
    bearing = replace(a_voice, frames=np.ones((4, 288), dtype=np.float32))
    assert (rate_of(bearing, None), rate_of(bearing, 0.0), rate_of(bearing, 0.7)) == (INDEX_RATE, 0.0, 0.7)


def test_conversions_and_streams_take_it(leave: Any, a_voice: VoiceModel, performance: Any) -> None:
    sound = performance(1.0)
    bearing = replace(a_voice, frames=content_encoder().encode(performance(5.0, 4.0)))
    for made in (partial(convert, leave()), partial(offline, leave("live"))):
        as_a_rule, none, asked = (made(bearing, sound, Settings(index_rate=rate)) for rate in (None, 0.0, INDEX_RATE))
        assert np.array_equal(as_a_rule, asked)
        assert np.abs(as_a_rule - none).max() > 0.01


@pytest.mark.parametrize("first", [0, 7, 61])
def test_what_a_stream_searches_for_is_all_that_it_hears(first: int, a_voice: VoiceModel, performance: Any) -> None:
    """Frames that lie between searched ones are as if all had been searched for."""
    encoder, frames = content_encoder(), 23
    voice = replace(a_voice, frames=encoder.encode(performance(5.0, 4.0)))
    drawn, content = Drawn(encoder, voice, 0.5), encoder.encode(performance(1.0))
    wanted = every_frame(drawn.draw(content), encoder, frames, first=first)
    used = rows_heard(encoder, len(content), frames, first)
    assert used.stop - used.start < 0.5 * len(content)
    content[used] = drawn.draw(content[used])
    content[: used.start] = content[used.stop :] = np.nan
    assert np.allclose(every_frame(content, encoder, frames, first=first), wanted, atol=1e-4)
