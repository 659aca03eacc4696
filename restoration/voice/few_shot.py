"""From approved material to a voice model: the zero-shot voice at once, the tuned one if it is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from restoration.errors import RestorationError
from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.voice_decoder import VoiceDecoder, VoiceDecoderShape
from restoration.voice.choosing_encoder import Choice, chosen
from restoration.voice.decoding import decoded
from restoration.voice.features import analyse
from restoration.voice.gate import Permit, check
from restoration.voice.lesson import Lesson, Taught, codes_of, digest_of_phrases, said_by_others
from restoration.voice.memorisation import Controls, Memorisation, audit
from restoration.voice.model import CARD, VoiceModel, base_state, lent, load_voice
from restoration.voice.reading import Reading
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.training_screen import Unwatched, Watch
from restoration.voice.trial import Trial, Verdict, furthest_understood
from restoration.voice.tuning import Curve, Learning, Tuning
from restoration.voice.usage import Made, count_use, log_of
from restoration.voice.zero_shot import Codes, heard_in

MINUTES = (0.5, 1.0, 2.0, 4.0)
"""Of material: how much is enough."""
LEARNING = "learning.pt"
"""What a training that was cut off goes on from."""


@dataclass(frozen=True, eq=False)
class _Prepared:
    choice: Choice
    base: VoiceDecoder
    codes: Codes

    @property
    def encoder(self) -> ContentEncoder:
        return self.choice.encoder

    def lesson(self, minutes: float | None = None) -> Lesson:
        learnt = self.choice.learnt
        return Lesson(learnt if minutes is None else _first(learnt, minutes), self.encoder, *self.codes)

    def heard_from_others(self, tuning: Tuning) -> _Prepared:
        """The same, each phrase to learn heard from drawn voices too; of one seed, and so the same when it goes on."""
        draw = np.random.default_rng([tuning.seed, tuning.others])
        learnt = [said_by_others(each, self.base, self.encoder, tuning.others, draw) for each in self.choice.learnt]
        return replace(self, choice=replace(self.choice, learnt=learnt))

    def examination(self) -> Lesson:
        return Lesson(self.choice.held_out, self.encoder, *self.codes)


def train_voice(
    permit: Permit,
    reading: Reading,
    out: Path,
    tuning: Tuning | None = None,
    how_much: Sequence[float] = (),
    watch: Watch | None = None,
) -> VoiceModel:
    """Learn a voice into the folder ``out``; a training that was cut off there goes on.

    The zero-shot voice is saved first. The tuned one takes its place if it is more like the held-out phrases and no
    less understood; the card says what was compared and what was decided, and which encoder hears the words.
    ``how_much`` are minutes of the material, of which the card shall say what they alone would have given.

    Raises:
        NoConsent: the permit is not for this voice, or not for a training.
        MissingWeights: the base or an encoder is not on this machine.
        RestorationError: in ``out`` is a voice that was learnt to its end, or the encoder asked for is not the base's.
    """
    check(permit, "train", reading.consents)
    _check_place(out)
    asked, watch = tuning or Tuning(), watch or Unwatched()
    watch.said(f"{reading.name}: {reading.minutes:.1f} minutes to learn from, {reading.held_out_s:.0f} s kept back.")
    prepared = _prepared(reading, asked)
    watch.said(prepared.choice.sentence)
    voice, trial = prepared.choice.voice, prepared.choice.trial
    voice.save(out)
    watch.said("The zero-shot voice is there; learning now.")
    prepared = prepared.heard_from_others(asked)
    learning = Learning(prepared.base, asked, out / LEARNING, _digest(reading, prepared.encoder))
    points = learning.curve.points
    curve = learning.learn(prepared.lesson(), prepared.examination(), lambda _: watch.reached(points, asked.steps))
    watch.said(curve.ended[:1].upper() + curve.ended[1:] + ".")
    tuned = replace(voice, state=dict(learning.best.state_dict()), card={**voice.card, "kind": "tuned"})
    tuned, verdict = furthest_understood(trial, voice, tuned)
    watch.said(verdict.sentence)
    chosen = tuned if verdict.accepted else voice
    audited = _audit(trial, chosen, reading, prepared)
    watch.said(audited.sentence[:1].upper() + audited.sentence[1:] + ".")
    chosen = chosen.noted(**_course(curve, asked, verdict), audit=asdict(audited))
    if how_much:
        rows = [_part(prepared, asked, minutes) for minutes in how_much if minutes < reading.minutes]
        whole = {
            "minutes": round(reading.minutes, 2),
            "held_out_loss": curve.taken.held_out_loss,
            "likeness": verdict.tuned.likeness,
            "spectra_apart": verdict.tuned.spectra_apart,
        }
        chosen = chosen.noted(how_much=[*rows, whole])
    chosen.save(out)
    (out / LEARNING).unlink(missing_ok=True)
    count_use(permit, Made(voice=reading.name, seconds=60 * reading.minutes), log_of(out))
    return chosen


def _audit(trial: Trial, voice: VoiceModel, reading: Reading, prepared: _Prepared) -> Memorisation:
    """Whether what the voice says of others' performances gives back its material."""
    ready = lent(voice)

    def given_back(sound: FloatArray) -> FloatArray:
        return decoded(ready, analyse(sound, prepared.encoder))

    return audit(
        trial.lent(voice), reading.learnt, reading.held_out, Controls(resynthesise=given_back, untouched=trial.sounds)
    )


def _part(prepared: _Prepared, tuning: Tuning, minutes: float) -> dict[str, float]:
    """What the first minutes of the material give: held-out loss and likeness."""
    learning = Learning(prepared.base, tuning)
    taken = learning.learn(prepared.lesson(minutes), prepared.examination()).taken
    frames = heard_in(_first(prepared.choice.learnt, minutes))
    voice = replace(prepared.choice.voice, state=dict(learning.best.state_dict()), frames=frames)
    scores = prepared.choice.trial.scores(voice)
    likeness = {"likeness": scores.likeness, "spectra_apart": scores.spectra_apart}
    return {"minutes": minutes, "held_out_loss": taken.held_out_loss, **likeness}


def _check_place(out: Path) -> None:
    """Raise where a voice is that no training was cut off at: others may be using it."""
    if (out / LEARNING).is_file() or not (out / CARD).is_file():
        return
    there = load_voice(out).card
    if there.get("kind") != "zero-shot" or "verdict" in there:
        raise RestorationError(f"{out}: the voice “{there['name']}” is there already; name another folder")


def _prepared(reading: Reading, tuning: Tuning) -> _Prepared:
    base = VoiceDecoder(VoiceDecoderShape())
    base.load_state_dict({name: value.float() for name, value in base_state().items()})
    codes = codes_of(list(reading.learnt))
    return _Prepared(chosen(base.eval(), reading, codes, tuning), base, codes)


def _digest(reading: Reading, encoder: ContentEncoder) -> str:
    """Of what is learnt and what it is heard through: a training that was cut off goes on with both, or begins anew."""
    return f"{digest_of_phrases(reading.learnt, reading.held_out)} {encoder.name} {encoder.sha256}"


def _course(curve: Curve, tuning: Tuning, verdict: Verdict) -> dict[str, Any]:
    return {
        "tuning": asdict(tuning),
        "curve": [asdict(point) for point in curve.points],
        "ended": curve.ended,
        "voice_of_step": curve.taken.step,
        "verdict": asdict(verdict),
        "threads": torch.get_num_threads(),
    }


def _first(phrases: list[Taught], minutes: float) -> list[Taught]:
    """Phrases in their order until the minutes are full; at least one."""
    lengths = np.cumsum([phrase.sound.size for phrase in phrases]) / VOICE_RATE / 60
    return phrases[: max(1, int(np.searchsorted(lengths, minutes, side="right")))]
