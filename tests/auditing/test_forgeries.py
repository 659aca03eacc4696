"""A record forged through and through: what the audit alone finds, what needs the archive's key, what the register.

Each forgery is shown with and without what finds it; where nothing was given that could, the audit says so.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from restoration import fixity, growth
from restoration.auditing.audit import Audit, Wish, audit
from restoration.deciding import decide
from restoration.decisions import Decision
from restoration.seals import KEY_VARIABLE, SEAL
from restoration.wave_chunks import read_wave
from tests.auditing import forger
from tests.auditing.conftest import signer_of
from tests.auditing.test_tampering import sentences


def structure(bag: Path, archive=None, *, key: bool = False, heads: bool = False) -> Audit:
    wish = Wish(reach="structure", key=archive.public if key else None, heads=archive.register if heads else None)
    return audit(bag, wish)


def retitled(events):
    """Say that the recording is of something else: nothing in the bag but the log and the report tells of it."""
    forger.of_kind(events, "ingestion")["item"]["title"] = "Another reading"
    return events


def test_a_forger_who_knows_the_software_is_not_found_without_a_key_and_the_audit_says_so(archive, tampered):
    copy = tampered(archive.bag)
    forger.forge(copy, retitled(forger.log(copy)))
    found = structure(copy)
    assert sentences(found) == []
    assert any("made it anew cannot be known" in sentence for sentence in found.unchecked)
    assert found.sealed_by == "nobody"
    assert any("should have sealed it" in sentence for sentence in sentences(structure(copy, archive, key=True)))


def test_an_edit_before_a_seal_breaks_the_seal(archive, tampered):
    copy = tampered(archive.bag)
    events = forger.chained(retitled(forger.log(copy)))
    forger.put_log(copy, events)
    forger.packed_again(copy)
    assert any("(seal)" in sentence for sentence in sentences(structure(copy)))


def test_a_new_tail_that_nobody_signed(archive, tampered):
    copy = tampered(archive.bag)
    events = forger.log(copy)
    tail = {**forger.of_kind(events, "decision"), "reason": "never mind", "time": events[-1]["time"]}
    forger.put_log(copy, forger.chained([*events, tail]))
    growth.write_exports(copy, forger.log(copy))
    forger.packed_again(copy)
    found = sentences(structure(copy))
    assert any("nobody signed them" in sentence for sentence in found), found


def test_a_seal_by_another_key_needs_the_archives_key(archive, tampered):
    copy = tampered(archive.bag)
    forger.forge(copy, retitled(forger.log(copy)), signer_of(2))
    without = structure(copy)
    assert sentences(without) == []
    assert any("Whose seals they are is not known" in sentence for sentence in without.unchecked)
    assert any("never sealed this log" in sentence for sentence in sentences(structure(copy, archive, key=True)))


@pytest.mark.parametrize("key", [False, True])
def test_a_log_rolled_back_to_an_earlier_seal_needs_the_register(archive, tampered, key):
    copy = tampered(archive.bag)
    events = forger.log(copy)
    earlier = forger.of_kind(events, SEAL)
    forger.put_log(copy, events[: earlier["sequence"]])
    growth.write_exports(copy, forger.log(copy))
    forger.packed_again(copy)
    without = structure(copy, archive, key=key)
    assert sentences(without) == []
    assert any("rolled back" in sentence for sentence in without.unchecked)
    found = sentences(structure(copy, archive, key=key, heads=True))
    assert any("it was rolled back" in sentence for sentence in found), found


def test_the_archives_own_key_in_wrong_hands_needs_the_register(archive, tampered):
    copy = tampered(archive.bag)
    forger.forge(copy, retitled(forger.log(copy)), archive.signer)
    assert sentences(structure(copy, archive, key=True)) == []
    assert any("another log" in sentence for sentence in sentences(structure(copy, archive, key=True, heads=True)))


def test_a_key_taken_out_of_the_bag_or_exchanged_is_found(archive, tampered):
    for content in (b"", archive.public.read_bytes().replace(b"A", b"B", 1)):
        copy = tampered(archive.bag)
        forger.put(copy, growth.PUBLIC_KEY_FILE, content)
        forger.packed_again(copy)
        assert any(growth.PUBLIC_KEY_FILE in sentence for sentence in sentences(structure(copy)))


def test_growing_a_bag_with_the_key_leaves_it_clean(archive, tampered, monkeypatch, tmp_path):
    copy = tampered(archive.bag)
    monkeypatch.setenv(KEY_VARIABLE, str(archive.public.with_name("key.pem")))
    decide(copy, Decision(kind="treatment approved", by="A. Karimova", reason="once more"))
    assert sentences(structure(copy, archive, key=True)) == []


def _other_sound(bag: Path, name: str) -> None:
    """Flip bits of the sound, and make the chunk that gives its MD5 fit."""
    wave = read_wave(bag / name)
    content = bytearray((bag / name).read_bytes())
    for at in range(wave.sound.offset, wave.sound.offset + wave.sound.size, 9973):
        content[at] ^= 1
    md5 = wave.first("MD5 ")
    if md5 is not None:
        sound = content[wave.sound.offset : wave.sound.offset + wave.sound.size]
        content[md5.offset : md5.offset + 16] = hashlib.md5(sound, usedforsecurity=False).digest()
    forger.put(bag, name, bytes(content))


def test_another_master_with_every_digest_forged_needs_decoding(without_seals, tampered):
    copy = tampered(without_seals)
    name = next(f"data/master/{path.name}" for path in (copy / "data" / "master").iterdir())
    _other_sound(copy, name)
    events = forger.log(copy)
    old = forger.of_kind(events, "extraction")["sha256"]
    new = fixity.digests(copy / name, ("sha256", "md5"))
    old_md5 = forger.of_kind(events, "fixity check")["found"]["md5"]
    told = [forger.renamed(event, {old: new["sha256"], old_md5: new["md5"]}) for event in events]
    forger.forge(copy, told)
    assert sentences(audit(copy)) == []
    found = sentences(audit(copy, Wish(reach="deep")))
    assert any(name in sentence and "another sound" in sentence for sentence in found), found


def test_another_restored_sound_is_found_unless_the_log_was_forged_with_it(without_seals, tampered):
    copy = tampered(without_seals)
    events = forger.log(copy)
    name = forger.of_kind(events, "derivation", role="production master")["file"]
    _other_sound(copy, name)
    forger.told_of(copy, events)
    forger.forge(copy, events)
    assert any(name in sentence and "MD5 chunk" in sentence for sentence in sentences(audit(copy)))
    events = forger.log(copy)
    forger.of_kind(events, "derivation", role="production master")["format"]["data_md5"] = read_wave(copy / name).md5
    forger.forge(copy, events)
    found = audit(copy, Wish(reach="deep"))
    assert sentences(found) == []
    assert any("replayed" in sentence for sentence in found.unchecked)


@pytest.mark.slow
def test_a_replay_finds_another_restored_sound_whatever_the_log_says(without_seals, tampered):
    wish = Wish(replay=True)
    clean = audit(without_seals, wish)
    assert sentences(clean) == []
    assert any("bit-exact" in one.sentence for one in clean.of("note"))
    copy = tampered(without_seals)
    events = forger.log(copy)
    production = forger.of_kind(events, "derivation", role="production master")
    _other_sound(copy, production["file"])
    forger.told_of(copy, events)
    production["format"]["data_md5"] = read_wave(copy / production["file"]).md5
    forger.forge(copy, events)
    assert sentences(audit(copy)) == []
    found = [(one.check, one.file, one.event) for one in audit(copy, wish).of("fault")]
    assert ("replay", production["file"], production["sequence"]) in found
    assert {check for check, _, _ in found} == {"replay"}
