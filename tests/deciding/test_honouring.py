"""The next run honours what people decided: once, by the log alone, and with the older bag kept."""

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from restoration import batch, honouring, package, restore
from restoration.auditing.audit import Wish, audit
from restoration.cli import app
from restoration.decisions import CARRIED, review_state
from restoration.errors import RestorationError
from restoration.replaying.differing import difference
from restoration.replaying.rebuilding import replay

SPARED = {"start_s": 1.0, "stop_s": 1.5}
CHANGES = {
    "another hum": ("remove_hum", {"findings": {"hum_hz": 50.2}}),
    "another gain": ("set_level", {"findings": {"gain_db": -6.0}}),
    "spared": ("remove_clicks", {"spared": [SPARED]}),
    "left out": ("remove_clicks", {"needed": False}),
}


def overruled(shelf, name, **what):
    return {"kind": "finding overruled", "event": shelf.step(name)["sequence"], **what}


def carried(shelf):
    return [event for event in shelf.events if event.get(CARRIED)]


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_decided_is_done_once_told_and_replayed(shelf, name, tmp_path):
    step, what = CHANGES[name]
    older = {event.get("name"): event for event in shelf.events}
    assert shelf.decide(overruled(shelf, step, **what)).added
    decision = shelf.events[-1]
    assert shelf.plan().pending == ("tape-0001",)
    shelf.run()
    (taken,) = carried(shelf)
    assert (taken[CARRIED]["event"], taken[CARRIED]["head"]) == (decision["digest"], decision["digest"])
    assert (taken["by"], taken["reason"]) == ("Ada Berg", "I heard it")
    told = shelf.step(step)["overruled"]
    assert (told["decisions"], told["spared"]) == ([taken["sequence"]], what.get("spared", []))
    for finding, value in what.get("findings", {}).items():
        assert told["to"][finding] == value == shelf.step(step)["findings"][finding]
        assert told["measured"][finding] == older[step]["findings"][finding]
    assert "Ada Berg: I heard it" in shelf.step(step)["reason"]
    assert shelf.step(step)["result"] != older[step]["result"]
    assert [bag.name for bag in shelf.aside] == ["tape-0001-1"]
    before = shelf.events[-1]["digest"]
    assert shelf.plan().done == ("tape-0001",)
    shelf.run()
    assert shelf.events[-1]["digest"] == before
    found = replay(shelf.bag, tmp_path / "again", block_frames=50_000)
    assert {one.outcome for one in found.items} == {"bit-exact"}, [one.sentence for one in found.items]
    assert not audit(shelf.bag, Wish()).of("fault")


def restored(bag):
    (place,) = (bag / "data" / "restored").glob("*_restored.wav")
    return soundfile.read(place, dtype="int32", always_2d=True)[0]


def test_outside_of_what_is_spared_the_sound_is_as_it_was(shelf):
    """The last step: what differs is the spared stretch and the fades beside it, and the dither of the file."""
    shelf.decide(overruled(shelf, "set_level", spared=[SPARED]))
    shelf.run()
    older, newer = restored(shelf.aside[0]), restored(shelf.bag)
    fade = round(0.005 * 48000)
    near = slice(48000 - fade, 72000 + fade)
    apart = np.abs(older.astype(np.int64) - newer)
    assert apart[near].max() > 2**20
    apart[near] = 0
    assert apart.max() <= 3 * 256


def test_an_approval_of_the_older_treatment_is_none_of_the_new_one(shelf):
    shelf.decide(overruled(shelf, "set_level", needed=False), {"kind": "treatment approved"})
    assert review_state(shelf.events).state == "approved"
    shelf.run()
    assert (review_state(shelf.events).state, review_state(shelf.events).changes) == ("waiting", ())
    shelf.decide({"kind": "treatment approved"})
    assert review_state(shelf.events).state == "approved"
    assert shelf.plan().done == ("tape-0001",)


def test_sent_back_without_a_change_is_not_restored_again(shelf):
    shelf.decide({"kind": "treatment sent back", "start_s": 1.0, "stop_s": 2.0})
    assert shelf.plan().done == ("tape-0001",)
    told = CliRunner().invoke(app, ["status", str(shelf.out), "--json"])
    (item,) = json.loads(told.stdout)
    assert (item["review"], item["reviewed_by"], item["changes"]) == ("sent_back", "Ada Berg", 0)


def test_decisions_add_up_over_several_treatments(shelf):
    shelf.decide(overruled(shelf, "remove_clicks", spared=[SPARED]))
    shelf.run()
    unfit = {"kind": "segment unfit", "start_s": 3.0, "stop_s": 4.0}
    shelf.decide(overruled(shelf, "remove_clicks", spared=[{"start_s": 1.4, "stop_s": 2.0}]), unfit)
    shelf.run()
    assert shelf.step("remove_clicks")["overruled"]["spared"] == [{"start_s": 1.0, "stop_s": 2.0}]
    assert [event["decision"] for event in carried(shelf)] == ["finding overruled"] * 2 + ["segment unfit"]
    assert len(shelf.aside) == 2
    assert not audit(shelf.bag, Wish()).of("fault")
    shelf.decide(overruled(shelf, "remove_clicks", spared=[]))
    shelf.run()
    assert shelf.step("remove_clicks")["overruled"]["spared"] == []


def test_what_is_decided_as_it_already_is_changes_nothing(shelf):
    shelf.decide(overruled(shelf, "set_level", findings={"gain_db": -6.0}))
    shelf.run()
    shelf.decide(overruled(shelf, "set_level", findings={"gain_db": -6.0}))
    assert shelf.plan().done == ("tape-0001",)


def test_a_step_that_was_left_out_is_carried_out_again(shelf):
    for needed, outcome in ((False, "left out"), (True, "treated")):
        shelf.decide(overruled(shelf, "remove_dc", needed=needed))
        shelf.run()
        assert shelf.step("remove_dc")["outcome"] == outcome
    assert len(shelf.step("remove_dc")["overruled"]["decisions"]) == 2


@pytest.mark.parametrize("killed_at", ["set_aside", "replace"])
def test_killed_while_the_bags_change_places_the_next_run_finishes(shelf, monkeypatch, killed_at):
    """Before the older one is set aside, and between that and the new one taking its place."""
    shelf.decide(overruled(shelf, "set_level", needed=False))
    moved = package.set_aside

    def killed(bag, folder):
        if killed_at == "replace":
            moved(bag, folder)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(honouring.package, "set_aside", killed)
        with pytest.raises(KeyboardInterrupt):
            shelf.run()
    assert shelf.bag.exists() == (killed_at == "set_aside")
    assert shelf.plan().pending == ("tape-0001",)
    shelf.run()
    assert shelf.step("set_level")["outcome"] == "left out"
    assert (len(carried(shelf)), len(shelf.aside), shelf.plan().done) == (1, 1, ("tape-0001",))
    assert not audit(shelf.bag, Wish()).of("fault")


def test_killed_before_the_first_step_nothing_is_carried_twice(shelf, monkeypatch):
    shelf.decide(overruled(shelf, "set_level", needed=False))

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(restore, "condition", killed)
        with pytest.raises(KeyboardInterrupt):
            shelf.run()
    assert review_state(shelf.events).changes
    shelf.run()
    assert len(carried(shelf)) == 1


def test_what_is_decided_meanwhile_is_not_lost(shelf, monkeypatch):
    """A decision on the older bag, while the new one is at work: the run says so, and the next honours both."""
    shelf.decide(overruled(shelf, "set_level", needed=False))
    place = restore.move_into_place

    def decided_meanwhile(order, bag):
        shelf.decide(overruled(shelf, "remove_clicks", needed=False))
        place(order, bag)

    with monkeypatch.context() as patch:
        patch.setattr(restore, "move_into_place", decided_meanwhile)
        with pytest.raises(RestorationError, match="more was decided while"):
            shelf.run()
    shelf.run()
    assert [shelf.step(name)["outcome"] for name in ("set_level", "remove_clicks")] == ["left out"] * 2


def test_a_new_recipe_takes_over_what_still_applies(shelf):
    """A recipe that changed is refused; with --again its bag is set aside, and what was decided holds where it can."""
    shelf.decide(overruled(shelf, "set_level", needed=False), overruled(shelf, "remove_clicks", spared=[SPARED]))
    recipe = shelf.manifest.parent.parent / "small.toml"
    text = recipe.read_text(encoding="utf-8")
    try:
        recipe.write_text(text.replace('name = "remove_clicks"', 'name = "remove_rumble"'), encoding="utf-8")
        plan = shelf.plan()
        assert "already holds another treatment" in plan.refused["tape-0001"]
        restore.restore(batch.set_aside(plan).orders["tape-0001"])
    finally:
        recipe.write_text(text, encoding="utf-8")
    assert shelf.step("set_level")["outcome"] == "left out"
    assert [event["step"]["name"] for event in carried(shelf)] == ["set_level"]


def test_the_difference_of_two_treatments_names_what_was_decided(shelf):
    shelf.decide(overruled(shelf, "set_level", findings={"gain_db": -6.0}))
    shelf.run()
    (step,) = [one for one in difference(shelf.aside[0], shelf.bag).steps if one.name == "set_level"]
    assert step.findings["gain_db"][1] == -6.0
