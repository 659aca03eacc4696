"""Chains of faults, by the name of the carrier: some that are always the same, and random ones to train and test on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restoration.simulate.clicks import Clicks
from restoration.simulate.clipping import Clipping
from restoration.simulate.copies import draw_copy
from restoration.simulate.cylinder import draw_cylinder
from restoration.simulate.disc import draw_disc
from restoration.simulate.fault import Chain
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss, Offset, Rumble
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.radio import draw_radio
from restoration.simulate.speed import WowFlutter
from restoration.simulate.tape import draw_tape, worn_tape
from restoration.simulate.telephone import draw_telephone
from restoration.simulate.wire import draw_wire

__all__ = ["CHAINS", "Chain", "draw_tape", "worn_disc", "worn_tape"]


def worn_disc() -> Chain:
    """A tape made from a worn lacquer disc: crackle, rumble, surface noise, the narrow band of the cutter, 78 turns."""
    return (
        Gain(gain_db=-5.0),
        BandLimit(low_hz=110.0, high_hz=5000.0),
        WowFlutter(sways=((0.15, 78 / 60),)),
        Hiss(snr_db=21.0, tilt_db_per_octave=-1.0),
        Rumble(snr_db=19.0),
        Hum(snr_db=31.0, partials=3),
        Clicks(per_s=8.0, peak_db=3.0),
        Offset(offset=-0.002),
        Clipping(),
    )


CHAINS: dict[str, Callable[[np.random.Generator], Chain]] = {
    "tape": draw_tape,
    "disc": draw_disc,
    "cylinder": draw_cylinder,
    "wire": draw_wire,
    "telephone": draw_telephone,
    "radio": draw_radio,
    "copy": draw_copy,
}
"""What ages a recording at random, by the name of the carrier."""
