"""A training run in a folder: checkpoints, curves, and going on where it stopped."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Subset

logger = logging.getLogger(__name__)

AVERAGING = 0.998
USUAL_RATE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How long and how fast a network learns.

    The rate rises over ``warm_up`` steps, stays, and falls to nothing over the last ``decay`` steps: so a run that has
    ended can be gone on with by a larger ``steps``, from its last checkpoint before the fall. With ``bfloat16`` the
    network is reckoned in that precision where it can be, the parameters are not.
    """

    steps: int = 4000
    rate: float = 1e-3
    warm_up: int = 200
    decay: int = 1000
    evaluate_every: int = 500
    batch: int = 16
    seed: int = 1912
    bfloat16: bool = False

    def rate_at(self, step: int) -> float:
        """Learning rate of a step, from 0."""
        rising = min(1.0, (step + 1) / self.warm_up)
        falling = min(1.0, (self.steps - step) / max(1, self.decay))
        return self.rate * rising * max(0.0, falling)


def schedule_of(steps: int, batch: int, rate: float = USUAL_RATE, bfloat16: bool = False) -> Schedule:
    """The usual schedule of a run of so many steps: over the last third the rate falls."""
    schedule = Schedule(steps=steps, batch=batch, decay=steps // 3, rate=rate, evaluate_every=150, warm_up=100)
    return replace(schedule, bfloat16=bfloat16)


class Task(Protocol):
    """What is learnt: the network, its batches, the loss of a batch, and the figures of merit."""

    network: nn.Module

    @property
    def batches(self) -> Dataset[Any]:
        """Batches (tuples of tensors) by number, as many as the schedule has steps."""
        ...

    def loss(self, network: nn.Module, batch: Any) -> Tensor: ...

    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        """The state of the best network, with what only the whole run can tell put right."""
        ...

    def figures(self, network: nn.Module) -> dict[str, float]:
        """Held-out figures; ``score`` is the one by which the best network is kept (higher is better)."""
        ...


class Run:
    """One training run; everything it needs to go on lies in its folder."""

    def __init__(self, task: Task, schedule: Schedule, folder: Path) -> None:
        self.task, self.schedule, self.folder = task, schedule, folder
        folder.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(schedule.seed)
        self.network, self.average = task.network, deepcopy(task.network)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=schedule.rate, weight_decay=0.01)
        self.step, self.minutes, self.best = 0, 0.0, -math.inf
        self.curve = folder / "curve.jsonl"
        if self._checkpoint.is_file():
            self._go_on(self._checkpoint)

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def train(self) -> dict[str, float]:
        """Learn until the schedule's last step; the figures of the best averaged network, kept in ``best.pt``."""
        started, losses, point = time.monotonic() - 60 * self.minutes, [], {}
        for batch in self._batches():
            losses.append(self._learn(batch))
            self.step += 1
            if self.step % self.schedule.evaluate_every == 0 or self.step == self.schedule.steps:
                self.minutes = (time.monotonic() - started) / 60
                point = self._evaluate(sum(losses) / len(losses))
                losses.clear()
        return point

    def _batches(self) -> Iterator[Any]:
        left = Subset(self.task.batches, range(self.step, self.schedule.steps))
        return iter(DataLoader(left, batch_size=None, num_workers=1, prefetch_factor=4))

    def _learn(self, batch: Any) -> float:
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate_at(self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.schedule.bfloat16):
            loss = self.task.loss(self.network.train(), batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 3.0)
        self.optimiser.step()
        self._average()
        return float(loss.detach())

    @torch.no_grad()
    def _average(self) -> None:
        """The average follows fast at first, so that it is not held by the random start."""
        keep = min(AVERAGING, (self.step + 1) / (self.step + 20))
        for own, new in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if own.is_floating_point():
                own.lerp_(new, 1 - keep)
            else:
                own.copy_(new)

    def _evaluate(self, loss: float) -> dict[str, float]:
        figures = self.task.figures(self.average.eval())
        point = {"step": self.step, "minutes": self.minutes, "rate": self.schedule.rate_at(self.step - 1), "loss": loss}
        line = json.dumps({name: round(value, 6) for name, value in {**point, **figures}.items()})
        with self.curve.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        logger.info("%s", line)
        if figures["score"] > self.best:
            self.best = figures["score"]
            torch.save(self.average.state_dict(), self.folder / "best.pt")
        self._keep(self._checkpoint)
        if self.step == self.schedule.steps - self.schedule.decay:
            self._keep(self.folder / "before-the-fall.pt")
        return figures

    def _keep(self, place: Path) -> None:
        state: dict[str, Any] = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
            "best": self.best,
            "schedule": asdict(self.schedule),
        }
        part = place.with_suffix(".part")
        torch.save(state, part)
        part.replace(place)

    def _go_on(self, place: Path) -> None:
        state = torch.load(place, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.minutes, self.best = state["step"], state["minutes"], state["best"]
