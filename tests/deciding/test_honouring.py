"""The next run honours what people decided: once, by the log alone, and with the older bag kept."""

import pytest

from restoration import package
from restoration.auditing.audit import Wish, audit
from restoration.decisions import CARRIED
from restoration.replaying.rebuilding import replay

SPARED = {"start_s": 1.0, "stop_s": 1.5}


def overruled(shelf, name, **what):
    return {"kind": "finding overruled", "event": shelf.step(name)["sequence"], **what}


CHANGES = {
    "another hum": ("remove_hum", {"findings": {"hum_hz": 50.2}}),
    "another gain": ("set_level", {"findings": {"gain_db": -6.0}}),
    "spared": ("remove_clicks", {"spared": [SPARED]}),
    "left out": ("remove_clicks", {"needed": False}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_decided_is_done_once_told_and_replayed(shelf, name, tmp_path):
    step, what = CHANGES[name]
    older = shelf.events
    assert shelf.decide(overruled(shelf, step, **what)).added
    decision = shelf.events[-1]
    assert shelf.plan().pending == ("tape-0001",)
    shelf.run()
    events = shelf.events
    (carried,) = [event for event in events if event.get(CARRIED)]
    assert carried[CARRIED]["event"] == decision["digest"]
    assert carried[CARRIED]["head"] == decision["digest"]
    assert (carried["by"], carried["reason"]) == ("Ada Berg", "I heard it")
    told = shelf.step(step)["overruled"]
    assert told["decisions"] == [carried["sequence"]]
    for finding, value in what.get("findings", {}).items():
        assert told["to"][finding] == value == shelf.step(step)["findings"][finding]
        assert told["measured"][finding] == next(e for e in older if e.get("name") == step)["findings"][finding]
    assert told["spared"] == what.get("spared", [])
    assert "Ada Berg: I heard it" in shelf.step(step)["reason"]
    assert [len(list(package.payload_files(bag))) > 0 for bag in shelf.aside] == [True]
    assert shelf.plan().done == ("tape-0001",)
    before = events[-1]["digest"]
    shelf.run()
    assert shelf.events[-1]["digest"] == before
    found = replay(shelf.bag, tmp_path / "again")
    assert {one.outcome for one in found.items} == {"bit-exact"}, [one.sentence for one in found.items]
    assert not audit(shelf.bag, Wish()).of("fault")
