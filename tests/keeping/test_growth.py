"""A log grows after packing: all of it or nothing, wherever the machine stops, and never on what was changed."""

import multiprocessing
import os
import shutil
import sys

import bagit
import pytest

from restoration import growth, heads, package
from restoration.errors import BadBag, BrokenRecord, RestorationError
from restoration.growth import grow, reseal
from restoration.package import JOURNAL, LOG
from restoration.provenance.exports import exported
from restoration.record import Record, read
from restoration.seal_check import check_seals
from restoration.seals import PUBLIC_KEY_FILE, BadKey

from .conftest import signer_of

DECISION = {"decision": "treatment approved", "by": "Ada", "reason": "it is the same voice"}


def kinds(bag):
    return [event["event"] for event in read(bag / LOG)]


def is_whole(bag):
    """Valid for another's library, and the log, the head, the exports and the seals say the same."""
    assert bagit.Bag(str(bag)).validate(fast=False)
    events = list(read(bag / LOG))
    assert package.read_info(bag)[package.LOG_HEAD] == events[-1]["digest"]
    for name, text in exported(events).items():
        assert (bag / name).read_text(encoding="utf-8") == text
    assert check_seals(events).wrong == ()
    assert not [path for path in bag.rglob("*") if path.name.endswith(".part") or path.name == JOURNAL]
    return True


def test_a_growth_without_a_key(small_bag):
    bag = small_bag()
    before = kinds(bag)
    event = grow(bag, "decision", **DECISION)
    assert kinds(bag) == [*before, "decision"]
    assert list(read(bag / LOG))[-1] == event
    assert is_whole(bag)
    assert not (bag / PUBLIC_KEY_FILE).exists()


def test_a_growth_with_a_key_is_sealed(small_bag, signer, use_key):
    use_key(signer)
    bag = small_bag()
    grow(bag, "decision", **DECISION)
    grow(bag, "audit", outcome="whole")
    assert kinds(bag)[-6:] == ["packing", "seal", "decision", "seal", "audit", "seal"]
    assert check_seals(list(read(bag / LOG)), signer.private.public_key()).unsealed == ()
    assert (bag / PUBLIC_KEY_FILE).read_text().startswith("-----BEGIN PUBLIC KEY")
    assert is_whole(bag)


def test_a_bag_that_grew_is_still_the_bag_of_its_order(small_bag):
    bag = small_bag()
    grow(bag, "decision", **DECISION)
    assert package.is_sealed(bag, "key")


def test_only_what_changed_is_read_again(small_bag):
    bag = small_bag()
    large = ["data/master/tape-1.wav", "data/access/tape-1_restored.opus"]
    for name in large:
        (bag / name).chmod(0o000)
    if os.access(bag / large[0], os.R_OK):
        opened = files_opened(bag)
        assert not [name for name in large if any(path.endswith(name) for path in opened)]
    else:
        grow(bag, "decision", **DECISION)
    for name in large:
        (bag / name).chmod(0o644)
    assert is_whole(bag)


def files_opened(bag):
    """The files that a growth opens, seen in a process of its own, for an audit hook stays."""
    ours, theirs = multiprocessing.Pipe(duplex=False)

    def child():
        seen = []
        sys.addaudithook(lambda name, arguments: seen.append(str(arguments[0])) if name == "open" else None)
        grow(bag, "decision", **DECISION)
        theirs.send(list(seen))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    return ours.recv()


WRITES = ("open", "os.rename", "os.remove")


def broken_off(bag, number):
    """Whether a growth in a process of its own was broken off just before its write of that number."""

    def child():
        count = 0

        def before_a_write(name, arguments):
            nonlocal count
            writes = name in WRITES and (name != "open" or (arguments[1] or "r") not in ("r", "rb"))
            if writes:
                count += 1
                if count > number:
                    os._exit(9)

        sys.addaudithook(before_a_write)
        grow(bag, "decision", **DECISION)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    assert process.exitcode in (0, 9)
    return process.exitcode == 9


@pytest.mark.parametrize("with_key", [False, True])
def test_a_growth_broken_off_before_any_write_is_finished_by_the_next(
    small_bag, signer, use_key, with_key, folder, monkeypatch
):
    if with_key:
        use_key(signer)
    (folder / "register").mkdir()
    monkeypatch.setenv(heads.HEADS_VARIABLE, str(folder / "register"))
    packed = small_bag()
    first, number, finished = kinds(packed), 0, 0
    one = ["decision", "seal"] if with_key else ["decision"]
    register = (folder / "register" / heads.FILE).read_bytes()
    while True:
        bag = folder / str(number) / "tape-1"
        shutil.copytree(packed, bag)
        (folder / "register" / heads.FILE).write_bytes(register)
        if not broken_off(bag, number):
            break
        stood = (bag / JOURNAL).exists()
        if stood:
            with pytest.raises(BadBag, match="restoration reseal"):
                package.is_sealed(bag, "key")
            added = reseal(bag)
            finished += 1
            assert [event["event"] for event in added] == one
        assert kinds(bag) == [*first, *(one if stood else [])]
        grow(bag, "audit", outcome="whole")
        assert kinds(bag)[-len(one) :][0] == "audit"
        assert is_whole(bag)
        assert heads.check_heads(bag, folder / "register").wrong == ()
        number += 1
    assert number > 12
    assert 0 < finished < number


def test_a_torn_last_line_of_a_growth_is_written_whole(small_bag, signer, use_key):
    use_key(signer)
    bag, number = small_bag(), 2
    packed = len(kinds(bag))
    # Each is broken off a write later than the one before, the first as soon as the journal stands.
    while len(kinds(bag)) == packed:
        (bag / JOURNAL).unlink(missing_ok=True)
        assert broken_off(bag, number)
        number += 1
    (bag / LOG).write_bytes((bag / LOG).read_bytes()[:-40])
    assert [event["event"] for event in reseal(bag)] == ["decision", "seal"]
    assert is_whole(bag)


def test_growths_of_one_bag_wait_for_one_another(small_bag):
    bag = small_bag()
    before = len(kinds(bag))
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=grow, args=(bag, "decision"), kwargs=DECISION) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    assert kinds(bag)[before:] == ["decision"] * 6
    assert is_whole(bag)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


CHANGES = {
    "a longer master": lambda bag: (bag / "data/master/tape-1.wav").write_bytes(b"longer than it was, by some"),
    "another report": lambda bag: flip(bag / "data/record/treatment-report.html"),
    "a stray file": lambda bag: (bag / "data/access/stray.txt").write_text("here"),
    "a lost file": lambda bag: (bag / "data/access/tape-1_restored.opus").unlink(),
    "another manifest": lambda bag: flip(bag / "manifest-sha256.txt"),
    "another bag-info": lambda bag: flip(bag / "bag-info.txt"),
    "an event at the end": lambda bag: Record(bag / LOG).append("decision", **DECISION) and None,
    "a torn line": lambda bag: (bag / LOG).open("a").write('{"event": "deci') and None,
    "an event less": lambda bag: (bag / LOG).write_bytes(b"".join((bag / LOG).read_bytes().splitlines(True)[:-1])),
    "an edited event": lambda bag: flip(bag / LOG),
    "no log": lambda bag: (bag / LOG).unlink(),
    "no bag": shutil.rmtree,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_bag_that_was_changed_does_not_grow(small_bag, change):
    bag = small_bag()
    CHANGES[change](bag)
    there = {path: path.read_bytes() for path in bag.rglob("*") if path.is_file()}
    with pytest.raises(RestorationError, match="tape-1"):
        grow(bag, "decision", **DECISION)
    assert {path: path.read_bytes() for path in bag.rglob("*") if path.is_file()} == there


def test_nobody_signs_what_somebody_else_appended(small_bag, signer, use_key, monkeypatch):
    """A consistent tail without a key, bag and all: the archive's next growth refuses to countersign it."""
    use_key(signer)
    bag = small_bag()
    with monkeypatch.context() as patch:
        patch.delenv("RESTORATION_KEY")
        grow(bag, "decision", **DECISION)
    with pytest.raises(BadBag, match=r"events 8 to 8.*nobody has signed"):
        grow(bag, "audit", outcome="whole")
    assert reseal(bag) == []
    (signed,) = reseal(bag, by="Ada", reason="I made this decision on the laptop")
    assert (signed["event"], signed["events"]) == ("countersigning", [8])
    assert check_seals(list(read(bag / LOG))).unsealed == ()
    assert is_whole(bag)


def test_a_forged_journal_is_not_signed(small_bag, signer, use_key):
    """Who can write may leave a journal behind, as if a growth had broken off; nobody signs it unseen."""
    use_key(signer)
    bag = small_bag()
    forged = growth.following(list(read(bag / LOG)), "decision", **DECISION)
    (bag / JOURNAL).write_text(growth.canonical(forged) + "\n")
    with pytest.raises(BadBag, match="nobody has signed"):
        grow(bag, "audit", outcome="whole")


def test_a_journal_that_does_not_follow_is_refused(small_bag):
    bag = small_bag()
    forged = growth.following(list(read(bag / LOG))[:-1], "decision", **DECISION)
    (bag / JOURNAL).write_text(growth.canonical(forged) + "\n")
    with pytest.raises(BrokenRecord, match="does not continue"):
        grow(bag, "audit", outcome="whole")


def test_another_key_does_not_sign(small_bag, signer, use_key):
    use_key(signer)
    bag = small_bag()
    use_key(signer_of(2))
    with pytest.raises(BadKey, match="key change"):
        grow(bag, "decision", **DECISION)
    assert kinds(bag)[-1] == "seal"


def test_a_log_rolled_back_is_found_with_the_register_alone(small_bag, signer, use_key, tmp_path, monkeypatch):
    use_key(signer)
    (tmp_path / "register").mkdir()
    monkeypatch.setenv(heads.HEADS_VARIABLE, str(tmp_path / "register"))
    bag = small_bag()
    shutil.copytree(bag, tmp_path / "earlier" / "tape-1")
    grow(bag, "decision", **DECISION)
    assert heads.check_heads(bag, tmp_path / "register").wrong == ()
    earlier = tmp_path / "earlier" / "tape-1"
    assert is_whole(earlier)
    assert check_seals(list(read(earlier / LOG)), signer.private.public_key()).wrong == ()
    report = heads.check_heads(earlier, tmp_path / "register")
    assert "it was rolled back" in report.wrong[0]
    with pytest.raises(BadBag, match="rolled back"):
        grow(earlier, "audit", outcome="whole")


def test_a_log_made_anew_is_found_with_the_register(small_bag, tmp_path, monkeypatch):
    (tmp_path / "register").mkdir()
    bag = small_bag()
    grow(bag, "decision", **DECISION)
    events = list(read(bag / LOG))
    heads.register(events, tmp_path / "register" / heads.FILE)
    for kept, said in ((6, "made anew"), (0, "another log")):
        log = tmp_path / f"{kept}.jsonl"
        log.write_bytes(b"".join((bag / LOG).read_bytes().splitlines(keepends=True)[:kept]))
        record = Record(log)
        record.append("ingestion", item=events[0]["item"])
        assert any(said in one for one in heads.compare(record.events, tmp_path / "register").wrong)


def test_without_a_register_there_is_a_sentence(small_bag, tmp_path):
    with pytest.raises(RestorationError, match="no register of heads"):
        heads.check_heads(small_bag(), tmp_path)
