"""The maps of the steps that generate or load a model, kept in the scratch under keys of what decides them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from restoration.audio import Recording
from restoration.errors import RestorationError
from restoration.record import Event, Record, digest_of
from restoration.scratch import Scratch
from restoration.sound_map import confidence
from restoration.sound_map.compare import Doing, comparable, compare
from restoration.sound_map.item import Ends, combine, map_figures
from restoration.step import Findings
from restoration.turn import Turn


@dataclass(frozen=True)
class StepMap:
    """The map of a step on its own time axis, ``duration_s`` long, and the ``facts`` that the log has of it."""

    step: str
    recording: Recording
    duration_s: float
    facts: dict[str, Any]


def is_mapped(turn: Turn) -> bool:
    """Whether a step is one whose result a listener must be able to ask for its origin."""
    return bool(turn.models) or type(turn.step).generates != "nothing"


def step_map(turn: Turn, source: Recording, result: Recording, findings: Findings, scratch: Scratch) -> StepMap | None:
    """The map of a step that was carried out: from the scratch, or made now.

    None: it needs none, or it changes the time axis or the format, so that there are no cells to compare.
    """
    if not is_mapped(turn) or not comparable(source, result):
        return None
    generates = type(turn.step).generates != "nothing"
    key = _key(turn, source.pcm_sha256, findings)
    recording = scratch.find_map(key)
    if recording is None:
        with scratch.map_writer(key) as writer:
            compare(source, result, Doing.by(generates, findings, source.sample_rate), writer)
        recording = writer.recording
    facts = {"sha256": recording.pcm_sha256, "duration_s": source.duration_s}
    return StepMap(turn.name, recording, source.duration_s, facts | ({} if generates else {"confidence": _table(turn)}))


def known_map(turn: Turn, event: Event, scratch: Scratch) -> StepMap | None:
    """The map that a step's event tells of, if it has one and the scratch still has that."""
    if not event.get("map"):
        return None
    recording = scratch.find_map(_key(turn, event["source"], event["findings"]))
    if recording is None or recording.pcm_sha256 != event["map"]["sha256"]:
        return None
    return StepMap(turn.name, recording, event["map"]["duration_s"], event["map"])


def item_map(maps: Sequence[StepMap], ends: Ends, record: Record, scratch: Scratch) -> Recording:
    """The maps of all steps as one for the restored sound; the log says its digest and what it comes to.

    Raises:
        RestorationError: it came out as another map than the log says.
    """
    restored = ends.restored
    digests = [one.recording.pcm_sha256 for one in maps]
    key = digest_of(["map", restored.pcm_sha256, ends.master.pcm_sha256, ends.gain_db, digests])
    found = scratch.find_map(key)
    if found is None:
        with scratch.map_writer(key) as writer:
            combine([(one.recording, one.duration_s) for one in maps], ends, writer)
        found = writer.recording
    known = record.find("map", source=restored.pcm_sha256)
    if known is None:
        speech = record.find("segmentation", source=restored.pcm_sha256) or {}
        regions = [(one["start_s"], one["end_s"]) for one in speech.get("segments", [])]
        record.append(
            "map",
            source=restored.pcm_sha256,
            result=found.pcm_sha256,
            steps=[{"step": one.step, **one.facts} for one in maps],
            figures=asdict(map_figures(found, restored, regions)),
        )
    elif known["result"] != found.pcm_sha256:
        raise RestorationError(f"the map came out as {found.pcm_sha256}, where the log says {known['result']}")
    return found


def _key(turn: Turn, source_sha256: str, findings: Findings) -> str:
    return digest_of(["map", turn.key(source_sha256, findings), confidence.digest()])


def _table(turn: Turn) -> dict[str, Any]:
    """Which calibration the confidence was read from, and whether it was measured with the network of this step."""
    about = confidence.load().about
    own = turn.models.get(about["model"]) == about["weights"]
    return {"calibration": confidence.digest(), "measured_with": about["model"], "same_network": own}
