"""Label files are read back by the programs of others, and say the same segments to the millisecond."""

from __future__ import annotations

import csv
import io

import pympi
import pytest
import textgrid as textgrid_reader
import webvtt as webvtt_reader
from hypothesis import given, settings
from hypothesis import strategies as some
from praatio import textgrid as praatio_reader

from restoration.speech.quality import Figures
from restoration.speech.segments import Segment, Segmentation, SegmentationParameters
from restoration.speech.writers import FORMATS, audacity, csv_table, eaf, rttm, textgrid, webvtt, write_labels
from restoration.speech.writers.subject import Subject, file_stem, one_line, one_word

FIGURES = Figures(
    speech_probability=0.93, level_dbfs=-23.4, snr_db=None, peak_dbfs=-3.01, clipped_share=0.0, bandwidth_hz=3400
)
SUBJECT = Subject(identifier="tape-1912", sound_file="../restored/tape 1912.wav")
NAMES = ("speaker 1", "speaker 2", "speaker 1", 'Ana "la Negra" & <Zoë>, d\'Ávila', "诗人")
TIMES = ((0.0, 1.25), (1.25, 4.001), (5.5, 7.0), (3599.999, 3601.5), (36000.001, 36010.123))


def segmentation_of(rows, duration_s=36012.3456789) -> Segmentation:
    segments = tuple(Segment(start_s=a, end_s=b, speaker=name, figures=FIGURES) for a, b, name in rows)
    return Segmentation(duration_s=duration_s, parameters=SegmentationParameters(), models={}, segments=segments)


def rows_of(segmentation: Segmentation, name=one_line):
    return [(part.start_s, part.end_s, name(part.speaker)) for part in segmentation.segments]


ROWS = [(start, end, name) for (start, end), name in zip(TIMES, NAMES, strict=True)]


@some.composite
def odd_segmentations(draw) -> Segmentation:
    """Segments at whole milliseconds, some touching, by speakers with any name at all."""
    edges, at = [], draw(some.integers(0, 3000))
    for _ in range(draw(some.integers(0, 6))):
        end = at + draw(some.integers(1, 9000))
        edges.append((at / 1000, end / 1000))
        at = end + draw(some.sampled_from([0, 1, 40, 5000]))
    names = some.text(max_size=12) | some.sampled_from(
        ['"', "a\nb", "\t", "&<>", "-->", "]]>", "=1+1", "a,b;c", "名 前"]
    )
    rows = [(start, end, draw(names)) for start, end in edges]
    return segmentation_of(rows, duration_s=at / 1000 + draw(some.sampled_from([0.0, 0.0004, 2.5])))


def read_textgrid_with_praatio(text, tmp_path):
    file = tmp_path / "labels.TextGrid"
    file.write_text(text, encoding="utf-8")
    grid = praatio_reader.openTextgrid(str(file), includeEmptyIntervals=False)
    return [(entry.start, entry.end, entry.label) for entry in grid.getTier("speaker").entries]


def read_textgrid_with_textgrid(text, tmp_path):
    file = tmp_path / "labels.TextGrid"
    file.write_text(text, encoding="utf-8")
    tier = textgrid_reader.TextGrid.fromFile(str(file)).getFirst("speaker")
    return [(part.minTime, part.maxTime, part.mark) for part in tier if part.mark]


def read_eaf_with_pympi(text, tmp_path):
    file = tmp_path / "labels.eaf"
    file.write_text(text, encoding="utf-8")
    document = pympi.Elan.Eaf(str(file))
    rows = [
        (start / 1000, end / 1000, name)
        for name in document.get_tier_names()
        for start, end, *_ in document.get_annotation_data_for_tier(name)
    ]
    return sorted(rows)


def read_vtt_with_webvtt(text, tmp_path):
    cues = webvtt_reader.from_string(text)
    return [(seconds(cue.start), seconds(cue.end), cue.voice) for cue in cues]


def seconds(clock: str) -> float:
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def read_rttm(text, tmp_path):
    fields = [line.split(" ") for line in text.split("\n")[:-1]]
    assert all(len(row) == 10 and row[0] == "SPEAKER" for row in fields)
    return [(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in fields]


def read_audacity(text, tmp_path):
    rows = [line.split("\t") for line in text.split("\n")[:-1]]
    return [(float(start), float(end), name) for start, end, name in rows]


def read_csv(text, tmp_path):
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [(float(row["start_s"]), float(row["end_s"]), row["speaker"]) for row in rows]


def assert_same_times(found, expected):
    assert len(found) == len(expected)
    for (start, end, _), (begins, ends, _) in zip(found, expected, strict=True):
        assert (start, end) == pytest.approx((begins, ends), abs=1e-3)


READERS = [
    (textgrid, read_textgrid_with_praatio, one_line),
    (textgrid, read_textgrid_with_textgrid, one_line),
    (eaf, read_eaf_with_pympi, one_line),
    (webvtt, read_vtt_with_webvtt, None),
    (rttm, read_rttm, one_word),
    (audacity, read_audacity, one_line),
    (csv_table, read_csv, one_line),
]


@pytest.mark.parametrize(("form", "read", "name"), READERS, ids=lambda value: getattr(value, "__name__", ""))
def test_others_read_the_same_segments(form, read, name, tmp_path):
    segmentation = segmentation_of(ROWS)
    found = read(form.text(segmentation, SUBJECT), tmp_path)
    assert_same_times(found, ROWS)
    if name:
        assert [row[2] for row in found] == [row[2] for row in rows_of(segmentation, name)]


@pytest.mark.parametrize(("form", "read", "name"), READERS, ids=lambda value: getattr(value, "__name__", ""))
def test_odd_names_do_not_move_or_lose_a_segment(form, read, name, tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")

    @settings(max_examples=60, deadline=None)
    @given(odd_segmentations())
    def holds(segmentation):
        text = form.text(segmentation, Subject(identifier="a\n\n--> b"))
        assert text.encode("utf-8").decode("utf-8") == text
        found, expected = read(text, folder), rows_of(segmentation, name or one_line)
        assert_same_times(found, expected)
        if name:
            assert [row[2] for row in found] == [row[2] for row in expected]

    holds()


def test_every_interval_tier_covers_the_recording_without_gap_or_overlap(tmp_path):
    file = tmp_path / "labels.TextGrid"
    file.write_text(textgrid.text(segmentation_of(ROWS), SUBJECT), encoding="utf-8")
    grid = textgrid_reader.TextGrid.fromFile(str(file))
    assert grid.getNames() == ["speech", "speaker"]
    for tier in grid:
        assert tier[0].minTime == 0
        assert tier[-1].maxTime == pytest.approx(36012.345679)
        assert [part.maxTime for part in tier][:-1] == [part.minTime for part in tier][1:]
    assert [part.minTime for part in grid.getFirst("speech") if part.mark] == [0.0, 5.5, 3599.999, 36000.001]


def test_eaf_names_the_sound_and_has_a_tier_a_speaker(tmp_path):
    file = tmp_path / "labels.eaf"
    file.write_text(eaf.text(segmentation_of(ROWS), SUBJECT), encoding="utf-8")
    document = pympi.Elan.Eaf(str(file))
    assert list(document.get_tier_names()) == list(dict.fromkeys(NAMES))
    assert document.get_linked_files()[0]["MEDIA_URL"] == "./../restored/tape%201912.wav"
    assert document.get_linked_files()[0]["MIME_TYPE"] in ("audio/x-wav", "audio/wav")


def test_webvtt_names_the_speaker_in_the_voice_tag():
    cues = list(webvtt_reader.from_string(webvtt.text(segmentation_of(ROWS[:3]), SUBJECT)))
    assert [(cue.voice, cue.text) for cue in cues] == [(name, name) for name in NAMES[:3]]
    assert '<v Ana "la Negra" &amp; &lt;Zoë&gt;, d\'Ávila>' in webvtt.text(segmentation_of(ROWS), SUBJECT)


def test_csv_has_every_figure_and_leaves_unmeasured_ones_empty():
    row = next(csv.DictReader(io.StringIO(csv_table.text(segmentation_of(ROWS), SUBJECT))))
    assert row == {
        "identifier": "tape-1912",
        "start_s": "0.0",
        "end_s": "1.25",
        "duration_s": "1.25",
        "speaker": "speaker 1",
        "speech_probability": "0.93",
        "level_dbfs": "-23.4",
        "snr_db": "",
        "peak_dbfs": "-3.01",
        "clipped_share": "0.0",
        "bandwidth_hz": "3400",
    }


def test_nobody_speaking_is_written_too(tmp_path):
    for form, read, _ in READERS:
        assert read(form.text(segmentation_of([], duration_s=3.0), SUBJECT), tmp_path) == []


def test_files_are_named_after_the_identifier_and_always_the_same(tmp_path):
    segmentation = segmentation_of(ROWS)
    files = write_labels(segmentation, tmp_path / "one", SUBJECT)
    again = write_labels(Segmentation.from_dict(segmentation.to_dict()), tmp_path / "two", SUBJECT)
    assert [file.name for file in files] == ["tape-1912" + form.SUFFIX for form in FORMATS]
    assert [file.read_bytes() for file in files] == [file.read_bytes() for file in again]


@given(some.text())
def test_a_name_becomes_a_safe_file_name(name):
    stem = file_stem(name)
    assert stem
    assert not set(stem) & set('/\\\0\n\t :*?"<>|')
    assert not stem.startswith((".", "-"))
