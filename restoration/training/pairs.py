"""Pairs to learn from: aged speech, and the same speech as an ideal remover of noise would give it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr
import torch
from torch import Tensor
from torch.utils.data import Dataset

from restoration.audio import Audio
from restoration.nets.denoiser import VOICE_DBFS
from restoration.simulate.age import age
from restoration.simulate.chains import CHAINS
from restoration.training.clips import Clips

Sides = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""What is heard and what was said: aged and programme (time,)."""

SPEEDS = (0.84, 1.19)
TRIES = 20
STILLEST = 1e-4
"""RMS up to which a stretch is made louder: where a converter gave but zeros, its programme is not to be learnt."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """How pairs are drawn.

    Attributes:
        seconds: length of a pair.
        level_spread_db: standard deviation of the level around ``VOICE_DBFS``.
        pause_share: how many pairs hold a long pause, 0 to 1.
        other_speeds: how many pairs are heard faster or slower, as other people speak, 0 to 1.
        clean_share: how many pairs are hardly aged, so that good recordings are learnt to be left alone, 0 to 1.
        noisier_share: how many pairs are the one with more noise beside the voice of two agings of a stretch, 0 to 1.
        carriers: names of chains, each as likely as it is often named.
    """

    seconds: float = 4.0
    level_spread_db: float = 4.0
    pause_share: float = 0.2
    other_speeds: float = 0.0
    clean_share: float = 0.06
    noisier_share: float = 0.0
    carriers: tuple[str, ...] = (
        *("tape",) * 5,
        *("disc",) * 5,
        "cylinder",
        "wire",
        "telephone",
        "radio",
        *("copy",) * 8,
    )


class Pairs(Dataset[tuple[Tensor, Tensor]]):
    """Batches by number: (aged, programme), each (batch, time), float32. A number always gives the same batch."""

    def __init__(self, clips: Clips, drawing: Drawing, batch: int, batches: int, seed: int) -> None:
        self.clips, self.drawing, self.batch, self.batches, self.seed = clips, drawing, batch, batches, seed
        self.held_out = False
        self._speakers: dict[str, npt.NDArray[np.int64]] = {}
        self._choose()

    def _choose(self) -> None:
        chosen = self.clips.chosen(self.held_out)
        lengths = np.diff(self.clips.starts)[chosen]
        self._chosen, self._shares = chosen, lengths / lengths.sum()
        names = np.array(self.clips.speakers)
        self._speakers = {name: chosen[names[chosen] == name] for name in set(names[chosen].tolist())}

    def only_held_out(self) -> Pairs:
        """The same from the clips that are never trained on."""
        self.held_out = True
        self._choose()
        return self

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, number: int) -> tuple[Tensor, Tensor]:
        pairs = [self.pair(number * self.batch + place) for place in range(self.batch)]
        aged, programme = (torch.from_numpy(np.stack(side)) for side in zip(*pairs, strict=True))
        return aged, programme

    def pair(self, number: int) -> Sides:
        """One pair (time,), by its number."""
        draw = np.random.default_rng([self.seed, number])
        clean = self._speech(draw)
        choices = [self._aged(clean, draw) for _ in range(1 + (draw.random() < self.drawing.noisier_share))]
        aged, programme = max(choices, key=_noise_share)
        if draw.random() < self.drawing.clean_share:
            aged = programme + 10 ** (draw.uniform(-60, -30) / 20) * (aged - programme)
        level = max(STILLEST, float(np.sqrt(np.mean(aged.astype(np.float64) ** 2))))
        gain = 10 ** (draw.normal(VOICE_DBFS, self.drawing.level_spread_db) / 20) / level
        return np.asarray(gain * aged, dtype=np.float32), np.asarray(gain * programme, dtype=np.float32)

    def _aged(self, clean: npt.NDArray[np.float64], draw: np.random.Generator) -> Sides:
        chain = CHAINS[self.drawing.carriers[int(draw.integers(len(self.drawing.carriers)))]](draw)
        made = age(Audio(clean[None].astype(np.float32), self.clips.sample_rate), chain, int(draw.integers(2**31)))
        return made.audio.samples[0], made.programme.samples[0]

    def _speech(self, draw: np.random.Generator) -> npt.NDArray[np.float64]:
        """A stretch of one speaker's clips, one after the other, now and then with a long pause in it."""
        frames = round(self.drawing.seconds * self.clips.sample_rate)
        if draw.random() < self.drawing.other_speeds:
            speed = float(np.exp(draw.uniform(*np.log(SPEEDS))))
            speech = soxr.resample(self._clips_joined(draw, round(frames * speed) + 1), speed, 1.0, "LQ")[:frames]
        else:
            speech = self._clips_joined(draw, frames)
        if draw.random() < self.drawing.pause_share:
            start, stop = np.sort(draw.integers(0, frames, 2))
            speech[start:stop] *= 1e-4
        return np.pad(speech, (0, frames - speech.size))

    def _clips_joined(self, draw: np.random.Generator, frames: int) -> npt.NDArray[np.float64]:
        first, begun = self._begun(draw, frames)
        pieces = [begun]
        others = self._speakers[self.clips.speakers[first]]
        while sum(piece.size for piece in pieces) < frames:
            other = int(draw.choice(others))
            pieces.append(self.clips.cut(other, 0, int(self.clips.starts[other + 1] - self.clips.starts[other])))
        return np.concatenate(pieces)[:frames]

    def _begun(self, draw: np.random.Generator, frames: int) -> tuple[int, npt.NDArray[np.float64]]:
        """The number of a clip, and a stretch of it in which somebody speaks, if ``TRIES`` find one."""
        for _ in range(TRIES):
            clip = int(draw.choice(self._chosen, p=self._shares))
            length = int(self.clips.starts[clip + 1] - self.clips.starts[clip])
            piece = self.clips.cut(clip, int(draw.integers(max(1, length - frames // 2))), min(frames, length))
            if np.abs(piece).max() > STILLEST:
                break
        return clip, piece


def _noise_share(sides: Sides) -> float:
    """Energy of all that ageing added, over that of the programme."""
    aged, programme = sides
    return float(
        np.sum((aged - programme).astype(np.float64) ** 2) / (np.sum(programme.astype(np.float64) ** 2) + 1e-12)
    )
