"""Whole phrases kept from the training, by which over- and under-fitting are told.

They are spread over the recording, chosen by digest (the same material always gives the same ones), and never is a copy
of one of them, or a phrase that overlaps one, learnt from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from restoration.voice.copies import copies_of
from restoration.voice.material import BadMaterial, Material, Piece

LEAST_MATERIAL_S = 20.0
LEAST_SHARE, MOST_SHARE = 0.1, 0.2
WANTED_S = 20.0
"""So much is kept where it is no more than 15 % of the material; 12 % where that is more."""
USUAL_SHARE = 0.12
LEAST_PARTS = 3
"""The beginning, the middle and the end."""


class Split(NamedTuple):
    """What is learnt and what is kept from it."""

    training: Material
    held_out: Material

    @property
    def share(self) -> float:
        """Share of the time that is held out."""
        return self.held_out.duration_s / (self.training.duration_s + self.held_out.duration_s)


def hold_out(material: Material) -> Split:
    """Keep 10 to 20 % of the time from the training: about 20 s, or 15 % where that is less, 12 % where that is more.

    Raises:
        BadMaterial: less than 20 s of speech, or phrases of which no choice comes to such a share.
    """
    total_s = material.duration_s
    if total_s < LEAST_MATERIAL_S:
        raise BadMaterial(
            f"there are {total_s:.1f} s of approved speech, and a voice is not learnt from less than "
            f"{LEAST_MATERIAL_S:g} s; approve more of it, or add another item of the same voice"
        )
    groups = _groups(material.pieces)
    most_s = MOST_SHARE * total_s
    chosen = _chosen(groups, _wanted_s(total_s), most_s)
    kept = {piece.key for group in chosen for piece in group}
    split = Split(
        material.only(tuple(piece for piece in material.pieces if piece.key not in kept)),
        material.only(tuple(piece for piece in material.pieces if piece.key in kept)),
    )
    if split.share < LEAST_SHARE:
        raise BadMaterial(
            f"of the {len(material.pieces)} approved phrases ({total_s:.1f} s) none can be kept to check the training "
            f"with: between {LEAST_SHARE:.0%} and {MOST_SHARE:.0%} of the time; approve more or shorter phrases"
        )
    return split


def _wanted_s(total_s: float) -> float:
    # Half a phrase below the most that is allowed, so that there is a choice of phrases that fit.
    return min(max(WANTED_S, USUAL_SHARE * total_s), (LEAST_SHARE + MOST_SHARE) / 2 * total_s)


def _groups(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """Pieces that must stay together, in order: copies of each other, and those that overlap."""
    copies = copies_of(pieces)
    owner = [number if copy is None else copy for number, copy in enumerate(copies)]
    for number, piece in enumerate(pieces):
        for earlier in range(number):
            if _overlap(piece, pieces[earlier]) and owner[earlier] != owner[number]:
                gone, stays = owner[number], owner[earlier]
                owner = [stays if each == gone else each for each in owner]
    return [
        tuple(piece for piece, own in zip(pieces, owner, strict=True) if own == name) for name in dict.fromkeys(owner)
    ]


def _overlap(one: Piece, other: Piece) -> bool:
    return one.sha256 == other.sha256 and one.start_s < other.stop_s and other.start_s < one.stop_s


def _chosen(groups: Sequence[tuple[Piece, ...]], wanted_s: float, most_s: float) -> list[tuple[Piece, ...]]:
    """One group after another from equal parts of the material, until there is enough; none that makes it too much."""
    seconds = np.array([sum(piece.duration_s for piece in group) for group in groups])
    parts = max(LEAST_PARTS, round(wanted_s / float(np.median(seconds))))
    # Of longer ones, all parts but one would give enough, and the last part would not be heard.
    too_long = seconds > wanted_s / (parts - 1)
    middles = np.cumsum(seconds) - seconds / 2
    part_of = np.minimum((middles / seconds.sum() * parts).astype(int), parts - 1)
    ranked = sorted(range(len(groups)), key=lambda number: (too_long[number], groups[number][0].digest))
    chosen: list[int] = []
    while True:
        before = len(chosen)
        for part in range(parts):
            held_s = seconds[chosen].sum()
            fits = [n for n in ranked if n not in chosen and part_of[n] == part and held_s + seconds[n] <= most_s]
            if held_s < wanted_s and fits:
                chosen.append(fits[0])
        if len(chosen) == before:
            return [groups[number] for number in chosen]
