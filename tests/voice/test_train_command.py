"""The commands from material to card as a user runs them: what they print, write, and refuse."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from restoration.demo import MATERIAL

CONSENT = {
    "voice_consent": "recorded",
    "consent_scope": "voice model",
    "consent_given_by": "nobody: synthetic",
    "consent_ref": "letter of 12 March 2019",
}
BY = ("--by", "A. Karimova")


def restoration(*words: object) -> subprocess.CompletedProcess[str]:
    """``restoration voice WORDS`` as a process of its own."""
    command = [sys.executable, "-m", "restoration.cli", "voice", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def manifest_in(folder: Path, **consent: str) -> Path:
    """A manifest of one item: 40 s of the demonstration's reading."""
    sound, rate = soundfile.read(MATERIAL / "reading.opus", frames=40 * 48000)
    soundfile.write(folder / "reading.wav", sound, rate, subtype="PCM_24")
    row = {
        "identifier": "reading-1938",
        "file": "reading.wav",
        "sha256": hashlib.sha256((folder / "reading.wav").read_bytes()).hexdigest(),
        "title": "A reading",
        "carrier_type": "digital file",
        "generation": "original",
        "language": "en",
        "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
        "voice_consent": "none",
        "speaker": "The [reader]",
        **consent,
    }
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, list(row))
        sheet.writeheader()
        sheet.writerow(row)
    return folder / "manifest.csv"


@pytest.fixture(scope="module")
def proposed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """The manifest, the file of answers, and what `voice material` printed."""
    folder = tmp_path_factory.mktemp("archive")
    manifest = manifest_in(folder, **CONSENT)
    ran = restoration("material", manifest, "--out", folder / "voice")
    assert ran.returncode == 0, ran.stderr
    return manifest, folder / "voice" / "approved.csv", ran.stdout


@pytest.fixture(scope="module")
def trained(proposed: tuple[Path, Path, str]) -> tuple[Path, str]:
    """The folder of the voice, and what `voice train` printed."""
    manifest, approved, _ = proposed
    out = approved.parent
    ran = restoration("train", manifest, "--approved", approved, *BY, "--out", out, "--minutes", 0.1, "--threads", 1)
    assert ran.returncode == 0, ran.stderr
    return out, ran.stdout


def test_material_proposes(proposed: tuple[Path, Path, str]) -> None:
    _, approved, told = proposed
    lines = [line.strip() for line in told.splitlines()]
    assert "Phrases of reading-1938" in lines
    phrases = [line for line in lines if line.startswith("│ 0:")]
    with approved.open(encoding="utf-8", newline="") as file:
        assert len(phrases) == len(list(csv.DictReader(file)))
    assert all("speaker 1" in line for line in phrases)
    assert (approved.parent / "material.png").is_file()


@pytest.mark.slow
def test_train_says_what_it_learns_decides_and_writes(trained: tuple[Path, str]) -> None:
    out, told = trained
    for said in (
        "The [reader]: 0.5 minutes to learn from",
        "Words are heard through ",
        "kept back of material in the language en are at ",
        "zero-shot voice is there",
        "step 0 of at most",
        "voice is kept",
    ):
        assert said in told
    assert told.endswith(f"Wrote {out}; look at {out / 'card.html'}\n")
    assert (out / "voice.safetensors").is_file() and (out / "card.html").is_file()


@pytest.mark.slow
def test_card_is_for_people_and_for_programs(trained: tuple[Path, str]) -> None:
    out, _ = trained
    told = restoration("card", out)
    assert told.returncode == 0
    for said in ("The [reader]", "reading-1938: recorded, voice model", "the speaker's own phrases", "control:"):
        assert said in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80
    card = json.loads(restoration("card", out, "--json").stdout)
    assert card["name"] == "The [reader]"
    assert card["encoder_choice"]["language"] == "en"
    assert {each["name"] for each in card["encoders"]} == {"moonshine-tiny-en-layer-4", "content-encoder"}
    assert all(each["name"] in told.stdout for each in card["encoders"])
    assert card["approval"]["curator"] == "A. Karimova"
    assert card["consents"][0]["reference"] == CONSENT["consent_ref"]


@pytest.mark.slow
def test_another_voice_is_not_put_in_its_place(proposed: tuple[Path, Path, str], trained: tuple[Path, str]) -> None:
    manifest, approved, _ = proposed
    before = (trained[0] / "voice.safetensors").read_bytes()
    ran = restoration("train", manifest, "--approved", approved, *BY, "--out", trained[0], "--minutes", 0.1)
    assert ran.returncode == 1
    assert "is there already; name another folder" in ran.stderr
    assert (trained[0] / "voice.safetensors").read_bytes() == before


def test_an_encoder_that_the_base_does_not_know_is_a_sentence(proposed: tuple[Path, Path, str], tmp_path: Path) -> None:
    manifest, approved, _ = proposed
    out = tmp_path / "voice"
    ran = restoration("train", manifest, "--approved", approved, *BY, "--out", out, "--encoder", "contentvec")
    assert ran.returncode == 1
    assert "'contentvec' does not stand for that one" in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr
    assert not out.exists()


def test_without_consent_a_sentence_and_nothing_written(proposed: tuple[Path, Path, str], tmp_path: Path) -> None:
    manifest = manifest_in(tmp_path)
    ran = restoration("train", manifest, "--approved", proposed[1], *BY, "--out", tmp_path / "voice")
    assert ran.returncode == 1
    assert "item reading-1938, to train: voice_consent is “none”" in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "voice").exists()


def test_a_folder_that_is_no_voice_is_a_sentence(tmp_path: Path) -> None:
    ran = restoration("card", tmp_path)
    assert ran.returncode == 1
    assert "is no voice model: card.json cannot be read" in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr
