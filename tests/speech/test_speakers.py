"""An interviewer and a poet are two, and four minutes of one voice are one."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import soundfile
from tapes import RATE, diarisation_error_rate, read_clip, splice, within

from restoration.audio import Audio
from restoration.speech.detect import speech_regions
from restoration.speech.speakers import Window, speaker_turns, turns_of, window_embeddings, windows_in


def turns_of_sound(recording_of, samples, rate, **limits):
    recording = recording_of(samples, rate)
    regions = speech_regions(recording)
    return recording, regions, speaker_turns(recording, regions, **limits)


def count(turns) -> int:
    return len({turn.speaker for turn in turns})


def test_an_interview_has_two_speakers(recording_of, interview: Audio):
    _, regions, turns = turns_of_sound(recording_of, interview.samples, interview.sample_rate)
    assert count(turns) == 2
    assert sum(turn.end_s - turn.start_s for turn in turns) == pytest.approx(sum(b - a for a, b in regions))
    longest = [sum(t.end_s - t.start_s for t in turns if t.speaker == who) for who in (0, 1)]
    assert longest[0] > longest[1]


def test_a_reading_has_one_speaker(recording_of, reading: Audio):
    assert count(turns_of_sound(recording_of, reading.samples, reading.sample_rate)[2]) == 1


def test_turns_keep_to_the_regions_and_to_the_limits(recording_of, interview: Audio):
    _, regions, turns = turns_of_sound(recording_of, interview.samples, interview.sample_rate, max_speakers=1)
    assert [(turn.start_s, turn.end_s) for turn in turns] == regions
    turns = turns_of_sound(recording_of, interview.samples, interview.sample_rate, min_speakers=3)[2]
    assert count(turns) >= 2


def test_nobody_speaks(recording_of):
    assert turns_of_sound(recording_of, np.zeros(RATE), RATE)[2] == []


def test_the_size_of_the_blocks_changes_nothing(recording_of, interview: Audio):
    samples = interview.samples[:, : 20 * interview.sample_rate]
    expected = turns_of_sound(recording_of, samples, interview.sample_rate)[2]
    recording = recording_of(samples, interview.sample_rate, 1237)
    assert speaker_turns(recording, speech_regions(recording)) == expected


def test_windows_cover_each_region_to_its_end():
    assert windows_in([(0.0, 3.1), (5.0, 5.4)]) == [
        *(Window(round(start * RATE), round((start + 1.5) * RATE), 0) for start in (0.0, 0.5, 1.0, 1.5, 1.6)),
        Window(5 * RATE, round(5.4 * RATE), 1),
    ]


def test_a_window_far_into_the_tape_is_heard_as_if_it_stood_alone(recording_of, reading: Audio):
    """Reading forward in chunks must neither lose nor shift frames, also over a long gap without windows."""
    samples = np.tile(reading.samples[0], 2)
    recording = recording_of(samples, reading.sample_rate)
    near, far = Window(2 * RATE, int(3.5 * RATE), 0), Window(45 * RATE, int(46.5 * RATE), 1)
    both = window_embeddings(recording, [near, far])
    assert np.sum(both[1] * window_embeddings(recording, [far])[0]) == pytest.approx(1, abs=1e-4)
    assert np.sum(both[1] * window_embeddings(recording, [Window(15 * RATE, int(16.5 * RATE), 0)])[0]) > 0.98


def test_four_minutes_of_one_voice_are_one_speaker(recording_of, corpus):
    clips = [("lj", read_clip(path)) for path in sorted((corpus / "dev" / "reading_lj").glob("*.opus"))]
    tape, _ = splice(clips)
    assert count(turns_of_sound(recording_of, tape, RATE)[2]) == 1


@pytest.mark.parametrize("name", ["roosevelt_1912_cylinder", "nixon_1969_broadcast_tape", "reagan_1986_broadcast_tape"])
def test_an_historical_speech_has_one_speaker(recording_of, corpus, name):
    samples, rate = soundfile.read(corpus / "historical" / f"{name}.mp3", dtype="float32", always_2d=True)
    assert count(turns_of_sound(recording_of, samples.T, rate)[2]) == 1


def dev_voices(corpus):
    with (corpus / "dev.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["path"].startswith(("dev/nabu", "dev/vctk"))]
    return {row["speaker"]: read_clip(corpus / row["path"]) for row in rows}


def test_conversations_of_unseen_voices_have_a_low_error_rate(recording_of, corpus):
    """Each of the 15 development voices with the next, three turns each, about 8 s of speech a voice.

    Most pairs are two men; with so little of each, two pairs are taken for one voice or for three.
    """
    voices = dev_voices(corpus)
    names, errors, right = list(voices), [], 0
    for first, second in zip(names, names[1:] + names[:1], strict=True):
        parts = [(name, cut) for name in (first, second) for cut in np.array_split(voices[name], 3)]
        tape, spans = splice([parts[at] for at in (0, 3, 1, 4, 2, 5)], seed=len(errors))
        recording, regions, turns = turns_of_sound(recording_of, tape, RATE)
        errors.append(diarisation_error_rate(within(spans, regions), turns, recording.duration_s)["error"])
        right += count(turns) == 2
    assert np.mean(errors) < 0.15
    assert right >= 12


def test_a_region_is_split_halfway_between_the_windows_of_two_voices():
    regions = [(0.0, 3.0), (4.0, 5.0)]
    turns = turns_of(regions, windows_in(regions), np.array([0, 0, 1, 1, 1]))
    assert turns == [(0.0, 1.5, 0), (1.5, 3.0, 1), (4.0, 5.0, 1)]
