"""What a voice is learnt from, ready for the training: phrases to learn, phrases kept back, and consents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from restoration import fixity
from restoration.voice.consent import Consent, consent_of
from restoration.voice.held_out import hold_out
from restoration.voice.material import Material
from restoration.voice.samples import VOICE_RATE, FloatArray


@dataclass(frozen=True, eq=False)
class Reading:
    """Phrases (time,) at 16 kHz to learn, others kept back, and what the card says of them: their items, the consents,
    the curator's approval (who, and the digest of the file of answers), and the language as the manifest has it (empty
    where it says none)."""

    learnt: Sequence[FloatArray]
    held_out: Sequence[FloatArray]
    items: Sequence[dict[str, Any]]
    consents: Sequence[Consent]
    name: str
    approval: Mapping[str, str] = field(default_factory=dict)
    language: str = ""

    @property
    def minutes(self) -> float:
        """Of what is learnt."""
        return sum(sound.size for sound in self.learnt) / VOICE_RATE / 60

    @property
    def held_out_s(self) -> float:
        """Seconds that are kept back."""
        return sum(sound.size for sound in self.held_out) / VOICE_RATE


class _Row(NamedTuple):
    identifier: str
    fields: Mapping[str, str]


def reading_of(material: Material, name: str = "", approval: Mapping[str, str] | None = None) -> Reading:
    """The reading that approved material makes; its name is that of the speaker in the manifest if none is given.

    ``approval`` is what ``approval_in`` gives.

    Raises:
        BadMaterial: there is too little of it.
    """
    split = hold_out(material)
    used = {piece.item for piece in material.pieces}
    sources = [source for source in material.sources if source.item in used]
    speakers = [source.fields.get("speaker", "") for source in sources]
    languages = [source.fields.get("language", "") for source in sources]
    return Reading(
        learnt=[piece.sound for piece in split.training.pieces],
        held_out=[piece.sound for piece in split.held_out.pieces],
        items=material.items(),
        consents=[consent_of(_Row(source.item, source.fields)) for source in sources],
        name=name or next((speaker for speaker in speakers if speaker), "") or sources[0].item,
        approval=approval or {},
        language=", ".join(dict.fromkeys(each for each in languages if each)),
    )


def approval_in(file: Path, curator: str) -> dict[str, str]:
    """Who approved the material, and the digest of the file of answers."""
    return {"curator": curator, "sha256": fixity.digests(file)["sha256"]}
