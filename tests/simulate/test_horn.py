import numpy as np
import pytest

from restoration.simulate.horn import Horn

RATE = 16000


def response_db(horn: Horn, seed: int = 1) -> tuple[np.ndarray, np.ndarray, list[dict[str, float]]]:
    """Frequencies, the gain there in dB, and the resonances drawn; of a click in the middle of two seconds."""
    click = np.zeros((1, 2 * RATE))
    click[0, RATE] = 1
    heard, drawn = horn.apply(click, RATE, np.random.default_rng(seed))
    gain_db = 20 * np.log10(np.abs(np.fft.rfft(heard[0])) + 1e-9)
    return np.fft.rfftfreq(2 * RATE, 1 / RATE), gain_db, drawn["resonances"]


def test_its_band_ends_steeply_where_asked():
    hz, gain_db, _ = response_db(Horn(low_hz=250, high_hz=3000, resonances=0))
    at = dict(zip(hz.tolist(), gain_db.tolist(), strict=True))
    assert at[250.0] == pytest.approx(-3, abs=0.2)
    assert at[3000.0] == pytest.approx(-3, abs=0.2)
    assert at[900.0] == pytest.approx(0, abs=0.1)
    assert at[125.0] == pytest.approx(-24, abs=0.5)
    assert at[6000.0] == pytest.approx(-36, abs=0.5)


@pytest.mark.parametrize("seed", range(4))
def test_it_rings_where_it_says_as_high_as_it_says(seed):
    horn = Horn(low_hz=30, high_hz=7500, resonances=3, height_db=12, sharpness=12)
    hz, gain_db, peaks = response_db(horn, seed)
    assert len(peaks) == 3
    assert max(peak["height_db"] for peak in peaks) == pytest.approx(12)
    for peak in peaks:
        assert 200 <= peak["hz"] <= 2500
        assert 6 <= peak["height_db"] <= 12
        # The others lift it a little; nothing lowers it.
        assert peak["height_db"] - 0.3 < gain_db[np.argmin(np.abs(hz - peak["hz"]))] < peak["height_db"] + 8


def test_nothing_is_delayed():
    click = np.zeros((1, RATE))
    click[0, RATE // 2] = 1
    heard, _ = Horn().apply(click, RATE, np.random.default_rng(1))
    assert np.argmax(np.abs(heard)) == RATE // 2
    assert heard[0, RATE // 2 - 200 : RATE // 2] == pytest.approx(heard[0, RATE // 2 + 200 : RATE // 2 : -1], abs=1e-6)
