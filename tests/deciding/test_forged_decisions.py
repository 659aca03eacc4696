"""Logs that were written behind the archive's back: nothing in them is honoured, and the audit sees it."""

import shutil

import pytest

from restoration.auditing.audit import Wish, audit
from restoration.deciding_on import problems
from restoration.decision_files import BadDecisionFile
from restoration.decisions import CARRIED, Decision
from restoration.package import LOG
from restoration.record import canonical, digest_of

SPARED = [{"start_s": 1.0, "stop_s": 1.5}]


def overruled(shelf, **what):
    return {"kind": "finding overruled", "event": shelf.step("set_level")["sequence"], **what}


def rewrite(bag, events):
    """Hash the chain anew, as somebody would who wants it to hold."""
    previous = "0" * 64
    for number, event in enumerate(events, start=1):
        event |= {"previous": previous, "sequence": number}
        event.pop("digest", None)
        event["digest"] = previous = digest_of(event)
    (bag / LOG).write_text("".join(canonical(event) + "\n" for event in events), encoding="utf-8")


def step(events):
    return next(event for event in events if event.get("name") == "set_level")


FORGERIES = {
    "the decision is gone": lambda events: events.remove(next(event for event in events if event.get(CARRIED))),
    "the step does not say so": lambda events: step(events).pop("overruled"),
    "another stretch": lambda events: step(events)["overruled"].update(spared=[{"start_s": 1.0, "stop_s": 1.1}]),
    "another decision": lambda events: step(events)["overruled"].update(decisions=[1]),
}


@pytest.fixture(scope="module")
def treated_anew(first_shelf, tmp_path_factory):
    out = tmp_path_factory.mktemp("forged") / "bags"
    shutil.copytree(first_shelf.out, out)
    shelf = type(first_shelf)(first_shelf.manifest, out)
    shelf.decide(overruled(shelf, spared=SPARED))
    shelf.run()
    return shelf


@pytest.mark.parametrize("name", FORGERIES)
def test_the_audit_sees_a_treatment_that_did_something_else(treated_anew, tmp_path, name):
    copy = tmp_path / "tape-0001"
    shutil.copytree(treated_anew.bag, copy)
    events = treated_anew.events
    FORGERIES[name](events)
    rewrite(copy, events)
    assert [one.sentence for one in audit(copy, Wish()).of("fault") if one.check == "decisions"]


def test_a_decision_that_somebody_wrote_into_the_log_is_not_honoured(shelf):
    shelf.decide(overruled(shelf, needed=False))
    events = shelf.events
    events[-1]["by"] = "Somebody else"
    rewrite(shelf.bag, events)
    assert "was changed since" in shelf.plan().refused["tape-0001"]


def test_a_step_that_moves_time_leaves_no_stretch_alone(shelf):
    events = shelf.events
    step(events)["moves_time"] = True
    number = step(events)["sequence"]
    asked = Decision(kind="finding overruled", by="Ada", reason="x", concerns=f"event/{number}", spared=((1.0, 1.5),))
    (told,) = problems(asked, events)
    assert "moves time" in told
    assert "needed: false" in told


def test_nothing_is_written_into_the_log_of_another_item(shelf):
    said = shelf.said({"kind": "treatment approved"})
    shelf.bag.rename(shelf.out / "tape-0002")
    from restoration.decision_files import parse_decisions, write_decisions

    with pytest.raises(BadDecisionFile, match="is that of “tape-0001”"):
        write_decisions(parse_decisions({**said, "identifier": "tape-0002"}, "a test"), shelf.out)
