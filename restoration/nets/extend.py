"""The bandwidth extender at work: it says how loud the voice is above the edge, and that is filled with a fine
structure of the voice's own.

Near the edge the fine structure is the recorded band shifted up, so that harmonics go on; towards 9 kHz, where voices
are noise, it becomes noise that swells with the recorded band from one beat of the vocal folds to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from restoration.nets.band_replication import excitation
from restoration.nets.missing_band import (
    GATE_FRAMES,
    Band,
    Float64,
    Sound,
    Speaking,
    Spectra,
    from_db,
    overlapped,
    sound_above_edge,
    transform,
)
from restoration.nets.voice_bands import (
    BANDS,
    CENTRES_HZ,
    EDGES_HZ,
    LEAST_DB,
    QUIET_SHARE,
    SILENCE_DB,
    band_levels_db,
    loudness_db,
    quiet_levels_db,
    recorded_bands,
    voice_level_db,
)

if TYPE_CHECKING:
    from restoration.nets.extender import Extender

MODEL = "extender"

VOICED_TO_HZ, NOISE_FROM_HZ = 5000.0, 9000.0
"""Between these the fine structure goes over from the shifted band to noise."""
GATE_DB = (4.0, 10.0)
"""Nothing is made until the voice, low or high, stands so far above the noise; all of it from the second figure on."""
QUIETEST_BESIDE_VOICE_DB = (-70.0, -60.0)
"""Nothing is made of what is quieter than the first figure; all of it from the second on."""
LOUDEST_BESIDE_VOICE_DB = 0.0
LEARNT = BANDS - 1
"""No voice that the network learnt from fills the topmost band: the one below it stands for it."""
NOISE_FRAMES = 2**18
SWELL_FRAMES = 5
"""The swelling of the noise is told beside its mean over so many transforms."""


@dataclass(frozen=True)
class Hearing:
    """Of one channel, in dB of mean bin power.

    Attributes:
        voice_db: level of the voice below 1500 Hz.
        noise_db: what every band holds in the quietest frames; without pauses, those are sibilants.
        upper_noise_db: noise of the upper recorded band, which is no louder than its own quietest frames.
    """

    voice_db: float
    noise_db: tuple[float, ...]
    upper_noise_db: float

    @classmethod
    def of(cls, levels_db: npt.NDArray[np.floating], spoken: Speaking, edge_hz: float) -> Hearing:
        """From the levels (bands, frames) of a whole recording and whether somebody speaks in each frame."""
        loudness = loudness_db(levels_db)
        noise = quiet_levels_db(levels_db, loudness)
        upper = upper_level_db(levels_db, edge_hz)
        upper = upper[loudness > SILENCE_DB]
        quietest = float(np.quantile(upper, QUIET_SHARE)) if upper.size else LEAST_DB
        upper_noise = min(float(upper_level_db(noise[:, None], edge_hz)[0]), quietest)
        return cls(round(voice_level_db(loudness[spoken]), 2), tuple(noise.round(1).tolist()), round(upper_noise, 2))


@lru_cache(maxsize=1)
def load_extender() -> Extender:
    """The network that ships with the package.

    Raises:
        MissingWeights: its file is absent or is another one.
    """
    from restoration.nets.extender import Extender
    from restoration.nets.shipped import with_weights

    return with_weights(Extender(), MODEL)


def reach_frames(band: Band) -> int:
    """Frames of sound on both sides of one that decide about it."""
    from restoration.nets.extender import ExtenderShape

    return band.reach + (ExtenderShape().reach + GATE_FRAMES + SWELL_FRAMES) * band.hop


def extended(channel: Sound, band: Band, hearing: Hearing, speaking: Speaking, first: int) -> Float64:
    """What is missing above the edge of one channel (time,), to be added to it.

    The grid begins at its first sample, which is number ``first`` of the recording.
    """
    spectra = transform(channel, band)
    if not band.filled.size or hearing.voice_db <= SILENCE_DB or not speaking.any():
        return np.zeros(channel.size)
    levels = band_levels_db(np.abs(spectra) ** 2, band.frequencies_hz)
    opened = openness(levels, band, hearing, speaking)
    if not opened.any():
        return np.zeros(channel.size)
    gain = from_db(bin_levels_db(said_levels_db(levels, band, hearing), band)) * opened
    made = np.zeros(spectra.shape, dtype=np.complex128)  # what is recorded is not to hear its rounding
    made[band.filled] = fine_structure(spectra, band, first, channel.size) * gain
    return sound_above_edge(made, band, channel.size)


def said_levels_db(levels_db: Float64, band: Band, hearing: Hearing) -> Float64:
    """What the network says the levels are, (bands, frames), in dB of mean bin power."""
    import torch

    from restoration.nets.extender import features_of

    recorded = torch.from_numpy(recorded_bands(band.edge_hz)).float()[None]
    heard = torch.from_numpy(levels_db - hearing.voice_db).float()[None]
    noise = torch.tensor(hearing.noise_db)[None] - hearing.voice_db
    with torch.inference_mode():
        said = load_extender()(features_of(heard, noise, recorded))[0].numpy()
    return np.asarray(np.minimum(said, LOUDEST_BESIDE_VOICE_DB) + hearing.voice_db, dtype=np.float64)


def bin_levels_db(levels_db: Float64, band: Band) -> Float64:
    """Levels of the bins that are made, (filled, frames), between those of the bands (bands, frames)."""
    first = int(np.count_nonzero(recorded_bands(band.edge_hz)))
    places = np.interp(
        np.log(band.frequencies_hz[band.filled]), np.log(CENTRES_HZ[first:LEARNT]), np.arange(first, LEARNT)
    )
    below = np.minimum(places.astype(int), LEARNT - 2)
    share = (places - below)[:, None]
    return np.asarray((1 - share) * levels_db[below] + share * levels_db[below + 1])


def openness(levels_db: Float64, band: Band, hearing: Hearing, speaking: Speaking) -> Float64:
    """0 to 1 per frame: closed in pauses and digital silence, open where a voice stands above the noise."""
    from scipy.ndimage import median_filter

    noise = np.array(hearing.noise_db)[:, None]
    loudness, loud_noise = loudness_db(levels_db), loudness_db(noise)
    high = upper_level_db(levels_db, band.edge_hz)
    above_noise = np.maximum(loudness - loud_noise, high - hearing.upper_noise_db)
    quiet = np.maximum(loudness, high) - hearing.voice_db
    opened = np.minimum(_between(above_noise, *GATE_DB), _between(quiet, *QUIETEST_BESIDE_VOICE_DB)) * speaking
    return np.asarray(median_filter(opened, GATE_FRAMES, mode="nearest") * speaking)


def fine_structure(spectra: Spectra, band: Band, first: int, frames: int) -> Spectra:
    """Spectra of unit power in the bins that are made: the recorded band shifted up, and noise that swells with it."""
    frequencies = band.frequencies_hz[band.filled]
    noisy = np.clip((frequencies - VOICED_TO_HZ) / (NOISE_FROM_HZ - VOICED_TO_HZ), 0, 1)[:, None]
    structure = np.sqrt(1 - noisy) * excitation(spectra, band)
    above = np.flatnonzero(noisy[:, 0] > 0)
    if above.size:
        noise = transform((swell(spectra, band, frames) * noise_at(first, frames)).astype(np.float32), band)
        structure[above] += np.sqrt(noisy[above]) * noise[band.filled[above]] / _noise_amplitude(band.window)
    return structure


def swell(spectra: Spectra, band: Band, frames: int) -> Float64:
    """Envelope (frames,) of the upper recorded band beside its mean over about 40 ms; its mean square is 1."""
    from scipy.ndimage import uniform_filter1d

    low, high = np.searchsorted(band.frequencies_hz, [0.5 * band.edge_hz, 0.94 * band.edge_hz])
    low -= low % 4  # moved by whole turns a hop, so that frames still fit together
    # The band alone, moved down to nothing, at as few samples as hold it: its size is the envelope.
    hop = max(4, 2 ** int(np.ceil(np.log2(max(1, high - low)))) // 2)
    pieces = np.fft.ifft(spectra[low:high].T, 4 * hop, axis=1)
    power = np.abs(overlapped(pieces)[2 * hop :]) ** 2
    mean = uniform_filter1d(power, SWELL_FRAMES * hop, mode="nearest")
    beside = np.sqrt(power / np.maximum(mean, 1e-30))
    return np.asarray(np.interp(np.arange(frames) * (hop / band.hop), np.arange(beside.size), beside))


@lru_cache(maxsize=1)
def _noise() -> Float64:
    return np.random.default_rng(1912).standard_normal(NOISE_FRAMES)


def noise_at(first: int, frames: int) -> Float64:
    """White noise (frames,) of unit power from frame ``first`` of a recording on, always the same there."""
    return np.take(_noise(), np.arange(first, first + frames), mode="wrap")


def _noise_amplitude(window: int) -> float:
    from scipy.signal import get_window

    shape = get_window("hann", window)
    return float(np.sqrt((shape**2).sum()) / shape.sum())


def _between(values: Float64, nothing: float, everything: float) -> Float64:
    """0 up to ``nothing``, 1 from ``everything`` on, straight between."""
    return np.clip((values - nothing) / (everything - nothing), 0, 1)


def upper_level_db(levels_db: npt.NDArray[np.floating], edge_hz: float) -> Float64:
    """Level (frames,) of the upper octave of the recorded band, from all levels (bands, frames), in dB."""
    upper = (EDGES_HZ[:-1] >= 0.5 * edge_hz) & recorded_bands(edge_hz)
    if not upper.any():
        return np.full(levels_db.shape[1], LEAST_DB)
    return np.asarray(10 * np.log10(np.mean(10 ** (levels_db[upper] / 10), axis=0)))
