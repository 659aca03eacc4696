"""What a picture of a recording shows, a column at a time: levels over frequency, and the envelope.

A column of a long tape stands for seconds of sound. A few windows, evenly spaced, are read for each, so that a picture
of ten hours costs little more than one of ten minutes, and never more memory.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Samples

Levels = npt.NDArray[np.float32]
"""Shape (rows, columns), dBFS; the first row is the highest frequency."""

SILENCE_DB = -200.0
WINDOW_S = 0.043
WINDOWS_PER_COLUMN = 4
COLUMNS_AT_ONCE = 32
PIECE_FRAMES = 4096
GROUP_FRAMES = 2**18


def level_columns(
    recording: Recording, columns: int, rows: int, max_hz: float, duration_s: float | None = None
) -> Levels:
    """Short-time levels: 0 dBFS is a sine at full scale.

    Windows are Hann, about 43 ms. A pixel is the mean power over the column's windows and channels, and over
    frequency the largest bin of its row, so that a thin line (hum, a pilot tone) does not vanish between two rows.

    Args:
        recording: what is shown.
        columns: number of columns, over ``duration_s``.
        rows: number of rows, from 0 Hz to ``max_hz``.
        max_hz: upper end; above half the sample rate there is silence.
        duration_s: the time that the columns span; None: the recording's own.
    """
    levels = np.full((rows, columns), SILENCE_DB, dtype=np.float32)
    size = _window_frames(recording.sample_rate)
    span = (duration_s or recording.duration_s) * recording.sample_rate / columns
    heard = min(columns, int(np.ceil(recording.frames / span))) if recording.frames else 0
    starts = _window_starts(span, heard, size, recording.frames)
    lows, stop = _row_bins(rows, max_hz, size, recording.sample_rate)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    window *= 2.0 / window.sum()
    for first in range(0, heard, COLUMNS_AT_ONCE):
        chosen = starts[first : first + COLUMNS_AT_ONCE]
        spectra = np.fft.rfft(_windows(recording, chosen.ravel(), size) * window)[..., :stop]
        power = (spectra.real**2 + spectra.imag**2).mean(axis=0)
        power = power.reshape(*chosen.shape, stop).mean(axis=1)
        pooled = np.maximum.reduceat(power, lows, axis=1)
        levels[rows - len(lows) :, first : first + len(chosen)] = _decibels(pooled).T[::-1]
    return levels


def envelope_columns(recording: Recording, columns: int, duration_s: float | None = None) -> npt.NDArray[np.float32]:
    """Lowest, highest and root-mean-square sample of each column, over all channels: shape (3, columns)."""
    envelope = np.zeros((3, columns), dtype=np.float32)
    span = (duration_s or recording.duration_s) * recording.sample_rate / columns
    edges = np.minimum(np.arange(columns + 1) * span, recording.frames).astype(np.int64)
    # The last edge may be a frame short of the end by the rounding of the span.
    heard = min(columns, int(np.searchsorted(edges, recording.frames))) if recording.frames else 0
    if span > WINDOWS_PER_COLUMN * PIECE_FRAMES:
        for column in range(heard):
            pieces = [recording.read(at, at + PIECE_FRAMES).samples for at in _pieces(edges, column)]
            envelope[:, column] = _extent(np.concatenate(pieces, axis=1), np.zeros(1, dtype=np.int64))[:, 0]
        return envelope
    for first, last in _groups(heard, span):
        samples = recording.read(int(edges[first]), max(int(edges[last]), int(edges[first]) + 1)).samples
        inside = np.minimum(edges[first:last] - edges[first], samples.shape[1] - 1)
        envelope[:, first:last] = _extent(samples, inside)
    return envelope


def _window_frames(sample_rate: int) -> int:
    return int(2 ** max(6, round(np.log2(WINDOW_S * sample_rate))))


def _window_starts(span: float, columns: int, size: int, frames: int) -> npt.NDArray[np.int64]:
    """First frames of the windows of each column, shape (columns, windows)."""
    count = int(np.clip(round(2 * span / size), 1, WINDOWS_PER_COLUMN))
    centres = (np.arange(columns)[:, None] + (np.arange(count) + 0.5) / count) * span
    return np.clip(centres - size / 2, 0, max(0, frames - size)).astype(np.int64)


def _row_bins(rows: int, max_hz: float, size: int, sample_rate: int) -> tuple[npt.NDArray[np.int64], int]:
    """The first bin of each row that lies below half the sample rate, lowest row first, and the bin after the last."""
    bins = size // 2 + 1
    edges = np.arange(rows + 1) * max_hz * size / (rows * sample_rate)
    lows = np.floor(edges[:-1]).astype(np.int64)
    lows = lows[lows < bins]
    stop = min(bins, max(int(np.ceil(edges[len(lows)])), int(lows[-1]) + 1))
    return lows, stop


def _windows(recording: Recording, starts: npt.NDArray[np.int64], size: int) -> Samples:
    """The windows that begin at ``starts``, shape (channels, windows, size); what lies past the end is silence."""
    first, last = int(starts[0]), int(starts[-1]) + size
    if last - first <= 2 * starts.size * size:
        samples = _padded(recording, first, last)
        return np.lib.stride_tricks.sliding_window_view(samples, size, axis=1)[:, starts - first]
    return np.stack([_padded(recording, int(start), int(start) + size) for start in starts], axis=1)


def _padded(recording: Recording, start: int, stop: int) -> Samples:
    samples = recording.read(start, stop).samples
    missing = stop - start - samples.shape[1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing else samples


def _decibels(power: npt.NDArray[np.float32]) -> Levels:
    return np.asarray(10.0 * np.log10(np.maximum(power, 1e-20)), dtype=np.float32)


def _pieces(edges: npt.NDArray[np.int64], column: int) -> list[int]:
    """Where the envelope of a long column is read: around the windows of the spectrogram, which the disk still has."""
    low, high = int(edges[column]), int(edges[column + 1])
    quarter = (high - low) // WINDOWS_PER_COLUMN
    return [low + quarter * piece + (quarter - PIECE_FRAMES) // 2 for piece in range(WINDOWS_PER_COLUMN)]


def _groups(columns: int, span: float) -> Iterator[tuple[int, int]]:
    size = max(1, int(GROUP_FRAMES / max(span, 1.0)))
    for first in range(0, columns, size):
        yield first, min(columns, first + size)


def _extent(samples: Samples, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    lowest = np.minimum.reduceat(samples.min(axis=0), starts)
    highest = np.maximum.reduceat(samples.max(axis=0), starts)
    frames = np.maximum(1, np.diff(starts, append=samples.shape[1]))
    power = np.add.reduceat((samples * samples).mean(axis=0), starts) / frames
    return np.stack([lowest, highest, np.sqrt(power)]).astype(np.float32)
