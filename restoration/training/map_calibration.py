"""Measure what a cell's confidence is worth: ``python -m restoration.training.map_calibration --corpus DIR``.

Held-out speech is aged, the shipped denoiser treats it, and every cell of the map's grid is compared with the
programme, P / (P + E): P is the programme's energy in the cell, E that of the result's difference from the programme.
A logistic function of how much of the network was mixed in, how loud a cell had been, and how much was left, is fitted
to that; pairs of another seed say how far it is off.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy.optimize import least_squares
from scipy.special import expit

from restoration import weights
from restoration.audio import Samples
from restoration.nets.denoise import MODEL, load_denoiser
from restoration.nets.denoiser import SAMPLE_RATE, samples_of, spectrum
from restoration.sound_map.confidence import TABLE, WEIGHTS, Calibration, features
from restoration.sound_map.grid import COLUMNS_PER_S, Energies, Grid
from restoration.training.clips import Clips, is_held_out, read_clips
from restoration.training.pairs import Drawing, Pairs

MIXED = (0.5, 0.75, 0.9, 0.97, 0.992, 1.0)
"""Shares of the network's result, as reductions by 6 dB and more leave them."""
PAIRS, CHECKED_PAIRS, SEED = 320, 80, 11
BATCH = 8
EDGE_COLUMNS = 2
"""At either end of a pair, where the network's window is not full."""
CELLS_FITTED = 200_000
FEW_CELLS = 300
QUIETEST_DB = -75.0
"""Cells further below the voice hold nothing that anybody could be sure of."""
NOTHING = 1e-14

Float64 = npt.NDArray[np.float64]


class Cells(NamedTuple):
    """Of each cell: the network's share, its level and what was left of it in dB, and the programme's share."""

    mixed: Float64
    level_db: Float64
    kept_db: Float64
    truth: Float64


def held_out_clips(corpus: Path, folder: Path) -> Clips:
    """The clips of a corpus that no network was trained on; ``folder`` keeps them.

    Raises:
        RestorationError: there is no ``train.csv``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (corpus / "train.csv").is_file():
        with (corpus / "train.csv").open(encoding="utf-8", newline="") as table:
            rows = [row for row in csv.DictReader(table) if is_held_out(row["path"])]
        with (folder / "train.csv").open("w", encoding="utf-8", newline="") as table:
            writer = csv.DictWriter(table, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        for name in {Path(row["path"]).parts[0] for row in rows}:
            if not (folder / name).exists():
                (folder / name).symlink_to((corpus / name).resolve())
    return read_clips(folder, SAMPLE_RATE, folder)


@torch.no_grad()
def cells_of(clips: Clips, pairs: int, seed: int) -> Iterator[Cells]:
    """The cells of so many held-out pairs, a batch at a time."""
    network = load_denoiser()
    drawn = Pairs(clips, Drawing(), BATCH, -(-pairs // BATCH), seed).only_held_out()
    for number in range(len(drawn)):
        aged, programme = drawn[number]
        treated = samples_of(network.cleaned(spectrum(aged)), aged.shape[1])
        for sounds in zip(aged.numpy(), programme.numpy(), treated.numpy(), strict=True):
            # A stretch of a long pause, which a coarse converter made zeros, tells nothing.
            if sounds[0].any():
                yield from _cells(*sounds)


def _cells(aged: Samples, programme: Samples, treated: Samples) -> Iterator[Cells]:
    columns = aged.reshape(-1, SAMPLE_RATE // COLUMNS_PER_S).astype(np.float64) ** 2
    loudness = np.sort(columns.mean(axis=1))
    voice = loudness[loudness.size // 2 :].mean() + NOTHING
    heard, wanted = _energies(aged), _energies(programme)
    level_db = 10 * np.log10((heard + NOTHING) / voice)
    for share in MIXED:
        result = (1 - share) * aged + share * treated
        wrong = _energies(result - programme)
        kept_db = 10 * np.log10((_energies(result) + NOTHING) / (heard + NOTHING))
        truth = wanted / (wanted + wrong + NOTHING)
        parts = (np.full(heard.shape, share), level_db, kept_db, truth)
        yield Cells(*(part[level_db > QUIETEST_DB].astype(np.float64) for part in parts))


def _energies(sound: Samples) -> Energies:
    """(bands, columns) of one channel, without the columns at its ends."""
    grid = Grid(SAMPLE_RATE)
    found = grid.energies(grid.spectra(grid.cut(sound[None], 0, 0, grid.columns(sound.size))))
    return found[:, EDGE_COLUMNS:-EDGE_COLUMNS]


def calibrated(cells: Iterator[Cells], about: dict[str, object]) -> Calibration:
    """The weights that come nearest to the programme's share, in the mean square, over cells drawn from all."""
    found = Cells(*(np.concatenate(column) for column in zip(*cells, strict=True)))
    draw = np.random.default_rng(0).permutation(found.truth.size)[:CELLS_FITTED]
    asked, truth = features(found.mixed[draw], found.level_db[draw], found.kept_db[draw]), found.truth[draw]

    def missed(weights: Float64) -> Float64:
        return np.asarray(expit(asked @ weights) - truth)

    fit = least_squares(missed, np.zeros(len(WEIGHTS)))
    return Calibration(tuple(map(float, fit.x)), {**about, "cells": found.truth.size})


@dataclass(frozen=True)
class Tenth:
    """Cells whose confidence lies in one tenth of its range: how many, the mean of it, and the share that came true."""

    cells: int
    said: float
    true: float


def tenths(calibration: Calibration, cells: Cells) -> list[Tenth]:
    """How a calibration does on cells it has not seen; tenths with fewer than ``FEW_CELLS`` are left out."""
    said = calibration.of(cells.mixed, cells.level_db, cells.kept_db)
    place = np.minimum((10 * said).astype(np.int64), 9)
    chosen = [place == tenth for tenth in range(10)]
    return [
        Tenth(int(here.sum()), float(said[here].mean()), float(cells.truth[here].mean()))
        for here in chosen
        if here.sum() >= FEW_CELLS
    ]


def worst_by_mixed(calibration: Calibration, cells: Cells) -> dict[str, float]:
    """The largest difference between what was said and what came true, for each share of the network's result."""
    worst = {}
    for mixed in MIXED:
        here = cells.mixed == mixed
        found = tenths(calibration, Cells(*(column[here] for column in cells)))
        worst[f"{mixed:g}"] = round(max(abs(tenth.true - tenth.said) for tenth in found), 3)
    return worst


def main() -> None:
    asked = argparse.ArgumentParser(description="Measure what a cell's confidence is worth.")
    asked.add_argument("--corpus", type=Path, required=True, help="a folder of clean speech with a train.csv")
    asked.add_argument("--out", type=Path, default=TABLE, help="where the table goes; by default, into the package")
    asked.add_argument("--pairs", type=int, default=PAIRS, help="pairs of 4 s")
    asked.add_argument("--seed", type=int, default=SEED)
    wanted = asked.parse_args()
    torch.set_num_threads(1)
    about = {
        "model": MODEL,
        "weights": weights.sha256_on_disk((MODEL,))[MODEL],
        "sound": f"{wanted.pairs} held-out pairs of 4 s, aged at random (restoration.training.pairs)",
        "seed": wanted.seed,
        "sample_rate": SAMPLE_RATE,
        "measure": "mean of P / (P + E) over the cells; P: the programme's energy, E: that of result minus programme",
    }
    with tempfile.TemporaryDirectory(prefix="calibration-") as folder:
        clips = held_out_clips(wanted.corpus, Path(folder))
        calibration = calibrated(cells_of(clips, wanted.pairs, wanted.seed), about)
        checked = list(cells_of(clips, CHECKED_PAIRS, wanted.seed + 1))
    worst = worst_by_mixed(calibration, Cells(*(np.concatenate(column) for column in zip(*checked, strict=True))))
    calibration.about["worst_tenth_of_other_pairs_by_mixed"] = worst
    wanted.out.write_text(calibration.to_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
