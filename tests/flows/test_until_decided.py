"""The flow on real Prefect: it pauses for the curator, a decision lets it go on, and what was sent back comes again."""

import json
import threading
import time

import numpy as np
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from typer.testing import CliRunner

from flows import until_decided
from flows.until_decided import Patience
from restoration import batch
from restoration.cli import app
from restoration.decision_files import FORMAT
from restoration.errors import RestorationError
from restoration.order import WAITING
from restoration.package import LOG
from restoration.record import read

pytestmark = pytest.mark.prefect
NAMES = ("tape-0001", "tape-0002")


@pytest.fixture(scope="module")
def server():
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def request_for_two(worn_samples, make_manifest, tmp_path):
    (tmp_path / "small.toml").write_text('purpose = "Try."\n\n[[step]]\nname = "set_level"\n', encoding="utf-8")
    samples = worn_samples[: 3 * 48000].astype(np.float32)
    manifest = make_manifest(tmp_path / "tapes", samples, recipe=str(tmp_path / "small.toml"), names=NAMES)
    (tmp_path / "bags").mkdir()
    return batch.Request(manifest, tmp_path / "bags")


def in_the_background(call):
    ended = {}

    def run():
        try:
            ended["result"] = call()
        except RestorationError as error:
            ended["error"] = str(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, ended


def paused(out, times):
    """Wait until the run that the folder names has been paused so often."""
    end = time.monotonic() + 90
    with get_client(sync_client=True) as client:
        while time.monotonic() < end:
            if (out / WAITING).is_file():
                run = json.loads((out / WAITING).read_text(encoding="utf-8"))["flow_run"]
                states = client.read_flow_run_states(run)
                if client.read_flow_run(run).state.is_paused() and sum(one.is_paused() for one in states) == times:
                    return
            time.sleep(0.2)
    pytest.fail(f"the run was not paused {times} times")


def decide(out, name, place, **decision):
    """Save what the page of an item would, and give it to the command."""
    head = list(read(out / name / LOG))[-1]["digest"]
    row = {"reason": "I heard it", **decision}
    said = {"format": FORMAT, "identifier": name, "head": head, "by": "Ada Berg", "decisions": [row]}
    place.write_text(json.dumps(said), encoding="utf-8")
    told = CliRunner().invoke(app, ["decide", str(place), "--in", str(out)])
    assert told.exit_code == 0, told.output
    return told.output


def test_it_goes_on_when_everything_is_decided_and_waits_again_for_what_was_changed(server, request_for_two, tmp_path):
    out, file = request_for_two.out, tmp_path / "saved.json"
    thread, ended = in_the_background(lambda: until_decided.run(request_for_two, 1, Patience(wait_s=120, poll_s=1)))
    paused(out, 1)
    assert "after a decision on tape-0002" in decide(out, "tape-0001", file, kind="treatment approved")
    step = next(event["sequence"] for event in read(out / "tape-0002" / LOG) if event["event"] == "step")
    told = decide(out, "tape-0002", file, kind="finding overruled", event=step, findings={"gain_db": -6.0})
    assert "the run that waited goes on" in told
    paused(out, 2)
    changed = next(event for event in read(out / "tape-0002" / LOG) if event["event"] == "step")
    assert changed["findings"]["gain_db"] == -6.0
    assert "goes on" in decide(out, "tape-0002", file, kind="treatment sent back")
    thread.join(60)
    assert [(one.identifier, one.state, one.review, one.reviewed_by) for one in ended["result"]] == [
        ("tape-0001", "restored", "approved", "Ada Berg"),
        ("tape-0002", "restored", "sent_back", "Ada Berg"),
    ]
    assert not (out / WAITING).exists()


def test_nobody_who_decides_in_time_is_a_sentence(server, request_for_two):
    with pytest.raises(RestorationError, match="nobody decided in time"):
        until_decided.run(request_for_two, 1, Patience(wait_s=1, poll_s=1))
    assert not (request_for_two.out / WAITING).exists()


def test_without_a_server_nothing_waits(server, request_for_two):
    arguments = [str(request_for_two.manifest), "--out", str(request_for_two.out), "--until-decided"]
    with temporary_settings({PREFECT_API_URL: None}):
        told = CliRunner().invoke(app, ["run", *arguments])
    assert isinstance(told.exception, RestorationError)
    assert "prefect server start" in str(told.exception)
