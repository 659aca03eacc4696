"""Cut files hold exactly what the segmentation says."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from restoration.speech.cut import Cutting, Stretch, cut_segments
from restoration.speech.quality import Figures
from restoration.speech.segments import Segment, Segmentation, SegmentationParameters

RATE = 8000
NOTHING = Figures(
    speech_probability=None, level_dbfs=None, snr_db=None, peak_dbfs=None, clipped_share=None, bandwidth_hz=None
)
SPANS = [(0.5, 1.0, "speaker 1"), (1.0, 2.25, "speaker 2"), (2.5, 2.999, "speaker/1")]


@pytest.fixture
def samples() -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (2, 3 * RATE)).astype(np.float32)


@pytest.fixture
def segmentation() -> Segmentation:
    segments = tuple(Segment(start_s=a, end_s=b, speaker=name, figures=NOTHING) for a, b, name in SPANS)
    return Segmentation(duration_s=3.0, parameters=SegmentationParameters(), models={}, segments=segments)


@pytest.mark.parametrize("container", ["flac", "wav"])
def test_files_hold_the_segments_frame_for_frame(recording_of, samples, segmentation, container, tmp_path):
    cutting = Cutting(container=container)
    files = cut_segments(recording_of(samples, RATE), segmentation, tmp_path, identifier="tape 7", cutting=cutting)
    assert [file.path.name for file in files] == [
        f"tape_7_001_speaker_1.{container}",
        f"tape_7_002_speaker_2.{container}",
        f"tape_7_003_speaker-1.{container}",
    ]
    for file, (start_s, end_s, _) in zip(files, SPANS, strict=True):
        heard, rate = soundfile.read(file.path, dtype="float32", always_2d=True)
        expected = samples[:, round(start_s * RATE) : round(end_s * RATE)].T
        assert rate == RATE
        assert heard.shape == expected.shape
        assert heard == pytest.approx(expected, abs=2**-22)


def test_padding_stops_at_the_neighbour_and_at_the_edge(recording_of, samples, segmentation, tmp_path):
    cutting = Cutting(pad_s=0.75)
    files = cut_segments(recording_of(samples, RATE), segmentation, tmp_path, identifier="t", cutting=cutting)
    frames = [soundfile.info(file.path).frames for file in files]
    assert frames == [RATE, round(1.5 * RATE), round(0.75 * RATE)]


def test_the_size_of_the_blocks_changes_no_byte(recording_of, samples, segmentation, tmp_path):
    whole = cut_segments(recording_of(samples, RATE), segmentation, tmp_path / "whole", identifier="t")
    pieces = cut_segments(recording_of(samples, RATE, 999), segmentation, tmp_path / "pieces", identifier="t")
    assert [file.sha256 for file in pieces] == [file.sha256 for file in whole]


def test_a_stretch_gives_nothing_from_outside(recording_of, samples):
    stretch = Stretch(recording_of(samples, RATE, 1000), 1500, 6100)
    blocks = list(stretch.blocks(context=300, align=16))
    assert np.concatenate([b.samples[:, b.lead : b.lead + b.frames] for b in blocks], axis=1) == pytest.approx(
        samples[:, 1500:6100]
    )
    assert (blocks[0].lead, blocks[-1].samples.shape[1]) == (0, blocks[-1].lead + blocks[-1].frames)


@pytest.mark.parametrize("wrong", [{"container": "mp3"}, {"pad_s": -1}, {"bits": 32}])
def test_impossible_cuttings_are_refused(wrong):
    with pytest.raises(ValueError, match=r"flac|pad_s|bits"):
        Cutting(**wrong)
