"""One plausible fault of every class, as the pictures show them and as contract tests try them."""

from __future__ import annotations

from restoration.simulate.clicks import Clicks
from restoration.simulate.clipping import Clipping
from restoration.simulate.converter import BadConverter, ClockJumps
from restoration.simulate.crackle import Crackle, Scratch, Thumps
from restoration.simulate.cylinder import SpringMotor
from restoration.simulate.disc import GrooveEcho, TracingDistortion, TurntableRumble
from restoration.simulate.dropouts import Dropouts
from restoration.simulate.fault import Chain
from restoration.simulate.groove import Groove, SurfaceNoise
from restoration.simulate.heads import Azimuth, Head
from restoration.simulate.horn import Horn
from restoration.simulate.hum import Hum
from restoration.simulate.lossy import LossyCopy
from restoration.simulate.magnetism import MagnetisedHead
from restoration.simulate.murmur import Murmur
from restoration.simulate.noise import Hiss, Offset, Rumble
from restoration.simulate.noise_reduction import Mistracking
from restoration.simulate.print_through import PrintThrough
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.radio import Fading, Static, Whistle
from restoration.simulate.room import Reverberation
from restoration.simulate.saturation import Saturation
from restoration.simulate.speed import WowFlutter
from restoration.simulate.splices import LevelSteps, Splices
from restoration.simulate.telephone import CarbonMicrophone, Companding, RelayClicks, Tone
from restoration.simulate.wire import TwistFades

INNER_GROOVE = Groove(rpm=78.0, radius_mm=52.0)

EXAMPLES: Chain = (
    Gain(gain_db=-12),
    BandLimit(low_hz=100, high_hz=4000),
    Head(speed_ips=3.75, gap_um=8, spacing_um=8, bump_db=4),
    Azimuth(angle_arcmin=12),
    LevelSteps(per_min=120, cuts=5, spread_db=6),
    Horn(low_hz=220, high_hz=3200, height_db=12),
    Reverberation(rt60_s=0.7, distance_m=1.5, volume_m3=90),
    WowFlutter(sways=((0.6, 0.8), (0.1, 9.0)), random_percent=0.05),
    ClockJumps(per_min=60),
    SpringMotor(wow_percent=0.6, sag_percent=4, after_s=5),
    Hiss(snr_db=15, tilt_db_per_octave=1),
    Murmur(snr_db=12),
    Hum(snr_db=10, partials=12, fall_db_per_octave=3),
    Rumble(snr_db=8, below_hz=40),
    Offset(offset=0.05),
    Clicks(per_s=8, peak_db=6),
    MagnetisedHead(per_s=10, peak_db=-6),
    PrintThrough(turn_s=1.2, pre_db=-25, post_db=-32),
    SurfaceNoise(snr_db=12, swish_db=9),
    Crackle(per_s=60, peak_db=0),
    Scratch(peak_db=9, turns=20),
    Thumps(peak_db=3, per_turn=2),
    TurntableRumble(snr_db=6),
    GrooveEcho(before_db=-25, after_db=-35),
    Tone(hz=(400.0, 450.0), snr_db=15),
    RelayClicks(trains_per_s=1, peak_db=3),
    Static(snr_db=15, crashes_per_s=1.5, crash_db=18),
    Whistle(hz=1800, snr_db=12, wander_hz=60, wander_s=2),
    Saturation(headroom_db=3, lag=0.4),
    Clipping(headroom_db=3),
    Dropouts(per_s=2),
    Splices(per_min=120, cuts=5),
    Mistracking(),
    BadConverter(bits=6),
    LossyCopy(compression=0.9),
    TracingDistortion(groove=INNER_GROOVE, peak_velocity_m_s=0.2),
    TwistFades(per_s=1, depth_db=18),
    CarbonMicrophone(modulation=0.7),
    Companding(bits=5),
    Fading(second=0.9, delay_ms=0.8, turns_hz=0.4),
)
"""In the order in which a voice meets them: what colours it, what moves it in time, what is added, what destroys."""
