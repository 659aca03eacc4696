"""The melody brought to a voice: its course stays, its range becomes the voice's where it is spoken."""

import numpy as np
import pytest

from restoration.nets.pitch import pitch
from restoration.voice.convert import Settings, convert
from restoration.voice.features import levelled
from restoration.voice.melody import MOST_STRETCH, Melody, RunningRange, held_share, melody_of, spread_of, stretch_of
from restoration.voice.stream import offline

SPEAKERS = ("so0024", "so0120", "so0457", "so0813", "so1293", "so2016", "so2441", "so3023", "picovoice_crowd")
SCALE = (0, 2, 4, 5, 7, 5, 4, 2, 0, 4, 7, 12, 7, 4, 0)


def ranging(semitones, median_hz=215.0):
    """What a card tells of a voice with that standard deviation."""
    octaves = 3.29 / 2 * semitones / 12
    return {"median_hz": median_hz, "low_hz": median_hz * 2**-octaves, "high_hz": median_hz * 2**octaves}


def sung(vibrato, note_s=0.6, base_hz=150.0):
    """A tune, F0 every 8 ms: notes that slide into one another, each after a consonant of 60 ms."""
    frames = round(note_s * 125)
    notes = np.repeat(np.array(SCALE, dtype=float), frames)
    smooth = np.convolve(np.pad(notes, 5, mode="edge"), np.ones(11) / 11, mode="valid")
    smooth += vibrato * np.sin(2 * np.pi * 5.5 * np.arange(smooth.size) / 125)
    track = base_hz * 2 ** (smooth / 12)
    track[np.arange(track.size) % frames < 8] = 0
    return track.astype(np.float32)


def spread(f0_hz):
    return float(np.diff(np.percentile(12 * np.log2(f0_hz[f0_hz > 0]), [16, 84]))[0] / 2)


@pytest.fixture(scope="module")
def spoken(clips_of):
    """F0 of twelve seconds by each of nine speakers."""
    sounds = [np.concatenate([sound for _, sound in clips_of(who, 5)])[: 12 * 16000] for who in SPEAKERS]
    return [pitch(levelled(sound)).f0_hz for sound in sounds]


def test_a_melody_that_is_not_changed_is_the_same():
    track = np.array([0, 80, 215, 0, 500], dtype=np.float32)
    assert np.array_equal(Melody().of(track), track)


def test_it_is_moved_and_stretched_around_its_middle_and_keeps_its_order():
    track = np.geomspace(60, 800, 200).astype(np.float32)
    made = Melody(semitones=3.0, stretch=1.4, middle_hz=200.0).of(track)
    assert (np.diff(made) > 0).all()
    away, moved = 12 * np.log2(track / 200), 12 * np.log2(made / 200)
    assert moved[np.abs(away) <= 8] == pytest.approx(3 + 1.4 * away[np.abs(away) <= 8], abs=1e-4)
    assert (moved - away)[away > 8] == pytest.approx(3 + 0.4 * 8, abs=1e-4)
    assert not Melody(3.0, 1.4, 200.0).of(np.zeros(5, dtype=np.float32)).any()


def test_speech_gets_the_range_of_the_voice_within_bounds_and_keeps_its_course(spoken):
    for wanted in (1.0, 2.5, 4.5):
        for track in spoken:
            melody = melody_of(track, ranging(wanted), "auto", 1.0)
            made, voiced = melody.of(track), track > 0
            assert abs(np.log(spread(made) / wanted)) <= abs(np.log(spread(track) / wanted)) + 1e-3
            assert 1 / MOST_STRETCH <= melody.stretch <= MOST_STRETCH
            assert np.corrcoef(np.log(made[voiced]), np.log(track[voiced]))[0, 1] > 0.98
            assert np.median(made[voiced]) == pytest.approx(215, rel=0.035)  # by whole semitones
    flat = np.mean([melody_of(track, ranging(4.5), "auto", 1.0).stretch for track in spoken])
    assert flat > 1.3


def test_speech_is_told_from_singing(spoken):
    assert np.median([held_share(track) for track in spoken]) < 0.1
    for track in spoken:
        assert held_share(track) < 0.45
    for vibrato in (0.0, 0.6, 1.0):
        assert held_share(sung(vibrato)) > 0.6
        assert melody_of(sung(vibrato), ranging(4.5), "auto", 1.0).stretch == 1.0
        assert melody_of(sung(vibrato), ranging(1.0), "auto", 1.0).stretch == 1.0


def test_held_frames_are_counted_once_and_only_in_notes():
    note, glide = np.full(50, 200.0), 200 * 2 ** (np.arange(100) / 100)
    track = np.concatenate([note, [0], glide, [0], note[:37]])
    assert held_share(track.astype(np.float32)) == pytest.approx(50 / 187)
    assert held_share(np.zeros(10, dtype=np.float32)) == 0.0
    for run in (np.concatenate([glide, 400 * np.ones(60)]), np.concatenate([200 * np.ones(60), glide])):
        assert 45 <= held_share(run) * run.size <= 64


def test_the_share_counts_and_so_does_how_much_was_heard():
    draw = np.random.default_rng(1)
    track = 200 * 2 ** (draw.normal(0, 2.5, 5000) / 12)
    whole, half = (stretch_of(track, 0.0, 3.0, share) for share in (1.0, 0.5))
    assert half == pytest.approx(whole**0.5)
    assert whole == pytest.approx(3.0 / 2.5, rel=0.05)
    assert stretch_of(track[:60], 0.0, 30.0, 1.0) == pytest.approx(MOST_STRETCH**0.5)
    assert stretch_of(track, 0.35, 30.0, 1.0) == pytest.approx(MOST_STRETCH**0.5, rel=0.02)
    assert stretch_of(track, 0.0, 3.0, 0.0) == 1.0


def test_where_nothing_is_known_nothing_is_stretched(spoken):
    unknown = {"median_hz": 0.0, "low_hz": 0.0, "high_hz": 0.0}
    assert spread_of(unknown) == 0.0
    assert melody_of(spoken[0], unknown, "auto", 1.0).stretch == 1.0
    assert melody_of(np.zeros(5, dtype=np.float32), ranging(4.0), 2.0, 1.0) == Melody(2.0)
    assert melody_of(np.full(500, 200, dtype=np.float32), ranging(4.0), "auto", 1.0).stretch == 1.0


def test_what_is_sung_or_asked_for_in_semitones_is_not_stretched_unless_that_is_asked_for_too():
    shares = [Settings(pitch=pitch).range_share for pitch in ("auto", "octave", 3.0)]
    assert shares == [1.0, 0.0, 0.0]
    assert Settings(pitch="octave", pitch_range=0.5).range_share == 0.5
    assert Settings(pitch_range=0.0).range_share == 0.0


def test_what_was_done_is_a_sentence():
    assert Melody(13.0, 1.479, 102.7).sentence == "melody 13 semitones higher, its range 1.48 times as wide"
    assert Melody(-2.5).sentence == "melody 2.5 semitones lower, its range kept"
    assert Melody(0.0, 1.0, 150.0, 0.8).sentence == "melody 0 semitones higher, its range kept (sung)"


def heard_by(running, track, step=10):
    """The stretch at every frame."""
    stretches = np.zeros(track.size)
    for start in range(0, track.size, step):
        running.hear(track[start : start + step], may_move=not track[start])
        stretches[start : start + step] = running.stretch
    return stretches


def test_a_running_range_comes_to_that_of_the_whole_and_moves_between_words_only(spoken):
    for track in spoken:
        running = RunningRange(spread_of(ranging(3.0)), 1.0)
        stretches = heard_by(running, track)
        whole = melody_of(track, ranging(3.0), "auto", 1.0)
        assert np.log(running.stretch) == pytest.approx(np.log(whole.stretch), abs=0.1)
        assert not track[np.flatnonzero(np.diff(stretches)) + 1].any()
        assert stretches[0] == 1.0


def test_a_running_range_settles_and_a_long_pause_costs_nothing(spoken):
    whole = np.concatenate(spoken[:3])
    running = RunningRange(3.0, 1.0)
    heard_by(running, np.concatenate([whole, np.zeros(10, dtype=np.float32)]))
    settled = running.stretch
    wide = 200 * 2 ** (np.random.default_rng(0).normal(0, 9, 3000) / 12)
    heard_by(running, np.concatenate([wide, np.zeros(100)]))
    assert running.stretch == settled
    waiting = RunningRange(3.0, 1.0)
    heard_by(waiting, np.zeros(100_000, dtype=np.float32))
    assert waiting._heard.size < 10


@pytest.fixture(scope="module")
def tune():
    """Nine seconds of a harmonic sound that follows a tune."""
    f0_hz = np.repeat(sung(0.5), 128)
    turns = np.cumsum(f0_hz / 16000)
    sound = sum(np.cos(2 * np.pi * n * turns + n * n) / (1 + (n / 3) ** 2) for n in range(1, 25)) * (f0_hz > 0)
    return (0.1 * sound / sound.std()).astype(np.float32)


@pytest.mark.parametrize(("made_by", "purpose"), [(convert, "convert"), (offline, "live")])
def test_a_tune_stays_in_tune_and_speech_becomes_lively(leave, a_voice, performance, tune, made_by, purpose):
    lively = a_voice.noted(f0=ranging(6.0, 230.0))
    both = []
    for sound in (tune, performance(9.0)):
        made = made_by(leave(purpose), lively, sound, Settings(f0_method="swift-f0"))
        ours, theirs = pitch(made).f0_hz, pitch(levelled(sound)).f0_hz
        heard = (ours > 0) & (theirs > 0)
        heard[: 3 * 125] = False  # a stream has to hear some of it
        assert heard.sum() > 200
        both.append(np.polyfit(np.log2(theirs[heard]), np.log2(ours[heard]), 1)[0])
    assert both[0] == pytest.approx(1.0, abs=0.06)
    assert both[1] > 1.2
