"""The proposal: other speakers, copies, noise, clipping and scraps are left out, each with its reason."""

import numpy as np
import pytest

from restoration.nets.speaker_corpus import HELD_OUT
from restoration.speech.quality import Figures
from restoration.voice.choosing_material import LEAST_LIKENESS, embeddings_of, propose
from restoration.voice.material import BadMaterial, Material, Piece

GOOD = {
    "speech_probability": 1.0,
    "level_dbfs": -25.0,
    "snr_db": 35.0,
    "peak_dbfs": -6.0,
    "clipped_share": 0.0,
    "bandwidth_hz": 7000.0,
}


def with_figures(piece, **figures):
    known = Figures(**{**GOOD, **figures})
    return Piece(piece.item, piece.start_s, piece.stop_s, piece.sound, piece.sha256, piece.speaker, known)


def sounds_of(clips_of, speaker, count):
    return [sound for _, sound in clips_of(speaker, count) if sound.size > 24000]


@pytest.fixture(scope="module")
def proposed(clips_of, pieces_of):
    """Eight clips of one speaker the embedding was not trained on, three of another, and what else may go wrong."""
    mine, others = (sounds_of(clips_of, name, 9)[:8] for name in ("so0120", "nathalie"))
    sounds = [*mine, *others[:3], mine[4], mine[5][:16000]]
    pieces = [with_figures(piece) for piece in pieces_of(sounds)]
    pieces[1] = with_figures(pieces[1], clipped_share=0.01)
    pieces[2] = with_figures(pieces[2], snr_db=4.0)
    return propose(Material(tuple(pieces)))


def test_what_is_good_is_proposed(proposed):
    assert [each.proposed for each in proposed[:8]] == [True, False, False] + [True] * 5


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ([1], "clipped"),
        ([2], "noisy"),
        ([8, 9, 10], "another speaker"),
        ([11, 12], "twice: a copy of"),
        ([12], "too short"),
    ],
)
def test_what_is_not_has_its_reason(proposed, numbers, reason):
    assert [number for number, each in enumerate(proposed) if reason in each.reason] == numbers


def test_of_copies_the_better_one_is_kept(clips_of, pieces_of):
    sounds = sounds_of(clips_of, "kathleen", 4)
    pieces = [with_figures(piece, snr_db=30.0) for piece in pieces_of([*sounds, sounds[0]])]
    pieces[0] = with_figures(pieces[0], clipped_share=0.02)
    found = propose(Material(tuple(pieces)))
    assert [each.proposed for each in found] == [False] + [True] * len(sounds)
    assert found[0].copy_of == pieces[-1].key


def test_the_named_speaker_is_learnt_though_another_speaks_more(clips_of, pieces_of):
    many, few = sounds_of(clips_of, "kathleen", 6), sounds_of(clips_of, "so0120", 4)
    pieces = [*pieces_of(many, "a", "speaker 1"), *pieces_of(few, "b", "speaker 2")]
    usual = propose(Material(tuple(pieces)))
    named = propose(Material(tuple(pieces)), "speaker 2")
    assert [each.proposed for each in usual] == [True] * len(many) + [False] * len(few)
    assert [each.proposed for each in named] == [False] * len(many) + [True] * len(few)
    with pytest.raises(BadMaterial, match="no segment names the speaker “speaker 3”; the segments name speaker 1, sp"):
        propose(Material(tuple(pieces)), "speaker 3")


def test_the_limit_parts_voices_that_the_embedding_does_not_know(clips_of, pieces_of):
    """Leave one out: of the speaker's own clips at most 4 % are below the limit, of others' at most 10 % above."""
    own, other = [], []
    embedded = {name: embeddings_of(pieces_of(sounds_of(clips_of, name, 8))) for name in HELD_OUT[:8]}
    for name, vectors in embedded.items():
        for number, vector in enumerate(vectors):
            own.append(vector @ unit(np.delete(vectors, number, axis=0).mean(axis=0)))
        for vectors_of_another in (embedded[each] for each in embedded if each != name):
            other += list(vectors_of_another @ unit(vectors.mean(axis=0)))
    assert np.mean(np.array(own) < LEAST_LIKENESS) <= 0.04
    assert np.mean(np.array(other) >= LEAST_LIKENESS) <= 0.10


def unit(vector):
    return vector / np.linalg.norm(vector)


def test_nobody_is_a_sentence():
    with pytest.raises(BadMaterial, match="nobody is heard to speak"):
        propose(Material(()))
