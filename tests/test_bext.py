"""The bext chunk and its coding history: dialects are read, what was there is never rewritten."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restoration.wave_chunks import (
    Bext,
    Dialect,
    append_coding_history,
    coding_history_row,
    dialect_for,
    dialect_of,
    fitted,
    parse_coding_history,
    row_text,
)


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 400.0, None])
def test_loudness_that_no_field_holds_is_unset(value: float | None) -> None:
    assert Bext.make({}).with_loudness({"loudness_lufs": value}).loudness["loudness_lufs"] is None


@given(body=st.binary(max_size=900))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_read_as_bext_and_kept(body: bytes) -> None:
    bext = Bext(body)
    json.dumps([bext.as_dict(), parse_coding_history(bext.coding_history)])
    longer = append_coding_history(bext, "A=PCM,F=48000,W=24,M=mono,T=heritage-voice").body
    assert longer.startswith(body.ljust(602, b"\0").rstrip(b"\0"))
    assert longer.endswith(b"A=PCM,F=48000,W=24,M=mono,T=heritage-voice\r\n")
    upgraded = bext.with_loudness(None)
    assert upgraded.version >= 2
    assert upgraded.body[:346] == body.ljust(602, b"\0")[:346]
    assert upgraded.body[602:] == body[602:]


def test_a_row_is_appended_after_a_history_without_line_end() -> None:
    bext = Bext.make({}, coding_history="A=ANALOG,T=tape")
    assert append_coding_history(bext, "A=PCM").coding_history == "A=ANALOG,T=tape\r\nA=PCM\r\n"


def test_a_long_text_does_not_fit_in_bext() -> None:
    with pytest.raises(ValueError, match="holds 32 bytes, not 33"):
        Bext.make({"originator": "x" * 33})


DIALECTS = [
    ("A=ANALOGUE,M=mono,T=Studer A80;SN12", {"algorithm": "ANALOGUE", "mode": "mono", "text": "Studer A80;SN12"}, ""),
    ("A=ANALOG,M=mono", {"algorithm": "ANALOG"}, "spelling of FADGI"),
    ("A=PCM,F=96000,W=24,M=stereo", {"sample_rate": 96000, "bits": 24}, "ends at 48000"),
    ("A=PCM,F=48000,W=24,M=Mono,T=Lynx AES16;DIO,", {"text": "Lynx AES16;DIO"}, "comma at the end"),
    ("A=PCM,F=48000,", {"sample_rate": 48000}, "comma at the end"),
    ("A=MPEG1L3,B=192,M=joint-stereo", {"bit_rate_kbps": 192}, ""),
    ("transferred by hand, in 1999", {"text": "transferred by hand, in 1999"}, "free text"),
    ("A=PCM,F=48k", {"algorithm": "PCM"}, "not a whole number"),
    ("a=PCM, f=44100 , t=x, y", {"algorithm": "PCM", "sample_rate": 44100, "text": "x, y"}, ""),
    ("A=Analogue,M=mono", {"algorithm": "ANALOGUE", "mode": "mono"}, "A=Analogue is ANALOGUE in other letters"),
    ("A=PCM,F=48000,M=Mono", {"mode": "mono"}, "M=Mono is mono in other letters"),
    ("A=PCM,F=48000,W=24,M=multitrack", {"mode": "multitrack"}, "FADGI has it"),
]


@pytest.mark.parametrize(("row", "fields", "remark"), DIALECTS)
def test_dialects_of_the_coding_history_are_read(row: str, fields: dict[str, object], remark: str) -> None:
    [found] = parse_coding_history(row + "\r\n")
    assert found | fields == found
    assert found["row"] == row
    assert remark in "; ".join(found["remarks"])
    assert bool(remark) == bool(found["remarks"])


def test_rows_ended_by_line_feeds_alone_are_read_and_remarked() -> None:
    rows = parse_coding_history("A=PCM\nA=PCM\n")
    assert len(rows) == 2
    assert rows[0]["remarks"] == ["rows end in something else than CR LF"]


def test_a_written_row_is_read_back_without_remark() -> None:
    row = coding_history_row("PCM", 48000, 24, "stereo", "heritage-voice 0.1.0;remove_hum")
    assert row == "A=PCM,F=48000,W=24,M=stereo,T=heritage-voice 0.1.0;remove_hum"
    assert parse_coding_history(row)[0]["remarks"] == []


@pytest.mark.parametrize("text", ["a,b", "a\r\nA=PCM", "café"])
def test_rows_are_written_strictly(text: str) -> None:
    with pytest.raises(ValueError, match="R98"):
        coding_history_row("PCM", 48000, 24, "mono", text)


@given(history=st.binary(max_size=200), fixed=st.binary(min_size=602, max_size=602))
@settings(max_examples=80, deadline=None)
def test_no_byte_of_a_history_is_rewritten(history: bytes, fixed: bytes) -> None:
    longer = append_coding_history(Bext(fixed + history), "A=PCM").body
    kept = history.rstrip(b"\0")
    assert longer[:602] == fixed
    assert longer[602 : 602 + len(kept)] == kept
    assert longer[602 + len(kept) :] in (b"A=PCM\r\n", b"\r\nA=PCM\r\n")


def test_what_an_older_version_calls_reserved_is_not_read_as_figures() -> None:
    for version, umid_bytes in ((0, 0), (1, 64)):
        body = bytes(346) + bytes([version, 0]) + b"\x55" * 254
        upgraded = Bext(body).with_loudness(None)
        assert upgraded.version == 2
        assert len(upgraded.umid) == umid_bytes
        assert set(upgraded.loudness.values()) == {None}
        assert not any(upgraded.body[422:602])


def test_texts_are_cut_and_lose_their_accents() -> None:
    texts = fitted({"originator": "Phonothèque de la ville, fonds privé nº 12"})
    assert Bext.make(texts).originator == "Phonotheque de la ville, fonds p"
    with pytest.raises(ValueError, match="no field 'title'"):
        Bext.make(fitted({"title": "Poem"}))


@given(parts=st.lists(st.text(max_size=30), min_size=1, max_size=3))
@settings(max_examples=80, deadline=None)
def test_any_text_can_stand_in_a_row(parts: list[str]) -> None:
    row = coding_history_row("PCM", 48000, 24, "mono", row_text(*parts))
    assert parse_coding_history(row)[0].get("text", "") == row.partition("T=")[2].strip()


# Rows as the generator of Indiana University's MDPI writes them, of tapes and of discs read by camera.
MDPI_TAPE = (
    "A=ANALOGUE,M=Mono,T=Studer A807MK2;SN12553;7.5 ips;Open Reel Audio Tape,\r\n"
    "A=PCM,F=96000,W=24,M=Mono,T=Noa Audio Solutions N6191;SN1;A/D,\r\n"
    "A=PCM,F=96000,W=24,M=Mono,T=Lynx AES16;DIO\r\n"
)
MDPI_DISC = "A=ANALOG,M=Mono,T=IRENE;2D\r\nA=PCM,F=96000,W=24,M=Mono,T=IRENE\r\n"


@pytest.mark.parametrize(
    ("history", "dialect"),
    [
        (MDPI_TAPE, "R98"),
        (MDPI_DISC, "FADGI"),
        ("A=Analog,T=tape\r\n", "FADGI"),
        ("A=PCM,F=48000,W=24,M=mono,T=A/D\r\n", None),
        ("A=PCM,F=96000,W=24,M=mono,T=A/D\r\n", "FADGI"),
        ("A=PCM,F=48000,M=multichannel\r\n", "FADGI"),
        ("transferred by hand", None),
        ("", None),
    ],
)
def test_the_dialect_of_a_history(history: str, dialect: str | None) -> None:
    assert dialect_of(history) == dialect


def test_what_mdpi_writes_is_read_and_remarked_upon() -> None:
    tape, converter, card = parse_coding_history(MDPI_TAPE)
    assert tape["text"] == "Studer A807MK2;SN12553;7.5 ips;Open Reel Audio Tape"
    assert tape["remarks"] == ["M=Mono is mono in other letters", "a comma at the end of the row"]
    assert converter["sample_rate"] == 96000
    assert card["text"] == "Lynx AES16;DIO"
    assert parse_coding_history(MDPI_DISC)[0]["algorithm"] == "ANALOG"


def test_rows_that_stand_on_one_line_are_told_apart() -> None:
    first, second = parse_coding_history("A=ANALOGUE,M=mono,T=Studer A80;SN12,A=PCM,F=48000,W=24,M=mono,T=A/D\r\n")
    assert (first["algorithm"], first["text"]) == ("ANALOGUE", "Studer A80;SN12")
    assert (second["algorithm"], second["text"]) == ("PCM", "A/D")
    assert second["remarks"] == ["stands on one line with the row before it"]


@pytest.mark.parametrize(
    ("history", "sample_rate", "mode", "dialect"),
    [
        (MDPI_TAPE, 96000, "mono", "R98"),
        (MDPI_DISC, 48000, "mono", "FADGI"),
        ("", 48000, "stereo", "R98"),
        ("", 96000, "stereo", "FADGI"),
        ("", 48000, "multitrack", "FADGI"),
        ("", None, "mono", "R98"),
    ],
)
def test_a_row_is_added_in_the_dialect_of_those_before_it(
    history: str, sample_rate: int | None, mode: str, dialect: str
) -> None:
    assert dialect_for(history, sample_rate, mode) == dialect


@pytest.mark.parametrize("dialect", ["R98", "FADGI"])
def test_an_analogue_row_is_spelt_by_its_dialect_and_read_back(dialect: Dialect) -> None:
    row = coding_history_row("ANALOGUE", None, None, "mono", "Studer A80", dialect)
    assert dialect_of(row) == dialect
    assert row == f"A={'ANALOGUE' if dialect == 'R98' else 'ANALOG'},M=mono,T=Studer A80"
