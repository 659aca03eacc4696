"""What the log of a bag tells of its exports: the event of one, and whether what an earlier one tells of is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from restoration import __version__, fixity
from restoration.audio import Recording
from restoration.exhibition.exhibit import Excerpt
from restoration.exhibition.levelling import Levelled, Measures
from restoration.exhibition.permission import Leave
from restoration.exhibition.request import Outcome, Piece, Wanted
from restoration.exhibition.source import EXPORT, Source
from restoration.record import Event


@dataclass(frozen=True)
class Shape:
    """A piece before it is levelled: ``before`` is what it measures, ``chain`` what it went through."""

    sound: Recording
    before: Measures
    excerpt: Excerpt | None
    chain: dict[str, Any]


GAIN_RULE = (
    "each sound is measured as it leaves, excerpt, chain and fades included, and has one constant gain: what follows "
    "one another in a room is equally loud, however loud the tapes are that it was cut from"
)


def exports(source: Source) -> list[Event]:
    """The exports that a log tells of, the oldest first."""
    return [event for event in source.events if event["event"] == EXPORT]


def told_before(source: Source, request: str, target_lufs: float | None) -> Event | None:
    """The newest event of the same export, at the same loudness."""
    for event in reversed(exports(source)):
        if event.get("request") == request and event["parameters"].get("target_lufs") == target_lufs:
            return event
    return None


def is_there(event: Event, folder: Path) -> bool:
    """Whether every file that an export tells of is in the folder, byte for byte."""
    return all(same_file(folder / str(each["name"]), each) for each in event["files"])


def same_file(place: Path, told: dict[str, Any]) -> bool:
    """Whether a file is the one that is told of."""
    if not place.is_file() or place.stat().st_size != told["bytes"]:
        return False
    return fixity.digests(place, ("sha256",))["sha256"] == told["sha256"]


def known_names(source: Source) -> set[str]:
    """Names of the files that the log tells of, which an export made again may take the place of."""
    return {str(each["name"]) for event in exports(source) for each in event["files"]}


def fields(
    source: Source,
    piece: Piece,
    wanted: Wanted,
    made: tuple[Shape, Leave],
    levelled: Sequence[Levelled],
    files: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """The fields of the event of an export; ``made`` is the sound as it was shaped, and the leave.

    ``levelled`` is the sound as it was mastered; none where the samples are untouched.
    """
    shaped, leave = made
    use = "a use in public" if wanted.preset.audience == "public" else "research"
    said: dict[str, Any] = {
        "by": wanted.by.strip(),
        "about": f"Exported {piece.words} by the preset {wanted.preset.name}, for {use}",
        "request": piece.request_digest(wanted, source.sound_sha256),
        "preset": wanted.preset.about(),
        "source": source.sound_sha256,
        "excerpt": told_excerpt(shaped.excerpt),
        "parameters": {"chain": shaped.chain, **_level(wanted, levelled)},
        "loudness": dict(levelled[0].measured if levelled else shaped.before),
        "files": list(files),
        "to": wanted.folder.resolve().name,
        "rights": leave.as_dict(),
        "software": software(),
    }
    if wanted.loop:
        said["loop"] = wanted.loop
    back = source.sent_back
    if back is not None:
        said["even_though"] = {"sent_back": back["sequence"], "reason": wanted.even_though.strip()}
    return said


def _level(wanted: Wanted, levelled: Sequence[Levelled]) -> dict[str, Any]:
    if not levelled:
        return {"target_lufs": None, "gain_db": 0.0}
    first = levelled[0]
    return {"gain_db": first.gain_db, **first.parameters, "held_back": first.held_back, "gain_rule": GAIN_RULE}


def told_excerpt(excerpt: Excerpt | None) -> dict[str, Any] | None:
    """An excerpt for the log; times in s, rounded to a microsecond."""
    if excerpt is None:
        return None
    told = {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(excerpt).items()}
    return {**told, "segments": list(excerpt.segments)}


def excerpt_of(event: Event) -> Excerpt | None:
    """The excerpt that an event tells of."""
    told = event.get("excerpt")
    return Excerpt(**{**told, "segments": tuple(told["segments"])}) if told else None


def software() -> dict[str, str]:
    """What mastered and encoded, with its version."""
    import soundfile

    libsndfile = str(soundfile.__libsndfile_version__)
    return {
        "heritage-voice": __version__,
        "libsndfile": libsndfile,
        **{name: version(name) for name in ("pedalboard", "soxr")},
    }


def sentences(excerpt: Excerpt | None, held_back: Sequence[str], measured: Measures, wanted: Wanted) -> Iterator[str]:
    """What a person should know of an export."""
    if excerpt is not None:
        numbers = excerpt.segments
        if excerpt.text:
            span = f"segment {numbers[0]}" if len(numbers) == 1 else f"segments {numbers[0]} to {numbers[-1]}"
            yield f"found “{excerpt.text}” in {span}"
        yield f"cut {excerpt.start_s:.3f} to {excerpt.stop_s:.3f} s"
    yield from dict.fromkeys(each for each in held_back if each)
    advised = wanted.preset.loudness.advised_range_lu if wanted.preset.loudness else 0.0
    found = measured.get("loudness_range_lu")
    if advised and found is not None and found > advised:
        yield f"the loudness range is {found:.1f} LU; more than {advised:g} LU are hard to follow in a living room"


def outcome_of(event: Event, source: Source, piece: Piece, state: str, detail: str) -> Outcome:
    """What became of a piece, from its event."""
    sounds = tuple(each for each in event["files"])
    first = next(each for each in sounds if each["role"] == "sound")
    return Outcome(
        identifier=source.identifier,
        piece=piece.words,
        state="exported" if state == "exported" else "already there",
        detail=detail,
        event=int(event["sequence"]),
        bag=str(source.bag),
        files=sounds,
        loudness=dict(event["loudness"]),
        excerpt=event["excerpt"],
        duration_s=first["frames"] / first["sample_rate"],
    )
