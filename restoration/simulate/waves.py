"""The waves that the faults of several carriers are made of: damped oscillations, steady lines, slow curves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from restoration.simulate.fault import Float64

Complex128 = npt.NDArray[np.complex128]
Frames = npt.NDArray[np.int64]

HEARD_DECAYS = 4.6
KNOTS_PER_S = 200


def ring(decay_ms: float, hz: float, sample_rate: int) -> Complex128:
    """A damped oscillation (time,) that falls to 1/e in ``decay_ms`` and ends when it has fallen to 1 %.

    Its real part strikes (it begins at 1), its imaginary part begins at 0.
    """
    decay_frames = decay_ms / 1000 * sample_rate
    count = max(1, round(HEARD_DECAYS * decay_frames))
    return np.asarray(np.exp((-1 / decay_frames + 2j * np.pi * hz / sample_rate) * np.arange(count)))


def place(sound: Float64, starts: Frames, waves: Float64) -> None:
    """Add each of ``waves`` (count, length) to ``sound`` (time,) from its start on; nothing lies beyond the end."""
    frames = starts[:, None] + np.arange(waves.shape[1])
    inside = frames < sound.size
    # Waves may overlap: plain indexing would lose one of them.
    np.add.at(sound, frames[inside], waves[inside])


def lines(frames: int, sample_rate: int, hz: Float64, amplitudes: Float64, phases: Float64) -> Float64:
    """The sum (time,) of steady sines; those at or above half the sample rate are left out.

    The angle of frame a n + b is the sum of two angles, so that a product of two small matrices gives all frames.
    """
    heard = (hz > 0) & (hz < sample_rate / 2)
    turn = 2j * np.pi * hz[heard, None] / sample_rate
    n = int(np.ceil(np.sqrt(max(1, frames))))
    coarse = amplitudes[heard, None] * np.exp(1j * phases[heard, None] + turn * n * np.arange(n))
    fine = np.exp(turn * np.arange(n))
    sines = coarse.imag.T @ fine.real + coarse.real.T @ fine.imag
    return np.asarray(sines.reshape(-1)[:frames])


def knots(frames: int, sample_rate: int, per_s: int = KNOTS_PER_S) -> Float64:
    """Times in seconds that reach beyond the end; 200 a second are enough for a loudness that turns below 20 Hz."""
    return np.arange(int(frames / sample_rate * per_s) + 2) / per_s


def between(knots_s: Float64, heights: Float64, frames: int, sample_rate: int) -> Float64:
    """The curve (time,) of straight pieces through ``heights`` at ``knots_s``."""
    return np.interp(np.arange(frames) / sample_rate, knots_s, heights)


def wandering(times_s: Float64, hz: float, draw: np.random.Generator) -> Float64:
    """A random curve (time,) of straight pieces, about 1 high, that turns about ``hz`` times a second."""
    count = int(np.ceil(float(times_s[-1]) * 2 * hz)) + 2 if times_s.size else 2
    return np.interp(times_s * (2 * hz), np.arange(count), draw.standard_normal(count))
