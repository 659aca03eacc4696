"""What a voice model hears of a performance, and the two codes: whose voice it is, and what channel it came through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.pitch import Pitch, pitch
from restoration.nets.speaker_embedding import embed, mel_bands, speaker_network
from restoration.voice.rumble import without_rumble
from restoration.voice.samples import FloatArray

HOP = 128
SPEECH_DBFS = -23.0
"""Level of the loud half of the speech that a decoder is taught with and given."""
SURE = 0.5
"""Confidence of the pitch from which a frame counts as voiced."""
WINDOW_FRAMES, STEP_FRAMES = 24000, 12000
FFT_SIZE = 512
CHANNEL_BANDS = 12
QUIET_SHARE, LOUD_SHARE = 10.0, 90.0
STUDIO_DB = 50.0
"""A voice that stands further above the noise is as clean as can be."""
SPECTRUM_SCALE_DB = 15.0


@dataclass(frozen=True)
class Features:
    """A performance, every 8 ms: content (frames, size), and f0_hz (0 where unvoiced), voicing (0 to 1) and
    loudness_db (0 is the usual loudness of speech), each (frames,), float32.

    ``around`` is the levelled sound itself, from 256 samples before the first frame to 256 after the last,
    ((frames + 3) * 128,), where some of it is to be left as it is (``Lent.protect``)."""

    content: FloatArray
    f0_hz: FloatArray
    voicing: FloatArray
    loudness_db: FloatArray
    around: FloatArray | None = None


def analyse(sound: FloatArray, encoder: ContentEncoder, f0_method: str = "swift-f0") -> Features:
    """The features of a sound (time,) at 16 kHz and of any level; 1 + time // 128 frames."""
    level = levelled(sound)
    f0_hz, voicing, loudness_db = prosody(level, f0_method)
    return Features(every_frame(encoder.encode(level), encoder, f0_hz.size), f0_hz, voicing, loudness_db)


def prosody(level: FloatArray, f0_method: str = "swift-f0") -> tuple[FloatArray, FloatArray, FloatArray]:
    """f0_hz, voicing and loudness_db, each (1 + time // 128,), of a levelled sound (time,) at 16 kHz."""
    heard = pitch(level, f0_method)
    return heard.f0_hz, voicing_of(heard), loudness(level)


def levelled(sound: FloatArray) -> FloatArray:
    """The sound with its louder half of speech brought to -23 dBFS; silence stays silence."""
    return np.asarray(sound * 10 ** (gain_db(sound) / 20), dtype=np.float32)


def gain_db(sound: FloatArray) -> float:
    """The gain that ``levelled`` gives, in dB; 0 for silence."""
    powers = frame_powers(without_rumble(sound))
    if powers.max(initial=0.0) < 1e-12:
        return 0.0
    speech = powers[powers > powers.max() * 1e-4]
    loud = np.sort(speech)[speech.size // 2 :]
    return float(SPEECH_DBFS - 10 * np.log10(loud.mean()))


def frame_powers(sound: FloatArray) -> npt.NDArray[np.float64]:
    """Mean power in 32 ms around every 128th sample (1 + time // 128,)."""
    sums = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    middles = np.arange(1 + sound.size // HOP) * HOP
    first, last = np.clip(middles - 2 * HOP, 0, sound.size), np.clip(middles + 2 * HOP, 0, sound.size)
    return np.asarray((sums[last] - sums[first]) / (4 * HOP))


def loudness(sound: FloatArray) -> FloatArray:
    """Level in dB above -23 dBFS every 8 ms, not below -60; what lies below 60 Hz does not count."""
    return loudness_of(without_rumble(sound))


def loudness_of(clear: FloatArray) -> FloatArray:
    """The same of a sound that has lost its rumble already."""
    return np.maximum(10 * np.log10(frame_powers(clear) + 1e-12) - SPEECH_DBFS, -60.0).astype(np.float32)


def voicing_of(heard: Pitch) -> FloatArray:
    """0 to 1: nothing where no pitch is, all where the pitch is sure."""
    return np.asarray(np.where(heard.f0_hz > 0, np.clip(heard.confidence / SURE, 0, 1), 0.0), dtype=np.float32)


def every_frame(
    content: FloatArray, encoder: ContentEncoder, frames: int, speed: float = 1.0, first: int = 0
) -> FloatArray:
    """Content frames (any, size) put, on straight lines, to ``frames`` frames of 8 ms from the frame ``first`` on.

    ``speed`` says how much faster than the frames' sound the encoder heard it.
    """
    place = _places(encoder, first + np.arange(frames), len(content), speed)
    below = np.minimum(place.astype(np.int64), max(0, len(content) - 2))
    share = (place - below).astype(np.float32)[:, None]
    return np.asarray(content[below] * (1 - share) + content[np.minimum(below + 1, len(content) - 1)] * share)


def rows_heard(encoder: ContentEncoder, rows: int, frames: int, first: int) -> slice:
    """Which of so many content frames ``every_frame`` makes ``frames`` frames of, from the frame ``first`` on."""
    least, most = _places(encoder, np.array([first, first + frames - 1]), rows)
    return slice(int(least), int(np.ceil(most)) + 1)


def _places(
    encoder: ContentEncoder, frames: npt.NDArray[np.int64], rows: int, speed: float = 1.0
) -> npt.NDArray[np.float64]:
    place = (frames * HOP / speed - encoder.centre_frames) / encoder.hop_frames
    return np.asarray(np.clip(place, 0, rows - 1))


def speaker_code(sound: FloatArray) -> FloatArray:
    """Whose voice (208,): the mean speaker embedding, and mean and spread of the long-term spectrum where it speaks."""
    level = levelled(sound)
    embedding = mean_embedding(level)
    bands = mel_levels_db(level)
    loud = bands[speaks(level)[: len(bands)]]
    mean = loud.mean(axis=0)
    spectrum = np.concatenate([mean - mean.mean(), loud.std(axis=0) - 8.0]) / SPECTRUM_SCALE_DB
    return np.concatenate([embedding * np.sqrt(embedding.size) / 2, spectrum]).astype(np.float32)


def mean_embedding(level: FloatArray) -> FloatArray:
    """Mean speaker embedding (128,) of the windows of 1.5 s of a levelled sound (time,) in which somebody speaks."""
    windows = _windows(level)
    powers = (windows.astype(np.float64) ** 2).mean(axis=1)
    return np.asarray(embed(speaker_network(), windows[powers >= 0.05 * powers.max()]).mean(axis=0))


def channel_code(sound: FloatArray) -> FloatArray:
    """What channel (12,): how far the voice stands above the noise in bands from 80 Hz to 7.6 kHz; 1 in a studio."""
    bands = mel_levels_db(levelled(sound))
    wide = np.stack([part.mean(axis=1) for part in np.array_split(bands, CHANNEL_BANDS, axis=1)], axis=1)
    apart = np.percentile(wide, LOUD_SHARE, axis=0) - np.percentile(wide, QUIET_SHARE, axis=0)
    return np.clip(apart / STUDIO_DB, 0, 1).astype(np.float32)


def studio_code() -> FloatArray:
    """The channel code of a voice without a channel."""
    return np.ones(CHANNEL_BANDS, dtype=np.float32)


def _windows(sound: FloatArray) -> FloatArray:
    padded = np.pad(sound, (0, max(0, WINDOW_FRAMES - sound.size)))
    return np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[::STEP_FRAMES].astype(np.float32)


def speaks(sound: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether a frame of 8 ms is less than 30 dB under the loudest."""
    powers = frame_powers(without_rumble(sound))
    return np.asarray(powers >= powers.max() * 1e-3)


def mel_levels_db(sound: FloatArray) -> FloatArray:
    """Levels (frames of 8 ms, 40 mel bands) in dB."""
    return np.asarray(10 * np.log10(mel_powers(sound) + 1e-9), dtype=np.float32)


def mel_powers(sound: FloatArray) -> FloatArray:
    """Mean power in 40 mel bands of the 32 ms around every 128th sample (1 + time // 128, 40)."""
    padded = np.pad(sound, FFT_SIZE // 2)
    return powers_of_windows(np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[::HOP])


def powers_of_windows(windows: FloatArray) -> FloatArray:
    """The same of windows (frames, 512)."""
    shape = np.hanning(FFT_SIZE).astype(np.float32)
    return np.asarray((np.abs(np.fft.rfft(windows * shape, axis=1)) ** 2) @ mel_bands().T, dtype=np.float32)
