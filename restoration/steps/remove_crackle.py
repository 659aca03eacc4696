"""Remove crackle: hundreds of small clicks a second, too close to each other to be repaired one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from restoration.audio import Recording, Writer
from restoration.measures.click_search import ClickSearch
from restoration.repair.clicks import declick, spared_the_voice, verdict
from restoration.repair.crackle import RANK, crackle
from restoration.step import Findings, Generates, Verdict


@dataclass(frozen=True, kw_only=True)
class RemoveCrackle:
    """Autoregressive separation of crackle and sound, after Godsill and Rayner, *Digital Audio Restoration* (1998).

    Crackle is told from a voice by going on in the pauses. Where it does, what stands out of the usual prediction error
    is taken as sound and crackle together, whose power is learnt sample by sample; the sound is what both the models
    and what was recorded make most probable. The models are learnt again from it, and the search repeated. Consonants
    and the pulses of a voice stand out of an error as high as their own, and nothing is looked for that is much lower
    than the crackle of the pauses. Everything else keeps every bit. The repairs correct sound that was recorded: the
    step generates nothing.

    It takes out the peaks, not all of the crackle: what lies under the noise of the surface, or rings on below 1 kHz as
    a voice does, cannot be told from them by any such model.

    Attributes:
        least_per_s: a recording of less crackle in its quiet stretches is left alone, 10 to 1000 a second. Clean voices
            have been heard with up to 60 a second, from breath and lossy coding.
        threshold: how far a click must stand out of the error around it, 1 to 10 (times).
        least_height: what is lower than the median crackle of the pauses times this is left, 0 to 10.
        max_click_ms: what is longer is left as it is, 0.1 to 10 ms.
        passes: how often crackle is looked for that stronger crackle hid, 1 to 6.
    """

    least_per_s: float = 90.0
    threshold: float = 1.5
    least_height: float = 0.3
    max_click_ms: float = 5.0
    passes: int = 2

    version: ClassVar[str] = "2"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        ranges = {
            "least_per_s": (10, 1000),
            "threshold": (1, 10),
            "least_height": (0, 10),
            "max_click_ms": (0.1, 10),
            "passes": (1, 6),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; it can be {least} to {most}")

    def measure(self, recording: Recording) -> Findings:
        """``crackle_per_s`` in the quiet stretches, and ``error_dbfs``, the median height of its prediction
        error (None: none was heard); ``threshold``, ``rank``, ``least_height`` (of that error), ``max_click_ms`` and
        ``passes`` by which it is to be looked for."""
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
            "rank": RANK,
            "least_height": self.least_height,
            "max_click_ms": self.max_click_ms,
            "passes": self.passes,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Find the crackle by the search that was recorded, and separate it from the sound."""
        search = {key: findings[key] for key in ("threshold", "rank", "max_click_ms", "passes")}
        level_dbfs = findings["error_dbfs"]
        least = 0.0 if level_dbfs is None else findings["least_height"] * 10 ** (level_dbfs / 20)
        declick(recording, ClickSearch(**search, careful=False, least_error=float(least)), result)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether crackle is less in the quiet stretches, nothing louder in its place, and the voice was spared."""
        counts = findings["crackle_per_s"], crackle(after).per_s
        return spared_the_voice(before, after, verdict(before, after, counts, "Crackle"))
