"""Levels in octave bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CENTRES_HZ = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0)
SILENCE_DB = -200.0


def octave_levels_db(
    samples: npt.NDArray[np.floating], sample_rate: int, centres_hz: Sequence[float] = CENTRES_HZ
) -> dict[float, float]:
    """Level of ``samples`` (channels, time) in dB re full scale in each octave, by its centre in Hz.

    Octaves that reach beyond half the sample rate are left out.
    """
    from scipy.signal import welch

    centres = [centre for centre in centres_hz if centre * np.sqrt(2) <= sample_rate / 2]
    if samples.shape[1] < 2:
        return dict.fromkeys(centres, SILENCE_DB)
    segment = min(samples.shape[1], int(sample_rate / 20))
    frequencies, density = welch(samples.astype(np.float64), sample_rate, nperseg=segment, noverlap=0, axis=1)
    power = density.mean(axis=0) * (frequencies[1] - frequencies[0])
    edges = {centre: (centre / np.sqrt(2), centre * np.sqrt(2)) for centre in centres}
    return {
        centre: float(
            10 * np.log10(max(power[(frequencies >= low) & (frequencies < high)].sum(), 10 ** (SILENCE_DB / 10)))
        )
        for centre, (low, high) in edges.items()
    }
