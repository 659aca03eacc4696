"""A sound as pictures: its short-time spectra, and the way back.

Three pictures of 16 bits for each channel, one under the other: the fourth roots of the magnitudes, which keep the loud
and the quiet alike; the phases; and eight more bits of both. From them the sound comes back to better than 90 dB under
full scale, however loud it is; 16 bits alone miss that by some 6 dB in noise of full scale.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import get_window

from restoration.audio import Recording
from restoration.painting.page import Page

TOP, TURN = 2**24 - 1, 2**24
COARSE, FINE_BITS, FINE = 2**8, 8, 2**8 - 1
PLANES = 3
ROOT = 4
AT_ONCE = 512

Planes = npt.NDArray[np.uint16]
"""Shape (channels, 3, bins, columns): magnitudes, phases, and the lower bits of both; the lowest bin first."""
Spectra = npt.NDArray[np.complex128]
"""Shape (channels, columns, bins)."""


def spectra_of(recording: Recording, page: Page) -> Iterator[tuple[int, Spectra]]:
    """The spectra of a page, some columns at a time, with the number of the first; silence beyond the ends."""
    shape = get_window("hann", page.window)
    for first in range(0, page.columns, AT_ONCE):
        count = min(AT_ONCE, page.columns - first)
        begin = page.start + first * page.hop - page.window // 2
        end = begin + (count - 1) * page.hop + page.window
        samples = recording.read(max(0, begin), max(0, end)).samples.astype(np.float64)
        lead = max(0, -begin)
        padded = np.pad(samples, ((0, 0), (lead, end - begin - lead - samples.shape[1])))
        view = np.lib.stride_tricks.sliding_window_view(padded, page.window, axis=1)[:, :: page.hop]
        yield first, np.asarray(fft.rfft(view * shape, axis=2))


def strongest(recording: Recording, page: Page) -> float:
    """The greatest magnitude of a page."""
    return max(float(np.abs(spectra).max(initial=0.0)) for _, spectra in spectra_of(recording, page))


def planes(recording: Recording, page: Page) -> Planes:
    """The planes of a page whose ``strongest`` is known."""
    made = np.zeros((recording.channels, PLANES, page.bins, page.columns), dtype=np.uint16)
    for first, spectra in spectra_of(recording, page):
        magnitude = (np.abs(spectra) / page.strongest if page.strongest else np.zeros(spectra.shape)) ** (1 / ROOT)
        turns = np.angle(spectra) / (2 * np.pi)
        here = slice(first, first + spectra.shape[1])
        strengths = np.rint(magnitude * TOP).astype(np.int64).swapaxes(1, 2)
        phases = (np.rint(turns * TURN).astype(np.int64) % TURN).swapaxes(1, 2)
        made[:, 0, :, here], made[:, 1, :, here] = strengths // COARSE, phases // COARSE
        made[:, 2, :, here] = (strengths % COARSE << FINE_BITS) + phases % COARSE
    return made


def sound_of(made: Planes, page: Page) -> npt.NDArray[np.float64]:
    """The sound (channels, time) of a page from its planes."""
    shape = get_window("hann", page.window)
    frames = (page.columns - 1) * page.hop + page.window
    sound = np.zeros((made.shape[0], frames))
    weight = np.zeros(frames)
    for column in range(page.columns):
        here = slice(column * page.hop, column * page.hop + page.window)
        strengths, phases, fine = made[:, :, :, column].astype(np.int64).swapaxes(0, 1)
        magnitude = page.strongest * ((strengths * COARSE + (fine >> FINE_BITS)) / TOP) ** ROOT
        spectra = magnitude * np.exp(2j * np.pi / TURN * (phases * COARSE + (fine & FINE)))
        sound[:, here] += fft.irfft(spectra, page.window, axis=1) * shape
        weight[here] += shape**2
    inside = slice(page.window // 2, page.window // 2 + page.frames)
    return np.asarray(sound[:, inside] / weight[inside])


def stacked(made: Planes) -> npt.NDArray[np.uint16]:
    """The planes as one picture, the highest frequency of each on top."""
    return np.ascontiguousarray(made[:, :, ::-1].reshape(-1, made.shape[3]))


def unstacked(picture: npt.NDArray[np.uint16], page: Page) -> Planes:
    """The planes of such a picture."""
    return picture.reshape(page.channels, PLANES, page.bins, page.columns)[:, :, ::-1]
