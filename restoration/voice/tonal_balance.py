"""Tonal balance: the long-term average spectrum of a performance, and of what is made of it, brought to the voice's.

A decoder takes its loudness from the performer, moment by moment: through a dull microphone, or by a soft speaker,
consonants come faint, and so they would in the voice. So loudness is told as if the performance had the long-term
average spectrum of the material that the voice was learnt from. And what is made of other people's words is duller than
the speaker is: a filter without delay gives it that spectrum too. Where the voice does not stand far above the noise of
the material, or ends, nothing is changed: there the spectrum is the carrier's. What a performance is like is told from
what was heard so far, and a little is trusted a little.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d
from scipy.signal import oaconvolve

from restoration.nets.speaker_embedding import BANDS, FFT_SIZE, SAMPLE_RATE, mel_bands
from restoration.voice.features import CHANNEL_BANDS, HOP, mel_powers, powers_of_windows
from restoration.voice.samples import FloatArray

Float64 = npt.NDArray[np.float64]

MOST_DB = 10.0
SMOOTHED_BANDS = 1.5
"""Standard deviation, in mel bands, of what gains are smoothed with: a balance is smooth, what differs between two
texts is not."""
MIDDLE = slice(8, 30)
"""The bands from 400 Hz to 3.6 kHz, in which most of a voice lies: the median of their gains is 0 dB."""
TRUSTED_FRAMES = 40.0
"""Of so many equally loud frames of 8 ms, half of what they tell is believed."""
REMEMBERED_FRAMES = 7500.0
"""After so many, a minute, what was heard counts half: a performer may change the microphone."""
FAINT_DB, SPOKEN_DB = -40.0, -25.0
"""Loudness up to which a frame is a pause, whose noise is not to be raised, and from which it is all speech."""
WORN_CODE, CLEAN_CODE = 0.5, 0.8
"""Of a band of the material (``features.channel_code``), where the voice stands 25 dB above the noise: its spectrum is
not asked for; and 40 dB: it is, wholly."""
TAPS, GRID = 512, 2048
NONE = np.zeros(BANDS)


@dataclass(frozen=True, eq=False)
class Balance:
    """The long-term average spectrum of a voice's material, in 40 mel bands from 80 Hz to 7.6 kHz.

    Attributes:
        level_db: with a mean of 0.
        clean: how far that is the speaker's and not the carrier's, 0 to 1.
    """

    level_db: Float64
    clean: Float64

    def as_dict(self) -> dict[str, list[float]]:
        """For a card."""
        return {key: [round(float(value), 2) for value in part] for key, part in vars(self).items()}

    @classmethod
    def from_card(cls, card: Any) -> Balance | None:
        """What a voice's card says; None where it was made before such things were kept."""
        told = card.get("tonal_balance")
        return cls(**{key: np.asarray(part, dtype=np.float64) for key, part in told.items()}) if told else None


def balance_of(material: Iterable[FloatArray], channel: FloatArray) -> Balance:
    """From levelled sounds (time,) at 16 kHz, and their channel code (12,)."""
    heard = LongTermSpectrum(np.inf)
    for sound in material:
        heard.hear(mel_powers(sound))
    bands = np.array_split(np.arange(BANDS), CHANNEL_BANDS)
    above = np.repeat(channel.astype(np.float64), [len(each) for each in bands])
    return Balance(heard.level_db, np.clip((above - WORN_CODE) / (CLEAN_CODE - WORN_CODE), 0, 1))


class LongTermSpectrum:
    """The mean power in mel bands of what was heard so far; what is long ago counts less."""

    def __init__(self, remembered_frames: float = REMEMBERED_FRAMES) -> None:
        self._remembered = remembered_frames
        self._powers, self._squares = np.zeros(BANDS), 0.0

    def hear(self, powers: FloatArray) -> None:
        """Frames of 8 ms more, as powers (frames, 40) in mel bands."""
        kept = 0.5 ** (len(powers) / self._remembered)
        self._powers = kept * self._powers + powers.sum(axis=0, dtype=np.float64)
        self._squares = kept * self._squares + float(np.square(powers @ _widths()).sum(dtype=np.float64))

    @property
    def level_db(self) -> Float64:
        """(40,), with a mean of 0; zeros where nothing was heard."""
        if not self._squares:
            return NONE
        level_db = 10 * np.log10(self._powers + 1e-9 * self._powers.max())
        return np.asarray(level_db - level_db.mean())

    def gains_db(self, wanted: Balance, share: float = 1.0) -> Float64:
        """Gains (40,) that give it ``share`` of the way to the wanted spectrum, at most 10 dB up or down; as loud in
        the mean as before."""
        if not self._squares:
            return NONE
        apart_db = wanted.level_db - self.level_db
        near_db = np.clip(apart_db - np.median(apart_db[MIDDLE]), -MOST_DB, MOST_DB)
        smooth_db = gaussian_filter1d(near_db, SMOOTHED_BANDS, mode="nearest")
        gains_db = share * self._trust * wanted.clean * smooth_db
        return np.asarray(gains_db - _louder_db(self._powers[None], gains_db))

    @property
    def _trust(self) -> float:
        """From the number of frames that are as good as equally loud."""
        frames = float(self._powers @ _widths()) ** 2 / self._squares
        return frames / (frames + TRUSTED_FRAMES)


def balanced_loudness(loudness_db: FloatArray, powers: FloatArray, gains_db: Float64) -> FloatArray:
    """The loudness (frames,) of a performance as if it had these gains in mel bands; pauses stay as they are."""
    spoken = np.clip((loudness_db - FAINT_DB) / (SPOKEN_DB - FAINT_DB), 0, 1)
    return np.asarray(loudness_db + spoken * _louder_db(powers, gains_db), dtype=np.float32)


def _louder_db(powers: npt.NDArray[Any], gains_db: Float64) -> Float64:
    """How much louder frames become, (frames,)."""
    shares = powers * _widths()
    return np.asarray(10 * np.log10((shares @ 10 ** (gains_db / 10) + 1e-12) / (shares.sum(axis=1) + 1e-12)))


class Balancing:
    """Gives sound that is made block by block the wanted long-term spectrum, without delay."""

    def __init__(self, wanted: Balance, share: float = 1.0) -> None:
        self._wanted, self._share = wanted, share
        self._heard = LongTermSpectrum()
        self._past: FloatArray = np.zeros(TAPS - 1, dtype=np.float32)
        self._kernel = kernel_of(NONE)

    def block(self, sound: FloatArray, own: int | None = None, *, fading: bool = False) -> FloatArray:
        """The next samples. Those after the first ``own`` will come once more; with ``fading`` the filter changes
        slowly over the block, else at its beginning."""
        whole = np.concatenate([self._past, sound])
        stop = self._past.size + (sound.size if own is None else own)
        before, mine = self._kernel, whole[:stop]
        windows = np.lib.stride_tricks.sliding_window_view(mine, FFT_SIZE)[::HOP] if stop >= FFT_SIZE else None
        if windows is not None:
            self._heard.hear(powers_of_windows(windows))
        self._kernel = kernel_of(self._heard.gains_db(self._wanted, self._share))
        self._past = mine[stop - self._past.size :]
        made = _filtered(whole, self._kernel)
        if not fading:
            return made
        share = np.linspace(0, 1, sound.size, dtype=np.float32)
        return share * made + (1 - share) * _filtered(whole, before)


def _filtered(sound: FloatArray, kernel: Float64) -> FloatArray:
    return np.asarray(oaconvolve(sound, kernel, mode="valid"), dtype=np.float32)


def kernel_of(gains_db: Float64) -> Float64:
    """The filter (512,) of least phase with these gains in mel bands, by the folded cepstrum (Oppenheim and Schafer,
    Discrete-Time Signal Processing, 13.5)."""
    at_hz = np.interp(np.arange(GRID // 2 + 1) * SAMPLE_RATE / GRID, _middles_hz(), gains_db)
    cepstrum = np.fft.irfft(at_hz * np.log(10) / 20)
    cepstrum[1 : GRID // 2] *= 2
    cepstrum[GRID // 2 + 1 :] = 0
    return np.asarray(np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))[:TAPS])


@cache
def _widths() -> Float64:
    """How much of the whole power a band's mean power stands for, (40,)."""
    widths = 1 / mel_bands().max(axis=1).astype(np.float64)
    return np.asarray(widths / widths.sum())


@cache
def _middles_hz() -> Float64:
    bins_hz = np.arange(FFT_SIZE // 2 + 1) * SAMPLE_RATE / FFT_SIZE
    return np.asarray((mel_bands() * bins_hz).sum(axis=1))
