"""The conversion of a whole performance, with a voice that nobody trained: what must hold whatever the voice is."""

import time
from dataclasses import replace

import numpy as np
import pytest

from restoration.errors import NoConsent, RestorationError
from restoration.nets.content_encoder import content_encoder
from restoration.nets.pitch import pitch
from restoration.voice.convert import Settings, convert, converted
from restoration.voice.features import HOP, loudness

RATE = 16000


def level_db(sound):
    return 10 * np.log10(np.mean(sound.astype(np.float64) ** 2) + 1e-20)


@pytest.fixture(scope="module")
def hissed_words():
    """A steady vowel of 200 Hz, a pause, and a hiss, half a second each, twice."""
    time_s = np.arange(RATE // 2) / RATE
    vowel = sum(np.cos(2 * np.pi * 200 * n * time_s + n * n) / (1 + (n / 3) ** 2) for n in range(1, 35))
    hiss = np.diff(np.random.default_rng(3).normal(0, 1, RATE // 2 + 1))
    parts = [0.1 * vowel / vowel.std(), np.zeros(RATE // 8), 0.03 * hiss / hiss.std(), np.zeros(RATE // 8)]
    return np.concatenate(parts * 2).astype(np.float32)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 20011])
def test_the_length_is_kept(leave, a_voice, performance, size):
    assert convert(leave(), a_voice, performance(2.0)[:size]).size == size


def test_the_level_is_kept(leave, a_voice, performance):
    """As much fainter as the performance is, so is the result; and nothing is made of silence."""
    sound = performance(3.0)
    loud, faint = (convert(leave(), a_voice, sound * np.float32(gain)) for gain in (1.0, 0.05))
    assert level_db(faint) == pytest.approx(level_db(loud) + 20 * np.log10(0.05), abs=0.1)
    assert not convert(leave(), a_voice, np.zeros(RATE, dtype=np.float32)).any()


def test_the_performers_loudness_is_followed_where_it_is_asked_for(leave, a_voice, performance):
    """With none of the model's own, the level is the performer's within 1 dB, and so are the words."""
    sound = performance(4.0)
    made = convert(leave(), a_voice, sound, Settings(volume_envelope=0.0))
    assert level_db(made) == pytest.approx(level_db(sound), abs=1.0)
    own = convert(leave(), a_voice, sound, Settings(volume_envelope=1.0))
    spoken = loudness(sound) > -20
    apart_db = [np.abs(loudness(each) - loudness(sound))[spoken].mean() for each in (made, own)]
    assert apart_db[0] < 1.0
    assert apart_db[0] < 0.5 * apart_db[1]


@pytest.mark.parametrize("semitones", [-5.0, 0.0, 7.0])
def test_the_pitch_is_moved_by_the_semitones_asked_for(leave, a_voice, hissed_words, semitones):
    made = convert(leave(), a_voice, hissed_words, Settings(pitch=semitones))
    before, after = pitch(hissed_words).f0_hz, pitch(made).f0_hz
    both = (before > 0) & (after > 0)
    assert both.sum() > 60
    moved = 12 * np.log2(after[both] / before[both])
    assert np.median(moved) == pytest.approx(semitones, abs=0.15)


def test_auto_brings_it_to_the_height_of_the_voice(leave, a_voice, hissed_words):
    higher = a_voice.noted(f0={"median_hz": 300.0, "low_hz": 250.0, "high_hz": 400.0})
    made = pitch(convert(leave(), higher, hissed_words)).f0_hz
    assert np.median(made[made > 0]) == pytest.approx(300, rel=0.03)
    octave = pitch(convert(leave(), higher, hissed_words, Settings(pitch="octave"))).f0_hz
    assert np.median(octave[octave > 0]) in (pytest.approx(200, rel=0.03), pytest.approx(400, rel=0.03))


def test_protected_hisses_keep_the_performers_grain_in_the_colour_of_the_voice(leave, a_voice, hissed_words):
    """With protect=0 the hiss has the performer's phases, with 0.5 nothing of them; its spectrum is the same."""
    settings = (Settings(protect=each, tonal_balance=0.0) for each in (0.0, 0.5))
    kept, made = (convert(leave(), a_voice, hissed_words, each) for each in settings)
    hiss = slice(RATE * 5 // 8 + 8 * HOP, RATE * 9 // 8 - 8 * HOP)
    ours, theirs, source = (spectra(sound[hiss]) for sound in (kept, made, hissed_words))
    assert in_phase(ours, source) > 0.8
    assert abs(in_phase(theirs, source)) < 0.1
    apart_db = bands_db(ours) - bands_db(theirs)
    assert np.abs(apart_db).max() < 1.5
    assert np.ptp(bands_db(source)) > 15
    vowel = slice(RATE // 8, RATE // 4)
    assert level_db(kept[vowel] - made[vowel]) < level_db(made[vowel]) - 20


def spectra(sound):
    return np.fft.rfft(np.lib.stride_tricks.sliding_window_view(sound, 512)[::HOP] * np.hanning(512), axis=1)


def in_phase(first, second):
    """Mean cosine of the angle between bins above 200 Hz."""
    return np.cos(np.angle(first[:, 7:]) - np.angle(second[:, 7:])).mean()


def bands_db(windows):
    """Mean power in sixteen bands above 500 Hz."""
    powers = (np.abs(windows) ** 2).mean(0)[16:-1]
    return 10 * np.log10(powers.reshape(16, -1).mean(1))


def test_no_border_of_ten_seconds_is_heard(leave, a_soft_voice):
    """A vowel goes on over the border between two cells: nothing is rougher there, no pulse is missing or late."""
    time_s = np.arange(round(10.5 * RATE)) / RATE
    vowel = sum(np.cos(2 * np.pi * 200 * n * time_s + n * n) / (1 + (n / 3) ** 2) for n in range(1, 35))
    sound = (0.1 * vowel / vowel.std()).astype(np.float32)
    made = convert(leave(), a_soft_voice, sound, Settings(pitch=0.0, protect=0.5))
    border = 1250 * HOP
    rough = np.abs(np.diff(made.astype(np.float64), 2))
    assert rough[border - 64 : border + 6 * HOP].max() < 1.1 * rough[border - 20 * HOP : border - 64].max()
    level = loudness(made)
    assert np.ptp(level[1244:1262]) < 1.3 * np.ptp(level[1200:1240])


def test_it_is_the_same_however_it_is_read(leave, a_voice, performance):
    """Cell by cell from a file, or from memory: the same samples, and no read is longer than a cell and its context."""
    sound, longest = performance(12.0), 0

    def read(start, stop):
        nonlocal longest
        longest = max(longest, stop - start)
        return sound[start:stop]

    made = np.concatenate(list(converted(leave(), a_voice, read, sound.size)))
    assert np.array_equal(made, convert(leave(), a_voice, sound))
    assert longest <= 15 * RATE


def test_nobody_gets_round_the_gate(leave, a_voice, performance, consent, use):
    sound = performance(0.5)
    from restoration.voice.gate import permit

    for wrong in (None, leave("live"), leave("train"), permit([consent(item="00472")], use())):
        with pytest.raises(NoConsent):
            convert(wrong, a_voice, sound)
    narrow = a_voice.noted(consents=[consent(scope="voice model").as_dict()])
    with pytest.raises(NoConsent):
        convert(leave(), narrow, sound)


def test_a_share_of_the_material_makes_another_sound(leave, a_voice, performance):
    """As long, as loud, and not the same; nothing is taken at rate 0."""
    sound = performance(2.0)
    voice = replace(a_voice, frames=content_encoder().encode(performance(9.0)))
    without, none, half = (convert(leave(), voice, sound, Settings(index_rate=rate)) for rate in (0.0, 0.0, 0.5))
    assert np.array_equal(without, none)
    assert half.shape == without.shape
    assert np.abs(half - without).max() > 0.01
    assert np.sqrt(np.mean(half**2)) == pytest.approx(np.sqrt(np.mean(without**2)), rel=0.5)


def test_what_cannot_be_lent_is_a_sentence(leave, a_voice, performance):
    with pytest.raises(RestorationError, match="holds no frames of its material"):
        convert(leave(), a_voice, performance(0.5), Settings(index_rate=0.5))
    other = a_voice.noted(encoder={**a_voice.card["encoder"], "sha256": "0" * 64})
    with pytest.raises(RestorationError, match="another version"):
        convert(leave(), other, performance(0.5))


@pytest.mark.clock
def test_a_conversion_costs_a_twentieth_of_the_time(leave, a_voice, performance):
    """0.046 s of the processor a second, three yardsticks and a half: measured by turns, for machines differ."""
    sound = performance(8.0)
    convert(leave(), a_voice, sound[:RATE])
    ratios = [
        seconds_of_processor(lambda: convert(leave(), a_voice, sound)) / seconds_of_processor(a_yardstick)
        for _ in range(3)
    ]
    assert min(ratios) < 6


def a_yardstick():
    """Work of the kind a decoder does, on one thread: products of matrices and Fourier transforms."""
    drawn = np.random.default_rng(1).normal(0, 1, (256, 1024)).astype(np.float32)
    for _ in range(60):
        drawn = np.fft.irfft(np.fft.rfft(drawn)).astype(np.float32) / 2


def seconds_of_processor(work):
    begun = time.process_time()
    work()
    return time.process_time() - begun
