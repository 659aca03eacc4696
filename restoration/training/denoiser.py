"""Train the denoiser on speech that is aged while it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from restoration.nets.denoiser import (
    COMPRESSION,
    HOP,
    SAMPLE_RATE,
    WINDOW,
    Denoiser,
    DenoiserShape,
    quiet_power,
    samples_of,
    spectrum,
    turned_down_further,
)
from restoration.training.clips import read_clips
from restoration.training.intelligibility_loss import intelligibility_loss
from restoration.training.loop import Schedule
from restoration.training.loudness_loss import loudness_loss
from restoration.training.pairs import Drawing, Pairs

HELD_OUT_BATCHES = 6
OTHER_WINDOWS = (256, 1024)
LOUDNESS_WEIGHT = 0.04
INTELLIGIBILITY_WEIGHT = 0.08
SI_SDR_WEIGHT = 0.02
LOG_SPECTRAL_WEIGHT = 0.03
FAINT_POWER = 3e-7
"""Power of a bin, some 65 dB under those of the voice, below which the exact size matters little: a plain cube root has
its steepest slope there, and what is learnt of one batch would be undone by the next."""
PAUSE_SHARE = 0.3
"""Of the frames of a stretch, the quietest so many are as its pauses are."""
WELL_RESTORED_DB = 15.0
LOG_FLOOR_DB = 85.0
"""What lies that far below the loudest bin of the programme is as good as silence."""


class DenoiserTask:
    """Filter aged speech so that it comes close to the programme: in its compressed spectra at three resolutions, in
    loudness, and a little in its waveform."""

    def __init__(self, corpus: Path, folder: Path, schedule: Schedule, shape: DenoiserShape) -> None:
        torch.manual_seed(schedule.seed)
        self.network: nn.Module = Denoiser(shape)
        clips = read_clips(corpus, SAMPLE_RATE, folder.parent)
        self.batches = Pairs(
            clips, Drawing(noisier_share=0.5, other_speeds=0.6), schedule.batch, schedule.steps, schedule.seed
        )
        trials = Pairs(clips, Drawing(clean_share=0.0), 8, HELD_OUT_BATCHES, seed=7).only_held_out()
        self._trials = [trials[number] for number in range(HELD_OUT_BATCHES)]

    def loss(self, network: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        aged, programme = batch
        spectra = spectrum(aged)
        heard = network(spectra, shown_noise(spectra, spectrum(programme)))
        treated = samples_of(heard, aged.shape[1])
        return distance(heard, treated, programme) + SI_SDR_WEIGHT * si_sdr_loss(treated, programme)

    @torch.no_grad()
    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        """With the level that brings the network's results nearest to the programmes of held-out pairs.

        Only of those that it restores well: where much of the voice is lost, more level makes up for it, and would make
        good recordings too loud.
        """
        shared = own = 0.0
        for aged, programme in self._trials:
            spectra = spectrum(aged)
            treated = samples_of(turned_down_further(spectra, network(spectra)), aged.shape[1])
            well = si_sdr_db(treated, programme) >= WELL_RESTORED_DB
            shared += float((treated * programme)[well].sum())
            own += float(treated[well].square().sum())
        return {**network.state_dict(), "level": torch.tensor(shared / own if own else 1.0)}

    @torch.no_grad()
    def figures(self, network: nn.Module) -> dict[str, float]:
        """Held-out loss, SI-SDR in dB before and after; PESQ too where the package pesq is installed."""
        losses, before, after, unclear, distances = [], [], [], [], []
        pairs: list[tuple[np.ndarray, np.ndarray]] = []
        for aged, programme in self._trials:
            heard = network(spectrum(aged))
            treated = samples_of(heard, aged.shape[1])
            losses.append(float(distance(heard, treated, programme)))
            unclear.append(float(intelligibility_loss(heard, spectrum(programme), SAMPLE_RATE, HOP)))
            distances.append(float(log_spectral_loss(heard, spectrum(programme))))
            before.append(si_sdr_db(aged, programme))
            after.append(si_sdr_db(treated, programme))
            pairs += zip(programme.numpy(), treated.numpy(), strict=True)
        loss = float(np.mean(losses))
        gained = {
            "held_out_loss": loss,
            "si_sdr_before_db": float(torch.cat(before).mean()),
            "si_sdr_db": float(torch.cat(after).mean()),
            "log_spectral_distance": float(np.mean(distances)),
            "envelopes_alike": 1 - float(np.mean(unclear)),
        }
        return gained | mean_pesq(pairs) | {"score": -loss}


def shown_noise(spectra: Tensor, programme: Tensor) -> Tensor:
    """The power of the noise as the network will find it: by turns as pauses of the tape show it, and as a stretch of
    sound without a known pause does.

    Pauses do not show what comes and goes with the voice: that is not to be learnt as if it were known.
    """
    loudness = programme.abs().square().pow(COMPRESSION).sum(1)
    pauses = (loudness <= loudness.quantile(PAUSE_SHARE, dim=1, keepdim=True))[:, None]
    noise = (spectra - programme).abs().square() * pauses
    known = (noise.sum(2, keepdim=True) / pauses.sum(2, keepdim=True)).clamp_min(1e-9)
    guessed = quiet_power(spectra)
    guessed[::2] = known[::2]
    return guessed


def distance(heard: Tensor, treated: Tensor, programme: Tensor) -> Tensor:
    """How far the spectrum ``heard``, and its sound ``treated``, are from the programme (batch, time)."""
    wanted = spectrum(programme)
    apart = spectral_loss(heard, wanted)
    for window in OTHER_WINDOWS:
        apart = apart + spectral_loss(_spectrum_of(treated, window), _spectrum_of(programme, window))
    quality = LOUDNESS_WEIGHT * loudness_loss(heard, wanted, SAMPLE_RATE)
    words = INTELLIGIBILITY_WEIGHT * intelligibility_loss(heard, wanted, SAMPLE_RATE, HOP)
    pauses = LOG_SPECTRAL_WEIGHT * log_spectral_loss(heard, wanted)
    return apart / (1 + len(OTHER_WINDOWS)) + quality + words + pauses


def _spectrum_of(sound: Tensor, window: int) -> Tensor:
    """In the scale of the network's own spectrum."""
    shape = torch.hann_window(window, device=sound.device).sqrt() * (WINDOW / window) ** 0.5
    return torch.stft(sound, window, window // 2, window=shape, return_complex=True, pad_mode="constant")


def spectral_loss(heard: Tensor, wanted: Tensor) -> Tensor:
    """Mean square difference of compressed spectra: 0.3 of the complex ones, 0.7 of their magnitudes."""
    first, second = _compressed(heard), _compressed(wanted)
    apart = (first - second).square().sum(-1).mean()
    levels = (first.square().sum(-1) + 1e-8).sqrt() - (second.square().sum(-1) + 1e-8).sqrt()
    return 0.3 * apart + 0.7 * levels.square().mean()


def _compressed(spectra: Tensor) -> Tensor:
    parts = torch.view_as_real(spectra)
    return parts * (parts.square().sum(-1, keepdim=True) + FAINT_POWER) ** ((COMPRESSION - 1) / 2)


def log_spectral_loss(heard: Tensor, wanted: Tensor) -> Tensor:
    """Mean log-spectral distance in decades of power: what is left in the pauses counts as much as the voice does."""
    first, second = (each.abs().square() for each in (heard, wanted))
    floor = (second.amax((1, 2), keepdim=True) * 10 ** (-LOG_FLOOR_DB / 10)).clamp_min(1e-9)
    apart = torch.log10(torch.maximum(first, floor) / torch.maximum(second, floor))
    return (apart.square().mean(1) + 1e-4).sqrt().mean()


def si_sdr_db(treated: Tensor, wanted: Tensor) -> Tensor:
    """Scale-invariant signal-to-distortion ratio (Le Roux et al. 2019), (batch,), in dB."""
    share = (treated * wanted).sum(-1, keepdim=True) / (wanted.square().sum(-1, keepdim=True) + 1e-8)
    kept = share * wanted
    ratio = (kept.square().sum(-1) + 1e-8) / ((treated - kept).square().sum(-1) + 1e-8)
    return 10 * torch.log10(ratio)


def si_sdr_loss(treated: Tensor, wanted: Tensor) -> Tensor:
    """Negative SI-SDR, a tenth of a dB weighing one hundredth; what is better than 30 dB is good enough."""
    return -si_sdr_db(treated, wanted).clamp(max=30.0).mean() / 10


def mean_pesq(pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Mean wide-band PESQ of (wanted, treated) pairs at 16 kHz; nothing where the package is not installed."""
    try:
        from pesq import NoUtterancesError, pesq
    except ImportError:
        return {}
    scores = []
    for wanted, treated in pairs:
        try:
            scores.append(pesq(SAMPLE_RATE, wanted, treated, "wb"))
        except NoUtterancesError:
            continue
    return {"pesq": float(np.mean(scores))}
