"""Train the network of the upper band on the levels of aged stretches and of their programmes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from restoration.nets.upper_band import FIRST, UpperBandGains, UpperBandShape, features_of
from restoration.nets.voice_bands import EDGES_HZ, LEAST_DB
from restoration.training.loop import Schedule
from restoration.training.upper_band_levels import HELD_OUT, STRETCHES, UpperBandLevels, read_levels
from restoration.training.voice_examples import smooth_colour

FRAMES = 400
FLOOR_DB = 76.0
"""What lies that far below the loudest band of the programme is as good as silence: it may as well be gone."""
SPREAD_DECADES = 0.3
"""Below this a frame's distance counts by its square: the random spread of single bins is not to be foreseen."""
COLOUR_DB, LEVEL_DB, NOISE_ERROR_DB = 3.0, 3.0, 1.0

Batch = tuple[Tensor, ...]


class Stretches(Dataset[Batch]):
    """Batches by number: levels heard, noise, cleaned, wanted; all coloured alike at random. A number always gives the
    same batch."""

    def __init__(self, levels: UpperBandLevels, batch: int, batches: int, seed: int) -> None:
        self.levels, self.batch, self.batches, self.seed = levels, batch, batches, seed

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, number: int) -> Batch:
        examples = [self._example(number * self.batch + place) for place in range(self.batch)]
        return tuple(torch.from_numpy(np.stack(parts).astype(np.float32)) for parts in zip(*examples, strict=True))

    def _example(self, number: int) -> tuple[np.ndarray, ...]:
        draw = np.random.default_rng([self.seed, number])
        which = int(draw.integers(len(self.levels.noise)))
        start = int(draw.integers(max(1, self.levels.aged.shape[2] - FRAMES)))
        part = (which, slice(None), slice(start, start + FRAMES))
        kinds = (self.levels.aged, self.levels.cleaned, self.levels.wanted)
        heard, cleaned, wanted = (each[part].astype(np.float64) for each in kinds)
        noise = self.levels.noise[which, int(draw.integers(2))].astype(np.float64)
        colour = smooth_colour(COLOUR_DB, draw) + draw.normal(0, LEVEL_DB)
        noise = noise + colour + draw.normal(0, NOISE_ERROR_DB, noise.size)
        return tuple(
            np.maximum(each, LEAST_DB)
            for each in (heard + colour[:, None], noise, cleaned + colour[:, None], wanted + colour[:, None])
        )


class UpperBandTask:
    """Say gains under which the aged band comes as close to the programme's as the log spectrum can tell."""

    def __init__(
        self,
        corpus: Path,
        folder: Path,
        schedule: Schedule,
        shape: UpperBandShape,
        counts: tuple[int, int] = (STRETCHES, HELD_OUT),
    ) -> None:
        """``counts``: how many stretches are measured to learn from, and of the held-out clips."""
        torch.manual_seed(schedule.seed)
        self.network: nn.Module = UpperBandGains(shape)
        learnt = read_levels(corpus, folder.parent, held_out=False, count=counts[0])
        self.batches = Stretches(learnt, schedule.batch, schedule.steps, schedule.seed)
        trials = Stretches(read_levels(corpus, folder.parent, held_out=True, count=counts[1]), 32, 6, seed=7)
        self._trials = [trials[number] for number in range(len(trials))]

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        heard, noise, cleaned, wanted = batch
        return distance(network(features_of(heard, noise, cleaned)), heard, wanted).mean()

    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        return dict(network.state_dict())

    @torch.no_grad()
    def figures(self, network: nn.Module) -> dict[str, float]:
        """Held-out log-spectral distance in decades of power, of the band as it was and with the gains."""
        before, after, bias = [], [], []
        for heard, noise, cleaned, wanted in self._trials:
            gains = network(features_of(heard, noise, cleaned))
            before.append(distance(torch.zeros_like(gains), heard, wanted))
            after.append(distance(gains, heard, wanted))
            bias.append(apart(gains, heard, wanted).mean())
        loss = float(torch.cat(after).mean())
        return {
            "held_out_loss": loss,
            "distance_before": float(torch.cat(before).mean()),
            "bias_decades": float(torch.stack(bias).mean()),
            "score": -loss,
        }


def apart(gains_db: Tensor, heard_db: Tensor, wanted_db: Tensor) -> Tensor:
    """Decades of power by which each upper band is louder than wanted, (batch, UPPER_BANDS, frames)."""
    floor = (wanted_db.amax((1, 2), keepdim=True) - FLOOR_DB).clamp_min(LEAST_DB)
    said = torch.maximum(heard_db[:, FIRST:] + gains_db, floor)
    return (said - torch.maximum(wanted_db[:, FIRST:], floor)) / 10


def distance(gains_db: Tensor, heard_db: Tensor, wanted_db: Tensor) -> Tensor:
    """Log-spectral distance of each frame (batch, frames) above the crossing, the bands weighed by their width."""
    width = torch.from_numpy(np.diff(EDGES_HZ)[FIRST:].astype(np.float32))[:, None]
    square = (apart(gains_db, heard_db, wanted_db).square() * width).sum(1) / width.sum()
    return (square + SPREAD_DECADES**2).sqrt()
