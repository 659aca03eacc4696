"""Steps become longer before sound runs out: reckoned, not timed, so that it holds on any machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restoration.voice.pace import CHUNKS_MS, LEAST_RESERVE_MS, WIDEN_AT, Pace

LOOKAHEAD_S = 0.072


def late_steps(pace, cost_s, seconds=30.0):
    """How many steps are ready later than they are to be played; ``cost_s(number)`` is what computing one takes."""
    heard_s = LOOKAHEAD_S
    played_s = pace.chunk_ms / 1000 + LOOKAHEAD_S + pace.reserve_ms / 1000
    free_s, late, number = 0.0, 0, 0
    while heard_s < seconds:
        step_s = pace.chunk_ms / 1000
        heard_s += step_s
        free_s = max(free_s, heard_s) + cost_s(number)
        if free_s > played_s:
            late += 1
            played_s = free_s
        played_s += step_s
        if change := pace.took(cost_s(number)):
            played_s += change.pause_ms / 1000
        number += 1
    return late


def rehearsed(cost_s):
    pace = Pace(CHUNKS_MS[0])
    pace.rehearse([cost_s] * 6)
    return pace


@pytest.mark.parametrize("first_s", [0.005, 0.02, 0.035, 0.06])
@pytest.mark.parametrize("growth_s", [0.0, 0.0002, 0.001, 0.002])
def test_a_machine_that_grows_slow_makes_longer_steps_and_no_underrun(first_s, growth_s):
    """Up to what the longest steps can bear; then it grows no slower."""
    pace = rehearsed(first_s)
    most_s = WIDEN_AT * CHUNKS_MS[-1] / 1000 - 0.01
    assert late_steps(pace, lambda step: min(most_s, first_s + growth_s * max(0, step - 20))) == 0
    if growth_s >= 0.001:
        assert pace.chunk_ms > CHUNKS_MS[1]


def test_without_longer_steps_it_would_run_dry():
    pace = rehearsed(0.02)
    pace.took = lambda seconds: None
    assert late_steps(pace, lambda step: min(0.17, 0.02 + 0.001 * step)) > 0


@given(st.lists(st.floats(0.001, 0.9 * LEAST_RESERVE_MS / 1000), min_size=1, max_size=40))
def test_whatever_a_step_takes_within_the_reserve_is_not_heard(costs):
    """Steps that are over before the next begins may take what they like of the reserve, in any order."""
    pace = rehearsed(0.03)
    assert late_steps(pace, lambda step: costs[step % len(costs)], seconds=10.0) == 0


def test_a_slow_machine_is_fitted_before_anything_is_heard():
    pace = Pace(CHUNKS_MS[0])
    told = pace.rehearse([0.08] * 6)
    assert pace.chunk_ms == 128
    assert pace.reserve_ms == pytest.approx(120)
    assert [line.split(": ")[1] for line in told] == ["96 ms long from now", "128 ms long from now"]


def test_one_slow_step_among_many_changes_nothing_and_two_the_reserve_alone():
    pace = rehearsed(0.02)
    for _ in range(20):
        assert pace.took(0.02) is None
    assert pace.took(0.052) is None
    change = pace.took(0.052)
    assert change is not None
    assert pace.chunk_ms == CHUNKS_MS[0]
    assert change.pause_ms == pytest.approx(78 - 60)
