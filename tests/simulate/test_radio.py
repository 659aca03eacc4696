import numpy as np
import pytest

from restoration.simulate.level import rms, speech_level
from restoration.simulate.radio import Fading, Static, Whistle, draw_radio

RATE = 16000


def tone(hz: float, seconds: float = 4.0, peak: float = 0.5) -> np.ndarray:
    return peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)[None]


def levels_db(sound: np.ndarray, hz: float, step: int) -> np.ndarray:
    """Level of the partial at ``hz`` from step to step."""
    turned = sound[0] * np.exp(-2j * np.pi * hz * np.arange(sound.shape[1]) / RATE)
    return 20 * np.log10(2 * np.abs(turned[: turned.size // step * step].reshape(-1, step).mean(axis=1)) + 1e-12)


def test_one_path_does_not_fade():
    voice = tone(300)
    heard, _ = Fading(second=0, flat_db=0).apply(voice, RATE, np.random.default_rng(1))
    assert heard == pytest.approx(voice, abs=1e-9)


def test_two_paths_without_delay_change_the_level_and_nothing_else():
    voice = tone(300, 20)
    heard, _ = Fading(second=0.9, delay_ms=0, turns_hz=0.5, flat_db=0).apply(voice, RATE, np.random.default_rng(1))
    first, second = levels_db(heard, 300, RATE // 10), levels_db(heard, 600, RATE // 10)
    assert np.ptp(first) > 3
    assert (second - first).max() < -35


def test_a_late_path_distorts_where_the_carrier_fades():
    voice = tone(300, 20)
    fading = Fading(second=0.95, delay_ms=1.0, turns_hz=0.5, modulation=0.9, flat_db=0)
    heard, _ = fading.apply(voice, RATE, np.random.default_rng(1))
    distortion_db = levels_db(heard, 600, RATE // 20) - levels_db(heard, 300, RATE // 20)
    assert np.quantile(distortion_db, 0.95) > -10
    assert np.quantile(distortion_db, 0.3) < -20


def test_a_late_path_takes_some_frequencies_away_and_leaves_others():
    voice = tone(100, 60, 0.05) + tone(500, 60, 0.05)
    fading = Fading(second=0.7, delay_ms=1.0, turns_hz=0.2, modulation=0.2, flat_db=0)
    heard, _ = fading.apply(voice, RATE, np.random.default_rng(1))
    low, high = levels_db(heard, 100, RATE // 10), levels_db(heard, 500, RATE // 10)
    # Half a turn at 500 Hz is 1 ms: where the carriers agree, the side bands cancel.
    assert np.ptp(high - low) > 8


def test_fades_come_as_often_as_asked():
    voice = tone(300, 100)
    fading = Fading(second=0.9, delay_ms=0, turns_hz=0.3, flat_db=0)
    heard, _ = fading.apply(voice, RATE, np.random.default_rng(1))
    level = levels_db(heard, 300, RATE // 10)
    spectrum = np.abs(np.fft.rfft((level - level.mean()) * np.hanning(level.size)))
    hz = np.fft.rfftfreq(level.size, 0.1)
    assert hz[np.argmax(spectrum)] == pytest.approx(0.3, abs=0.15)


def test_static_is_as_loud_as_asked_between_its_crashes():
    voice = tone(300, 20)
    heard, drawn = Static(snr_db=15, crashes_per_s=0.3, crash_db=30).apply(voice, RATE, np.random.default_rng(1))
    noise = (heard - voice)[0].reshape(-1, RATE // 50)
    levels = np.sqrt((noise**2).mean(axis=1))
    assert 20 * np.log10(speech_level(voice, RATE) / np.median(levels)) == pytest.approx(15, abs=0.5)
    assert len(drawn["crash_frames"]) >= 2
    for start in drawn["crash_frames"]:
        frame = start // (RATE // 50)
        assert 20 * np.log10(levels[frame : frame + 2].max() / np.median(levels)) > 15


def test_crashes_are_as_frequent_as_asked():
    _, drawn = Static(snr_db=15, crashes_per_s=5).apply(tone(300, 60), RATE, np.random.default_rng(1))
    assert len(drawn["crash_frames"]) == pytest.approx(300, abs=60)


@pytest.mark.parametrize("wander_hz", [0.0, 30.0])
def test_a_whistle_has_its_level_and_stays_near_its_frequency(wander_hz):
    voice = tone(300, 60)
    whistle = Whistle(hz=2000, snr_db=12, wander_hz=wander_hz, wander_s=2, swell_db=0)
    added = (whistle.apply(voice, RATE, np.random.default_rng(1))[0] - voice)[0]
    assert 20 * np.log10(speech_level(voice, RATE) / rms(added)) == pytest.approx(12, abs=0.1)
    power = np.abs(np.fft.rfft(added)) ** 2
    hz = np.fft.rfftfreq(added.size, 1 / RATE)
    middle = np.sum(hz * power) / power.sum()
    spread = np.sqrt(np.sum((hz - middle) ** 2 * power) / power.sum())
    assert middle == pytest.approx(2000, abs=1 + wander_hz / 3)
    assert spread == pytest.approx(0.7 * wander_hz, abs=1 + 0.3 * wander_hz)


def test_a_whistle_above_half_the_rate_is_not_heard():
    voice = tone(300)
    assert np.array_equal(Whistle(hz=9000, snr_db=0).apply(voice, RATE, np.random.default_rng(1))[0], voice)


def test_drawn_receptions_end_with_the_band_of_the_receiver():
    for seed in range(60):
        chain = draw_radio(np.random.default_rng(seed))
        assert type(chain[-1]).__name__ == "BandLimit"
        assert 3500 <= chain[-1].high_hz <= 9000
