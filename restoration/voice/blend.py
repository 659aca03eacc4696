"""A voice in between two: their weights and speaker codes on a straight line (after Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from restoration.errors import RestorationError
from restoration.nets.content_encoder import space_of
from restoration.voice.consent import Consent, sealed
from restoration.voice.gate import Permit, check
from restoration.voice.model import VoiceModel, states_between
from restoration.voice.tonal_balance import Balance

MADE_BY_BLENDING = "blend"
HALF_WAY = 0.5


def blend(permit: Permit, first: VoiceModel, second: VoiceModel, amount: float, name: str = "") -> VoiceModel:
    """The voice at ``amount`` of the way from the first (0) to the second (1).

    Both grew from one base, so that the line between them leads through voices. The result carries the consents of
    both, whatever the amount: at 0 it is the first, and still needs leave for both. Where they hear words through two
    encoders that give one kind of frames, it hears through that of the nearer voice, the first's at half way.

    Raises:
        NoConsent: the permit is not to blend these two voices.
        RestorationError: they have not one base and one kind of frames, or the amount is not from 0 to 1.
    """
    consents = consents_of_both(first, second)
    check(permit, "blend", consents)
    if not 0.0 <= amount <= 1.0:
        raise RestorationError(f"amount is from 0 (the first voice) to 1 (the second), not {amount:g}")
    _check_kin(first, second)
    state = states_between(first.state, second.state, amount)
    speaker = np.asarray((1 - amount) * first.speaker + amount * second.speaker, dtype=np.float32)
    return VoiceModel(state, speaker, _card(first, second, amount, name, consents), sealed(consents))


def consents_of_both(first: VoiceModel, second: VoiceModel) -> list[Consent]:
    """The consents of two voices, each once, for the gate."""
    return list(dict.fromkeys([*first.consents, *second.consents]))


def _check_kin(first: VoiceModel, second: VoiceModel) -> None:
    names = f"“{first.card['name']}” and “{second.card['name']}”"
    for part, wanted in (("base", "grew from two bases"), ("encoder", "hear words in the frames of two encoders")):
        one, other = (space_of(voice.card[part]) for voice in (first, second))
        if one != other:
            raise RestorationError(
                f"the voices {names} {wanted} ({one[0]} {one[1][:12]}…, {other[0]} {other[1][:12]}…): there is nothing "
                "in between. Train one of them again with the other's"
            )
    shapes = [{key: tuple(each.shape) for key, each in voice.state.items()} for voice in (first, second)]
    if shapes[0] != shapes[1]:
        raise RestorationError(f"the voices {names} have networks of two shapes: there is nothing in between")


def _card(
    first: VoiceModel, second: VoiceModel, amount: float, name: str, consents: Iterable[Consent]
) -> dict[str, Any]:
    """What is known of the blend: nothing that was measured of either voice is true of it."""
    one, other = first.card, second.card
    shares = ((one, 1 - amount), (other, amount))
    items = {(item["identifier"], item["sha256"]): item for card in (one, other) for item in card.get("items", ())}
    return {
        "name": name or f"{one['name']} and {other['name']}, {amount:.0%}",
        "kind": "blend",
        "minutes": float(one.get("minutes", 0.0)) + float(other.get("minutes", 0.0)),
        "consents": [each.as_dict() for each in consents],
        "encoder": dict((one if amount <= HALF_WAY else other)["encoder"]),
        "base": dict(one["base"]),
        "f0": _f0(one["f0"], other["f0"], amount),
        **_tonal_balance(one, other, amount),
        "items": list(items.values()),
        MADE_BY_BLENDING: {"amount": amount, "of": [{"name": card["name"], "share": share} for card, share in shares]},
    }


def _tonal_balance(one: Mapping[str, Any], other: Mapping[str, Any], amount: float) -> dict[str, Any]:
    """Long-term spectra in between, in dB; none where one of the two holds none."""
    first, second = Balance.from_card(one), Balance.from_card(other)
    if first is None or second is None:
        return {}
    parts = ((vars(first)[key], vars(second)[key]) for key in vars(first))
    return {"tonal_balance": Balance(*((1 - amount) * ours + amount * theirs for ours, theirs in parts)).as_dict()}


def _f0(one: Mapping[str, float], other: Mapping[str, float], amount: float) -> dict[str, float]:
    """Pitches in between, as the ear divides the way: by their logarithms."""
    return {key: float(one[key] ** (1 - amount) * other[key] ** amount) for key in one}
