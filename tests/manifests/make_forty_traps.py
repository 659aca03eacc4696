"""The broken manifest: one trap a row, and beside it what the check must say of each.

``python tests/manifests/make_forty_traps.py`` writes forty_traps.csv and forty_traps_expected.csv again. The test makes
the files that the good paths name, and lays the traps that need a folder, a link or an empty file.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

HERE = Path(__file__).parent
GOOD = {
    "title": "An interview",
    "carrier_type": "quarter-inch open-reel audio",
    "generation": "original",
    "language": "en",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "voice_consent": "not-required",
}
COLUMNS = [
    "identifier", "file", "sha256", "md5", *GOOD, "consent_ref", "recorded_date", "digitized_date", "speed_ips",
    "speed_rpm", "side", "duration", "eq_standard", "speaker_uri", "format", "notes",
]  # fmt: skip

# What is changed in an otherwise good row; the column, the severity and a piece of the sentence that must come.
TRAPS: list[tuple[dict[str, str], str, str, str]] = [
    ({"identifier": "4.0E+13"}, "identifier", "error", "format the column as text"),
    ({"identifier": ""}, "identifier", "error", "is required"),
    ({"identifier": "side/a"}, "identifier", "error", "holds a slash"),
    ({"identifier": ".."}, "identifier", "error", "the one above"),
    ({"identifier": "CON"}, "identifier", "error", "reserved name"),
    ({"identifier": "index.html"}, "identifier", "error", "reserved name"),
    ({"identifier": "x" * 121}, "identifier", "error", "has 121 letters"),
    ({"identifier": " tape-9 "}, "identifier", "error", "write “tape-9”"),
    ({"identifier": "tape."}, "identifier", "error", "ends with a dot"),
    ({"identifier": "what?"}, "identifier", "error", "holds ?"),
    ({"identifier": "3-Mar"}, "identifier", "error", "turned into a date"),
    ({"identifier": "ta\x07pe"}, "identifier", "error", "control character (U+0007)"),
    ({"identifier": "471.0"}, "identifier", "warning", "if “471” was meant"),
    ({"identifier": "GOOD-1"}, "identifier", "error", "same folder on many disks"),
    ({"identifier": "good-1"}, "identifier", "error", "is the identifier of row 2 too"),
    ({"identifier": "0042", "side": "B"}, "identifier", "error", "differ in side, so “0042-B”"),
    ({"identifier": "“tape”"}, "identifier", "warning", "typographic quotation marks"),
    ({"identifier": "-7"}, "identifier", "warning", "begins with a dash"),
    ({"identifier": "42"}, "identifier", "warning", "differ in leading zeros only"),
    ({"file": ""}, "file", "error", "is required (the preservation master"),
    ({"file": "../outside.wav"}, "file", "error", "leaves the root folder"),
    ({"file": "/etc/tape.wav"}, "file", "error", "absolute path"),
    ({"file": "C:\\tapes\\a.wav"}, "file", "error", "absolute path"),
    ({"file": "https://example.org/a.wav"}, "file", "error", "is an address"),
    ({"file": "files/away.wav"}, "file", "error", "is a link that leaves the root folder"),
    ({"file": "files/not-there-at-all.wav"}, "file", "error", "--root"),
    ({"file": "files/GOOD-1.WAV"}, "file", "error", "there is “good-1.wav” in that folder"),
    ({"file": "files/a-folder.wav"}, "file", "error", "is a folder"),
    ({"file": "files/empty.wav"}, "file", "error", "0 bytes"),
    ({"file": "files/scan.pdf"}, "file", "error", ".pdf is not read here"),
    ({"file": "files/tape.xyz"}, "file", "warning", "does not end as a sound file does"),
    ({"file": "files/good-1.wav"}, "file", "error", "is the file of row 2 too"),
    ({"sha256": "abc123"}, "sha256", "error", "has 6 digits; a SHA-256 has 64"),
    ({"sha256": "g" * 64}, "sha256", "error", "holds “gggggggggggg”"),
    ({"sha256": "d41d8cd98f00b204e9800998ecf8427f"}, "sha256", "error", "looks like an MD5"),
    ({"sha256": hashlib.sha256().hexdigest()}, "sha256", "error", "digest of an empty file"),
    ({"sha256": ""}, "sha256", "error", "is required (or md5)"),
    ({"sha256": hashlib.sha256(b"good-1").hexdigest()}, "sha256", "warning", "is the digest of row 2 too"),
    ({"md5": "a" * 64}, "md5", "error", "looks like a SHA-256"),
    ({"title": ""}, "title", "error", "what a catalogue would call it"),
    ({"title": "#NAME?"}, "title", "error", "spreadsheet's error"),
    ({"title": "=HYPERLINK(1)"}, "title", "warning", "as a formula"),
    ({"title": "CafÃ© interview"}, "title", "warning", "once read as Latin-1"),
    ({"title": "An\u00a0interview"}, "title", "warning", "non-breaking space"),
    ({"carrier_type": "quarter-inch open-real audio"}, "carrier_type", "warning", "“quarter-inch open-reel audio”"),
    ({"generation": "orginal"}, "generation", "warning", "did you mean “original”"),
    ({"language": "eng"}, "language", "warning", "read as “en”"),
    ({"language": "English"}, "language", "error", "the language tag is “en”"),
    ({"language": "en; de"}, "language", "error", "more than one language"),
    ({"language": "qq"}, "language", "error", "is not the code of a language"),
    ({"rights_uri": "InC"}, "rights_uri", "error", "write http://rightsstatements.org/vocab/InC/1.0/"),
    ({"rights_uri": "https://example.org/rights"}, "rights_uri", "warning", "neither of rightsstatements.org"),
    ({"rights_uri": "http://rightsstatements.org/vocab/INC/1.0/"}, "rights_uri", "warning", "did you mean “InC”"),
    ({"voice_consent": "yes"}, "voice_consent", "error", "none, recorded, estate, not-required"),
    ({"voice_consent": "estate"}, "consent_ref", "error", "where that consent is kept"),
    ({"recorded_date": "25403"}, "recorded_date", "error", "1969-07-19"),
    ({"recorded_date": "7/16/1969"}, "recorded_date", "error", "write 1969-07-16"),
    ({"recorded_date": "7/6/1969"}, "recorded_date", "error", "1969-06-07 or 1969-07-06"),
    ({"recorded_date": "Late 1970s"}, "recorded_date", "error", "197X (some year of that decade) or 1975/1979"),
    ({"recorded_date": "circa 1912"}, "recorded_date", "error", "write 1912~"),
    ({"recorded_date": "1969-02-30"}, "recorded_date", "error", "no day of the calendar"),
    ({"recorded_date": "1972/1969"}, "recorded_date", "error", "ends before it begins"),
    ({"recorded_date": "1812"}, "recorded_date", "warning", "before sound was recorded"),
    ({"recorded_date": "1975", "digitized_date": "1969"}, "digitized_date", "warning", "is before it was recorded"),
    ({"speed_ips": "7 1/2"}, "speed_ips", "error", "write 7.5"),
    ({"speed_ips": "19 cm/s"}, "speed_ips", "error", "write 7.5"),
    ({"speed_ips": "8"}, "speed_ips", "error", "0.9375, 1.875, 3.75, 7.5, 15, 30"),
    ({"speed_ips": "15", "carrier_type": "wax cylinder"}, "speed_ips", "warning", "stands in speed_rpm"),
    ({"speed_rpm": "fast", "carrier_type": "shellac disc"}, "speed_rpm", "error", "revolutions a minute"),
    ({"speed_rpm": "78"}, "speed_rpm", "warning", "stands in speed_ips"),
    ({"duration": "4:19"}, "duration", "error", "write 00:04:19"),
    ({"eq_standard": "NABB"}, "eq_standard", "warning", "did you mean “NAB”"),
    ({"speaker_uri": "Maria Holm"}, "speaker_uri", "error", "http:// or https://"),
    ({"format": "FLAC"}, "format", "warning", "the file ends in .wav"),
]  # fmt: skip

FIRST_TRAP_ROW = 4
"""Row 2 is ``good-1`` and row 3 is ``0042``: good rows that some traps clash with."""


def row_of(name: str, changes: dict[str, str]) -> dict[str, str]:
    good = {"identifier": name, "file": f"files/{name}.wav", "sha256": hashlib.sha256(name.encode()).hexdigest()}
    return dict.fromkeys(COLUMNS, "") | good | GOOD | changes


def write() -> None:
    rows = [row_of("good-1", {}), row_of("0042", {})]
    rows += [row_of(f"trap-{number:02d}", trap[0]) for number, trap in enumerate(TRAPS, FIRST_TRAP_ROW)]
    with (HERE / "forty_traps.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)
    with (HERE / "forty_traps_expected.csv").open("w", encoding="utf-8", newline="") as file:
        expected = csv.writer(file, lineterminator="\r\n")
        expected.writerow(["row", "column", "severity", "says"])
        expected.writerows([number, *trap[1:]] for number, trap in enumerate(TRAPS, FIRST_TRAP_ROW))


if __name__ == "__main__":
    write()
