"""Who speaks when: the segments of a recording, each with its speaker and its quality figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from restoration import fixity
from restoration.audio import Recording
from restoration.speech.detect import detector_file, regions_of, speech_probabilities
from restoration.speech.quality import Figures, quality_figures
from restoration.speech.speakers import SPEAKER_MODEL, Turn, speaker_turns

DETECTOR_MODEL = "silero-vad"


@dataclass(frozen=True, kw_only=True)
class SegmentationParameters:
    """How a recording is segmented.

    Attributes:
        min_speakers: fewest speakers to look for.
        max_speakers: most speakers to look for.
        threshold: probability, 0 to 1, from which a sound is speech.
        min_speech_s: shorter speech is dropped, in seconds.
        min_pause_s: shorter pauses do not part two segments, in seconds.
        pad_s: sound kept before and after the speech, in seconds.
    """

    min_speakers: int = 1
    max_speakers: int = 8
    threshold: float = 0.5
    min_speech_s: float = 0.25
    min_pause_s: float = 0.3
    pad_s: float = 0.1

    def __post_init__(self) -> None:
        if not 1 <= self.min_speakers <= self.max_speakers:
            raise ValueError(f"min_speakers {self.min_speakers} is not between 1 and max_speakers {self.max_speakers}")
        if not 0.02 <= self.threshold <= 0.99:
            raise ValueError(f"threshold is a probability from 0.02 to 0.99, not {self.threshold}")
        for name in ("min_speech_s", "min_pause_s", "pad_s"):
            if not 0 <= getattr(self, name) <= 60:
                raise ValueError(f"{name} is from 0 to 60 seconds, not {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of speech by one speaker: ``start_s`` and ``end_s`` in whole milliseconds, and its figures."""

    start_s: float
    end_s: float
    speaker: str
    figures: Figures

    @property
    def duration_s(self) -> float:
        return round(self.end_s - self.start_s, 3)

    def to_dict(self) -> dict[str, Any]:
        """One flat row: times, speaker and figures."""
        times = {"start_s": self.start_s, "end_s": self.end_s, "duration_s": self.duration_s}
        return {**times, "speaker": self.speaker, **asdict(self.figures)}

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> Segment:
        figures = Figures(**{field.name: row.get(field.name) for field in fields(Figures)})
        return cls(start_s=row["start_s"], end_s=row["end_s"], speaker=row["speaker"], figures=figures)


@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """The segments of one recording, in order and without overlap; what the log keeps as the event "segmentation".

    ``models`` gives the SHA-256 of each model used; ``duration_s`` is the recording's.
    """

    duration_s: float
    parameters: SegmentationParameters
    models: dict[str, str]
    segments: tuple[Segment, ...]

    @property
    def speakers(self) -> list[dict[str, Any]]:
        """For each speaker, the most talkative first: name, seconds of speech, number of segments."""
        rows = []
        for name in dict.fromkeys(segment.speaker for segment in self.segments):
            own = [segment for segment in self.segments if segment.speaker == name]
            speech_s = round(sum(segment.duration_s for segment in own), 3)
            rows.append({"speaker": name, "speech_s": speech_s, "segments": len(own)})
        return sorted(rows, key=lambda row: (-row["speech_s"], row["speaker"]))

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold; ``from_dict`` reads it back."""
        return {
            "duration_s": self.duration_s,
            "parameters": asdict(self.parameters),
            "models": dict(self.models),
            "speakers": self.speakers,
            "segments": [segment.to_dict() for segment in self.segments],
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Segmentation:
        """Read what ``to_dict`` gave; other keys, such as those that the log adds, are left aside."""
        return cls(
            duration_s=content["duration_s"],
            parameters=SegmentationParameters(**content["parameters"]),
            models=dict(content["models"]),
            segments=tuple(Segment.from_dict(row) for row in content["segments"]),
        )


def segment(recording: Recording, parameters: SegmentationParameters | None = None) -> Segmentation:
    """Find the speech, tell the speakers apart, and measure each segment.

    The recording is read four times, in bounded memory. Speakers are called "speaker 1", "speaker 2" and so on by
    the time that they speak, the longest first.

    Raises:
        MissingWeights: a model's file is not on this machine.
    """
    parameters = parameters or SegmentationParameters()
    probabilities, hop_s = speech_probabilities(recording)
    regions = regions_of(
        probabilities, parameters.threshold, parameters.min_speech_s, parameters.min_pause_s, parameters.pad_s
    )
    regions = [(start, min(end, recording.duration_s)) for start, end in regions if start < recording.duration_s]
    turns = _in_milliseconds(
        speaker_turns(recording, regions, parameters.min_speakers, parameters.max_speakers), recording.duration_s
    )
    figures = quality_figures(recording, [(turn.start_s, turn.end_s) for turn in turns], probabilities, hop_s)
    names = _names(turns)
    segments = tuple(
        Segment(start_s=turn.start_s, end_s=turn.end_s, speaker=names[turn.speaker], figures=figure)
        for turn, figure in zip(turns, figures, strict=True)
    )
    models = {DETECTOR_MODEL: _sha256_of_detector(), **(_sha256_of_embedding() if turns else {})}
    return Segmentation(duration_s=recording.duration_s, parameters=parameters, models=models, segments=segments)


def _in_milliseconds(turns: Sequence[Turn], duration_s: float) -> list[Turn]:
    """Whole milliseconds, which every label format can hold, so that all of them say the same."""
    last = int(duration_s * 1000) / 1000
    rounded = [Turn(round(turn.start_s, 3), min(round(turn.end_s, 3), last), turn.speaker) for turn in turns]
    return [turn for turn in rounded if turn.end_s > turn.start_s]


def _names(turns: Sequence[Turn]) -> dict[int, str]:
    speech_s: dict[int, float] = {}
    for turn in turns:
        speech_s[turn.speaker] = speech_s.get(turn.speaker, 0.0) + turn.end_s - turn.start_s
    ranked = sorted(speech_s, key=lambda speaker: -speech_s[speaker])
    return {speaker: f"speaker {rank}" for rank, speaker in enumerate(ranked, start=1)}


def _sha256_of_detector() -> str:
    return fixity.digests(detector_file())["sha256"]


def _sha256_of_embedding() -> dict[str, str]:
    from restoration.weights import sha256_on_disk

    return sha256_on_disk([SPEAKER_MODEL])
