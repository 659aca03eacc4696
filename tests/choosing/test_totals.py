"""From figures of excerpts to totals: means of what is gained, the worst of what is lost, gains taken out."""

import pytest

from restoration.choosing.candidates import Candidate, Trial
from restoration.choosing.figures import Figures
from restoration.choosing.totals import totals_of

CONDITION = {"clicks_per_s": 0.0, "clipped_share": 0.0, "hum_dbfs": None}


def figures(**own):
    same = {
        "noise_fell_db": 10.0,
        "snr_before_db": 20.0,
        "snr_after_db": 30.0,
        "voice_lost_db": 0.0,
        "voice_lost_at_hz": None,
        "typical_loss_db": 0.0,
        "eaten_share": 0.0,
        "follows_voice": None,
        "gain_db": 0.0,
        "before": CONDITION,
        "after": CONDITION,
    }
    return Figures(**(same | own))


def totals(*found):
    trials = tuple(Trial(figures=each, seconds=float(count)) for count, each in enumerate(found, start=1))
    return totals_of(Candidate("mine", "For voices.", trials), [10.0] * len(found))


def test_gains_are_means_and_losses_the_worst():
    found = totals(figures(), figures(snr_after_db=24.0, voice_lost_db=2.0, voice_lost_at_hz=500.0, eaten_share=0.1))
    assert found.noise_gain_db == pytest.approx(7.0)
    assert (found.voice_lost_db, found.voice_lost_at_hz, found.eaten_share) == (2.0, 500.0, 0.1)
    assert found.real_time_factor == pytest.approx(0.15)


@pytest.mark.parametrize(("before", "after", "gain"), [(20.0, 30.0, 10.0), (30.0, 60.0, 5.0), (40.0, 60.0, 0.0)])
def test_noise_that_nobody_hears_is_no_gain_when_it_goes(before, after, gain):
    assert totals(figures(snr_before_db=before, snr_after_db=after)).benefit_db == pytest.approx(gain)


def test_half_the_clicks_count_three_decibels_from_a_few_on():
    many, half = CONDITION | {"clicks_per_s": 80.0}, CONDITION | {"clicks_per_s": 40.0}
    assert totals(figures(before=many, after=half)).clicks_gain_db == pytest.approx(3.0, abs=0.2)
    few = CONDITION | {"clicks_per_s": 0.4}
    assert totals(figures(before=few)).clicks_gain_db < 0.6


def test_hum_that_was_made_louder_with_everything_is_no_louder_hum():
    before, after = CONDITION | {"hum_dbfs": -60.0}, CONDITION | {"hum_dbfs": -54.0}
    assert totals(figures(before=before, after=after, gain_db=6.0)).hum_dbfs_after == pytest.approx(-60.0)
