"""The recipe that the log gives back is the recipe that was carried out: it has the same digest."""

from __future__ import annotations

import json
import tomllib

from hypothesis import given, settings
from hypothesis import strategies as some

from restoration.provenance.history import history
from restoration.provenance.recipe_text import recipe_text
from restoration.recipe import load_recipe, parse_recipe, recipe_names
from restoration.record import Event, read
from restoration.turn import Turn


def log_of(recipe, **step) -> list[Event]:
    """The events that tell of a recipe, as ``restore`` writes them."""
    from dataclasses import asdict

    about = {name: getattr(recipe, name) for name in ("name", "purpose", "version", "digest")}
    events = [{"event": "ingestion", "item": {}, "software": {}, "recipe": {**about, "access": asdict(recipe.access)}}]
    for position, (name, one) in enumerate(recipe.steps, start=1):
        turn = Turn(position, name, one)
        events.append(
            {"event": "step", **turn.description(), "source": "a", "result": "a", "outcome": "left out", **step}
        )
    events.append({"event": "segmentation", "source": "a", "parameters": asdict(recipe.speech)})
    return [{**json.loads(json.dumps(e)), "sequence": n, "digest": "", "time": ""} for n, e in enumerate(events, 1)]


def again(events):
    return parse_recipe(tomllib.loads(recipe_text(history(events))), events[0]["recipe"]["name"], "the recipe again")


def test_the_recipe_of_a_real_bag(bag):
    events = list(read(bag / "data" / "record" / "events.jsonl"))
    assert again(events).digest == events[0]["recipe"]["digest"]


def test_every_recipe_that_ships():
    assert len(recipe_names()) > 3
    for name in recipe_names():
        recipe = load_recipe(name)
        assert again(log_of(recipe)) == recipe


def test_access_and_speech_are_the_recipes_own():
    content = {
        "purpose": "Try “quotes”, \\ and \x7f.",
        "step": [{"name": "equalise", "bands": [{"kind": "highpass", "frequency_hz": 60.0}]}],
        "speech": {"min_pause_s": 0.75},
        "access": {"target_lufs": -16.0},
    }
    recipe = parse_recipe(content, "own", "")
    assert again(log_of(recipe)) == recipe


def test_the_step_that_brings_the_rate_back_is_not_in_the_recipe():
    written = {"purpose": "Try.", "step": [{"name": "resample", "sample_rate": 48000}, {"name": "remove_dc"}]}
    carried_out = {**written, "step": [*written["step"], {"name": "resample", "sample_rate": 44100}]}
    assert again(log_of(parse_recipe(carried_out, "r", ""))) == parse_recipe(written, "r", "")


def test_a_step_that_failed_and_was_tried_again_is_one_step():
    recipe = load_recipe("gentle")
    events = log_of(recipe)
    failed = [{**event, "outcome": "failed"} for event in events if event["event"] == "step"]
    assert again([events[0], *failed, *events[1:]]) == recipe


@settings(max_examples=60, deadline=None)
@given(
    some.dictionaries(
        some.text(max_size=8),
        some.recursive(
            some.booleans()
            | some.integers(-(2**53), 2**53)
            | some.floats(allow_nan=False, allow_infinity=False)
            | some.text(some.characters(exclude_categories=["Cs"]), max_size=20),
            lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
            max_leaves=8,
        ),
        max_size=5,
    )
)
def test_any_parameters_come_back_as_they_were(parameters):
    parameters = {name: value for name, value in parameters.items() if name.isprintable()}
    parameters.pop("name", None)
    step = {"event": "step", "name": "x", "position": 1, "parameters": parameters, "source": "a", "result": "a",
            "sequence": 1, "digest": "", "time": "", "outcome": "left out"}  # fmt: skip
    (found,) = tomllib.loads(recipe_text(history([step])))["step"]
    assert found == {"name": "x", **parameters}
