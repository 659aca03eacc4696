"""Recipes: whatever is written wrongly is said before any sound is read."""

import pytest

from restoration.errors import BadRecipe
from restoration.recipe import about, load_recipe, parse_recipe, recipe_names, step_kind, step_names

GOOD = {"purpose": "Try.", "step": [{"name": "remove_dc"}]}


def with_step(**step):
    return GOOD | {"step": [step]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (with_step(name="remove_hmu"), "there is no step 'remove_hmu'; did you mean 'remove_hum'"),
        (with_step(name="remove_hum", mains=50), "has no parameter 'mains'; did you mean 'mains_hz'"),
        (with_step(name="remove_hum", mains_hz="fifty"), "mains_hz: Input should be a valid number"),
        (with_step(mains_hz=50), "number 1 has no name"),
        ({"step": [{"name": "remove_dc"}]}, "says what it is for"),
        (GOOD | {"setp": []}, "did you mean 'step'"),
        (GOOD | {"step": []}, "at least one"),
        (GOOD | {"access": {"target_lufs": "loud"}}, "target_lufs"),
        (GOOD | {"speech": {"max_speaker": 2}}, "did you mean 'max_speakers'"),
    ],
)
def test_a_wrong_recipe_gives_a_sentence(content, message):
    with pytest.raises(BadRecipe, match=message):
        parse_recipe(content, "try", "try.toml")


def test_an_unknown_recipe_is_guessed_at():
    with pytest.raises(BadRecipe, match="did you mean 'broadcast_tape'"):
        load_recipe("broadcast_tap")


def test_a_recipe_that_is_not_toml(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("purpose = ", encoding="utf-8")
    with pytest.raises(BadRecipe, match="is not TOML"):
        load_recipe(str(path))


@pytest.mark.parametrize("name", recipe_names())
def test_the_recipes_that_ship_can_be_followed(name):
    recipe = load_recipe(name)
    assert recipe.steps
    assert recipe.purpose.endswith(".")


def test_the_named_recipes_ship():
    assert {"broadcast_tape", "gramophone_disc", "cylinder", "gentle"} <= set(recipe_names())


def test_gentle_generates_nothing():
    assert {type(step).generates for _, step in load_recipe("gentle").steps} == {"nothing"}


def test_the_digest_follows_the_content():
    one = parse_recipe(with_step(name="remove_hum", mains_hz=50), "try", "")
    same = parse_recipe(with_step(name="remove_hum", mains_hz=50.0), "try", "")
    other = parse_recipe(with_step(name="remove_hum", mains_hz=60), "try", "")
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize("name", step_names())
def test_every_file_among_the_steps_is_a_step(name):
    assert step_kind(name).__module__ == f"restoration.steps.{name}"
    assert about(name).endswith(".")
