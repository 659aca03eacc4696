"""Band levels of aged stretches, of what the denoiser left of them, and of their programmes: measured once and kept
beside the run, for the network of the upper band to learn from."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.nets.denoise import gain_for, load_denoiser, low_band_noise, noise_power_of
from restoration.nets.voice_bands import LEAST_DB, loudness_db, quiet_levels_db
from restoration.training.band_levels import FULL_RATE, levels_db_of
from restoration.training.clips import TREATMENT, Clips, read_clips, table_digest
from restoration.training.pairs import Drawing, Pairs
from restoration.weights import card

logger = logging.getLogger(__name__)

STRETCHES, HELD_OUT = 3000, 96
SECONDS = 6.0
TURNED_DB = (-25.0, 6.0)
"""What ageing added to every other stretch is turned by a random amount, so that all heights of noise are heard."""

PAUSE_SHARE = 0.3
"""The quietest so many frames are pauses: of noise that comes and goes with the voice no more is known in use."""
MOST_ABOVE_DB = 6.0
"""So far what is wanted may lie above what is heard (noise can cancel it); what a lossy copy lost is not asked for."""

KINDS = ("aged", "cleaned", "wanted", "noise")

Float16 = npt.NDArray[np.float16]


@dataclass(frozen=True)
class UpperBandLevels:
    """Levels in dB of many stretches, (stretches, bands, frames): ``aged``, ``cleaned`` by the denoiser, ``wanted``;
    and ``noise`` (stretches, 2, bands): alone, and as the quietest frames show it."""

    aged: Float16
    cleaned: Float16
    wanted: Float16
    noise: Float16


def read_levels(corpus: Path, kept: Path, held_out: bool, count: int) -> UpperBandLevels:
    """``count`` stretches of a corpus, held out or not; ``kept`` is a folder that remembers them.

    Raises:
        RestorationError: there is no ``train.csv``.
        MissingWeights: the denoiser is not there, or is another one.
    """
    drawing, digest = Drawing(seconds=SECONDS), table_digest(corpus)
    about = json.dumps([asdict(drawing), TURNED_DB, count, held_out, card("denoiser").sha256, digest, TREATMENT])
    place = kept / f"upper-band-{sha256(about.encode()).hexdigest()[:16]}"
    if not (place / f"{KINDS[-1]}.npy").is_file():
        place.mkdir(parents=True, exist_ok=True)
        clips = read_clips(corpus, FULL_RATE, kept)
        for name, levels in zip(KINDS, _measured(clips, drawing, held_out, count), strict=True):
            np.save(place / f"{name}.npy", levels)
    return UpperBandLevels(*(np.load(place / f"{name}.npy", mmap_mode="r") for name in KINDS))


def _measured(clips: Clips, drawing: Drawing, held_out: bool, count: int) -> list[Float16]:
    pairs = Pairs(clips, drawing, 1, count, seed=7 if held_out else 1912)
    if held_out:
        pairs.only_held_out()
    stretches = []
    for number in range(count):
        stretches.append(_stretch(*pairs.pair(number), number))
        if number % 100 == 99:
            logger.info("measured the bands of %d of %d stretches", number + 1, count)
    return [np.stack(kind) for kind in zip(*stretches, strict=True)]


def _stretch(
    aged: npt.NDArray[np.float32], programme: npt.NDArray[np.float32], number: int
) -> tuple[Float16, Float16, Float16, Float16]:
    """Aged, cleaned, wanted and noise of one pair (time,)."""
    draw = np.random.default_rng([FULL_RATE, number])
    noise = aged - programme
    if number % 2:
        noise = noise * np.float32(10 ** (draw.uniform(*TURNED_DB) / 20))
        aged = programme + noise
    rms = float(np.sqrt(np.mean(aged.astype(np.float64) ** 2))) + 1e-9
    gain = gain_for(20 * np.log10(rms) + draw.normal(0, 3))
    power = noise_power_of(noise, FULL_RATE, gain)
    cleaned = aged - low_band_noise(load_denoiser(), aged, FULL_RATE, gain, power)
    levels = [levels_db_of(gain * each, FULL_RATE) for each in (aged, cleaned, programme, noise)]
    loudness = loudness_db(levels[2])
    pauses = loudness <= np.quantile(loudness, PAUSE_SHARE)
    alone = 10 * np.log10(np.mean(10 ** (levels[3][:, pauses] / 10), axis=1) + 10 ** (LEAST_DB / 10))
    shown = quiet_levels_db(levels[0], loudness_db(levels[0]))
    wanted = np.minimum(levels[2], levels[0] + MOST_ABOVE_DB)
    aged_db, cleaned_db, wanted_db = (each.astype(np.float16) for each in (levels[0], levels[1], wanted))
    return aged_db, cleaned_db, wanted_db, np.stack([alone, shown]).astype(np.float16)
