"""What one cell may hold. A rule takes the text of a cell and gives the sentence of what is wrong, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from restoration.manifest.dates import this_year, year_span

Rule = Callable[[str], str | None]

SPEEDS_IPS = (0.9375, 1.875, 3.75, 7.5, 15.0, 30.0)
FASTEST_RPM = 250
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"

_ALGORITHMS = {32: "an MD5", 40: "a SHA-1", 64: "a SHA-256", 96: "a SHA-384", 128: "a SHA-512"}
_STATEMENTS = frozenset(
    ["InC", "InC-OW-EU", "InC-EDU", "InC-NC", "InC-RUU", "NoC-CR", "NoC-NC", "NoC-OKLR", "NoC-US", "CNE", "UND", "NKC"]
)
_PUBLIC_DOMAIN = "https://creativecommons.org/publicdomain/mark/1.0/"
_RIGHTS_WORDS = {
    "public domain": _PUBLIC_DOMAIN,
    "pd": _PUBLIC_DOMAIN,
    "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "in copyright": "http://rightsstatements.org/vocab/InC/1.0/",
    "unknown": "http://rightsstatements.org/vocab/UND/1.0/",
    "no known copyright": "http://rightsstatements.org/vocab/NKC/1.0/",
}


def any_cell_fault(text: str) -> str | None:
    """What is wrong in whatever column it stands."""
    if control := next((letter for letter in text if ord(letter) < 32 and letter not in "\t\r\n"), None):
        name = "NUL" if control == "\0" else f"U+{ord(control):04X}"
        return f"holds a control character ({name}), which no text has; delete it"
    if re.fullmatch(r"#(NAME\?|REF!|VALUE!|N/A|DIV/0!|NUM!|NULL!|#+)", text):
        return "is a spreadsheet's error, not a value; put the value there"
    if re.fullmatch(r"\d([.,]\d+)?E\+\d+", text, re.IGNORECASE):
        return "is a long number that a spreadsheet shortened; format the column as text and enter it again"
    return None


def any_cell_doubt(text: str) -> str | None:
    """What is unusual in whatever column it stands."""
    if re.match(r"[=@]|[+-][A-Za-z(@=]", text):
        return f"begins with “{text[0]}”, so a spreadsheet would run it as a formula; it is taken as text"
    if "\ufffd" in text:
        return "holds a � where a letter was lost in an earlier conversion; put the letter back"
    if re.search("[ÃÂ][\u0080-\u00bf]|â€", text):
        return "looks like UTF-8 that was once read as Latin-1 (“Ã©” for “é”); export it again"
    return None


def hard_space_doubt(text: str) -> str | None:
    """For the cell as it stands: hard spaces inside it, that look like spaces and are none."""
    if re.search("\\S[\u00a0\u2007\u202f]+\\S", text):
        return "holds a non-breaking space, which is read as an ordinary one"
    return None


def digest_rule(letters: int, empty: str) -> Rule:
    """A hexadecimal digest of so many letters that is not the one of an empty file, ``empty``."""
    wanted = _ALGORITHMS[letters]

    def fault(text: str) -> str | None:
        if odd := re.sub("[0-9a-f]", "", text.lower()):
            return f"holds “{odd[:12]}”; {wanted} has the digits 0-9 and a-f only, and {letters} of them"
        if len(text) != letters:
            other = f", and this looks like {_ALGORITHMS[len(text)]}" if len(text) in _ALGORITHMS else ""
            return f"has {len(text)} digits; {wanted} has {letters}{other}"
        return (
            "is the digest of an empty file; the copy that was measured had 0 bytes" if text.lower() == empty else None
        )

    return fault


def one_of(terms: Sequence[str]) -> Rule:
    """Exactly one of the terms, in any case."""

    def fault(text: str) -> str | None:
        if text.lower() in {term.lower() for term in terms}:
            return None
        return f"is not one of {', '.join(terms)}{_near(text, terms)}"

    return fault


def usually(terms: Sequence[str]) -> Rule:
    """A doubt about what is none of the usual terms, with the nearest of them."""
    usual = {term.lower() for term in terms}

    def doubt(text: str) -> str | None:
        if text.lower() in usual:
            return None
        return f"is not one of our usual terms{_near(text, terms) or '; it is kept as it is'}"

    return doubt


def _near(text: str, terms: Sequence[str]) -> str:
    lower = {term.lower(): term for term in terms}
    near = get_close_matches(text.lower(), lower, 1, 0.6)
    return f"; did you mean “{lower[near[0]]}”?" if near else ""


def scope_doubt(scopes: Sequence[str]) -> Rule:
    """A doubt about a scope of consent in words of somebody's own: no program may guess what they allow."""
    usual = {scope.lower() for scope in scopes}

    def doubt(text: str) -> str | None:
        if text.lower() in usual:
            return None
        return f"is not one of {', '.join(scopes)}, so it grants nothing for voices{_near(text, scopes)}"

    return doubt


def in_case_of(terms: Sequence[str]) -> Callable[[str], str]:
    """Write a term as the vocabulary does; other texts stay as they are."""
    lower = {term.lower(): term for term in terms}
    return lambda text: lower.get(text.lower(), text)


def speed_ips_fault(text: str) -> str | None:
    """A tape speed in inches a second."""
    usual = ", ".join(f"{speed:g}" for speed in SPEEDS_IPS)
    if _number(text) in SPEEDS_IPS:
        return None
    if match := re.fullmatch(r"([\d.,/ ]+)\s*(ips|in/s|inch.*|cm/s|cm.*)?", text, re.IGNORECASE):
        value = _mixed_number(match[1])
        if value and (match[2] or "").lower().startswith("cm"):
            value /= 2.54
        nearest = min(SPEEDS_IPS, key=lambda speed: abs(speed - (value or 0)))
        if value and abs(value / nearest - 1) < 0.02:
            return f"write {nearest:g}: inches a second, without the unit"
    return f"is not a tape speed in inches a second: {usual}"


def _mixed_number(text: str) -> float | None:
    """7.5, 7,5 or 7 1/2."""
    if match := re.fullmatch(r"(?:(\d+)\s+)?(\d+)/(\d+)", text.strip()):
        return int(match[1] or 0) + int(match[2]) / int(match[3]) if int(match[3]) else None
    return _number(text.strip().replace(",", "."))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,9})?", text, re.ASCII) else None


def speed_rpm_fault(text: str) -> str | None:
    """A speed of a disc or cylinder in revolutions a minute."""
    value = _number(text)
    if value and value <= FASTEST_RPM:
        return None
    return f"is not a speed in revolutions a minute: a number such as 33.333, 78.26 or 160, {FASTEST_RPM} at most"


def duration_fault(text: str) -> str | None:
    """Milliseconds, or hours, minutes and seconds."""
    if re.fullmatch(r"[0-9]{1,10}|[0-9]{1,3}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?", text):
        return None
    if re.fullmatch(r"[0-9]{1,2}:[0-5][0-9](\.[0-9]+)?", text):
        return f"can be minutes and seconds or hours and minutes; write 00:{text.zfill(5)} or {text.zfill(5)}:00"
    return "is not a duration: whole milliseconds, or hh:mm:ss, or hh:mm:ss.mmm"


def uri_fault(text: str) -> str | None:
    """An address on the web, with a suggestion for the words that stand there instead."""
    if re.fullmatch(r"https?://[^\s/]+\.[^\s/]+(/\S*)?", text, re.IGNORECASE):
        return None
    if address := _rights_address(text):
        return f"is not an address; write {address}"
    return "is not an address that begins with http:// or https:// and has no spaces"


def _rights_address(text: str) -> str | None:
    if text in _STATEMENTS:
        return f"http://rightsstatements.org/vocab/{text}/1.0/"
    if match := re.fullmatch(r"cc[ -](by(?:-nc)?(?:-nd|-sa)?)[ -]?([1-4]\.0)?", text, re.IGNORECASE):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2] or '4.0'}/"
    if re.match(r"(www\.)?(rightsstatements|creativecommons)\.org/", text):
        return f"https://{text}"
    return _RIGHTS_WORDS.get(text.lower().strip("."))


def rights_doubt(text: str) -> str | None:
    """A rights statement that machines will not know."""
    if match := re.match(r"https?://(?:www\.)?rightsstatements\.org/(?:vocab|page)/([^/]+)", text, re.IGNORECASE):
        code = match[1]
        return None if code in _STATEMENTS else f"there is no rights statement {code}{_near(code, sorted(_STATEMENTS))}"
    if re.match(r"https?://(www\.)?creativecommons\.org/(licenses|publicdomain)/", text, re.IGNORECASE):
        return None
    return "is neither of rightsstatements.org nor a licence of creativecommons.org; programs will not know it"


def recorded_doubt(text: str) -> str | None:
    """A date on which nothing can have been recorded."""
    span = year_span(text)
    if span and span[1] < 1857:
        return "is before sound was recorded at all (1857)"
    return "lies in the future" if span and span[0] > this_year() else None
