"""The manifest: one message for each trap, all at once, and never anything but a sentence."""

import codecs
import csv
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from restoration.errors import BadManifest
from restoration.manifest import check_manifest, read_manifest
from restoration.manifest.columns import COLUMNS

TRAPS = Path(__file__).parent / "manifests"
ARCHIVE = Path(__file__).parent.parent / "archive_manifests"
ROW = {
    "identifier": "00471",
    "file": "00471.wav",
    "sha256": "AB" * 32,
    "title": "An interview",
    "carrier_type": "Quarter-inch open-reel audio",
    "generation": "original",
    "language": "en",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "voice_consent": "not-required",
}


@pytest.fixture
def manifest(tmp_path):
    """Write bytes, a text or rows as a manifest beside a file 00471.wav: ``manifest([{...}])``."""
    (tmp_path / "00471.wav").write_bytes(b"RIFF")

    def write(content) -> Path:
        path = tmp_path / "manifest.csv"
        if isinstance(content, list):
            content = as_text(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def as_text(rows, delimiter=",", line_end="\r\n") -> str:
    def cell(text):
        return '"' + text.replace('"', '""') + '"' if set(text) & {*',"\r\n', delimiter} else text

    lines = [delimiter.join(rows[0])] + [delimiter.join(map(cell, row.values())) for row in rows]
    return line_end.join(lines) + line_end


def said(problems, severity=None) -> list[str]:
    return [str(problem) for problem in problems if severity in (None, problem.severity)]


def only(problems):
    (problem,) = problems
    return problem


# The form of the file.


def test_a_good_manifest_gives_items_in_their_normal_form(manifest):
    found = read_manifest(manifest([{**ROW, "identifier": "00471", "file": ".\\00471.wav", "note_of_ours": "kept"}]))
    item = only(found.items)
    assert (item.identifier, item.row, item.recipe, item.md5) == ("00471", 2, None, None)
    assert item.sha256 == "ab" * 32
    assert (item.file, item.fields["file"]) == (".\\00471.wav", "00471.wav")
    assert item.path.read_bytes() == b"RIFF"
    assert item.fields["carrier_type"] == "quarter-inch open-reel audio"
    assert item.fields["note_of_ours"] == "kept"
    assert "is not a column of ours" in only(found.warnings).message


GOOD_TEXT = as_text([ROW | {"title": "Café “Zum Löwen”"}])
SPELLINGS = {
    "UTF-8": (GOOD_TEXT.encode(), None),
    "byte order mark": (codecs.BOM_UTF8 + GOOD_TEXT.encode(), None),
    "byte order mark and quotation marks": (
        codecs.BOM_UTF8 + GOOD_TEXT.replace("identifier", '"identifier"').encode(),
        None,
    ),
    "line feeds": (GOOD_TEXT.replace("\r\n", "\n").encode(), None),
    "carriage returns": (GOOD_TEXT.replace("\r\n", "\r").encode(), None),
    "no last line end": (GOOD_TEXT.rstrip().encode(), None),
    "blank rows at the end": ((GOOD_TEXT + ",,,,,,,,\r\n\r\n,,,,\r\n").encode(), None),
    "blank columns at the end": (GOOD_TEXT.replace("\r\n", ",,\r\n").encode(), None),
    "blanks around cells": (GOOD_TEXT.replace(",en,", ",\u00a0en ,").encode(), None),
    "semicolons": (GOOD_TEXT.replace(",", ";").encode(), "separated by semicolons"),
    "Excel's sep line": (("sep=;\r\n" + GOOD_TEXT.replace(",", ";")).encode(), "separated by semicolons"),
    "tabs": (GOOD_TEXT.replace(",", "\t").encode(), "separated by tabs"),
    "Windows-1252": (GOOD_TEXT.encode("cp1252"), "read as Windows-1252"),
    "Latin-1": (GOOD_TEXT.replace("“", "\x81").replace("”", "").encode("latin-1"), "read as Latin-1"),
    "UTF-16": (GOOD_TEXT.encode("utf-16"), "read as UTF-16"),
    "UTF-16, big-endian": (codecs.BOM_UTF16_BE + GOOD_TEXT.encode("utf-16-be"), "read as UTF-16"),
    "UTF-16, no mark": (GOOD_TEXT.encode("utf-16-le"), "read as UTF-16-LE"),
    "UTF-32": (GOOD_TEXT.encode("utf-32"), "read as UTF-32"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_rows_however_they_were_saved(spelling, manifest):
    content, warning = SPELLINGS[spelling]
    found = read_manifest(manifest(content))
    title = only(found.items).fields["title"]
    assert title.startswith("Café") and title.endswith("Zum Löwen" if spelling == "Latin-1" else "”")
    assert only(found.items).fields["language"] == "en"
    assert [problem.row for problem in found.warnings] == ([0] if warning else [])
    assert not warning or warning in found.warnings[0].message


BROKEN = {
    "empty": (b"", 0, "", "is empty"),
    "only a mark": (codecs.BOM_UTF8 + b"\r\n", 0, "", "is empty"),
    "only a header": (GOOD_TEXT.splitlines()[0].encode(), 0, "", "a header and no row"),
    "a workbook": (b"PK\x03\x04 and so on", 0, "", "save it as “CSV UTF-8”"),
    "half a UTF-16 letter": (GOOD_TEXT.encode("utf-16") + b"x", 0, "", "begins as UTF-16 but is broken"),
    "a header of dashes": (b"-,_\r\n1,2\r\n", 1, "identifier", "is missing"),
    "NUL": (GOOD_TEXT.replace("Zum", "Z\0m").encode(), 2, "title", "control character (NUL)"),
    "a missing column": (GOOD_TEXT.replace("generation", "generatoin").encode(), 1, "generation", "is missing"),
    "no digest": (GOOD_TEXT.replace("sha256", "sha265").encode(), 1, "sha256", "a column md5 would do"),
    "a column twice": (
        GOOD_TEXT.replace("generation", "Title").encode(),
        1,
        "title",
        "is there twice (columns 4 and 6)",
    ),
    "too many cells": (GOOD_TEXT.replace("Café", "Café, Bar").encode(), 2, "", "has 10 cells and the header 9"),
    "too few cells": (GOOD_TEXT.replace(",not-required", "").encode(), 2, "voice_consent", "is required"),
    "an open quotation mark": (GOOD_TEXT.replace("Café", '"Café').encode(), 2, "", "is opened and not closed"),
}


@pytest.mark.parametrize("trap", BROKEN)
def test_a_broken_form_is_said(trap, manifest):
    content, row, column, says = BROKEN[trap]
    with pytest.raises(BadManifest) as raised:
        read_manifest(manifest(content))
    assert any(
        (problem.row, problem.column) == (row, column) and says in problem.message for problem in raised.value.problems
    )


def test_rows_are_counted_as_the_spreadsheet_does(manifest):
    rows = [ROW | {"title": "two\nlines, one row"}, ROW | {"identifier": "2", "language": "English"}]
    text = as_text(rows, line_end="\n")
    problems = check_manifest(manifest(text.replace("\n2,", "\n\n2,").replace("00471.wav\n", "")))
    assert [problem.row for problem in problems if problem.column == "language"] == [4]


def test_headers_are_recognised_in_other_spellings(manifest):
    path = manifest(as_text([ROW]).replace("rights_uri", "Rights URI").replace("title", "TITLE"))
    assert said(read_manifest(path).warnings) == [
        "row 1, title “TITLE”: read as the column “title”",
        "row 1, rights_uri “Rights URI”: read as the column “rights_uri”",
    ]


@pytest.mark.parametrize(
    ("name", "meant"), [("speeker", "speaker"), ("checksum", "sha256"), ("interviewee", "speaker")]
)
def test_an_unknown_column_is_kept_with_a_suggestion(name, meant, manifest):
    found = read_manifest(manifest([ROW | {name: "something"}]))
    assert f"did you mean “{meant}”" in only(found.warnings).message
    assert only(found.items).fields[name] == "something"


def test_the_cause_of_a_torn_row_is_told_when_typographic_quotes_are_there(manifest):
    text = as_text([ROW]).replace("An interview", "“An interview, part one”")
    assert "not in typographic ones" in only(check_manifest(manifest(text))).message


# Digests, files, consent.


def test_an_md5_alone_will_do(manifest):
    row = {name: text for name, text in ROW.items() if name != "sha256"} | {"md5": "0123456789ABCDEF" * 2}
    item = only(read_manifest(manifest([row])).items)
    assert (item.sha256, item.md5) == (None, "0123456789abcdef" * 2)


def test_files_lie_below_the_root_that_was_given(manifest, tmp_path, monkeypatch):
    path = manifest([ROW])
    other = tmp_path / "other"
    other.mkdir()
    assert "--root" in only(check_manifest(path, other)).message
    assert str(other / "00471.wav") in only(check_manifest(path, other)).message
    monkeypatch.setenv("RESTORATION_ROOT", str(other))
    assert "--root" in only(check_manifest(path)).message
    assert check_manifest(path, tmp_path) == []
    assert "no such folder" in only(check_manifest(path, tmp_path / "nowhere")).message


def test_sides_may_share_a_file(manifest):
    sides = [ROW | {"identifier": f"00471-{side}", "side": side} for side in "AB"]
    assert check_manifest(manifest(sides)) == []


def test_a_file_is_found_however_its_accents_are_written(manifest, tmp_path):
    (tmp_path / "Cafe\u0301.wav").write_bytes(b"RIFF")
    item = only(read_manifest(manifest([ROW | {"file": "Caf\u00e9.wav"}])).items)
    assert item.path.exists()


def test_a_loop_of_links_is_said(manifest, tmp_path):
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    assert only(check_manifest(manifest([ROW | {"file": "loop.wav"}]))).column == "file"


@pytest.mark.parametrize("consent", ["recorded", "Estate"])
def test_consent_needs_a_reference(consent, manifest):
    path = manifest([ROW | {"voice_consent": consent, "consent_ref": ""}])
    assert only(check_manifest(path)).column == "consent_ref"
    assert check_manifest(manifest([ROW | {"voice_consent": consent, "consent_ref": "letter"}])) == []


def test_blank_columns_do_not_change_an_item(manifest):
    bare = read_manifest(manifest([ROW])).items
    assert read_manifest(manifest([ROW | {"speaker": "", "notes": "  "}])).items == bare


# Anything at all.

HEADER = ",".join(ROW).encode() + b"\n"
NO_SHRINKING = set(Phase) - {Phase.shrink}  # a check of a manifest takes too long to be repeated a thousand times


@settings(
    max_examples=30, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=400).map(lambda content: HEADER + content)))
@example(HEADER + b"a,\xff\x00,b\n")
@example(HEADER + b'"' * 7)
@example(b"\xff\xfe\x00\xd8")
@example(b"|")
@example(HEADER + b"x" * 140_000)
@example(b"identifier,file\n\xf0\x9f\x8e\x99,\x00")
def test_any_bytes_give_items_or_a_bad_manifest(tmp_path, content):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    problems = check_manifest(path)
    errors = [problem for problem in problems if problem.severity == "error"]
    try:
        assert read_manifest(path).items
        assert not errors
    except BadManifest as bad:
        assert bad.problems == errors


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)


@settings(
    max_examples=15, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.fixed_dictionaries({column.name: CELLS for column in COLUMNS}), min_size=1, max_size=3))
def test_any_cells_give_items_or_a_bad_manifest(manifest, rows):
    path = manifest("")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for problem in check_manifest(path):
        assert problem.message and problem.row <= len(rows) + 1
        assert problem.value.isprintable()


# Cost.


def test_ten_thousand_rows_take_a_few_seconds(tmp_path):
    with (tmp_path / "many.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in COLUMNS], restval="")
        writer.writeheader()
        for number in range(10_000):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            writer.writerow(ROW | {"identifier": f"{number:05d}", "file": f"{number}.wav", "sha256": digest})
    clock = time.process_time()
    problems = check_manifest(tmp_path / "many.csv")
    assert time.process_time() - clock < 8
    assert len(problems) == 10_000  # no file is there


def test_importing_the_manifest_is_light():
    code = (
        "import sys, restoration.manifest; print(sorted({'pandas', 'pandera', 'numpy', 'soundfile'} & {*sys.modules}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ARCHIVE.parent)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert result.stdout.strip() == "[]"
