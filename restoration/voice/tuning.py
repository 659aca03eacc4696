"""Learn a voice from minutes: the base is tuned to the material, as long as held-out phrases get better and no longer.

So that it does not forget what the many voices of the base taught it, a share of every step goes to rehearsal: for
other voices the tuned decoder is to set the filters as the base does (Li and Hoiem 2016, learning without forgetting).
No recording but the material is needed for that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from restoration.nets.spectral_distance import spectral_distance
from restoration.nets.voice_decoder import Controls, VoiceDecoder, steady_noise
from restoration.voice.lesson import Lesson

MEAN_SHARE, MEAN_BEGINS = 0.03, 3
"""The voice is the mean of the network over its last thirty steps or so, of fewer at the beginning (Polyak and Juditsky
1992): few phrases make each step go its own way, and the mean goes where they agree."""
PATIENCE = 8
WITHIN = 1.02
"""A voice is taken from the last evaluation whose held-out loss is no further than that from the least: what is lent to
others goes on coming nearer to the speaker after the speaker's own phrases have stopped to."""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """How a voice is learnt.

    Attributes:
        steps: at most.
        rate: of learning.
        batch: stretches in a step; ``frames`` of 8 ms each.
        rehearsal: share of a step's weight that goes to the base's other voices.
        others: drawn voices, that each phrase is also heard from (``lesson``).
        evaluate_every: steps.
        minutes: at most; the voice is then the best so far.
        seed: of all that is drawn.
        encoder: name of the content encoder; empty for the one that measures best (``choosing_encoder``).
    """

    steps: int = 1000
    rate: float = 3e-4
    batch: int = 8
    frames: int = 160
    rehearsal: float = 0.3
    others: int = 2
    evaluate_every: int = 20
    minutes: float = 8.0
    seed: int = 1912
    encoder: str = ""


@dataclass(frozen=True)
class Point:
    """One evaluation: losses of the last steps and of the held-out phrases, and the minutes gone."""

    step: int
    loss: float
    held_out_loss: float
    minutes: float


@dataclass
class Curve:
    """The course of a training, and its end in a sentence."""

    points: list[Point] = field(default_factory=list)
    ended: str = ""

    @property
    def best(self) -> Point:
        """The evaluation with the least held-out loss."""
        return min(self.points, key=lambda point: point.held_out_loss)

    @property
    def taken(self) -> Point:
        """The last evaluation that is as good as the best, to 2 %: the voice is that."""
        most = WITHIN * self.best.held_out_loss
        return [point for point in self.points if point.held_out_loss <= most][-1]


class Learning:
    """The base on its way to a voice; what it needs to go on lies in ``place`` after every evaluation.

    ``material`` is the digest of what is learnt: a training that was cut off goes on with the same and no other.
    """

    def __init__(self, base: VoiceDecoder, tuning: Tuning, place: Path | None = None, material: str = "") -> None:
        self.base, self.tuning, self.place, self.material = base, tuning, place, material
        self.network, self.best, self.curve = deepcopy(base).train(), deepcopy(base), Curve()
        self.mean = AveragedModel(self.network, avg_fn=one_more)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=tuning.rate, weight_decay=0.01)
        self.step, self.before_minutes = 0, 0.0
        if place is not None and place.is_file():
            self._go_on(place)

    def learn(self, lesson: Lesson, held_out: Lesson, tell: Callable[[Point], None] = lambda point: None) -> Curve:
        """Learn until the held-out phrases get no better, the steps are done or the time is over.

        ``best`` is then the network as it was when they last sounded as good as at best (``Curve.taken``).
        """
        started, losses = time.monotonic(), [0.0]
        while not self.curve.ended:
            losses.append(self._learn(lesson) if self.step else 0.0)
            if self.step % self.tuning.evaluate_every == 0:
                minutes = self.before_minutes + (time.monotonic() - started) / 60
                self._evaluate(held_out, float(np.mean(losses)), minutes)
                tell(self.curve.points[-1])
                losses.clear()
            self.step += 1
        return self.curve

    def _evaluate(self, held_out: Lesson, loss: float, minutes: float) -> None:
        apart = held_out_loss(self._voice(), held_out, self.tuning.frames)
        point = Point(self.step, loss, apart, minutes)
        self.curve.points.append(point)
        if self.curve.taken is point:
            self.best = deepcopy(self._voice()).eval()
        self.curve.ended = _ended(self.curve, self.tuning)
        if self.place is not None:
            self._keep(self.place)

    def _voice(self) -> VoiceDecoder:
        return cast(VoiceDecoder, self.mean.module)

    def _learn(self, lesson: Lesson) -> float:
        # Every step draws from its own number: a training that goes on draws what it would have drawn.
        draw = np.random.default_rng([self.tuning.seed, self.step])
        for group in self.optimiser.param_groups:
            group["lr"] = self.tuning.rate * min(1.0, self.step / 20)
        controls, wanted = lesson.batch(self.tuning.batch, self.tuning.frames, draw)
        noise = torch.from_numpy(draw.standard_normal(wanted.shape, dtype=np.float32))
        apart = spectral_distance(self.network(controls, noise), wanted)
        many = max(1, round(self.tuning.rehearsal * self.tuning.batch))
        share = self.tuning.rehearsal
        loss = (1 - share) * apart + share * forgotten(self.network, self.base, controls, many, draw)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.mean.update_parameters(self.network)
        return float(apart.detach())

    def _keep(self, place: Path) -> None:
        state = {
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "best": self.best.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "points": [asdict(point) for point in self.curve.points],
            "ended": self.curve.ended,
            "material": self.material,
        }
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        torch.save(state, part)
        part.replace(place)

    def _go_on(self, place: Path) -> None:
        state = torch.load(place, weights_only=True)
        # What an earlier version left has no mean, and is learnt anew.
        if state["material"] != self.material or "mean" not in state:
            return
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.best.load_state_dict(state["best"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"] + 1
        self.curve = Curve([Point(**point) for point in state["points"]], state["ended"])
        self.before_minutes = self.curve.points[-1].minutes


def one_more(mean: Tensor, now: Tensor, steps: Tensor | int) -> Tensor:
    """The mean with one network more."""
    return mean + max(MEAN_SHARE, MEAN_BEGINS / (float(steps) + MEAN_BEGINS)) * (now - mean)


def _ended(curve: Curve, tuning: Tuning) -> str:
    """Why a training ends at its last point; nothing while it goes on."""
    point, best, taken = curve.points[-1], curve.best, curve.taken
    since = (point.step - best.step) // tuning.evaluate_every
    if since >= PATIENCE:
        stopped = f"stopped at step {point.step}, the voice is that of step {taken.step}"
        return f"memorising since step {best.step}: {stopped}"
    if point.minutes >= tuning.minutes:
        return f"stopped after {point.minutes:.1f} minutes, as asked; the voice is that of step {taken.step}"
    if point.step >= tuning.steps:
        return f"all {tuning.steps} steps done, still learning; the voice is that of step {taken.step}"
    return ""


def forgotten(
    network: VoiceDecoder, base: VoiceDecoder, controls: Controls, many: int, draw: np.random.Generator
) -> Tensor:
    """How far the filters for other voices, drawn as the base's voices lie, are from those of the base."""
    shift = torch.from_numpy(draw.normal(0, 1, (many, controls.speaker.shape[1])).astype(np.float32))
    others = base.speaker_mean + shift * base.speaker_spread
    raised = torch.from_numpy(2 ** draw.uniform(-0.7, 0.7, (many, 1)).astype(np.float32))
    heard = Controls(
        controls.content[:many],
        controls.f0_hz[:many] * raised,
        controls.voicing[:many],
        controls.loudness_db[:many],
        others,
        controls.channel[:many],
    )
    with torch.no_grad():
        wanted = base.filters(heard)
    return torch.stack([(a - b).abs().mean() for a, b in zip(network.filters(heard), wanted, strict=True)]).sum()


@torch.no_grad()
def held_out_loss(network: VoiceDecoder, held_out: Lesson, frames: int) -> float:
    """Mean loss over all held-out stretches, always with the same noise."""
    network.eval()
    losses = []
    for controls, wanted in held_out.all(frames):
        noise = steady_noise(0, wanted.shape[1]).expand(len(wanted), -1)
        losses.append(float(spectral_distance(network(controls, noise), wanted)))
    network.train()
    return float(np.mean(losses))
