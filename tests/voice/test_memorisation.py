"""The audit finds copies, however a channel changed them, finds no copy in other speech, and owns to what it misses."""

import csv
from time import process_time

import numpy as np
import pytest
import soundfile
import soxr
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, istft, sosfilt, stft

from restoration.errors import RestorationError
from restoration.voice.log_mel import SAMPLE_RATE
from restoration.voice.memorisation import CHANGED, OWN_TEXT, RESYNTHESISED, UNTOUCHED, Controls, audit

NONE = Controls(changed=False)


@pytest.fixture(scope="module")
def kathleen(corpus):
    """Two dozen clips by one reader, about 70 s, from all over her reading."""
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["speaker"] == "kathleen"]
    return [read(corpus / path) for path in paths[:: len(paths) // 24][:24]]


def read(path):
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), sample_rate, SAMPLE_RATE)


@pytest.fixture(scope="module")
def material(kathleen):
    return kathleen[:10]


@pytest.fixture(scope="module")
def held_out(kathleen):
    return kathleen[10:17]


@pytest.fixture(scope="module")
def others(kathleen):
    return kathleen[17:]


def filtered(sound):
    return sosfilt(butter(2, (250, 3500), btype="bandpass", fs=SAMPLE_RATE, output="sos"), sound).astype(np.float32)


COPIES = {
    "as it is": lambda sound: sound,
    "begun later": lambda sound: sound[777:],
    "softer by 20 dB": lambda sound: 0.1 * sound,
    "through a telephone": filtered,
    "of the other polarity": lambda sound: -sound,
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_found(material, held_out, how):
    copies = [COPIES[how](sound) for sound in material[:4]]
    found = audit(copies, material, held_out)
    assert found.sound_enough, found.sentence
    assert found.results.flagged >= 0.95


def test_a_copy_is_found_where_it_was_taken_from(material, held_out):
    start = SAMPLE_RATE + 160 * 30
    found = audit([material[3][start : start + round(1.25 * SAMPLE_RATE)]], material, held_out)
    assert (found.closest.piece, found.closest.result) == (3, 0)
    assert found.closest.piece_at_s - found.closest.at_s == pytest.approx(1.3, abs=0.011)
    assert found.closest.cosine > 0.99


def test_other_speech_of_the_same_reader_is_no_copy(material, held_out, others):
    found = audit(others, material, held_out)
    assert found.sound_enough, found.sentence
    assert found.results.flagged <= 0.03
    assert found.controls[CHANGED].flagged >= 0.95
    assert found.threshold < 0.9


def whispered(sound):
    """The clip from its spectral envelope alone, smoothed over 190 Hz, with noise in place of voice and phase."""
    random = np.random.default_rng(3)
    _, _, spectrum = stft(sound, SAMPLE_RATE, nperseg=512, noverlap=384)
    envelope = np.sqrt(uniform_filter1d(np.abs(spectrum) ** 2, 6, axis=0))
    noise = np.exp(2j * np.pi * random.random(spectrum.shape))
    return istft(envelope * noise, SAMPLE_RATE, nperseg=512, noverlap=384)[1].astype(np.float32)


def test_a_clip_resynthesised_with_another_excitation_is_found(material, held_out, others):
    found = audit(others, material, held_out, Controls(resynthesise=whispered))
    assert found.controls[RESYNTHESISED].flagged >= 0.95
    assert found.sound_enough


def test_half_a_copy_is_half_flagged(material, held_out, others):
    piece = material[0][: others[0].size]
    together = audit([piece, others[0][: piece.size]], material, held_out)
    assert 0.4 <= together.results.flagged <= 0.6


def test_longer_windows_find_copies_as_well(material, held_out):
    found = audit([filtered(material[1])], material, held_out, window_s=2.0)
    assert found.results.flagged >= 0.95
    assert found.window_s == 2.0


def test_without_a_control_the_share_is_worth_nothing(material, held_out, others):
    found = audit(others, material, held_out, NONE)
    assert not found.sound_enough
    assert found.sentence == "no control was looked for: a share without one is worth nothing"
    own_text = audit(others, material, held_out, Controls(changed=False, own_text=others[:1]))
    assert not own_text.sound_enough
    assert own_text.controls[OWN_TEXT].windows > 0


def test_what_no_voice_has_touched_says_what_is_chance(material, held_out, others):
    """The performances themselves are searched like the results; none need be found, and the sentence names them."""
    found = audit(others, material, held_out, Controls(untouched=others))
    assert found.sound_enough
    assert found.controls[UNTOUCHED].flagged == found.results.flagged
    assert f"({found.results.flagged:.1%} of the performances as they were, which is chance)" in found.sentence
    assert not audit(others, material, held_out, Controls(changed=False, untouched=others)).sound_enough


def test_a_control_that_is_not_found_is_said(material, held_out, others):
    backwards = Controls(resynthesise=lambda sound: sound[::-1].copy())
    found = audit(others, material, held_out, backwards)
    assert not found.sound_enough
    assert "of a control (training clips resynthesised) were found, and 95% have to be" in found.sentence
    assert found.controls[RESYNTHESISED].flagged < 0.2


def test_a_threshold_needs_ten_seconds_of_held_out_speech(material, held_out, others):
    few = audit(others, material, held_out[:1])
    assert not few.sound_enough
    assert "hold out 10 s or more" in few.sentence


def test_windows_that_are_too_short_or_longer_than_the_sound_are_refused(material, held_out):
    with pytest.raises(RestorationError, match="find too few copies"):
        audit(material, material, held_out, window_s=0.5)
    with pytest.raises(RestorationError, match="no piece of the training material"):
        audit(material, [material[0][:8000]], held_out)
    with pytest.raises(RestorationError, match="none of the results holds 1 s of speech"):
        audit([material[0][:8000]], material, held_out)


def test_silence_is_no_copy_of_silence(material, held_out, others):
    quiet = np.zeros(3 * SAMPLE_RATE, dtype=np.float32)
    found = audit([quiet, *others], [*material, quiet], held_out)
    assert found.results.windows == audit(others, material, held_out).results.windows
    assert found.results.flagged <= 0.03


def test_a_minute_is_searched_in_four_minutes_within_seconds(kathleen):
    whole = np.concatenate(kathleen)
    material = np.resize(whole, 240 * SAMPLE_RATE).reshape(24, -1)
    began_s = process_time()
    found = audit([whole[: 60 * SAMPLE_RATE]], list(material), [whole[: 15 * SAMPLE_RATE]], NONE)
    assert process_time() - began_s < 10
    assert found.results.windows > 150
