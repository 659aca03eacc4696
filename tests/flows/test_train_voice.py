"""The flow of a voice on real Prefect: it proposes, pauses, goes on with the curator's answer, and asks the gate."""

import threading
import time

import pytest
import soundfile
from prefect.client.orchestration import get_client
from prefect.flow_runs import resume_flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from flows.train_voice import Wanted, train_voice
from restoration.errors import RestorationError

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def server():
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture(scope="module")
def clips(reading, tmp_path_factory):
    """The demonstration's reading as a plain file, of which nobody says who consented to anything."""
    folder = tmp_path_factory.mktemp("clips")
    soundfile.write(folder / "reading.flac", reading.samples[0], reading.sample_rate)
    return folder


def wanted_in(clips, folder):
    return Wanted(items=(clips / "reading.flac",), out=folder / "voice", by="M. Jensen", poll_s=1, wait_s=120)


def paused_run(name):
    """The run of that name, once it is paused."""
    with get_client(sync_client=True) as client:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            runs = [run for run in client.read_flow_runs() if run.name == name and run.state.is_paused()]
            if runs:
                return runs[0]
            time.sleep(0.3)
    pytest.fail(f"{name} was not paused")


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


def test_it_pauses_for_the_curator_and_goes_on_with_the_answer(server, clips, tmp_path):
    """The answer names the curator's file, in which only one phrase is left: that is what the flow stops at."""
    thread, ended = in_the_background(lambda: train_voice(wanted_in(clips, tmp_path)))
    run = paused_run("train voice")
    proposal = tmp_path / "voice" / "approved.csv"
    text = proposal.read_text(encoding="utf-8")
    assert ",yes," in text
    assert (tmp_path / "voice" / "material.png").is_file()
    gone_through = tmp_path / "gone-through.csv"
    gone_through.write_text(text.replace(",yes,", ",no,"), encoding="utf-8")
    resume_flow_run(run.id, run_input={"approved": str(gone_through), "curator": "K. Holm"})
    thread.join(60)
    assert "0.0 s are approved" in ended["error"]
    assert "gone-through.csv" in ended["error"]


def test_with_an_approval_it_does_not_pause_and_without_consent_it_does_not_train(server, clips, tmp_path):
    from restoration.voice.proposing import propose_to

    wanted = wanted_in(clips, tmp_path)
    file = propose_to(wanted.items, tmp_path).file
    began = time.monotonic()
    with pytest.raises(RestorationError, match="voice_consent is blank"):
        train_voice(wanted, file)
    assert time.monotonic() - began < 60
    assert not (wanted.out / "voice.safetensors").exists()


def test_without_a_server_it_says_where_the_proposal_is(server, clips, tmp_path):
    with (
        temporary_settings({PREFECT_API_URL: None}),
        pytest.raises(RestorationError, match=r"--approved .*approved.csv"),
    ):
        train_voice(wanted_in(clips, tmp_path))
