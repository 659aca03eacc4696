"""Which phrases are worth learning from: a proposal, with the reason for each, that a curator goes through.

The voice is the one that speaks most, or the speaker that somebody names. Its centroid is the mean of the speaker
embeddings of its phrases, without those that are unlike the others; the limits come from
``tests/voice/test_choosing_material.py``, whose voices the embedding has not been trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.voice.copies import copies_of
from restoration.voice.material import BadMaterial, Material, Piece
from restoration.voice.phrases import SHORTEST_S
from restoration.voice.samples import VOICE_RATE

Vectors = npt.NDArray[np.float32]

LEAST_SNR_DB = 10.0
MOST_CLIPPED_SHARE = 5e-4
LEAST_LIKENESS = 0.55
"""Cosine to the centroid below which a phrase is another speaker's."""
DOUBTFUL_LIKENESS = 0.7
"""Below it the phrase is another speaker's if the segments say so too."""
ROUNDS = 4
WINDOW_S, HOP_S = 1.5, 0.75


@dataclass(frozen=True, eq=False)
class Proposed:
    """A phrase with what was found: whether it is proposed, the reason, and its figures.

    ``likeness`` is its cosine to the voice's centroid; ``copy_of`` is the key of the phrase that it is a copy of.
    """

    piece: Piece
    proposed: bool
    reason: str
    likeness: float
    snr_db: float | None
    clipped_share: float
    copy_of: tuple[str, float, float] | None = None


def propose(material: Material, speaker: str | None = None) -> tuple[Proposed, ...]:
    """Every phrase of the material, in order of item and time, with whether to learn from it and why.

    Args:
        material: what was read.
        speaker: the name of the wanted speaker in the segments; by default the voice that speaks most.

    Raises:
        BadMaterial: nobody speaks, or there is no such speaker.
        MissingWeights: the speaker embedding is not on this machine.
    """
    pieces = material.pieces
    if not pieces:
        names = ", ".join(source.item for source in material.sources)
        raise BadMaterial(f"nobody is heard to speak in {names or 'this material'}")
    embeddings = embeddings_of(pieces)
    cosines = [float(cosine) for cosine in embeddings @ _centroid(embeddings, pieces, speaker)]
    mains = _main_speakers(pieces, cosines)
    faults = [
        [*_unfit(piece, material), *_faults(piece, cosine, mains)]
        for piece, cosine in zip(pieces, cosines, strict=True)
    ]
    kept = _kept_of_copies(pieces, faults)
    return tuple(
        _judged(piece, cosine, own, None if copy is None else pieces[copy].key)
        for piece, cosine, own, copy in zip(pieces, cosines, faults, kept, strict=True)
    )


def _unfit(piece: Piece, material: Material) -> list[str]:
    """What a curator has against a phrase."""
    own = [source for source in material.sources if source.item == piece.item]
    return [why for source in own if (why := source.unfit_in(piece.start_s, piece.stop_s))]


def _faults(piece: Piece, cosine: float, mains: dict[str, str]) -> list[str]:
    """What speaks against a phrase by itself, in words; ``mains`` is the speaker of the voice in each item."""
    if piece.duration_s < SHORTEST_S:
        # Too short for the other measures to mean anything.
        return [f"too short: {piece.duration_s:.1f} s"]
    snr_db, clipped = _snr_db(piece), _clipped(piece)
    limit = LEAST_LIKENESS if piece.speaker == mains.get(piece.item) else DOUBTFUL_LIKENESS
    found = (
        (clipped > MOST_CLIPPED_SHARE, f"clipped: {clipped:.2%} of its samples"),
        (snr_db is not None and snr_db < LEAST_SNR_DB, f"noisy: only {snr_db or 0:.0f} dB above the noise"),
        (cosine < limit, f"another speaker: likeness {cosine:.2f}"),
    )
    return [words for is_so, words in found if is_so]


def _kept_of_copies(pieces: Sequence[Piece], faults: Sequence[list[str]]) -> list[int | None]:
    """For each piece the number of the copy that is kept in its place: the best of those without a fault."""
    copies = copies_of(pieces)
    groups: dict[int, list[int]] = {}
    for number, copy in enumerate(copies):
        groups.setdefault(number if copy is None else copy, []).append(number)
    kept: list[int | None] = [None] * len(pieces)
    for group in groups.values():
        best = min(group, key=lambda number: (bool(faults[number]), -(_snr_db(pieces[number]) or 0.0), number))
        for number in group:
            kept[number] = None if number == best else best
    return kept


def _main_speakers(pieces: Sequence[Piece], cosines: Sequence[float]) -> dict[str, str]:
    """The name that the segments of each item most often give to what is like the voice."""
    mains: dict[str, str] = {}
    for item in {piece.item for piece in pieces}:
        seconds: dict[str, float] = {}
        for piece, cosine in zip(pieces, cosines, strict=True):
            if piece.item == item and cosine >= LEAST_LIKENESS:
                seconds[piece.speaker] = seconds.get(piece.speaker, 0.0) + piece.duration_s
        if seconds:
            mains[item] = max(sorted(seconds), key=lambda name: seconds[name])
    return mains


def _snr_db(piece: Piece) -> float | None:
    return piece.figures.snr_db if piece.figures else None


def _clipped(piece: Piece) -> float:
    return (piece.figures.clipped_share if piece.figures else None) or 0.0


def _judged(piece: Piece, cosine: float, faults: list[str], copy_of: tuple[str, float, float] | None) -> Proposed:
    snr_db = _snr_db(piece)
    reasons = faults if copy_of is None else [*faults, f"twice: a copy of {said(copy_of)}"]
    well = f"likeness {cosine:.2f}" + ("" if snr_db is None else f", {snr_db:.0f} dB above the noise")
    return Proposed(
        piece=piece,
        proposed=not reasons,
        reason="; ".join(reasons) or well,
        likeness=round(cosine, 3),
        snr_db=snr_db,
        clipped_share=_clipped(piece),
        copy_of=copy_of,
    )


def said(key: tuple[str, float, float] | None) -> str:
    """Where a phrase is, for people."""
    return "" if key is None else f"{key[0]} at {key[1]:.3f} s"


def embeddings_of(pieces: Sequence[Piece]) -> Vectors:
    """A unit vector (pieces, 128) for each piece: the mean over its windows of 1.5 s."""
    from restoration.nets.speaker_embedding import embed, speaker_network

    windows = [_windows(piece) for piece in pieces]
    embedded = embed(speaker_network(), np.concatenate(windows))
    starts = np.cumsum([0, *(len(each) for each in windows[:-1])])
    return _unit(np.add.reduceat(embedded, starts, axis=0))


def _windows(piece: Piece) -> Vectors:
    size, hop = round(WINDOW_S * VOICE_RATE), round(HOP_S * VOICE_RATE)
    sound = np.resize(piece.sound, max(size, piece.sound.size))
    starts = [*range(0, sound.size - size, hop), sound.size - size]
    cut = np.stack([sound[start : start + size] for start in starts])
    return np.asarray(cut / (np.sqrt(np.mean(cut**2, axis=1, keepdims=True)) + 1e-9), dtype=np.float32)


def _centroid(embeddings: Vectors, pieces: Sequence[Piece], speaker: str | None) -> Vectors:
    """The voice's mean embedding: from the phrase that most of the speech is like, then without what is unlike it."""
    seconds = np.array([piece.duration_s for piece in pieces], dtype=np.float32)
    wanted = np.array([speaker is None or piece.speaker == speaker for piece in pieces])
    if not wanted.any():
        known = ", ".join(sorted({piece.speaker for piece in pieces}))
        raise BadMaterial(f"no segment names the speaker “{speaker}”; the segments name {known}")
    weights = seconds * wanted
    agreed = ((embeddings @ embeddings.T >= LEAST_LIKENESS) * weights).sum(axis=1) * wanted
    centroid = embeddings[int(np.argmax(agreed))]
    for _ in range(ROUNDS):
        alike = (embeddings @ centroid >= LEAST_LIKENESS) & wanted
        centroid = _unit((embeddings * (weights * alike)[:, None]).sum(axis=0, keepdims=True))[0]
    return centroid


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)
