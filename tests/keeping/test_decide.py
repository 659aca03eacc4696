"""Decisions of people: who, what, why, and what lay before them."""

import pytest
from typer.testing import CliRunner

from restoration import fixity
from restoration.cli import app
from restoration.deciding import decide
from restoration.decisions import KINDS, REPAIR, BadDecision, Decision
from restoration.errors import BadBag
from restoration.package import LOG
from restoration.provenance.history import history
from restoration.record import read


def decision(**changed):
    return Decision(**{"kind": "treatment approved", "by": "Ada Berg", "reason": "clear", **changed})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != REPAIR])
def test_every_kind_is_kept_with_what_was_seen(small_bag, kind):
    bag = small_bag()
    head = list(read(bag / LOG))[-1]["digest"]
    event = decide(bag, decision(kind=kind, concerns="event/4"))
    assert (event["decision"], event["by"], event["reason"], event["concerns"]) == (
        kind,
        "Ada Berg",
        "clear",
        "event/4",
    )
    seen = ["data/access/tape-1_restored.opus", "data/record/treatment-report.html"]
    assert event["seen"] == {"head": head, "files": {name: fixity.digests(bag / name)["sha256"] for name in seen}}


def test_a_stretch_is_kept_in_seconds(small_bag):
    event = decide(small_bag(), decision(kind="segment unfit", concerns="1.5-3"))
    assert (event["start_s"], event["stop_s"]) == (1.5, 3.0)


def test_the_history_names_the_person(small_bag):
    bag = small_bag()
    decide(bag, decision())
    told = history(list(read(bag / LOG)))
    assert told.acts[-1].agents[0] == "person/Ada Berg"
    assert told.agents["person/Ada Berg"].kind == "person"


@pytest.mark.parametrize("concerns", ["event/99", "event/0", "3-1", "5-11", "the end", "1-2-3", "-1-2"])
def test_what_is_not_there_cannot_be_decided_on(small_bag, concerns):
    bag = small_bag()
    before = (bag / LOG).read_bytes()
    with pytest.raises(BadDecision):
        decide(bag, decision(concerns=concerns))
    assert (bag / LOG).read_bytes() == before


@pytest.mark.parametrize("changed", [{"kind": "liked"}, {"by": " "}, {"reason": ""}])
def test_a_decision_says_kind_name_and_reason(changed):
    with pytest.raises(BadDecision):
        decision(**changed)


def test_nobody_decides_by_a_file_that_was_changed(small_bag):
    """Of the same size, so that only reading it tells."""
    bag = small_bag()
    place = bag / "data/access/tape-1_restored.opus"
    place.write_bytes(place.read_bytes().swapcase())
    with pytest.raises(BadBag, match=r"restored\.opus is not the file that was packed"):
        decide(bag, decision())


def test_the_command(small_bag):
    bag = small_bag()
    arguments = ["decide", str(bag), "--kind", "take rejected", "--by", "Ada", "--reason", "a cough"]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    assert "event 7, take rejected, by Ada" in told.output


@pytest.mark.slow
def test_run_says_who_chose_the_recipe_and_seals_once(manifest, folder, signer, use_key, monkeypatch):
    """A real item, packed with a key: packing and seal stand once each, also when the end was broken off twice."""
    from restoration import batch, derive, package
    from restoration.restore import restore

    use_key(signer)
    chosen = batch.recipe_chosen("Ada Berg", "it is a broadcast")
    (order,) = batch.plan(batch.Request(manifest, folder, chosen=chosen)).orders.values()
    for broken_at in ("write_exports", "seal"):
        broken_off_once(monkeypatch, broken_at, order)
    bag = restore(order)
    events = list(read(bag / LOG))
    kinds = [event["event"] for event in events]
    assert kinds[:3] == ["ingestion", "decision", "fixity check"]
    assert kinds[-4:] == ["fixity check", "derivation", "packing", "seal"]
    assert (kinds.count("packing"), kinds.count("seal")) == (1, 1)
    assert (events[1]["decision"], events[1]["by"], events[1]["seen"]["head"]) == (
        "recipe chosen", "Ada Berg", events[0]["digest"]
    )  # fmt: skip
    report = events[-3]
    assert (report["role"], report["parameters"]["upto"]) == ("treatment report", report["sequence"] - 1)
    assert report["sha256"] == fixity.digests(bag / report["file"])["sha256"]
    assert decide(bag, decision(concerns=f"event/{report['sequence']}"))["event"] == "decision"
    assert package.is_sealed(bag, order.key)
    grown = list(read(bag / LOG))
    before = derive.events_before_report(grown)
    assert (len(before), before[-1]["digest"]) == (report["parameters"]["upto"], report["parameters"]["head"])
    assert before == derive.events_before_report(events) != grown


def broken_off_once(monkeypatch, name, order):
    """A run that a full disk stops at one of its last writes."""
    from restoration import growth, package
    from restoration.restore import restore

    def full(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(growth if name == "write_exports" else package, name, full)
        with pytest.raises(OSError, match="full"):
            restore(order)
    assert not order.bag.exists()
