"""The seals: whatever is forged without the key is found, by laws over every bit and every event."""

import base64
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restoration import seals
from restoration.record import GENESIS, Record, digest_of
from restoration.seal_check import check_seals
from restoration.seals import BadKey, Signer, seal_fields

from .conftest import signer_of, tell

OWN, OTHER, NEXT = signer_of(1), signer_of(2), signer_of(3)


def chained(events):
    """The same events as a chain that holds: what whoever can write can make of them."""
    previous, made = GENESIS, []
    for number, event in enumerate(events, start=1):
        body = {key: value for key, value in event.items() if key != "digest"} | {"sequence": number}
        body["previous"] = previous
        body["digest"] = previous = digest_of(body)
        made.append(body)
    return made


def sealed_log(folder, *growths):
    """A packed log, sealed, and grown by events that are sealed by the signers given."""
    record = Record(folder / "events.jsonl")
    tell(record, "tape-1")
    seal(record, OWN)
    for kind, key, fields in growths:
        record.append(kind, **fields)
        seal(record, key)
    return record.events


def seal(record, signer):
    record.append("seal", **seal_fields("tape-1", record.events, signer))


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return sealed_log(tmp_path_factory.mktemp("log"), ("decision", OWN, {"by": "Ada", "reason": "heard it"}))


def test_a_sealed_log_is_good(events):
    report = check_seals(events, OWN.private.public_key())
    assert (report.wrong, report.unsealed, report.keys) == ((), (), (OWN.fingerprint,))
    assert (report.seals, report.sealed_upto, report.trusted_upto) == ((7, 9), 8, 8)


def test_a_seal_is_the_same_whenever_it_is_made(events):
    assert seal_fields("tape-1", events[:6], OWN) == {
        name: events[6][name] for name in ("time", "head", "upto", "key", "public_key", "signature")
    }


FIELDS = ("head", "key", "public_key", "signature", "time", "upto")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([6, 8]), st.sampled_from(FIELDS), st.integers(0, 10**6), st.integers(0, 6))
def test_every_flipped_bit_of_a_seal_is_found(events, position, field, letter, bit):
    """In the last seal too, and with all digests made to fit again."""
    changed = [dict(event) for event in events]
    text = str(changed[position][field])
    letter %= len(text)
    flipped = text[:letter] + chr(ord(text[letter]) ^ (1 << bit)) + text[letter + 1 :]
    changed[position][field] = int(flipped) if field == "upto" and flipped.isdecimal() else flipped
    assert changed[position][field] != events[position][field]
    for log in (changed, chained(changed)):
        assert any(wrong.event == position + 1 for wrong in check_seals(log).wrong)


@pytest.mark.parametrize("field", ["key", "public_key", "signature"])
def test_every_single_bit_of_the_last_seal_counts(events, field):
    """All of them: the last letters of base64 hold bits that a careless reader does not look at."""
    text = events[8][field]
    for place in range(7 * len(text)):
        letter, bit = divmod(place, 7)
        changed = [*events[:8], dict(events[8])]
        changed[8][field] = text[:letter] + chr(ord(text[letter]) ^ (1 << bit)) + text[letter + 1 :]
        assert check_seals(chained(changed)).wrong, (letter, bit)


@pytest.mark.parametrize("position", range(8))
def test_an_event_edited_under_a_seal_is_found_though_the_chain_fits(events, position):
    changed = [dict(event) for event in events]
    changed[position]["remark"] = "nothing to see"
    assert check_seals(chained(changed)).wrong


@pytest.mark.parametrize("dropped", range(8))
def test_an_event_dropped_under_a_seal_is_found(events, dropped):
    assert check_seals(chained(events[:dropped] + events[dropped + 1 :])).wrong


def test_another_identifier_is_found(events):
    changed = [dict(event) for event in events]
    changed[0]["item"] = changed[0]["item"] | {"identifier": "tape-2"}
    assert check_seals(chained(changed)).wrong


def test_a_forged_tail_is_unsealed(tmp_path):
    events = sealed_log(tmp_path)
    record = Record(tmp_path / "events.jsonl")
    record.append("decision", by="Nobody", reason="looks right")
    report = check_seals(record.events)
    assert (report.wrong, report.unsealed, report.sealed_upto) == ((), (8,), 6)
    assert check_seals(events).unsealed == ()


def test_a_forged_tail_under_another_key_is_found(tmp_path):
    events = sealed_log(tmp_path, ("decision", OTHER, {"by": "Nobody", "reason": "looks right"}))
    report = check_seals(events)
    assert [wrong.event for wrong in report.wrong] == [9]
    assert "never handed over" in report.wrong[0].sentence
    assert report.unsealed == (8, 9)


def test_a_log_made_anew_under_another_key_is_found_by_whoever_has_the_right_one(tmp_path):
    record = Record(tmp_path / "events.jsonl")
    tell(record, "tape-1")
    seal(record, OTHER)
    assert check_seals(record.events).wrong == ()
    (wrong,) = check_seals(record.events, OWN.private.public_key()).wrong
    assert "never sealed this log" in wrong.sentence


def test_a_log_whose_seals_were_taken_off_is_found_by_whoever_has_the_key(events):
    bare = chained([event for event in events if event["event"] != "seal"])
    (wrong,) = check_seals(bare, OWN.private.public_key()).wrong
    assert "has no seal" in wrong.sentence
    assert check_seals(bare).unsealed == tuple(range(1, 8))


def handing_over(to):
    return {"key": to.fingerprint, "public_key": base64.b64encode(to.public_key).decode(), "by": "Ada", "reason": "old"}


def test_a_change_of_key_that_the_older_key_sealed_hands_over(tmp_path):
    decision = {"by": "Ada", "reason": "heard it"}
    events = sealed_log(tmp_path, ("key change", OWN, handing_over(NEXT)), ("decision", NEXT, decision))
    for trusted in (OWN, NEXT):
        report = check_seals(events, trusted.private.public_key())
        assert (report.wrong, report.trusted_upto, report.in_force) == ((), 10, NEXT.fingerprint)


def test_a_change_of_key_that_the_newer_key_sealed_hands_over_nothing(tmp_path):
    events = sealed_log(tmp_path, ("key change", OTHER, handing_over(OTHER)))
    assert [wrong.event for wrong in check_seals(events).wrong] == [9]


def test_the_older_key_is_given_up(tmp_path):
    decision = {"by": "Ada", "reason": "heard it"}
    events = sealed_log(tmp_path, ("key change", OWN, handing_over(NEXT)), ("decision", OWN, decision))
    assert [wrong.event for wrong in check_seals(events).wrong] == [11]


def test_handing_over_to_the_archives_key_does_not_make_a_forged_log_its_own(tmp_path):
    """A forger signs a log with a key of his own and names the archive's as the next."""
    record = Record(tmp_path / "events.jsonl")
    tell(record, "tape-1")
    seal(record, OTHER)
    record.append("key change", **handing_over(OWN))
    seal(record, OTHER)
    assert check_seals(record.events, OWN.private.public_key()).wrong


def test_openssl_says_the_same(events, tmp_path):
    """Who trusts none of this code checks a seal with a tool of his own."""
    last = events[-1]
    (tmp_path / "key.pem").write_text(seals.public_pem(base64.b64decode(last["public_key"])))
    (tmp_path / "signature").write_bytes(base64.b64decode(last["signature"]))
    (tmp_path / "text").write_text(f"heritage-voice seal 1\ntape-1\n{last['upto']}\n{last['head']}\n")
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "text",
        "-sigfile",
        "signature",
    ]
    try:
        found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("openssl is not on this machine")
    assert "Signature Verified Successfully" in found.stdout, found.stderr


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_gives_a_sentence(tmp_path, content):
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(BadKey, match=r"key\.pem: is no private key"):
        Signer.of(tmp_path / "key.pem")
    with pytest.raises(BadKey, match=r"key\.pem: is no public key"):
        seals.read_public(tmp_path / "key.pem")


def test_a_key_that_is_not_there_gives_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv(seals.KEY_VARIABLE, str(tmp_path / "key.pem"))
    with pytest.raises(BadKey, match="cannot be read"):
        seals.configured()
