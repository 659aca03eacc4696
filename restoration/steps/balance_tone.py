"""Balance the tone of a voice that a carrier or a microphone has coloured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import signal

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.loudness import LoudnessMeter, k_weighting
from restoration.measures.metering import Float64, listen
from restoration.measures.noise import snr_of
from restoration.measures.spectrum import LevelSpectra
from restoration.measures.tone import (
    BANDS_HZ,
    JUDGED,
    Tone,
    deviation_db,
    likely_colour_db,
    tone_of,
    unnatural_db,
    voice_and_pauses,
    voice_s,
)
from restoration.repair.tone import curve, filtered
from restoration.speech.detect import speech_regions
from restoration.step import Findings, Generates, Verdict

FILTER_S = 0.06
"""Long enough to follow third octaves from 100 Hz up, short enough that nothing is heard before an onset."""

COLOUR_DB = 6.0
"""How much a recording whose tone no voice has is coloured, in the mean square over the bands."""

LEAST_SPEECH_SHARE = 0.5
LEAST_LESS_DB = 0.5
LOUDNESS_KEPT_LU = 0.5
SNR_KEPT_DB = 3.0
QUIET_SNR_DB = 30.0
"""A voice so far above its noise may lose of that: what was cut was strong in the voice, or raised is not heard."""


@dataclass(frozen=True, kw_only=True)
class BalanceTone:
    """A smooth linear-phase equaliser towards the long-term average spectrum of natural voices.

    A tone within the spread of natural voices is the speaker's own and left alone. Of one outside, as much is taken
    back in each band as is likely to be the recording's, and only within the band that was recorded. The loudness
    stays as it was: gains are against it.

    Attributes:
        spreads: how many spreads (standard deviations) of natural voices are left alone, 0 to 4.
        least_db: a tone that is nowhere further than this outside is left alone, 0.5 to 12 dB.
        max_gain_db: no band is raised by more, 0 to 12 dB.
        max_cut_db: no band is lowered by more, 0 to 12 dB.
        least_snr_db: a band in which the voice stands out from the noise by less is never raised, 0 to 40 dB.
    """

    spreads: float = 2.0
    least_db: float = 2.0
    max_gain_db: float = 6.0
    max_cut_db: float = 6.0
    least_snr_db: float = 10.0

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        ranges = {
            "spreads": (0.0, 4.0),
            "least_db": (0.5, 12.0),
            "max_gain_db": (0.0, 12.0),
            "max_cut_db": (0.0, 12.0),
            "least_snr_db": (0.0, 40.0),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is from {least:g} to {most:g}, not {getattr(self, name)}")

    def measure(self, recording: Recording) -> Findings:
        """``bands``: of each third octave heard, its deviation, its ratio to the noise, and the gain it gets."""
        spectra, loudness = LevelSpectra(recording.sample_rate, recording.channels), LoudnessMeter(*_kind(recording))
        listen(recording, spectra, loudness)
        tone = tone_of(spectra)
        if tone is None:
            return {"needed": False, "reason": "There are not ten seconds of voice to take an average of."}
        deviation = deviation_db(tone)
        outside = unnatural_db(deviation, self.spreads)
        gains_db = self._gains_db(tone, likely_colour_db(deviation, COLOUR_DB))
        level_db = level_change_db(spectra, gains_db)
        figures: dict[str, Any] = {
            "outside_db": round(float(np.abs(outside).max()), 2),
            "bandwidth_hz": round(tone.bandwidth_hz, 1),
            "loudness_lufs": loudness.integrated_lufs,
            "snr_db": snr_of(spectra),
            "level_db": round(-level_db, 3),
            "bands": _listed(tone, gains_db),
        }
        reason = self._left_alone(recording, spectra, outside, gains_db)
        return {"needed": not reason, "reason": reason or _described(outside, gains_db)} | figures

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Send every channel through the curve found."""
        gains_db = np.array([band["gain_db"] for band in findings["bands"]]) + findings["level_db"]
        taps = curve(BANDS_HZ, gains_db, FILTER_S, recording.sample_rate)

        def balanced(samples: Samples, first: int) -> Samples:
            return filtered(samples, taps)

        map_blocks(recording, balanced, result, context=taps.size // 2)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """The tone, the loudness and the ratio to the noise, measured again."""
        spectra, loudness = LevelSpectra(after.sample_rate, after.channels), LoudnessMeter(*_kind(after))
        listen(after, spectra, loudness)
        tone = tone_of(spectra)
        if tone is None:
            return {"helps": False, "reason": "No voice is found in the result."}
        outside_db = float(np.abs(unnatural_db(deviation_db(tone), self.spreads)).max())
        louder_lu = (loudness.integrated_lufs or 0.0) - (findings["loudness_lufs"] or 0.0)
        snr_db = snr_of(spectra) or 0.0
        noisier_db = (findings["snr_db"] or 0.0) - snr_db
        nearer = outside_db <= findings["outside_db"] - LEAST_LESS_DB
        kept = abs(louder_lu) <= LOUDNESS_KEPT_LU and (noisier_db <= SNR_KEPT_DB or snr_db >= QUIET_SNR_DB)
        found = f"The tone is {outside_db:.1f} dB outside natural voices, from {findings['outside_db']:.1f} dB"
        rest = f"the loudness changed by {louder_lu:+.2f} LU and the ratio to the noise by {-noisier_db:+.1f} dB"
        return {
            "helps": nearer and kept,
            "reason": f"{found}; {rest}.",
            "outside_db": round(outside_db, 2),
            "loudness_change_lu": round(louder_lu, 3),
            "snr_change_db": round(-noisier_db, 2),
        }

    def _gains_db(self, tone: Tone, colour_db: Float64) -> Float64:
        """Gain of each band; one that is not judged gets that of the nearest, and none is raised out of the noise."""
        judged = np.nonzero(tone.heard[JUDGED])[0] + JUDGED.start
        held = np.interp(np.arange(colour_db.size), judged, -colour_db[judged])
        most = np.where(tone.heard & (tone.snr_db >= self.least_snr_db), self.max_gain_db, 0.0)
        return np.clip(held, -self.max_cut_db, most).round(2)

    def _left_alone(self, recording: Recording, spectra: LevelSpectra, outside: Float64, gains_db: Float64) -> str:
        """Why nothing is done; nothing where something is."""
        largest = float(np.abs(outside).max())
        if largest < self.least_db:
            return f"The tone is at most {largest:.1f} dB outside that of natural voices: too little to be a fault."
        if float(np.abs(gains_db).max()) < self.least_db:
            return (
                f"The tone is {largest:.1f} dB outside that of natural voices where raising it would raise the noise."
            )
        heard_s = voice_s(spectra, voice_and_pauses(spectra)[2])
        spoken_s = sum(end_s - start_s for start_s, end_s in speech_regions(recording))
        if spoken_s < LEAST_SPEECH_SHARE * heard_s:
            return "Most of what is heard is no speech, whose average spectrum says nothing about it."
        return ""


def level_change_db(spectra: LevelSpectra, gains_db: Float64) -> float:
    """What gains in ``BANDS_HZ`` do to the K-weighted level (ITU-R BS.1770-4) of the voice, in dB."""
    voice, _, _ = voice_and_pauses(spectra)
    hz = np.maximum(spectra.frequencies_hz, 1.0)
    _, weight = signal.freqz_sos(k_weighting(spectra.sample_rate), hz, fs=spectra.sample_rate)
    weighted = voice * np.abs(weight) ** 2
    gained = weighted * 10.0 ** (np.interp(np.log(hz), np.log(BANDS_HZ), gains_db) / 10.0)
    return 10.0 * float(np.log10(gained.sum() / max(float(weighted.sum()), 1e-30)))


def _kind(recording: Recording) -> tuple[int, int]:
    return recording.sample_rate, recording.channels


def _listed(tone: Tone, gains_db: Float64) -> list[dict[str, Any]]:
    rows = zip(BANDS_HZ, deviation_db(tone), tone.snr_db, tone.heard, gains_db, strict=True)
    return [
        {
            "hz": round(float(hz)),
            "deviation_db": round(float(deviation), 2) if heard else None,
            "snr_db": round(float(snr_db), 1) if heard else None,
            "gain_db": float(gain_db),
        }
        for hz, deviation, snr_db, heard, gain_db in rows
    ]


def _described(outside: Float64, gains_db: Float64) -> str:
    """For a curator: where the tone is outside and what is done."""
    worst = int(np.argmax(np.abs(outside)))
    side = "strong" if outside[worst] > 0.0 else "weak"
    return (
        f"At {BANDS_HZ[worst]:.0f} Hz the voice is {abs(outside[worst]):.1f} dB too {side} for a natural one; "
        f"the curve goes from {gains_db.min():+.1f} to {gains_db.max():+.1f} dB."
    )
