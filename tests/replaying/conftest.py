"""Small bags to replay, and bags whose log somebody rewrote so that its chain holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from restoration.record import Event, canonical, digest_of, read

LOG, REPORT = Path("data/record/events.jsonl"), "data/record/treatment-report.html"
STEPS = '[[step]]\nname = "remove_dc"\n\n[[step]]\nname = "remove_hum"\n\n[[step]]\nname = "set_level"\n'


@pytest.fixture(scope="session")
def small_bag(worn_samples, make_manifest, order_of, tmp_path_factory) -> Path:
    """Five seconds with hum and an offset, treated by three quick steps."""
    from restoration.restore import restore

    folder = tmp_path_factory.mktemp("small")
    (folder / "small.toml").write_text(f'purpose = "Try."\n\n{STEPS}', encoding="utf-8")
    samples = (worn_samples[: 5 * 48000] + 0.02).astype(np.float32)
    manifest = make_manifest(folder / "tapes", samples, recipe=str(folder / "small.toml"))
    return restore(order_of(manifest, folder / "bags"))


def rewrite(bag: Path, change: Callable[[list[Event]], None]) -> None:
    """Change the events of a log, and hash its chain anew, as somebody would who wants it to hold."""
    events = [event for event in read(bag / LOG) if event.get("file") != REPORT]
    change(events)
    previous = "0" * 64
    for number, event in enumerate(events, start=1):
        event |= {"previous": previous, "sequence": number}
        event.pop("digest", None)
        event["digest"] = previous = digest_of(event)
    (bag / LOG).write_text("".join(canonical(event) + "\n" for event in events), encoding="utf-8")


@pytest.fixture
def forged(tmp_path) -> Callable[..., Path]:
    """A copy of a bag with another log: ``forged(bag, change)``. The report, which would betray that, is taken out,
    and out of the log."""

    def make(bag: Path, change: Callable[[list[Event]], None]) -> Path:
        copy = tmp_path / f"forged-{len(list(tmp_path.iterdir()))}" / bag.name
        shutil.copytree(bag, copy)
        rewrite(copy, change)
        (copy / REPORT).unlink(missing_ok=True)
        return copy

    return make


def the(events: list[Event], name: str) -> Event:
    """The step, or the derivative with that ending, that an event tells of."""
    (found,) = [e for e in events if e.get("name") == name or (str(e.get("file", "")).endswith(name) and "role" in e)]
    return found
