import numpy as np
import pytest

from restoration.simulate.dropouts import Dropouts
from restoration.simulate.level import speech_level
from restoration.simulate.noise_reduction import Mistracking
from restoration.simulate.splices import LevelSteps, Splices, cut_frames
from tests.simulate.measured import RATE, applied, drawn_by, level_dbfs, noise, tone


@pytest.mark.parametrize("per_s", [0.2, 3.0])
def test_dropouts_are_as_many_as_asked(per_s: float) -> None:
    drawn = drawn_by(Dropouts(per_s=per_s), np.zeros((1, 200 * RATE)))
    assert len(drawn["starts"]) == pytest.approx(200 * per_s, abs=4 * np.sqrt(200 * per_s))
    assert max(drawn["depths_db"]) <= 25
    assert min(drawn["durations_ms"]) >= 3


def test_a_dropout_is_as_deep_and_as_long_as_asked_and_twice_as_deep_in_the_treble() -> None:
    fault = Dropouts(per_s=0.3, depth_db=(12.0, 12.0), duration_ms=(200.0, 200.0), treble=2.0)
    starts = np.array(drawn_by(fault, np.zeros((1, 20 * RATE)))["starts"])
    alone = starts[np.min(np.abs(starts[:, None] - starts) + 1e9 * np.eye(starts.size), axis=1) > 0.3 * RATE]
    alone = alone[alone < 19.5 * RATE]
    assert alone.size >= 2
    for hz, depth_db, within_db in ((100, 12.0, 1.0), (20000, 24.0, 4.0)):
        sound = tone(hz, 20)
        dropped = applied(fault, sound)
        for start in alone:
            middle = slice(start + round(0.05 * RATE), start + round(0.15 * RATE))
            assert level_dbfs(sound[:, middle]) - level_dbfs(dropped[:, middle]) == pytest.approx(
                depth_db, abs=within_db
            )
            fallen = np.flatnonzero(np.abs(dropped - sound)[0, start - 4800 : start + 14400] > 1e-3)
            assert np.ptp(fallen) / RATE == pytest.approx(0.2, abs=0.02)


def test_dropouts_of_one_track_leave_the_other() -> None:
    stereo = noise(60, channels=2)
    dropped = applied(Dropouts(per_s=2.0, shared=0.0), stereo) != stereo
    assert dropped[0].any()
    assert dropped[1].any()
    shared = applied(Dropouts(per_s=2.0, shared=1.0, treble=1.0), np.ones((2, 60 * RATE)))
    assert np.array_equal(shared[0], shared[1])


def test_splices_and_level_steps_of_one_seed_fall_together() -> None:
    cut = drawn_by(Splices(per_min=10.0, cuts=5), noise(60))
    stepped = drawn_by(LevelSteps(per_min=10.0, cuts=5), noise(60))
    assert cut["starts"] == stepped["starts"] == cut_frames(60 * RATE, RATE, 10.0, 5)
    assert cut["starts"] != cut_frames(60 * RATE, RATE, 10.0, 6)
    counts = [len(cut_frames(60 * RATE, RATE, 10.0, cuts)) for cuts in range(200)]
    assert np.mean(counts) == pytest.approx(10, abs=1)


def test_the_level_steps_where_it_says_and_by_how_much() -> None:
    fault = LevelSteps(per_min=6.0, cuts=2, spread_db=5.0)
    drawn, stepped = drawn_by(fault, np.ones((1, 60 * RATE))), applied(fault, np.ones((1, 60 * RATE)))[0]
    assert np.flatnonzero(np.diff(stepped)).tolist() == [start - 1 for start in drawn["starts"]]
    assert [20 * np.log10(stepped[start]) for start in drawn["starts"]] == pytest.approx(drawn["levels_db"])
    assert stepped[0] == 1.0


def test_a_splice_is_a_gap_and_a_tick() -> None:
    fault = Splices(per_min=6.0, cuts=2, gap_ms=(5.0, 5.0), tick_db=12.0)
    sound = tone(300, 60)
    spliced = applied(fault, sound)
    level = speech_level(sound, RATE)
    for start in drawn_by(fault, sound)["starts"]:
        gap = spliced[0, start + 48 : start + 240 - 48]
        assert np.abs(gap).max() < 1e-6
        tick = (spliced - sound)[0, start + 240 : start + 480]
        assert np.abs(tick).max() == pytest.approx(level * 10**0.6, rel=1e-6)
        assert np.array_equal(spliced[0, start + 2400 : start + 4800], sound[0, start + 2400 : start + 4800])
    without = applied(Splices(per_min=6.0, cuts=2, gap_ms=(0.0, 0.0), tick_db=None), sound)
    assert np.array_equal(without, sound)


@pytest.mark.parametrize(("quiet_db", "loud_db"), [(10.0, 0.0), (-6.0, 2.0)])
def test_an_undecoded_tape_is_too_bright_where_it_is_quiet(quiet_db: float, loud_db: float) -> None:
    fault = Mistracking(above_hz=1000.0, quiet_db=quiet_db, loud_db=loud_db)
    # Five seconds each: the quiet end does not count for the speech level.
    treble = np.concatenate([tone(12000, 5), 0.003 * tone(12000, 2)], axis=1)
    bass = np.concatenate([tone(60, 5), 0.003 * tone(60, 2)], axis=1)
    for sound, share in ((treble, 1.0), (bass, 0.0)):
        error_db = [
            level_dbfs(applied(fault, sound)[:, part]) - level_dbfs(sound[:, part])
            for part in (slice(RATE, 4 * RATE), slice(6 * RATE, None))
        ]
        assert error_db == pytest.approx([share * loud_db, share * quiet_db], abs=0.7)


def test_a_tape_of_dbx_errs_over_the_whole_band() -> None:
    fault = Mistracking(above_hz=None, quiet_db=6.0, loud_db=0.0)
    sound = np.concatenate([tone(60, 5), 0.003 * tone(60, 2)], axis=1)
    assert level_dbfs(applied(fault, sound)[:, 6 * RATE :]) - level_dbfs(sound[:, 6 * RATE :]) == pytest.approx(
        6, abs=0.3
    )
