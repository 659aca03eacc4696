"""The rules, one by one: what is admissible, what wins, and that each sentence says why."""

import pytest

from restoration.choosing import verdict
from restoration.choosing.candidates import AS_IT_IS, Candidate
from restoration.choosing.carriers import family_of
from restoration.choosing.limits import Rules
from restoration.recipe import load_recipe, recipe_names

NO_WISHES = Rules()
NOTHING_DONE = {
    "noise_gain_db": 0.0,
    "noise_fell_db": 0.0,
    "voice_lost_db": 0.0,
    "voice_lost_at_hz": None,
    "typical_loss_db": 0.0,
}


@pytest.fixture
def decide(monkeypatch, totals_with):
    """Standings by name, of candidates given by what is particular about their totals; a string is a failure."""

    def of(rules=NO_WISHES, **figures):
        totals = {AS_IT_IS: totals_with(**NOTHING_DONE)}
        totals |= {name: totals_with(**own) for name, own in figures.items() if not isinstance(own, str)}
        failures = {name: own for name, own in figures.items() if isinstance(own, str)}
        monkeypatch.setattr(verdict, "totals_of", lambda candidate, excerpt_s: totals[candidate.name])
        names = [AS_IT_IS, *figures]
        candidates = [Candidate(name, "For voices.", (), failures.get(name, "")) for name in names]
        standings = verdict.decide(candidates, [12.0], rules)
        assert [standing.chosen for standing in standings] == [True] + [False] * (len(names) - 1)
        assert all(standing.sentence.endswith(".") for standing in standings)
        return {standing.name: standing for standing in standings}

    return of


def chosen(standings):
    return next(iter(standings))


def test_the_greatest_gain_wins(decide):
    found = decide(mild={"noise_gain_db": 5.0}, strong={"noise_gain_db": 9.0})
    assert chosen(found) == "strong"
    assert "4.0 dB less than strong" in found["mild"].sentence


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ({"voice_lost_db": 3.2, "voice_lost_at_hz": 4000.0}, "lost 3.2 dB around 4 kHz"),
        ({"eaten_share": 0.07}, "7 % of the places"),
        ({"follows_voice": 0.8, "typical_loss_db": 1.4}, "comes and goes with the voice"),
        ({"clicks_per_s_after": 5.0}, "adds 4.5 clicks a second"),
        ({"clipped_share_after": 0.004}, "clips 0.4 %"),
    ],
)
def test_what_harms_is_not_admissible_whatever_it_gains(decide, harm, said):
    found = decide(mild={"noise_gain_db": 5.0}, harmful={"noise_gain_db": 20.0} | harm)
    assert chosen(found) == "mild"
    assert not found["harmful"].admissible
    assert said in found["harmful"].sentence


def test_a_removal_that_follows_the_voice_and_takes_nothing_of_it_is_admissible(decide):
    assert decide(fine={"follows_voice": 0.9, "typical_loss_db": 0.4})["fine"].admissible


def test_a_recipe_that_failed_says_how(decide):
    found = decide(broken="step limit: needs pedalboard.", mild={})
    assert chosen(found) == "mild"
    assert found["broken"].sentence == "Not admissible: it failed: step limit: needs pedalboard."


def test_what_gains_little_leaves_the_recording_as_it_is(decide):
    found = decide(small={"noise_gain_db": 3.0})
    assert chosen(found) == AS_IT_IS
    assert "3.0 dB" in found["small"].sentence
    assert chosen(decide(more={"noise_gain_db": 3.1})) == "more"


def test_where_nothing_is_admissible_the_recording_is_left(decide):
    found = decide(harmful={"voice_lost_db": 9.0})
    assert chosen(found) == AS_IT_IS
    assert found[AS_IT_IS].sentence == "No recipe is admissible."


def test_generating_is_refused_only_where_it_is_not_allowed(decide):
    figures = {"wide": {"noise_gain_db": 14.0, "generates": ("band",)}, "plain": {}}
    assert chosen(decide(**figures)) == "wide"
    found = decide(Rules(faithful=True), **figures)
    assert chosen(found) == "plain"
    assert "nothing may be generated" in found["wide"].sentence


def test_among_equals_the_carrier_decides_then_what_is_not_generated_then_the_voice(decide):
    figures = {
        "cylinder": {"typical_loss_db": 0.1},
        "tape_restoration": {"typical_loss_db": 0.9, "noise_gain_db": 9.2},
        "wide": {"generates": ("band",), "typical_loss_db": 0.0, "noise_gain_db": 10.1},
    }
    found = decide(Rules(carrier="magnetic tape"), **figures)
    assert chosen(found) == "tape_restoration"
    assert "made for the carrier (magnetic tape)" in found["cylinder"].sentence
    found = decide(**figures)
    assert chosen(found) == "cylinder"
    assert "generates nothing" in found["wide"].sentence
    assert "0.80 dB less from the voice" in found["tape_restoration"].sentence
    assert "The carrier is not known" in found["cylinder"].sentence


def test_the_carrier_goes_before_what_is_generated(decide):
    figures = {"cylinder": {}, "tape_restoration": {"generates": ("band",)}}
    assert chosen(decide(Rules(carrier="magnetic tape"), **figures)) == "tape_restoration"
    assert chosen(decide(Rules(faithful=True, carrier="magnetic tape"), **figures)) == "cylinder"


def test_a_carrier_does_not_outweigh_a_gain_that_is_heard(decide):
    found = decide(Rules(carrier="magnetic tape"), tape={"noise_gain_db": 8.0}, cylinder={"noise_gain_db": 9.5})
    assert chosen(found) == "cylinder"


@pytest.mark.parametrize(
    ("carrier", "family"),
    [
        ("quarter-inch open-reel audio", "tape"),
        ("compact cassette", "tape"),
        ("lacquer disc", "disc"),
        ("wax cylinder", "cylinder"),
        ("compact disc", None),
        ("MiniDisc", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_the_family_of_a_carrier(carrier, family):
    assert family_of(carrier) == family


def test_the_shipped_recipes_are_for_the_carriers_they_are_called_after():
    recipes = [load_recipe(name) for name in recipe_names()]
    families = {recipe.name: family_of(f"{recipe.name} {recipe.purpose}") for recipe in recipes}
    assert families == {"broadcast_tape": "tape", "cylinder": "cylinder", "gentle": None, "gramophone_disc": "disc"}
