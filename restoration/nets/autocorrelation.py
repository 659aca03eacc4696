"""Pitch by autocorrelation, with the path of least cost through all frames.

After Boersma 1993 (Accurate short-term analysis of the fundamental frequency): the autocorrelation of a Hann window is
divided by that of the window itself, its maxima compete with each other and with "unvoiced", and the path through time
pays for leaps and for changes of voicing (also Talkin's RAPT, 1995). Three things are for old recordings: only 60 to
1500 Hz are heard, where a voice stands above the noise of a carrier; what the pauses sound like, hum and rumble too, is
taken off the magnitudes (Boll 1979), for a hum has a pitch as well; and magnitudes are raised to the power 1.8 instead
of 2 (Tolonen and Karjalainen 2000), so that one strong formant passes less for the pitch.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft

FloatArray = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

SAMPLE_RATE = 16000
HOP_FRAMES = 128
VOICED = 0.5
WINDOW = 800
"""50 ms: two and a half periods of the lowest voice."""
FFT_SIZE = 2048
FINER = 4
"""The autocorrelation is interpolated to this many values a sample."""
HEARD_HZ = (60.0, 1500.0)
COMPRESSION = 1.8
PIECE = 512

SURVEYED = 3000
"""Frames, spread over the whole recording, from which its pauses are known."""
PAUSES = 0.15
PAUSE_DB = -8.0
"""The quietest frames are pauses if they lie so far below the louder ones; a held note has none."""
OVERSUBTRACTION = 2.5
LEFT_SHARE = 0.3
"""Of what was there: a pause that was taken off itself leaves a few lines, and lines have a pitch."""

CANDIDATES = 6
UNVOICED = 0.6
"""Strength of "unvoiced": what the autocorrelation of a voice has to exceed."""
SILENCE = 0.03
"""Of the level of the louder frames: below it, "unvoiced" grows stronger."""
OCTAVE_COST = 0.05
LEAP_COST = 0.35 * 1.25
VOICING_COST = 0.14 * 1.25
"""Boersma's costs are for 10 ms a frame; these are for 8."""


def autocorrelation(
    sound: FloatArray, lowest_hz: float, highest_hz: float, piece: int = PIECE
) -> tuple[FloatArray, FloatArray]:
    """F0 in Hz and confidence (frames,) every 8 ms of ``sound`` (time,) at 16 kHz.

    The confidence is the height of the maximum of the autocorrelation, kept on that side of 0.5 that the path has
    chosen. ``piece`` says how many frames are analysed at once; the path is always sought through all of them.
    """
    frames = 1 + sound.size // HOP_FRAMES
    pauses = _pauses(sound, frames)
    parts = [
        _candidates(_windows(sound, start, min(start + piece, frames)), pauses, lowest_hz, highest_hz)
        for start in range(0, frames, piece)
    ]
    hz, height, level = (np.concatenate(each) for each in zip(*parts, strict=True))
    chosen = _path(*_strengths(hz, height, level, lowest_hz))
    voiced = chosen >= 0
    row = np.arange(frames)
    taken = np.where(voiced, chosen, height.argmax(axis=1))
    sure = height[row, taken]
    confidence = np.where(voiced, np.maximum(sure, VOICED), np.minimum(sure, np.nextafter(np.float32(VOICED), 0)))
    return np.asarray(hz[row, taken], dtype=np.float32), np.asarray(confidence, dtype=np.float32)


def _windows(sound: FloatArray, start: int, stop: int) -> Float64:
    """The windows (frames, WINDOW) centred at 128 start .. 128 (stop - 1), without their means; silence beyond."""
    first, last = start * HOP_FRAMES - WINDOW // 2, (stop - 1) * HOP_FRAMES + WINDOW // 2
    held = sound[max(0, first) : max(0, last)].astype(np.float64)
    padded = np.pad(held, (max(0, -first), max(0, last - max(sound.size, max(0, first)))))[: last - first]
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP_FRAMES]
    return np.asarray(windows - windows.mean(axis=1, keepdims=True))


def _pauses(sound: FloatArray, frames: int) -> Float64:
    """Magnitudes (bins,) that the pauses of the recording have; zeros where there are none."""
    seen = np.unique(np.linspace(0, frames - 1, min(frames, SURVEYED)).astype(int))
    windows = np.concatenate([_windows(sound, number, number + 1) for number in seen])
    power = np.square(windows).mean(axis=1)
    quiet = power <= np.quantile(power, PAUSES)
    if power[quiet].mean() > np.quantile(power, 0.95) * 10 ** (PAUSE_DB / 10):
        return np.zeros(FFT_SIZE // 2 + 1)
    return np.asarray(np.abs(rfft(windows[quiet] * _window(), FFT_SIZE, axis=1)).mean(axis=0))


def _candidates(
    windows: Float64, pauses: Float64, lowest_hz: float, highest_hz: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The highest maxima of each frame: their frequencies and heights (frames, CANDIDATES), and its level (frames,)."""
    lags = _autocorrelations(windows, pauses)
    first = int(np.floor(FINER * SAMPLE_RATE / highest_hz))
    last = int(np.ceil(FINER * SAMPLE_RATE / lowest_hz))
    here, before, after = lags[:, first : last + 1], lags[:, first - 1 : last], lags[:, first + 1 : last + 2]
    height = np.where((here > before) & (here >= after), here, 0.0)
    best = np.argpartition(-height, CANDIDATES, axis=1)[:, :CANDIDATES]
    best = np.sort(best, axis=1)
    at, low, high = (np.take_along_axis(each, best, axis=1) for each in (here, before, after))
    bend = low - 2 * at + high
    shift = np.where(bend < 0, 0.5 * (low - high) / np.where(bend < 0, bend, 1.0), 0.0)
    found = np.take_along_axis(height, best, axis=1)
    hz = FINER * SAMPLE_RATE / (first + best + np.clip(shift, -0.5, 0.5))
    level = np.sqrt(np.square(windows).mean(axis=1))
    return hz.astype(np.float32), np.clip(found, 0, 1).astype(np.float32), level.astype(np.float32)


def _autocorrelations(windows: Float64, pauses: Float64) -> Float64:
    """The normalised autocorrelation (frames, lags) of what is heard of each window."""
    size, longest = FFT_SIZE * FINER, FINER * WINDOW
    magnitudes = np.abs(rfft(windows * _window(), FFT_SIZE, axis=1))
    total = irfft(magnitudes**COMPRESSION * _heard(), axis=1)[:, :1]
    voice = np.maximum(magnitudes - OVERSUBTRACTION * pauses, 0)
    raw = irfft(voice**COMPRESSION * _heard(), size, axis=1)[:, :longest]
    own = irfft(np.abs(rfft(_window(), FFT_SIZE)) ** COMPRESSION, size)[:longest]
    scale = np.maximum(FINER * raw[:, :1], LEFT_SHARE * total) / FINER
    return np.asarray(raw / np.maximum(scale, 1e-20) / np.maximum(own / own[0], 0.05))


def _window() -> Float64:
    return np.asarray(np.hanning(WINDOW + 1)[:-1])


def _heard() -> Float64:
    """Share (bins,) of each frequency that is heard, with edges of an octave."""
    octaves = np.log2(np.maximum(np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE), 1.0))
    low, high = np.log2(HEARD_HZ)
    rising, falling = np.clip(octaves - low + 1, 0, 1), np.clip(high + 1 - octaves, 0, 1)
    return np.asarray(np.square(np.sin(np.pi / 2 * rising) * np.sin(np.pi / 2 * falling)))


def _strengths(hz: FloatArray, height: FloatArray, level: FloatArray, lowest_hz: float) -> tuple[Float64, Float64]:
    """Octaves (frames, CANDIDATES) and strengths (frames, CANDIDATES + 1), of which the last is "unvoiced"."""
    octaves = np.log2(hz.astype(np.float64))
    loud = max(float(np.quantile(level, 0.95)), 1e-9)
    faint = np.maximum(0.0, 2.0 - level / loud / (SILENCE / (1 + UNVOICED)))
    strengths = np.empty((len(hz), CANDIDATES + 1))
    strengths[:, :-1] = np.where(height > 0, height + OCTAVE_COST * (octaves - np.log2(lowest_hz)), -1.0)
    strengths[:, -1] = UNVOICED + faint
    return octaves, strengths


def _path(octaves: Float64, strengths: Float64) -> npt.NDArray[np.int64]:
    """The candidate of each frame on the best path (Viterbi); -1 where it is unvoiced."""
    frames, states = strengths.shape
    came_from = np.zeros((frames, states), dtype=np.int8)
    cost = np.full((states, states), VOICING_COST)
    cost[-1, -1] = 0.0
    total = strengths[0].copy()
    for number in range(1, frames):
        cost[:-1, :-1] = LEAP_COST * np.abs(octaves[number - 1][:, None] - octaves[number][None, :])
        reached = total[:, None] - cost
        came_from[number] = reached.argmax(axis=0)
        total = reached.max(axis=0) + strengths[number]
    chosen = np.zeros(frames, dtype=np.int64)
    chosen[-1] = int(total.argmax())
    for number in range(frames - 1, 0, -1):
        chosen[number - 1] = came_from[number, chosen[number]]
    return np.where(chosen == states - 1, -1, chosen)
