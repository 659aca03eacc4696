"""Remove rumble, wind and thumps below the voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.measures.metering import Float64
from restoration.measures.rumble import RATE_HZ, LowEnd, low_end
from restoration.repair.tone import filtered, high_pass, response_at
from restoration.step import Findings, Generates, Verdict

BELOW_PITCH = 0.7
"""Of the lowest pitch: what is below this share of it is no voice."""

HIGHEST_BELOW_HZ = 80.0
"""Of a high voice too: a low one may say a few words among many of hers, and the mains hum at 100 Hz is no rumble."""

PASS_BELOW_PITCH = 0.9
ABOVE_REACH = 1.3
STOP_SHARE = 0.7
REACH_SHARE = 0.98
LOWEST_PASS_HZ = 12.0
STEP_DOWN = 0.93
LEAST_GAIN_DB = 3.0


@dataclass(frozen=True, kw_only=True)
class RemoveRumble:
    """A linear-phase high-pass no higher than the rumble needs, and below the lowest pitch of the voice.

    Rumble is what the pauses hold below the voice. A voice replayed at 65 dB SPL has the threshold of hearing at 50 Hz
    (44 dB SPL, ISO 389-7) about 21 dB below it: weaker rumble is not heard, and left.

    Attributes:
        least_rel_voice_db: rumble weaker than this against the voice is left alone, -60 to 0 dB.
        least_excess_db: noise below the voice less dense than this over the noise beside the voice is the recording's
            own and left alone, 0 to 40 dB.
        reduction_db: how far the stop band lies down, 20 to 80 dB.
        max_voice_loss_db: the cut goes so low that the voice below 300 Hz loses no more than this, 0.05 to 3 dB.
    """

    least_rel_voice_db: float = -20.0
    least_excess_db: float = 6.0
    reduction_db: float = 40.0
    max_voice_loss_db: float = 0.3

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        ranges = {
            "least_rel_voice_db": (-60.0, 0.0),
            "least_excess_db": (0.0, 40.0),
            "reduction_db": (20.0, 80.0),
            "max_voice_loss_db": (0.05, 3.0),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is from {least:g} to {most:g}, not {getattr(self, name)}")

    def measure(self, recording: Recording) -> Findings:
        """``rumble_dbfs``, ``voice_dbfs``, ``lowest_pitch_hz`` and ``cutoff_hz``: where the high-pass begins to cut."""
        low = low_end(recording)
        if low is None:
            return {"needed": False, "reason": "There is no voice with a pitch below which rumble could be told apart."}
        below_hz = min(BELOW_PITCH * low.lowest_pitch_hz, HIGHEST_BELOW_HZ)
        rumble_dbfs, excess_db = low.rumble_dbfs(below_hz), low.excess_db(below_hz)
        rel_voice_db = rumble_dbfs - low.voice_dbfs
        cutoff_hz = self._cutoff_hz(low, below_hz)
        figures = {
            "rumble_dbfs": round(rumble_dbfs, 2),
            "voice_dbfs": round(low.voice_dbfs, 2),
            "rel_voice_db": round(rel_voice_db, 2),
            "excess_db": round(excess_db, 2),
            "lowest_pitch_hz": round(low.lowest_pitch_hz, 1),
            "below_hz": round(below_hz, 1),
            "cutoff_hz": cutoff_hz,
        }
        heard = (
            f"Below {below_hz:.0f} Hz the pauses hold {rumble_dbfs:.1f} dBFS, {-rel_voice_db:.1f} dB under the voice"
        )
        if rel_voice_db < self.least_rel_voice_db:
            return {"needed": False, "reason": f"{heard}: too weak to be heard."} | figures
        if excess_db < self.least_excess_db:
            return {"needed": False, "reason": f"{heard}, but no denser than the noise beside the voice."} | figures
        if cutoff_hz is None:
            return {"needed": False, "reason": f"{heard}, and cannot be cut without cutting the voice."} | figures
        return {"needed": True, "reason": f"{heard}; it is cut below {cutoff_hz:.0f} Hz."} | figures

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Send every channel through the high-pass."""
        taps = self._taps(findings["cutoff_hz"], recording.sample_rate)

        def cut(samples: Samples, first: int) -> Samples:
            return filtered(samples, taps)

        map_blocks(recording, cut, result, context=taps.size // 2)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """The rumble in the pauses and the level of the voice, measured again by the same pitch."""
        low = low_end(after)
        if low is None:
            return {"helps": False, "reason": "No voice is found in the result."}
        less_db = findings["rumble_dbfs"] - low.rumble_dbfs(findings["below_hz"])
        loss_db = findings["voice_dbfs"] - low.voice_dbfs
        helps = less_db >= LEAST_GAIN_DB and abs(loss_db) <= self.max_voice_loss_db
        kept = "and the voice is kept" if helps else "which is not worth it"
        return {
            "helps": helps,
            "reason": f"The rumble is {less_db:.1f} dB weaker and the voice {loss_db:.2f} dB, {kept}.",
            "rumble_reduction_db": round(less_db, 2),
            "voice_loss_db": round(loss_db, 3),
        }

    def _cutoff_hz(self, low: LowEnd, below_hz: float) -> float | None:
        """The lowest frequency left whole; None if the voice would lose too much wherever it is."""
        wanted = ABOVE_REACH * low.reach_hz(below_hz, REACH_SHARE)
        cutoff_hz = min(PASS_BELOW_PITCH * low.lowest_pitch_hz, max(wanted, LOWEST_PASS_HZ))
        while cutoff_hz >= LOWEST_PASS_HZ:
            gain = response_at(self._taps(cutoff_hz, RATE_HZ), low.frequencies_hz, RATE_HZ)
            if low.voice_loss_db(gain) <= self.max_voice_loss_db:
                return round(cutoff_hz, 1)
            cutoff_hz *= STEP_DOWN
        return None

    def _taps(self, cutoff_hz: float, sample_rate: int) -> Float64:
        return high_pass(STOP_SHARE * cutoff_hz, cutoff_hz, self.reduction_db, sample_rate)
