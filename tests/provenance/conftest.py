"""A log that tests of the exports share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from restoration.provenance.history import History, history
from restoration.record import Record, read
from tests.provenance.logs import BLANK, ITEM, hard_log

AWKWARD = "data/access/a copy, número 2 #1 100%.opus"
VALUES = {"text": "a “b” & <c>\n", "null": None, "list": [1, 2.5, {"x": None}], "true": True, "one": 1.0, "n": 3}
OWN = ("event", "sequence", "time", "previous", "digest")


@pytest.fixture(scope="session")
def grown_log(bag, tmp_path_factory) -> Path:
    """The log of a real bag, grown by a failed step, awkward values and names, and a person's decision."""
    folder = tmp_path_factory.mktemp("log")
    record = Record(Path(shutil.copy(bag / "data" / "record" / "events.jsonl", folder / "events.jsonl")))
    last = [event for event in record.events if event["event"] == "step"][-1]
    step = {name: value for name, value in last.items() if name not in OWN}
    record.append("step", **{**step, "outcome": "failed", "reason": "the sound is silent"})
    models = {"denoiser": "1" * 64, "extender": "2" * 64}
    made = {"source": last["result"], "result": "3" * 64, "parameters": VALUES, "weights": models, "seconds": 2}
    band = {"generates": "band", "findings": {"generated_band_hz": [5000.0, 8000.0]}}
    record.append("step", **{**step, "position": step["position"] + 1, "outcome": "treated", **made, **band})
    record.append("decision", by="Ann Å. Smith/Holm", reason="It is a comparison.")
    record.append("derivation", file=AWKWARD, role="access copy", sha256="4" * 64, bytes=1, source="3" * 64)
    return record.path


@pytest.fixture(params=["hard", "blank", "real", "broken off"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> History:
    """The history of a log that is awkward, blank, real or broken off."""
    if request.param == "real":
        bag: Path = request.getfixturevalue("bag")
        return history(list(read(bag / "data" / "record" / "events.jsonl")))
    events = hard_log(tmp_path / "events.jsonl", BLANK if request.param == "blank" else ITEM)
    return history(events[:2] if request.param == "broken off" else events)
