"""Means, standard errors and differences in pairs, on figures that can be worked out by hand."""

import pytest

from restoration.benchmark.figures import Ledger
from restoration.benchmark.rows import Row
from restoration.benchmark.scores import MEASURES
from restoration.benchmark.tables import text_of


def row(system, part, clip, degradation, pesq, error=""):
    scores = {} if error else {"pesq": pesq, "lsd": -pesq}
    where = {"degradation": degradation, "family": degradation, "level_db": None, "seed": 1, "version": "1"}
    cost = {"cpu_s": 1.0, "rtf": 0.1 * pesq, "peak_mb": 10.0 * pesq}
    key = f"{system} {clip} {degradation}"
    return Row(
        key=key, clip=clip, clip_sha256=clip, system=system, part=part, scores=scores, error=error, **where, **cost
    )


@pytest.fixture
def ledger():
    scores = {
        ("ours", "recipe"): {"easy": (4.0, 3.0), "hard": (2.2, 1.0)},
        ("good", "peer"): {"easy": (3.9, 2.8), "hard": (2.0, 0.8)},
        ("poor", "peer"): {"easy": (3.0, 2.0), "hard": (1.5, 0.5)},
    }
    return Ledger(
        [
            row(system, part, clip, degradation, pesq)
            for (system, part), clips in scores.items()
            for clip, pair in clips.items()
            for degradation, pesq in zip(("hum", "hiss"), pair, strict=True)
        ]
    )


def test_a_clip_counts_once_whatever_was_done_to_it(ledger):
    figure = ledger.figure("ours", "pesq", ["hum", "hiss"])
    # The clips' means are 3.5 and 1.6.
    assert figure.mean == pytest.approx(2.55)
    assert figure.standard_error == pytest.approx(0.95)
    assert figure.count == 2


def test_what_makes_a_clip_hard_for_both_is_no_part_of_the_difference(ledger):
    difference = ledger.difference("ours", "good", MEASURES["pesq"], ["hum", "hiss"])
    assert difference.mean == pytest.approx(0.175)
    assert difference.standard_error == pytest.approx(0.025)
    assert difference.is_plain


def test_better_is_above_nothing_where_lower_is_better_as_well(ledger):
    # The distances were made as the opposite of PESQ, so that ours are the lowest.
    assert ledger.difference("ours", "good", MEASURES["lsd"], ["hum"]).mean == pytest.approx(0.15)
    assert ledger.best_peer(MEASURES["lsd"], ["hum"]) == "good"


def test_the_best_peer_is_the_best_of_those_that_did_not_fail(ledger):
    assert ledger.best_peer(MEASURES["pesq"], ["hum"]) == "good"
    failed = Ledger(
        [*(r for r in ledger.rows if r.key != "good hard hum"), row("good", "peer", "hard", "hum", 0, "died")]
    )
    assert failed.best_peer(MEASURES["pesq"], ["hum"]) == "poor"
    assert [row.system for row in failed.failures] == ["good"]
    (comparison,) = failed.comparisons("pesq", ["hum"])
    assert (comparison.recipe, comparison.peer) == ("ours", "poor")


def test_cost_is_the_middle_of_the_time_and_the_most_of_the_memory(ledger):
    cost = ledger.cost("ours")
    assert cost.rtf == pytest.approx(0.26)
    assert cost.peak_mb == pytest.approx(40.0)


def test_a_system_without_rows_has_no_figure(ledger):
    assert ledger.figure("absent", "pesq", ["hum"]) is None
    assert ledger.cost("absent") is None
    assert text_of(None, 2) == "–"


def test_one_clip_has_no_standard_error(ledger):
    alone = Ledger([each for each in ledger.rows if each.clip == "easy"])
    assert text_of(alone.figure("ours", "pesq", ["hum"]), 2) == "4.00"
    assert text_of(ledger.figure("ours", "pesq", ["hum"]), 2, signed=True) == "+3.10 ±0.90"


def test_a_clip_that_lacks_a_degradation_is_in_no_mean_over_it(ledger):
    fewer = Ledger([each for each in ledger.rows if each.key != "ours hard hiss"])
    assert fewer.figure("ours", "pesq", ["hum", "hiss"]).count == 1
    assert fewer.figure("ours", "pesq", ["hum"]).count == 2
