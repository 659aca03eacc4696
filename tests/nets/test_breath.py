"""A performer's noise keeps its grain and takes the colour that is asked for."""

import numpy as np
import pytest
import torch

from restoration.nets.breath import MOST_DB, breathed, coloured

BINS = 257


def windows_of(colour_db, level=1.0, frames=400):
    """Spectra (1, frames, bins) of windows of a noise whose spectrum falls by ``colour_db`` from 0 Hz to the top."""
    drawn = np.random.default_rng(5).normal(0, level * 16, (2, 1, frames, BINS)) / np.sqrt(2)
    slope = 10 ** (np.linspace(0, -colour_db, BINS) / 20)
    return torch.from_numpy(((drawn[0] + 1j * drawn[1]) * slope).astype(np.complex64))


def asked_for(fall_db, frames=400):
    """Natural logarithms of magnitudes that fall by so much, beginning at -20 dB."""
    return torch.linspace(-20, -20 - fall_db, BINS).mul(2.302585 / 20).expand(1, frames, -1)


def mean_db(spectra):
    return 10 * np.log10(spectra.abs().square().mean(1)[0].numpy() / 256)


@pytest.mark.parametrize("colour_db", [0.0, 20.0, -10.0])
def test_the_colour_is_that_asked_for_whatever_it_was(colour_db):
    made, wanted = mean_db(coloured(windows_of(colour_db), asked_for(15.0))), np.linspace(-20, -35, BINS)
    assert np.abs(made - wanted)[12:-12].mean() < 0.6
    assert np.abs(np.median(made - wanted)) < 0.4


def test_the_grain_is_the_performers():
    """Every bin keeps its phase; what is louder than its neighbours stays so."""
    source = windows_of(6.0)
    made = coloured(source, asked_for(15.0))
    assert torch.allclose(torch.angle(made), torch.angle(source), atol=1e-4)
    finely = [np.diff(np.log(each.abs().numpy()[0]), axis=1).ravel() for each in (source, made)]
    assert np.corrcoef(finely)[0, 1] > 0.98


def test_what_is_hardly_there_is_not_raised_by_more_than_it_may_be():
    source = windows_of(0.0, level=1e-3)
    raised_db = mean_db(coloured(source, asked_for(0.0))) - mean_db(source)
    assert raised_db == pytest.approx(MOST_DB, abs=0.01)
    assert torch.isfinite(torch.view_as_real(coloured(torch.zeros_like(source), asked_for(0.0)))).all()


def test_the_shares_add_up_in_power():
    performer, asked = windows_of(0.0), asked_for(0.0)
    noise = windows_of(0.0).flip(1) * 0.1
    for share in (0.0, 0.3, 1.0):
        made = breathed(noise, performer, asked, torch.full((1, 400), share))
        assert mean_db(made).mean() == pytest.approx(-20.0, abs=0.4)
    assert torch.equal(breathed(noise, performer, asked, torch.zeros(1, 400)), noise)
