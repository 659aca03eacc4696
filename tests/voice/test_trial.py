"""Which voice a trial takes: the furthest from the zero-shot one that is nearer to the speaker and still understood."""

from dataclasses import dataclass, field, replace

import pytest
import torch

from restoration.voice.trial import SHARES, Scores, furthest_understood


@dataclass(frozen=True)
class Heard:
    """Judges a voice by how far its one weight has gone, 0 to 1: the words it loses from ``sure_until`` on."""

    sure_until: float
    nearer: bool = True
    performers: tuple[float, float] = (0.5, 3.0)
    own: tuple[float, float] = (0.9, 0.1)
    heard: list[float] = field(default_factory=list)

    def scores(self, voice):
        gone = float(voice.state["weight"])
        self.heard.append(gone)
        apart = 2.0 - gone if self.nearer else 2.0 + gone
        return Scores(0.6, 0.6, apart, 0.1 if gone <= self.sure_until else 0.2)


@pytest.fixture
def voices(a_voice):
    return [replace(a_voice, state={"weight": torch.tensor(gone), "steps": torch.tensor(7)}) for gone in (0.0, 1.0)]


def test_the_whole_way_is_gone_where_the_words_are_kept(voices):
    taken, verdict = furthest_understood(Heard(sure_until=1.0), *voices)
    assert taken is voices[1]
    assert verdict.accepted and verdict.share == 1.0
    assert verdict.sentence.startswith("The tuned voice is kept: spectra 1.00 from")


@pytest.mark.parametrize("sure_until", [0.9, 0.75, 0.5])
def test_as_far_as_the_words_are_kept(voices, sure_until):
    taken, verdict = furthest_understood(Heard(sure_until=sure_until), *voices)
    wanted = max(share for share in SHARES if share <= sure_until)
    assert float(taken.state["weight"]) == pytest.approx(wanted)
    assert int(taken.state["steps"]) == 7
    assert verdict.accepted and verdict.share == wanted
    assert f"is kept, {wanted:.0%} of the way" in verdict.sentence
    assert verdict.tuned.spectra_apart == pytest.approx(2.0 - wanted)


def test_where_words_are_lost_at_once_the_zero_shot_voice_is_kept(voices):
    _, verdict = furthest_understood(Heard(sure_until=0.2), *voices)
    assert not verdict.accepted
    assert verdict.sentence == (
        "The zero-shot voice is kept: the tuned one loses too many words, 20% of the words heard otherwise "
        "(zero-shot 10%)."
    )


def test_what_is_no_nearer_to_the_speaker_is_not_tried_again(voices):
    judge = Heard(sure_until=0.9, nearer=False)
    _, verdict = furthest_understood(judge, *voices)
    assert judge.heard == [0.0, 1.0]
    assert not verdict.accepted and verdict.share == 1.0
    assert "no nearer to the speaker" in verdict.sentence
