from dataclasses import replace

import numpy as np
import pytest

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.level import speech_level
from restoration.simulate.noise import Hiss
from restoration.simulate.tape import copied, draw_tape, worn_tape
from tests.simulate.measured import level_dbfs

RATE = 16000
DRAWS = 3000


@pytest.fixture(scope="module")
def voice(reading: Audio) -> Audio:
    # Every third frame: aliases do not matter to a level.
    return Audio(np.ascontiguousarray(reading.samples[:, : 4 * 48000 : 3]), RATE)


@pytest.fixture(scope="module")
def tapes() -> list:
    return [draw_tape(np.random.default_rng(number)) for number in range(DRAWS)]


def test_every_fault_of_tape_is_drawn_now_and_then(tapes: list) -> None:
    shares = {}
    for chain in tapes:
        for name in {type(fault).__name__ for fault in chain}:
            shares[name] = shares.get(name, 0) + 1 / DRAWS
    assert set(shares) >= {"Saturation", "Mistracking", "Splices", "LevelSteps", "PrintThrough", "Azimuth", "Dropouts"}
    assert set(shares) >= {"Clicks", "MagnetisedHead", "Rumble", "Clipping", "ClockJumps", "BadConverter", "Offset"}
    assert all(shares[name] > 0.9 for name in ("Gain", "BandLimit", "Hiss"))
    assert all(0.3 < shares[name] < 0.7 for name in ("WowFlutter", "Hum", "Head"))
    assert min(shares.values()) > 0.02


@pytest.mark.parametrize("snr_db", [0.0, 20.0])
def test_the_ratio_asked_for_is_that_of_the_hiss_and_the_least_of_hum_and_rumble(voice: Audio, snr_db: float) -> None:
    for number in range(60):
        chain = draw_tape(np.random.default_rng(number), snr_db)
        assert [fault.snr_db for fault in chain if isinstance(fault, Hiss)][-1] == snr_db
        assert min(fault.snr_db for fault in chain if hasattr(fault, "snr_db")) == snr_db
        lasting = [fault for fault in chain if fault.kind == "programme" or type(fault) is Hiss]
        aged = age(
            voice, [replace(fault, follows_db=0.0) if type(fault) is Hiss else fault for fault in lasting], number
        )
        hiss = aged.audio.samples.astype(float) - aged.programme.samples
        found_db = 20 * np.log10(speech_level(aged.programme.samples.astype(float), RATE)) - level_dbfs(hiss)
        assert snr_db - 1.5 < found_db < snr_db + 0.5


def test_hiss_is_drawn_over_the_whole_range(tapes: list) -> None:
    drawn = [next(fault.snr_db for fault in reversed(chain) if isinstance(fault, Hiss)) for chain in tapes]
    assert np.percentile(drawn, [1, 50, 99]) == pytest.approx([-4.5, 17.5, 39.5], abs=1.5)


def test_every_copy_adds_its_own_faults() -> None:
    chain = copied(np.random.default_rng(1), 3, 20.0)
    assert [type(fault).__name__ for fault in chain] == ["Head", "WowFlutter", "Hiss"] * 3
    assert len(set(map(str, chain))) == 9


def test_the_worn_tape_of_the_demonstration_hums_and_hisses_as_it_did(voice: Audio) -> None:
    faults = {fact["fault"]: fact["drawn"] for fact in age(voice, worn_tape(), seed=1958).facts["faults"]}
    assert faults["Hiss"]["hiss_dbfs"] == pytest.approx(-46.5, abs=2.0)
    assert faults["Hum"]["hum_dbfs"] == pytest.approx(-42.0, abs=2.0)
