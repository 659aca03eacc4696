"""Make the treble that the carrier never held, above the recorded band and only there.

Where the recorded band ends is measured (``measures.bandwidth``); it stays as it is, and the made band lies above it,
where somebody speaks and the voice stands above its noise. It begins and ends within the recording, so that a sound
that stops in the middle of a word gets no click. What is made is likely, not what was said.

Voices of 20 kHz cut at 4 kHz are 1.1 decades from the full band, up to 8 and up to 24 kHz (log-spectral distance of
``benchmark.scores``). The network brings them to 0.65 and 0.66 with a target of 18 kHz, and to 0.65 and 0.80 with 12
kHz; replication to 0.72, and 0.78 or 0.87. The target decides most: what it leaves empty is as far as it was. Clips:
tests/steps/test_extend_band.py, held out of the training.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar, get_args

from restoration.audio import Recording, Writer
from restoration.measures.bandwidth import bandwidth_hz
from restoration.nets.extend import MODEL, Hearing
from restoration.nets.missing_band import Band, Levels
from restoration.repair.band_extension import Method, Voice, clear_of_the_ends, extend, foreseen, turned_out, voice_of
from restoration.speech.detect import speech_regions
from restoration.step import Findings, Generates, Verdict
from restoration.weights import locate

LEAST_EDGE_HZ = 1500.0
"""From less than this no voice can be carried on."""
ROOM = 0.9
"""A band that reaches this share of the target is taken as complete."""
MODELS = {
    "network": (MODEL,),
    "replication": (),
    "voicefixer": ("voicefixer-analysis", "voicefixer-vocoder"),
}
MOST_RELATIVE_DB = 0.0
"""A made band as loud as the whole recorded one is no voice's."""
MOST_LOUDEST_DB = 6.0
"""Nor is one whose loudest sibilants stand this far above the loudest vowels."""
MOST_BELOW_EDGE_DB = -80.0
MOST_PAUSES_DB = 0.1


@dataclass(frozen=True, kw_only=True)
class ExtendBand:
    """A generated band above the recorded one; the recorded band stays as it is, and pauses stay as they are.

    ``network`` is our own bandwidth extender, which says how loud each band of the voice would be; ``replication``
    carries the recorded band on by a rule, without a model; ``voicefixer`` takes the band from VoiceFixer, whose
    weights must be on this machine.

    Attributes:
        target_bandwidth_hz: where the made band ends, 4000 to 18000 Hz; half the sample rate ends it earlier.
        enough_bandwidth_hz: a voice that reaches this is left alone, 2000 to 16000 Hz, and so is one that reaches 90 %
            of the target.
        method: network, replication or voicefixer.
        recorded_bandwidth_hz: where the recorded band ends, in Hz; None: measured on the tape.
    """

    version: ClassVar[str] = "3"
    generates: ClassVar[Generates] = "band"

    target_bandwidth_hz: float = 12000.0
    enough_bandwidth_hz: float = 7200.0
    method: Method = "network"
    recorded_bandwidth_hz: float | None = None

    def __post_init__(self) -> None:
        if not 4000 <= self.target_bandwidth_hz <= 18000:
            raise ValueError(f"target_bandwidth_hz is {self.target_bandwidth_hz}; it can be 4000 to 18000 Hz")
        if not 2000 <= self.enough_bandwidth_hz <= 16000:
            raise ValueError(f"enough_bandwidth_hz is {self.enough_bandwidth_hz}; it can be 2000 to 16000 Hz")
        if self.method not in get_args(Method):
            raise ValueError(f"method is {self.method!r}; it can be {', '.join(get_args(Method))}")
        if self.recorded_bandwidth_hz is not None and self.recorded_bandwidth_hz < LEAST_EDGE_HZ:
            raise ValueError(f"recorded_bandwidth_hz is {self.recorded_bandwidth_hz}; it can be 1500 Hz or more")

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the model cards."""
        return MODELS[self.method]

    def measure(self, recording: Recording) -> Findings:
        """Find where the recorded band ends, how loud its voice and its noise are, and what would be made.

        Raises:
            MissingWeights: the method's weights are absent or are other files.
        """
        for model in self.models:
            locate(model)
        edge_hz = self.recorded_bandwidth_hz or bandwidth_hz(recording)
        target_hz = min(self.target_bandwidth_hz, 0.49 * recording.sample_rate)
        left = self._why_left_alone(edge_hz, target_hz, recording.sample_rate)
        if left or edge_hz is None:
            return {"needed": False, "reason": left, "recorded_bandwidth_hz": edge_hz}
        band = Band(recording.sample_rate, round(float(edge_hz), 1), target_hz)
        regions = clear_of_the_ends(speech_regions(recording), band, recording.duration_s)
        if not regions:
            return {"needed": False, "reason": "Nobody was heard speaking.", "recorded_bandwidth_hz": band.edge_hz}
        return self._found(recording, voice_of(recording, band, regions))

    def _found(self, recording: Recording, voice: Voice) -> Findings:
        band = voice.band
        described = f"The voice ends at {band.edge_hz:.0f} Hz; what is above, to {band.target_hz:.0f} Hz, is generated"
        expected = None if self.method == "voicefixer" else foreseen(recording, voice, self.method)
        told = {
            "needed": True,
            "reason": f"{described} by {self.method}.",
            "recorded_bandwidth_hz": band.edge_hz,
            "generated_band_hz": [band.edge_hz, band.target_hz],
            "generated_relative_db": expected.relative_db if expected else None,
            "generated_share_of_speech": expected.share if expected else None,
            "method": self.method,
            "levels": [asdict(each) for each in voice.levels],
            "speech": voice.regions,
        }
        if self.method == "network":
            told["heard"] = [{**asdict(each), "noise_db": list(each.noise_db)} for each in voice.hearings]
        return told

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Add the made band to what was recorded.

        Raises:
            MissingWeights: the weights of the findings' method are not on this machine.
        """
        extend(recording, _voice(recording, findings), findings["method"], result)

    def judge(self, before: Recording, after: Recording, findings: Findings) -> Verdict:
        """Whether only the band above was added, no louder than a voice has it, and nothing in the pauses."""
        found = turned_out(before, after, _voice(before, findings))
        wrong = [
            said
            for said, figure, most in (
                ("the recorded band changed", found.below_edge_db, MOST_BELOW_EDGE_DB),
                ("the made band is louder than a voice has it", found.relative_db, MOST_RELATIVE_DB),
                ("its sibilants drown the vowels", found.loudest_relative_db, MOST_LOUDEST_DB),
                ("the pauses grew louder", found.pauses_rose_db, MOST_PAUSES_DB),
            )
            if figure is not None and figure > most
        ]
        if found.relative_db is None:
            wrong.append("nothing was made")
        level = "" if found.relative_db is None else f" is {-found.relative_db:.1f} dB below the recorded one"
        good = f"The made band{level}, and neither the recorded band nor the pauses changed."
        reason = f"{' and '.join(wrong).capitalize()}." if wrong else good
        return {"helps": not wrong, "reason": reason, **asdict(found)}

    def _why_left_alone(self, edge_hz: float | None, target_hz: float, sample_rate: int) -> str:
        if edge_hz is None:
            return "The recording is silent or too short to have a band."
        if edge_hz < LEAST_EDGE_HZ:
            return f"The voice ends at {edge_hz:.0f} Hz; that is too little to carry a voice on from."
        if edge_hz >= ROOM * target_hz:
            room = "" if target_hz < 0.49 * sample_rate else f", and {sample_rate} Hz leaves no more room"
            return f"The voice reaches {edge_hz:.0f} Hz of the {target_hz:.0f} Hz wanted{room}."
        if edge_hz >= self.enough_bandwidth_hz:
            return f"The voice reaches {edge_hz:.0f} Hz; from {self.enough_bandwidth_hz:.0f} Hz on it is left alone."
        return ""


def _voice(recording: Recording, findings: Findings) -> Voice:
    """What the findings say of the voice."""
    band = Band(recording.sample_rate, *findings["generated_band_hz"])
    hearings = [
        Hearing(each["voice_db"], tuple(each["noise_db"]), each["upper_noise_db"]) for each in findings.get("heard", [])
    ]
    return Voice(band, [Levels(**each) for each in findings["levels"]], hearings, findings["speech"])
