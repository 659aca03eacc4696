"""Loudness as broadcasting measures it: ITU-R BS.1770-4 and EBU Tech 3341 and 3342.

Loudness of a stretch, in LUFS: ``-0.691 + 10 log10(sum over channels of weight times mean square)``, K-weighted.
Integrated: 400 ms stretches every 100 ms, those under -70 LUFS left out, then those 10 LU under the mean of the rest.
Range: 3 s stretches every 100 ms, gated at -70 LUFS and 20 LU under the mean; from the 10th to the 95th percentile.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import sosfilt

from restoration.audio import Recording
from restoration.measures.metering import Float64, decibels, listen

SUB_BLOCKS_PER_S = 10
FINE = 10
"""So many powers are kept in every 100 ms: Tech 3341 asks for the maxima to 0.1 LU wherever a sound begins, and
stretches 100 ms apart may miss a burst of 400 ms by 0.5 LU."""
POWERS_PER_S = SUB_BLOCKS_PER_S * FINE
MOMENTARY = 4  # sub-blocks: 400 ms
SHORT_TERM = 30  # sub-blocks: 3 s
ABSOLUTE_GATE_LUFS = -70.0
OFFSET_LU = 0.691

SURROUND = 1.41
CHANNEL_WEIGHTS = {
    5: (1.0, 1.0, 1.0, SURROUND, SURROUND),  # L R C Ls Rs
    6: (1.0, 1.0, 1.0, 0.0, SURROUND, SURROUND),  # L R C LFE Ls Rs
    7: (1.0, 1.0, 1.0, 0.0, 1.0, SURROUND, SURROUND),  # L R C LFE Cb Ls Rs
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, SURROUND, SURROUND),  # L R C LFE Lb Rb Ls Rs
}
"""BS.1770-4 tables 3 and 4, channels in the order of a WAVE file. Up to four weigh the same: they are tracks."""


def k_weighting(sample_rate: int) -> Float64:
    """Second-order sections (2, 6) of the K-weighting for any sample rate in Hz.

    BS.1770-4 tabulates it at 48 kHz only. These are the analogue prototypes (a high shelf of 4 dB at 1682 Hz and a
    high-pass at 38.1 Hz) whose bilinear transforms are that table (B. De Man, Evaluation of implementations of the EBU
    R128 loudness measurement, AES 145, 2018).
    """
    gain_db, shelf_q, shelf_hz = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    pass_q, pass_hz = 0.5003270373238773, 38.13547087602444
    k = np.tan(np.pi * min(shelf_hz / sample_rate, 0.49))
    high = 10.0 ** (gain_db / 20.0)
    band = high**0.4996667741545416
    norm = 1.0 + k / shelf_q + k * k
    shelf = [
        (high + band * k / shelf_q + k * k) / norm,
        2.0 * (k * k - high) / norm,
        (high - band * k / shelf_q + k * k) / norm,
        1.0,
        2.0 * (k * k - 1.0) / norm,
        (1.0 - k / shelf_q + k * k) / norm,
    ]
    k = np.tan(np.pi * pass_hz / sample_rate)
    norm = 1.0 + k / pass_q + k * k
    poles = [1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / pass_q + k * k) / norm]
    # The numerator of the table is 1, -2, 1, which is 0.04 dB at 48 kHz; at other rates it is that much as well.
    k = np.tan(np.pi * pass_hz / 48_000)
    gain = (1.0 + k / pass_q + k * k) / norm
    high_pass = [gain, -2.0 * gain, gain, *poles]
    return np.array([shelf, high_pass])


class LoudnessMeter:
    """Keeps one power for every 10 ms (3 MB an hour); the filters carry their state from piece to piece."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._sample_rate = sample_rate
        self._sections = k_weighting(sample_rate)
        self._state = np.zeros((2, channels, 2))
        self._weights = np.array(CHANNEL_WEIGHTS.get(channels, (1.0,) * channels))
        self._frames = 0
        self._open = 0.0
        self._powers: list[Float64] = []

    def feed(self, samples: Float64) -> None:
        if not samples.shape[1]:
            return
        weighted, self._state = sosfilt(self._sections, samples, axis=1, zi=self._state)
        energy = self._weights @ (weighted * weighted)
        stop = self._frames + energy.size
        ends = self._ends(self._frames, stop)
        # The added zero gives reduceat an empty stretch where the piece and a sub-block end together.
        sums = np.add.reduceat(np.append(energy, 0.0), np.append(0, ends - self._frames))
        sums[0] += self._open
        self._open = float(sums[-1])
        self._powers.append(sums[:-1] * POWERS_PER_S / self._sample_rate)
        self._frames = stop

    def _ends(self, start: int, stop: int) -> np.ndarray:
        """Frames in (start, stop] where a sub-block ends; right in the mean where 100 ms is no whole number of them."""
        first = start * POWERS_PER_S // self._sample_rate
        last = stop * POWERS_PER_S // self._sample_rate + 1
        ends = np.arange(first, last + 1) * self._sample_rate // POWERS_PER_S
        return ends[(ends > start) & (ends <= stop)]

    def _stretches(self, sub_blocks: int) -> Float64:
        """Weighted mean square of every stretch of so many sub-blocks, 100 ms apart."""
        powers = np.concatenate([np.zeros(0), *self._powers])
        powers = powers[: powers.size // FINE * FINE].reshape(-1, FINE).mean(axis=1)
        return _windows(powers, sub_blocks)

    def _all_stretches(self, sub_blocks: int) -> Float64:
        """The same, 10 ms apart."""
        return _windows(np.concatenate([np.zeros(0), *self._powers]), sub_blocks * FINE)

    @property
    def integrated_lufs(self) -> float | None:
        """Gated loudness; None for less than 400 ms, or where nothing reaches -70 LUFS."""
        gated = _gated(self._stretches(MOMENTARY), -10.0)
        return _lufs(float(gated.mean())) if gated.size else None

    @property
    def range_lu(self) -> float | None:
        """Loudness range (EBU Tech 3342); None for less than 3 s, or where nothing reaches -70 LUFS."""
        gated = _gated(self._stretches(SHORT_TERM), -20.0)
        if not gated.size:
            return None
        low, high = np.percentile(10.0 * np.log10(gated), (10, 95))
        return float(high - low)

    @property
    def max_momentary_lufs(self) -> float | None:
        """The loudest 400 ms; None for less, and for silence."""
        return _lufs(float(self._all_stretches(MOMENTARY).max(initial=0.0)))

    @property
    def max_short_term_lufs(self) -> float | None:
        """The loudest 3 s; None for less, and for silence."""
        return _lufs(float(self._all_stretches(SHORT_TERM).max(initial=0.0)))

    def series_lufs(self, sub_blocks: int) -> Float64:
        """Loudness of every stretch of so many sub-blocks (``MOMENTARY``, ``SHORT_TERM``); -inf for silence.

        10 ms apart; the first ends where that much sound was heard.
        """
        with np.errstate(divide="ignore"):
            return np.asarray(10.0 * np.log10(self._all_stretches(sub_blocks)) - OFFSET_LU)

    def measures(self) -> dict[str, float | None]:
        """All four, under the names that ``loudness`` documents."""
        return {
            "loudness_lufs": self.integrated_lufs,
            "loudness_range_lu": self.range_lu,
            "max_momentary_lufs": self.max_momentary_lufs,
            "max_short_term_lufs": self.max_short_term_lufs,
        }


def loudness(recording: Recording) -> dict[str, float | None]:
    """``loudness_lufs`` (integrated), ``loudness_range_lu``, ``max_momentary_lufs``, ``max_short_term_lufs``.

    None where the recording is too short (400 ms; 3 s for the range and the short term) or silent.
    """
    meter = LoudnessMeter(recording.sample_rate, recording.channels)
    listen(recording, meter)
    return meter.measures()


def _windows(powers: Float64, length: int) -> Float64:
    if powers.size < length:
        return np.zeros(0)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(powers, length).mean(axis=1))


def _gated(powers: Float64, relative_gate_lu: float) -> Float64:
    powers = powers[powers > 10.0 ** ((ABSOLUTE_GATE_LUFS + OFFSET_LU) / 10.0)]
    if not powers.size:
        return powers
    return powers[powers > powers.mean() * 10.0 ** (relative_gate_lu / 10.0)]


def _lufs(power: float) -> float | None:
    level = decibels(power)
    return None if level is None else level - OFFSET_LU
