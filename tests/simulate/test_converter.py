import numpy as np
import pytest

from restoration.simulate.converter import BadConverter
from tests.simulate.measured import added, applied, drawn_by, level_dbfs, noise, partial_db, tone


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_quantising_makes_the_noise_of_its_bits(bits: int) -> None:
    step = 2.0 ** (1 - bits)
    converter = BadConverter(bits=bits)
    assert level_dbfs(added(converter, noise(2))) == pytest.approx(10 * np.log10(step**2 / 12), abs=0.1)
    assert applied(converter, noise(2)) / step == pytest.approx(np.rint(noise(2) / step))
    dithered = added(BadConverter(bits=bits, dither=True), noise(2))
    assert level_dbfs(dithered) == pytest.approx(10 * np.log10(step**2 / 4), abs=0.1)


def test_without_dither_the_error_of_a_quiet_tone_is_distortion() -> None:
    quiet = tone(500, 1, amplitude=1.4 / 2**7)
    plain, dithered = (applied(BadConverter(bits=8, dither=dither), quiet)[0] for dither in (False, True))
    assert partial_db(plain, 1500) - partial_db(plain, 500) > -30
    assert partial_db(dithered, 1500) - partial_db(dithered, 500) < -40


def test_missing_codes_never_come() -> None:
    ramp = np.linspace(-1, 1, 100_000)[None]
    codes = np.unique(np.rint(applied(BadConverter(bits=8, missing=0.25), ramp) * 128))
    assert 256 - codes.size == pytest.approx(64, abs=4 * np.sqrt(64 * 0.75))
    assert np.unique(applied(BadConverter(bits=8), ramp)).size == 256
    again = np.unique(np.rint(applied(BadConverter(bits=8, missing=0.25), 0.5 * ramp) * 128))
    assert set(again) <= set(codes) | {again.max()}


def test_the_offset_comes_and_the_rest_is_clipped_and_counted() -> None:
    converter = BadConverter(bits=16, offset=0.2)
    assert added(converter, noise(1)).mean() == pytest.approx(0.2, abs=1e-4)
    loud = tone(500, 1, amplitude=1.0)
    assert applied(converter, loud).max() == 1 - 2.0**-15
    assert drawn_by(converter, loud)["clipped_samples"] == np.count_nonzero((loud + 0.2) * 2**15 > 2**15 - 1)
