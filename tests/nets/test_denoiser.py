"""The denoiser: its shape, its start, and what the shipped weights do to voices they never heard."""

import numpy as np
import pytest
import soxr
import torch

from restoration.nets.band_below import above
from restoration.nets.denoise import gain_for, load_denoiser, low_band_noise, noise_power_of
from restoration.nets.denoiser import (
    Denoiser,
    DenoiserShape,
    filtered,
    power_under_voice,
    quiet_power,
    samples_of,
    spectrum,
    turned_down_further,
)
from restoration.nets.quick_denoiser import QuickDenoiser


def si_sdr_db(sound: np.ndarray, clean: np.ndarray) -> float:
    kept = (sound @ clean) / (clean @ clean) * clean
    return float(10 * np.log10((kept @ kept) / ((sound - kept) @ (sound - kept) + 1e-20)))


def noisy_voice(reading, snr_db: float, rate: int = 48000):
    voice = soxr.resample(reading.samples[0], 48000, rate)[: 10 * rate]
    noise = np.random.default_rng(5).standard_normal(voice.size + rate).astype(np.float32)
    noise *= 10 ** (-snr_db / 20) * np.std(voice) / np.std(noise)
    return voice.astype(np.float32), (voice + noise[: voice.size]).astype(np.float32), noise[voice.size :]


def treated(noisy: np.ndarray, noise: np.ndarray, rate: int) -> np.ndarray:
    gain = gain_for(10 * float(np.log10(np.mean(noisy.astype(float) ** 2))))
    return noisy - low_band_noise(load_denoiser(), noisy, rate, gain, noise_power_of(noise, rate, gain))


def test_the_spectrum_goes_there_and_back():
    sound = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 16123)).astype(np.float32))
    assert torch.allclose(samples_of(spectrum(sound), 16123), sound, atol=1e-4)


def test_taps_of_zero_leave_the_sound():
    spectra = spectrum(torch.randn(1, 8000))
    assert torch.equal(filtered(spectra, torch.zeros(1, 6, spectra.shape[2], spectra.shape[1])), spectra)


def test_what_is_kept_is_kept_and_what_is_turned_down_is_turned_down_further():
    spectra = spectrum(torch.randn(1, 8000))
    assert torch.allclose(turned_down_further(spectra, spectra), spectra)
    halved, gone = turned_down_further(spectra, spectra / 2), turned_down_further(spectra, spectra / 1e4)
    assert (halved.abs() < 0.9 * (spectra / 2).abs()).all() and (halved.abs() > spectra.abs() / 4).all()
    assert torch.allclose(gone / gone.abs(), spectra / spectra.abs(), atol=1e-3)
    assert not turned_down_further(torch.zeros_like(spectra), torch.zeros_like(spectra)).any()


def test_half_precision_is_enough_to_take_60_db_away():
    """As in training: a network whose taps say that a thousandth of everything is to stay."""
    network = Denoiser(DenoiserShape(channels=(8, 8), hidden=16, layers=1, taps=1)).eval()
    torch.nn.init.zeros_(network.taps.bias)
    with torch.no_grad():
        network.taps.bias[:4] = 2 * np.arctanh(-0.999 / 2)
    spectra = spectrum(torch.randn(1, 8000))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        left = network(spectra)
    assert float(left.abs().mean() / spectra.abs().mean()) == pytest.approx(1e-3, rel=0.05)


@pytest.mark.parametrize("swell_db", [0.0, 12.0])
def test_noise_that_swells_with_the_voice_is_found_where_the_voice_pauses(reading, swell_db):
    voice = soxr.resample(reading.samples[0], 48000, 16000)[: 10 * 16000]
    above_hz = 4000
    noise = np.random.default_rng(3).standard_normal(voice.size) * 10 ** (-30 / 20) * np.std(voice)
    loud = np.sqrt(np.convolve(voice**2, np.ones(320) / 320, mode="same")) > 0.3 * np.std(voice)
    swelled = noise * np.where(loud, 10 ** (swell_db / 20), 1.0)
    shown = power_under_voice(spectrum(torch.from_numpy((voice + swelled).astype(np.float32))[None]))
    steady = spectrum(torch.from_numpy(noise.astype(np.float32))[None]).abs().square().mean(2, keepdim=True)
    rose_db = 10 * torch.log10(shown / steady)[0, above_hz * 512 // 16000 : -1, 0]
    assert float(rose_db.median()) == pytest.approx(swell_db, abs=2.5)


@pytest.mark.parametrize("look_ahead", [True, False])
def test_a_causal_network_hears_nothing_of_the_future(look_ahead):
    torch.manual_seed(1)
    network = Denoiser(DenoiserShape(channels=(8, 8), hidden=16, layers=1, taps=1, look_ahead=look_ahead)).eval()
    torch.nn.init.normal_(network.taps.weight, std=0.1)
    spectra = spectrum(torch.randn(1, 16000))
    changed = spectra.clone()
    changed[..., 40:] = 0
    power = quiet_power(spectra)
    with torch.inference_mode():
        before, after = network(spectra, power), network(changed, power)
    # The convolutions see a few frames ahead.
    same = torch.allclose(before[..., :30], after[..., :30], atol=1e-6)
    assert same is not look_ahead


def test_the_quietest_frames_show_the_noise():
    """Two seconds of noise, of which one holds a tone, and a second of digital silence, which is no noise."""
    noise = 0.01 * np.random.default_rng(3).standard_normal(48000).astype(np.float32)
    noise[16000:32000] += 0.3 * np.sin(np.arange(16000) / 5).astype(np.float32)
    noise[32000:] = 0
    alone = spectrum(torch.from_numpy(noise[:16000])[None]).abs().square().mean()
    assert float(quiet_power(spectrum(torch.from_numpy(noise)[None])).mean() / alone) == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("rate", [11025, 16000, 44100])
def test_a_noisy_voice_comes_closer_to_the_clean_one(reading, rate):
    """In the band that the network hears."""
    for snr_db in (0.0, 10.0):
        voice, noisy, noise = noisy_voice(reading, snr_db, rate)
        heard = [soxr.resample(sound, rate, 11025) for sound in (voice, noisy, treated(noisy, noise, rate))]
        assert si_sdr_db(heard[2], heard[0]) > si_sdr_db(heard[1], heard[0]) + 4.0


def test_what_the_network_does_not_hear_is_the_rest(reading):
    sound = reading.samples[0, : 3 * 48000]
    low = soxr.resample(soxr.resample(sound, 48000, 16000), 16000, 48000)[: sound.size]
    assert np.abs(above(sound, 48000, 16000) + low - sound).max() < 1e-5
    assert not above(sound[:16000], 16000, 16000).any()


@pytest.mark.parametrize("look_ahead", [True, False])
def test_the_quick_one_gives_what_it_was_made_of(look_ahead):
    torch.manual_seed(2)
    network = Denoiser(DenoiserShape(channels=(8, 12), hidden=16, layers=2, taps=3, look_ahead=look_ahead)).eval()
    torch.nn.init.normal_(network.taps.weight, std=0.1)
    quick = QuickDenoiser(network)
    for frames in (1, 40):
        spectra = spectrum(0.1 * torch.randn(2, frames * 256))
        with torch.inference_mode():
            assert torch.allclose(quick.cleaned(spectra), network.cleaned(spectra), atol=1e-5)
