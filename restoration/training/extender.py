"""Train the bandwidth extender on the band levels of clean and of aged voices."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from restoration.nets.extender import Extender, ExtenderShape, features_of
from restoration.training.band_levels import read_band_levels
from restoration.training.loop import Schedule
from restoration.training.voice_examples import Circumstances, Examples

HELD_OUT_BATCHES, HELD_OUT_SIZE = 6, 32
TOO_QUIET = 0.8
"""What too little treble costs beside too much: where the network is unsure it says less."""
RANDOM_DECADES = 0.79
"""Log-spectral distance of two noises of the same spectrum: nobody can foresee the random spread of their bins."""

Batch = tuple[Tensor, ...]


class ExtenderTask:
    """Say the levels of the bands above the edge."""

    def __init__(self, corpus: Path, folder: Path, schedule: Schedule, shape: ExtenderShape) -> None:
        torch.manual_seed(schedule.seed)
        self.network: nn.Module = Extender(shape)
        levels = read_band_levels(corpus, folder.parent)
        self.batches = Examples(levels, Circumstances(), schedule.batch, schedule.steps, schedule.seed)
        trials = Examples(levels, Circumstances(), HELD_OUT_SIZE, HELD_OUT_BATCHES, seed=7).only_held_out()
        self._trials = [trials[number] for number in range(HELD_OUT_BATCHES)]

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        heard, noise, recorded, wanted, weights = batch
        return lopsided_loss(network(features_of(heard, noise, recorded)), wanted, weights)

    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        return dict(network.state_dict())

    @torch.no_grad()
    def figures(self, network: nn.Module) -> dict[str, float]:
        """Held-out loss; error and bias of the levels, sibilants apart too; the log-spectral distance to expect."""
        losses, apart, weighted, distances = [], [], [], []
        for batch in self._trials:
            heard, noise, recorded, wanted, weights = batch
            said = network(features_of(heard, noise, recorded))
            losses.append(lopsided_loss(said, wanted, weights))
            apart.append(said - wanted)
            weighted.append(weights)
            distances.append(_distance(said - wanted, weights))
        error, weight = torch.cat(apart), torch.cat(weighted)
        loud = weight * (weight > 2 * weight.amin(2, keepdim=True))
        loss = float(torch.stack(losses).mean())
        return {
            "held_out_loss": loss,
            "error_db": _mean(error.abs(), weight),
            "bias_db": _mean(error, weight),
            "sibilant_error_db": _mean(error.abs(), loud),
            "sibilant_bias_db": _mean(error, loud),
            "log_spectral_distance": float(torch.cat(distances).mean()),
            "score": -loss,
        }


def lopsided_loss(said: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Mean absolute difference in units of 10 dB; what is said too quiet costs ``TOO_QUIET`` of what is too loud."""
    apart = (said - wanted) / 10
    cost = torch.where(apart > 0, apart, -TOO_QUIET * apart)
    return (cost * weights).sum() / weights.sum().clamp_min(1e-6)


def _mean(values: Tensor, weights: Tensor) -> float:
    return float((values * weights).sum() / weights.sum().clamp_min(1e-6))


def _distance(error_db: Tensor, weights: Tensor) -> Tensor:
    """Log-spectral distance in decades of power of each frame's made band, if noise of the levels said filled it."""
    width = (weights / weights.amax(1, keepdim=True).clamp_min(1e-6)).square()
    square = ((error_db / 10).square() * width).sum(1) / width.sum(1).clamp_min(1e-6)
    return (square + RANDOM_DECADES**2).sqrt()[width.sum(1) > 0]
