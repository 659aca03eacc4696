"""Tape: some fixed machines and random ones, from the recording through copies to the converter."""

from __future__ import annotations

import numpy as np

from restoration.simulate.clicks import Clicks
from restoration.simulate.clipping import Clipping
from restoration.simulate.converter import BadConverter, ClockJumps
from restoration.simulate.dropouts import Dropouts
from restoration.simulate.fault import Chain, Fault
from restoration.simulate.heads import Azimuth, Head
from restoration.simulate.hum import Hum
from restoration.simulate.magnetism import MagnetisedHead
from restoration.simulate.noise import Hiss, Offset, Rumble
from restoration.simulate.noise_reduction import Mistracking
from restoration.simulate.odds import log_uniform, maybe, uniform
from restoration.simulate.print_through import PrintThrough
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.saturation import Saturation
from restoration.simulate.speed import WowFlutter
from restoration.simulate.splices import LevelSteps, Splices

SPEEDS_IPS = (1.875, 3.75, 3.75, 7.5, 7.5, 15.0)


def worn_tape() -> Chain:
    """A broadcast tape copied too often: hiss, mains hum, a few ticks of bad splices, a dull top, a slow reel."""
    return (
        Gain(gain_db=-4.0),
        BandLimit(low_hz=40.0, high_hz=7000.0),
        WowFlutter(sways=((0.12, 0.7), (0.05, 7.5))),
        Hiss(snr_db=23.0, tilt_db_per_octave=1.0),
        Hum(snr_db=18.5),
        Clicks(per_s=0.4, peak_db=7.5, spread_db=4.0),
        Offset(offset=0.004),
        Clipping(),
    )


def draw_tape(draw: np.random.Generator, snr_db: float | None = None) -> Chain:
    """A random tape, its parameters spread widely and plausibly.

    Args:
        draw: of the parameters.
        snr_db: the speech level over the hiss, and over what hums and rumbles at the least; None draws the first
            between -5 and 40 and the others beside it.
    """
    hiss_db = uniform(draw, -5, 40) if snr_db is None else snr_db
    floor_db = -40.0 if snr_db is None else snr_db
    speed_ips = float(draw.choice(SPEEDS_IPS))
    copies = int(draw.choice([0, 1, 2], p=[0.85, 0.1, 0.05]))
    return (
        Gain(gain_db=uniform(draw, -18, 3)),
        *copied(draw, copies, hiss_db),
        *_recorded(draw, speed_ips),
        *_played(draw, speed_ips),
        _hiss(draw, hiss_db),
        *maybe(draw, 0.5, lambda own: _hum(own, floor_db)),
        *maybe(draw, 0.25, lambda own: _rumble(own, floor_db)),
        *maybe(draw, 0.25, _ticks),
        *maybe(draw, 0.1, _magnetised),
        *_converted(draw),
    )


def copied(draw: np.random.Generator, times: int, hiss_db: float) -> Chain:
    """The faults of ``times`` copies from tape to tape, each on a fair machine.

    Args:
        draw: of the parameters.
        times: how many copies were made.
        hiss_db: the speech level over the hiss of the last tape, above which that of the copies lies by 6 to 20 dB.
    """
    return tuple(fault for _ in range(times) for fault in _copy(draw, hiss_db))


def _copy(draw: np.random.Generator, hiss_db: float) -> Chain:
    return (
        Head(
            speed_ips=float(draw.choice([7.5, 15.0])),
            gap_um=uniform(draw, 2, 8),
            spacing_um=uniform(draw, 0, 2),
            bump_db=uniform(draw, 0, 3),
        ),
        WowFlutter(sways=((log_uniform(draw, 0.01, 0.08), uniform(draw, 0.3, 8)),)),
        Hiss(snr_db=min(120.0, hiss_db + uniform(draw, 6, 20)), tilt_db_per_octave=uniform(draw, -2, 3)),
    )


def _recorded(draw: np.random.Generator, speed_ips: float) -> Chain:
    """What happened while it was recorded and while it lay on the shelf."""
    return (
        *maybe(draw, 0.35, _saturation),
        *maybe(draw, 0.1, _mistracking),
        *(_spliced(draw) if draw.random() < 0.12 else ()),
        *maybe(draw, 0.12, lambda own: _print_through(own, speed_ips)),
    )


def _played(draw: np.random.Generator, speed_ips: float) -> Chain:
    """What the machine that plays it does to the programme."""
    return (
        _band(draw),
        *maybe(draw, 0.4, lambda own: _head(own, speed_ips)),
        *maybe(draw, 0.1, lambda own: Azimuth(angle_arcmin=uniform(own, -25, 25), speed_ips=speed_ips)),
        *maybe(draw, 0.5, _speed),
        *maybe(draw, 0.2, _dropouts),
    )


def _converted(draw: np.random.Generator) -> Chain:
    return (
        *maybe(draw, 0.3, lambda own: Offset(offset=uniform(own, -0.02, 0.02))),
        *maybe(draw, 0.08, lambda own: Clipping(headroom_db=uniform(own, 3, 14))),
        *maybe(draw, 0.05, lambda own: ClockJumps(per_min=log_uniform(own, 2, 60))),
        *maybe(draw, 0.08, _converter),
    )


def _saturation(draw: np.random.Generator) -> Fault:
    return Saturation(
        headroom_db=uniform(draw, -2, 18),
        lag=uniform(draw, 0.05, 0.6) if draw.random() < 0.3 else 0.0,
        coercivity_db=uniform(draw, -45, -15),
        emphasis_us=uniform(draw, 0, 120),
        asymmetry=uniform(draw, 0, 0.3) if draw.random() < 0.3 else 0.0,
    )


def _mistracking(draw: np.random.Generator) -> Fault:
    return Mistracking(
        above_hz=log_uniform(draw, 400, 4000) if draw.random() < 0.7 else None,
        quiet_db=uniform(draw, -8, 10),
        loud_db=uniform(draw, -2, 2),
    )


def _spliced(draw: np.random.Generator) -> Chain:
    cuts, per_min = int(draw.integers(2**31)), uniform(draw, 1, 20)
    tick_db = uniform(draw, -20, 12) if draw.random() < 0.7 else None
    return (
        LevelSteps(per_min=per_min, cuts=cuts, spread_db=uniform(draw, 0, 4)),
        Splices(per_min=per_min, cuts=cuts, gap_ms=(0.0, uniform(draw, 0.5, 20)), tick_db=tick_db),
    )


def _print_through(draw: np.random.Generator, speed_ips: float) -> Fault:
    return PrintThrough(
        turn_s=uniform(draw, 8, 22) / speed_ips,
        growth_percent=uniform(draw, -1, 1),
        pre_db=uniform(draw, -60, -35),
        post_db=uniform(draw, -60, -35),
        speed_ips=speed_ips,
        thickness_um=float(draw.choice([50.0, 35.0, 25.0])),
    )


def _band(draw: np.random.Generator) -> Fault:
    return BandLimit(
        low_hz=log_uniform(draw, 20, 250), high_hz=log_uniform(draw, 3000, 20_000), order=int(draw.integers(2, 9))
    )


def _head(draw: np.random.Generator, speed_ips: float) -> Fault:
    return Head(
        speed_ips=speed_ips,
        gap_um=uniform(draw, 1.5, 10),
        spacing_um=log_uniform(draw, 0.2, 12),
        coating_um=uniform(draw, 0, 6),
        bump_db=uniform(draw, -2, 5),
        bump_mm=log_uniform(draw, 1, 6),
    )


def _speed(draw: np.random.Generator) -> Fault:
    wow = (log_uniform(draw, 0.02, 0.8), uniform(draw, 0.3, 2))
    flutter = (log_uniform(draw, 0.01, 0.3), uniform(draw, 4, 25))
    return WowFlutter(
        sways=(wow, flutter), random_percent=log_uniform(draw, 0.005, 0.1), random_hz=log_uniform(draw, 2, 30)
    )


def _dropouts(draw: np.random.Generator) -> Fault:
    shallow_db, shortest_ms = uniform(draw, 1, 10), log_uniform(draw, 1, 20)
    return Dropouts(
        per_s=log_uniform(draw, 0.05, 4),
        depth_db=(shallow_db, shallow_db + uniform(draw, 0, 25)),
        duration_ms=(shortest_ms, shortest_ms * uniform(draw, 1, 15)),
        treble=uniform(draw, 1, 3),
    )


def _hiss(draw: np.random.Generator, snr_db: float) -> Fault:
    swells = draw.random() < 0.3
    return Hiss(
        snr_db=snr_db,
        tilt_db_per_octave=uniform(draw, -4, 4),
        curve_db=uniform(draw, 0, 5),
        swish_hz=uniform(draw, 0.2, 3) if swells else None,
        swish_depth=uniform(draw, 0.05, 0.5) if swells else 0.0,
        follows_db=uniform(draw, 0, 12) if draw.random() < 0.3 else 0.0,
    )


def _hum(draw: np.random.Generator, floor_db: float) -> Fault:
    return Hum(
        mains_hz=float(draw.choice([50.0, 60.0])) * uniform(draw, 0.97, 1.03),
        snr_db=max(floor_db, uniform(draw, 0, 40)),
        partials=int(draw.integers(1, 31)),
        fall_db_per_octave=uniform(draw, 0, 12),
        even_db=uniform(draw, -20, 10),
        spread_db=uniform(draw, 0, 6),
        drift_percent=log_uniform(draw, 0.01, 1),
        drift_s=log_uniform(draw, 2, 60),
        intermodulation=log_uniform(draw, 0.001, 0.1),
    )


def _rumble(draw: np.random.Generator, floor_db: float) -> Fault:
    return Rumble(snr_db=max(floor_db, uniform(draw, 5, 40)), below_hz=log_uniform(draw, 15, 120))


def _ticks(draw: np.random.Generator) -> Fault:
    return Clicks(per_s=log_uniform(draw, 0.1, 5), peak_db=uniform(draw, -12, 12), spread_db=uniform(draw, 2, 8))


def _magnetised(draw: np.random.Generator) -> Fault:
    return MagnetisedHead(per_s=log_uniform(draw, 2, 100), peak_db=uniform(draw, -35, -8))


def _converter(draw: np.random.Generator) -> Fault:
    return BadConverter(
        bits=int(draw.integers(8, 17)),
        dither=bool(draw.random() < 0.2),
        missing=uniform(draw, 0, 0.2) if draw.random() < 0.3 else 0.0,
    )
