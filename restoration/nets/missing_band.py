"""The band above the one that was recorded: its grid, its gate, and the crossover that spares what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Speaking = npt.NDArray[np.bool_]
"""Per transform: does somebody speak?"""
Spectra = npt.NDArray[np.complexfloating]

FRAME_MS = 32
LOWEST_HZ = 150.0
"""Below lie hum and rumble, which say nothing about the voice."""
GATE_DB = (6.0, 14.0)
"""Nothing is made until the upper recorded band is this far above its noise; all of it from the second figure on."""
GATE_FRAMES = 5
"""The gate follows the median of as many transforms (about 40 ms), so that the flicker of noise does not open it."""
QUIETEST_BELOW_VOICE_DB = 45.0
NOTHING = 1e-12
"""-240 dBFS: rounding of the transforms; digital silence stays digital silence."""


@dataclass(frozen=True)
class Band:
    """What is made and from what: the recorded band ends at ``edge_hz``, the made one at ``target_hz``."""

    sample_rate: int
    edge_hz: float
    target_hz: float

    @property
    def hop(self) -> int:
        """Frames between transforms: about 8 ms, of a length that transforms fast."""
        from scipy.fft import next_fast_len

        return int(next_fast_len(max(16, round(self.sample_rate * FRAME_MS / 4000))))

    @property
    def window(self) -> int:
        """Frames of a transform: four hops."""
        return 4 * self.hop

    def transforms(self, frames: int) -> int:
        """How many transforms cover so many frames."""
        return max(4, -(-frames // self.hop)) + 1

    @property
    def frequencies_hz(self) -> Float64:
        """Of the bins of a transform."""
        return np.arange(self.window // 2 + 1, dtype=np.float64) * (self.sample_rate / self.window)

    @property
    def filled(self) -> npt.NDArray[np.intp]:
        """The bins that are made: from a little below the edge, where the crossover cuts them off, to the target."""
        frequencies = self.frequencies_hz
        return np.flatnonzero((frequencies > 0.97 * self.edge_hz) & (frequencies <= self.target_hz))

    @property
    def reach(self) -> int:
        """Frames on both sides of a frame that decide about it."""
        return 3 * self.window + self.crossover.size

    @property
    def crossover(self) -> Float64:
        """Symmetric high-pass, more than 100 dB down below the edge: what was recorded stays as it is."""
        from scipy.signal import firwin, kaiserord

        nyquist_hz = self.sample_rate / 2
        width_hz = max(0.06 * self.edge_hz, 100.0)
        taps, beta = kaiserord(110.0, width_hz / nyquist_hz)
        centre_hz = min(self.edge_hz + width_hz / 2, 0.99 * nyquist_hz)
        return np.asarray(firwin(taps | 1, centre_hz / nyquist_hz, window=("kaiser", beta), pass_zero=False))


@dataclass(frozen=True)
class Levels:
    """Of one channel, in dB of mean bin power: its upper recorded band in pauses, and the louder band in speech."""

    pause_db: float
    voice_db: float


def transform(channel: npt.NDArray[np.floating], band: Band, kept: slice = slice(None)) -> Spectra:
    """Short-time spectra (bins, frames) of one channel (time,), centred on multiples of the hop; those ``kept``.

    They are as precise as the channel is, single or double.
    """
    from scipy import fft

    padded = np.zeros((band.transforms(channel.size) + 3) * band.hop, dtype=channel.dtype)
    padded[2 * band.hop :][: channel.size] = channel
    windows = np.lib.stride_tricks.sliding_window_view(padded, band.window)[:: band.hop]
    shape = _window(band.window)
    return np.asarray(fft.rfft(windows[kept] * (shape / shape.sum()).astype(channel.dtype), axis=1).T)


def sound_of(spectra: Spectra, band: Band, frames: int) -> Float64:
    """The sound (frames,) whose ``transform`` is nearest to ``spectra`` (Griffin and Lim, 1984)."""
    from scipy import fft

    shape = _window(band.window)
    pieces = fft.irfft(spectra.T, band.window, axis=1)
    pieces *= (shape * shape.sum()).astype(pieces.dtype)
    weight = overlapped(np.broadcast_to(shape**2, pieces.shape))
    inside = slice(2 * band.hop, 2 * band.hop + frames)
    return np.asarray(overlapped(pieces)[inside] / np.maximum(weight[inside], 1e-10))


def overlapped(pieces: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The sum (time,) of pieces (pieces, length), each a quarter of their length after the one before."""
    hop = pieces.shape[1] // 4
    whole = np.zeros((len(pieces) + 3) * hop, dtype=pieces.dtype)
    for quarter in range(4):
        rows = pieces[quarter::4]
        whole[quarter * hop :][: rows.size] += rows.ravel()
    return whole


def _window(frames: int) -> Float64:
    from scipy.signal import get_window

    return np.asarray(get_window("hann", frames))


def recorded_levels_db(spectra: Spectra, band: Band) -> tuple[Float64, Float64, Float64]:
    """Per frame: level of the lower, the upper and the topmost part of the recorded band, in dB of mean bin power."""
    power = np.abs(spectra) ** 2
    edge_hz = band.edge_hz
    low = mean_db(power, band, LOWEST_HZ, 0.4 * edge_hz)
    upper = mean_db(power, band, 0.5 * edge_hz, 0.92 * edge_hz)
    top = mean_db(power, band, 0.75 * edge_hz, 0.92 * edge_hz)
    return low, upper, top


def from_db(level_db: Float64) -> npt.NDArray[np.float32]:
    """Factors of levels in dB; an exponential in single precision is much cheaper than a power of ten."""
    return np.asarray(np.exp(level_db.astype(np.float32) * np.float32(np.log(10) / 20)))


def mean_db(power: Float64, band: Band, low_hz: float, high_hz: float) -> Float64:
    """Mean of the bins from ``low_hz`` to ``high_hz`` of ``power`` (bins, frames), in dB; one bin at least."""
    first, last = np.searchsorted(band.frequencies_hz, [low_hz, high_hz])
    first = min(first, len(power) - 1)
    return np.asarray(10 * np.log10(power[first : max(last, first + 1)].mean(axis=0) + 1e-20))


def gate(spectra: Spectra, band: Band, levels: Levels, speaking: Speaking) -> Float64:
    """0 to 1 per frame: closed in pauses, open where somebody speaks and the recorded band stands above its noise."""
    from scipy.ndimage import median_filter

    low, upper, _ = recorded_levels_db(spectra, band)
    above_noise = (upper - levels.pause_db - GATE_DB[0]) / (GATE_DB[1] - GATE_DB[0])
    above_quiet = (np.maximum(low, upper) - levels.voice_db + QUIETEST_BELOW_VOICE_DB) / 10
    opened = np.clip(np.minimum(above_noise, above_quiet), 0, 1) * speaking
    return np.asarray(median_filter(opened, GATE_FRAMES, mode="nearest"))


def speaking_at(regions: Sequence[Sequence[float]], band: Band, first: int, frames: int) -> Speaking:
    """Which transforms of ``frames`` frames from number ``first`` on are centred where somebody speaks.

    ``regions`` are (start, end) in seconds, in order and apart from each other.
    """
    centres_s = (first + np.arange(band.transforms(frames)) * band.hop) / band.sample_rate
    edges_s = np.asarray(regions, dtype=np.float64).reshape(-1)
    return np.asarray(np.searchsorted(edges_s, centres_s, side="right") % 2 == 1)


def sound_above_edge(made: Spectra, band: Band, frames: int) -> Float64:
    """The sound (frames,) of the spectra ``made``, without anything below the edge."""
    from scipy.signal import oaconvolve

    sound = sound_of(made, band, (made.shape[1] - 1) * band.hop)
    above = oaconvolve(sound, band.crossover, mode="full")[band.crossover.size // 2 :][:frames]
    above[np.abs(above) < NOTHING] = 0
    return np.asarray(above)


def taken_above_edge(remade: Sound, channel: Sound, band: Band, levels: Levels, speaking: Speaking) -> Float64:
    """What a network that re-synthesised ``channel`` (time,) made above the edge, brought to the level of the channel.

    The gain is that which makes the upper recorded band of ``remade`` as loud as the channel's where somebody speaks.
    """
    recorded, spectra = transform(channel, band), transform(remade, band)
    opened = gate(recorded, band, levels, speaking)
    wanted, found = (_upper_power(each, band, opened) for each in (recorded, spectra))
    made = np.zeros(spectra.shape, dtype=np.complex128)  # what is recorded is not to hear its rounding
    if found > 0:
        made[band.filled] = spectra[band.filled] * (opened * np.sqrt(wanted / found))
    return sound_above_edge(made, band, channel.size)


def _upper_power(spectra: Spectra, band: Band, opened: Float64) -> float:
    upper = recorded_levels_db(spectra, band)[1]
    return float((opened * 10 ** (upper / 10)).sum())
