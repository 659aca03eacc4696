"""Align the two tracks of one programme, and sum them or take the better one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.azimuth import Pair, PairMeter, pair_of
from restoration.measures.metering import Float64, listen
from restoration.measures.noise import snr_of
from restoration.measures.spectrum import LevelSpectra
from restoration.measures.tone import BANDS_HZ
from restoration.measures.tracks import Tracks, better_track, tracks_of
from restoration.repair.azimuth import HOP, context, crossfade, delayed, thinned
from restoration.repair.tone import curve, filtered
from restoration.step import Findings, Generates, Verdict

Combine = Literal["keep", "sum", "better"]

FILTER_S = 0.03
FADE_S = 0.5
KNOT_SAMPLES = 0.002
LARGEST_SWING_DB = 6.0
MOST_STRAYS = 0.2
TIMES_UNCERTAIN = 3.0
LEAST_SUM_GAIN_DB = 0.5
SNR_KEPT_DB = 0.5
LEFT_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class AlignAzimuth:
    """The duller track is moved against the brighter, by a delay followed along the tape to parts of a sample.

    Stereo by two microphones, an interview with a voice on each track, and one channel alone are left as they are: the
    tracks must agree, at one steady difference of level. A reversed track is turned round.

    Attributes:
        combine: ``keep`` leaves two tracks (the brighter bit for bit); ``sum`` puts their sum into both channels, each
            band weighted by its ratio to the noise; ``better`` puts the clearer track into both, stretch by stretch.
        least_delay_us: a smaller delay is left alone, 0 to 100 microseconds.
        longest_delay_ms: delays up to this are looked for, 0.1 to 20 ms.
        least_agreement: tracks that have less in common are two sounds, 0.3 to 1.
        hysteresis_db: by how much the other track must be clearer before it is taken, 0 to 20 dB.
    """

    combine: Combine = "keep"
    least_delay_us: float = 1.0
    longest_delay_ms: float = 2.0
    least_agreement: float = 0.8
    hysteresis_db: float = 3.0

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        if self.combine not in get_args(Combine):
            raise ValueError(f"combine is one of {', '.join(get_args(Combine))}, not {self.combine!r}")
        ranges = {
            "least_delay_us": (0.0, 100.0),
            "longest_delay_ms": (0.1, 20.0),
            "least_agreement": (0.3, 1.0),
            "hysteresis_db": (0.0, 20.0),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is from {least:g} to {most:g}, not {getattr(self, name)}")

    def measure(self, recording: Recording) -> Findings:
        """``delays``: [time in s, samples that the second track is late]; ``moved``: the duller track, 0 or 1."""
        if recording.channels != 2:
            return {"needed": False, "reason": "The recording has not two tracks."}
        meter, tracks, spectra = self._heard(recording)
        pair = pair_of(meter)
        if pair is None:
            return {"needed": False, "reason": "The tracks are silent or too short to be compared."}
        figures: dict[str, Any] = {
            "agreement": round(pair.agreement, 4),
            "polarity": pair.polarity,
            "level_difference_db": round(pair.level_difference_db, 2),
            "level_swing_db": round(pair.level_swing_db, 2),
            "rms_delay_samples": round(pair.rms_delay, 4),
            "uncertain_samples": round(pair.uncertain, 4),
            "delays": thinned(pair.times_s, pair.delays, KNOT_SAMPLES),
            "moved": 1 - tracks.brighter,
            "sum_gain_db": round(tracks.gain_db(), 2),
            "snr_db": [snr_of(track) for track in spectra],
        }
        return self._decision(pair, tracks, recording.sample_rate) | figures | self._combination(meter, tracks)

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Move one track, turn it round if it is reversed, and combine."""
        knots = np.array(findings["delays"])
        sign = 1.0 if findings["moved"] == 0 else -1.0
        longest = float(np.abs(knots[:, 1]).max())
        rate = recording.sample_rate
        filters = [
            curve(BANDS_HZ, 20.0 * np.log10(np.array(weights)), FILTER_S, rate)
            for weights in findings.get("weights", [])
        ]

        def aligned(samples: Samples, first: int) -> Samples:
            points = first + HOP * np.arange(samples.shape[1] // HOP + 3)
            delays = sign * np.interp(points / rate, knots[:, 0], knots[:, 1])
            tracks = samples.astype(np.float64)
            if delays.any():
                tracks[findings["moved"]] = delayed(tracks[findings["moved"]], first, delays, longest)
            tracks[1] *= findings["polarity"]
            return _combined(tracks, first / rate, rate, findings, filters)

        reach = context(longest) + round(FILTER_S * rate)
        map_blocks(recording, aligned, result, context=reach, align=HOP)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """The delay measured again; of combined tracks, the voice over the noise against the better track's."""
        meter, _, spectra = self._heard(after)
        pair = pair_of(meter)
        if pair is None:
            return {"helps": False, "reason": "The result has no tracks to compare."}
        was = findings["rms_delay_samples"]
        left_us = 1e6 * pair.rms_delay / after.sample_rate
        aligned = pair.rms_delay <= LEFT_SHARE * was or left_us <= max(self.least_delay_us, 0.1)
        agrees = pair.agreement >= findings["agreement"] - 0.02 and pair.polarity > 0
        snr_db = snr_of(spectra[0])
        known = [ratio for ratio in findings["snr_db"] if ratio is not None]
        gain_db = snr_db - max(known) if known and snr_db is not None else 0.0
        clear = findings["combine"] == "keep" or gain_db >= -SNR_KEPT_DB
        moved = f"The tracks are {was:.2f} samples apart before and {pair.rms_delay:.3f} after"
        compared = f", and the voice {gain_db:+.1f} dB over the noise against the better track"
        return {
            "helps": bool(aligned and agrees and clear),
            "reason": moved + ("" if findings["combine"] == "keep" else compared) + ".",
            "rms_delay_samples": round(pair.rms_delay, 4),
            "agreement": round(pair.agreement, 4),
            "snr_gain_db": round(gain_db, 2),
        }

    def _heard(self, recording: Recording) -> tuple[PairMeter, Tracks, tuple[LevelSpectra, LevelSpectra]]:
        meter = PairMeter(recording.sample_rate, self.longest_delay_ms / 1000.0)
        first, second = _OneTrack(recording.sample_rate, 0), _OneTrack(recording.sample_rate, 1)
        listen(recording, meter, first, second)
        return meter, tracks_of(first, second), (first, second)

    def _decision(self, pair: Pair, tracks: Tracks, sample_rate: int) -> Findings:
        """``needed`` and ``reason``."""
        if two := self._two_sounds(pair):
            return _left(two)
        late_us = 1e6 * pair.rms_delay / sample_rate
        apart = f"The tracks of one programme are {pair.rms_delay:.2f} samples ({late_us:.1f} µs) apart"
        if late_us >= self.least_delay_us and pair.rms_delay >= TIMES_UNCERTAIN * pair.uncertain:
            return {"needed": True, "reason": f"{apart}."}
        if pair.polarity < 0:
            return {"needed": True, "reason": f"{apart}, and one of them is reversed."}
        if self.combine == "sum" and tracks.gain_db() >= LEAST_SUM_GAIN_DB:
            return {"needed": True, "reason": f"{apart}; their sum gains {tracks.gain_db():.1f} dB over the noise."}
        if self.combine == "better" and pair.agreement < 1.0 - 1e-6:
            return {"needed": True, "reason": f"{apart}; the clearer one is taken."}
        return _left(f"{apart}: nothing to put right.")

    def _two_sounds(self, pair: Pair) -> str:
        """Why the tracks are not one programme; nothing where they are."""
        if pair.agreement < self.least_agreement:
            return f"The tracks have {100 * pair.agreement:.0f} % in common: two sounds, or stereo."
        if pair.level_swing_db > LARGEST_SWING_DB:
            return f"The level between the tracks swings by {pair.level_swing_db:.1f} dB: voices have their own."
        if pair.strays > MOST_STRAYS:
            return "The delay between the tracks jumps about: sources in a room, not the angle of a head."
        return ""

    def _combination(self, meter: PairMeter, tracks: Tracks) -> Findings:
        """What ``treat`` needs to combine the tracks."""
        if self.combine == "sum":
            return {"combine": "sum", "weights": tracks.weights().round(4).tolist()}
        if self.combine == "better":
            switches = better_track(meter.sections, self.hysteresis_db)
            times = [[round(number * meter.section_s, 3), track] for number, track in switches]
            return {"combine": "better", "tracks": times}
        return {"combine": "keep"}


def _combined(tracks: Float64, start_s: float, sample_rate: int, findings: Findings, filters: list[Float64]) -> Samples:
    """The tracks as they are, or one sound of both in both."""
    if findings["combine"] == "keep":
        return np.asarray(tracks, dtype=np.float32)
    if findings["combine"] == "sum":
        one = sum(filtered(track[None], taps) for track, taps in zip(tracks, filters, strict=True))
    else:
        times_s = start_s + np.arange(tracks.shape[1]) / sample_rate
        share = crossfade(times_s, [(time_s, int(track)) for time_s, track in findings["tracks"]], FADE_S)
        level = 10.0 ** (findings["level_difference_db"] / 20.0)
        scale = (1.0, level) if findings["tracks"][0][1] == 0 else (1.0 / level, 1.0)
        one = ((1.0 - share) * scale[0] * tracks[0] + share * scale[1] * tracks[1])[None]
    return np.repeat(np.asarray(one, dtype=np.float32), 2, axis=0)


class _OneTrack(LevelSpectra):
    """The level spectra of one track of a pair."""

    def __init__(self, sample_rate: int, track: int) -> None:
        super().__init__(sample_rate, 1)
        self._track = track

    def feed(self, samples: Float64) -> None:
        super().feed(samples[self._track : self._track + 1])


def _left(reason: str) -> Findings:
    return {"needed": False, "reason": reason}
