"""The register of revocations and its command."""

import csv
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from restoration.errors import BrokenRecord, NoConsent, RestorationError
from restoration.record import read
from restoration.voice.consent_command import consent_app
from restoration.voice.revocation import register_of, revocation_of, revocations, revoke

ROW = {
    "identifier": "00471",
    "file": "a.wav",
    "sha256": "ab" * 32,
    "title": "A reading",
    "carrier_type": "cylinder",
    "generation": "original",
    "language": "en",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "voice_consent": "recorded",
    "consent_ref": "letter 7",
    "consent_scope": "voice model",
}
BY = ("--by", "K. Holm", "--reason", "asked")


@pytest.fixture
def register(tmp_path):
    return tmp_path / "revocations.jsonl"


@pytest.fixture
def manifest(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    rows = [ROW, ROW | {"identifier": "00472", "file": "b.wav", "sha256": "cd" * 32, "consent_ref": "letter 8"}]
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    with (tmp_path / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*ROW])
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path / "manifest.csv"


def said(*arguments):
    result = CliRunner().invoke(consent_app, [str(each) for each in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_register_is_a_chain_that_only_grows(register, consent):
    first = revoke(register, "letter 7", "K. Holm", "asked")
    second = revoke(register, "00480", "The archive", "given by the wrong person")
    assert list(read(register)) == [first, second] == revocations(register)
    assert revocation_of(consent(reference="letter 7"), revocations(register)) == first
    assert revocation_of(consent(item="00480"), revocations(register)) == second
    assert revocation_of(consent(), revocations(register)) is None


@pytest.mark.parametrize("blank", range(3))
def test_a_revocation_is_said_wholly(register, blank):
    texts = ["letter 7", "K. Holm", "asked"]
    texts[blank] = "  "
    with pytest.raises(NoConsent, match="a revocation says its"):
        revoke(register, *texts)
    assert not register.exists()


def test_a_blank_reference_of_a_consent_is_in_no_register(register, consent):
    revoke(register, "x", "K. Holm", "asked")
    assert revocation_of(consent(reference="", item="y"), revocations(register)) is None


def test_where_the_register_is(tmp_path, monkeypatch):
    assert register_of() is None
    assert register_of(tmp_path) == tmp_path / "revocations.jsonl"
    monkeypatch.setenv("RESTORATION_CONSENTS", str(tmp_path))
    assert register_of() == tmp_path / "revocations.jsonl"
    assert register_of(tmp_path / "own.jsonl") == tmp_path / "own.jsonl"


def test_an_edited_register_takes_nothing_more(register):
    revoke(register, "letter 7", "K. Holm", "asked")
    register.write_text(register.read_text(encoding="utf-8").replace("letter 7", "letter 9"), encoding="utf-8")
    with pytest.raises(BrokenRecord):
        revoke(register, "letter 8", "K. Holm", "asked")


def test_programs_that_revoke_at_one_time_break_no_chain(register):
    program = (
        "import sys; from pathlib import Path; from restoration.voice.revocation import revoke\n"
        "for number in range(10): revoke(Path(sys.argv[1]), f'{sys.argv[2]}-{number}', 'K. Holm', 'asked')"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(register), name]) for name in "abc"]
    assert [each.wait() for each in running] == [0, 0, 0]
    assert len(revocations(register)) == 30


# The command.


def test_revoke_says_which_items_it_is_about(register, manifest):
    result = said("revoke", "letter 7", *BY, "--register", register, "--manifest", manifest)
    assert "00471" in result.stdout
    assert "00472" not in result.stdout
    assert revocations(register)[0]["reference"] == "letter 7"


def test_a_slip_in_the_reference_revokes_nothing_and_is_said(register, manifest):
    with pytest.raises(NoConsent, match="did you mean “letter 7”"):
        said("revoke", "leter 7", *BY, "--register", register, "--manifest", manifest)
    assert not register.exists()


def test_without_a_register_the_command_says_where_one_would_be(manifest):
    for arguments in (("revoke", "letter 7", "--by", "K", "--reason", "r"), ("show",)):
        with pytest.raises(RestorationError, match="RESTORATION_CONSENTS"):
            said(*arguments)


def test_show_says_what_each_item_allows(register, manifest):
    revoke(register, "00472", "K. Holm", "asked")
    result = said("show", "--register", register, "--manifest", manifest, "--json")
    assert '"allows": "voice model"' in result.stdout
    table = said("show", "--register", register, "--manifest", manifest).stdout
    lines = {line.split()[0]: line for line in table.splitlines() if line.startswith("0047")}
    assert "voice model" in lines["00471"]
    assert "void" in lines["00472"]
    assert "nothing" in lines["00472"]
