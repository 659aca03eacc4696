"""A performance, and what is made of it, get the long-term spectrum of the voice; neither more nor later than that."""

import numpy as np
import pytest
from scipy.signal import firwin2, oaconvolve

from restoration.errors import RestorationError
from restoration.nets.speaker_embedding import mel_bands
from restoration.voice.convert import Settings, convert
from restoration.voice.features import levelled, loudness, mel_powers
from restoration.voice.stream import offline
from restoration.voice.tonal_balance import (
    NONE,
    Balance,
    Balancing,
    LongTermSpectrum,
    balance_of,
    balanced_loudness,
    kernel_of,
)

RATE = 16000
MIDDLES_HZ = np.linspace(0, 1, 40)  # places of the bands, from the lowest to the highest
SLOPE_DB = 12 * (MIDDLES_HZ - 0.5)


def spectrum_of(*sounds):
    heard = LongTermSpectrum()
    for sound in sounds:
        heard.hear(mel_powers(sound))
    return heard


def as_clean(level_db):
    return Balance(np.asarray(level_db), np.ones(40))


def dull(sound, loss_db=-9.0):
    """Through a microphone that hears less from 2.5 kHz on."""
    kernel = firwin2(257, [0, 2000, 3500, 8000], 10 ** (np.array([0, 0, loss_db, loss_db]) / 20), fs=RATE)
    return oaconvolve(sound, kernel, mode="same").astype(np.float32)


@pytest.mark.parametrize("gains_db", [NONE, SLOPE_DB, -SLOPE_DB, 8 * np.sin(6 * MIDDLES_HZ)])
def test_the_filter_has_the_gains_and_comes_at_once(gains_db):
    kernel = kernel_of(gains_db)
    heard_db = 20 * np.log10(np.abs(np.fft.rfft(kernel, 4096)))
    middles_hz = (mel_bands() * np.arange(257) * RATE / 512).sum(axis=1)
    assert np.abs(np.interp(middles_hz, np.arange(2049) * RATE / 4096, heard_db) - gains_db).max() < 0.3
    assert np.sum(kernel[:16] ** 2) > 0.97 * np.sum(kernel**2)


def test_gains_are_what_a_microphone_took_away(performance):
    """9 dB of treble come back, nothing else is changed by more than 1.5 dB, and the whole is as loud as it was."""
    sound = levelled(performance(12.0))
    worn = spectrum_of(dull(sound))
    gains_db = worn.gains_db(as_clean(spectrum_of(sound).level_db))
    assert np.diff([gains_db[:24].mean(), gains_db[-8:].mean()])[0] == pytest.approx(9.0, abs=1.5)
    assert np.ptp(gains_db[:22]) < 1.5
    made = oaconvolve(dull(sound), kernel_of(gains_db))[: sound.size]
    assert np.mean(made**2) == pytest.approx(np.mean(dull(sound) ** 2), rel=0.1)


def test_consonants_are_as_loud_as_without_the_microphone(performance):
    sound = levelled(performance(12.0))
    worn = levelled(dull(sound))
    gains_db = spectrum_of(worn).gains_db(as_clean(spectrum_of(sound).level_db))
    told = balanced_loudness(loudness(worn), mel_powers(worn), gains_db)
    wanted, before = loudness(sound), loudness(worn)
    hiss = (wanted - before > 4) & (wanted > -25)
    assert hiss.sum() > 50
    assert np.abs(told - wanted)[hiss].mean() < 0.4 * np.abs(before - wanted)[hiss].mean()
    pause = before < -40
    assert np.array_equal(told[pause], before[pause])


def test_a_little_is_trusted_a_little(performance):
    sound = levelled(performance(12.0))
    wanted = as_clean(spectrum_of(sound).level_db + SLOPE_DB)
    tilts = [np.ptp(spectrum_of(sound[RATE : RATE + size]).gains_db(wanted)) for size in (RATE // 8, 11 * RATE)]
    assert tilts[0] < 0.5 * tilts[1]
    assert not spectrum_of(np.zeros(RATE, dtype=np.float32)).gains_db(wanted).any()
    assert np.abs(spectrum_of(sound).gains_db(wanted, share=0.0)).max() < 1e-9


def test_what_is_made_gets_the_wanted_spectrum_and_no_more_than_ten_decibels(performance):
    sound = levelled(performance(12.0))
    before_db = spectrum_of(sound).level_db
    made = Balancing(as_clean(before_db + SLOPE_DB)).block(sound)
    apart_db = spectrum_of(made).level_db - before_db
    assert np.abs(apart_db - SLOPE_DB)[2:-2].max() < 1.5
    assert np.mean(made**2) == pytest.approx(np.mean(sound**2), rel=0.1)
    far = Balancing(as_clean(before_db + 5 * SLOPE_DB)).block(sound)
    assert np.ptp(spectrum_of(far).level_db - before_db) < 21
    assert np.abs(Balancing(as_clean(before_db)).block(sound) - sound).max() < 0.02 * np.abs(sound).max()


def test_samples_that_come_again_are_heard_once(performance):
    """The overlap of a cell is filtered, and neither learnt from nor kept as the past of the next."""
    sound = levelled(performance(6.0))
    wanted, size = as_clean(spectrum_of(sound).level_db + SLOPE_DB), 3 * RATE
    once, again = Balancing(wanted), Balancing(wanted)
    first, more = once.block(sound[:size]), again.block(sound[: size + 512], size)
    np.testing.assert_allclose(more[:size], first, atol=1e-6)
    np.testing.assert_allclose(again.block(sound[size:]), once.block(sound[size:]), atol=1e-6)


def test_what_is_the_carriers_is_not_asked_for(performance):
    """Material that ends at 3.5 kHz takes the treble from nobody; 25 dB above its noise nothing is changed, with 40 dB
    all of it."""
    sound = levelled(performance(9.0))
    code = np.repeat(np.array([0.8, 0.5], np.float32), [5, 7])  # of 12 bands, those below 1.5 kHz are clean
    half = balance_of([dull(sound, -40.0)], code)
    assert set(half.clean.round(6)) == {0.0, 1.0}
    assert half.level_db[-8:].mean() < spectrum_of(sound).level_db[-8:].mean() - 20
    gains_db = spectrum_of(sound).gains_db(half)
    assert np.ptp(gains_db[half.clean == 0]) < 1e-9
    assert np.abs(gains_db).max() < 1.5
    tilted = Balance(half.level_db + SLOPE_DB, half.clean)
    assert np.ptp(spectrum_of(sound).gains_db(tilted)[half.clean == 1]) > 3
    whole = balance_of([dull(sound, -40.0)], np.full(12, 0.8, np.float32))
    assert spectrum_of(sound).gains_db(whole)[-8:].mean() < -6


def test_consonants_of_a_dull_performance_are_as_loud_in_the_voice_as_of_a_bright_one(leave, a_voice, performance):
    """Two thirds of what the microphone took from them, and what the voice would lack, is back: 10 dB are the most."""
    sound = performance(9.0)
    hiss = loudness(levelled(sound)) - loudness(levelled(dull(sound))) > 4

    def lost_db(share):
        settings = Settings(protect=0.5, tonal_balance=share)
        bright, worn = (loudness(convert(leave(), a_voice, each, settings)) for each in (sound, dull(sound)))
        return np.median((bright - worn)[hiss])

    assert lost_db(0.0) > 3.0
    assert abs(lost_db(1.0)) < 0.33 * lost_db(0.0)


def test_a_stream_comes_near_to_the_whole(leave, a_voice, performance):
    """After six seconds its long-term spectrum is that of the conversion that knew all, to 2 dB on the average."""
    sound = performance(12.0)
    live, whole = offline(leave("live"), a_voice, sound), convert(leave(), a_voice, sound)
    late = slice(6 * RATE, None)
    apart_db = spectrum_of(levelled(live[late])).level_db - spectrum_of(levelled(whole[late])).level_db
    assert np.abs(apart_db).mean() < 2.0


def test_a_voice_of_earlier_times_is_lent_as_it_was(leave, a_voice, performance):
    """Its card holds no long-term spectrum: the same sound as without any balance."""
    sound = performance(2.0)
    early = a_voice.noted(tonal_balance=None)
    without = convert(leave(), a_voice, sound, Settings(tonal_balance=0.0))
    assert np.array_equal(convert(leave(), early, sound), without)
    assert not np.array_equal(convert(leave(), a_voice, sound), without)


def test_the_card_keeps_it():
    drawn = np.random.default_rng(3).normal(0, 9, (2, 40)).round(2)
    known = Balance(*drawn)
    again = Balance.from_card({"tonal_balance": known.as_dict()})
    assert np.array_equal(again.level_db, drawn[0]) and np.array_equal(again.clean, drawn[1])
    assert Balance.from_card({}) is None


def test_more_than_all_cannot_be_asked_for():
    with pytest.raises(RestorationError, match="tonal_balance is from 0 to 1, not"):
        Settings(tonal_balance=1.5)
