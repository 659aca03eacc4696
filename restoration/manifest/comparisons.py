"""What one cell has to do with another, in its row or in another row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TypeVar

from restoration.errors import Problem
from restoration.manifest.dates import date_fault, day_fault, year_span
from restoration.manifest.identifiers import folder_key
from restoration.manifest.vocabularies import CONSENT_SCOPES, CONSENTS_WITH_REFERENCE

Rows = Mapping[int, Mapping[str, str]]
Value = TypeVar("Value")

_DISCS_AND_CYLINDERS = ("disc", "cylinder", "belt")
_TAPES = ("tape", "open-reel", "cassette", "wire")
_SCOPES_FOR_VOICES = CONSENT_SCOPES[1:]
_PIECES = ("face", "side", "region", "part")
_SUFFIXES = {
    "FLAC": (".flac",),
    "MP3": (".mp3",),
    "AIFF": (".aif", ".aiff"),
    "AIFF-C": (".aif", ".aiff", ".aifc"),
    "Ogg Opus": (".opus", ".ogg", ".oga"),
    "Ogg Vorbis": (".ogg", ".oga"),
    "Ogg FLAC": (".ogg", ".oga"),
    "W64": (".w64",),
} | dict.fromkeys(("WAV", "BWF", "RF64", "BW64"), (".wav", ".wave", ".bwf", ".rf64", ".bw64"))


def within_rows(rows: Rows) -> Iterator[Problem]:
    """What contradicts itself inside a row; ``rows`` hold cells in their normal form."""
    for row, cells in rows.items():
        for comparison in (_consent, _scope, _protocol, _consent_days, _speeds, _dates, _format):
            yield from comparison(row, cells)


def _consent(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    consent = cells.get("voice_consent", "").lower()
    if consent in CONSENTS_WITH_REFERENCE and not cells.get("consent_ref"):
        message = f"voice_consent is “{consent}”, so this says where that consent is kept"
        yield Problem(row, "consent_ref", "", message)


def _scope(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    scope = cells.get("consent_scope", "")
    if scope.lower() in _SCOPES_FOR_VOICES and cells.get("voice_consent", "").lower() == "none":
        message = "but voice_consent is “none”, so nobody allowed it; which is right?"
        yield Problem(row, "consent_scope", scope, message)


def _protocol(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    consent = cells.get("voice_consent", "").lower()
    if cells.get("consent_scope", "").lower() not in _SCOPES_FOR_VOICES or consent == "recorded":
        return
    for column in ("tk_label", "community_protocol"):
        if cells.get(column):
            message = f"bars voice models, whatever consent_scope says, while voice_consent is “{consent}”"
            yield Problem(row, column, cells[column], f"{message} and not “recorded”", "warning")


def _consent_days(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    first, last = cells.get("consent_from", ""), cells.get("consent_until", "")
    if first and last and not day_fault(first) and not day_fault(last) and last < first:
        yield Problem(row, "consent_until", last, f"is before consent_from ({first}), so the consent has no day")


def _speeds(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    carrier = cells.get("carrier_type", "").lower()
    turns = carrier.endswith(_DISCS_AND_CYLINDERS) and not carrier.endswith(("compact disc", "minidisc"))
    if cells.get("speed_ips") and turns:
        message = f"a carrier of this kind ({carrier}) turns: its speed stands in speed_rpm"
        yield Problem(row, "speed_ips", cells["speed_ips"], message, "warning")
    if cells.get("speed_rpm") and any(word in carrier for word in _TAPES):
        message = f"a carrier of this kind ({carrier}) runs past the head: its speed stands in speed_ips"
        yield Problem(row, "speed_rpm", cells["speed_rpm"], message, "warning")


def _dates(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    recorded, digitised = cells.get("recorded_date", ""), cells.get("digitized_date", "")
    if not recorded or not digitised or date_fault(recorded) or date_fault(digitised):
        return
    first, last = year_span(recorded), year_span(digitised)
    if first and last and last[1] < first[0]:
        message = f"is before it was recorded ({recorded})"
        yield Problem(row, "digitized_date", digitised, message, "warning")


def _format(row: int, cells: Mapping[str, str]) -> Iterator[Problem]:
    suffixes = _SUFFIXES.get(cells.get("format", ""))
    suffix = PurePosixPath(cells.get("file", "")).suffix.lower()
    if suffixes and suffix and suffix not in suffixes:
        yield Problem(row, "format", cells["format"], f"but the file ends in {suffix}; which is right?", "warning")


def between_rows(rows: Rows, places: Mapping[int, Path]) -> Iterator[Problem]:
    """Identifiers, files and digests that two rows share; ``places`` are the files that were found."""
    yield from _same_identifier(rows)
    yield from _same_file(rows, places)
    yield from _same_digest(rows, places)


def _same_identifier(rows: Rows) -> Iterator[Problem]:
    named = {row: cells["identifier"] for row, cells in rows.items() if cells.get("identifier")}
    for first, row in _repeats(named, folder_key):
        text, other = named[row], named[first]
        if text == other:
            message = f"is the identifier of row {first} too; every item has its own{_piece(rows[first], rows[row])}"
        else:
            message = f"and “{other}” in row {first} would be the same folder on many disks; change one of them"
        yield Problem(row, "identifier", text, message)
    for first, row in _repeats(named, lambda text: text.lstrip("0") if text.isdigit() else (text,)):
        if folder_key(named[row]) != folder_key(named[first]):
            message = f"and “{named[first]}” in row {first} differ in leading zeros only; were some lost?"
            yield Problem(row, "identifier", named[row], message, "warning")


def _piece(first: Mapping[str, str], row: Mapping[str, str]) -> str:
    """A suggestion for sides of one tape that share its number."""
    name = next((name for name in _PIECES if row.get(name) and row.get(name) != first.get(name)), None)
    return f". The rows differ in {name}, so “{row['identifier']}-{row[name]}” could be it" if name else ""


def _same_file(rows: Rows, places: Mapping[int, Path]) -> Iterator[Problem]:
    for first, row in _repeats(places, str):
        pieces = [[rows[each].get(name, "") for name in _PIECES] for each in (first, row)]
        if pieces[0] == pieces[1]:
            message = f"is the file of row {first} too; one file is one item, unless face, side, region or part differ"
            yield Problem(row, "file", rows[row]["file"], message)


def _same_digest(rows: Rows, places: Mapping[int, Path]) -> Iterator[Problem]:
    for name in ("sha256", "md5"):
        digests = {row: cells[name] for row, cells in rows.items() if cells.get(name)}
        for first, row in _repeats(digests, str.lower):
            if places.get(first, first) != places.get(row, row):
                message = f"is the digest of row {first} too: the same sound twice, or a slip in copying"
                yield Problem(row, name, digests[row], message, "warning")


def _repeats(values: Mapping[int, Value], key: Callable[[Value], Hashable]) -> Iterator[tuple[int, int]]:
    """Pairs of rows: the first that has a key, and each later one that has it too."""
    rows: dict[Hashable, list[int]] = defaultdict(list)
    for row, value in values.items():
        rows[key(value)].append(row)
    for first, *others in rows.values():
        for row in others:
            yield first, row
