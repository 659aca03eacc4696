"""Credentials are whole until one byte changes; they say what the log says; nothing asks the network."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from restoration.exhibition import content_credentials
from restoration.exhibition.certificate import Certificate
from restoration.exhibition.content_credentials import BadCredentials, read, sign
from restoration.exhibition.credentials_definition import OWN_ASSERTION, TRAINING_ASSERTION, definition
from restoration.provenance.digital_source_type import COMPOSITE, ENHANCED, digital_source_type
from restoration.provenance.generated import treated_steps
from restoration.provenance.label import label
from restoration.sound_files import identify
from tests.exhibition.origin.exhibits import ENDINGS, make, tone

pytest.importorskip("c2pa", reason="the extra c2pa is not installed")
FORMATS = list(ENDINGS)


@pytest.mark.parametrize("form", FORMATS)
def test_a_signed_file_is_valid_and_sounds_as_before(
    form: str, tmp_path: Path, certificate: Certificate, anchors: str
) -> None:
    exhibit = make(tmp_path, form)
    before = soundfile.read(exhibit.file)[0]
    container = identify(exhibit.file).container
    facts = sign(exhibit, exhibit.file, certificate)
    assert facts["signed"] and facts["embedded"] == (form != "opus")
    assert (soundfile.read(exhibit.file)[0] == before).all()
    assert identify(exhibit.file).container == container
    unknown, vouched = read(exhibit.file), read(exhibit.file, anchors)
    assert unknown.valid and not unknown.trusted
    assert vouched.valid and vouched.trusted
    assert vouched.signed_by == "Harbour Museum, content credentials" == facts["by"]


@pytest.mark.parametrize("form", FORMATS)
def test_one_flipped_byte_is_found_wherever_it_is(form: str, tmp_path: Path, certificate: Certificate) -> None:
    """In the headers, and at the beginning, in the middle and at the end of the sound."""
    exhibit = make(tmp_path, form)
    unsigned = exhibit.file.read_bytes()
    sign(exhibit, exhibit.file, certificate)
    signed = exhibit.file.read_bytes()
    moved = 0 if form == "bwf" else len(signed) - len(unsigned)
    # The tag of an MP3 file is written anew around the credentials: what follows it is moved as a whole.
    header = unsigned.index(b"\xff\xfb") if form == "mp3" else 0
    parts = (0, 2, 20, 200, (len(unsigned) - header) // 2, len(unsigned) - header - 1)
    for position in (moved + header + part for part in parts):
        exhibit.file.write_bytes(flipped_in(signed, position))
        found = read(exhibit.file)
        assert not found.valid, position
        assert found.faults
    exhibit.file.write_bytes(signed)
    assert read(exhibit.file).valid


def flipped_in(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


@pytest.mark.parametrize("form", FORMATS)
def test_a_changed_statement_is_found(form: str, tmp_path: Path, certificate: Certificate) -> None:
    exhibit = make(tmp_path, form)
    facts = sign(exhibit, exhibit.file, certificate)
    place = exhibit.file if facts["embedded"] else exhibit.file.with_name(facts["file"])
    signed = place.read_bytes()
    head = exhibit.events[-1]["digest"].encode()
    for words in (b"noise reduced", head, b"algorithmicallyEnhanced", b"00471_side_a.wav", b"Harbour Museum"):
        place.write_bytes(signed.replace(words, words[:-1] + b"x", 1))
        assert not read(exhibit.file).valid, words
    place.write_bytes(signed.replace(b"compositeWithTrainedAlgorithmicMedia", b"digitalCapture".ljust(36), 1))
    assert not read(exhibit.file).valid


@pytest.mark.parametrize("form", FORMATS)
def test_a_flip_in_the_credentials_is_found_or_changes_nothing_they_say(
    form: str, tmp_path: Path, certificate: Certificate, anchors: str
) -> None:
    """C2PA leaves padding and the names of some boxes unsigned: nothing that is read stands there."""
    exhibit = make(tmp_path, form, recording=tone(tmp_path, 0.1))
    facts = sign(exhibit, exhibit.file, certificate)
    place = exhibit.file if facts["embedded"] else exhibit.file.with_name(facts["file"])
    signed, told = place.read_bytes(), read(exhibit.file, anchors)
    begin = signed.index(b"jumb") - 4
    length = int.from_bytes(signed[begin : begin + 4], "big")
    assert 5000 < length <= len(signed) - begin
    missed = 0
    positions = np.random.default_rng(8).choice(length, 120, replace=False)
    for position in positions:
        place.write_bytes(flipped_in(signed, begin + int(position)))
        found = read(exhibit.file, anchors)
        missed += found.valid
        assert not found.valid or found == told, position
    assert missed < 0.25 * len(positions)


def test_what_was_done_is_said_step_by_step(tmp_path: Path, certificate: Certificate) -> None:
    exhibit = make(tmp_path, "flac")
    sign(exhibit, exhibit.file, certificate)
    found = read(exhibit.file)
    terms = [action.rpartition("(")[2].rstrip(")") for action in found.actions if "(" in action]
    assert len(terms) == len(treated_steps(exhibit.events))
    assert "Frequencies from 4.1 kHz to 12 kHz generated by a model." in " ".join(found.actions)
    assert f"{COMPOSITE.rpartition('/')[2]}" in terms and f"{ENHANCED.rpartition('/')[2]}" in terms
    assert found.actions[0] == "opened"
    assert found.origin["identifier"] == "00471"
    assert found.origin["log_head"] == exhibit.events[-1]["digest"]
    assert found.origin["digital_source_type"] == digital_source_type(exhibit.events)
    assert found.origin["labels"]["ru"] == label(exhibit.events, "ru").short
    assert found.origin["excerpt"] == {"start_s": 12.5, "stop_s": 14.0, "segments": "3"}
    assert found.software.startswith("heritage-voice ")
    assert found.title == "Interview with a lighthouse keeper"


def test_a_step_that_was_left_out_is_not_among_the_actions(tmp_path: Path) -> None:
    exhibit = make(tmp_path)
    actions = definition(exhibit, "00")["assertions"][0]["data"]["actions"]
    named = [action["parameters"].get("org.heritage-voice.step") for action in actions]
    assert "remove_hum" in named and "limit" not in named and "repair_dropouts" not in named


def test_the_names_in_a_manifest_are_the_same_for_the_same_file(tmp_path: Path) -> None:
    one, other = (definition(make(tmp_path / name), "ab") for name in ("one", "other"))
    assert one["label"] == other["label"] and one["instance_id"] == other["instance_id"]
    assert definition(make(tmp_path / "one"), "cd")["label"] != one["label"]


@pytest.mark.parametrize(
    ("item", "use"),
    [
        ({"voice_consent": "estate", "consent_scope": "restoration only"}, "notAllowed"),
        ({"voice_consent": "none"}, "notAllowed"),
        ({"voice_consent": "recorded", "consent_scope": "voice model"}, "constrained"),
        ({"voice_consent": "not-required"}, None),
        ({"voice_consent": ""}, None),
    ],
)
def test_training_is_spoken_of_only_where_the_manifest_does(
    item: dict[str, str], use: str | None, tmp_path: Path
) -> None:
    told = {one["label"]: one["data"] for one in definition(make(tmp_path, item=item), "ab")["assertions"]}
    assert (TRAINING_ASSERTION in told) == (use is not None)
    if use:
        assert {entry["use"] for entry in told[TRAINING_ASSERTION]["entries"].values()} == {use}
    assert OWN_ASSERTION in told


def test_without_a_certificate_it_is_said_and_nothing_is_changed(tmp_path: Path) -> None:
    exhibit = make(tmp_path)
    before = hashlib.sha256(exhibit.file.read_bytes()).digest()
    facts = sign(exhibit, exhibit.file)
    assert not facts["signed"] and "RESTORATION_CERTIFICATE" in facts["reason"]
    assert hashlib.sha256(exhibit.file.read_bytes()).digest() == before
    found = read(exhibit.file)
    assert not found.found and not found.valid


def test_without_the_library_it_is_said_how_to_get_it(
    tmp_path: Path, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    exhibit = make(tmp_path)
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(BadCredentials, match=r"pip install 'heritage-voice\[c2pa\]'"):
        sign(exhibit, exhibit.file, certificate)


def test_a_wave_file_beyond_four_gigabytes_is_signed_beside(
    tmp_path: Path, certificate: Certificate, anchors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An RF64 file as the writer makes one, told to begin with it early."""
    monkeypatch.setattr("restoration.wave_chunks.writer.LARGEST_RIFF", 1000)
    monkeypatch.setattr("restoration.wave_chunks.writer.WaveWriter.__init__.__defaults__", ((), (), 1000))
    exhibit = make(tmp_path)
    assert exhibit.file.read_bytes()[:4] == b"RF64"
    facts = sign(exhibit, exhibit.file, certificate)
    assert facts["file"] == "00471.wav.c2pa" and not facts["embedded"]
    assert read(exhibit.file, anchors).trusted
    exhibit.file.write_bytes(flipped_in(exhibit.file.read_bytes(), 40_000))
    assert not read(exhibit.file, anchors).valid


def test_credentials_of_another_file_do_not_fit(tmp_path: Path, certificate: Certificate) -> None:
    one, other = make(tmp_path / "one", "opus"), make(tmp_path / "other", "opus", name="other")
    sign(one, one.file, certificate)
    other.file.write_bytes(other.file.read_bytes() + b"x")
    found = read(other.file, beside=one.file.with_name("00471.opus.c2pa"))
    assert not found.valid and "changed after it was signed" in found.faults[0]


OFFLINE = """
import sys
from pathlib import Path
from restoration.exhibition.certificate import Certificate, key_file_of, authority_file_of, read_anchors
from restoration.exhibition.content_credentials import read, sign
from tests.exhibition.origin.exhibits import make
from tests.exhibition.origin.no_sockets import forbid
chain, folder = Path(sys.argv[1]), Path(sys.argv[2])
exhibits = [make(folder / form, form) for form in ("bwf", "flac", "mp3", "opus")]
if not forbid():
    sys.exit(77)
if "--ask" in sys.argv:
    import socket
    socket.socket()
for exhibit in exhibits:
    assert sign(exhibit, exhibit.file, Certificate.of(chain, key_file_of(chain)))["signed"]
    assert read(exhibit.file, read_anchors(authority_file_of(chain))).trusted
"""


def test_neither_signing_nor_reading_asks_the_network(tmp_path: Path, pem: Path) -> None:
    """In a process that the kernel kills at the first socket; that it would is tried as well."""
    command = [sys.executable, "-c", OFFLINE, str(pem)]
    root = Path(content_credentials.__file__).parents[2]
    runs = [
        subprocess.run([*command, str(tmp_path / name), *more], cwd=root, capture_output=True, timeout=120)
        for name, more in (("quiet", []), ("asks", ["--ask"]))
    ]
    if runs[0].returncode == 77:
        pytest.skip("this machine has no seccomp filter")
    assert runs[0].returncode == 0, runs[0].stderr.decode()
    assert runs[1].returncode < 0
