"""Train our own content encoder: it learns to hear what the embedded one hears, with less of the future."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from restoration.nets.content_student import HOP_FRAMES, ContentStudent, StudentShape
from restoration.training.loop import Schedule
from restoration.training.voice_corpus import SPEEDS, Version, content_lies, prepare

FRAMES = 160
BEGUN_FRAMES = 24
"""At the beginning of a stretch the student has no past, which the teacher had: that is not asked of it."""
LEVELS_DB = (-12.0, 6.0)
HELD_OUT_BATCHES = 6
Example = tuple[Tensor, Tensor]


class ContentEncoderTask:
    """Give the frames that the teacher gave, standardised, for stretches of speech of every language and condition."""

    def __init__(self, corpus: Path, folder: Path, schedule: Schedule, shape: StudentShape) -> None:
        torch.manual_seed(schedule.seed)
        student = ContentStudent(shape)
        prepared = folder.parent / "voice-corpus"
        versions = {name: prepare(corpus, prepared, name) for name in SPEEDS}
        mean, spread = content_lies(versions["plain"])
        student.content_mean.copy_(torch.from_numpy(mean))
        student.content_spread.copy_(torch.from_numpy(spread))
        self.network: nn.Module = student
        self.student = student
        held_out = [kept for _, kept in json.loads((prepared / "pieces.json").read_text(encoding="utf-8"))]
        self.batches = Stretches(list(versions.values()), held_out, schedule)
        self._trials = [self.batches.only_held_out(number) for number in range(HELD_OUT_BATCHES)]

    def loss(self, network: nn.Module, batch: Example) -> Tensor:
        return self._apart(network, batch).mean()

    def _apart(self, network: nn.Module, batch: Example) -> Tensor:
        sound, taught = batch
        wanted = (taught - self.student.content_mean) / self.student.content_spread
        made = network.standardised(sound)[:, : wanted.shape[1]]  # type: ignore[operator]
        return (1 - alike(made, wanted))[:, BEGUN_FRAMES:] + 0.1 * (made - wanted)[:, BEGUN_FRAMES:].abs().mean(-1)

    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        return network.state_dict()

    @torch.no_grad()
    def figures(self, network: nn.Module) -> dict[str, float]:
        """Held-out loss, and the cosine to the teacher's standardised frames."""
        losses, cosines = [], []
        for sound, taught in self._trials:
            wanted = (taught - self.student.content_mean) / self.student.content_spread
            made = network.standardised(sound)[:, : wanted.shape[1]]  # type: ignore[operator]
            cosines.append(float(alike(made, wanted)[:, BEGUN_FRAMES:].mean()))
            losses.append(float(self._apart(network, (sound, taught)).mean()))
        loss = float(np.mean(losses))
        return {"held_out_loss": loss, "cosine": float(np.mean(cosines)), "score": -loss}


def alike(made: Tensor, wanted: Tensor) -> Tensor:
    """Cosine of frames (batch, frames, size)."""
    return nn.functional.cosine_similarity(made, wanted, dim=-1)


class Stretches(Dataset[Example]):
    """Batches by number: stretches of sound (batch, time) at random levels, and the teacher's frames of them."""

    def __init__(self, versions: list[Version], held_out: list[bool], schedule: Schedule) -> None:
        self.versions, self.schedule = versions, schedule
        kept = np.array(held_out)
        self._learnt, self._held_out = np.flatnonzero(~kept), np.flatnonzero(kept)
        lengths = np.diff(versions[0].content_starts)[self._learnt].astype(np.float64)
        self._shares = lengths / lengths.sum()

    def __len__(self) -> int:
        return self.schedule.steps

    def __getitem__(self, number: int) -> Example:
        draw = np.random.default_rng([self.schedule.seed, number])
        return self._batch(draw.choice(self._learnt, self.schedule.batch, p=self._shares), draw)

    def only_held_out(self, number: int) -> Example:
        """A batch from pieces that are never trained on."""
        draw = np.random.default_rng([7, number])
        return self._batch(draw.choice(self._held_out, 8), draw)

    def _batch(self, pieces: npt.NDArray[np.int64], draw: np.random.Generator) -> Example:
        stretches = [self._stretch(int(piece), draw) for piece in pieces]
        sound, frames = (torch.from_numpy(np.stack(part)) for part in zip(*stretches, strict=True))
        return sound, frames

    def _stretch(self, piece: int, draw: np.random.Generator) -> tuple[npt.NDArray[np.float32], ...]:
        version = self.versions[int(draw.integers(len(self.versions)))]
        begin, end = version.content_starts[piece : piece + 2]
        start = int(draw.integers(max(1, end - begin - FRAMES)))
        frames = version.content[begin + start : min(end, begin + start + FRAMES)].astype(np.float32)
        first = int(version.sound_starts[piece]) + start * HOP_FRAMES
        size = (len(frames) - 1) * HOP_FRAMES + 896
        sound = version.sound[first : min(first + size, int(version.sound_starts[piece + 1]))].astype(np.float32)
        gain = np.float32(10 ** (draw.uniform(*LEVELS_DB) / 20) / 32767)
        # What is too short is repeated from its end: frames without sound would teach nothing.
        frames = np.pad(frames, [(0, FRAMES - len(frames)), (0, 0)], mode="edge")
        return np.pad(gain * sound, (0, (FRAMES - 1) * HOP_FRAMES + 896 - sound.size)), frames
