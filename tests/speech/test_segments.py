"""A segmentation is in order, in whole milliseconds, and the same after it has been through the log."""

from __future__ import annotations

import json

import numpy as np
import pytest

from restoration.audio import Audio
from restoration.record import canonical
from restoration.speech.segments import Segmentation, SegmentationParameters, segment


@pytest.fixture(scope="module")
def segmented(interview: Audio, tmp_path_factory) -> Segmentation:
    from restoration.audio import Recording

    return segment(Recording.from_audio(tmp_path_factory.mktemp("interview") / "interview.f32", interview))


def test_segments_are_in_order_apart_and_within(segmented):
    edges = [edge for part in segmented.segments for edge in (part.start_s, part.end_s)]
    assert len(edges) > 8
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= segmented.duration_s
    assert edges == [round(edge, 3) for edge in edges]


def test_speakers_are_named_by_the_time_that_they_speak(segmented):
    rows = segmented.speakers
    assert [row["speaker"] for row in rows] == ["speaker 1", "speaker 2"]
    assert rows[0]["speech_s"] >= rows[1]["speech_s"]
    assert sum(row["segments"] for row in rows) == len(segmented.segments)


def test_every_figure_is_there_and_plausible(segmented):
    for part in segmented.segments:
        row = part.to_dict()
        assert row["duration_s"] == pytest.approx(row["end_s"] - row["start_s"])
        assert 0.4 < row["speech_probability"] <= 1
        assert -40 < row["level_dbfs"] < row["peak_dbfs"] <= 0
        assert row["snr_db"] > 20
        assert row["bandwidth_hz"] > 3000


def test_the_models_are_named_with_their_digests(segmented):
    assert set(segmented.models) == {"silero-vad", "speaker-embedding"}
    assert all(len(digest) == 64 for digest in segmented.models.values())


def test_the_log_gives_back_the_same_segmentation(segmented):
    event = {**json.loads(canonical(segmented.to_dict())), "event": "segmentation", "source": "…", "sequence": 7}
    assert Segmentation.from_dict(event) == segmented


@pytest.mark.parametrize(("frames", "rate"), [(1, 8000), (800, 8000), (48000, 48000)])
def test_silence_has_no_segments(recording_of, frames, rate):
    found = segment(recording_of(np.zeros((2, frames)), rate))
    assert found.segments == ()
    assert found.speakers == []
    assert found.duration_s == frames / rate


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_speakers": 0},
        {"min_speakers": 3, "max_speakers": 2},
        {"threshold": 1.5},
        {"min_pause_s": -1},
        {"pad_s": 1000},
        {"min_speech_s": float("nan")},
    ],
)
def test_impossible_parameters_are_refused_before_any_sound_is_read(wrong):
    with pytest.raises(ValueError, match=r"min_speakers|threshold|_s is from"):
        SegmentationParameters(**wrong)
