"""How much of what a noise reducer leaves is the voice: five numbers that were measured on held-out aged speech.

They give the share of a cell's energy that was the programme's from how much of the cell was left, how loud it had
been, and how much of the network's result was mixed in. ``python -m restoration.training.map_calibration`` makes them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Float64 = npt.NDArray[np.float64]

LEAST_MIXED = 0.01
LEAST_LEFT = 1e-4
LEAST_LEVEL_DB = -50.0
LEAST_AS_RECORDED = 0.003
"""50 dB down, what is left of the source beside the network's result no longer matters."""
TABLE = Path(__file__).with_name("confidence.json")
WEIGHTS = ("constant", "left_bel", "left", "level_of_left", "as_recorded")


@dataclass(frozen=True)
class Calibration:
    """``weights`` of the five ``features``, and ``about``: what was measured, and how."""

    weights: tuple[float, ...]
    about: dict[str, Any]

    def of(self, mixed: npt.ArrayLike, level_db: npt.ArrayLike, kept_db: npt.ArrayLike) -> Float64:
        """Confidence 0 to 1; the three are as in ``features``."""
        return np.asarray(expit(features(mixed, level_db, kept_db) @ np.array(self.weights)))

    def to_json(self) -> str:
        """What ``load`` reads."""
        weights = {name: round(value, 4) for name, value in zip(WEIGHTS, self.weights, strict=True)}
        return json.dumps({"weights": weights, "about": self.about}, indent=1) + "\n"


def features(mixed: npt.ArrayLike, level_db: npt.ArrayLike, kept_db: npt.ArrayLike) -> Float64:
    """What the logit of confidence is a sum of, on a last axis of five, named by ``WEIGHTS``.

    Args:
        mixed: the share of the network's result, 0 to 1.
        level_db: energy of a cell in the source, over the voice of the source.
        kept_db: energy of the cell in the result, over that in the source.
    """
    left_db = left_by_network_db(kept_db, mixed)
    left = 10 ** (left_db / 10)
    bels = np.clip(np.asarray(level_db, dtype=np.float64), LEAST_LEVEL_DB, 0.0) / 10
    # What is not the network's is as noisy as it was; it counts where the network left little.
    as_recorded = np.log(1 - np.asarray(mixed, dtype=np.float64) + LEAST_AS_RECORDED) * (1 - left)
    parts = np.broadcast_arrays(1.0, left_db / 10, left, bels * left, as_recorded)
    return np.stack(parts, axis=-1)


def left_by_network_db(kept_db: npt.ArrayLike, mixed: npt.ArrayLike) -> Float64:
    """What a network left of a cell, in dB, where its result was mixed with the source and ``kept_db`` came out.

    Both are taken to be in phase, as a filter leaves them.
    """
    amplitude = 10 ** (np.asarray(kept_db, dtype=np.float64) / 20)
    share = np.maximum(np.asarray(mixed, dtype=np.float64), LEAST_MIXED)
    return np.asarray(20 * np.log10(np.clip((amplitude - (1 - share)) / share, LEAST_LEFT, 1.0)))


@lru_cache(maxsize=1)
def load(path: Path = TABLE) -> Calibration:
    """The calibration that ships."""
    said = json.loads(path.read_text(encoding="utf-8"))
    return Calibration(tuple(said["weights"][name] for name in WEIGHTS), said["about"])


def digest(path: Path = TABLE) -> str:
    """SHA-256 of the calibration: it decides every confidence that was read from it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
