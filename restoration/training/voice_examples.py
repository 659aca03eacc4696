"""Examples for the bandwidth extender: a voice heard below a random edge, in random noise, and what lay above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from restoration.nets.voice_bands import (
    BANDS,
    CENTRES_HZ,
    EDGES_HZ,
    Float64,
    loudness_db,
    quiet_levels_db,
    recorded_bands,
    voice_level_db,
)
from restoration.training.band_levels import BandLevels

OCTAVES = np.log2(CENTRES_HZ / 1000.0)
BINS_OF_BAND = np.maximum(np.diff(EDGES_HZ) / 31.25, 2.0)
LEAST_BESIDE_VOICE_DB = -75.0
"""What lies lower is not learnt: there the noise of each clip's own room and codec begins."""
SAFE_SHARE = 0.95
"""Bands that reach above this share of a clip's bandwidth are never learnt: a codec's edge is no speech."""
SIBILANT_HZ, SIBILANT_BELOW_VOICE_DB = 4000.0, 22.0
SIBILANT_WEIGHT = 2.0

Example = tuple[npt.NDArray[np.floating], ...]


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """How examples are drawn.

    Attributes:
        frames: of 8 ms in an example.
        heard_frames: of the clip around it, from which the levels of voice and noise are told.
        edge_hz: lowest and highest end of the recorded band.
        aged_share: how many examples come from clips aged by ``restoration.simulate``, 0 to 1.
        noisy_share: how many of the others get steady noise, 0 to 1.
        noise_db: lowest and highest level of that noise beside the voice.
        colour_db: standard deviation of a smooth random colour of the whole voice, one point an octave.
    """

    frames: int = 250
    heard_frames: int = 900
    edge_hz: tuple[float, float] = (1800.0, 7500.0)
    aged_share: float = 0.5
    noisy_share: float = 0.6
    noise_db: tuple[float, float] = (-75.0, -12.0)
    colour_db: float = 2.0


class Examples(Dataset[tuple[Tensor, ...]]):
    """Batches by number: levels heard, noise, recorded bands, levels wanted, weights. A number gives the same batch.

    Levels (batch, bands, frames) and noise (batch, bands) are in dB beside the voice; weights are 0 where nothing is
    known or nothing is wanted.
    """

    def __init__(self, levels: BandLevels, drawn: Circumstances, batch: int, batches: int, seed: int) -> None:
        self.levels, self.drawn, self.batch, self.batches, self.seed = levels, drawn, batch, batches, seed
        self._choose(held_out=False)

    def _choose(self, held_out: bool) -> None:
        self._chosen = self.levels.chosen(held_out)
        lengths = np.diff(self.levels.starts)[self._chosen]
        self._shares = lengths / lengths.sum()

    def only_held_out(self) -> Examples:
        """The same from the clips that are never trained on."""
        self._choose(held_out=True)
        return self

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, number: int) -> tuple[Tensor, ...]:
        examples = [self.example(number * self.batch + place) for place in range(self.batch)]
        return tuple(torch.from_numpy(np.stack(parts).astype(np.float32)) for parts in zip(*examples, strict=True))

    def example(self, number: int) -> Example:
        """One example, by its number."""
        draw = np.random.default_rng([self.seed, number])
        clip = int(draw.choice(self._chosen, p=self._shares))
        aged = draw.random() < self.drawn.aged_share
        edge_hz = self._edge_hz(draw, clip, aged)
        heard, wanted = self._stretch(draw, clip, aged, edge_hz)
        if not aged and draw.random() < self.drawn.noisy_share:
            heard = with_noise(heard, draw.uniform(*self.drawn.noise_db), draw)
        loudness = loudness_db(heard)
        voice_db = voice_level_db(loudness)
        noise = quiet_levels_db(heard, loudness) - voice_db
        frames = self.drawn.frames
        start = int(draw.integers(max(1, heard.shape[1] - frames)))
        heard, wanted = (_of_length(each[:, start : start + frames] - voice_db, frames) for each in (heard, wanted))
        wanted = np.maximum(wanted, LEAST_BESIDE_VOICE_DB)
        recorded = recorded_bands(edge_hz)
        known = ~recorded & (EDGES_HZ[1:] <= SAFE_SHARE * self.levels.bandwidths_hz[clip])
        return heard, noise, recorded.astype(np.float32), wanted, weights(wanted, known)

    def _edge_hz(self, draw: np.random.Generator, clip: int, aged: bool) -> float:
        low, high = self.drawn.edge_hz
        edge_hz = min(low * (high / low) ** draw.random(), 0.75 * self.levels.bandwidths_hz[clip])
        if aged:
            edge_hz = min(edge_hz, draw.uniform(0.75, 1.05) * self.levels.limits_hz[clip])
        return float(max(edge_hz, low))

    def _stretch(self, draw: np.random.Generator, clip: int, aged: bool, edge_hz: float) -> tuple[Float64, Float64]:
        """Levels heard and wanted, as loud as each other around the edge and equally coloured."""
        first, last = self.levels.starts[clip : clip + 2]
        begin = int(first + draw.integers(max(1, last - first - self.drawn.heard_frames)))
        stretch = slice(begin, min(begin + self.drawn.heard_frames, int(last)))
        wanted = self.levels.clean[:, stretch].astype(np.float64)
        heard = self.levels.aged[:, stretch].astype(np.float64) if aged else wanted.copy()
        colour = smooth_colour(self.drawn.colour_db, draw)[:, None]
        slope = -10 * np.log10(
            1 + (CENTRES_HZ / (edge_hz * draw.uniform(0.95, 1.2))) ** (2 * int(draw.integers(3, 25)))
        )
        heard += colour + slope[:, None]
        first, last = np.searchsorted(CENTRES_HZ, [0.4 * edge_hz, 0.9 * edge_hz])
        carrier = self.levels.colour_db[clip] if aged else np.zeros(BANDS)
        return heard, wanted + colour + float((carrier + slope)[first:last].mean())


def smooth_colour(spread_db: float, draw: np.random.Generator) -> Float64:
    """A random curve (bands,) in dB, one point an octave."""
    points = np.arange(-3.0, 6.0)
    return np.asarray(np.interp(OCTAVES, points, spread_db * draw.standard_normal(points.size)))


def with_noise(levels_db: Float64, noise_db: float, draw: np.random.Generator) -> Float64:
    """Levels (bands, frames) with steady noise of a random colour, at ``noise_db`` beside the voice below 1500 Hz."""
    spectrum = noise_db + draw.uniform(-4, 4) * OCTAVES + smooth_colour(3.0, draw)
    spectrum += voice_level_db(loudness_db(levels_db))
    # Mean power of the few bins of a band: windows overlap, so that neighbouring frames flicker together.
    flicker = draw.gamma(BINS_OF_BAND[:, None], size=(BANDS, -(-levels_db.shape[1] // 2))) / BINS_OF_BAND[:, None]
    flicker = np.repeat(flicker, 2, axis=1)[:, : levels_db.shape[1]]
    power = 10 ** (levels_db / 10) + 10 ** (spectrum[:, None] / 10) * flicker
    return np.asarray(10 * np.log10(power))


def weights(wanted: Float64, known: npt.NDArray[np.bool_]) -> Float64:
    """Weight of each level (bands, frames): more for wide bands, and for the frames in which a sibilant is loud."""
    width = np.sqrt(np.diff(EDGES_HZ))
    upper = wanted[CENTRES_HZ > SIBILANT_HZ].max(axis=0)
    sibilant = np.clip((upper + SIBILANT_BELOW_VOICE_DB) / 10 + 0.5, 0, 1)
    return (known * width / width.mean())[:, None] * (1 + SIBILANT_WEIGHT * sibilant)


def _of_length(levels_db: Float64, frames: int) -> Float64:
    return np.pad(levels_db, ((0, 0), (0, frames - levels_db.shape[1])), mode="edge")
