"""The folder of a voice: what is saved is what is loaded, and what was changed is refused."""

from __future__ import annotations

import json
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file, save_file

from restoration.errors import NoConsent
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice.card_page import card_page, curve_of, facts
from restoration.voice.card_table import card_tables
from restoration.voice.consent import Consent, sealed
from restoration.voice.model import BadVoice, VoiceModel, load_voice

CONSENT = Consent(item="reading-1938", status="recorded", scope="voice model", reference="letter of 12 March 2019")


@pytest.fixture(scope="module")
def voice() -> VoiceModel:
    torch.manual_seed(5)
    known = {"name": "x", "sha256": "0" * 64}
    channel = {"sentence": "worn <b>but</b> usable"}
    items = [{"identifier": "reading-1938", "sha256": "1" * 64, "segments": [[0, 2]], "restored": True}]
    card: dict[str, Any] = {
        "name": "Anna <Holm>",
        "kind": "tuned",
        "consents": [CONSENT.as_dict()],
        "encoder": known,
        "base": known,
        "items": [{**items[0], "channel": channel}],
        "minutes": 3.4,
        "f0": {"median_hz": 201.3, "low_hz": 160.0, "high_hz": 280.0},
        "ended": "memorising since step 120: stopped at step 220, the voice is that of step 120",
        "curve": [{"step": step, "loss": 1.0, "held_out_loss": 2 - step / 200, "minutes": 0.1} for step in (0, 20, 40)],
    }
    speaker = np.random.default_rng(1).normal(size=208).astype(np.float32)
    return VoiceModel(VoiceDecoder().state_dict(), speaker, card, sealed([CONSENT]))


def test_what_is_saved_is_loaded(voice: VoiceModel, tmp_path: Path) -> None:
    folder = voice.save(tmp_path / "anna")
    again = load_voice(folder)
    assert (folder / "voice.safetensors").stat().st_mode == (folder / "card.json").stat().st_mode
    assert np.array_equal(again.speaker, voice.speaker)
    assert again.card == voice.card
    assert again.consents == (CONSENT,)
    for name, value in voice.state.items():
        assert torch.equal(again.state[name], value.half()), name
    assert again.decoder().shape == voice.decoder().shape


def test_weights_of_another_voice_are_refused(voice: VoiceModel, tmp_path: Path) -> None:
    folder = voice.save(tmp_path / "anna")
    weights = folder / "voice.safetensors"
    save_file({**load_file(weights), "speaker": torch.zeros(208)}, weights, metadata={"consents": voice.seal})
    with pytest.raises(BadVoice, match=r"is not the file that card\.json describes"):
        load_voice(folder)


def test_an_edited_consent_is_refused(voice: VoiceModel, tmp_path: Path) -> None:
    folder = voice.save(tmp_path / "anna")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["consents"][0]["scope"] = "public synthetic speech"
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(NoConsent, match="not the one it was trained with"):
        load_voice(folder)


@pytest.mark.parametrize("broken", ["", "{", '{"name": "x"}'])
def test_no_voice_is_a_sentence(tmp_path: Path, broken: str) -> None:
    if broken:
        (tmp_path / "card.json").write_text(broken, encoding="utf-8")
    with pytest.raises(BadVoice, match=r"card\.json"):
        load_voice(tmp_path)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    place = tmp_path / "somebody.pth"
    place.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "opened").encode() + b"'\ntR.")
    with pytest.raises(BadVoice, match="can run code when it is opened"):
        load_voice(place)
    assert not (tmp_path / "opened").exists()


def test_the_page_says_what_the_card_says(voice: VoiceModel) -> None:
    page = card_page(voice.card)
    assert "Anna &lt;Holm&gt;" in page
    assert "Memorising since step 120: stopped at step 220" in page
    assert "worn &lt;b&gt;but&lt;/b&gt; usable" in page
    assert "data:image/png;base64," in page
    assert "http://" not in page
    assert dict(facts(voice.card))["pitch"] == "201 Hz, mostly 160 to 280 Hz"
    assert dict(facts(voice.card))["consent"] == "reading-1938: recorded, voice model (letter of 12 March 2019)"


def test_a_zero_shot_voice_has_a_page(voice: VoiceModel) -> None:
    about = {key: value for key, value in voice.card.items() if key not in ("curve", "ended")}
    assert "How it was learnt" not in card_page({**about, "kind": "zero-shot"})


def test_the_terminal_says_what_the_page_says(voice: VoiceModel) -> None:
    share = {"windows": 40, "flagged": 0.025, "mean_cosine": 0.61}
    controls = {"training clips changed": {**share, "flagged": 1.0}}
    card = {
        **voice.card,
        "name": "The [reader]",
        "verdict": {
            "zero_shot": {"likeness": 0.61, "matched_likeness": 0.66, "spectra_apart": 1.11, "word_errors": 0.12},
            "tuned": {"likeness": 0.74, "matched_likeness": 0.79, "spectra_apart": 0.86, "word_errors": 0.13},
            "performers_likeness": 0.1,
            "performers_spectra_apart": 1.43,
            "own_likeness": 0.93,
            "own_spectra_apart": 0.31,
            "accepted": True,
            "sentence": "The tuned voice is kept.",
        },
        "encoders": [
            {"name": "moonshine-tiny-en-layer-4", "sha256": "1" * 64, "held_out_loss": 1.4321},
            {"name": "content-encoder", "sha256": "2" * 64, "held_out_loss": 1.2345, "word_errors": 0.29},
        ],
        "encoder_choice": {"asked": "", "language": "ru", "sentence": "Words <are> heard."},
        "audit": {"window_s": 1.0, "threshold": 0.8, "results": share, "held_out": share, "controls": controls}
        | {"sentence": "2.5% of 40 windows"},
    }
    text = StringIO()
    Console(file=text, width=80).print(card_tables(card))
    shown, page = text.getvalue(), unescape(card_page(card))
    assert max(map(len, shown.splitlines())) <= 80
    for said in (
        "The [reader]",
        "lent the tuned voice",
        "0.74",
        "0.79",
        "0.86",
        "the speaker's own phrases",
        "control: training clips changed",
        "100.0%",
        "2.5% of 40 windows.",
        "Memorising since step 120",
        "The tuned voice is kept.",
        "What hears the words",
        "1.432",
        "1.234",
        "222222222222…",
        "29%",
        "Words <are> heard.",
        "language",
    ):
        assert said in shown and said in page, said


def test_the_curve_shows_the_step_that_the_voice_is_taken_from():
    """The last evaluation as good as the best, which the card names; on a card that does not, the best."""
    losses = (2.0, 1.5, 1.52)
    curve = [{"step": 20 * n, "loss": 1.0, "held_out_loss": loss, "minutes": 0.1} for n, loss in enumerate(losses)]
    for named, step in (({"voice_of_step": 40}, 40), ({}, 20)):
        axis = curve_of({"curve": curve, **named}).axes[0]
        assert axis.get_legend_handles_labels()[1][-1] == f"step {step}: the tuned voice"
        assert list(axis.lines[-1].get_xdata()) == [step, step]
