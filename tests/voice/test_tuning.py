"""Learning a voice: it gets nearer to the speaker, stops in time, and goes on where it was cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from restoration.nets.content_encoder import content_encoder
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice.trial import stretch
from restoration.voice.tuning import Learning, Lesson, Tuning, codes_of, f0_of, taught

QUICK = Tuning(steps=12, evaluate_every=4, batch=2, frames=80, rate=2e-3)


@pytest.fixture(scope="module")
def lessons() -> tuple[Lesson, Lesson]:
    """Two phrases of the demonstration's reading to learn, one kept back."""
    sounds = [stretch("reading.opus", start_s)[:48000] for start_s in (10.0, 30.0, 50.0)]
    encoder = content_encoder()
    phrases = [taught(sound, encoder) for sound in sounds]
    speaker, channel = codes_of(sounds[:2])
    return Lesson(phrases[:2], encoder, speaker, channel), Lesson(phrases[2:], encoder, speaker, channel)


@pytest.fixture(scope="module")
def base() -> VoiceDecoder:
    torch.manual_seed(7)
    return VoiceDecoder().eval()


def state(network: VoiceDecoder) -> np.ndarray:
    return np.concatenate([value.numpy().ravel() for value in network.state_dict().values()])


def test_held_out_phrases_get_nearer(base: VoiceDecoder, lessons: tuple[Lesson, Lesson]) -> None:
    curve = Learning(base, QUICK).learn(*lessons)
    assert curve.best.held_out_loss < 0.95 * curve.points[0].held_out_loss
    assert curve.ended == f"all 12 steps done, still learning; the voice is that of step {curve.best.step}"


def test_two_runs_learn_the_same(base: VoiceDecoder, lessons: tuple[Lesson, Lesson]) -> None:
    first, second = Learning(base, QUICK), Learning(base, QUICK)
    first.learn(*lessons)
    second.learn(*lessons)
    assert np.array_equal(state(first.best), state(second.best))


def test_a_run_that_was_cut_off_learns_the_same(
    base: VoiceDecoder, lessons: tuple[Lesson, Lesson], tmp_path: Path
) -> None:
    whole = Learning(base, QUICK)
    whole.learn(*lessons)

    class CutOff(RuntimeError):
        pass

    def cut_off(point: object) -> None:
        if getattr(point, "step", 0) == 8:
            raise CutOff

    with pytest.raises(CutOff):
        Learning(base, QUICK, tmp_path / "learning.pt").learn(*lessons, cut_off)
    assert Learning(base, QUICK, tmp_path / "learning.pt", "of other phrases").step == 0
    again = Learning(base, QUICK, tmp_path / "learning.pt")
    assert again.step == 9
    again.learn(*lessons)
    assert np.array_equal(state(again.best), state(whole.best))
    assert [point.step for point in again.curve.points] == [0, 4, 8, 12]


def test_stops_when_held_out_phrases_get_worse(base: VoiceDecoder, lessons: tuple[Lesson, Lesson]) -> None:
    # Phrases of another voice, kept back: learning this one soon takes the decoder away from them.
    learnt, _ = lessons
    hasty = Tuning(steps=400, evaluate_every=1, batch=1, frames=40, rate=0.3)
    curve = Learning(base, hasty).learn(learnt, lessons[1])
    assert curve.ended.startswith(f"memorising since step {curve.best.step}")
    assert curve.points[-1].step == curve.best.step + 5


def test_time_ends_a_run(base: VoiceDecoder, lessons: tuple[Lesson, Lesson]) -> None:
    curve = Learning(base, Tuning(steps=400, evaluate_every=1, batch=1, frames=40, minutes=0.0)).learn(*lessons)
    assert curve.ended.startswith("stopped after 0.0 minutes, as asked")


def test_content_is_the_same_at_every_speed(lessons: tuple[Lesson, Lesson]) -> None:
    lesson, _ = lessons
    encoder = lesson.encoder
    alike = []
    for phrase in lesson.phrases:
        cuts = [lesson._cut(phrase, 0, 300, heard)[0] for heard in range(3)]
        for other in cuts[1:]:
            shared = (cuts[0] * other).sum(1)
            alike.append(shared / np.linalg.norm(cuts[0], axis=1) / np.linalg.norm(other, axis=1))
    assert float(np.mean(alike)) > 0.8, encoder.name


def test_height_of_a_voice(lessons: tuple[Lesson, Lesson]) -> None:
    f0 = f0_of(lessons[0].phrases)
    assert 150 < f0["median_hz"] < 260
    assert f0["low_hz"] < f0["median_hz"] < f0["high_hz"]
