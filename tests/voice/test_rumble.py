"""What lies below 60 Hz does not count as loudness: a pause with rumble stays a pause, and speech keeps its level."""

from itertools import pairwise

import numpy as np
import pytest

from restoration.voice.convert import Settings, convert
from restoration.voice.features import frame_powers, gain_db, levelled, loudness, loudness_of
from restoration.voice.rumble import RumbleFilter, without_rumble
from restoration.voice.stream import offline

RATE = 16000


def tone(length_s, hz, dbfs):
    return (10 ** (dbfs / 20) * np.sqrt(2) * np.sin(2 * np.pi * hz * np.arange(round(length_s * RATE)) / RATE)).astype(
        np.float32
    )


def with_a_pause(performance, under):
    """Speech, 1.5 s of pause, speech; and ``under(seconds)`` lies under all of it. Besides, where the pause is."""
    before, after = performance(2.5), performance(2.0, 3.0)
    sound = np.concatenate([before, np.zeros(round(1.5 * RATE), dtype=np.float32), after])
    return sound + under(sound.size / RATE), slice(before.size + 3200, before.size + 20800)


def test_the_size_of_the_blocks_does_not_matter(performance):
    sound = performance(1.0) + np.float32(0.01)
    block_by_block = RumbleFilter()
    edges = [0, 0, 1, 38, 1638, 1638, 9000, sound.size]
    parts = [block_by_block(sound[start:stop]) for start, stop in pairwise(edges)]
    assert np.array_equal(np.concatenate(parts), without_rumble(sound))


@pytest.mark.parametrize(("hz", "loss_db"), [(20, 38.2), (30, 24.1), (60, 3.0), (80, 0.4), (120, 0.0)])
def test_how_much_is_left_of_a_tone(hz, loss_db):
    heard = tone(2.0, hz, -20)
    powers = [np.mean(each[RATE:].astype(np.float64) ** 2) for each in (heard, without_rumble(heard))]
    assert 10 * np.log10(powers[0] / powers[1]) == pytest.approx(loss_db, abs=0.15)


def test_dc_makes_no_step_at_the_beginning():
    assert np.abs(without_rumble(np.full(RATE, 0.1, dtype=np.float32))).max() < 1e-6


@pytest.mark.parametrize("speaker", ["so0024", "so0120", "so1027", "so2016", "so3023", "nathalie"])
def test_clean_speech_is_as_loud_as_it_was(clips_of, speaker):
    """A base that was taught with all that lies below 60 Hz hears the same loudness without it, in words."""
    for _, sound in clips_of(speaker, 3):
        level = levelled(sound[: 8 * RATE])
        whole, clear = loudness_of(level), loudness(level)
        spoken = whole > -35
        assert np.abs(clear - whole)[spoken].mean() < 0.4
        assert abs(np.median((clear - whole)[spoken])) < 0.1
        loud = np.sort(frame_powers(level))[-spoken.sum() // 2 :]
        assert abs(-23 - 10 * np.log10(loud.mean())) < 0.7
        assert abs(gain_db(level)) < 1e-3


@pytest.mark.parametrize("volume_envelope", [1.0, 0.3])
@pytest.mark.parametrize("lent", ["as a file", "as a stream"])
def test_a_pause_with_dc_or_rumble_stays_a_pause(leave, a_voice, performance, lent, volume_envelope):
    """At -47 dBFS, 24 dB under the speech: counted as loudness, it would be filled with the decoder's noise."""
    settings = Settings(pitch=0.0, volume_envelope=volume_envelope)
    for under in (lambda s: np.full(round(s * RATE), 10 ** (-47 / 20), dtype=np.float32), lambda s: tone(s, 15, -47)):
        sound, pause = with_a_pause(performance, under)
        if lent == "as a file":
            made = convert(leave(), a_voice, sound, settings)
        else:
            made = offline(leave("live"), a_voice, sound, settings)
        assert np.abs(made[pause]).max() < 1e-4
        assert np.abs(made[: pause.start]).max() > 0.1
