import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.tape import TapeAgeing, worn_disc, worn_tape

RATE = 48000


def level_dbfs(samples: np.ndarray) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64))))


def partial_dbfs(samples: np.ndarray, hz: float) -> float:
    turns = np.exp(-2j * np.pi * hz * np.arange(samples.size) / RATE)
    return 10 * np.log10(2 * abs(np.mean(samples * turns)) ** 2)


@pytest.fixture(scope="module")
def ten_seconds(reading: Audio) -> Audio:
    return Audio(np.ascontiguousarray(reading.samples[:, : 10 * RATE]), RATE)


def test_no_ageing_leaves_the_sound_as_it_was(ten_seconds: Audio) -> None:
    assert np.array_equal(age(ten_seconds, TapeAgeing(seed=1)).audio.samples, ten_seconds.samples)


@pytest.mark.parametrize("snr_db", [10.0, 25.0])
def test_the_signal_to_noise_ratio_is_the_one_asked_for(ten_seconds: Audio, snr_db: float) -> None:
    aged = age(ten_seconds, TapeAgeing(seed=1, gain_db=-6.0, hiss_snr_db=snr_db))
    programme = ten_seconds.samples * 10 ** (-6 / 20)
    assert level_dbfs(programme) - level_dbfs(aged.audio.samples - programme) == pytest.approx(snr_db, abs=0.1)
    assert aged.facts["hiss_dbfs"] == pytest.approx(level_dbfs(programme) - snr_db, abs=0.01)


def test_hum_comes_at_its_level_on_top_of_speech(ten_seconds: Audio) -> None:
    aged = age(ten_seconds, TapeAgeing(seed=2, hum_hz=60.0, hum_dbfs=-35.0, hum_harmonics=1))
    assert partial_dbfs(aged.audio.samples[0], 60.0) == pytest.approx(-35.0, abs=0.5)


def test_rumble_and_offset_come_as_asked(ten_seconds: Audio) -> None:
    aged = age(ten_seconds, TapeAgeing(seed=3, rumble_dbfs=-40.0, dc_offset=0.01))
    added = aged.audio.samples - ten_seconds.samples
    assert added.mean() == pytest.approx(0.01, abs=0.001)
    assert level_dbfs(added - added.mean()) == pytest.approx(-40.0, abs=0.5)


def test_clicks_are_where_the_facts_say(ten_seconds: Audio) -> None:
    aged = age(ten_seconds, TapeAgeing(seed=4, clicks_per_s=5.0, click_dbfs=-12.0))
    added = np.abs(aged.audio.samples - ten_seconds.samples)[0]
    first = np.flatnonzero(added > 1e-6)
    assert set(aged.facts["click_frames"]) <= set(first.tolist())
    assert 20 <= len(aged.facts["click_frames"]) <= 80


def test_the_band_is_limited_on_the_programme_and_not_on_the_hiss() -> None:
    white = Audio((np.random.default_rng(1).standard_normal((1, 20 * RATE)) * 0.05).astype(np.float32), RATE)
    aged = age(white, TapeAgeing(seed=5, bandwidth_hz=4000.0)).audio
    frequencies, before = signal.welch(white.samples[0], RATE, nperseg=4096)
    _, after = signal.welch(aged.samples[0], RATE, nperseg=4096)
    lost_db = 10 * np.log10(before / after)
    assert frequencies[np.flatnonzero(lost_db[5:-5] < 3.0)[-1] + 5] == pytest.approx(4000.0, rel=0.05)
    hissing = age(white, TapeAgeing(seed=5, bandwidth_hz=4000.0, hiss_snr_db=20.0)).audio
    _, power = signal.welch(hissing.samples[0], RATE, nperseg=4096)
    top = (frequencies > 12000) & (frequencies < 20000)
    # All of the top is hiss: 20 dB below a programme that had kept a sixth of its power.
    assert 10 * np.log10(power[top].mean() / before[top].mean()) == pytest.approx(-20 + 10 * np.log10(1 / 6), abs=1.0)


@pytest.mark.parametrize("carrier", [worn_tape, worn_disc])
def test_a_seed_repeats_and_another_differs(ten_seconds: Audio, carrier) -> None:
    once, again, other = (age(ten_seconds, carrier(seed)) for seed in (7, 7, 8))
    assert np.array_equal(once.audio.samples, again.audio.samples)
    assert once.facts == again.facts
    assert np.abs(once.audio.samples - other.audio.samples).max() > 0.01
    assert np.isfinite(once.audio.samples).all()
    assert once.audio.samples.shape == ten_seconds.samples.shape


def test_one_fault_more_leaves_the_others_as_they_were(ten_seconds: Audio) -> None:
    few = TapeAgeing(seed=9, hiss_snr_db=20.0, clicks_per_s=2.0)
    many = replace(few, hum_dbfs=-40.0, rumble_dbfs=-50.0)
    fewer, more = age(ten_seconds, few), age(ten_seconds, many)
    assert fewer.facts["click_frames"] == more.facts["click_frames"]
    alone = age(ten_seconds, TapeAgeing(seed=9, hum_dbfs=-40.0, rumble_dbfs=-50.0)).audio.samples - ten_seconds.samples
    assert np.allclose(more.audio.samples - fewer.audio.samples, alone, atol=1e-6)


def test_faults_draw_independently_of_each_other(ten_seconds: Audio) -> None:
    hiss, rumble = (
        (age(ten_seconds, ageing).audio.samples - ten_seconds.samples)[0]
        for ageing in (TapeAgeing(seed=9, hiss_snr_db=10.0), TapeAgeing(seed=9, rumble_dbfs=-30.0, rumble_hz=2000.0))
    )
    likeness = signal.correlate(hiss, rumble, mode="full") / np.sqrt(np.sum(hiss**2.0) * np.sum(rumble**2.0))
    assert np.abs(likeness).max() < 0.05


def test_the_facts_are_json_and_tell_every_parameter(ten_seconds: Audio) -> None:
    aged = age(ten_seconds, worn_disc(1))
    assert json.loads(json.dumps(aged.facts)) == aged.facts
    assert aged.facts["bandwidth_hz"] == worn_disc(1).bandwidth_hz
    assert aged.facts["sways"][0]["hz"] == pytest.approx(1.3)


def test_the_curve_of_a_worn_tape_is_that_of_its_sound() -> None:
    times_s = np.arange(4 * RATE) / RATE
    tone = Audio((0.5 * np.sin(2 * np.pi * 1000 * times_s)).astype(np.float32)[None], RATE)
    ageing = TapeAgeing(seed=11, wow_percent=0.3, wow_hz=0.9, flutter_percent=0.1)
    aged = age(tone, ageing)
    expected = 0.5 * np.sin(2 * np.pi * 1000 * aged.clean_time_s(times_s))
    assert np.abs(aged.audio.samples[0] - expected)[2000:-2000].max() < 1e-3


def test_overload_is_clipped_and_counted(ten_seconds: Audio) -> None:
    aged = age(ten_seconds, TapeAgeing(seed=1, gain_db=12.0))
    assert np.abs(aged.audio.samples).max() == 1.0
    assert aged.facts["clipped_samples"] == np.count_nonzero(
        np.abs(ten_seconds.samples.astype(np.float64)) * 10**0.6 > 1
    )


@pytest.mark.parametrize("frames", [1, 10, 480])
@pytest.mark.parametrize("sample_rate", [8000, 192000])
def test_very_short_and_silent_recordings_stay_whole(frames: int, sample_rate: int) -> None:
    aged = age(Audio(np.zeros((2, frames), dtype=np.float32), sample_rate), worn_tape(1))
    assert aged.audio.samples.shape == (2, frames)
    assert np.isfinite(aged.audio.samples).all()


@pytest.mark.parametrize(
    "wrong",
    [{"wow_percent": -1.0}, {"bandwidth_hz": 0.0}, {"hum_harmonics": 0}, {"dc_offset": 1.0}, {"clicks_per_s": -2}],
)
def test_impossible_parameters_are_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TapeAgeing(seed=1, **wrong)
