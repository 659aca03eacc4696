"""The RO-Crate is valid by a third party's validator, without a network, and holds what the profile is for."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
from pathlib import Path

import pytest
import requests
from rocrate.rocrate import ROCrate
from rocrate_validator import services
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.utils.http import HttpRequester

from restoration import fixity
from restoration.provenance.exports import exported
from restoration.record import read

CONTEXTS = {
    "https://w3id.org/ro/crate/1.1/context": "context-1.1.jsonld",
    "https://w3id.org/ro/terms/workflow-run/context": "workflow-run-context.jsonld",
}
NARROWER = ("ro-crate-1.1", "workflow-ro-crate", "process-run-crate", "workflow-run-crate")
"""The profiles that Provenance Run Crate takes in."""


class FromDisk(requests.adapters.BaseAdapter):
    """Serves the JSON-LD contexts from a folder, and nothing else."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def send(self, request, **_):
        answer = requests.Response()
        answer.request, answer.url = request, request.url
        name = CONTEXTS.get(request.url)
        answer.status_code = 200 if name else 404
        answer.headers["Content-Type"] = "application/ld+json"
        answer._content = (self.folder / name).read_bytes() if name else b""
        return answer

    def close(self):
        pass


@pytest.fixture
def validate(monkeypatch):
    """``validate(crate, profile, level)`` -> the issues, as sentences; whoever asks the network fails."""
    standards = os.environ.get("RESTORATION_STANDARDS")
    if not standards:
        pytest.skip("RESTORATION_STANDARDS does not name a folder with the JSON-LD contexts")

    def refuse(*_):
        raise OSError("there is no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)

    def issues(crate: Path, profile: str = "provenance-run-crate", level: Severity = Severity.REQUIRED) -> list[str]:
        settings = ValidationSettings(
            rocrate_uri=str(crate), profile_identifier=profile, requirement_severity=level, no_cache=True
        )
        for scheme in ("https://", "http://"):
            HttpRequester().session.mount(scheme, FromDisk(Path(standards)))
        result = services.validate(settings)
        found = [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
        assert result.passed() == (not found)
        return found

    return issues


def crate_of(bag: Path, log: Path, folder: Path) -> Path:
    """The payload of a bag with the exports of a log; the files that the log names and the bag lacks are empty."""
    shutil.copytree(bag / "data", folder / "data")
    for path, text in exported(events := list(read(log))).items():
        (folder / path).write_text(text, encoding="utf-8")
    shutil.copy(log, folder / "data" / "record" / "events.jsonl")
    for event in events:
        if event["event"] == "derivation":
            (folder / event["file"]).touch()
    return folder / "data"


@pytest.fixture(scope="module")
def crate(bag, tmp_path_factory) -> Path:
    return crate_of(bag, bag / "data" / "record" / "events.jsonl", tmp_path_factory.mktemp("crate"))


@pytest.fixture(scope="module")
def grown(bag, grown_log, tmp_path_factory) -> Path:
    return crate_of(bag, grown_log, tmp_path_factory.mktemp("grown"))


def test_the_crate_of_a_real_bag_is_valid(crate, validate):
    assert validate(crate) == []


@pytest.mark.slow
@pytest.mark.parametrize("profile", NARROWER)
def test_it_is_so_by_each_narrower_profile(profile, crate, validate):
    assert validate(crate, profile) == []


def test_so_is_one_with_a_failed_step_a_decision_and_awkward_names(grown, validate):
    assert validate(grown) == []


def test_what_is_recommended_and_left_undone_is_known(grown, validate):
    """No project page to link to, no person behind most acts, nobody who published the crate, no README.md."""
    undone = {sentence.split(":")[0] for sentence in validate(grown, level=Severity.RECOMMENDED)}
    assert undone == {
        "process-run-crate-0.5_3.2",  # the url of an application
        "process-run-crate-0.5_5.1",  # its absolute URI
        "process-run-crate-0.5_8.6",  # an agent that is a person or an organization
        "process-run-crate-0.5_11.1",  # a result, which the failed step has not
        "ro-crate-1.1_22.2",  # the author
        "ro-crate-1.1_22.3",  # the publisher
        "workflow-ro-crate-1.0_6.1",  # README.md
        "workflow-ro-crate-1.0_6.2",
    }


def test_the_validator_would_find_a_fault(crate, tmp_path, validate):
    broken = shutil.copytree(crate, tmp_path / "data")
    place = broken / "ro-crate-metadata.json"
    metadata = json.loads(place.read_text(encoding="utf-8"))
    for entity in metadata["@graph"]:
        if entity["@type"] == "ControlAction":
            del entity["instrument"]
    place.write_text(json.dumps(metadata), encoding="utf-8")
    assert any("ControlAction must reference a HowToStep" in sentence for sentence in validate(broken))


def test_every_file_is_there_with_its_digest_and_size(crate):
    files = [entity for entity in ROCrate(str(crate)).data_entities if "File" in entity.type]
    assert len(files) > 13
    for entity in files:
        place = crate / entity.id
        assert fixity.digests(place, ("sha256",))["sha256"] == entity["sha256"]
        assert str(place.stat().st_size) == entity["contentSize"]
        assert "octet-stream" not in entity["encodingFormat"]


def test_every_reference_leads_somewhere(grown):
    graph = json.loads((grown / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    known = {entity["@id"] for entity in graph}
    named = {
        (one["@id"] if isinstance(one, dict) else "")
        for entity in graph
        for value in entity.values()
        for one in (value if isinstance(value, list) else [value])
    }
    assert len(known) == len(graph)
    assert {name for name in named - known if not name.startswith("http")} == {""}


def test_every_name_is_a_uri_reference(grown):
    graph = json.loads((grown / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    names = [entity["@id"] for entity in graph]
    assert "access/a%20copy%2C%20n%C3%BAmero%202%20%231%20100%25.opus" in names
    assert [name for name in names if not re.fullmatch(r"#?([a-zA-Z0-9_.~/:+-]|%[0-9A-F]{2})+", name)] == []


def test_the_root_says_what_and_whose_it_is(crate):
    root = ROCrate(str(crate)).root_dataset
    assert (root["name"], root["identifier"]) == ("A reading", "tape-0001")
    assert root["license"].id == "https://creativecommons.org/publicdomain/zero/1.0/"


def test_a_step_tells_its_place_its_code_its_times_and_what_became_of_it(grown, grown_log):
    crate = ROCrate(str(grown))
    for event in read(grown_log):
        if event["event"] != "step":
            continue
        action = crate.get(f"#event/{event['sequence']}")
        control = crate.get(f"#event/{event['sequence']}/control")
        assert control["instrument"]["workExample"]["name"] == action["instrument"]["name"] == event["name"]
        assert control["instrument"]["position"] == str(event["position"])
        assert action["instrument"]["softwareVersion"] == event["version"]
        assert (action["startTime"], action["endTime"]) == (event["started"], event["time"])
        failed = event["outcome"] == "failed"
        assert action["actionStatus"] == f"http://schema.org/{'Failed' if failed else 'Completed'}ActionStatus"
        assert (action.get("result") is None, action.get("error") is not None) == (failed, failed)


def test_who_decided_is_the_agent(grown):
    (action,) = (entity for entity in ROCrate(str(grown)).contextual_entities if entity.type == "ChooseAction")
    assert (action["agent"].type, action["agent"]["name"]) == ("Person", "Ann Å. Smith/Holm")


def test_generated_sound_is_marked_and_so_is_what_follows_it(crate):
    crate_ = ROCrate(str(crate))
    sounds = [entity for entity in crate_.contextual_entities if "AudioObject" in entity.type]
    types = {entity["digitalSourceType"].rsplit("/", 1)[-1] for entity in sounds}
    assert types == {"digitalCapture", "algorithmicallyEnhanced", "compositeWithTrainedAlgorithmicMedia"}
    master = crate_.get("restored/tape-0001_restored.wav")
    assert master["digitalSourceType"].endswith("compositeWithTrainedAlgorithmicMedia")
