"""From minutes of approved material to a voice, with the base that ships."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from restoration.errors import NoConsent, RestorationError
from restoration.nets.content_encoder import EMBEDDED, content_encoder, described
from restoration.nets.content_student import OWN
from restoration.voice.choosing_encoder import Figures, decided
from restoration.voice.consent import Consent
from restoration.voice.few_shot import _digest, _part, _prepared, train_voice
from restoration.voice.gate import Permit, Use, permit, today
from restoration.voice.model import load_voice
from restoration.voice.reading import Reading
from restoration.voice.trial import Trial, direction, furthest_understood, stretch
from restoration.voice.tuning import Tuning
from restoration.voice.usage import uses

CONSENT = Consent(item="demo", status="recorded", scope="voice model", given_by="nobody: synthetic", reference="none")
SHORT = Tuning(steps=8, evaluate_every=4, batch=2, frames=80)


def allowed(purpose: str = "train") -> Permit:
    return permit([CONSENT], Use(purpose=purpose, by="A. Karimova", public=False, on=today()))


@pytest.fixture(scope="module")
def reading() -> Reading:
    """Three stretches of the demonstration's reading, and two more that are kept back."""
    sounds = [stretch("reading.opus", start_s) for start_s in (90.0, 110.0, 130.0, 150.0, 170.0)]
    items = [{"identifier": "demo", "sha256": "1" * 64, "segments": [[0, 8]], "restored": True, "channel": None}]
    return Reading(learnt=sounds[:3], held_out=sounds[3:], items=items, consents=[CONSENT], name="The reader")


class Watched:
    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.steps: list[int] = []

    def said(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def reached(self, points, steps) -> None:  # type: ignore[no-untyped-def]
        self.steps.append(points[-1].step)


@pytest.fixture(scope="module")
def trained(reading: Reading, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Watched]:
    out, watched = tmp_path_factory.mktemp("voices") / "reader", Watched()
    train_voice(allowed(), reading, out, SHORT, watch=watched)
    return out, watched


def test_the_folder_holds_the_voice_that_the_verdict_names(trained: tuple[Path, Watched]) -> None:
    out, watched = trained
    voice = load_voice(out)
    verdict = voice.card["verdict"]
    assert voice.card["kind"] == ("tuned" if verdict["accepted"] else "zero-shot")
    assert verdict["sentence"] in watched.sentences
    assert watched.steps == [0, 4, 8]
    assert [point["step"] for point in voice.card["curve"]] == [0, 4, 8]
    assert f"the voice is that of step {voice.card['voice_of_step']}" in voice.card["ended"]
    assert not (out / "learning.pt").exists()


def test_card_names_what_it_stands_on(trained: tuple[Path, Watched], reading: Reading) -> None:
    out, _ = trained
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    assert card["consents"] == [CONSENT.as_dict()]
    assert card["base"]["name"] == "voice-base"
    assert card["minutes"] == pytest.approx(0.4)
    assert 150 < card["f0"]["median_hz"] < 260
    level_db, clean = card["tonal_balance"]["level_db"], card["tonal_balance"]["clean"]
    assert len(level_db) == 40 and abs(sum(level_db)) < 1
    # A voice has its power below 4 kHz; the reading is synthetic, without noise.
    assert sum(level_db[:28]) / 28 > sum(level_db[28:]) / 12 + 6
    assert min(clean[2:]) > 0.8
    assert card["audit"]["controls"]
    page = (out / "card.html").read_text(encoding="utf-8")
    for said in (
        "The reader",
        "given by nobody: synthetic",
        "the speaker&#39;s own phrases",
        "control: training clips",
    ):
        assert said in page


def test_the_encoder_is_the_one_that_measured_best(trained: tuple[Path, Watched], reading: Reading) -> None:
    """The figure of the one taken is that of the zero-shot voice, where the training begins; both are told."""
    out, watched = trained
    card = load_voice(out).card
    figures = {each["name"]: Figures(each["held_out_loss"], each["word_errors"]) for each in card["encoders"]}
    losses = {name: each.held_out_loss for name, each in figures.items()}
    assert list(losses) == [EMBEDDED, OWN]
    taken = card["encoder"]["name"]
    assert figures[taken] == (card["curve"][0]["held_out_loss"], card["verdict"]["zero_shot"]["word_errors"])
    assert taken == decided(figures, "", "")[0]
    assert card["encoder"] == described(content_encoder(taken))
    assert card["encoder_choice"]["asked"] == ""
    assert card["encoder_choice"]["sentence"] in watched.sentences
    assert f"{losses[OWN]:.3f} through {OWN}" in card["encoder_choice"]["sentence"]
    page = (out / "card.html").read_text(encoding="utf-8")
    assert "What hears the words" in page
    for loss, errors in figures.values():
        assert f'<td class="num">{loss:.3f}</td><td class="num">{errors:.0%}</td>' in page


@pytest.mark.slow
def test_a_training_that_was_cut_off_gives_the_same_voice(
    trained: tuple[Path, Watched], reading: Reading, tmp_path: Path
) -> None:
    class CutOff(RuntimeError):
        pass

    class CutsOff(Watched):
        def reached(self, points, steps) -> None:  # type: ignore[no-untyped-def]
            if points[-1].step == 4:
                raise CutOff

    out = tmp_path / "cut"
    with pytest.raises(CutOff):
        train_voice(allowed(), reading, out, SHORT, watch=CutsOff())
    assert load_voice(out).card["encoders"]
    watched = Watched()
    again = train_voice(allowed(), reading, out, SHORT, watch=watched)
    first = load_voice(trained[0])
    assert watched.steps == [8]
    assert all(np.array_equal(first.state[name], again.state[name].half()) for name in first.state)
    for part in ("encoder", "encoders", "encoder_choice", "verdict"):
        assert first.card[part] == again.card[part]


def test_a_training_goes_on_only_through_the_same_encoder(reading: Reading) -> None:
    one, other = (_digest(reading, content_encoder(name)) for name in (EMBEDDED, OWN))
    assert one != other


def test_training_is_counted(trained: tuple[Path, Watched]) -> None:
    (use,) = uses(trained[0])
    assert (use["purpose"], use["by"], use["seconds"]) == ("train", "A. Karimova", 24.0)


@pytest.mark.slow
def test_the_same_material_gives_the_same_voice(
    trained: tuple[Path, Watched], reading: Reading, tmp_path: Path
) -> None:
    again = train_voice(allowed(), reading, tmp_path / "again", SHORT)
    first = load_voice(trained[0])
    assert all(np.array_equal(first.state[name], again.state[name].half()) for name in first.state)
    assert first.card["verdict"] == again.card["verdict"]


def test_the_frames_of_the_material_go_with_the_voice(trained: tuple[Path, Watched], reading: Reading) -> None:
    frames = load_voice(trained[0]).frames
    seconds = sum(sound.size for sound in reading.learnt) / 16000
    assert np.shape(frames) == (pytest.approx(seconds / 0.024, rel=0.05), 288)


def test_a_part_that_is_all_of_the_material_is_worth_what_the_whole_is(
    trained: tuple[Path, Watched], reading: Reading
) -> None:
    """`--how-much` lends a part as the whole is lent: with what was heard in it."""
    told = load_voice(trained[0]).card["verdict"]
    prepared = _prepared(reading, SHORT).heard_from_others(SHORT)
    all_of_it, less = (_part(prepared, SHORT, minutes) for minutes in (1.0, 0.15))
    assert told["share"] == 1.0
    for figure in ("likeness", "spectra_apart"):
        assert all_of_it[figure] == pytest.approx(told["tuned"][figure], abs=1e-5)
        assert less[figure] != pytest.approx(told["tuned"][figure], abs=1e-4)


def test_a_voice_that_is_there_is_not_written_over(trained: tuple[Path, Watched], reading: Reading) -> None:
    before = (trained[0] / "card.json").read_bytes()
    with pytest.raises(RestorationError, match="the voice “The reader” is there already; name another folder"):
        train_voice(allowed(), reading, trained[0], SHORT)
    assert (trained[0] / "card.json").read_bytes() == before


def test_a_trial_says_between_what_a_likeness_lies(reading: Reading) -> None:
    """Two of the four performances are by the reader of the material: they do not perform."""
    trial = Trial.of(reading.held_out, reading.learnt, content_encoder())
    assert len(trial.performances) == len(trial.texts) == 2
    assert trial.performers[0] < 0.5
    assert trial.own[0] > 0.85
    assert trial.performers[1] > 2 * trial.own[1]
    of_the_low_voice = Trial.of([stretch("interview.opus", 40.0)], [stretch("interview.opus", 16.0)], content_encoder())
    assert len(of_the_low_voice.performances) == 2


def test_without_the_right_permit_nothing_is_written(reading: Reading, tmp_path: Path) -> None:
    with pytest.raises(NoConsent, match="to convert, not to train"):
        train_voice(allowed("convert"), reading, tmp_path / "voice", SHORT)
    other = replace(reading, consents=[replace(CONSENT, item="another")])
    with pytest.raises(NoConsent, match="another voice"):
        train_voice(allowed(), other, tmp_path / "voice", SHORT)
    assert not (tmp_path / "voice").exists()


def test_a_worse_voice_is_not_taken(trained: tuple[Path, Watched], reading: Reading) -> None:
    """The decoder of the tuned voice with another speaker's code is less like the speaker."""
    voice = load_voice(trained[0])
    trial = Trial.of(reading.held_out, reading.learnt, content_encoder())
    stranger = replace(voice, speaker=-voice.speaker)
    _, verdict = furthest_understood(trial, voice, stranger)
    assert not verdict.accepted
    assert verdict.sentence.startswith("The zero-shot voice is kept: the tuned one is no nearer to the speaker")


def test_direction_is_of_the_speaker_and_not_of_the_level() -> None:
    one, other = stretch("reading.opus", 90.0), stretch("reading.opus", 130.0)
    man = stretch("interview.opus", 40.0)
    assert direction(one) @ direction(0.1 * other) > 0.8
    assert direction(one) @ direction(man) < 0.7


def test_the_channel_of_the_material_does_not_make_a_stranger(reading: Reading, aged_by) -> None:  # type: ignore[no-untyped-def]
    """The speaker's own phrases are less like worn phrases of hers until they come through the same channel."""
    from restoration.nets.content_encoder import content_encoder
    from restoration.simulate.chains import worn_disc
    from restoration.voice.matched import matched

    worn = [aged_by(worn_disc(), sound) for sound in reading.held_out]
    trial = Trial.of(worn, reading.learnt, content_encoder())
    clean = np.mean([direction(sound) @ trial.speaker for sound in reading.learnt])
    through = np.mean([direction(matched(sound, trial.material)) @ trial.speaker for sound in reading.learnt])
    assert through > clean + 0.02
