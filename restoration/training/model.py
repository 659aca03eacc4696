"""Train a network that ships: the run, its curve as a picture, its weights and the card that says what it is."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from restoration import fixity
from restoration.errors import RestorationError
from restoration.nets.content_encoder import EMBEDDED, NETWORK
from restoration.nets.content_student import StudentShape
from restoration.nets.denoiser import DenoiserShape
from restoration.nets.extender import ExtenderShape
from restoration.nets.upper_band import UpperBandShape
from restoration.nets.voice_decoder import VoiceDecoderShape
from restoration.training.content_encoder import ContentEncoderTask
from restoration.training.denoiser import DenoiserTask
from restoration.training.extender import ExtenderTask
from restoration.training.loop import Run, Schedule, Task
from restoration.training.upper_band import UpperBandTask
from restoration.training.voice_base import VoiceBaseTask
from restoration.weights import card as model_card

TASKS: dict[str, Callable[[Path, Path, Schedule], Task]] = {
    "denoiser": lambda corpus, folder, schedule: DenoiserTask(corpus, folder, schedule, DenoiserShape()),
    "extender": lambda corpus, folder, schedule: ExtenderTask(corpus, folder, schedule, ExtenderShape()),
    "upper-band": lambda corpus, folder, schedule: UpperBandTask(corpus, folder, schedule, UpperBandShape()),
    "content-encoder": lambda corpus, folder, schedule: ContentEncoderTask(corpus, folder, schedule, StudentShape()),
    "voice-base": lambda corpus, folder, schedule: VoiceBaseTask(corpus, folder, schedule, VoiceDecoderShape()),
}
TIED = {"content-encoder": "stands_for", "voice-base": "encoder"}
"""What a card says of the content encoder that a network was taught by or with."""
RATES = {"extender": 1.5e-3, "upper-band": 1.5e-3}
"""Where the learning rate is not the usual one."""


def train_model(name: str, corpus: Path, folder: Path, schedule: Schedule, begin_from: Path | None = None) -> Path:
    """Train the model ``name`` in ``folder``, or go on where an earlier run there stopped; the path of its card.

    A run that begins takes its parameters from the weights ``begin_from``, if that is given.

    Beside the card (``card.toml``, a table for weights.toml) lie the weights (half precision, safetensors), the curve
    (``curve.jsonl``, ``curve.png``) and the checkpoints.

    Raises:
        RestorationError: there is no such model, or no such corpus; or ``begin_from`` is of another network.
    """
    if name not in TASKS:
        raise RestorationError(f"there is no recipe to train '{name}'; there is one for: {', '.join(sorted(TASKS))}")
    task = TASKS[name](corpus, folder, schedule)
    if begin_from is not None:
        begin(task.network, begin_from)
    run = Run(task, schedule, folder)
    run.train()
    weights = export(task, folder / "best.pt", folder / f"{name}.safetensors")
    draw_curve(run.curve, folder / "curve.png")
    card = folder / "card.toml"
    card.write_text(card_of(name, corpus, weights, run.curve, schedule, begin_from), encoding="utf-8")
    return card


def begin(network: torch.nn.Module, weights: Path) -> None:
    """Give a network the parameters of other weights (safetensors); what it was told about its corpus stays.

    Raises:
        RestorationError: they cannot be read, or are of another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        known = load_file(weights)
    except (OSError, SafetensorError) as error:
        raise RestorationError(f"{weights} cannot be read as weights (safetensors) to begin from: {error}") from error
    for name, parameter in network.named_parameters():
        if name not in known or known[name].shape != parameter.shape:
            raise RestorationError(f"{weights} has no '{name}' of {tuple(parameter.shape)}: it is of another network")
        parameter.data.copy_(known[name].float())


def export(task: Task, best: Path, place: Path) -> Path:
    """Write the weights of ``best`` in half precision, as the task ships them."""
    from safetensors.torch import save_file

    network = task.network.eval()
    network.load_state_dict(torch.load(best, weights_only=True), strict=True)
    save_file({name: _half(value) for name, value in task.shipped_state(network).items()}, place)
    return place


def _half(value: torch.Tensor) -> torch.Tensor:
    return value.half().contiguous() if value.is_floating_point() else value


def points_of(curve: Path) -> list[dict[str, float]]:
    """The points of a run's curve."""
    return [json.loads(line) for line in curve.read_text(encoding="utf-8").splitlines()]


def draw_curve(curve: Path, place: Path) -> None:
    """Draw the loss, in training and held out, and every other figure of merit."""
    import matplotlib.pyplot as plt

    points = points_of(curve)
    names = [name for name in points[-1] if name not in ("step", "minutes", "rate", "score", "held_out_loss")]
    figure, axes = plt.subplots(len(names), 1, figsize=(7, 2.2 * len(names)), sharex=True, squeeze=False)
    for axis, name in zip(axes[:, 0], names, strict=True):
        known = [point for point in points if name in point]
        axis.plot([point["step"] for point in known], [point[name] for point in known], label=name)
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
    axes[-1, 0].set_xlabel("step")
    figure.tight_layout()
    figure.savefig(place, dpi=110)
    plt.close(figure)


def card_of(
    name: str, corpus: Path, weights: Path, curve: Path, schedule: Schedule, begin_from: Path | None = None
) -> str:
    """The card as a ``[[model]]`` table: what was trained on what, how, and how well it did on held-out speech."""
    points = points_of(curve)
    best = max(points, key=lambda point: point["score"])
    figures = ", ".join(f"{key} {value:.3f}" for key, value in best.items() if key not in ("rate", "score", "loss"))
    asked = f"--steps {schedule.steps} --batch {schedule.batch}"
    if begin_from is not None:
        asked += f" --begin-from {begin_from.name} (sha256 {fixity.digests(begin_from)['sha256']})"
    settings = ", ".join(f"{key} {value}" for key, value in asdict(schedule).items() if f"--{key} " not in asked)
    lines = [
        "[[model]]",
        f'name = "{name}"',
        f'file = "{weights.name}"',
        "shipped = true",
        f'sha256 = "{fixity.digests(weights)["sha256"]}"',
        'licence = "Apache-2.0"',
        f'recipe = "restoration train-model {name} --corpus DIR {asked} ({settings})"',
        f'quality = "Held-out clips, aged at random: {figures}."',
        *_tie(name),
        "training = [",
        *(f'    {{ name = "{entry}", licence = "{licence}" }},' for entry, licence in _sets(corpus)),
        "]",
    ]
    return "\n".join(lines) + "\n"


def _tie(name: str) -> list[str]:
    if name not in TIED:
        return []
    return [f'{TIED[name]} = {{ name = "{EMBEDDED}", sha256 = "{model_card(NETWORK).sha256}" }}']


def _sets(corpus: Path) -> list[tuple[str, str]]:
    """The sets of a corpus with the minutes of each, and their licences."""
    minutes: dict[tuple[str, str], float] = defaultdict(float)
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            minutes[row["origin"], row["licence"]] += float(row["duration_s"]) / 60
    return [(f"{origin}, {total:.0f} minutes", licence) for (origin, licence), total in sorted(minutes.items())]
