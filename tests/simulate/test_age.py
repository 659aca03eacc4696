import json

import numpy as np
import pytest

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.chains import CHAINS, draw_tape, worn_disc, worn_tape
from restoration.simulate.clicks import Clicks
from restoration.simulate.clipping import Clipping
from restoration.simulate.converter import ClockJumps
from restoration.simulate.fault import Displacing
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.saturation import Saturation
from restoration.simulate.speed import WowFlutter

RATE = 48000
MANY = 40


@pytest.fixture(scope="module")
def voice(reading: Audio) -> Audio:
    return Audio(np.ascontiguousarray(reading.samples[:, : 4 * RATE]), RATE)


@pytest.fixture(scope="module")
def short(reading: Audio) -> Audio:
    return Audio(np.ascontiguousarray(reading.samples[:, RATE : RATE + RATE // 2]), RATE)


def random_chains(carrier: str) -> list:
    return [CHAINS[carrier](np.random.default_rng(number)) for number in range(MANY)]


def test_no_fault_leaves_the_sound_as_it_was(voice: Audio) -> None:
    aged = age(voice, (), seed=1)
    assert np.array_equal(aged.audio.samples, voice.samples)
    assert np.array_equal(aged.programme.samples, voice.samples)
    assert aged.facts == {"seed": 1, "faults": []}


@pytest.mark.parametrize("chain", [worn_tape(), worn_disc(), draw_tape(np.random.default_rng(5))])
def test_a_seed_repeats_and_another_differs(voice: Audio, chain) -> None:
    once, again, other = (age(voice, chain, seed) for seed in (7, 7, 8))
    assert np.array_equal(once.audio.samples, again.audio.samples)
    assert np.array_equal(once.programme.samples, again.programme.samples)
    assert once.facts == again.facts
    assert np.abs(once.audio.samples - other.audio.samples).max() > 0.003


@pytest.mark.parametrize("carrier", CHAINS)
def test_a_draw_repeats_and_another_differs(carrier: str) -> None:
    assert random_chains(carrier) == random_chains(carrier)
    assert len(set(map(str, random_chains(carrier)))) == MANY


@pytest.mark.parametrize("carrier", CHAINS)
def test_the_programme_is_what_the_chain_gives_without_what_it_adds_and_destroys(short: Audio, carrier: str) -> None:
    for chain in random_chains(carrier):
        kept = [fault for fault in chain if fault.kind not in ("added", "damage")]
        alone = age(short, kept, seed=3).audio.samples
        assert np.abs(age(short, chain, seed=3).programme.samples - alone).max() < 1e-6


def test_one_fault_less_leaves_the_others_as_they_were(voice: Audio) -> None:
    hum, hiss, clicks = Hum(snr_db=60.0, partials=1), Hiss(snr_db=60.0), Clicks(per_s=5.0, peak_db=0.0)
    all_three, two = age(voice, (hum, hiss, clicks), seed=9), age(voice, (hiss, clicks), seed=9)
    assert all_three.facts["faults"][2]["drawn"] == two.facts["faults"][1]["drawn"]
    alone = age(voice, (hum,), seed=9).audio.samples - voice.samples
    # The later faults are as loud as what arrives: a little louder on top of a hum.
    assert np.abs(all_three.audio.samples - two.audio.samples - alone).max() < 0.02 * np.abs(alone).max()


def test_two_faults_of_a_kind_draw_independently(voice: Audio) -> None:
    twice = age(voice, (Hiss(snr_db=20.0), Hiss(snr_db=20.0)), seed=9).audio.samples - voice.samples
    once = age(voice, (Hiss(snr_db=20.0),), seed=9).audio.samples - voice.samples
    assert abs(np.corrcoef(once[0], (twice - once)[0])[0, 1]) < 0.02


@pytest.mark.parametrize("carrier", CHAINS)
def test_the_facts_are_json_and_tell_every_parameter(short: Audio, carrier: str) -> None:
    for chain in random_chains(carrier):
        facts = age(short, chain, seed=1).facts
        assert json.loads(json.dumps(facts)) == facts
        assert [fact["fault"] for fact in facts["faults"]] == [type(fault).__name__ for fault in chain]
        assert all(
            set(fact["parameters"]) == set(vars(fault)) for fact, fault in zip(facts["faults"], chain, strict=True)
        )


@pytest.mark.parametrize("carrier", CHAINS)
@pytest.mark.parametrize(
    ("frames", "channels", "rate"), [(1, 1, 8000), (10, 2, 192000), (480, 3, 16000), (9999, 2, 44100)]
)
def test_every_length_rate_and_number_of_channels_stays_whole(
    carrier: str, frames: int, channels: int, rate: int
) -> None:
    sound = 0.1 * np.random.default_rng(1).standard_normal((channels, frames))
    before = sound.copy()
    for chain in random_chains(carrier):
        for fault in chain:
            result, _ = fault.apply(sound, rate, np.random.default_rng(2))
            assert result.shape == sound.shape
            assert np.isfinite(result).all()
            assert np.isfinite(fault.apply(np.zeros_like(sound), rate, np.random.default_rng(2))[0]).all()
            assert np.array_equal(sound, before), f"{type(fault).__name__} changes its argument"
            assert isinstance(fault, Displacing) == (fault.kind == "time")


def test_clean_times_follow_every_error_of_speed(voice: Audio) -> None:
    chain = (
        WowFlutter(sways=((0.3, 0.9),)),
        Hiss(snr_db=90.0),
        ClockJumps(per_min=60.0, longest_frames=40),
        Gain(gain_db=-6.0),
    )
    times_s = np.arange(4 * RATE) / RATE
    sine = Audio((0.5 * np.sin(2 * np.pi * 1000 * times_s)).astype(np.float32)[None], RATE)
    aged = age(sine, chain, seed=11)
    clean_s = aged.clean_time_s(times_s)
    expected = 0.25 * np.sin(2 * np.pi * 1000 * clean_s)
    assert np.abs(aged.audio.samples[0] - expected)[2000:-2000].max() < 1e-3
    assert np.abs(aged.programme.samples[0] - expected)[2000:-2000].max() < 1e-3
    assert np.abs(clean_s - times_s).max() > 5e-4


def test_the_programme_keeps_time_with_what_is_heard(voice: Audio) -> None:
    chain = (
        Saturation(headroom_db=0.0),
        WowFlutter(sways=((0.5, 1.0),)),
        BandLimit(high_hz=5000.0),
        Clipping(headroom_db=3.0),
    )
    aged = age(voice, chain, seed=1)
    heard, programme = aged.audio.samples[0], aged.programme.samples[0]
    likeness = [np.corrcoef(heard[100:-100], np.roll(programme, lag)[100:-100])[0, 1] for lag in range(-20, 21)]
    assert np.argmax(likeness) == 20
    assert 0.9 < max(likeness) < 0.999


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        (Gain, {"gain_db": 200.0}),
        (BandLimit, {"high_hz": 0.0}),
        (BandLimit, {"order": 0}),
        (Hiss, {"snr_db": float("nan")}),
        (Hum, {"partials": 0, "snr_db": 10.0}),
        (Clicks, {"per_s": -2.0, "peak_db": 0.0}),
        (WowFlutter, {"sways": ((0.1, 0.0),)}),
    ],
)
def test_impossible_parameters_are_refused_by_name(fault, wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        fault(**wrong)
