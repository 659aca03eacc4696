"""The hold-out: a tenth to a fifth of the time, whole phrases, spread, the same each time, never with a copy learnt."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest

from restoration.voice.held_out import hold_out
from restoration.voice.material import BadMaterial, Material, Piece


def phrases(seconds, item="a"):
    """Phrases of noise, unlike each other, one after the other."""
    random = np.random.default_rng(7)
    edges = np.cumsum([0, *seconds])
    digest = hashlib.sha256(item.encode()).hexdigest()
    return tuple(
        Piece(item, float(start), float(stop), random.standard_normal(round((stop - start) * 16000)), digest)
        for start, stop in pairwise(edges)
    )


def lengths(total_s, seed):
    random = np.random.default_rng(seed)
    drawn = [1.5]
    while sum(drawn) < total_s:
        drawn.append(round(float(random.uniform(1.5, 12.0)), 3))
    return drawn


@pytest.mark.parametrize("total_s", [40, 60, 120, 240])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_tenth_to_a_fifth_of_whole_phrases_is_kept(total_s, seed):
    material = Material(phrases(lengths(total_s, seed)))
    split = hold_out(material)
    assert 0.1 <= split.share <= 0.2
    together = {piece.key for piece in split.training.pieces} | {piece.key for piece in split.held_out.pieces}
    assert together == {piece.key for piece in material.pieces}
    assert len(split.training.pieces) + len(split.held_out.pieces) == len(material.pieces)
    if total_s >= 240:
        assert split.held_out.duration_s >= 20


@pytest.mark.parametrize("seed", range(3, 9))
def test_it_is_spread_over_the_recording(seed):
    material = Material(phrases(lengths(120, seed)))
    middles = [(piece.start_s + piece.stop_s) / 2 / material.duration_s for piece in hold_out(material).held_out.pieces]
    assert len(middles) >= 3
    assert {int(3 * middle) for middle in middles} == {0, 1, 2}


def test_the_same_material_gives_the_same_and_another_file_another():
    times = lengths(200, 4)
    chosen = [[piece.start_s for piece in hold_out(Material(phrases(times, item))).held_out.pieces] for item in "aab"]
    assert chosen[0] == chosen[1] != chosen[2]


def test_a_copy_of_what_is_held_out_is_never_learnt(clips_of, pieces_of):
    """Every clip is there twice: both are learnt, or neither."""
    sounds = [sound for _, sound in clips_of("nathalie", 12)]
    pieces = [*pieces_of(sounds, "first"), *pieces_of([sound[480:] * 0.5 for sound in sounds], "second")]
    split = hold_out(Material(tuple(pieces)))
    numbers = {piece.key: number % len(sounds) for number, piece in enumerate(pieces)}
    held = sorted(numbers[piece.key] for piece in split.held_out.pieces)
    assert held
    assert held[::2] == held[1::2]
    assert not set(held) & {numbers[piece.key] for piece in split.training.pieces}


def test_what_overlaps_stays_together():
    """A curator may move the end of a phrase into the next one: so little in common is no copy, and yet is shared."""
    sound = np.random.default_rng(5).standard_normal(120 * 16000).astype(np.float32)
    times = [
        (float(start), float(start + length))
        for first in range(0, 120, 6)
        for start, length in ((first, 4), (first + 3, 3))
    ]
    pieces = tuple(Piece("a", *time, sound[int(time[0] * 16000) : int(time[1] * 16000)], "f" * 64) for time in times)
    held = {piece.start_s // 6 for piece in hold_out(Material(pieces)).held_out.pieces}
    learnt = {piece.start_s // 6 for piece in hold_out(Material(pieces)).training.pieces}
    assert held.isdisjoint(learnt)


def test_too_little_is_a_sentence():
    with pytest.raises(BadMaterial, match=r"there are 19.0 s of approved speech, .* less than 20 s"):
        hold_out(Material(phrases([5.0, 5.0, 5.0, 4.0])))


def test_phrases_of_which_none_fits_are_a_sentence():
    with pytest.raises(BadMaterial, match="approve more or shorter phrases"):
        hold_out(Material(phrases([12.0, 12.0])))
