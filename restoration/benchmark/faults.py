"""The single faults of the benchmark: each by itself, with the same parameters in every clip."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restoration.simulate.clicks import Clicks
from restoration.simulate.clipping import Clipping
from restoration.simulate.dropouts import Dropouts
from restoration.simulate.fault import Fault
from restoration.simulate.hum import Hum
from restoration.simulate.programme import BandLimit
from restoration.simulate.room import Reverberation
from restoration.simulate.speed import WowFlutter

SINGLE: dict[str, tuple[Fault, ...]] = {
    "clicks": (Clicks(per_s=12.0, peak_db=6.0, spread_db=6.0),),
    "hum": (Hum(snr_db=10.0, partials=10, even_db=-6.0, spread_db=3.0, drift_percent=0.1),),
    "clipping": (Clipping(headroom_db=6.0),),
    "wow": (WowFlutter(sways=((0.6, 0.55), (0.1, 7.0))),),
    "dropouts": (Dropouts(per_s=3.0, depth_db=(10.0, 30.0), duration_ms=(10.0, 120.0)),),
    "reverberation": (Reverberation(rt60_s=0.6, distance_m=1.5),),
    "band limit": (BandLimit(low_hz=200.0, high_hz=3400.0, order=6),),
}


def single_faults() -> dict[str, Callable[[np.random.Generator], tuple[Fault, ...]]]:
    """By name, what gives the chain of one fault; nothing is drawn for it but what the fault itself draws."""
    return {name: lambda draw, chain=chain: chain for name, chain in SINGLE.items()}  # type: ignore[misc]
