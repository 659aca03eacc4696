"""Gaps that are too long to be expected from their sides: the sides fade out into the noise of the room and the tape.

From each side the sound goes on as its autoregressive model has it, for a few hundredths of a second; what is under
that is noise with the spectrum of the side, which sinks to the noise that the quiet moments around have. No word is
made up, and none is copied from elsewhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.signal import get_window, lfilter, lfiltic

from restoration.measures.metering import Float64
from restoration.repair.gaps import burg

MODEL_S, ORDER_S = 0.06, 0.0125
FADE_S = 0.12
SINKS_DB_PER_S = 300.0
WINDOW_S = 0.02
QUIET_SHARE = 0.25
LEAST = 1e-18
PARTIAL_BINS, ENDS_S = 9, 0.01
Known = npt.NDArray[np.bool_]


def bridged(samples: Float64, known: Known, span: tuple[int, int], sample_rate: int, seed: int) -> Float64:
    """What is put in ``span`` of ``samples`` (time,): (stop - start,). ``known`` (time,): what may be learnt from."""
    start, stop = span
    length = stop - start
    before = _side(samples[:start], known[:start], sample_rate)
    after = _side(samples[stop:][::-1], known[stop:][::-1], sample_rate)
    fade = min(length, max(1, round(FADE_S * sample_rate)))
    falling = np.zeros(length)
    falling[:fade] = np.cos(0.5 * np.pi * np.arange(fade) / fade) ** 2
    ahead = continued(before, length, sample_rate)
    back = continued(after, length, sample_rate)[::-1]
    room = np.sqrt(np.maximum(0.0, 1.0 - falling**2 - falling[::-1] ** 2))
    noise = _noise(samples, known, span, sample_rate, seed)
    return np.asarray(falling * ahead + falling[::-1] * back + room * noise)


def breath(samples: Float64, span: tuple[int, int], sample_rate: int, seed: int) -> Float64:
    """The noise (stop - start,) that an expectation of ``span`` in ``samples`` (time,) lacks beside its sides.

    What a model expects of noise fades within a few milliseconds; without this a short gap is heard as a hole in the
    breath of the voice and the hiss of the tape. Nothing at its ends, where the expectation still holds.
    """
    start, stop = span
    window = max(16, 2 * round(0.5 * WINDOW_S * sample_rate))
    sides = [_near_power(samples[max(0, start - 2 * window) : start], window)]
    sides.append(_near_power(samples[stop : stop + 2 * window], window))
    there = [side for side in sides if side is not None]
    if not any(side.any() for side in there):
        return np.zeros(stop - start)
    hop, length = window // 4, stop - start
    columns = length // hop + 5
    way = np.clip((np.arange(columns) - 1) * hop / length, 0.0, 1.0)[:, None]
    wanted = _between(sides, way, window)
    have = _powers(samples, start - window // 2, columns, window)
    lacking = np.maximum(0.0, _between_partials(wanted) - _between_partials(have))
    white = np.random.default_rng(seed).standard_normal((columns - 1) * hop + window)
    ends = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / max(1.0, ENDS_S * sample_rate))
    return np.asarray(ends * coloured(white, lacking, window)[window // 2 : window // 2 + length])


def _between_partials(power: Float64) -> Float64:
    """The noise of power spectra (columns, bins): their medians over a few bins, which partials do not reach."""
    return np.asarray(median_filter(power, (1, PARTIAL_BINS), mode="nearest"))


def _powers(samples: Float64, begin: int, columns: int, window: int) -> Float64:
    """Squared magnitudes (columns, bins) of Hann windows from the sample ``begin`` on; silence beyond the ends."""
    around = np.zeros((columns - 1) * (window // 4) + window)
    piece = samples[max(0, begin) : max(0, begin + around.size)]
    around[max(0, -begin) :][: piece.size] = piece
    view = np.lib.stride_tricks.sliding_window_view(around, window)[:: window // 4]
    return np.asarray(np.abs(fft.rfft(view * get_window("hann", window), axis=1)) ** 2)


def continued(known: Float64, length: int, sample_rate: int) -> Float64:
    """How the model of ``known`` (time,) goes on after it, so many samples of it, never louder than it was."""
    order = min(round(ORDER_S * sample_rate), known.size // 3)
    most = float(np.abs(known).max(initial=0.0))
    if order < 2 or most == 0.0:
        return np.zeros(length)
    error_filter = burg([known / most], order)
    state = lfiltic([1.0], error_filter, known[::-1][:order])
    ahead, _ = lfilter([1.0], error_filter, np.zeros(length), zi=state)
    return np.asarray(np.clip(ahead, -most, most))


def _side(samples: Float64, known: Known, sample_rate: int) -> Float64:
    """The last stretch that may be learnt from, as far as it reaches to the end of ``samples``."""
    unknown = np.flatnonzero(~known)
    first = int(unknown[-1]) + 1 if unknown.size else 0
    return samples[max(first, samples.size - round(MODEL_S * sample_rate)) :]


def _noise(samples: Float64, known: Known, span: tuple[int, int], sample_rate: int, seed: int) -> Float64:
    """Noise (stop - start,) whose spectrum sinks from those of the sides to that of the quiet moments around."""
    start, stop = span
    window = max(16, 2 * round(0.5 * WINDOW_S * sample_rate))
    hop = window // 4
    length = stop - start
    floors = [quiet_power(samples[part], known[part], window) for part in (slice(0, start), slice(stop, None))]
    reach = 2 * window
    sides = (slice(max(0, start - reach), start), slice(stop, stop + reach))
    near = [_near_power(samples[side], window) if known[side].all() else None for side in sides]
    floors = [_quieter(*both) for both in zip(floors, near, strict=True)]
    columns = length // hop + 5
    ahead_s = np.clip((np.arange(columns) - 1) * hop, 0, length)[:, None] / sample_rate
    power = np.maximum(_between(floors, ahead_s * sample_rate / length, window), _sunk(near[0], ahead_s))
    power = np.maximum(power, _sunk(near[1], length / sample_rate - ahead_s))
    white = np.random.default_rng(seed).standard_normal((columns - 1) * hop + window)
    return coloured(white, power, window)[window // 2 : window // 2 + length]


def coloured(white: Float64, power: Float64, window: int) -> Float64:
    """White noise of power 1 with the spectra ``power`` (windows, bins): mean square of a bin of a Hann window."""
    hop = window // 4
    shape = get_window("hann", window)
    view = np.lib.stride_tricks.sliding_window_view(white, window)[::hop][: power.shape[0]]
    spectra = fft.rfft(view * shape, axis=1) * np.sqrt(power / float((shape**2).sum()))
    pieces = fft.irfft(spectra, window, axis=1) * shape / 1.5
    made = np.zeros(white.size)
    for number, piece in enumerate(pieces):
        made[number * hop : number * hop + window] += piece
    return made


def quiet_power(samples: Float64, known: Known, window: int) -> Float64 | None:
    """Mean square of each bin of Hann windows in the quietest quarter of what is known; None where there is none."""
    if samples.size < window:
        return None
    hop = window // 2
    whole = np.lib.stride_tricks.sliding_window_view(known, window)[::hop].all(axis=1)
    view = np.lib.stride_tricks.sliding_window_view(samples, window)[::hop][whole]
    if not view.shape[0]:
        return None
    power = np.abs(fft.rfft(view * get_window("hann", window), axis=1)) ** 2
    quietest = np.argsort(power.sum(axis=1), kind="stable")[: max(1, round(QUIET_SHARE * view.shape[0]))]
    return np.asarray(power[quietest].mean(axis=0))


def _near_power(samples: Float64, window: int) -> Float64 | None:
    if samples.size < window:
        return None
    view = np.lib.stride_tricks.sliding_window_view(samples, window)[:: window // 4]
    return np.asarray((np.abs(fft.rfft(view * get_window("hann", window), axis=1)) ** 2).mean(axis=0))


def _sunk(power: Float64 | None, after_s: Float64) -> Float64:
    return np.zeros(1) if power is None else np.asarray(power * 10.0 ** (-SINKS_DB_PER_S / 10.0 * after_s))


def _quieter(floor: Float64 | None, near: Float64 | None) -> Float64 | None:
    """The quieter of two power spectra: a pause beside the gap may be quieter than the quiet moments further off."""
    if floor is None or near is None:
        return floor if near is None else near
    return floor if floor.sum() <= near.sum() else uniform_filter1d(near, PARTIAL_BINS)


def _between(floors: list[Float64 | None], way: Float64, window: int) -> Float64:
    """Power spectra (columns, bins) that go from that of one side to that of the other, in decibels."""
    there = [floor for floor in floors if floor is not None]
    if not any(floor.any() for floor in there):
        return np.zeros((1, window // 2 + 1))
    return np.exp((1.0 - way) * np.log(there[0] + LEAST) + way * np.log(there[-1] + LEAST)) - LEAST
