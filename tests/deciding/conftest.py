"""A folder with a bag of a few quick steps, and the manifest that it is restored from; each test has a copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from restoration import heads
from restoration.decision_files import FORMAT, Written, parse_decisions, write_decisions
from restoration.package import LOG
from restoration.record import Event, read
from restoration.seals import KEY_VARIABLE, PASSPHRASE_VARIABLE

STEPS = ("remove_dc", "remove_hum", "remove_clicks", "set_level")


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    """What the machine has set is no part of these tests."""
    for name in (KEY_VARIABLE, PASSPHRASE_VARIABLE, heads.HEADS_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@dataclass(frozen=True)
class Shelf:
    """One item, ``tape-0001``: the manifest that lists it, and the folder of its bag."""

    manifest: Path
    out: Path

    @property
    def bag(self) -> Path:
        return self.out / "tape-0001"

    @property
    def events(self) -> list[Event]:
        return list(read(self.bag / LOG))

    @property
    def aside(self) -> list[Path]:
        return sorted((self.out / ".restoration" / "set-aside").glob("*"))

    def step(self, name: str) -> Event:
        (found,) = [event for event in self.events if event["event"] == "step" and event["name"] == name]
        return found

    def said(self, *decisions: dict, **more: object) -> dict:
        """What the page of the item saves."""
        about = {"format": FORMAT, "identifier": "tape-0001", "head": self.events[-1]["digest"], "by": "Ada Berg"}
        return {**about, "decisions": [{"reason": "I heard it", **one} for one in decisions], **more}

    def decide(self, *decisions: dict, **more: object) -> Written:
        return write_decisions(parse_decisions(self.said(*decisions, **more), "a test"), self.out)

    def file(self, place: Path, *decisions: dict, **more: object) -> Path:
        place.write_text(json.dumps(self.said(*decisions, **more)), encoding="utf-8")
        return place

    def plan(self):
        from restoration import batch

        return batch.plan(batch.Request(self.manifest, self.out))

    def run(self) -> Path:
        """What ``restoration run`` does with this item, without Prefect."""
        from restoration.restore import restore

        for name in self.plan().pending:
            restore(self.plan().orders[name])
        return self.bag


@pytest.fixture(scope="session")
def first_shelf(worn_samples, make_manifest, tmp_path_factory) -> Shelf:
    folder = tmp_path_factory.mktemp("deciding")
    steps = "".join(f'[[step]]\nname = "{name}"\n\n' for name in STEPS)
    (folder / "small.toml").write_text(f'purpose = "Try."\n\n{steps}', encoding="utf-8")
    samples = (worn_samples[: 5 * 48000] + 0.02).astype(np.float32)
    shelf = Shelf(make_manifest(folder / "tapes", samples, recipe=str(folder / "small.toml")), folder / "bags")
    shelf.run()
    return shelf


@pytest.fixture
def shelf(first_shelf, tmp_path) -> Shelf:
    """A shelf whose bag may be changed."""
    shutil.copytree(first_shelf.out, tmp_path / "bags")
    return Shelf(first_shelf.manifest, tmp_path / "bags")


@pytest.fixture
def shelf_of(first_shelf, tmp_path) -> Callable[[str], Shelf]:
    """Several of them: ``shelf_of("one")``."""

    def make(name: str) -> Shelf:
        shutil.copytree(first_shelf.out, tmp_path / name)
        return Shelf(first_shelf.manifest, tmp_path / name)

    return make
