"""The scorers: clean speech is the ceiling, a delay costs nothing, and a noisier copy is never better."""

import numpy as np
import pytest

from restoration.benchmark.alignment import LONGEST_LAG_S, aligned
from restoration.benchmark.clips import SAMPLE_RATE
from restoration.benchmark.scores import MEASURES, Measure, Pair, score
from restoration.nets.recogniser import distance, words

CEILINGS = {
    "pesq": 4.64,
    "estoi": 1.0,
    "si_sdr_db": 100.0,
    "lsd": 0.0,
    "lsd_low": 0.0,
    "lsd_high": 0.0,
    "speaker_cosine": 1.0,
    "word_error_rate": 0.0,
}
HERE = [name for name, measure in MEASURES.items() if measure.missing() is None and "programme" not in name]


def noisy(speech, level_db, seed=3):
    noise = np.random.default_rng(seed).standard_normal(speech.size)
    return speech + noise * speech.std() * 10 ** (-level_db / 20)


@pytest.mark.parametrize("name", [name for name in HERE if name in CEILINGS])
def test_clean_speech_against_itself_is_the_ceiling(speech, name):
    assert MEASURES[name].of(Pair(speech, speech, "en-GB")) == pytest.approx(CEILINGS[name], abs=0.005)


@pytest.mark.parametrize("name", HERE)
def test_a_noisier_copy_is_never_better(speech, name):
    better, worse = (MEASURES[name].of(Pair(speech, noisy(speech, level_db), "en")) for level_db in (25.0, 0.0))
    assert (better > worse) == MEASURES[name].higher_is_better


@pytest.mark.parametrize("lag_ms", [-45.0, 0.0, 7.0, 30.0])
@pytest.mark.parametrize("polarity", [1.0, -0.3])
def test_a_delayed_copy_is_brought_back(speech, lag_ms, polarity):
    frames = round(lag_ms / 1000 * SAMPLE_RATE)
    late = np.pad(speech, (frames, 0)) if frames >= 0 else speech[-frames:]
    treated, lag = aligned(speech, polarity * late, SAMPLE_RATE)
    assert lag == frames
    heard = slice(max(0, -frames), speech.size - 2400)
    np.testing.assert_allclose(treated[heard], polarity * speech[heard])


def test_the_delay_is_found_under_noise_and_hum_and_recorded(speech):
    seconds = np.arange(speech.size) / SAMPLE_RATE
    faulty = noisy(speech, 0.0) + 2 * speech.std() * np.sin(2 * np.pi * 50 * seconds)
    assert score(Pair(speech, np.pad(faulty, (480, 0))), ())["lag_ms"] == 10.0


def test_a_longer_delay_than_allowed_is_not_taken_out(speech):
    _, lag = aligned(speech, np.pad(speech, (SAMPLE_RATE // 10, 0)), SAMPLE_RATE)
    assert abs(lag) <= LONGEST_LAG_S * SAMPLE_RATE


def test_a_gain_costs_nothing(speech):
    loud, quiet = (score(Pair(speech, gain * noisy(speech, 10)), ("si_sdr_db", "lsd")) for gain in (1.0, 0.05))
    assert loud == pytest.approx(quiet, abs=1e-6)


@pytest.mark.parametrize("level_db", [0.0, 13.0])
def test_si_sdr_is_the_ratio_of_speech_and_uncorrelated_noise(speech, level_db):
    assert MEASURES["si_sdr_db"].of(Pair(speech, noisy(speech, level_db))) == pytest.approx(level_db, abs=0.15)


def test_a_lost_treble_is_seen_above_4_khz_alone(speech):
    spectrum = np.fft.rfft(speech)
    spectrum[np.fft.rfftfreq(speech.size, 1 / SAMPLE_RATE) > 4200] *= 0.1
    scores = score(Pair(speech, np.fft.irfft(spectrum, speech.size)), ("lsd_low", "lsd_high"))
    assert scores["lsd_low"] < 0.05
    assert scores["lsd_high"] > 0.2


def test_silence_has_no_score_where_there_is_nothing_to_compare(speech):
    scores = score(Pair(speech, np.zeros(speech.size)), ("si_sdr_db", "speaker_cosine", "lsd"))
    assert scores["si_sdr_db"] is None
    assert scores["speaker_cosine"] is None
    assert scores["lsd"] > 1


def test_only_english_has_a_word_error_rate(speech):
    assert MEASURES["word_error_rate"].of(Pair(speech, speech, "nl-BE")) is None


@pytest.mark.parametrize(
    ("first", "second", "errors"),
    [("a b c", "a b c", 0), ("a b c", "a c", 1), ("a b", "a x b y", 2), ("a b c", "", 3), ("", "a", 1)],
)
def test_word_errors_are_the_least_changes(first, second, errors):
    assert distance(words(first), words(second)) == errors


def test_case_and_punctuation_are_no_words():
    assert words("Printing, it's — SAID") == ["printing", "it's", "said"]


def test_beside_the_programme_only_what_was_added_counts(speech):
    programme = np.roll(speech, 3) * np.linspace(1, 0.3, speech.size)
    treated = np.pad(noisy(programme, 20.0), (960, 0))
    scores = score(Pair(speech, treated, programme=programme), ("si_sdr_db", "si_sdr_of_programme_db"))
    assert scores["si_sdr_of_programme_db"] == pytest.approx(20.0, abs=0.2)
    assert scores["si_sdr_db"] < 15
    assert score(Pair(speech, treated), ("si_sdr_of_programme_db",))["si_sdr_of_programme_db"] is None


def test_a_package_or_a_file_that_is_not_there_is_named():
    absent = Measure("x", "X", True, MEASURES["lsd"].of, "no-such-package")
    assert absent.missing() == "the package no-such-package is not installed"
    hollow = Measure("x", "X", True, MEASURES["lsd"].of, "numpy", file="assets/nothing")
    assert "holds no assets/nothing" in hollow.missing()
