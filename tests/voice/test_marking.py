"""Every generated file says so, to programs and to people, and its sound stays as it was."""

import json
import struct
import subprocess
from dataclasses import replace

import mutagen
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3, PRIV, TIT2
from wavinfo import WavInfoReader

from restoration.audio import Audio, Recording
from restoration.errors import BadSoundFile, FixityMismatch, NoConsent, RestorationError
from restoration.fixity import digests
from restoration.provenance.digital_source_type import SYNTHETIC
from restoration.sound_files import BwfDescription, identify, ogg, write_bwf, write_flac, write_mp3, write_opus, xmp
from restoration.voice.gate import Permit, permit
from restoration.voice.marking import check_markable, check_signing, mark, origin_of, read_origin, sidecar_of
from restoration.voice.notices import languages, notice
from restoration.wave_chunks import read_wave

KINDS = ("pcm.wav", "float.wav", "bwf.wav", "a.flac", "a.mp3", "a.opus")


@pytest.fixture(scope="module")
def spoken(reading):
    return np.ascontiguousarray(reading.samples[:, 48000 : 48000 * 3])


@pytest.fixture
def generated(tmp_path, spoken):
    """Write two seconds of speech as one of ``KINDS``."""
    recording = Recording.from_audio(tmp_path / "sound.f32", Audio(spoken, 48000))

    def write(kind):
        path = tmp_path / kind
        if kind == "pcm.wav":
            soundfile.write(path, spoken[0], 48000, subtype="PCM_16")
        elif kind == "float.wav":
            soundfile.write(path, spoken[0], 48000, subtype="FLOAT")
        elif kind == "bwf.wav":
            rows = ("A=ANALOGUE,M=mono,T=cylinder", "A=PCM,F=48000,W=24,M=mono,T=heritage-voice;remove_hum")
            write_bwf(recording, path, description=BwfDescription(coding_history_rows=rows))
        else:
            {"a.flac": write_flac, "a.mp3": write_mp3, "a.opus": write_opus}[kind](
                recording, path, tags={"title": "A reading"}
            )
        return path

    return write


@pytest.fixture
def origin(consent, use):
    given_leave = permit([consent()], use("convert"))
    return origin_of(given_leave, "Mária Holm <&> 声", ["ab" * 32, "cd" * 32])


def sound_of(path):
    return soundfile.read(path, dtype="float64", always_2d=True)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_is_read_back_and_the_sound_is_untouched(generated, origin, kind):
    path = generated(kind)
    before = sound_of(path)
    assert read_origin(path) is None
    assert mark(path, origin) == digests(path)["sha256"]
    np.testing.assert_array_equal(sound_of(path), before)
    assert read_origin(path) == origin
    assert identify(path).warnings == ()
    assert path.suffix != ".opus" or ogg.damage(path) is None
    assert [each.name for each in path.parent.glob("*.part")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_mark_holds_who_what_and_from_what(generated, origin, kind):
    path = generated(kind)
    mark(path, origin)
    found = read_origin(path)
    assert found.consents == ("letter of 12 March 2019",)
    assert (found.by, found.purpose, found.sources) == ("M. Jensen", "convert", ("ab" * 32, "cd" * 32))
    assert found.digital_source_type == SYNTHETIC
    assert found.notice == notice()


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_mark_takes_the_place_of_the_first(generated, origin, kind):
    path = generated(kind)
    mark(path, replace(origin, voice="another"))
    size = path.stat().st_size
    mark(path, origin)
    mark(path, origin)
    assert read_origin(path) == origin
    assert abs(path.stat().st_size - size) < 512
    if path.suffix == ".wav":
        ours = [row for row in read_wave(path).bext.coding_history.splitlines() if "trainedAlgorithmicMedia" in row]
        assert len(ours) == 2


def test_a_history_in_other_letters_is_kept_byte_for_byte(generated, origin):
    """Archives write accents there, in Latin-1 or UTF-8, although the standard has ASCII alone."""
    path = generated("bwf.wav")
    content, row = path.read_bytes(), b"A=ANALOGUE,M=mono,T=cylinder"
    other = "A=ANALOG,M=mono,T=d\xe9p\xf4t 1".encode("latin-1")
    assert content.count(row) == 1 and len(other) <= len(row)
    path.write_bytes(content.replace(row, other.ljust(len(row))))
    old = read_wave(path).bext.body[602:].rstrip(b"\0")
    mark(path, origin)
    new = read_wave(path).bext.body[602:]
    assert new.startswith(old) and other in old
    assert len(new) > len(old)


def test_programs_of_others_find_the_mark_in_a_wave_file(generated, origin):
    path = generated("bwf.wav")
    mark(path, origin)
    found = WavInfoReader(str(path))
    assert found.bext.description.startswith("GENERATED VOICE. The voice in this recording")
    assert found.bext.originator == origin.software
    assert SYNTHETIC in found.info.comment
    history = found.bext.coding_history.splitlines()
    assert history[:2] == ["A=ANALOGUE,M=mono,T=cylinder", "A=PCM,F=48000,W=24,M=mono,T=heritage-voice;remove_hum"]
    assert history[2].endswith("trainedAlgorithmicMedia")
    wave = read_wave(path)
    assert xmp.source_type_in(wave.read(wave.first("_PMX"))) == SYNTHETIC
    assert wave.warnings == ()


@pytest.mark.parametrize("kind", ["pcm.wav", "a.mp3", "a.flac", "a.opus"])
def test_ffmpeg_shows_the_mark(generated, origin, kind):
    path = generated(kind)
    mark(path, origin)
    try:
        shown = subprocess.run(["ffprobe", "-hide_banner", path], capture_output=True, text=True, check=True).stderr
    except FileNotFoundError:
        pytest.skip("ffprobe is not installed")
    assert SYNTHETIC in shown


def test_tags_that_were_there_stay(generated, origin):
    mp3 = generated("a.mp3")
    frames = ID3(mp3)
    frames.add(PRIV(owner="somebody else", data=b"1"))
    frames.add(TIT2(encoding=3, text="A reading"))
    frames.save(mp3)
    for path in (mp3, generated("a.flac"), generated("a.opus")):
        mark(path, origin)
        assert "A reading" in str(mutagen.File(path).tags)
    assert {frame.owner for frame in ID3(mp3).getall("PRIV")} == {"somebody else", "XMP"}


def test_chunks_of_others_stay_and_a_signature_that_would_be_void_does_not(generated, origin):
    path = generated("pcm.wav")
    with path.open("r+b") as file:
        file.seek(0, 2)
        for name, body in ((b"OWN ", b"12345678"), (b"C2PA", b"signed"), (b"LIST", b"INFOINAM\x04\0\0\0abc\0")):
            file.write(name + struct.pack("<I", len(body)) + body)
        size = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", size - 8))
    mark(path, origin)
    wave = read_wave(path)
    assert wave.read(wave.first("OWN ")) == b"12345678"
    assert wave.first("C2PA") is None
    assert wave.info["INAM"] == "abc"
    assert len([chunk for chunk in wave.chunks if chunk.id == "LIST"]) == 1


def test_the_file_beside_it_says_the_same_and_names_its_digest(generated, origin):
    path = generated("a.flac")
    mark(path, origin)
    told = json.loads(sidecar_of(path).read_text(encoding="utf-8"))
    assert sidecar_of(path).name == "a.flac.origin.json"
    assert told == origin.as_dict() | {"file": "a.flac", "sha256": digests(path)["sha256"]}


def test_a_mark_that_was_taken_off_is_missed(generated, origin):
    path = generated("a.mp3")
    mark(path, origin)
    ID3(path).delete()
    with pytest.raises(FixityMismatch):
        read_origin(path)


def test_a_mark_that_was_damaged_is_a_sentence(generated, origin):
    path = generated("a.flac")
    mark(path, origin)
    tags = mutagen.File(path)
    tags["ORIGIN"] = "{}"
    tags.save()
    with pytest.raises(BadSoundFile, match="cannot be read"):
        read_origin(path)


@pytest.mark.parametrize("kind", ["AIFF", "W64", "text"])
def test_a_file_that_cannot_carry_a_mark_stays_as_it_was(tmp_path, spoken, origin, kind):
    path = tmp_path / "a.snd"
    if kind == "text":
        path.write_text("no sound")
    else:
        soundfile.write(path, spoken[0], 48000, format=kind, subtype="PCM_16")
    before = path.read_bytes()
    with pytest.raises(BadSoundFile):
        mark(path, origin)
    assert path.read_bytes() == before
    assert not sidecar_of(path).exists()


def test_an_origin_needs_a_permit():
    with pytest.raises(NoConsent):
        origin_of(object.__new__(Permit), "Maria Holm", [])


def test_a_notice_can_be_turned_off_and_the_mark_stays(generated, consent, use):
    path = generated("pcm.wav")
    mark(path, origin_of(permit([consent()], use()), "Maria Holm", [], text=""))
    wave = read_wave(path)
    assert wave.info["ICMT"] == f"[{SYNTHETIC}]"
    assert wave.bext.description == "GENERATED VOICE."
    assert read_origin(path).digital_source_type == SYNTHETIC


def test_a_signature_that_is_asked_for_and_not_given_is_said(generated, origin, monkeypatch):
    path = generated("pcm.wav")
    check_markable(".wav")
    check_signing()
    monkeypatch.setenv("RESTORATION_C2PA_CERTIFICATE", "archive.pem")
    for ask in (check_signing, lambda: check_markable(".wav"), lambda: mark(path, origin)):
        with pytest.raises(RestorationError, match="signs nothing"):
            ask()
    assert read_origin(path) == origin


@pytest.mark.parametrize("suffix", [".aiff", "", ".m4a"])
def test_a_suffix_that_cannot_be_marked_is_said_before(suffix):
    with pytest.raises(RestorationError, match=r"\.wav, \.flac, \.mp3 or \.opus"):
        check_markable(suffix)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_name_comes_back(generated, origin, voice, by):
    path = generated("pcm.wav")
    told = replace(origin, voice=voice, by=by, notice=by)
    mark(path, told)
    assert read_origin(path) == told


# The notices.


@pytest.mark.parametrize("language", languages())
def test_a_notice_is_a_sentence_to_read_and_one_to_hear(language):
    for kind in ("written", "spoken"):
        assert notice(language, kind).strip().endswith((".", "。", "।"))
    assert len(notice(language, "spoken")) < 90


def test_a_notice_is_in_the_language_that_was_asked_for():
    assert notice("en-GB") == notice("EN_us") == notice("en")
    with pytest.raises(RestorationError, match=r"no notice in “uz”.*add a table \[uz\] to notices.toml"):
        notice("uz")
    with pytest.raises(ValueError, match="written or spoken"):
        notice("en", "sung")
