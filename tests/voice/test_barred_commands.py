"""Every command that uses a voice refuses one whose consent was revoked, or that a community bars; nothing is made."""

import csv

import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from restoration import fixity
from restoration.demo import MATERIAL
from restoration.errors import NoConsent
from restoration.nets.voice_decoder import VoiceDecoder
from restoration.voice.approval import COLUMNS
from restoration.voice.command import voice_app
from restoration.voice.consent import sealed
from restoration.voice.gate import SCOPE_FOR
from restoration.voice.model import VoiceModel
from restoration.voice.revocation import CONSENTS_VARIABLE, revoke

BY = ("--by", "K. Holm")
LETTER = "letter of 12 March 2019"
COMMANDS = {
    "convert": ("convert", "sound.wav", "--voice", "barred", "--out", "made", *BY),
    "live": ("live", "--voice", "barred", "--from", "sound.wav", "--to", "made.wav", *BY),
    "speak": ("speak", "Good day.", "--language", "en", "--voice", "barred", "--out", "made.wav", *BY),
    "blend": ("blend", "other", "barred", "--out", "made", *BY),
    "cover": ("cover", "sound.wav", "sound.wav", "--voice", "barred", "--out", "made.wav", *BY),
    "export": ("export", "barred", "--out", "made.onnx", *BY),
    "train": ("train", "manifest.csv", "--approved", "approved.csv", "--out", "made", *BY),
}
SLOW = ("train",)  # reads and measures its material before it asks the gate
TK = {"status": "estate", "tk_label": "TK Community Voice"}


def test_no_purpose_is_forgotten():
    assert set(COMMANDS) == set(SCOPE_FOR)


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A folder to work in, with a sound; the register of revocations is in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(CONSENTS_VARIABLE, str(tmp_path))
    sound, rate = soundfile.read(MATERIAL / "reading.opus", frames=40 * 48000)
    soundfile.write(tmp_path / "sound.wav", sound, rate, subtype="PCM_24")
    return tmp_path


def save_voice(place, consent):
    torch.manual_seed(5)
    known = {"name": "x", "sha256": "0" * 64}
    f0 = {"median_hz": 200.0, "low_hz": 150.0, "high_hz": 280.0}
    about = {"name": place.name, "consents": [consent.as_dict()], "encoder": known, "base": known, "f0": f0}
    speaker = np.random.default_rng(1).normal(size=208).astype(np.float32)
    VoiceModel(VoiceDecoder().state_dict(), speaker, about, sealed([consent])).save(place)


def write_manifest(folder, consent):
    row = {
        "identifier": consent.item,
        "file": "sound.wav",
        "sha256": fixity.digests(folder / "sound.wav")["sha256"],
        "title": "A reading",
        "carrier_type": "digital file",
        "generation": "original",
        "language": "en",
        "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
        "voice_consent": consent.status,
        "consent_ref": consent.reference,
        "consent_scope": consent.scope,
        "tk_label": consent.tk_label,
    }
    phrases = [dict(zip(COLUMNS, (consent.item, at, at + 4, "", "yes", ""), strict=True)) for at in range(1, 33, 4)]
    for name, rows in {"manifest.csv": [row], "approved.csv": phrases}.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            sheet = csv.DictWriter(file, [*rows[0]])
            sheet.writeheader()
            sheet.writerows(rows)


@pytest.mark.parametrize(
    "command", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in COMMANDS]
)
@pytest.mark.parametrize(("changed", "said"), [({}, "is void"), (TK, "tk_label is “TK Community Voice”, which bars")])
def test_a_barred_voice_is_used_by_no_command(archive, consent, command, changed, said):
    if command == "speak":
        pytest.importorskip("espeakng_loader", reason="reading aloud needs the extra speak")
    barred = consent(**changed)
    save_voice(archive / "barred", barred)
    save_voice(archive / "other", consent(item="2", reference="another letter"))
    write_manifest(archive, barred)
    if not changed:
        revoke(archive / "revocations.jsonl", LETTER, "K. Holm", "asked")
    result = CliRunner().invoke(voice_app, COMMANDS[command])
    assert isinstance(result.exception, NoConsent), (result.output, result.exception)
    assert said in str(result.exception)
    made = [path for path in archive.rglob("*") if path.name.startswith("made") and path.is_file()]
    assert made == []
