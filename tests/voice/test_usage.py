"""The usage log: every use that was permitted, none that was not, and nothing taken out unseen."""

import csv
import json
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from restoration.errors import BrokenRecord, NoConsent, RestorationError
from restoration.record import GENESIS, canonical, digest_of
from restoration.voice.gate import Permit, Use, permit, today
from restoration.voice.usage import Made, as_csv, count_use, log_of, totals, uses
from restoration.voice.usage_command import usage

VOICE = "Maria Holm"


@pytest.fixture
def voice(tmp_path):
    (tmp_path / "voice").mkdir()
    (tmp_path / "voice" / "card.json").write_text(json.dumps({"name": VOICE}), encoding="utf-8")
    return tmp_path / "voice"


@pytest.fixture
def counted(voice, consent, use):
    """Three uses of a voice and one of another, in one log."""
    for purpose, seconds, public in (("convert", 12.5, False), ("convert", 7.25, True), ("speak", 3.0, True)):
        count_use(permit([consent()], use(purpose, public=public)), Made(voice=VOICE, seconds=seconds), log_of(voice))
    count_use(permit([consent(item="9")], use("train", by="=cmd()")), Made(voice="=x", seconds=240), log_of(voice))
    return voice


def said(*arguments):
    app = typer.Typer()
    app.command()(usage)
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_a_use_says_whose_voice_by_whom_for_what_and_how_long(voice, consent, use):
    given = permit([consent()], use("speak", public=True))
    count_use(given, Made(voice=VOICE, seconds=4.5, source_sha256="ab", result_sha256="cd"), log_of(voice))
    (event,) = uses(voice)
    expected = {
        "voice": VOICE,
        "by": "M. Jensen",
        "purpose": "speak",
        "public": True,
        "seconds": 4.5,
        "source_sha256": "ab",
        "result_sha256": "cd",
        "consents": ["letter of 12 March 2019"],
        "consent_sha256": given.seal,
    }
    assert {name: event[name] for name in expected} == expected
    assert event["time"].endswith("+00:00")


class Likeness:
    use = Use(purpose="convert", by="M. Jensen", public=False, on=today())
    seal, references = "", ()


@pytest.mark.parametrize("made", [object.__new__(Permit), None, Likeness()])
def test_no_use_is_counted_without_a_permit(voice, made):
    with pytest.raises(NoConsent):
        count_use(made, Made(voice=VOICE, seconds=1), log_of(voice))
    assert uses(voice) == []


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_a_length_is_a_number_of_seconds(voice, consent, use, seconds):
    with pytest.raises(ValueError, match="seconds"):
        count_use(permit([consent()], use()), Made(voice=VOICE, seconds=seconds), log_of(voice))


def test_a_use_that_is_taken_out_or_changed_is_found(counted):
    log = counted / "usage.jsonl"
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    for changed in ([lines[0], *lines[2:]], [lines[0].replace("12.5", "1.5"), *lines[1:]]):
        log.write_text("".join(changed), encoding="utf-8")
        with pytest.raises(BrokenRecord):
            uses(counted)


def test_the_log_lies_beside_the_voice_or_where_the_archive_wants_it(voice, tmp_path, monkeypatch):
    assert log_of(voice) == voice / "usage.jsonl"
    monkeypatch.setenv("RESTORATION_USAGE", str(tmp_path))
    assert log_of(voice) == tmp_path / "usage.jsonl"
    monkeypatch.setenv("RESTORATION_USAGE", str(tmp_path / "gone"))
    with pytest.raises(RestorationError, match="RESTORATION_USAGE names"):
        log_of(voice)


def test_totals_add_up_to_the_log(counted):
    found = totals(uses(counted))
    assert sum(total.uses for total in found) == len(uses(counted)) == 4
    assert sum(total.seconds for total in found) == sum(event["seconds"] for event in uses(counted))
    ours = [total for total in found if total.voice == VOICE]
    assert (ours[0].uses, ours[0].public, ours[0].seconds, ours[0].purposes) == (3, 2, 22.75, "convert 2, speak 1")


def test_months_are_told_apart(voice):
    previous, lines = GENESIS, []
    for number, month in enumerate(("2026-01", "2026-02", "2026-02"), start=1):
        event = {
            "sequence": number,
            "event": "voice used",
            "time": f"{month}-03T10:00:00.000+00:00",
            "previous": previous,
        }
        event |= {"voice": VOICE, "by": "M.", "purpose": "live", "public": False, "seconds": 60.0}
        event["digest"] = previous = digest_of(event)
        lines.append(canonical(event) + "\n")
    (voice / "usage.jsonl").write_text("".join(lines), encoding="utf-8")
    assert [(total.month, total.seconds) for total in totals(uses(voice))] == [("2026-01", 60.0), ("2026-02", 120.0)]


def test_no_cell_is_a_formula(counted):
    rows = list(csv.reader(as_csv(totals(uses(counted))).splitlines()))
    assert rows[0] == ["voice", "month", "uses", "public", "seconds", "purposes", "by"]
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_the_command_counts_one_voice_or_all_of_a_folder(counted, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert json.loads(said(counted, "--json"))[0]["uses"] == 3
    text = said(counted, "--csv", tmp_path / "usage.csv")
    (row,) = (line for line in text.splitlines() if VOICE in line)
    cells = [cell.strip() for cell in row.replace("┃", "│").split("│")[1:-1]]
    assert cells[1:] == [VOICE, "3", "2", "0.4", "convert 2, speak 1", "M. Jensen"]
    assert len((tmp_path / "usage.csv").read_text(encoding="utf-8").splitlines()) == 2
    (counted / "card.json").unlink()
    assert "train 1" in said(counted)


def test_the_command_says_what_is_wanting(tmp_path, voice):
    assert "no use is on record" in said(voice)
    (voice / "card.json").write_text("{", encoding="utf-8")
    with pytest.raises(RestorationError, match="no JSON"):
        said(voice)
    with pytest.raises(RestorationError, match="neither"):
        said(tmp_path / "gone")


def test_programs_that_use_a_voice_at_one_time_all_count(voice):
    program = (
        "import sys; from pathlib import Path; from restoration.voice.consent import Consent\n"
        "from restoration.voice.gate import Use, permit, today; from restoration.voice.usage import Made, count_use\n"
        "c = [Consent(item='1', status='recorded', scope='voice model', reference='letter')]\n"
        "p = permit(c, Use(purpose='convert', by='M.', public=False, on=today()))\n"
        "for _ in range(10): count_use(p, Made(voice='v', seconds=0.1), Path(sys.argv[1]))"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(voice / "usage.jsonl")]) for _ in range(3)]
    assert [each.wait() for each in running] == [0, 0, 0]
    (total,) = totals(uses(voice))
    assert (total.uses, total.seconds) == (30, 3.0)
