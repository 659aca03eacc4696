"""The four historical recordings, restored anew and audited to the last sample."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from restoration import batch
from restoration.auditing.audit import Wish, audit
from restoration.restore import restore
from tests.auditing.test_tampering import sentences

MANIFEST = Path(__file__).parent.parent.parent / "archive_manifests" / "historical.csv"
ITEMS = [row["identifier"] for row in csv.DictReader(MANIFEST.open(encoding="utf-8"))]


@pytest.mark.slow
@pytest.mark.parametrize("identifier", ITEMS)
def test_a_historical_recording_made_anew_is_clean(identifier, corpus, tmp_path):
    plan = batch.plan(batch.Request(MANIFEST, tmp_path, "broadcast_tape", corpus))
    bag = restore(plan.orders[identifier])
    found = audit(bag, Wish(reach="deep"))
    assert sentences(found) == []
    assert found.of("warning") == []
    assert found.of("note") == []
