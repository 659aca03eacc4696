"""A voice between two: it is one of them at each end, and both gave leave for what lies between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from restoration.errors import NoConsent, RestorationError
from restoration.voice import gate
from restoration.voice.blend import blend, consents_of_both
from restoration.voice.consent import Consent, sealed
from restoration.voice.model import VoiceModel, load_voice


def consent(item: str, scope: str = "voice model") -> Consent:
    return Consent(item=item, status="recorded", scope=scope, given_by="A. Heir", reference=f"letter {item}")


def voice(seed: int, base: str = "b" * 64, encoder: str = "e" * 64, of: Consent | None = None) -> VoiceModel:
    """A stand-in: small tensors and a whole card."""
    draw = torch.Generator().manual_seed(seed)
    given = of or consent(f"item-{seed}")
    card = {
        "name": f"voice {seed}",
        "kind": "tuned",
        "minutes": 4.0,
        "consents": [given.as_dict()],
        "encoder": {"name": "moonshine-tiny-en", "sha256": encoder},
        "base": {"name": "voice-base", "sha256": base},
        "f0": {"median_hz": 100.0 * (seed + 1), "low_hz": 80.0 * (seed + 1), "high_hz": 150.0 * (seed + 1)},
        "tonal_balance": {"level_db": [2.0 * seed] * 40, "clean": [1.0 * seed] * 40},
        "items": [{"identifier": given.item, "sha256": "0" * 64, "segments": [], "restored": True, "channel": {}}],
        "verdict": {"tuned": {"likeness": 0.9}},
    }
    state = {"weight": torch.randn(4, 3, generator=draw), "bias": torch.randn(4, generator=draw)}
    speaker = np.random.default_rng(seed).normal(size=208).astype(np.float32)
    return VoiceModel(state, speaker, card, sealed([given]))


def leave(*voices: VoiceModel, purpose: str = "blend") -> gate.Permit:
    use = gate.Use(purpose=purpose, by="tests", public=False, on=gate.today())
    return gate.permit(consents_of_both(*voices), use)


def test_at_both_ends_it_is_one_of_them() -> None:
    first, second = voice(0), voice(1)
    for amount, whole in ((0.0, first), (1.0, second)):
        made = blend(leave(first, second), first, second, amount)
        assert all(torch.equal(made.state[key], whole.state[key]) for key in whole.state)
        assert np.array_equal(made.speaker, whole.speaker)
        assert made.card["f0"]["median_hz"] == pytest.approx(whole.card["f0"]["median_hz"])


def test_in_between_everything_lies_in_between() -> None:
    first, second = voice(0), voice(1)
    made = blend(leave(first, second), first, second, 0.25)
    assert torch.allclose(made.state["weight"], 0.75 * first.state["weight"] + 0.25 * second.state["weight"])
    assert np.allclose(made.speaker, 0.75 * first.speaker + 0.25 * second.speaker)
    assert made.card["f0"]["median_hz"] == pytest.approx(100 * 2**0.25)
    assert made.card["name"] == "voice 0 and voice 1, 25%"
    assert made.card["tonal_balance"] == {"level_db": [0.5] * 40, "clean": [0.25] * 40}
    # What was measured of one voice says nothing of the blend.
    assert "verdict" not in made.card


def test_where_one_has_no_long_term_spectrum_the_blend_has_none() -> None:
    first, second = voice(0).noted(tonal_balance=None), voice(1)
    assert "tonal_balance" not in blend(leave(first, second), first, second, 0.5).card


def test_the_consents_of_both_are_carried_and_sealed(tmp_path: Path) -> None:
    first, second = voice(0), voice(1)
    made = blend(leave(first, second), first, second, 0.0)
    assert [each.item for each in made.consents] == ["item-0", "item-1"]
    kept = load_voice(made.save(tmp_path / "between"))
    assert sealed(kept.consents) == kept.seal == sealed([*first.consents, *second.consents])
    assert kept.card["blend"] == {
        "amount": 0.0,
        "of": [{"name": "voice 0", "share": 1.0}, {"name": "voice 1", "share": 0.0}],
    }


def test_without_leave_for_both_there_is_no_blend() -> None:
    first, second = voice(0), voice(1)
    with pytest.raises(NoConsent, match="another voice"):
        blend(leave(first, first), first, second, 0.5)
    with pytest.raises(NoConsent, match="not to blend"):
        blend(leave(first, second, purpose="convert"), first, second, 0.5)
    refused = voice(2, of=consent("item-2", scope="restoration only"))
    with pytest.raises(NoConsent, match="item-2"):
        leave(first, refused)
    with pytest.raises(NoConsent):
        blend(None, first, second, 0.5)  # type: ignore[arg-type]


def test_voices_that_hear_one_kind_of_frames_are_kin() -> None:
    """The blend hears through the encoder of the nearer voice; two encoders that stand for two others are strangers."""
    first, second = voice(0), voice(1)
    taught = {"name": "content-encoder", "sha256": "a" * 64, "stands_for": dict(first.card["encoder"])}
    other = second.noted(encoder=taught)
    for amount, heard in ((0.0, first), (0.5, first), (0.6, other), (1.0, other)):
        assert blend(leave(first, other), first, other, amount).card["encoder"] == heard.card["encoder"]
    stranger = second.noted(encoder={**taught, "stands_for": {"name": "moonshine-tiny-en", "sha256": "f" * 64}})
    layer = second.noted(encoder={**first.card["encoder"], "name": "moonshine-tiny-en-layer-4"})
    for each in (stranger, layer):
        with pytest.raises(RestorationError, match="in the frames of two encoders"):
            blend(leave(first, each), first, each, 0.5)


def test_strangers_have_nothing_in_between() -> None:
    first = voice(0)
    for other, sentence in (
        (voice(1, base="c" * 64), "grew from two bases"),
        (voice(1, encoder="f" * 64), "in the frames of two encoders"),
    ):
        with pytest.raises(RestorationError, match=sentence):
            blend(leave(first, other), first, other, 0.5)
    wider = voice(1)
    wider = VoiceModel({**wider.state, "bias": torch.zeros(5)}, wider.speaker, wider.card, wider.seal)
    with pytest.raises(RestorationError, match="two shapes"):
        blend(leave(first, wider), first, wider, 0.5)
    for amount in (-0.1, 1.1, float("nan")):
        with pytest.raises(RestorationError, match="from 0"):
            blend(leave(first, voice(1)), first, voice(1), amount)
