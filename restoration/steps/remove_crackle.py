"""Remove crackle: hundreds of small clicks a second, too close to each other to be repaired one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from restoration.audio import Recording, Writer
from restoration.measures.clicks import ClickSearch
from restoration.repair.clicks import declick, verdict
from restoration.repair.crackle import crackle, search_for
from restoration.step import Findings, Generates, Verdict


@dataclass(frozen=True, kw_only=True)
class RemoveCrackle:
    """Autoregressive separation of crackle and sound, after Godsill and Rayner, *Digital Audio Restoration* (1998).

    Crackle is told from a voice by going on in the pauses. Where it does, what stands out of the usual prediction error
    is taken as sound and crackle together, whose power is learnt sample by sample; the sound is what both the models
    and what was recorded make most probable. The models are learnt again from it, and the search repeated. Consonants
    and the pulses of a voice stand out of an error as high as their own. Everything else keeps every bit. The repairs
    correct sound that was recorded: the step generates nothing.

    Attributes:
        least_per_s: a recording of less crackle in its quiet stretches is left alone, 10 to 1000 a second. Clean voices
            have been heard with up to 60 a second, from breath and lossy coding.
        threshold: how far a click must stand out of the error around it, 1 to 10 (times).
        max_click_ms: what is longer is left as it is, 0.1 to 10 ms.
        passes: how often crackle is looked for that stronger crackle hid, 1 to 6.
    """

    least_per_s: float = 90.0
    threshold: float = 1.5
    max_click_ms: float = 5.0
    passes: int = 3

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        ranges = {"least_per_s": (10, 1000), "threshold": (1, 10), "max_click_ms": (0.1, 10), "passes": (1, 6)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")

    def measure(self, recording: Recording) -> Findings:
        """``crackle_per_s`` in the quiet stretches and ``error_dbfs``, the median height of its prediction error (None:
        none was heard); ``threshold``, ``rank``, ``max_click_ms`` and ``passes`` by which it is to be looked for."""
        found = crackle(recording)
        needed = found.per_s >= self.least_per_s
        heard = f"In the quiet stretches {found.per_s:.0f} small clicks a second were heard"
        few = f"; fewer than {self.least_per_s:g} may be the voice's own, or are clicks to be repaired one by one"
        return {
            "needed": needed,
            "reason": f"{heard}{'' if needed else few}.",
            "crackle_per_s": round(found.per_s, 2),
            "error_dbfs": found.level_dbfs,
            "threshold": self.threshold,
            "rank": search_for(found.per_s).rank,
            "max_click_ms": self.max_click_ms,
            "passes": self.passes,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Find the crackle by the search that was recorded, and separate it from the sound."""
        search = {key: findings[key] for key in ("threshold", "rank", "max_click_ms", "passes")}
        declick(recording, ClickSearch(**search, careful=False), result)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether crackle is less in the quiet stretches, and nothing louder in its place."""
        return verdict(before, after, lambda recording: crackle(recording).per_s, "Crackle")
