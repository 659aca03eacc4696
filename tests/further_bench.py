"""How far is noise to be turned down? ``python -m tests.further_bench --corpus DIR``

Held-out pairs of each carrier, the shipped denoiser, PESQ and DistillMOS: first for several exponents and least gains
by which what it turns down is turned down further (0: the network alone; what ships stands in
``restoration/nets/denoiser.py``), then for several limits in dB (``reduction_db`` of a recipe).
"""

import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from pesq import NoUtterancesError, pesq

from restoration.benchmark.learned import distill_mos
from restoration.nets.denoise import load_denoiser
from restoration.nets.denoiser import SAMPLE_RATE, samples_of, spectrum, turned_down_further
from restoration.screen import table
from restoration.training.map_calibration import held_out_clips
from restoration.training.pairs import Drawing, Pairs

EXPONENTS, LEAST_GAINS = (0.2, 0.3, 0.4, 0.5), (0.05, 0.1, 0.2, 0.4)
LIMITS_DB = (24.0, 36.0, 42.0, 48.0, 54.0, 60.0)
CARRIERS = ("tape", "disc", "copy")
SEED = 77


def scores(wanted: np.ndarray, treated: np.ndarray) -> tuple[float, float]:
    """Means of PESQ and DistillMOS of sounds (pairs, time)."""
    opinions: list[tuple[float, float]] = []
    for programme, sound in zip(wanted, treated, strict=True):
        try:
            opinions.append((pesq(SAMPLE_RATE, programme, sound, "wb"), distill_mos(sound) or np.nan))
        except NoUtterancesError:
            continue
    pesqs, moses = np.mean(opinions, axis=0)
    return float(pesqs), float(moses)


def main(
    corpus: Annotated[Path, typer.Option(help="A folder of clean speech with a train.csv.", metavar="DIR")],
    pairs: Annotated[int, typer.Option(min=1, help="Of each carrier, 4 s each.")] = 24,
) -> None:
    """Print how PESQ and DistillMOS of each carrier change."""
    torch.set_num_threads(1)
    choices = [(0.0, 1.0), *product(EXPONENTS, LEAST_GAINS)]
    further, limited = [], []
    with tempfile.TemporaryDirectory(prefix="further-") as folder:
        clips = held_out_clips(corpus, Path(folder))
        for carrier in CARRIERS:
            drawing = Drawing(clean_share=0.0, carriers=(carrier,))
            aged, programme = Pairs(clips, drawing, pairs, 1, SEED).only_held_out()[0]
            with torch.inference_mode():
                spectra = spectrum(aged)
                heard = load_denoiser()(spectra)
            treated = [samples_of(turned_down_further(spectra, heard, *choice), aged.shape[1]) for choice in choices]
            cleaned = samples_of(turned_down_further(spectra, heard), aged.shape[1])
            mixed = [cleaned + 10 ** (-limit / 20) * (aged - cleaned) for limit in LIMITS_DB]
            further.append([scores(programme.numpy(), each.numpy()) for each in treated])
            limited.append([scores(programme.numpy(), each.numpy()) for each in mixed])
    rows = [(f"{exponent:.1f}", f"{least:.2f}") for exponent, least in choices]
    table("PESQ / DistillMOS", ("exponent", "least gain", *CARRIERS), _told(rows, further))
    table("PESQ / DistillMOS", ("limit, dB", *CARRIERS), _told([(f"{limit:g}",) for limit in LIMITS_DB], limited))


def _told(rows: Sequence[tuple[str, ...]], found: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[str, ...]]:
    """The rows, with the figures of each carrier behind them."""
    return [
        (*row, *(f"{of[0]:.3f} / {of[1]:.3f}" for of in of_carriers))
        for row, *of_carriers in zip(rows, *found, strict=True)
    ]


if __name__ == "__main__":
    typer.run(main)
