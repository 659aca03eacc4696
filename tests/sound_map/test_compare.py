"""The map of one step: what was added is generated, what was taken lowers confidence, what was left is sure."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from restoration.audio import Recording, Writer
from restoration.sound_map import confidence
from restoration.sound_map.compare import STEP_PLANES, Doing, compare, planes_of
from restoration.sound_map.grid import Grid

RATE = 48_000


@pytest.fixture
def mapped(tmp_path):
    def of(source, result, doing):
        with Writer(tmp_path / "map") as written:
            compare(source, result, doing, written)
        map_ = written.recording
        return planes_of(map_, STEP_PLANES, 0, map_.frames)

    return of


def noise(seconds, seed=1, rate=RATE):
    return np.random.default_rng(seed).normal(0, 0.05, round(seconds * rate))


def band_of(sound, low_hz, high_hz, rate=RATE):
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(sound.size, 1 / rate)
    return np.fft.irfft(np.where((hz >= low_hz) & (hz < high_hz), spectrum, 0), sound.size)


def test_a_generated_band_is_generated_and_the_recorded_one_is_not(recording_of, mapped):
    recorded, made = band_of(noise(2), 0, 4_000), band_of(noise(2, seed=2), 4_500, 8_900)
    generated, sure = mapped(recording_of(recorded, RATE), recording_of(recorded + made, RATE), Doing(True))
    centres = np.array(Grid(RATE).centres_hz)
    inside = (centres > 5_500) & (centres < 8_500)
    assert generated[inside][:, 2:-2].min() > 0.99
    assert generated[centres < 3_500].max() < 0.01
    assert np.allclose(sure, 1 - generated)


@pytest.mark.parametrize("db", [-20.0, -6.0, 0.0, 6.0])
def test_the_generated_share_is_one_of_energy(recording_of, mapped, db):
    recorded, made = noise(20), noise(20, seed=2) * 10 ** (db / 20)
    generated, _ = mapped(recording_of(recorded, RATE), recording_of(recorded + made, RATE), Doing(True))
    wanted = 10 ** (db / 10) / (1 + 10 ** (db / 10))
    assert generated[15:, 2:-2].mean() == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("generates", [True, False])
def test_where_nothing_was_changed_all_is_recorded(recording_of, mapped, generates):
    before = noise(3)
    after = before.copy()
    after[60_000:62_000] = 0.01
    generated, sure = mapped(recording_of(before, RATE), recording_of(after, RATE), Doing(generates))
    touched = np.flatnonzero((sure < 1).any(axis=0))
    assert touched.min() >= 60_000 // 2_400 - 1
    assert touched.max() <= 62_000 // 2_400 + 1
    untouched = np.setdiff1d(np.arange(60), np.arange(touched.min(), touched.max() + 1))
    assert not generated[:, untouched].any()
    assert generated.any() == generates


def test_a_step_may_say_where_it_generated(recording_of, mapped):
    before = noise(3)
    after = before.copy()
    after[24_000:26_400] *= 2  # lifted
    after[96_000:98_400] = noise(0.05, seed=3)  # filled
    lifted, filled = ({"start": start, "stop": start + 2_400} for start in (24_000, 96_000))
    findings = {"holes": [{**lifted, "mended": "lift"}, {**filled, "mended": "fill"}]}
    generated, _ = mapped(recording_of(before, RATE), recording_of(after, RATE), Doing.by(True, findings, RATE))
    assert set(np.flatnonzero(generated.any(axis=0))) <= {39, 40, 41}
    assert generated[10:, 40].mean() > 0.5
    assert Doing.by(True, {"holes": []}, RATE).generated_at(np.arange(5.0)).tolist() == [False] * 5


def test_silence_is_neither_generated_nor_doubtful(recording_of, mapped):
    silent = recording_of(np.zeros((2, RATE)), RATE)
    for generates in (True, False):
        generated, sure = mapped(silent, silent, Doing(generates))
        assert not generated.any()
        assert (sure == 1).all()


def test_confidence_is_read_from_the_calibration(recording_of, mapped):
    """A cell 12 dB down, treated by nine tenths of the network's result."""
    sound = noise(4)
    findings = {"sections": [{"start_s": 0.0, "share": 0.9}, {"start_s": 2.0, "share": 0.6}]}
    _, sure = mapped(recording_of(sound, RATE), recording_of(0.25 * sound, RATE), Doing.by(False, findings, RATE))
    band_db = np.log10(np.diff(Grid(RATE).edges_hz) / (RATE / 2)) * 10
    for columns, mixed in ((slice(2, 38), 0.9), (slice(42, 78), 0.6)):
        wanted = confidence.load().of(mixed, band_db, 20 * np.log10(0.25))
        assert np.abs(sure[15:22, columns].mean(axis=1) - wanted[15:22]).max() < 0.02


def test_above_the_calibrated_band_nothing_is_surer_than_at_its_end(recording_of, mapped):
    """The calibration was made at 16 kHz."""
    before, after = band_of(noise(2), 0, 24_000), band_of(noise(2), 8_000, 24_000)
    _, sure = mapped(recording_of(before, RATE), recording_of(after, RATE), Doing(False))
    centres = np.array(Grid(RATE).centres_hz)
    assert sure[centres > 9_000][:, 2:-2].max() <= sure[centres < 7_000][-1, 2:-2].max() < 0.3


def test_confidence_does_not_depend_on_the_gain(recording_of, mapped):
    before, after = noise(2), noise(2) * np.linspace(0.1, 1, 2 * RATE)
    maps = [mapped(recording_of(g * before, RATE), recording_of(g * after, RATE), Doing(False)) for g in (1.0, 0.01)]
    assert np.abs(maps[0] - maps[1]).max() < 0.01


@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("frames", [1, 399, 20_001])
def test_any_rate_length_and_block_give_the_same_map(recording_of, mapped, rate, frames):
    draw = np.random.default_rng(5)
    before, after = (recording_of(draw.normal(0, 0.1, (2, frames)), rate) for _ in range(2))
    for doing in (Doing(True), Doing(False)):
        planes = mapped(before, after, doing)
        assert planes.shape == (2, Grid(rate).bands, Grid(rate).columns(frames))
        assert planes.min() >= 0
        assert planes.max() <= 1
        assert np.array_equal(planes, mapped(before.with_blocks(777), after.with_blocks(1_000), doing))


def test_sounds_of_two_lengths_are_refused(recording_of, mapped):
    with pytest.raises(ValueError, match="time axis"):
        mapped(recording_of(noise(1), RATE), recording_of(noise(1.1), RATE), Doing(True))


def test_a_map_costs_little(tmp_path, recording_of):
    """Less than a hundredth of the sound's duration."""
    before, after = recording_of(noise(30), RATE), recording_of(noise(30, seed=2), RATE)
    for doing in (Doing(True), Doing(False)):
        begun = time.process_time()
        with Writer(tmp_path / "map") as written:
            compare(before, after, doing, written)
        assert time.process_time() - begun < 0.3


def test_memory_does_not_grow_with_the_length(tmp_path):
    """Twenty minutes at 48 kHz (a file of holes): nothing near the 230 MB of the sound is ever held."""
    frames = 1_200 * RATE
    path = tmp_path / "long.f32"
    with path.open("wb") as file:
        file.truncate(frames * 4)
    long = Recording(path, RATE, 1, frames, "")
    tracemalloc.start()
    with Writer(tmp_path / "map") as written:
        compare(long, long, Doing(True), written)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written.recording.frames == 24_000
    assert most < 40e6
