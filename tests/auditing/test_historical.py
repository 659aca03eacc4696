"""Historical recordings, restored anew and audited to the last sample: one whole, an excerpt of each of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile
import soxr

from restoration import batch
from restoration.auditing.audit import Wish, audit
from restoration.restore import restore
from tests.auditing.test_tampering import sentences

MANIFEST = Path(__file__).parent.parent.parent / "archive_manifests" / "historical.csv"
EXCERPT_S = 25
EXCERPTS = ("nixon_1969_broadcast_tape", "reagan_1986_broadcast_tape", "roosevelt_1912_cylinder")


@pytest.mark.slow
def test_a_historical_recording_made_anew_is_clean(corpus, tmp_path):
    plan = batch.plan(batch.Request(MANIFEST, tmp_path, "broadcast_tape", corpus))
    assert_clean(restore(plan.orders["apollo11-1969"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "recording", ["nixon_1969_broadcast_tape", "reagan_1986_broadcast_tape", "roosevelt_1912_cylinder"]
)
def test_so_is_an_excerpt(recording, corpus, tmp_path, make_manifest, order_of):
    samples, rate = soundfile.read(corpus / "historical" / f"{recording}.mp3", frames=EXCERPT_S * 48000)
    samples = soxr.resample(samples[: EXCERPT_S * rate], rate, 48000)
    assert_clean(restore(order_of(make_manifest(tmp_path / "tapes", samples), tmp_path / "bags")))


def assert_clean(bag):
    found = audit(bag, Wish(reach="deep"))
    assert sentences(found) == []
    assert found.of("warning") == []
    assert found.of("note") == []
