"""Where the excerpts are taken from, on a recording whose noisy part and long pause are known."""

from itertools import pairwise

import numpy as np
import pytest

from restoration.choosing import excerpts
from restoration.choosing.excerpts import choose_excerpts, cut
from restoration.errors import RestorationError

RATE = 16000


@pytest.fixture(scope="module")
def tape(reading):
    """Two minutes at 16 kHz: a noisy part from 24 to 48 s, a pause from 72 to 79 s, and a faded end."""
    import soxr

    voice = soxr.resample(reading.samples[0], 48000, RATE)[: 24 * RATE]
    whole = np.tile(voice, 5)
    whole[72 * RATE : 79 * RATE] = 0
    hiss = 0.002 * np.random.default_rng(4).standard_normal(whole.size)
    hiss[24 * RATE : 48 * RATE] *= 5
    fade = np.ones(whole.size)
    fade[-10 * RATE :] = 1e-4
    return ((whole + hiss) * fade).astype(np.float32)


@pytest.fixture
def places(tape, recording_of, tmp_path):
    def of(block_frames=None):
        return {each.name: each for each in choose_excerpts(recording_of(tape, RATE, block_frames), tmp_path)}

    return of


def test_the_noisy_part_and_the_pause_are_found(places):
    found = places()
    assert list(found) == ["the noisiest speech", "typical speech", "the longest pause"]
    assert 22 <= found["the noisiest speech"].start_s <= 38
    pause = found["the longest pause"]
    assert pause.start_s <= 72.5
    assert pause.end_s >= 77.5


def test_excerpts_are_twelve_seconds_and_do_not_overlap(places):
    spans = sorted((each.start_s, each.end_s) for each in places().values())
    assert all(end - start == pytest.approx(12.0) for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_a_faded_end_is_no_pause(places):
    assert all(each.end_s <= 110.1 for each in places().values())


def test_the_size_of_the_blocks_does_not_matter(places):
    assert places(block_frames=3001) == places()


def test_a_long_tape_is_heard_in_part(tape, recording_of, tmp_path, monkeypatch):
    monkeypatch.setattr(excerpts, "WHOLE_S", 60.0)
    monkeypatch.setattr(excerpts, "STRETCHES", 3)
    monkeypatch.setattr(excerpts, "STRETCH_S", 20.0)
    heard = []
    monkeypatch.setattr(
        excerpts,
        "cut",
        lambda recording, start, end, place: heard.append(end - start) or cut(recording, start, end, place),
    )
    found = choose_excerpts(recording_of(tape, RATE), tmp_path)
    assert sum(heard) == pytest.approx(60.0)
    assert found
    assert all(each.start_s >= 0 and each.end_s <= 120 for each in found)


def test_a_short_recording_is_one_excerpt(tape, recording_of, tmp_path):
    (found,) = choose_excerpts(recording_of(tape[: 13 * RATE], RATE), tmp_path)
    assert (found.name, found.start_s, found.end_s) == ("the whole recording", 0.0, 12.0)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(2 * RATE), "2.0 s long"),
        (np.zeros(1), "at least 4 s"),
        (np.zeros(20 * RATE), "silent"),
        (0.1 * np.random.default_rng(0).standard_normal(20 * RATE), "nobody was heard"),
    ],
)
def test_what_there_is_nothing_to_choose_by_is_a_sentence(samples, said, recording_of, tmp_path):
    with pytest.raises(RestorationError, match=said):
        choose_excerpts(recording_of(samples, RATE), tmp_path)
