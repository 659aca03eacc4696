"""Whether an item may be exhibited: what its rights statement, its access level and its consents say of that use.

What is blank or not known allows nothing. The permission of who holds the rights, or of the community, is told with
where it is kept, and stands in the log; what an archive has closed, and a voice that nobody lent, no permission opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from restoration.errors import RestorationError
from restoration.exhibition.preset import Audience
from restoration.manifest.vocabularies import CONSENT_SCOPES
from restoration.provenance.generated import generates, treated_steps
from restoration.provenance.grants import grants_of
from restoration.provenance.history import history
from restoration.provenance.rights import Rights, VoiceConsent, consent_in, rights_in
from restoration.record import Event

NON_COMMERCIAL = "not for commercial use"
FORBIDDEN = {
    "inc": "is in copyright, and its holder decides on a public use",
    "inc-ow-eu": "is an orphan work of the EU, which its statement does not open to exhibitions",
    "inc-edu": "is in copyright and open to educational use alone",
    "inc-ruu": "is in copyright, and its holder could not be found",
    "noc-cr": "is bound by a contract",
    "noc-oklr": "is bound by other laws than copyright",
    "cne": "has a copyright that nobody has looked into",
    "und": "has a copyright that could not be determined",
}
"""Statements of rightsstatements.org that bar a public use, in lower case, and why."""
ALLOWED = {
    "inc-nc": NON_COMMERCIAL,
    "noc-nc": NON_COMMERCIAL,
    "noc-us": "free in the United States; elsewhere it may be in copyright",
    "nkc": "no known copyright",
}
"""Those that allow it, on a condition."""
_STATEMENT = re.compile(r"https?://(?:www\.)?rightsstatements\.org/(?:vocab|page)/([^/]+)", re.IGNORECASE)
_LICENCE = re.compile(r"https?://(?:www\.)?creativecommons\.org/licenses/([a-z-]+)/", re.IGNORECASE)
_FREE = re.compile(r"https?://(?:www\.)?creativecommons\.org/publicdomain/(?:mark|zero)/", re.IGNORECASE)


class NotAllowed(RestorationError):
    """An export that the rights forbid; ``reasons`` are sentences."""

    def __init__(self, item: str, reasons: Sequence[str]) -> None:
        self.item, self.reasons = item, tuple(reasons)
        super().__init__(f"{item}: may not be exhibited: {' '.join(self.reasons)}")


@dataclass(frozen=True)
class Leave:
    """Leave to exhibit: the statement it rests on, who permitted what the statement does not, the conditions."""

    rights_uri: str
    permission: str
    conditions: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For the log."""
        return {"rights_uri": self.rights_uri, "permission": self.permission, "conditions": list(self.conditions)}


def leave_to_exhibit(
    events: Sequence[Event], audience: Audience, permission: str = "", on: date | None = None
) -> Leave:
    """Leave for the item of a log to be exhibited.

    Args:
        events: of its log.
        audience: ``public``, or ``research`` for what one person studies.
        permission: where the permission of who holds the rights, or of the community, is kept.
        on: the day; today if not said.

    Raises:
        NotAllowed: with a sentence for each thing that bars it: column, cell, and what would be right.
    """
    item: Mapping[str, str] = next((event["item"] for event in events if event["event"] == "ingestion"), {})
    rights = rights_in(item)
    permission = permission.strip()
    barred = [*_closed(rights, audience, permission), *_voice_barred(events, item, on or date.today())]
    if not permission:
        barred += [*_statement_bars(rights.uri), *_community_bars(rights)]
    if barred:
        raise NotAllowed(str(item.get("identifier", "the item")), barred)
    return Leave(rights.uri, permission, tuple(_conditions(rights)))


def _statement_bars(uri: str) -> Iterator[str]:
    ask = "--permission says where the leave of the holder is kept."
    if not uri:
        yield f"rights_uri is blank, so nothing allows a public use; {ask}"
    elif found := _STATEMENT.match(uri):
        code = found[1].lower()
        if code in FORBIDDEN:
            yield f"rights_uri is {uri}: it {FORBIDDEN[code]}; {ask}"
        elif not code.startswith("noc-") and code not in ALLOWED:
            yield f"rights_uri is {uri}, which is no statement of rightsstatements.org; {ask}"
    elif found := _LICENCE.match(uri):
        if "-nd" in found[1].lower():
            yield f"rights_uri is {uri}: what was restored or cut is adapted, and the licence bars adaptations; {ask}"
    elif not _FREE.match(uri):
        yield f"rights_uri is {uri}, which is not known here as allowing a public use; {ask}"


def _community_bars(rights: Rights) -> Iterator[str]:
    for column, text in (("tk_label", rights.tk_label), ("community_protocol", rights.community_protocol)):
        if text:
            yield f"{column} is “{text}”: the community decides; --permission says where its leave is kept."


def _closed(rights: Rights, audience: Audience, permission: str) -> Iterator[str]:
    level = rights.access_level.strip().lower()
    if level in ("", "public"):
        return
    if level in ("registered", "on-site"):
        if audience == "public":
            yield f"access_level is “{level}”, and this preset is for the public; a preset for research would do."
    elif level == "restricted":
        if not permission:
            yield "access_level is “restricted”; --permission says where the leave of who restricted it is kept."
    elif level == "closed":
        yield "access_level is “closed”: nobody may hear it; the archive would have to open it in its manifest."
    else:
        yield f"access_level is “{rights.access_level}”, which is not known here, so it opens nothing."


def _voice_barred(events: Sequence[Event], item: Mapping[str, str], on: date) -> Iterator[str]:
    """A voice that a model made is public synthetic speech once it is shown: it needs the widest consent, today."""
    if not any(generates(step) == "voice" for step in treated_steps(events)):
        return
    granted = grants_of(history(list(events)))
    widest = CONSENT_SCOPES[-1]
    yield from granted.barred
    if not granted.barred and widest not in granted.acts:
        yield f"a model made a voice in it, and the consent does not reach as far as “{widest}” (consent_scope)."
    yield from _out_of_date(consent_in(item), on)


def _out_of_date(consent: VoiceConsent, on: date) -> Iterator[str]:
    day = on.isoformat()
    if consent.valid_from and day < consent.valid_from:
        yield f"the consent to the voice begins on {consent.valid_from} (consent_from)."
    if consent.valid_until and day > consent.valid_until:
        yield f"the consent to the voice ended on {consent.valid_until} (consent_until)."


def _conditions(rights: Rights) -> Iterator[str]:
    if (found := _STATEMENT.match(rights.uri)) and found[1].lower() in ALLOWED:
        yield ALLOWED[found[1].lower()]
    if found := _LICENCE.match(rights.uri):
        kind = found[1].lower()
        yield f"name {rights.holder or 'who made it'} and the licence {rights.uri}"
        if "-nc" in kind:
            yield NON_COMMERCIAL
        if "-sa" in kind:
            yield "what is made of it is shared alike"
