"""Who is heard in a benchmark of voices, and what the judges of voices say of pairs whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from restoration.benchmark import voice_judges as judges
from restoration.benchmark.figures import Figure
from restoration.benchmark.voice_sources import Sources, Spoken, read

SAME, SAME_SOURCES = "the same speaker: the reading", "the same speaker: the sources"
STRANGER, STRANGERS = "another speaker, beside the reading", "another speaker, beside the sources"


@dataclass(frozen=True)
class Level:
    """What a judge says of pairs whose truth is known: for each clip the cosines to those it was compared with."""

    judge: str
    what: str
    cosines: tuple[tuple[float, ...], ...]

    @property
    def figure(self) -> Figure:
        """The mean, and its standard error over the clips."""
        found = Figure.of(fmean(of_clip) for of_clip in self.cosines)
        if found is None:
            raise ValueError("a level without a clip is none")
        return found

    def quantile(self, share: float) -> float:
        """The cosine that so large a share of the pairs stays below."""
        return float(np.quantile([cosine for of_clip in self.cosines for cosine in of_clip], share))


class People:
    """Everybody, as each speaker judge knows them: the one who reads, and those who speak the sources."""

    def __init__(
        self, reading: Sequence[Spoken], sources: Sources, speaker_judges: Sequence[str], heard: Callable[[str], None]
    ) -> None:
        self.judges, self._reading, self._sources = tuple(speaker_judges), reading, sources
        self._known: dict[tuple[str, Path], judges.Vector] = {}
        others = [each for clip in sources.clips for each in sources.others[clip.name]]
        for clip in dict.fromkeys((*reading, *sources.clips, *others)):
            heard(f"listening to {clip.name}")
            sound = read(clip)
            self._known |= {(judge, clip.path): judges.SPEAKER_JUDGES[judge](sound) for judge in self.judges}

    def target(self, judge: str, without: Path | None = None) -> judges.Vector:
        """Who reads, by all clips of the reading but one."""
        return judges.centroid([self._known[judge, clip.path] for clip in self._reading if clip.path != without])

    def speaker(self, judge: str, clip: Spoken) -> judges.Vector:
        """Who speaks a source: by the speaker's other clips, or by that one where there are none."""
        known = self._sources.others[clip.name] or (clip,)
        return judges.centroid([self._known[judge, each.path] for each in known])

    def calibration(self) -> list[Level]:
        """The levels of the same speaker and of another one, for each judge; a clip is never part of its own side."""
        return [level for judge in self.judges for level in self._levels(judge)]

    def _levels(self, judge: str) -> list[Level]:
        target, sources = self.target(judge), self._sources.clips
        speakers = {clip.speaker: self.speaker(judge, clip) for clip in sources}
        beside = {
            SAME: [(clip, [self.target(judge, clip.path)]) for clip in self._reading],
            SAME_SOURCES: [(clip, [self.speaker(judge, clip)]) for clip in sources if self._sources.others[clip.name]],
            STRANGER: [(clip, [target]) for clip in sources],
            STRANGERS: [
                (clip, [who for name, who in speakers.items() if name != clip.speaker])
                for clip in (*self._reading, *sources)
            ],
        }
        levels = []
        for what, pairs in beside.items():
            cosines = tuple(
                tuple(judges.cosine(self._known[judge, clip.path], vector) for vector in vectors)
                for clip, vectors in pairs
                if vectors
            )
            levels += [Level(judge, what, cosines)] if cosines else []
        return levels
