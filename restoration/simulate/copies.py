"""Copies of copies: what is heard between the words of most recordings, noise of any colour.

The rooms, amplifiers and lines through which a recording went before anybody kept it are not known. Their noises fall
towards high frequencies more often than not, end where the next channel ended, sway, and add up; filters ring and
receivers whistle; and what is at hand today is often a lossy copy, in which noise is no longer noise. A network that
has only heard even noise leaves what stands out of it.
"""

from __future__ import annotations

import numpy as np

from restoration.simulate.clicks import Clicks
from restoration.simulate.fault import Chain, Fault
from restoration.simulate.hum import Hum
from restoration.simulate.lossy import LossyCopy
from restoration.simulate.murmur import Murmur
from restoration.simulate.noise import Hiss, Rumble
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.radio import Static, Whistle
from restoration.simulate.room import Reverberation


def draw_copy(draw: np.random.Generator) -> Chain:
    """A random copy of a copy."""
    return (
        *maybe(draw, 0.3, lambda own: Reverberation(rt60_s=uniform(own, 0.2, 0.9), distance_m=uniform(own, 0.2, 2.0))),
        Gain(gain_db=uniform(draw, -18, 3)),
        _noise(draw),
        *maybe(draw, 0.5, _noise),
        *maybe(draw, 0.6, _murmur),
        *maybe(draw, 0.3, _whistle),
        *maybe(draw, 0.4, lambda own: Rumble(snr_db=uniform(own, 0, 30), below_hz=log_uniform(own, 20, 200))),
        *maybe(draw, 0.3, _hum),
        *maybe(draw, 0.3, lambda own: Clicks(per_s=log_uniform(own, 0.1, 5), peak_db=uniform(own, -12, 9))),
        *maybe(draw, 0.2, _bursts),
        *maybe(draw, 0.5, _channel),
        *maybe(draw, 0.5, lambda own: Hiss(snr_db=uniform(own, 15, 45), tilt_db_per_octave=uniform(own, -3, 3))),
        *maybe(draw, 0.45, _lossy),
    )


def _noise(draw: np.random.Generator) -> Fault:
    narrow = draw.random() < 0.4
    swells = draw.random() < 0.4
    return Hiss(
        snr_db=uniform(draw, -2, 30),
        tilt_db_per_octave=uniform(draw, -10, 3),
        curve_db=uniform(draw, 0, 9),
        band_hz=(log_uniform(draw, 30, 500), log_uniform(draw, 1000, 8000)) if narrow else None,
        swish_hz=log_uniform(draw, 0.1, 8) if swells else None,
        swish_depth=uniform(draw, 0, 0.6) if swells else 0.0,
        follows_db=max(0.0, uniform(draw, -14, 16)),
    )


def _murmur(draw: np.random.Generator) -> Fault:
    return Murmur(
        snr_db=uniform(draw, -2, 30),
        tilt_db_per_octave=uniform(draw, -9, 3),
        wander_db=uniform(draw, 2, 12),
        wander_s=log_uniform(draw, 0.03, 10),
        width_octaves=log_uniform(draw, 0.05, 4),
        steps=bool(draw.random() < 0.35),
    )


def _whistle(draw: np.random.Generator) -> Fault:
    return Whistle(
        hz=log_uniform(draw, 150, 7500),
        snr_db=uniform(draw, 5, 40),
        wander_hz=log_uniform(draw, 1, 100),
        wander_s=log_uniform(draw, 0.3, 10),
        swell_db=uniform(draw, 0, 8),
    )


def _hum(draw: np.random.Generator) -> Fault:
    return Hum(
        mains_hz=float(draw.choice([50.0, 60.0])) * uniform(draw, 0.98, 1.02),
        snr_db=uniform(draw, 3, 30),
        partials=int(draw.integers(2, 16)),
        fall_db_per_octave=uniform(draw, 3, 12),
    )


def _channel(draw: np.random.Generator) -> Fault:
    return BandLimit(
        low_hz=log_uniform(draw, 40, 400), high_hz=log_uniform(draw, 2500, 9000), order=int(draw.integers(2, 8))
    )


def _bursts(draw: np.random.Generator) -> Fault:
    return Static(snr_db=uniform(draw, 10, 35), crashes_per_s=log_uniform(draw, 0.2, 4), crash_db=uniform(draw, 6, 24))


def _lossy(draw: np.random.Generator) -> Fault:
    return LossyCopy(codec="mp3" if draw.random() < 0.7 else "vorbis", compression=uniform(draw, 0.1, 0.98))
