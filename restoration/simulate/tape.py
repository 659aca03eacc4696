"""How a carrier has aged: the parameters, and some carriers to begin with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TapeAgeing:
    """What the years and the machines did to a recording. Levels are RMS re full scale (a full-scale sine is -3 dBFS).

    Args:
        seed: of everything drawn; each fault draws from a generator of its own, so that changing one fault leaves the
            others as they were.
        gain_db: applied to the programme before anything is added to it.
        low_cut_hz: below it the programme is lost (3 dB down there); None keeps it.
        bandwidth_hz: above it the programme is lost (3 dB down there); None keeps it.
        wow_percent: peak deviation of the speed, at ``wow_hz``.
        wow_hz: once a turn of a reel or a disc.
        flutter_percent: peak deviation of the speed, at ``flutter_hz``.
        flutter_hz: once a turn of a capstan.
        hiss_snr_db: mean power of the programme over that of the hiss; None adds no hiss.
        hiss_tilt_db_per_octave: rise of the hiss's spectrum above 100 Hz; 0 is white.
        hum_hz: frequency of the mains.
        hum_dbfs: level of all partials of the hum together; None adds no hum.
        hum_harmonics: number of partials, the fundamental included; their amplitudes fall as 1/k.
        rumble_dbfs: level of the low noise of a turntable; None adds none.
        rumble_hz: below which the rumble lies.
        clicks_per_s: mean number of clicks in a second.
        click_dbfs: median of their peaks, in dB re full scale.
        click_spread_db: standard deviation of their peaks in dB.
        dc_offset: added at the end; full scale is 1.
    """

    seed: int
    gain_db: float = 0.0
    low_cut_hz: float | None = None
    bandwidth_hz: float | None = None
    wow_percent: float = 0.0
    wow_hz: float = 0.5
    flutter_percent: float = 0.0
    flutter_hz: float = 9.0
    hiss_snr_db: float | None = None
    hiss_tilt_db_per_octave: float = 0.0
    hum_hz: float = 50.0
    hum_dbfs: float | None = None
    hum_harmonics: int = 6
    rumble_dbfs: float | None = None
    rumble_hz: float = 30.0
    clicks_per_s: float = 0.0
    click_dbfs: float = -20.0
    click_spread_db: float = 4.0
    dc_offset: float = 0.0

    def __post_init__(self) -> None:
        for name in ("wow_percent", "flutter_percent", "clicks_per_s", "click_spread_db"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is 0 or more, not {getattr(self, name)}")
        for name in ("low_cut_hz", "bandwidth_hz", "wow_hz", "flutter_hz", "hum_hz", "rumble_hz"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} is above 0, not {value}")
        if self.hum_harmonics < 1:
            raise ValueError(f"hum_harmonics is 1 or more, not {self.hum_harmonics}")
        if not -1 < self.dc_offset < 1:
            raise ValueError(f"dc_offset lies between -1 and 1, not {self.dc_offset}")


def worn_tape(seed: int) -> TapeAgeing:
    """A broadcast tape copied too often: hiss, mains hum, a few ticks of bad splices, a dull top, a slow reel."""
    return TapeAgeing(
        seed=seed,
        gain_db=-4.0,
        low_cut_hz=40.0,
        bandwidth_hz=7000.0,
        wow_percent=0.12,
        wow_hz=0.7,
        flutter_percent=0.05,
        flutter_hz=7.5,
        hiss_snr_db=20.0,
        hiss_tilt_db_per_octave=1.0,
        hum_hz=50.0,
        hum_dbfs=-42.0,
        hum_harmonics=6,
        clicks_per_s=0.4,
        click_dbfs=-16.0,
        dc_offset=0.004,
    )


def worn_disc(seed: int) -> TapeAgeing:
    """A tape made from a worn lacquer disc: crackle, rumble, surface noise, the narrow band of the cutter, 78 turns."""
    return TapeAgeing(
        seed=seed,
        gain_db=-5.0,
        low_cut_hz=110.0,
        bandwidth_hz=5000.0,
        wow_percent=0.15,
        wow_hz=78 / 60,
        hiss_snr_db=18.0,
        hiss_tilt_db_per_octave=-1.0,
        hum_hz=50.0,
        hum_dbfs=-54.0,
        hum_harmonics=3,
        rumble_dbfs=-42.0,
        rumble_hz=30.0,
        clicks_per_s=8.0,
        click_dbfs=-20.0,
        click_spread_db=5.0,
        dc_offset=-0.002,
    )
