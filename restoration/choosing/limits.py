"""What a choice is made by: every threshold with its reason, and what an item asks for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

CLICKS_OF_A_VOICE_PER_S = 3.0
"""So many clicks a second are found in a clean voice too, see ``measures.clicks``."""
CLIPPED_UNHEARD = 0.001
"""A thousandth of the samples in flat tops is where clipping begins to be heard."""
HEARD_SNR_DB = 35.0
"""Speech is listened to at about 65 dB(A), in rooms that are hardly ever below 30: noise further down is not heard."""
MOST_VOICE_LOST_DB = 3.0
"""Half of its power in an octave: from there on a voice has another colour, whoever listens."""
MOST_EATEN_SHARE = 0.05
"""Some places are clicks, or holes of a codec; one in twenty is a consonant here and there."""
FOLLOWS = 0.5
"""A quarter of what happens in the removed sound is then explained by the voice."""
JUST_HEARD_DB = 1.0
"""The least difference in level that is heard in speech: less taken from the voice is no loss, less gained no lead."""
LEAST_BENEFIT_DB = 3.0
"""Half of the noise: the least that is plain without listening for it, and worth touching a document for."""


@dataclass(frozen=True)
class Rules:
    """What the item asks for: ``faithful`` (nothing may be generated) and ``carrier``, empty where it is not known."""

    faithful: bool = False
    carrier: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The rules with every threshold, for the record."""
        return asdict(self) | {
            "heard_snr_db": HEARD_SNR_DB,
            "most_voice_lost_db": MOST_VOICE_LOST_DB,
            "most_eaten_share": MOST_EATEN_SHARE,
            "follows_voice": FOLLOWS,
            "just_heard_db": JUST_HEARD_DB,
            "least_benefit_db": LEAST_BENEFIT_DB,
            "clicks_of_a_voice_per_s": CLICKS_OF_A_VOICE_PER_S,
            "clipped_unheard": CLIPPED_UNHEARD,
        }
