"""Learning a voice: it gets nearer to the speaker, stops in time, and goes on where it was cut off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from restoration.nets.content_encoder import content_encoder
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice.lesson import Lesson, codes_of, f0_of, said_by_others, taught
from restoration.voice.trial import stretch
from restoration.voice.tuning import PATIENCE, Curve, Learning, Point, Tuning, one_more

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


def state(network: torch.nn.Module) -> np.ndarray:
    return np.concatenate([value.numpy().ravel() for value in network.state_dict().values()])


def test_held_out_phrases_get_nearer(base: VoiceDecoder, lessons: tuple[Lesson, Lesson]) -> None:
    curve = Learning(base, QUICK).learn(*lessons)
    assert curve.best.held_out_loss < 0.95 * curve.points[0].held_out_loss
    assert curve.ended == f"all 12 steps done, still learning; the voice is that of step {curve.taken.step}"


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
    assert curve.points[-1].step == curve.best.step + PATIENCE


def test_the_voice_is_the_last_that_is_as_good_as_the_best() -> None:
    losses = [2.0, 1.5, 1.6, 1.52, 1.54, 1.9]
    curve = Curve([Point(20 * number, 0.0, loss, 0.1) for number, loss in enumerate(losses)])
    assert (curve.best.step, curve.taken.step) == (20, 60)


def test_the_network_kept_is_that_of_the_evaluation_taken(
    base: VoiceDecoder, lessons: tuple[Lesson, Lesson], monkeypatch: pytest.MonkeyPatch
) -> None:
    losses, seen = iter([2.0, 1.5, 1.52, 1.9]), []

    def held_out(network: VoiceDecoder, *rest: object) -> float:
        seen.append(state(network))
        return next(losses)

    monkeypatch.setattr("restoration.voice.tuning.held_out_loss", held_out)
    learning = Learning(base, replace(QUICK, steps=3, evaluate_every=1))
    curve = learning.learn(*lessons)
    assert curve.taken.step == 2
    assert np.array_equal(state(learning.best), seen[2])
    assert not np.array_equal(seen[2], seen[3])


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


def test_others_say_the_phrase_in_its_time_and_it_stays_its_own(base: VoiceDecoder) -> None:
    """The same seed draws the same voices; what is to come of the phrase is no sound of theirs."""
    encoder = content_encoder()
    phrase = taught(stretch("reading.opus", 10.0)[:32000], encoder)
    first, again, others = (said_by_others(phrase, base, encoder, 2, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.sound, phrase.sound)
    assert [sound.size for sound in first.heard[3:]] == [phrase.sound.size] * 2
    assert all(content.shape == phrase.contents[0].shape for content in first.contents[3:])
    assert np.array_equal(first.heard[4], again.heard[4])
    apart = [np.abs(first.heard[3] - sound).mean() for sound in (first.heard[4], others.heard[3], phrase.sound)]
    assert min(apart) > 0.1 * np.abs(phrase.sound).mean()


def test_a_lesson_hears_the_others_too(base: VoiceDecoder, lessons: tuple[Lesson, Lesson]) -> None:
    """Each hearing is drawn as often as any other; the phrases kept back are heard from their own speaker alone."""
    lesson, _ = lessons
    heard = [said_by_others(each, base, lesson.encoder, 3, np.random.default_rng(5)) for each in lesson.phrases]
    marked = [
        replace(each, contents=tuple(np.full_like(c, n) for n, c in enumerate(each.contents, 1))) for each in heard
    ]
    drawn = Lesson(marked, lesson.encoder, lesson.speaker.numpy(), lesson.channel.numpy())
    controls, _ = drawn.batch(240, 8, np.random.default_rng(3))
    counts = np.bincount(controls.content[:, 0, 0].numpy().round().astype(int), minlength=7)[1:]
    assert counts.size == 6
    assert counts.min() > 20
    # Nought is what a stretch is filled up with.
    assert {round(float(value)) for some, _ in drawn.all(80) for value in some.content.unique()} <= {0, 3}


@pytest.mark.parametrize(("steps", "last", "least_share"), [(12, 6, 0.7), (300, 30, 0.55)])
def test_the_voice_is_the_mean_of_the_last_steps(steps: int, last: int, least_share: float) -> None:
    """A network that is at step k the k-th unit vector: its mean shows what share each step has."""
    mean = torch.eye(steps)[0]
    for step, now in enumerate(torch.eye(steps)[1:], 1):
        mean = one_more(mean, now, step)
    assert float(mean.sum()) == pytest.approx(1.0, abs=1e-4)
    assert least_share < float(mean[-last:].sum()) < least_share + 0.2


def test_a_run_that_was_cut_off_remembers_its_mean(
    base: VoiceDecoder, lessons: tuple[Lesson, Lesson], tmp_path: Path
) -> None:
    first = Learning(base, QUICK, tmp_path / "learning.pt")
    first.learn(*lessons)
    again = Learning(base, QUICK, tmp_path / "learning.pt")
    assert np.array_equal(state(again.mean), state(first.mean))
    assert not np.array_equal(state(again.best), state(again.network))
