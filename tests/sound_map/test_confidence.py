"""Confidence is what it says: on held-out speech of other seeds, that share of the energy is the programme's."""

from __future__ import annotations

import numpy as np
import pytest

from restoration import weights
from restoration.sound_map import confidence
from restoration.training.map_calibration import MIXED, Cells, calibrated, cells_of, held_out_clips, tenths

SHIPPED = confidence.load()


def test_the_calibration_belongs_to_the_network_that_ships():
    """Where this fails a new denoiser came in: run ``python -m restoration.training.map_calibration``."""
    assert weights.sha256_on_disk((SHIPPED.about["model"],)) == {SHIPPED.about["model"]: SHIPPED.about["weights"]}


@pytest.mark.parametrize("mixed", np.linspace(0.0, 1.0, 12))
def test_who_keeps_more_is_surer(mixed):
    kept_db = np.linspace(-70, 10, 400)
    for level_db in np.linspace(-70, 10, 12):
        sure = SHIPPED.of(mixed, level_db, kept_db)
        assert (np.diff(sure) >= -1e-3).all()
        assert sure.min() >= 0
        assert sure.max() <= 1


def test_a_loud_cell_that_was_left_is_the_voice_and_a_quiet_one_less_so():
    assert SHIPPED.of(0.9, 0.0, 0.0) > 0.95
    assert SHIPPED.of(0.9, -30.0, 0.0) < SHIPPED.of(0.9, -10.0, 0.0)
    assert SHIPPED.of(0.9, -10.0, -19.0) < 0.3


def test_what_a_network_left_is_told_from_the_mixture():
    left_db = np.array([-20.0, -6.0, 0.0])
    for mixed in (0.3, 0.9, 1.0):
        kept_db = 20 * np.log10((1 - mixed) + mixed * 10 ** (left_db / 20))
        assert confidence.left_by_network_db(kept_db, mixed) == pytest.approx(left_db, abs=1e-9)


def test_the_fit_finds_what_the_cells_follow():
    """Cells whose programme's share follows the function itself, with a spread around it."""
    draw = np.random.default_rng(1)
    count = 60_000
    kept_db, level_db = draw.uniform(-40, 0, count), draw.uniform(-60, -10, count)
    mixed = draw.choice(MIXED, count)
    wanted = confidence.Calibration((0.5, 0.6, 3.0, 0.4, -0.2), {})
    truth = wanted.of(mixed, level_db, kept_db) + draw.normal(0, 0.1, count)
    found = calibrated(iter([Cells(mixed, level_db, kept_db, truth)]), {})
    assert found.weights == pytest.approx(wanted.weights, abs=0.1)
    assert found.about["cells"] == count


@pytest.fixture(scope="module")
def cells(corpus, tmp_path_factory):
    """Of eighty held-out pairs that the calibration has not seen."""
    clips = held_out_clips(corpus, tmp_path_factory.mktemp("held-out"))
    parts = list(cells_of(clips, pairs=80, seed=SHIPPED.about["seed"] + 2))
    return Cells(*(np.concatenate(column) for column in zip(*parts, strict=True)))


@pytest.mark.slow
@pytest.mark.parametrize("mixed", MIXED)
def test_confidence_is_calibrated_on_other_pairs(cells, mixed):
    """In every tenth of the range what is said and what came true differ by less than 0.14."""
    here = Cells(*(column[cells.mixed == mixed] for column in cells))
    found = tenths(SHIPPED, here)
    assert len(found) >= 8
    for tenth in found:
        assert tenth.said == pytest.approx(tenth.true, abs=0.14)
    said = SHIPPED.of(here.mixed, here.level_db, here.kept_db)
    assert np.corrcoef(said, here.truth)[0, 1] > 0.7
