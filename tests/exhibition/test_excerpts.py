"""Excerpts: by number, by time, by words; edges at quiet places; what is ambiguous is refused."""

from __future__ import annotations

import numpy as np
import pytest

from restoration.exhibition.excerpts import REACH_S, Ask, BadExcerpt, quiet_edge, resolve
from restoration.exhibition.spoken import NotSpoken, find_words
from tests.exhibition.conftest import WORDS

SEGMENTS = [{"start_s": 2.0 * n, "end_s": 2.0 * n + 1.9, "text": text} for n, text in enumerate(WORDS)]


@pytest.fixture
def sound(recording_of, reading):
    return recording_of(reading.samples[:, : 8 * 48_000], 48_000)


def excerpt(sound, by, asked, exact=False):
    return resolve(Ask(by, asked), SEGMENTS, sound, "en", exact)


def test_by_number(sound):
    found = excerpt(sound, "segment", "2-3", exact=True)
    assert (found.start_s, found.stop_s, found.segments) == (2.0, 5.9, (2, 3))
    assert excerpt(sound, "segment", "1").segments == (1,)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("1.5-3", (1.5, 3.0)), ("0:01.5-0:03", (1.5, 3.0)), ("0:00:02-0:00:07.25", (2.0, 7.25)), (" 0 - 8 ", (0.0, 8.0))],
)
def test_by_time(sound, asked, expected):
    found = excerpt(sound, "time", asked, exact=True)
    assert (found.start_s, found.stop_s) == expected
    assert found.segments == tuple(n for n, each in enumerate(SEGMENTS, 1) if each["start_s"] < expected[1]
                                   and each["end_s"] > expected[0])  # fmt: skip


@pytest.mark.parametrize(
    ("by", "asked", "told"),
    [
        ("segment", "5", "there are 1 to 4"),
        ("segment", "0", "there are 1 to 4"),
        ("segment", "3-2", "there are 1 to 4"),
        ("segment", "two", "names no segments"),
        ("time", "3-2", "no stretch of the 8.00 s"),
        ("time", "1-9", "no stretch of the 8.00 s"),
        ("time", "soon", "is no stretch of time"),
        ("time", "1-1.3", "shorter than 0.4 s"),
    ],
)
def test_what_is_not_there_is_told(sound, by, asked, told):
    with pytest.raises(BadExcerpt, match=told):
        excerpt(sound, by, asked)


@pytest.mark.parametrize("asked_s", [0.5, 1.3, 2.02, 4.4, 7.7])
def test_an_edge_is_near_and_no_louder_than_where_it_was_asked(sound, asked_s):
    edge = quiet_edge(sound, asked_s)
    assert abs(edge - asked_s) <= REACH_S + 0.005
    assert edge * sound.sample_rate == pytest.approx(round(edge * sound.sample_rate))

    def power(at_s):
        frame = round(at_s * 48_000)
        return float((sound.read(frame - 120, frame + 120).samples ** 2).mean())

    assert power(edge) <= power(asked_s) * 1.6


def test_an_edge_in_a_loud_tone_is_moved_into_the_pause_beside_it(recording_of):
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(48_000) / 48_000)
    tone[24_000:25_000] = 0.0
    sound = recording_of(tone, 48_000)
    assert 0.5 <= quiet_edge(sound, 0.49) <= 25_000 / 48_000
    steady = quiet_edge(sound, 0.2)
    samples = sound.read(round(steady * 48_000) - 1, round(steady * 48_000) + 1).samples[0]
    assert np.signbit(samples[0]) != np.signbit(samples[1])


def test_the_ends_of_the_item_stay(sound):
    assert (quiet_edge(sound, 0.0), quiet_edge(sound, sound.duration_s)) == (0.0, sound.duration_s)


def test_by_words(sound):
    found = excerpt(sound, "text", "striking Thirteen!")
    assert (found.segments, found.text) == ((2,), WORDS[1])
    across = excerpt(sound, "text", "day in april and the clocks")
    assert across.segments == (1, 2)


def test_contractions_are_the_same_words(sound):
    assert excerpt(sound, "text", "we are still here").segments == (3,)


def test_a_word_may_be_misheard_but_not_many(sound):
    assert excerpt(sound, "text", "and the clock were striking thirteen").segments == (2,)
    with pytest.raises(NotSpoken, match="was not found; the nearest is “the clocks were striking thirteen”"):
        excerpt(sound, "text", "the bells were ringing loudly")


def test_words_in_several_places_are_refused_with_where(sound):
    with pytest.raises(NotSpoken, match=r"2 places.*segments 1: .*segments 4"):
        excerpt(sound, "text", "in April")


def test_without_a_transcript_only_english_is_heard(sound):
    silent = [{**each, "text": ""} for each in SEGMENTS]
    with pytest.raises(NotSpoken, match="only English is"):
        find_words("bir kun", silent, sound, "uz")
    with pytest.raises(NotSpoken, match="no words to look for"):
        find_words("…", SEGMENTS, sound, "en")


def test_the_recogniser_finds_what_nobody_wrote_down(recording_of, reading):
    pytest.importorskip("moonshine_voice")
    from restoration.exhibition.spoken import transcripts

    sound = recording_of(reading.samples[:, : 8 * 48_000], 48_000)
    segments = [{"start_s": 0.0, "end_s": 4.0}, {"start_s": 4.0, "end_s": 8.0}]
    heard = transcripts(segments, sound, "en-GB")
    middle = heard[1].split()[1:5]
    found = find_words(" ".join(middle), segments, sound, "en-GB")
    assert found.segments == (2,)
