"""Systems delay what they treat: the delay is found, recorded, and taken out before anything is scored."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft

Mono = npt.NDArray[np.float64]
"""Sound of the shape (time,)."""

LONGEST_LAG_S = 0.050
EMPHASIS = 0.95


def aligned(clean: Mono, treated: Mono, sample_rate: int) -> tuple[Mono, int]:
    """``treated`` without its delay, as long as ``clean``; and the delay in frames, at most 50 ms either way.

    The delay is where the cross-correlation of the two is largest, of either polarity. Both are emphasised by 6 dB an
    octave first, so that its peak is sharp and hum and rumble have no say.
    """
    reach = round(LONGEST_LAG_S * sample_rate)
    lag = _lag(_emphasised(clean), _emphasised(treated), reach)
    shifted = treated[lag:] if lag >= 0 else np.concatenate((np.zeros(-lag), treated))
    shifted = shifted[: clean.size]
    return np.pad(shifted, (0, clean.size - shifted.size)), lag


def _lag(first: Mono, second: Mono, reach: int) -> int:
    size = fft.next_fast_len(max(first.size, second.size) + reach, real=True)
    correlation = fft.irfft(np.conj(fft.rfft(first, size)) * fft.rfft(second, size), size)
    near = np.abs(np.concatenate((correlation[-reach:], correlation[: reach + 1])))
    # Silence has no delay: without a peak the middle, which is no delay, is as good as any.
    return int(np.argmax(near)) - reach if near.any() else 0


def _emphasised(sound: Mono) -> Mono:
    return np.append(sound[:1], sound[1:] - EMPHASIS * sound[:-1])
