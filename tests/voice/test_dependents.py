"""What goes back to a consent is found, wherever it lies and however far it went, and then nothing uses it."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from restoration import growth, package
from restoration.errors import NoConsent, RestorationError
from restoration.record import Record, read
from restoration.voice.consent import faults, sealed
from restoration.voice.consent_command import consent_app
from restoration.voice.dependents import dependents
from restoration.voice.gate import PARTS, SCOPE_FOR, check, permit, today
from restoration.voice.marking import mark, origin_of, sidecar_of
from restoration.voice.reading_material import read_material
from restoration.voice.revocation import CONSENTS_VARIABLE, revoke
from restoration.voice.usage import Made, count_use

LETTER = "letter of 12 March 2019"


def make_bag(folder, name, reference, master=b"sound"):
    bag = folder / name
    (bag / "data" / "record").mkdir(parents=True)
    (bag / "data" / "master").mkdir()
    (bag / "data" / "master" / "a.wav").write_bytes(master)
    record = Record(bag / package.LOG)
    record.append("ingestion", item={"identifier": name, "consent_ref": reference}, software={})
    record.append("extraction", file="a.wav", sha256=hashlib.sha256(master).hexdigest(), bytes=len(master),
                  result="0" * 64, format={})  # fmt: skip
    growth.write_exports(bag, record.events)
    package.seal(bag, {}, {package.LOG_HEAD: record.head})
    return bag


def make_voice(folder, consents, **told):
    folder.mkdir(parents=True)
    card = {"name": folder.name, "consents": [each.as_dict() for each in consents], **told}
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def make_file(place, consents, use, sources=("ab" * 32,), purpose="convert"):
    soundfile.write(place, np.zeros(1600), 16000)
    return mark(place, origin_of(permit(consents, use(purpose)), "Anna", sources))


@pytest.fixture
def world(tmp_path, consent, use):
    """Two consents, their bags and voices, a blend of both, and files made of each."""
    own, other = consent(item="00471"), consent(item="00480", reference="another letter")
    make_bag(tmp_path / "bags", "00471", LETTER)
    make_bag(tmp_path / "bags", "00480", "another letter", b"another sound")
    anna = make_voice(tmp_path / "voices" / "anna", [own])
    make_voice(tmp_path / "voices" / "bo", [other])
    make_voice(tmp_path / "voices" / "deep" / "blend", [other, own], kind="blend")
    (tmp_path / "voices" / "denoiser").mkdir()
    (tmp_path / "voices" / "denoiser" / "card.json").write_text('{"name": "a network of another kind"}')
    (tmp_path / "voices" / "anna.onnx").write_bytes(b"onnx")
    about = {"voice": {"consents": [own.as_dict()]}, "consents_kept_at": [LETTER]}
    (tmp_path / "voices" / "anna.json").write_text(json.dumps(about))
    made = tmp_path / "made"
    made.mkdir()
    first = make_file(made / "own.wav", [own], use)
    make_file(made / "other.wav", [other], use)
    make_file(made / "of-the-blend.wav", [own, other], use)
    make_file(made / "of-it.wav", [other], use, sources=[first])
    make_file(made / "bare.wav", [own], use)
    sidecar_of(made / "bare.wav").unlink()
    for result in (first, "cd" * 32):
        told = Made(voice="anna", seconds=1.0, source_sha256="ab" * 32, result_sha256=result)
        count_use(permit([own], use()), told, anna / "usage.jsonl")
    return tmp_path


OWN = [
    "bag bags/00471",
    "blend voices/deep/blend",
    "exported voice voices/anna.onnx",
    "made file made/bare.wav",
    "made file made/of-it.wav",
    "made file made/of-the-blend.wav",
    "made file made/own.wav",
    "use voices/anna/usage.jsonl",
    "voice voices/anna",
]


def listed(found, world):
    return [f"{one.kind} {one.path.relative_to(world).as_posix()}" for one in found]


@pytest.mark.parametrize("reference", [LETTER, "Letter of  12 March 2019", "00471"])
def test_everything_that_goes_back_to_a_consent_is_found_and_nothing_else(world, reference):
    found, unread = dependents(reference, [world])
    assert listed(found, world) == OWN
    assert unread == []
    (use,) = [one for one in found if one.kind == "use"]
    assert "cd" * 32 in use.why


def test_it_is_found_after_the_voice_is_gone(world):
    shutil.rmtree(world / "voices")
    for reference in (LETTER, "00471"):
        assert listed(dependents(reference, [world])[0], world) == [
            "bag bags/00471", "made file made/bare.wav", "made file made/of-it.wav", "made file made/of-the-blend.wav",
            "made file made/own.wav",
        ]  # fmt: skip


def test_a_made_file_that_became_a_master_leads_on_to_its_bag(world, tmp_path):
    make_bag(tmp_path / "bags", "00499", "", (world / "made" / "own.wav").read_bytes())
    assert "bag bags/00499" in listed(dependents(LETTER, [world])[0], world)


def test_what_cannot_be_read_is_said(world):
    (world / "voices" / "bo" / "card.json").write_text("{")
    found, unread = dependents(LETTER, [world])
    assert listed(found, world) == OWN
    assert "bo/card.json" in unread[0]
    result = CliRunner().invoke(consent_app, ["dependents", LETTER, "--in", str(world), "--json"])
    assert (result.exit_code, len(json.loads(result.output)["dependents"])) == (1, len(OWN))


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(RestorationError, match="no such folder"):
        dependents(LETTER, [tmp_path / "bags"])


def test_revoking_lists_the_same_and_tells_the_bags(world):
    register = world / "revocations.jsonl"
    arguments = ["revoke", LETTER, "--by", "K. Holm", "--reason", "asked", "--register", str(register)]
    result = CliRunner().invoke(consent_app, [*arguments, "--in", str(world)])
    assert result.exit_code == 0, result.output
    assert all(str(world / line.split(" ")[-1]) in result.output for line in OWN)
    (revoked,) = read(register)
    *_, last = read(world / "bags" / "00471" / package.LOG)
    assert [last[name] for name in ("event", "reference", "by", "reason")] == ["revocation", LETTER, "K. Holm", "asked"]
    assert last["register"] == revoked["digest"]
    assert [event["event"] for event in read(world / "bags" / "00480" / package.LOG)] == ["ingestion", "extraction"]
    assert listed(dependents(LETTER, [world])[0], world) == OWN
    with pytest.raises(NoConsent, match="was revoked by K"):
        read_material([world / "bags" / "00471"])


def test_a_bag_that_was_changed_is_said_and_the_others_are_told(world, tmp_path):
    make_bag(tmp_path / "bags", "00472", LETTER)
    (world / "bags" / "00471" / "data" / "stray").write_text("here")
    register = ["--register", str(world / "r.jsonl"), "--in", str(world)]
    result = CliRunner().invoke(consent_app, ["revoke", LETTER, "--by", "K.", "--reason", "asked", *register])
    assert result.exit_code == 1
    assert "00471: holds" in result.output
    assert [event["event"] for event in read(world / "bags" / "00472" / package.LOG)][-1] == "revocation"


@pytest.mark.parametrize("purpose", SCOPE_FOR)
@pytest.mark.parametrize("public", [False, True])
def test_a_revoked_consent_bars_every_purpose_and_permits_given_before(
    consent, use, tmp_path, monkeypatch, purpose, public
):
    monkeypatch.setenv(CONSENTS_VARIABLE, str(tmp_path))
    consents = [consent()]
    before = permit(consents, use(purpose, public=public))
    check(before, purpose, consents)
    revoke(tmp_path / "revocations.jsonl", LETTER, "K. Holm", "asked")
    with pytest.raises(NoConsent, match="is void"):
        permit(consents, use(purpose, public=public))
    for part in (purpose, *PARTS.get(purpose, ())):
        with pytest.raises(NoConsent):
            check(before, part, consents)


@pytest.mark.parametrize("column", ["tk_label", "community_protocol"])
@pytest.mark.parametrize("status", ["none", "estate", "not-required", "recorded"])
@pytest.mark.parametrize("purpose", SCOPE_FOR)
def test_a_communitys_claim_bars_every_purpose_unless_consent_is_recorded(consent, use, column, status, purpose):
    consents = [consent(), consent(item="2", status=status, **{column: "ask the elders"})]
    assert bool(faults(consents[1], "voice model", today())) == (status != "recorded")
    if status == "recorded":
        assert permit(consents, use(purpose)).seal == sealed(consents)
    else:
        with pytest.raises(NoConsent, match="item 2"):
            permit(consents, use(purpose))
