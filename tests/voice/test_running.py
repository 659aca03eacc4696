"""How high a performance lies is guessed at its first voiced frames, and held: its melody is not bent."""

import numpy as np

from restoration.nets.pitch import pitch
from restoration.voice.features import frame_powers, gain_db, levelled, loudness
from restoration.voice.rumble import without_rumble
from restoration.voice.running import RunningHeight, RunningLevel, likely_octaves

STEP, AHEAD = 10, 7
WOMAN_HZ = 215.0


def moved(height, f0_hz, loudness_db=None):
    """By how many semitones each frame is moved, when frames come as in a stream."""
    level = np.zeros(f0_hz.size) if loudness_db is None else loudness_db
    semitones = np.zeros(f0_hz.size)
    for start in range(0, f0_hz.size, STEP):
        heard = slice(start, start + STEP + AHEAD)
        ahead = max(0, f0_hz[heard].size - STEP)
        height.hear(f0_hz[heard], level[heard], ahead, may_move=not f0_hz[start])
        semitones[start : start + STEP] = height.semitones
    return semitones


def steady(*parts):
    """``(seconds, hz)``, one after the other, every 8 ms."""
    return np.concatenate([np.full(round(length_s * 125), hz, dtype=np.float32) for length_s, hz in parts])


def test_the_melody_of_short_performances_is_kept(clips_of):
    """The height that moved with the median of what was heard, wherever a word ended, bent it: .88 on such clips."""
    alike, off = [], []
    for speaker in ("so0024", "so0120", "so0457", "so0813", "so1293", "so2016", "so2441", "so3023", "picovoice_crowd"):
        for _, sound in clips_of(speaker, 3)[1:]:
            level = levelled(sound[: 5 * 16000])
            f0_hz = pitch(level).f0_hz
            voiced = f0_hz > 0
            semitones = moved(RunningHeight("auto", WOMAN_HZ), f0_hz, loudness(level))[voiced]
            source = 12 * np.log2(f0_hz[voiced])
            alike.append(np.corrcoef(source, source + semitones)[0, 1])
            off.append(abs(np.median(source + semitones) - 12 * np.log2(WOMAN_HZ)))
    assert np.mean(alike) > 0.97
    assert np.mean(off) < 2.5


def test_a_guess_leans_on_where_voices_lie_and_less_and_less():
    for hz in (90.0, 300.0):
        found = [2 ** likely_octaves(np.log2(hz), frames) for frames in (1, 100, 10000, 1000000)]
        away = np.abs(12 * np.log2(np.array(found) / hz))
        assert (np.diff(away) < 0).all()
        assert away[0] > 2
        assert away[-1] < 0.1


def test_a_pause_sets_it_right_and_it_settles():
    height = RunningHeight("auto", WOMAN_HZ)
    wanted = round(12 * np.log2(WOMAN_HZ / 300))
    semitones = moved(height, steady((3, 300.0), (0.7, 0.0), (0.5, 300.0)))
    assert np.ptp(semitones[: 3 * 125]) == 0  # within the phrase it stands
    assert semitones[0] > wanted  # for it is further from where voices lie than most
    assert (semitones[-60:] == wanted).all()
    assert not height.settled
    moved(height, steady((11, 300.0)))
    assert not height.settled  # nobody paused
    moved(height, steady((0.7, 0.0)))
    assert height.settled
    assert (moved(height, steady((0.7, 0.0), (5, 110.0))) == wanted).all()


def test_a_guess_that_is_far_off_is_left_between_two_words():
    """A click or the hum before the first word has a pitch as well."""
    semitones = moved(
        RunningHeight("auto", WOMAN_HZ), steady((0.3, 60.0), (0.1, 0.0), (2, 215.0), (0.1, 0.0), (1, 215.0))
    )
    assert semitones[0] > 8
    assert abs(semitones[-1]) <= 2


def test_what_is_faint_does_not_count():
    f0_hz = steady((2, 50.0), (2, 215.0))
    level = np.where(f0_hz < 100, -30.0, 0.0)
    assert moved(RunningHeight("auto", WOMAN_HZ), f0_hz, level)[220] == 0  # nothing loud was heard yet
    assert abs(moved(RunningHeight("auto", WOMAN_HZ), f0_hz, level)[-1]) <= 2


def test_what_was_asked_for_stays():
    assert (moved(RunningHeight(-3.5, WOMAN_HZ), steady((3, 100.0))) == -3.5).all()
    for hz in (70.0, 110.0, 215.0, 440.0):
        assert set(moved(RunningHeight("octave", WOMAN_HZ), steady((3, hz), (1, 0.0), (3, hz)))) <= {
            -12.0,
            0.0,
            12.0,
            24.0,
        }


def test_the_level_is_that_of_the_whole_performance(clips_of):
    apart_db = []
    for speaker in ("so0024", "so0457", "so1293", "so2441", "picovoice_crowd"):
        for _, sound in clips_of(speaker, 3)[1:]:
            level = RunningLevel()
            powers = frame_powers(without_rumble(sound[: 10 * 16000]))
            for start in range(0, powers.size, STEP):
                level.hear(powers[start : start + STEP])
            apart_db.append(level.gain_db - gain_db(sound[: 10 * 16000]))
    assert abs(np.mean(apart_db)) < 1
    assert np.abs(apart_db).max() < 4


def test_the_noise_of_a_room_before_the_first_word_does_not_settle_the_level():
    draw = np.random.default_rng(2)
    noise, speech = (level * draw.exponential(size=125 * seconds) for level, seconds in ((1e-5, 3), (1e-2, 1)))
    level = RunningLevel()
    for heard in noise.reshape(-1, 5):
        level.hear(heard)
    assert level.gain_db > 20  # it might be a faint voice
    for heard in speech.reshape(-1, 5)[:10]:
        level.hear(heard)
    known = RunningLevel()
    known.hear(speech)
    assert abs(level.gain_db - known.gain_db) < 3


def test_a_knock_at_the_microphone_is_not_what_speech_is_measured_by():
    draw = np.random.default_rng(4)
    knock, speech = np.full(8, 30.0), 1e-2 * draw.exponential(size=500)
    level, known = RunningLevel(), RunningLevel()
    for heard in np.concatenate([np.full(100, 1e-6), knock, np.full(60, 1e-6), speech]).reshape(-1, 4):
        level.hear(heard)
    for heard in speech.reshape(-1, 4):
        known.hear(heard)
    assert abs(level.gain_db - known.gain_db) < 4
