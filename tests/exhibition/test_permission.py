"""What the rights forbid: every statement, access level and consent, with the reason."""

from __future__ import annotations

from datetime import date

import pytest

from restoration.exhibition.permission import ALLOWED, FORBIDDEN, NotAllowed, leave_to_exhibit
from restoration.manifest.rules import _STATEMENTS
from restoration.record import following

OPEN = "https://creativecommons.org/publicdomain/mark/1.0/"
STATEMENT = "http://rightsstatements.org/vocab/{}/1.0/"
LICENCE = "https://creativecommons.org/licenses/{}/4.0/"
VOICE = {"name": "speak", "generates": "voice", "outcome": "treated", "source": "0" * 64, "result": "1" * 64}


def log_of(steps=(), **item):
    events = [following([], "ingestion", item={"identifier": "tape-1", "rights_uri": OPEN, **item}, recipe={})]
    for step in steps:
        events.append(following(events, "step", weights={}, **step))
    return events


def leave(audience="public", permission="", steps=(), on=None, **item):
    return leave_to_exhibit(log_of(steps, **item), audience, permission, on)


def test_every_statement_of_the_manifest_is_weighed_once():
    weighed = {*FORBIDDEN, *ALLOWED}
    assert {code.lower() for code in _STATEMENTS} == weighed
    assert not set(FORBIDDEN) & set(ALLOWED)


@pytest.mark.parametrize("code", sorted(FORBIDDEN))
def test_what_a_statement_forbids_needs_a_permission(code):
    uri = STATEMENT.format(code)
    with pytest.raises(NotAllowed, match="--permission"):
        leave(rights_uri=uri)
    assert leave(rights_uri=uri, permission="letter of 3 May 2026").permission == "letter of 3 May 2026"


@pytest.mark.parametrize(
    "uri",
    [
        OPEN,
        "https://creativecommons.org/publicdomain/zero/1.0/",
        *(LICENCE.format(kind) for kind in ("by", "by-sa", "by-nc", "by-nc-sa")),
        *(STATEMENT.format(code) for code in ALLOWED),
    ],
)
def test_what_is_open_may_leave(uri):
    assert leave(rights_uri=uri).rights_uri == uri


@pytest.mark.parametrize(
    "uri",
    ["", LICENCE.format("by-nd"), LICENCE.format("by-nc-nd"), "https://example.org/ours", STATEMENT.format("InX")],
)
def test_what_is_blank_unknown_or_bars_adaptation_may_not(uri):
    with pytest.raises(NotAllowed, match="rights_uri"):
        leave(rights_uri=uri)


def test_conditions_are_told():
    told = leave(rights_uri=LICENCE.format("by-nc-sa"), rights_holder="Harbour Museum").conditions
    assert told[0].startswith("name Harbour Museum")
    assert told[1:] == ("not for commercial use", "what is made of it is shared alike")


@pytest.mark.parametrize(
    ("level", "audience", "permission", "may"),
    [
        ("", "public", "", True),
        ("public", "public", "", True),
        ("registered", "public", "", False),
        ("on-site", "public", "a letter", False),
        ("on-site", "research", "", True),
        ("restricted", "public", "", False),
        ("restricted", "research", "", False),
        ("restricted", "public", "a letter", True),
        ("closed", "research", "a letter", False),
        ("for friends", "public", "a letter", False),
    ],
)
def test_access_levels(level, audience, permission, may):
    if may:
        leave(audience, permission, access_level=level)
        return
    with pytest.raises(NotAllowed, match="access_level"):
        leave(audience, permission, access_level=level)


@pytest.mark.parametrize("column", ["tk_label", "community_protocol"])
def test_a_community_decides(column):
    with pytest.raises(NotAllowed, match=f"{column} is “ask the elders”"):
        leave(**{column: "ask the elders"})
    leave(permission="minutes of the council", **{column: "ask the elders"})


@pytest.mark.parametrize(
    ("consent", "may"),
    [
        ({"voice_consent": "none"}, False),
        ({"voice_consent": "recorded", "consent_ref": "letter", "consent_scope": "voice model"}, False),
        ({"voice_consent": "recorded", "consent_scope": "public synthetic speech"}, False),
        ({"voice_consent": "recorded", "consent_ref": "letter", "consent_scope": "public synthetic speech"}, True),
    ],
)
def test_a_generated_voice_needs_the_widest_consent_whatever_is_permitted(consent, may):
    if may:
        leave(steps=[VOICE], permission="a letter", **consent)
        return
    with pytest.raises(NotAllowed, match="consent"):
        leave(steps=[VOICE], permission="a letter", **consent)


def test_consent_ends():
    lent = {"voice_consent": "recorded", "consent_ref": "letter", "consent_scope": "public synthetic speech"}
    told = {"steps": [VOICE], "consent_until": "2026-03-01", **lent}
    leave(on=date(2026, 3, 1), **told)
    with pytest.raises(NotAllowed, match="ended on 2026-03-01"):
        leave(on=date(2026, 3, 2), **told)


def test_a_voice_that_nobody_generated_needs_no_consent_of_that_kind():
    leave(voice_consent="none")


def test_every_reason_is_told_at_once():
    with pytest.raises(NotAllowed) as told:
        leave(rights_uri="", access_level="closed", tk_label="TK Secret")
    assert len(told.value.reasons) == 3
