"""One piece on its way out: its files, its event, what is not made twice, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from restoration import fixity, growth, sound_files, wave_chunks
from restoration.auditing.audit import Wish, audit
from restoration.exhibition.excerpts import Ask
from restoration.exhibition.export import WORK, export_piece
from restoration.exhibition.request import Piece
from restoration.measures.true_peak import true_peak_dbtp
from restoration.package import LOG
from restoration.provenance.exports import exported
from restoration.provenance.history import history
from restoration.record import read
from tests.exhibition.conftest import digests_in

EVERY = ("bwf", "flac", "opus", "mp3")


def events_of(bag):
    return list(read(bag / LOG))


def decide(bag, kind, reason):
    growth.grow(bag, "decision", decision=kind, by="Eva", reason=reason, seen={"head": "", "files": {}})


def test_every_format_is_as_loud_as_the_preset_when_it_is_read_back(bag_of, wanted_of):
    bag, wanted = bag_of(), wanted_of("web", formats=EVERY)
    outcome = export_piece(Piece(bag), wanted)
    assert outcome.state == "exported", outcome.detail
    names = [each["name"] for each in outcome.files if each["role"] == "sound"]
    assert names == [f"tape-1_web{suffix}" for suffix in (".wav", ".flac", ".opus", ".mp3")]
    for each in outcome.files[: len(EVERY)]:
        place = wanted.folder / each["name"]
        assert fixity.digests(place)["sha256"] == each["sha256"]
        assert soundfile.info(place).samplerate == 48_000
        assert each["loudness_lufs"] == pytest.approx(-16.0, abs=0.1)
        assert each["true_peak_dbtp"] <= -1.0
    assert not list(wanted.folder.glob(f"{WORK}*"))


def test_the_event_tells_everything(bag_of, wanted_of):
    bag, wanted = bag_of(), wanted_of("exhibition_museum", formats=("flac",), by=" Ada Berg ")
    export_piece(Piece(bag, Ask("segment", "2")), wanted)
    event = events_of(bag)[-1]
    assert (event["event"], event["by"], event["preset"]) == ("export", "Ada Berg", wanted.preset.about())
    assert event["source"] == next(each["source"] for each in events_of(bag) if each.get("role") == "production master")
    assert event["excerpt"]["segments"] == [2]
    parameters = event["parameters"]
    assert parameters["chain"]["compressor"]["ratio"] == 1.5
    assert parameters["chain"]["fades"] == {"in_ms": 30.0, "out_ms": 120.0, "curve": "equal power"}
    assert (parameters["target_lufs"], parameters["ceiling_dbtp"]) == (-24.0, -2.0)
    assert event["loudness"]["loudness_lufs"] == pytest.approx(-24.0, abs=0.1)
    assert event["to"] == "out"
    assert event["files"][0]["sha256"] == digests_in(wanted.folder)[event["files"][0]["name"]]
    assert isinstance(event["files"][0]["dither_seed"], int)
    assert event["rights"]["rights_uri"].endswith("zero/1.0/")


def test_the_same_log_gives_the_same_bytes(bag_of, wanted_of, folder):
    bag = bag_of()
    piece = Piece(bag, Ask("time", "1-5"))
    first = wanted_of("web", formats=EVERY, out=folder / "first")
    again = wanted_of("web", formats=EVERY, out=folder / "again")
    export_piece(piece, first)
    grown = len(events_of(bag))
    export_piece(piece, again)
    assert digests_in(first.folder) == digests_in(again.folder)
    # What was made again and is what the log tells of is told once.
    assert len(events_of(bag)) == grown


def test_what_is_there_is_not_made_again_and_what_was_changed_is(bag_of, wanted_of):
    bag, wanted = bag_of(), wanted_of(formats=("flac",))
    made = export_piece(Piece(bag), wanted)
    place = wanted.folder / made.files[0]["name"]
    before = place.stat().st_mtime_ns
    assert export_piece(Piece(bag), wanted).state == "already there"
    assert place.stat().st_mtime_ns == before
    content = bytearray(place.read_bytes())
    content[-1] ^= 1
    place.write_bytes(content)
    assert export_piece(Piece(bag), wanted).state == "exported"
    assert fixity.digests(place)["sha256"] == made.files[0]["sha256"]
    assert export_piece(Piece(bag), wanted_of(formats=("flac",), again=True)).state == "exported"


def test_a_file_of_somebody_else_stays(bag_of, wanted_of):
    bag, wanted = bag_of(), wanted_of(formats=("flac",))
    wanted.folder.mkdir(parents=True)
    place = wanted.folder / "tape-1_exhibition_r128.flac"
    place.write_bytes(b"mine")
    grown = len(events_of(bag))
    outcome = export_piece(Piece(bag), wanted)
    assert (outcome.state, place.read_bytes(), len(events_of(bag))) == ("failed", b"mine", grown)
    assert "move it away" in outcome.detail


def test_research_flat_is_the_production_master_bit_for_bit(bag_of, wanted_of, reading):
    samples = np.repeat(reading.samples[:, : 4 * 48_000], 2, axis=0)
    bag = bag_of(samples=samples, rate=44_100)
    wanted = wanted_of("research_flat", formats=("bwf", "flac"))
    outcome = export_piece(Piece(bag), wanted)
    assert outcome.state == "exported", outcome.detail
    master, _ = soundfile.read(bag / "data/restored/tape-1_restored.wav", dtype="int32")
    for each in outcome.files[:2]:
        found, rate = soundfile.read(wanted.folder / each["name"], dtype="int32")
        assert rate == 44_100
        assert np.array_equal(found, master)
        assert each["dithered_frames"] == 0
    part = export_piece(Piece(bag, Ask("time", "1-2")), wanted)
    found, _ = soundfile.read(wanted.folder / part.files[0]["name"], dtype="int32")
    assert np.array_equal(found, master[44_100:88_200])
    assert events_of(bag)[-1]["parameters"] == {"chain": {}, "target_lufs": None, "gain_db": 0.0}


def test_bext_goes_on_where_the_production_master_ended(bag_of, wanted_of):
    bag, wanted = bag_of(), wanted_of("broadcast")
    outcome = export_piece(Piece(bag, Ask("time", "2-6")), wanted)
    bext = wave_chunks.read_wave(wanted.folder / outcome.files[0]["name"]).bext
    rows = wave_chunks.parse_coding_history(bext.coding_history)
    assert [row["mode"] for row in rows] == ["mono", "stereo"]
    assert "export broadcast" in rows[-1]["text"]
    assert bext.loudness["loudness_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert bext.loudness["max_true_peak_dbtp"] == pytest.approx(outcome.loudness["true_peak_dbtp"], abs=0.006)
    assert bext.time_reference == round(outcome.excerpt["start_s"] * 48_000)
    assert bext.description.startswith("A reading")


def test_a_codec_that_lifts_the_peaks_is_given_less(bag_of, wanted_of, reading, recording_of, folder):
    """Knocks that the limiter holds at the ceiling overshoot it when Opus is decoded."""
    samples = 0.3 * np.array(reading.samples[0, : 6 * 48_000])
    for start in range(6_000, samples.size, 12_000):
        samples[start : start + 40] = 0.5 * np.sign(np.sin(np.arange(40)))
    bag = bag_of(samples=samples)
    outcome = export_piece(Piece(bag), wanted_of("web", formats=("flac", "opus")))
    flac, opus = outcome.files[:2]
    assert outcome.state == "exported", outcome.detail
    assert flac["true_peak_dbtp"] <= -1.0
    assert opus["true_peak_dbtp"] <= -1.0
    assert opus["levelled"]["ceiling_dbtp"] < -1.0
    assert "levelled" not in flac
    plain, rate = soundfile.read(folder / "out" / flac["name"], always_2d=True, dtype="float32")
    sound_files.write_opus(recording_of(plain.T, rate), folder / "plain.opus")
    lifted, _ = soundfile.read(folder / "plain.opus", always_2d=True, dtype="float32")
    assert true_peak_dbtp(recording_of(lifted.T, rate)) > -1.0


def test_a_changed_production_master_is_not_exported(bag_of, wanted_of):
    bag = bag_of()
    place = bag / "data/restored/tape-1_restored.wav"
    content = bytearray(place.read_bytes())
    content[-3] ^= 1
    place.write_bytes(content)
    outcome = export_piece(Piece(bag), wanted_of())
    assert outcome.state == "failed"
    assert "SHA-256" in outcome.detail


def test_what_was_sent_back_leaves_only_for_a_reason(bag_of, wanted_of, folder):
    bag = bag_of()
    growth.grow(
        bag, "decision", decision="treatment sent back", by="Eva", reason="lisps", seen={"head": "", "files": {}}
    )
    refused = export_piece(Piece(bag), wanted_of())
    assert (refused.state, "sent back by Eva" in refused.detail) == ("refused", True)
    assert not (folder / "out").exists()
    assert export_piece(Piece(bag), wanted_of(even_though="opening is tonight")).state == "exported"
    event = events_of(bag)[-1]
    assert event["even_though"] == {"sent_back": event["sequence"] - 1, "reason": "opening is tonight"}
    decide(bag, "treatment approved", "good")
    assert export_piece(Piece(bag), wanted_of("web")).state == "exported"


def test_what_the_rights_forbid_leaves_nothing(bag_of, wanted_of, folder):
    bag = bag_of(item={"rights_uri": "http://rightsstatements.org/vocab/InC/1.0/"})
    outcome = export_piece(Piece(bag), wanted_of())
    assert outcome.state == "refused"
    assert "is in copyright" in outcome.detail
    assert not (folder / "out").exists()
    assert export_piece(Piece(bag), wanted_of(permission="letter of 3 May")).state == "exported"
    assert events_of(bag)[-1]["rights"]["permission"] == "letter of 3 May"


def test_every_export_of_the_log_tells_of_it(bag_of, wanted_of):
    bag = bag_of()
    export_piece(Piece(bag), wanted_of())
    events = events_of(bag)
    assert history(events).acts[-1].agents[0] == "person/Ada Berg"
    for name, text in exported(events).items():
        assert (bag / name).read_text(encoding="utf-8") == text
    assert "exhibition_r128" in exported(events)["data/record/premis.xml"]


def export_faults(bag):
    return [
        each.sentence for each in audit(bag, Wish(reach="structure")).of("fault") if each.event == len(events_of(bag))
    ]


def test_the_audit_accepts_an_export_and_finds_a_forged_one(bag_of, wanted_of):
    bag = bag_of()
    export_piece(Piece(bag), wanted_of())
    assert export_faults(bag) == []
    told = {name: value for name, value in events_of(bag)[-1].items()
            if name not in ("sequence", "event", "time", "previous", "digest")}  # fmt: skip
    growth.grow(bag, "export", **{**told, "source": "0" * 64})
    assert any("which is not the production master's" in each for each in export_faults(bag))
    growth.grow(bag, "export", **{**told, "files": []})
    assert any("says files" in each for each in export_faults(bag))
    growth.grow(
        bag, "decision", decision="treatment sent back", by="Eva", reason="lisps", seen={"head": "", "files": {}}
    )
    growth.grow(bag, "export", **told)
    assert any("was sent back, and gives no reason" in each for each in export_faults(bag))
