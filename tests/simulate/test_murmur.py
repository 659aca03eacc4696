"""Murmur: every band of it wanders for itself, as far and as fast as asked, and around the colour asked for."""

import numpy as np
import pytest
from scipy import signal

from restoration.simulate.murmur import Murmur
from tests.simulate.measured import RATE, added, noise, spectrum_db

LONG_S = 40


def levels_db(murmur: Murmur, hz: float, every_s: float) -> np.ndarray:
    """Level of a third of an octave about ``hz``, every so many seconds."""
    band = signal.butter(4, (hz / 2 ** (1 / 6), hz * 2 ** (1 / 6)), "bandpass", fs=RATE, output="sos")
    heard = signal.sosfilt(band, added(murmur, noise(LONG_S))[0])
    size = round(every_s * RATE)
    return 10 * np.log10(np.square(heard[: heard.size // size * size]).reshape(-1, size).mean(1))


@pytest.mark.parametrize("wander_db", [0.0, 6.0, 12.0])
def test_a_band_wanders_as_far_as_asked(wander_db: float) -> None:
    """Straight lines between knots of two axes have two thirds of their deviation."""
    murmur = Murmur(snr_db=10.0, wander_db=wander_db, wander_s=0.5, width_octaves=1.0)
    found = np.sqrt(np.mean([levels_db(murmur, hz, 0.1).var() for hz in (250, 1000, 4000)]))
    assert 0.55 * wander_db < found < 0.8 * wander_db + 1.5


def test_bands_wander_each_for_itself() -> None:
    murmur = Murmur(snr_db=10.0, wander_db=9.0, wander_s=0.5, width_octaves=0.5)
    bands = np.stack([levels_db(murmur, hz, 0.25) for hz in (500, 2000, 8000)])
    assert np.abs(np.corrcoef(bands)[np.triu_indices(3, 1)]).max() < 0.35
    broad = Murmur(snr_db=10.0, wander_db=9.0, wander_s=0.5, width_octaves=4.0)
    together = np.corrcoef(levels_db(broad, 1700, 0.25), levels_db(broad, 2300, 0.25))[0, 1]
    assert together > 0.8


def test_slow_murmur_stays_for_a_while_and_fast_murmur_does_not() -> None:
    for wander_s, alike in ((5.0, True), (0.1, False)):
        found = levels_db(Murmur(snr_db=10.0, wander_db=9.0, wander_s=wander_s), 2000, 0.2)
        assert (np.corrcoef(found[1:], found[:-1])[0, 1] > 0.7) == alike, wander_s


@pytest.mark.parametrize("tilt", [-6.0, 0.0, 3.0])
def test_its_colour_is_on_average_the_one_asked_for(tilt: float) -> None:
    murmur = added(Murmur(snr_db=10.0, tilt_db_per_octave=tilt, wander_db=3.0, wander_s=0.1), noise(LONG_S))[0]
    octaves = [spectrum_db(murmur, hz) for hz in (500, 2000, 8000)]
    assert np.diff(octaves) == pytest.approx([2 * tilt, 2 * tilt], abs=1.5)


def test_steps_are_steps() -> None:
    """Between two steps nothing wanders: most of the change comes in few of the moments."""
    shares = []
    for steps in (True, False):
        murmur = Murmur(snr_db=10.0, wander_db=12.0, wander_s=2.0, width_octaves=4.0, steps=steps)
        change = np.sort(np.abs(np.diff(levels_db(murmur, 2000, 0.1))))
        shares.append(change[-change.size // 10 :].sum() / change.sum())
    assert shares[0] > 1.5 * shares[1]
