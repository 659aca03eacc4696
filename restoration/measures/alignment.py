"""Two recordings of the same sound, side by side: one rate, one channel, one beginning.

A constant delay is found and undone. The rest, wow for one, is left: the measures of ``closeness`` do not mind
displacements far shorter than their windows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr
from scipy import fft, signal

from restoration.audio import Recording
from restoration.measures.metering import Float64, pieces

CHUNK_FRAMES = 2**16
DELAY_RATE = 8000
DELAY_BAND_HZ = (300.0, 3400.0)
LONGEST_DELAY_S = 0.5


def delay_s(clean: Recording, candidate: Recording) -> float:
    """How much later than ``clean`` the ``candidate`` sounds, in seconds, at most half a second either way.

    The peak, of either polarity, of the cross-correlation of the two at 8 kHz in the band of a telephone, summed over
    stretches of 8 s; a parabola through the peak and its neighbours gives the fraction of a sample.
    """
    reach = int(LONGEST_DELAY_S * DELAY_RATE)
    size = fft.next_fast_len(CHUNK_FRAMES + reach, real=True)
    sections = signal.butter(4, DELAY_BAND_HZ, "bandpass", fs=DELAY_RATE, output="sos")
    total = np.zeros(2 * reach + 1)
    for first, second in side_by_side(clean, candidate, DELAY_RATE, 0):
        ours, theirs = (fft.rfft(signal.sosfilt(sections, mono), size) for mono in (first, second))
        lags = fft.irfft(np.conj(ours) * theirs, size)
        total += np.concatenate((lags[-reach:], lags[: reach + 1]))
    peak = int(np.argmax(np.abs(total)))
    return (peak - reach + _parabola(np.abs(total), peak)) / DELAY_RATE


def side_by_side(
    clean: Recording, candidate: Recording, sample_rate: int, delay_frames: int
) -> Iterator[tuple[Float64, Float64]]:
    """Both as mono at ``sample_rate``, in equal chunks, until the shorter one ends; what is late begins later.

    ``delay_frames`` is how many frames, at that rate, the candidate is late (negative: early).
    """
    first = _chunks(clean, sample_rate, max(0, -delay_frames))
    second = _chunks(candidate, sample_rate, max(0, delay_frames))
    for ours, theirs in zip(first, second, strict=False):
        frames = min(ours.size, theirs.size)
        yield ours[:frames], theirs[:frames]


def _chunks(recording: Recording, sample_rate: int, skip_frames: int) -> Iterator[Float64]:
    """Chunks of ``CHUNK_FRAMES``, the last one shorter, without the first ``skip_frames``."""
    rest = np.zeros(0)
    for mono in _mono(recording, sample_rate):
        skipped = min(skip_frames, mono.size)
        skip_frames -= skipped
        rest = np.concatenate((rest, mono[skipped:]))
        while rest.size >= CHUNK_FRAMES:
            yield rest[:CHUNK_FRAMES]
            rest = rest[CHUNK_FRAMES:]
    if rest.size:
        yield rest


def _mono(recording: Recording, sample_rate: int) -> Iterator[Float64]:
    """The mean of the channels at ``sample_rate``, in pieces of any size."""
    if recording.sample_rate == sample_rate:
        for piece in pieces(recording):
            yield piece.mean(axis=0)
        return
    stream = soxr.ResampleStream(recording.sample_rate, sample_rate, 1, dtype="float64", quality="HQ")
    for piece in pieces(recording):
        yield stream.resample_chunk(piece.mean(axis=0))
    yield stream.resample_chunk(np.zeros(0), last=True)


def _parabola(values: Float64, peak: int) -> float:
    """Where between its neighbours a peak lies, in samples from -0.5 to 0.5."""
    if not 0 < peak < values.size - 1:
        return 0.0
    before, top, after = values[peak - 1 : peak + 2]
    bend = before - 2 * top + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0
