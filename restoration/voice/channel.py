"""How much of the carrier would be learnt as the speaker's: a score, and whether to restore first.

A voice model of an unrestored disc is a model of the disc. What is heard while somebody speaks is voice and carrier,
and a model hears as an ear does, in decibels: in each of 24 mel bands from 120 Hz to 7 kHz the carrier has no share
where the voice stands 30 dB above the pauses, all of it where the voice does not stand out at all, and in between in
proportion to the decibels. A band that the carrier did not hold is all the carrier's: its edge would be learnt as the
speaker's timbre. The mean over the bands is the ``carrier_share``, from 0 to 1. Clicks, hum, reverberation and a band
that ends early have limits of their own.

The limits come from ``tests/voice/calibrate_channel.py``. What noise reduction left under the voice while it silenced
the pauses is not heard here: the score of a restored sound is a lower bound.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.measures.bandwidth import VOICE_ABOVE_FLOOR_DB, bandwidth_of, smoothed, steady_noise_of
from restoration.measures.clicks import clicks_per_s
from restoration.measures.hum import hum
from restoration.measures.noise import noise_floor_of, snr_of
from restoration.measures.reverberation import Decays
from restoration.measures.spectrum import LevelSpectra, level_spectra
from restoration.voice.samples import VOICE_RATE, FloatArray, as_recording

Float64 = npt.NDArray[np.float64]
Verdict = Literal["clean", "worn", "refused"]

LOWEST_HZ, HIGHEST_HZ, BANDS = 120.0, 7000.0, 24
OCTAVES_HZ = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
"""Edges of the bands whose signal-to-noise ratios are told."""
LEAST_SECONDS = 3.0
LISTENED_S = 120.0
"""Of longer sound so much is heard, in stretches of 10 s spread over it."""
STRETCH_S = 10.0

UNHEARD_DB = 30.0
"""So far below the voice the carrier is not learnt: a good studio's pauses lie there."""
DEEP_DB = 60.0
"""So far under the loudest band a codec leaves nothing: the carrier did not hold it."""

WORN_SHARE, REFUSED_SHARE = 0.25, 0.45
WORN_HZ, REFUSED_HZ = 5500.0, 3600.0
"""A telephone ends at 3400 Hz."""
WORN_CLICKS, REFUSED_CLICKS = 1.5, 8.0
WORN_HUM_DB, REFUSED_HUM_DB = 30.0, 12.0
"""Speech level over the level of the hum."""
WORN_T60_S, REFUSED_T60_S = 0.5, 1.0
WORN = (WORN_SHARE, WORN_CLICKS, WORN_HUM_DB, WORN_T60_S, WORN_HZ)
REFUSED = (REFUSED_SHARE, REFUSED_CLICKS, REFUSED_HUM_DB, REFUSED_T60_S, REFUSED_HZ)


@dataclass(frozen=True, kw_only=True)
class ChannelScore:
    """What the channel of a sound is like.

    Attributes:
        verdict: "clean", "worn" (usable; the card says so) or "refused" (restore it first).
        sentence: the verdict in words, with its reason.
        carrier_share: mean share of the carrier in the bands of the voice, 0 to 1.
        snr_db: of the voice while it speaks over the pauses; None where nothing stands out.
        band_snr_db: the same in the six octaves from 125 Hz to 8 kHz; None in a band without voice.
        bandwidth_hz: how far up the voice goes, at most 8000.
        hum_below_voice_db: level of the voice over that of mains hum; None without hum.
        clicks_per_s: a clean voice has a few.
        t60_s: time in which the room dies away by 60 dB; None where too little is heard.
    """

    verdict: Verdict
    sentence: str
    carrier_share: float
    snr_db: float | None
    band_snr_db: tuple[float | None, ...]
    bandwidth_hz: float | None
    hum_below_voice_db: float | None
    clicks_per_s: float
    t60_s: float | None

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {**asdict(self), "band_snr_db": list(self.band_snr_db)}


@dataclass(frozen=True, eq=False)
class Channel:
    """Mean power spectra of a sound: of what is heard while somebody speaks, and of the pauses; at frequencies in Hz.

    The bins of either sum to a mean square.
    """

    frequencies_hz: Float64
    speech: Float64
    pauses: Float64

    @property
    def voice(self) -> Float64:
        """What is heard while somebody speaks less what is heard in the pauses."""
        return np.asarray(np.maximum(self.speech - self.pauses, 0.0))


def channel_of(sound: FloatArray) -> Channel:
    """The spectra of a sound (time,) at 16 kHz; where nothing stands out from the noise the speech is all of it."""
    with as_recording(sound) as recording:
        return _channel(level_spectra(recording))


def channel_score(sound: FloatArray) -> ChannelScore:
    """How much of the carrier of ``sound`` (time,) at 16 kHz would be learnt as the speaker's.

    Raises:
        ValueError: less than 3 s of sound.
    """
    if sound.size < LEAST_SECONDS * VOICE_RATE:
        raise ValueError(f"a channel is told from {LEAST_SECONDS:g} s of sound, not from {sound.size / VOICE_RATE:.1f}")
    with as_recording(_listened(sound)) as recording:
        return _judged(_measured(recording))


def carrier_share(channel: Channel) -> float:
    """Mean over mel bands of the share of the carrier, from how far the voice stands above the pauses (see above)."""
    speech, pauses = mel_levels(channel.frequencies_hz, channel.speech, channel.pauses)
    above_db = 10 * np.log10(np.maximum(speech - pauses, 1e-30) / np.maximum(pauses, 1e-30))
    held = speech > speech.max() * 10 ** (-DEEP_DB / 10)
    return float(np.where(held, 1 - np.clip(above_db / UNHEARD_DB, 0, 1), 1.0).mean())


def mel_levels(frequencies_hz: Float64, *spectra: Float64) -> list[Float64]:
    """Mean power (24,) of each of the spectra in the mel bands."""
    edges = np.searchsorted(frequencies_hz, mel_edges_hz())
    bands = list(zip(edges[:-1], np.maximum(edges[1:], edges[:-1] + 1), strict=True))
    return [np.array([spectrum[low:high].mean() for low, high in bands]) for spectrum in spectra]


def mel_edges_hz() -> Float64:
    """The edges (25,) of the 24 bands, on O'Shaughnessy's mel scale."""
    lowest, highest = 2595 * np.log10(1 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700)
    return np.asarray(700 * (10 ** (np.linspace(lowest, highest, BANDS + 1) / 2595) - 1))


def _listened(sound: FloatArray) -> FloatArray:
    """All of the sound, or stretches that are spread over it."""
    if sound.size <= LISTENED_S * VOICE_RATE:
        return sound
    size = round(STRETCH_S * VOICE_RATE)
    starts = np.linspace(0, sound.size - size, round(LISTENED_S / STRETCH_S)).astype(int)
    return np.concatenate([sound[start : start + size] for start in starts])


def _channel(spectra: LevelSpectra) -> Channel:
    floor = noise_floor_of(spectra)
    everything, _ = spectra.between(-np.inf, np.inf)
    if floor is None:
        return Channel(spectra.frequencies_hz, everything, np.zeros_like(everything))
    speech, windows = spectra.between(floor + VOICE_ABOVE_FLOOR_DB, np.inf)
    pauses = steady_noise_of(spectra, floor)
    if not windows:
        return Channel(spectra.frequencies_hz, smoothed(everything), smoothed(everything))
    return Channel(spectra.frequencies_hz, smoothed(speech), pauses)


def _measured(recording: Recording) -> dict[str, Any]:
    spectra = level_spectra(recording)
    channel, mains = _channel(spectra), hum(recording)
    voice_dbfs = 10 * np.log10(max(float(channel.voice.sum()), 1e-12))
    decays = Decays(VOICE_RATE)
    decays.hear(recording.read().samples[0])
    hum_db = None if mains["hum_dbfs"] is None else round(voice_dbfs - mains["hum_dbfs"], 1)
    snr_db = snr_of(spectra)
    return {
        "carrier_share": round(carrier_share(channel), 3),
        "snr_db": None if snr_db is None else round(snr_db, 1),
        "band_snr_db": _band_snr_db(channel),
        "bandwidth_hz": bandwidth_of(spectra),
        "hum_below_voice_db": hum_db,
        "clicks_per_s": round(clicks_per_s(recording), 1),
        "t60_s": None if decays.t60_s is None else round(decays.t60_s, 2),
    }


def _band_snr_db(channel: Channel) -> tuple[float | None, ...]:
    edges = np.searchsorted(channel.frequencies_hz, OCTAVES_HZ)
    ratios: list[float | None] = []
    for low, high in pairwise(edges):
        voice, pauses = channel.voice[low:high].sum(), channel.pauses[low:high].sum()
        ratios.append(round(float(10 * np.log10(voice / max(pauses, 1e-14))), 1) if voice > 0 else None)
    return tuple(ratios)


def _judged(measured: dict[str, Any]) -> ChannelScore:
    refused, worn = _faults(measured, REFUSED), _faults(measured, WORN)
    if refused:
        sentence = f"{', '.join(refused)}: a voice learnt from this would sound like the carrier"
        return ChannelScore(verdict="refused", sentence=sentence, **measured)
    if worn:
        sentence = f"{', '.join(worn)}: some of the carrier would be learnt as the speaker's"
        return ChannelScore(verdict="worn", sentence=sentence, **measured)
    share = f"{measured['carrier_share']:.0%} of what would be learnt is the carrier's"
    return ChannelScore(verdict="clean", sentence=f"{share}, and nothing else stands out", **measured)


def _faults(measured: dict[str, Any], limits: tuple[float, ...]) -> list[str]:
    """What goes over the limits, in the order of ``WORN``, in words."""
    share, clicks, hum_db, t60_s, width_hz = limits
    hum_found, t60_found, width_found = (measured[name] for name in ("hum_below_voice_db", "t60_s", "bandwidth_hz"))
    judged = (
        (
            measured["carrier_share"] >= share,
            f"{measured['carrier_share']:.0%} of what would be learnt is the carrier's",
        ),
        (measured["clicks_per_s"] >= clicks, f"it has {measured['clicks_per_s']:.1f} clicks a second"),
        (hum_found is not None and hum_found < hum_db, f"its hum is only {hum_found or 0:.0f} dB below the voice"),
        (t60_found is not None and t60_found >= t60_s, f"the room goes on for {t60_found or 0:.1f} s"),
        (width_found is not None and width_found < width_hz, f"the voice ends at {width_found or 0:.0f} Hz"),
    )
    return [words for is_over, words in judged if is_over]
