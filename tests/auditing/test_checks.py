"""Laws of the audit: it finds any change of any value, never breaks down, and says what it did not look at."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from restoration import __version__, fixity, growth, weights
from restoration.auditing.audit import Wish, audit
from restoration.auditing.bag import Bag
from restoration.auditing.collection import audit_bags, find_bags
from restoration.auditing.shapes import KINDS, ONLY_ONCE
from restoration.errors import BadBag
from restoration.package import LOG
from restoration.provenance.exports import EXPORTS
from tests.auditing import forger
from tests.auditing.test_tampering import sentences

QUICK = Wish(reach="structure")
ODD: tuple[Any, ...] = (None, True, -1, 0.5, "", "x" * 64, "\ud800", [], [1], {}, {"a": None}, float("nan"))


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value inside a value."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield from paths_of(one, (*path, name))


def put_at(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for name in path[:-1]:
        value = value[name]
    value[path[-1]] = new


def put_raw(bag, events) -> None:
    lines = [json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=True) for event in events]
    forger.put(bag, LOG, "".join(line + "\n" for line in lines))


@pytest.mark.parametrize("seed", range(30))
def test_whatever_stands_in_a_log_is_a_fault_and_never_a_crash(without_seals, tampered, seed):
    rng = random.Random(seed)
    copy = tampered(without_seals)
    events = forger.log(copy)
    for _ in range(1 + seed % 3):
        path = rng.choice([one for one in paths_of(events) if len(one) >= 2])
        try:
            put_at(events, path, rng.choice(ODD))
        except (KeyError, IndexError, TypeError):
            continue
    put_raw(copy, events)
    found = audit(copy, QUICK)
    assert not found.clean
    assert all(fault.sentence and fault.check for fault in found.found)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\n", b"[]\n", b"{}\n", b'{"event":"step"}\n', b'{"event":[]}\n', b"x"]
)
def test_a_log_that_is_none(without_seals, tampered, content):
    copy = tampered(without_seals)
    forger.put(copy, LOG, content)
    assert any(LOG in sentence for sentence in sentences(audit(copy, QUICK)))


def test_every_kind_that_happens_once_is_known():
    assert set(ONLY_ONCE) <= set(KINDS)


def test_a_digest_that_the_card_had_earlier_is_a_warning_that_names_both(without_seals, tampered, monkeypatch):
    known = weights.card("denoiser")
    older = replace(known, sha256="ab" * 32, earlier=(known.sha256,))
    monkeypatch.setattr(weights, "_our_cards", lambda: (older, *(c for c in CARDS if c.name != "denoiser")))
    found = audit(without_seals, QUICK)
    (warning,) = [one for one in found.of("warning") if one.check == "weights"]
    assert known.sha256[:16] in warning.sentence
    assert "abababababababab" in warning.sentence


CARDS = weights.cards()


def test_a_second_manifest_by_another_digest_is_held_to_as_well(without_seals, tampered):
    copy = tampered(without_seals)
    names = [name for name in Bag(copy).files if name.startswith("data/")]
    lines = [f"{fixity.digests(copy / name, ('md5',))['md5']}  {name}\n" for name in names]
    forger.put(copy, "manifest-md5.txt", "".join(lines))
    forger.tagged_again(copy)
    assert sentences(audit(copy)) == []
    forger.put(copy, "manifest-md5.txt", "".join(lines).replace(lines[0][:8], "0" * 8))
    forger.tagged_again(copy)
    assert any("manifest-md5.txt has the md5" in sentence for sentence in sentences(audit(copy)))


def test_what_was_not_checked_is_said(without_seals):
    told = {reach: " ".join(audit(without_seals, Wish(reach=reach)).unchecked) for reach in ("structure", "full")}
    assert "No digest of a file was computed" in told["structure"]
    assert "No digest of a file was computed" not in told["full"]
    for sentence in ("No sound was decoded", "Nothing was replayed", "no seal", "No register of heads"):
        assert sentence in told["full"]


def test_bags_are_found_in_folders_and_audited_alike_by_any_number_of_workers(without_seals, tampered, tmp_path):
    copies = [tampered(without_seals) for _ in range(6)]
    (copies[2] / "bagit.txt").unlink()
    (tmp_path / ".restoration").mkdir()
    assert find_bags([tmp_path]) == copies
    one, two = (
        [replace(each, seconds=0.0, reading_seconds=0.0) for each in audit_bags(copies, QUICK, workers)]
        for workers in (1, 2)
    )
    assert one == two
    assert [each.clean for each in one] == [True, True, False, True, True, True]


def test_a_folder_without_bags_is_a_sentence(tmp_path):
    with pytest.raises(BadBag, match="no folder with bags"):
        find_bags([tmp_path])


def test_an_export_that_is_not_what_the_log_gives_is_found(without_seals, tampered, monkeypatch):
    name = "data/record/steps.txt"
    monkeypatch.setitem(EXPORTS, name, lambda told: "".join(f"{act.name}\n" for act in told.acts))
    # A bag without any export is older than they are; one that lacks some of them is not whole.
    (older,) = [one for one in audit(without_seals, QUICK).found if one.check == "exports"]
    assert older.severity == ("fault" if len(EXPORTS) > 1 else "warning")
    copy = tampered(without_seals)
    growth.write_exports(copy, forger.log(copy))
    forger.packed_again(copy)
    assert sentences(audit(copy, QUICK)) == []
    forger.flip(copy, name)
    forger.packed_again(copy)
    assert any(name in sentence and "not what the log gives" in sentence for sentence in sentences(audit(copy, QUICK)))


@pytest.mark.parametrize(("version", "severity"), [(__version__, "fault"), ("0.0.9", "warning")])
def test_only_another_version_may_say_the_same_otherwise(without_seals, tampered, version, severity):
    copy = tampered(without_seals)
    events = forger.log(copy)
    events[0]["software"]["heritage-voice"] = version
    forger.forge(copy, events)
    name = "data/record/prov.json"
    forger.put(copy, name, (copy / name).read_text(encoding="utf-8") + " ")
    forger.packed_again(copy)
    (found,) = [one for one in audit(copy, QUICK).found if one.check == "exports"]
    assert (found.file, found.severity) == (name, severity)
    assert (version in found.sentence) == (severity == "warning")
