"""What a voice is learnt from: phrases of one speaker, and the sound files that they were cut from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from restoration.errors import RestorationError
from restoration.speech.quality import Figures
from restoration.voice.channel import ChannelScore
from restoration.voice.samples import VOICE_RATE, FloatArray

Span = tuple[float, float]
"""Start and end in seconds."""


class BadMaterial(RestorationError):
    """Sound that no voice can be learnt from, or an approval that does not fit it."""


@dataclass(frozen=True)
class Unfit:
    """A stretch that a curator found unfit for a voice model, in seconds of the item; ``why`` names the person."""

    start_s: float
    stop_s: float
    why: str

    def overlaps(self, start_s: float, stop_s: float) -> bool:
        return start_s < self.stop_s and self.start_s < stop_s


@dataclass(frozen=True, eq=False)
class Source:
    """A sound file that phrases are cut from.

    Attributes:
        item: identifier of the item.
        file: the file that was read: the production master of a bag, or a plain file.
        sha256: of that file.
        sound: all of it, mono at 16 kHz, read-only.
        restored: whether it is what a treatment gave.
        fields: the row of the manifest, where there is one: the consent stands there.
        master_sha256: of the preservation master that the file was made from; that of the file itself if it is plain.
        channel: how much of its carrier would be learnt; None before it was measured.
        as_it_is: it was taken although its channel is poor, because somebody said so.
        unfit: stretches that nothing may be learnt from.
    """

    item: str
    file: Path
    sha256: str
    sound: FloatArray
    restored: bool
    fields: dict[str, str] = field(default_factory=dict)
    master_sha256: str = ""
    channel: ChannelScore | None = None
    as_it_is: bool = False
    unfit: tuple[Unfit, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "sound", _mono(self.sound))

    @property
    def duration_s(self) -> float:
        return self.sound.size / VOICE_RATE

    def unfit_in(self, start_s: float, stop_s: float) -> str:
        """Why nothing may be learnt from a stretch; blank where it may."""
        return "; ".join(one.why for one in self.unfit if one.overlaps(start_s, stop_s))

    def cut(self, start_s: float, stop_s: float) -> FloatArray:
        """The sound between two times, as far as there is any."""
        return self.sound[max(0, round(start_s * VOICE_RATE)) : max(0, round(stop_s * VOICE_RATE))]


@dataclass(frozen=True, eq=False)
class Piece:
    """A phrase.

    ``item`` names what it is from, ``start_s`` and ``stop_s`` where in it; ``sound`` is mono at 16 kHz, read-only;
    ``sha256`` is that of the file it was cut from. ``speaker`` is the name that the segments give, ``figures`` are
    those of the quality at the file's own sample rate, both empty where nobody measured them.
    """

    item: str
    start_s: float
    stop_s: float
    sound: FloatArray
    sha256: str
    speaker: str = ""
    figures: Figures | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.stop_s:
            raise ValueError(f"a piece from {self.start_s} s to {self.stop_s} s does not make sense")
        object.__setattr__(self, "sound", _mono(self.sound))

    @property
    def duration_s(self) -> float:
        return self.sound.size / VOICE_RATE

    @property
    def key(self) -> tuple[str, float, float]:
        """What it is known by in an approval: item, start and stop in whole milliseconds."""
        return self.item, round(self.start_s, 3), round(self.stop_s, 3)

    @property
    def digest(self) -> str:
        """SHA-256 of where it is from: the same phrase of the same file, whatever else there is."""
        return hashlib.sha256(f"{self.sha256} {self.start_s:.3f} {self.stop_s:.3f}".encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Material:
    """Phrases in order of item and time, and the sources that they were cut from."""

    pieces: tuple[Piece, ...]
    sources: tuple[Source, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds of all its pieces."""
        return sum(piece.duration_s for piece in self.pieces)

    def source_of(self, item: str) -> Source:
        """The source of an item.

        Raises:
            BadMaterial: there is none of that name.
        """
        for source in self.sources:
            if source.item == item:
                return source
        known = ", ".join(source.item for source in self.sources)
        raise BadMaterial(f"there is no item “{item}” in this material; there is {known or 'none at all'}")

    def only(self, pieces: tuple[Piece, ...]) -> Material:
        """Some of its pieces, with the same sources."""
        return replace(self, pieces=pieces)

    def items(self) -> list[dict[str, object]]:
        """For the card: each item that pieces are from, by digest, with the times of its segments."""
        rows: list[dict[str, object]] = []
        for item in dict.fromkeys(piece.item for piece in self.pieces):
            own = [piece for piece in self.pieces if piece.item == item]
            source = next((each for each in self.sources if each.item == item), None)
            rows.append(
                {
                    "identifier": item,
                    "sha256": own[0].sha256,
                    "master_sha256": source.master_sha256 if source else "",
                    "restored": source.restored if source else None,
                    "taken_as_it_is": source.as_it_is if source else None,
                    "channel": source.channel.as_dict() if source and source.channel else None,
                    "segments": [[round(piece.start_s, 3), round(piece.stop_s, 3)] for piece in own],
                }
            )
        return rows


def _mono(sound: FloatArray) -> FloatArray:
    view = np.asarray(sound, dtype=np.float32).view()
    if view.ndim != 1:
        raise ValueError(f"the sound of a voice has the shape (time,), not {view.shape}")
    view.flags.writeable = False
    return view
