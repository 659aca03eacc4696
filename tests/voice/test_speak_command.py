"""Speech, blends and covers from the command line: through the gate, marked and counted, whatever comes of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from restoration import ledger
from restoration.audio import Audio
from restoration.errors import NoConsent, RestorationError
from restoration.nets.content_encoder import EMBEDDED, NETWORK
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice import speak_command
from restoration.voice.command import voice_app
from restoration.voice.consent import sealed
from restoration.voice.convert_files import EVENTS
from restoration.voice.marking import read_origin
from restoration.voice.model import VoiceModel, load_voice
from restoration.voice.speak_command import blend, cover, speak
from restoration.voice.usage import uses
from restoration.weights import card

pytest.importorskip("espeakng_loader", reason="reading aloud needs the extra speak")
pytest.importorskip("moonshine_voice", reason="the words are heard by the encoder of moonshine-voice")
BY = "A. Karimova"


@pytest.fixture
def voice_of(tmp_path: Path, consent):
    """``voice_of("anna", scope="voice model")``: the folder of a voice whose network has random weights."""

    def make(name: str, seed: int = 5, **changed: str) -> Path:
        torch.manual_seed(seed)
        given = consent(item=name, reference=f"letter of {name}", **changed)
        about = {
            "name": name,
            "kind": "tuned",
            "minutes": 4.0,
            "consents": [given.as_dict()],
            "encoder": {"name": EMBEDDED, "sha256": card(NETWORK).sha256},
            "base": {"name": "voice-base", "sha256": "0" * 64},
            "f0": {"median_hz": 200.0, "low_hz": 150.0, "high_hz": 280.0},
            "items": [],
        }
        speaker = np.random.default_rng(seed).normal(size=208).astype(np.float32)
        return VoiceModel(VoiceDecoder().state_dict(), speaker, about, sealed([given])).save(tmp_path / name)

    return make


def test_a_text_is_spoken_marked_and_counted(voice_of, tmp_path: Path) -> None:
    anna, out = voice_of("anna"), tmp_path / "spoken.wav"
    speak("One house, two houses.", voice=anna, out=out, by=BY, language="en")
    samples, rate = soundfile.read(out)
    assert rate == 48000 and 1.0 < samples.size / rate < 4.0 and samples.std() > 1e-3
    origin = read_origin(out)
    assert origin is not None and origin.voice == "anna" and origin.purpose == "speak"
    assert origin.digital_source_type.endswith("trainedAlgorithmicMedia") and "computer model" in origin.notice
    (event,) = uses(anna)
    assert (event["by"], event["purpose"]) == (BY, "speak")
    assert event["seconds"] == pytest.approx(samples.size / rate, abs=0.01)
    assert not list(tmp_path.glob("tmp*"))


def test_a_spoken_notice_comes_before_the_text(voice_of, tmp_path: Path) -> None:
    anna = voice_of("anna")
    lengths = {}
    for kind in ("written", "spoken"):
        speak("Good morning.", voice=anna, out=tmp_path / f"{kind}.wav", by=BY, language="en", notice=kind)
        lengths[kind] = soundfile.info(tmp_path / f"{kind}.wav").duration
    assert lengths["spoken"] > lengths["written"] + 2.5
    assert all(read_origin(tmp_path / f"{kind}.wav").notice for kind in lengths)  # type: ignore[union-attr]


def test_no_way_round_the_gate(voice_of, tmp_path: Path, reading: Audio) -> None:
    """A voice that may be learnt and lent, but not speak in public; and one that may not be used at all."""
    anna, berta = voice_of("anna", scope="voice model"), voice_of("berta", scope="restoration only")
    out, vocal = tmp_path / "made.wav", tmp_path / "vocal.wav"
    soundfile.write(vocal, reading.samples[0, :96000], 48000)
    with pytest.raises(NoConsent, match=r"item anna.*“public synthetic speech”"):
        speak("Good morning", voice=anna, out=out, by=BY, language="en")
    with pytest.raises(NoConsent, match="item anna, to cover in public"):
        cover(vocal, vocal, voice=anna, out=out, by=BY, public=True)
    with pytest.raises(NoConsent, match="item berta"):
        cover(vocal, vocal, voice=berta, out=out, by=BY)
    with pytest.raises(NoConsent, match="item berta"):
        blend(anna, berta, out=tmp_path / "between", by=BY)
    with pytest.raises(NoConsent, match="nobody is named"):
        cover(vocal, vocal, voice=anna, out=out, by=" ")
    about = json.loads((berta / "card.json").read_text(encoding="utf-8"))
    about["consents"][0]["scope"] = "public synthetic speech"
    (berta / "card.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(NoConsent, match="the card was changed"):
        speak("Good morning", voice=berta, out=out, by=BY, language="en")
    assert not out.exists() and not (tmp_path / "between").exists() and not uses(anna)


def test_a_blend_speaks_only_with_leave_of_both(voice_of, tmp_path: Path) -> None:
    anna, carla = voice_of("anna"), voice_of("carla", seed=6, scope="voice model")
    between = tmp_path / "between"
    blend(anna, carla, out=between, by=BY, amount=0.3)
    assert [each.item for each in load_voice(between).consents] == ["anna", "carla"]
    assert [uses(folder)[0]["purpose"] for folder in (anna, carla)] == ["blend", "blend"]
    with pytest.raises(NoConsent, match="item carla"):
        speak("Good morning", voice=between, out=tmp_path / "made.wav", by=BY, language="en")
    with pytest.raises(RestorationError, match="is there already"):
        blend(anna, carla, out=between, by=BY)


def test_a_cover_is_mixed_mastered_and_recorded(voice_of, tmp_path: Path, reading: Audio) -> None:
    anna, vocal, backing = voice_of("anna"), tmp_path / "vocal.wav", tmp_path / "backing.flac"
    soundfile.write(vocal, reading.samples[0, : 3 * 48000], 48000)
    chord = 0.1 * np.sin(np.arange(4 * 44100)[:, None] / 44100 * 2 * np.pi * np.array([220.0, 330.0]))
    soundfile.write(backing, chord, 44100)
    answer = CliRunner().invoke(
        voice_app,
        [
            "cover",
            str(vocal),
            str(backing),
            "--voice",
            str(anna),
            "--by",
            BY,
            "--out",
            str(tmp_path / "c.flac"),
            "--json",
        ],
        catch_exceptions=False,
    )
    told = json.loads(answer.stdout)
    assert "keeps no long-term spectrum" in answer.stderr
    assert told["melody"]["stretch"] == 1.0  # by octaves: it is sung
    samples, rate = soundfile.read(tmp_path / "c.flac")
    assert samples.shape == (4 * 44100, 2) and rate == 44100
    assert told["true_peak_dbtp"] <= -1.0 and np.abs(samples).max() < 0.9
    assert told["settings"]["vocal_over_backing_lu"] == 2.0 and told["delay_frames"] == 0
    assert read_origin(tmp_path / "c.flac").purpose == "cover"  # type: ignore[union-attr]
    assert [event["purpose"] for event in uses(anna)] == ["cover"]
    (noted,) = ledger.events_of(anna / EVENTS)
    assert (noted["purpose"], noted["by"], noted["file"]) == ("cover", BY, "c.flac")
    assert noted["result_sha256"] == told["sha256"] == uses(anna)[0]["result_sha256"]
    assert noted["settings"]["pitch"] == "octave" and noted["settings"]["tonal_balance"] == 0.0
    assert noted["melody"] == told["melody"] and noted["mix"]["settings"] == told["settings"]


def test_a_text_is_spoken_as_lively_as_the_voice_is(voice_of, tmp_path: Path) -> None:
    anna, made = voice_of("anna"), {}
    for share in ("0", "1"):
        arguments = ["speak", "One house, two houses.", "--voice", str(anna), "--language", "en", "--by", BY, "--json"]
        out = tmp_path / f"{share}.wav"
        answer = CliRunner().invoke(voice_app, [*arguments, "--pitch-range", share, "--out", str(out)])
        assert answer.exit_code == 0, answer.output
        made[share] = json.loads(answer.stdout)["melody"]
    assert made["0"]["stretch"] == 1.0 != made["1"]["stretch"]
    assert made["0"]["semitones"] == made["1"]["semitones"]
    noted = ledger.events_of(anna / EVENTS)
    assert [event["settings"]["pitch_range"] for event in noted] == [0.0, 1.0]
    assert [event["melody"] for event in noted] == list(made.values())
    assert {(event["purpose"], event["engine"]) for event in noted} == {("speak", "espeak-ng")}


def test_what_cannot_be_made_is_a_sentence(voice_of, tmp_path: Path) -> None:
    anna = voice_of("anna")

    def said(text: str = "Good morning", out: str = "made.wav", **more: str) -> None:
        speak(text, voice=anna, out=tmp_path / out, by=BY, **{"language": "en", **more})  # type: ignore[arg-type]

    for wrong, sentence in (
        ({"out": "made.ogg"}, "written as .wav"),
        ({"out": "nowhere/made.wav"}, "there is no folder"),
        ({"text": "..."}, "no letter"),
        ({"text": "@absent.txt"}, "absent.txt: cannot be read as a text"),
        ({"language": "tlh"}, "does not read the language"),
        ({"engine": "festival"}, "no engine 'festival'"),
        ({"pitch": "high"}, "pitch is 'auto'"),
        ({"notice": "sung"}, "the notice is written, spoken, none"),
        ({"notice_language": "tlh"}, "no notice in"),
        ({"f0_method": "rmvpe"}, "no F0 method 'rmvpe'"),
    ):
        with pytest.raises(RestorationError, match=sentence):
            said(**wrong)
    assert not list(tmp_path.glob("made*")) and not uses(anna)


def test_a_text_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "poem.txt").write_text("Доброе утро", encoding="utf-8")
    assert speak_command._text(f"@{tmp_path / 'poem.txt'}") == "Доброе утро"
    (tmp_path / "latin.txt").write_bytes(b"\xe9t\xe9")
    with pytest.raises(RestorationError, match="UTF-8"):
        speak_command._text(f"@{tmp_path / 'latin.txt'}")
