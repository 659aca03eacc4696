"""Train the speaker embedding: ``python -m restoration.nets.train_speaker_embedding --corpus DIR --result FILE``.

Additive angular margin softmax (Deng et al. 2019) over voices at five speeds, each window through a random channel.
Files of the unlabelled sets are voices of their own, but are not held against other files of their set that may be
the same reader: at first none of them, and from a third of the way only those that the network itself finds alike.
Seeded; on one machine with one number of threads the same command gives the same weights. The curve goes to FILE with
the ending .jsonl; the network with the lowest mean of the held-out equal error rates, clean and aged, is kept.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from restoration.nets.channel_variation import ChannelVariation, through_channels
from restoration.nets.speaker_corpus import SAMPLE_RATE, SPEEDS, Voice, draw_window, read_voices
from restoration.nets.speaker_embedding import EMBEDDING_SIZE, SpeakerEmbedding, embed

logger = logging.getLogger(__name__)

WINDOWS_S = (1.2, 1.6, 2.0)
TRIAL_S = 1.5
SHARES = {"fleurs_readers": 0.25, "picovoice_crowd": 0.2, "kathleen": 0.02, "nathalie": 0.02, "flemishguy": 0.03}
"""How often a window comes from these sets; the labelled speakers of speechocean762 share the rest."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How the network is trained: ``margin`` in radians, ``rate`` the highest learning rate."""

    steps: int = 3000
    batch: int = 64
    rate: float = 3e-3
    margin: float = 0.2
    scale: float = 24.0
    seed: int = 1912
    evaluate_every: int = 250


class Voices:
    """The training voices: draws batches, and knows which voices are not to be held against each other."""

    def __init__(self, voices: list[Voice], seed: int) -> None:
        self.voices = voices
        self.random = np.random.default_rng(seed)
        self.collections = np.array([voice.collection for voice in voices])
        weights = np.array([self._weight(voice) for voice in voices])
        self.weights = weights / weights.sum()
        unlabelled = np.array([voice.maybe_others for voice in voices])
        self.alike = (self.collections[:, None] == self.collections[None]) & unlabelled[:, None] & unlabelled[None]
        np.fill_diagonal(self.alike, False)

    def _weight(self, voice: Voice) -> float:
        share = SHARES.get(voice.collection)
        if share is None:
            rest = sum(other not in SHARES for other in self.collections)
            return (1 - sum(SHARES.values())) / rest
        return share / float(np.sum(self.collections == voice.collection))

    @property
    def classes(self) -> int:
        return len(self.voices) * len(SPEEDS)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Windows (count, time) and their classes (count,): the voice's number times five plus the speed's."""
        frames = int(self.random.choice(WINDOWS_S) * SAMPLE_RATE)
        chosen = self.random.choice(len(self.voices), size=count, p=self.weights)
        speeds = self.random.integers(len(SPEEDS), size=count)
        windows = [
            draw_window(self.voices[voice], frames, SPEEDS[speed], self.random)
            for voice, speed in zip(chosen, speeds, strict=True)
        ]
        return torch.from_numpy(np.stack(windows)), torch.from_numpy(chosen * len(SPEEDS) + speeds)

    def not_against(self, classes: Tensor) -> Tensor:
        """(count, classes) bool: where a class may be the same voice under another name."""
        alike = torch.from_numpy(self.alike)[classes // len(SPEEDS)]
        return alike.repeat_interleave(len(SPEEDS), dim=1)

    def find_alike(self, network: SpeakerEmbedding) -> None:
        """Keep apart from now on the unlabelled voices whose mean embeddings are as far apart as labelled ones."""
        frames = int(2 * SAMPLE_RATE)
        random = np.random.default_rng(0)
        cuts = [[draw_window(voice, frames, 1.0, random) for _ in range(6)] for voice in self.voices]
        mean = np.stack([embed(network, np.stack(windows)).mean(axis=0) for windows in cuts])
        mean /= np.linalg.norm(mean, axis=1, keepdims=True)
        cosine = mean @ mean.T
        labelled = ~np.array([voice.maybe_others for voice in self.voices])
        strangers = cosine[np.ix_(labelled, labelled)][~np.eye(labelled.sum(), dtype=bool)]
        self.alike &= cosine > np.percentile(strangers, 80)


class MarginSoftmax(nn.Module):
    """Additive angular margin softmax over class directions."""

    def __init__(self, classes: int, training: Training) -> None:
        super().__init__()
        self.directions = nn.Parameter(torch.randn(classes, EMBEDDING_SIZE) * 0.1)
        self.training_of = training

    def forward(self, embeddings: Tensor, classes: Tensor, not_against: Tensor, margin: float) -> Tensor:
        cosine = embeddings @ nn.functional.normalize(self.directions, dim=1).T
        own = cosine.gather(1, classes[:, None]).clamp(-0.999, 0.999)
        harder = torch.cos(torch.acos(own) + margin)
        logits = cosine.masked_fill(not_against, -1.0).scatter(1, classes[:, None], harder)
        return nn.functional.cross_entropy(self.training_of.scale * logits, classes)


def train(corpus: Path, result: Path, training: Training) -> dict[str, float]:
    """Train, write the best network to ``result``, and return its step and held-out figures."""
    torch.manual_seed(training.seed)
    known, held_out = read_voices(corpus)
    voices = Voices(known, training.seed)
    trials = Trials(held_out)
    network, loss_of = SpeakerEmbedding(), MarginSoftmax(voices.classes, training)
    weights = [*network.parameters(), *loss_of.parameters()]
    optimiser = torch.optim.AdamW(weights, lr=training.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, training.rate, training.steps, pct_start=0.15)
    generator = torch.Generator().manual_seed(training.seed)
    curve, best, losses, started = result.with_suffix(".jsonl"), {"score": math.inf}, [], time.monotonic()
    curve.write_text(json.dumps({**asdict(training), "voices": len(known), "held_out": len(held_out)}) + "\n")
    for step in range(1, training.steps + 1):
        if step == training.steps // 3:
            voices.find_alike(network.eval())
        windows, classes = voices.batch(training.batch)
        heard = through_channels(windows, ChannelVariation(), generator)
        margin = training.margin * min(1.0, 3 * step / training.steps)
        loss = loss_of(network.train()(heard), classes, voices.not_against(classes), margin)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 5.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if step % training.evaluate_every == 0 or step == training.steps:
            point = {"step": step, "loss": float(np.mean(losses)), **trials.figures(network.eval())}
            best = _keep_best(network, point, best, result)
            losses.clear()
            _note(curve, {**point, "minutes": round((time.monotonic() - started) / 60, 2)})
    return best


def _keep_best(
    network: SpeakerEmbedding, point: dict[str, float], best: dict[str, float], result: Path
) -> dict[str, float]:
    score = (point["held_out_eer_clean"] + point["held_out_eer_aged"]) / 2
    if score >= best["score"]:
        return best
    from safetensors.torch import save_file

    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, result)
    return {**point, "score": score}


def _note(curve: Path, point: dict[str, float]) -> None:
    line = json.dumps({name: round(value, 5) for name, value in point.items()})
    with curve.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    logger.info("%s", line)


class Trials:
    """Pairs of 1.5 s windows of the held-out voices, from different clips, clean and through random channels."""

    def __init__(self, voices: list[Voice]) -> None:
        frames = int(TRIAL_S * SAMPLE_RATE)
        random = np.random.default_rng(7)
        self.windows, owners = [], []
        for owner, voice in enumerate(voices):
            for clip in voice.clips:
                self.windows.append(draw_window(Voice(voice.name, voice.collection, [clip]), frames, 1.0, random))
                owners.append(owner)
        self.owners = np.array(owners)

    def figures(self, network: SpeakerEmbedding) -> dict[str, float]:
        """Equal error rates, 0 to 1, of the held-out voices."""
        clean = np.stack(self.windows)
        channel = torch.Generator().manual_seed(7)
        aged = through_channels(torch.from_numpy(clean), ChannelVariation(), channel).numpy()
        return {
            "held_out_eer_clean": equal_error_rate(embed(network, clean), self.owners),
            "held_out_eer_aged": equal_error_rate(embed(network, aged), self.owners),
        }


def equal_error_rate(embeddings: npt.NDArray[np.float32], owners: npt.NDArray[np.int64]) -> float:
    """The rate at which as many pairs of one voice are parted as pairs of two voices are taken for one, 0 to 1."""
    first, second = np.triu_indices(len(owners), k=1)
    cosine = np.sum(embeddings[first] * embeddings[second], axis=1)
    same = owners[first] == owners[second]
    order = np.argsort(cosine)
    missed = np.cumsum(same[order]) / same.sum()
    taken = 1 - np.cumsum(~same[order]) / (~same).sum()
    crossing = int(np.argmin(np.abs(missed - taken)))
    return float((missed[crossing] + taken[crossing]) / 2)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the recipe."""
    parser = argparse.ArgumentParser(prog="python -m restoration.nets.train_speaker_embedding", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with train.csv")
    parser.add_argument("--result", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--steps", type=int, default=Training.steps)
    parser.add_argument("--batch", type=int, default=Training.batch)
    parser.add_argument("--seed", type=int, default=Training.seed)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(chosen.threads)
    training = Training(steps=chosen.steps, batch=chosen.batch, seed=chosen.seed)
    best = train(chosen.corpus, chosen.result, training)
    logger.info("kept: %s", json.dumps(best))


if __name__ == "__main__":
    main()
