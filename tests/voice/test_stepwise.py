"""The decoder in steps makes what the decoder makes at once."""

from dataclasses import replace

import numpy as np
import pytest

from restoration.nets.content_encoder import content_encoder
from restoration.voice.decoding import Lent, decoded
from restoration.voice.features import HOP, Features, analyse, studio_code
from restoration.voice.stepwise import SteppedDecoder


@pytest.fixture
def lent(a_voice):
    return Lent(a_voice.decoder(), a_voice.speaker, studio_code())


def cut(features, first, last):
    """The frames, the last one held where there are no more, as at the end of a performance."""
    numbers = np.clip(np.arange(first, last), 0, len(features.f0_hz) - 1)
    parts = (features.content, features.f0_hz, features.voicing, features.loudness_db)
    around = features.around
    if around is not None:
        around = around[first * HOP : (last + 3) * HOP]
        around = np.pad(around, (0, (last - first + 3) * HOP - around.size))
    return Features(*(part[numbers] for part in parts), around)


def in_steps(lent, features, counts):
    decoder, made = SteppedDecoder(lent), []
    for count in counts:
        last = decoder.frame + count + decoder.needs_frames
        made.append(decoder.step(cut(features, decoder.next_window, last), count))
    return np.concatenate(made)


def test_steps_of_any_size_make_the_same_sound_as_one_piece(lent, performance):
    features = analyse(performance(3.0), content_encoder())
    whole = decoded(lent, features)
    for counts in ([12] * 25, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89], [16, 24, 32] * 4):
        made = in_steps(lent, features, counts)
        apart = np.abs(made - whole[: made.size]).max()
        assert 20 * np.log10(apart + 1e-12) < -100, counts


def test_so_they_do_with_the_performers_breaths(lent, performance):
    sound = performance(3.0)
    features = analyse(sound, content_encoder())
    around = np.pad(sound, (256, 256 + len(features.f0_hz) * HOP - sound.size))
    features, lent = replace(features, around=around), replace(lent, protect=0.0)
    whole = decoded(lent, features)
    assert np.abs(whole - decoded(replace(lent, protect=0.5), features)).max() > 0.01
    for counts in ([12] * 25, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]):
        made = in_steps(lent, features, counts)
        apart = np.abs(made - whole[: made.size]).max()
        assert 20 * np.log10(apart + 1e-12) < -100, counts


def test_so_they_do_with_emphasis(lent, performance):
    features, lent = analyse(performance(2.0), content_encoder()), replace(lent, emphasis=0.5)
    whole = decoded(lent, features)
    assert np.abs(whole - decoded(replace(lent, emphasis=0.0), features)).max() > 0.01
    made = in_steps(lent, features, [12] * 15)
    assert 20 * np.log10(np.abs(made - whole[: made.size]).max() + 1e-12) < -100


def test_a_step_goes_on_where_the_pulses_were(lent):
    """A steady pitch stays periodic over the borders of steps: a period later the sound is the same."""
    frames = 200
    still = Features(
        np.zeros((frames, 288), np.float32),
        np.full(frames, 125.0, np.float32),
        np.ones(frames, np.float32),
        np.zeros(frames, np.float32),
    )
    quiet = lent.decoder
    quiet.tone.bias.data[257:] = -12.0
    quiet.head[1].weight.data[257:] = 0
    quiet.head[1].bias.data[257:] = 0
    made = in_steps(Lent(quiet, lent.speaker, lent.channel), still, [7] * 20)
    settled = made[60 * HOP :]
    assert np.abs(settled[HOP:] - settled[:-HOP]).max() < 1e-3 * np.abs(settled).max()
