import numpy as np
import pytest

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.level import speech_level
from restoration.simulate.telephone import CarbonMicrophone, Companding, RelayClicks, Tone, draw_telephone

RATE = 16000
NO_DRAW = np.random.default_rng(0)


def tone(hz: float, seconds: float = 2.0, peak: float = 0.5) -> np.ndarray:
    return peak * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)[None]


def partial(sound: np.ndarray, hz: float) -> float:
    return 2 * abs(np.mean(sound[0] * np.exp(-2j * np.pi * hz * np.arange(sound.shape[1]) / RATE)))


def quantised(voice: np.ndarray, **fields) -> float:
    """Signal over the noise of quantising, in dB."""
    heard, _ = Companding(**fields).apply(voice, RATE, NO_DRAW)
    return float(10 * np.log10(np.sum(voice**2) / np.sum((heard - voice) ** 2)))


@pytest.mark.parametrize("modulation", [0.1, 0.4])
def test_carbon_has_a_second_harmonic_of_half_its_modulation(modulation):
    heard, _ = CarbonMicrophone(modulation=modulation).apply(tone(200), RATE, NO_DRAW)
    assert partial(heard, 400) / partial(heard, 200) == pytest.approx(modulation / 2, rel=0.15)


def test_carbon_swells_peaks_of_one_sign():
    heard, _ = CarbonMicrophone(modulation=0.5).apply(tone(200), RATE, NO_DRAW)
    assert heard.max() / -heard.min() == pytest.approx((1 + 0.5) / (1 - 0.5), rel=1e-3)
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(np.sqrt(np.mean(tone(200) ** 2)))


@pytest.mark.parametrize("law", ["mu", "a"])
@pytest.mark.parametrize("headroom_db", [10.0, 30.0])
def test_eight_bits_give_the_noise_of_digital_telephony_at_any_level(law, headroom_db):
    voice = 0.1 * np.random.default_rng(1).standard_normal((1, 4 * RATE))
    # 37 to 38 dB in the range of both laws; a normal distribution 10 dB below the ceiling is clipped a little.
    assert quantised(voice, law=law, headroom_db=headroom_db) == pytest.approx(37, abs=3)


def test_a_bit_less_is_six_db_more_noise():
    voice = 0.1 * np.random.default_rng(1).standard_normal((1, 4 * RATE))
    assert quantised(voice, bits=8) - quantised(voice, bits=5) == pytest.approx(18, abs=1.5)


def test_what_is_louder_than_the_ceiling_is_clipped_and_counted():
    voice = tone(200)
    heard, drawn = Companding(headroom_db=0).apply(voice, RATE, NO_DRAW)
    assert np.abs(heard).max() == pytest.approx(speech_level(voice, RATE), rel=1e-6)
    assert drawn["clipped_samples"] == pytest.approx(voice.size / 2, rel=0.05)


def test_a_companded_sound_has_no_more_heights_than_codes():
    heard, _ = Companding(law="a", bits=5).apply(tone(201, 4), RATE, NO_DRAW)
    assert np.unique(np.abs(heard)).size <= 16
    assert np.unique(heard).size > 20


@pytest.mark.parametrize("hz", [(425.0,), (400.0, 450.0)])
def test_a_tone_has_its_level_and_cadence(hz):
    voice = tone(1000, 20)
    fault = Tone(hz=hz, snr_db=10, on_s=0.5, off_s=1.5)
    heard, drawn = fault.apply(voice, RATE, np.random.default_rng(1))
    added = (heard - voice)[0]
    loud = np.abs(added).reshape(-1, RATE // 20).max(axis=1) > 1e-6
    assert loud.mean() == pytest.approx(0.25, abs=0.03)
    begins = np.flatnonzero(np.diff(loud.astype(int)) > 0)
    assert np.diff(begins) == pytest.approx(40, abs=1)
    sounding = added[np.abs(added) > 0]
    level = speech_level(voice, RATE)
    assert 20 * np.log10(level / np.sqrt(np.mean(sounding**2))) == pytest.approx(10, abs=0.4)
    assert 0 <= drawn["begun_s"] <= 2


def test_a_tone_without_a_pause_is_steady():
    voice = tone(1000, 2)
    heard, _ = Tone(hz=(425.0,), snr_db=20, off_s=0).apply(voice, RATE, np.random.default_rng(1))
    added = heard - voice
    assert partial(added, 425) == pytest.approx(np.sqrt(2) * np.sqrt(np.mean(added**2)), rel=1e-3)


def test_relays_click_ten_times_a_second():
    voice = tone(1000, 30)
    heard, drawn = RelayClicks(trains_per_s=0.3, peak_db=0).apply(voice, RATE, np.random.default_rng(2))
    starts = np.array(drawn["click_frames"])
    apart = np.diff(starts)
    assert starts.size > 20
    assert np.mean(np.abs(apart - RATE / 10) <= 1) > 0.6
    clicks = (heard - voice)[0]
    peaks = [np.abs(clicks[start : start + 100]).max() for start in starts]
    assert 20 * np.log10(np.median(peaks) / speech_level(voice, RATE)) == pytest.approx(0, abs=2)
    quiet = np.ones(clicks.size, dtype=bool)
    for start in starts:
        quiet[start : start + RATE // 50] = False
    assert np.abs(clicks[quiet]).max() < 0.02


def test_drawn_calls_keep_the_band_of_the_telephone():
    clean = Audio(np.random.default_rng(1).normal(0, 0.1, (1, 2 * RATE)).astype(np.float32), RATE)
    hz = np.fft.rfftfreq(2 * RATE, 1 / RATE)
    for seed in range(20):
        called = age(clean, draw_telephone(np.random.default_rng(seed)), seed).audio.samples[0]
        power = np.abs(np.fft.rfft(called)) ** 2
        band, above, below = (power[(hz > a) & (hz < b)].mean() for a, b in ((500, 2500), (6500, 8000), (20, 100)))
        assert 10 * np.log10(above / band) < -15
        assert 10 * np.log10(below / band) < -5
