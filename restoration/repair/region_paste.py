"""A repair is put in where a person painted, and nowhere else.

A mask that holds all frequencies is a matter of time alone: its columns are replaced sample by sample. Any other is put
in through short overlapping windows: the difference of repair and recording, of which each window keeps the painted
frequencies. The windows are four-term Blackman-Harris (Harris, Proc. IEEE 66, 1978), whose side lobes lie 92 dB down,
and the outermost four bins of what was painted are given up, so that nothing to speak of leaks past its edges. Windows
centred outside the painted time are left out; half a window beyond it not a bit is changed. What the windows at the
edges leave of the difference is put in again, round by round, so that a narrow patch or a slanting one is filled whole.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import get_window

from restoration.measures.metering import Float64
from restoration.repair.region import Mask, Region

OVERLAP = 8
GUARD_BINS, TAPER_BINS = 4, 4
LEAST_BINS, MANY_BINS = 16, 80
ROUNDS = 8
TIME_SHARE, LONG_ENOUGH_S = 0.0625, 0.043
SHORTEST_S, LONGEST_S = 0.01, 0.7
NARROW_PERCENT = 25.0


def window_frames(region: Region, sample_rate: int) -> int:
    """Length of the windows, a power of two: long enough for the height of what is painted, and longer where it lasts,
    as less of its edges is given up then."""
    painted = region.painted
    row_hz = (min(region.high_hz, sample_rate / 2) - region.low_hz) / painted.shape[0]
    column_s = (region.stop_s - region.start_s) / painted.shape[1]
    height_hz = max(1.0, _usual_run(painted.T) * row_hz)
    length_s = _usual_run(painted) * column_s
    fitting_s = min(TIME_SHARE * length_s, max(MANY_BINS / height_hz, LONG_ENOUGH_S))
    wanted_s = float(np.clip(max(LEAST_BINS / height_hz, fitting_s), SHORTEST_S, LONGEST_S))
    return int(2 ** np.ceil(np.log2(max(32.0, wanted_s * sample_rate))))


def touched(region: Region, sample_rate: int) -> tuple[int, int]:
    """The frames beyond which a repair of the region changes nothing: first, and the one after the last."""
    columns = region.columns(sample_rate)
    if not columns:
        return 0, 0
    around = 0 if region.is_full_band(sample_rate) else window_frames(region, sample_rate) // 2
    return max(0, columns[0][0] - around), columns[-1][1] + around


def gains(region: Region, frames: Float64, window: int, sample_rate: int) -> Float64:
    """How much of the repair each bin takes (bins, windows) in windows centred at ``frames``: 0 outside, 1 well inside.

    There is no edge at 0 Hz nor at half the sample rate.
    """
    places_hz = np.arange(window // 2 + 1) * (sample_rate / window)
    painted = region.holds(frames / sample_rate, np.minimum(places_hz, np.nextafter(region.high_hz, 0.0)))
    painted &= (places_hz <= region.high_hz)[:, None]
    depth = np.zeros(painted.shape)
    inside = painted
    for _ in range(GUARD_BINS + TAPER_BINS):
        depth += inside
        padded = np.pad(inside, ((1, 1), (0, 0)), mode="edge")
        inside = padded[:-2] & inside & padded[2:]
    return np.asarray(np.sin(0.5 * np.pi * np.clip((depth - GUARD_BINS) / TAPER_BINS, 0.0, 1.0)) ** 2)


def pasted(samples: Float64, repaired: Float64, first: int, region: Region, sample_rate: int) -> Float64:
    """``samples`` (time,), which begin at the frame ``first`` of the sound, with ``repaired`` where it is painted."""
    window = window_frames(region, sample_rate)
    hop = window // OVERLAP
    start, stop = touched(region, sample_rate)
    centres = np.arange(-(-start // hop), (stop - 1) // hop + 1) * hop
    kept = gains(region, centres.astype(np.float64), window, sample_rate)
    wanted = np.pad(repaired - samples, window)
    places = centres - first + window - window // 2
    fit = (places >= 0) & (places + window <= wanted.size) & kept.any(axis=0)
    added = np.zeros(wanted.size)
    for _ in range(ROUNDS):
        added += _kept(wanted - added, places[fit], kept[:, fit])
    return np.asarray(samples + added[window:-window])


def _kept(difference: Float64, places: npt.NDArray[np.int64], kept: Float64) -> Float64:
    """What the windows that begin at ``places`` keep of a difference (time,), by their gains (bins, windows)."""
    window = 2 * (kept.shape[0] - 1)
    analysis, synthesis = get_window("hann", window), get_window("blackmanharris", window)
    synthesis /= float((analysis * synthesis).sum()) * OVERLAP / window
    found = np.zeros(difference.size)
    for place, gain in zip(places, kept.T, strict=True):
        spectrum = fft.rfft(difference[place : place + window] * analysis) * gain
        found[place : place + window] += fft.irfft(spectrum, window) * synthesis
    return found


def _usual_run(lines: Mask) -> float:
    """How long the longest painted run of a line is, in pixels: that of the lines a quarter of which have less."""
    runs = []
    for line in lines[lines.any(axis=1)]:
        edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
        runs.append(int((edges[1::2] - edges[::2]).max()))
    return float(np.percentile(runs, NARROW_PERCENT))
