"""Laws of the history, on the log of a real bag and on what may follow it."""

from __future__ import annotations

import shutil

import pytest

from restoration.provenance.digital_source_type import CAPTURED, COMPOSITE, ENHANCED, FROM_WEAK_TO_STRONG, SYNTHETIC
from restoration.provenance.history import MAKING, history
from restoration.record import Record, canonical, read


@pytest.fixture
def record(bag, tmp_path):
    """A copy of the log of a real bag, which may grow."""
    return Record(shutil.copy(bag / "data" / "record" / "events.jsonl", tmp_path / "events.jsonl"))


@pytest.fixture(scope="module")
def events(bag):
    return list(read(bag / "data" / "record" / "events.jsonl"))


def test_every_event_becomes_one_act(events):
    acts = history(events).acts
    assert [act.digest for act in acts] == [event["digest"] for event in events]
    assert [act.identifier for act in acts] == [f"event/{number}" for number in range(1, len(events) + 1)]
    assert all(act.event == event for act, event in zip(acts, events, strict=True))


def test_every_act_has_an_agent_that_is_known(events):
    told = history(events)
    assert all(act.agents and set(act.agents) <= set(told.agents) for act in told.acts)
    assert {name for act in told.acts for name in act.agents} == set(told.agents)


def test_every_source_and_result_is_a_known_thing_and_none_is_an_orphan(events):
    told = history(events)
    named = {name for act in told.acts for name in (*act.sources, *act.results, *act.used)}
    assert all(act.sources for act in told.acts)
    assert named | {told.package} == set(told.things)


def test_one_statement_for_each_making_act(events):
    told = history(events)
    making = [act for act in told.acts if act.kind in MAKING]
    assert len(told.statements()) == len(making) > 10
    for act in making:
        (one,) = (said for said in told.statements() if said.result == act.results[0] and said.step == act.name)
        assert (one.parameters, one.source) == (canonical(act.parameters), act.sources[0])
        assert one.digests == tuple(sorted((act.event.get("weights") or {}).values()))


def test_sounds_follow_on_each_other_from_the_master_to_the_files(events):
    """Every file but the master leads back to it by sources alone."""
    told = history(events)
    made_of = {result: act.sources[0] for act in told.acts for result in act.results if result != act.sources[0]}
    (master,) = (name for name in told.things if name.startswith("data/master/"))
    for thing in told.things.values():
        if thing.kind not in ("file", "sound"):
            continue
        name = thing.identifier
        for _ in told.acts:
            name = made_of.get(name, name)
        assert name == master


def test_the_strongest_source_type_is_carried_along(events):
    told = history(events)
    classes = [
        told.things[act.results[0]].facts["digital_source_type"]
        for act in told.acts
        if act.kind in ("extraction", "step")
    ]
    assert classes[0] == CAPTURED
    assert classes == sorted(classes, key=FROM_WEAK_TO_STRONG.index)
    generates = {event["generates"] for event in events if event["event"] == "step"}
    assert generates == {"nothing", "gap"}
    assert set(classes) == {CAPTURED, ENHANCED, COMPOSITE}


def test_no_later_step_weakens_a_generated_voice(record):
    last = [event for event in record.events if event["event"] == "step"][-1]
    voice, level = "a" * 64, "b" * 64
    about = {"name": "lend_voice", "parameters": {}, "findings": {}, "weights": {}, "outcome": "treated", "reason": ""}
    record.append("step", **about, source=last["result"], result=voice, generates="voice")
    record.append("step", **about, source=voice, result=level, generates="nothing")
    things = history(record.events).things
    assert things[f"sound/{level}"].facts["digital_source_type"] == SYNTHETIC


def test_a_failed_step_has_a_source_and_no_result(record):
    last = [event for event in record.events if event["event"] == "step"][-1]
    before = history(record.events).statements()
    failed = {**last, "outcome": "failed", "reason": "set_level: the sound is silent", "source": last["result"]}
    fields = {name: failed[name] for name in failed if name not in ("event", "sequence", "time", "previous", "digest")}
    record.append("step", **fields)
    told = history(record.events)
    act = told.acts[-1]
    assert (act.outcome, act.sources, act.results) == ("failed", (f"sound/{last['result']}",), ())
    assert told.statements() == before


def test_a_step_left_out_has_the_same_sound_for_both(events):
    acts = [act for act in history(events).acts if act.outcome == "left out"]
    assert acts
    assert all(act.sources == act.results for act in acts)


def test_a_file_that_was_exchanged_does_not_take_the_masters_name(record):
    known = record.find("fixity check")
    found = {"sha256": "0" * 64, "md5": "0" * 32}
    record.append(
        "fixity check", when="audit", file=known["file"], expected=known["found"], found=found, outcome="mismatch"
    )
    told = history(record.events)
    (master,) = told.acts[-1].sources
    assert told.things[master].sha256 == known["found"]["sha256"]


def test_who_decided_is_an_agent_beside_the_software(record):
    record.append("decision", by="A. Karimova", reason="The hum belongs to the room.")
    act = history(record.events).acts[-1]
    assert [name.split("/")[0] for name in act.agents] == ["person", "software"]
    assert act.detail == "The hum belongs to the room."


def test_the_same_log_gives_the_same_history(events):
    assert history(events) == history(list(events))
