"""One file, one bag: what the commands measure, segment and report."""

import json
import re
from urllib.parse import unquote

import pytest
import soundfile

from restoration import inspection
from restoration.errors import BadBag, BrokenRecord

LOG = "data/record/events.jsonl"


def test_a_report_made_anew_tells_the_same(bag, tmp_path):
    """The same events give the same words; the pictures come from the files, and the players find them from here."""
    inspection.report_again(bag, tmp_path / "again.html")
    again = (tmp_path / "again.html").read_text(encoding="utf-8")
    packed = (bag / "data" / "record" / "treatment-report.html").read_text(encoding="utf-8")
    for line in (bag / LOG).read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        for name in ("reason", "result", "sha256"):
            if event["event"] == "step" and event.get(name):
                assert (event[name] in again) == (event[name] in packed)
    assert again.count("data:image/png") == packed.count("data:image/png") == 8
    players = re.findall(r'<audio[^>]* src="([^"]+)"', again)
    assert len(players) == 3
    assert all((tmp_path / unquote(player)).resolve().is_file() for player in players)


def test_a_report_of_an_edited_log_is_refused(bag, tmp_path):
    copy = tmp_path / "bag"
    (copy / "data" / "record").mkdir(parents=True)
    log = (bag / LOG).read_text(encoding="utf-8")
    (copy / LOG).write_text(log.replace('"outcome":"match"', '"outcome":"mismatch"', 1), encoding="utf-8")
    with pytest.raises(BrokenRecord, match="was changed"):
        inspection.report_again(copy, tmp_path / "again.html")


def test_a_report_needs_the_sounds(bag, tmp_path):
    copy = tmp_path / "bag"
    (copy / "data" / "record").mkdir(parents=True)
    (copy / LOG).write_bytes((bag / LOG).read_bytes())
    with pytest.raises(BadBag, match="is not there"):
        inspection.report_again(copy, tmp_path / "again.html")


def test_a_folder_without_a_log_is_no_bag(tmp_path):
    with pytest.raises(BadBag, match="is no bag"):
        inspection.report_again(tmp_path, tmp_path / "again.html")


def test_segments_are_labelled_and_cut(interview, tmp_path):
    soundfile.write(tmp_path / "talk.wav", interview.samples[0], interview.sample_rate, subtype="PCM_24")
    found = inspection.segment_file(tmp_path / "talk.wav", tmp_path / "out", cut=True)
    cuts = sorted((tmp_path / "out").glob("*.flac"))
    assert len(cuts) == len(found["segments"]) > 4
    assert len({segment["speaker"] for segment in found["segments"]}) == 2
    for path, segment in zip(cuts, found["segments"], strict=True):
        assert soundfile.info(path).duration == pytest.approx(segment["duration_s"], abs=0.002)
    labels = {path.suffix for path in (tmp_path / "out").iterdir()} - {".flac"}
    assert labels == {".csv", ".TextGrid", ".eaf", ".vtt", ".rttm", ".txt"}


def test_measures_are_told_with_units_and_meaning(bag):
    (master,) = (bag / "data" / "master").iterdir()
    rows = inspection.in_words(inspection.measure(master))
    told = {name: (value, meaning) for name, value, meaning in rows}
    assert told["Loudness"][0].endswith("LUFS")
    assert told["Noise floor"] == (
        told["Noise floor"][0],
        "how loud the recording is where nobody speaks; lower is quieter",
    )
