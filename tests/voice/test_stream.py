"""A stream's sound does not depend on how it is fed, keeps its time, and has no seams."""

import numpy as np
import pytest

from restoration.errors import NoConsent, RestorationError
from restoration.nets.content_encoder import content_encoder
from restoration.nets.pitch import pitch
from restoration.voice.convert import Settings, convert
from restoration.voice.features import HOP, every_frame, loudness
from restoration.voice.stream import Course, Stream, offline

RATE = 16000


def fed(stream, sound, sizes):
    """The stream's sound, pushed in blocks of these sizes, over and over."""
    made, place, turn = [], 0, 0
    while place < sound.size:
        size = sizes[turn % len(sizes)]
        made.append(stream.push(sound[place : place + size]))
        place, turn = place + size, turn + 1
    return np.concatenate([*made, stream.flush()])


def vowel(length_s, f0_hz=130.0):
    """A steady vowel, its harmonics falling by 12 dB an octave above 600 Hz, at -23 dBFS."""
    time = np.arange(round(length_s * RATE)) / RATE
    orders = np.arange(1, int(7000 / f0_hz))
    sound = sum(np.cos(2 * np.pi * f0_hz * n * time + n * n) / (1 + (n * f0_hz / 600) ** 2) for n in orders)
    return (sound * 10 ** (-23 / 20) / np.sqrt(np.mean(sound**2))).astype(np.float32)


def roughness(sound):
    """The second difference, which a click stands out of."""
    return np.abs(np.diff(sound.astype(np.float64), 2, prepend=0, append=0))


def test_the_size_of_the_blocks_does_not_matter(leave, a_voice, performance):
    sound = performance(1.6)
    whole = offline(leave("live"), a_voice, sound)
    for sizes in ([1600], [37, 4001], [160] * 3 + [1]):
        assert np.array_equal(fed(Stream(leave("live"), a_voice), sound, sizes), whole), sizes


def test_the_length_is_kept(leave, a_voice, performance):
    for size in (0, 1, 127, 1537, 20011):
        assert offline(leave("live"), a_voice, performance(2.0)[:size]).size == size


def test_silence_stays_silence(leave, a_voice, performance):
    silence = np.zeros(RATE, dtype=np.float32)
    assert np.abs(offline(leave("live"), a_voice, silence)).max() < 1e-4
    around = np.concatenate([silence, performance(1.5), silence])
    made = offline(leave("live"), a_voice, around, Settings(volume_envelope=0.0))
    assert np.abs(made[: RATE - 512]).max() < 1e-4
    assert np.abs(made[-RATE + 512 :]).max() < 1e-4
    assert np.abs(made[RATE:-RATE]).max() > 0.1


def test_no_border_between_steps_is_heard(leave, a_soft_voice, performance):
    """In speech, the places around borders are no rougher than those around the middles of steps."""
    course = Course(chunk_ms=48, window_ms=1000)
    made = offline(leave("live"), a_soft_voice, performance(4.0), Settings(protect=0.5), course)
    step = 6 * HOP
    rough = roughness(made)[2 * step : made.size // step * step].reshape(-1, step)
    at_borders = np.maximum(rough[1:, :8].max(1), rough[:-1, -8:].max(1))
    between = np.maximum(rough[:, step // 2 - 8 : step // 2].max(1), rough[:, step // 2 : step // 2 + 8].max(1))
    for share in (0.5, 0.75, 0.95):
        assert np.quantile(at_borders, share) < 1.5 * np.quantile(between, share)


def test_a_steady_vowel_stays_steady(leave, a_voice):
    made = offline(leave("live"), a_voice, vowel(3.0, 200.0), Settings(pitch=0.0))
    inside = slice(round(1.2 * RATE), round(2.7 * RATE))
    level = loudness(made)[round(1.2 * RATE) // HOP : round(2.7 * RATE) // HOP]
    assert np.ptp(level) < 2.0
    heard = pitch(made[inside]).f0_hz[5:-5]
    assert (heard > 0).mean() > 0.95
    assert np.abs(12 * np.log2(heard[heard > 0] / 200.0)).max() < 0.3


def test_an_onset_comes_as_late_as_the_stream_says(leave, a_voice):
    """Onsets all over a step: none comes later than the algorithmic latency, and the latest comes that late."""
    delays = []
    for onset in range(8000, 8000 + 1280, 256):
        sound = np.zeros(16000, dtype=np.float32)
        sound[onset:] = vowel(1.0)[: 16000 - onset]
        stream, given = Stream(leave("live"), a_voice), []
        for place in range(0, sound.size, HOP):
            given.append((place + HOP, stream.push(sound[place : place + HOP])))
        made = np.concatenate([each for _, each in given])
        begun = int(np.argmax(np.abs(made) > 0.02))
        assert abs(begun - onset) < 3 * HOP  # it is where it was: windows of 32 ms
        ready, seen = 0, 0
        for pushed, each in given:
            seen += each.size
            if seen > begun:
                ready = pushed
                break
        delays.append(1000 * (ready - begun) / RATE)
    assert stream.algorithmic_ms == 152.0
    assert max(delays) <= stream.algorithmic_ms + 8.0
    assert max(delays) > stream.algorithmic_ms - 24.0
    assert min(delays) >= 72.0


def test_a_faint_performance_is_as_a_loud_one(leave, a_voice, performance):
    """20 dB less go in, 20 dB less come out; the course of the gain tells of it."""
    sound = performance(2.5)
    loud, faint = Stream(leave("live"), a_voice), Stream(leave("live"), a_voice)
    made, faintly = fed(loud, sound, [1600]), fed(faint, sound / 10, [1600])
    assert faint.level.gain_db == pytest.approx(loud.level.gain_db + 20, abs=0.5)
    assert faint.level.course
    # Loudness is told down to -60 dB, so 20 dB less can be seen down to -40.
    heard = loudness(made)[125:-125] > -40
    assert np.abs(loudness(faintly)[125:-125] + 20 - loudness(made)[125:-125])[heard].mean() < 1.0
    assert np.abs(loudness(faintly)[125:-125][~heard] + 60).max(initial=0.0) < 1.0


def test_a_stream_is_near_the_conversion_that_hears_the_whole(leave, a_voice, performance):
    """Moved by as much, it has the same height; and in words the same loudness within 3 dB."""
    sound, settings = performance(5.0), Settings(pitch=2.0)
    streamed, whole = offline(leave("live"), a_voice, sound, settings), convert(leave(), a_voice, sound, settings)
    spoken = loudness(sound) > -25
    spoken[: RATE // HOP] = False  # the first second is for the level to settle
    apart_db = np.abs(loudness(streamed) - loudness(whole))[spoken]
    ours, theirs = pitch(streamed).f0_hz, pitch(whole).f0_hz
    both = (ours > 0) & (theirs > 0) & spoken
    cents = 1200 * np.abs(np.log2(ours[both] / theirs[both]))
    assert both.sum() > 0.5 * spoken.sum()
    assert apart_db.mean() < 3.0
    assert np.median(cents) < 20


def test_the_melody_is_that_of_the_performance(leave, a_voice, performance):
    sound = performance(5.0)
    ours, theirs = pitch(offline(leave("live"), a_voice, sound)).f0_hz, pitch(sound).f0_hz
    both = (ours > 0) & (theirs > 0)
    assert both.mean() > 0.4
    assert np.corrcoef(np.log2(ours[both]), np.log2(theirs[both]))[0, 1] > 0.98


def test_a_hiss_keeps_the_performers_grain(leave, a_voice):
    """With protect=0 every bin has the phase that it has in the performance, with 0.5 none; at any size of steps."""
    hiss = np.random.default_rng(3).normal(0, 0.02, RATE).astype(np.float32)
    hiss = np.concatenate([vowel(1.0), hiss])
    for chunk_ms, protect, least, most in ((80, 0.0, 0.8, 1.0), (48, 0.0, 0.8, 1.0), (80, 0.5, -0.1, 0.1)):
        settings = Settings(protect=protect, tonal_balance=0.0)
        made = offline(leave("live"), a_voice, hiss, settings, Course(chunk_ms=chunk_ms))
        ours, theirs = (spectra(each[RATE + 2000 : 2 * RATE - 2000]) for each in (made, hiss))
        assert least <= np.cos(np.angle(ours) - np.angle(theirs)).mean() <= most


def spectra(sound):
    """Windows of 32 ms, the bins above 200 Hz."""
    return np.fft.rfft(np.lib.stride_tricks.sliding_window_view(sound, 512)[::HOP] * np.hanning(512), axis=1)[:, 7:]


def test_a_wider_step_in_the_middle_is_not_heard_either(leave, a_voice):
    stream, sound = Stream(leave("live"), a_voice, Settings(pitch=0.0)), vowel(2.5)
    made = [stream.push(sound[:24000])]
    stream.chunk_ms = 192
    made = np.concatenate([*made, stream.push(sound[24000:]), stream.flush()])
    assert made.size == sound.size
    assert np.ptp(loudness(made)[150:-25]) < 2.0
    assert stream.algorithmic_ms == 264.0


def test_it_cannot_be_gone_round(leave, a_voice):
    with pytest.raises(NoConsent):
        Stream(object(), a_voice)
    with pytest.raises(NoConsent):
        Stream(leave("train"), a_voice)
    with pytest.raises(NoConsent):
        Stream(leave("live"), a_voice.noted(consents=[]))


def test_more_can_be_heard_ahead_than_the_decoder_asks_for(leave, a_voice, performance):
    sound = performance(1.6)
    assert offline(leave("live"), a_voice, sound, None, Course(lookahead_ms=480)).size == sound.size


def test_wrong_things_are_sentences(leave, a_voice):
    with pytest.raises(RestorationError, match="chunk_ms"):
        Course(chunk_ms=5)
    stream = Stream(leave("live"), a_voice)
    with pytest.raises(RestorationError, match="not numbers"):
        stream.push(np.full(10, np.nan, dtype=np.float32))
    stream.flush()
    with pytest.raises(RestorationError, match="has ended"):
        stream.push(np.zeros(10, dtype=np.float32))


def test_the_longer_the_window_the_nearer_the_content_is_to_that_of_the_whole(performance):
    """Mean cosine of what a step hears, 88 ms before the window's end, to what the whole sentence gives."""
    sound, encoder = performance(9.0), content_encoder()
    whole = every_frame(encoder.encode(sound), encoder, 1 + sound.size // HOP)
    alike = {}
    for window_ms in (1000, 1520, 2000, 3200):
        frames, found = window_ms // 8, []
        for edge in range(450, 1100, 60):
            heard = encoder.encode(sound[(edge - frames) * HOP : edge * HOP])
            numbers = np.arange(edge - 22, edge - 10)
            ours = every_frame(heard, encoder, 12, first=frames - 22)
            theirs = whole[numbers]
            cosine = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
            found.append(cosine[loudness(sound)[numbers] > -30])
        alike[window_ms] = float(np.concatenate(found).mean())
    assert alike == {
        1000: pytest.approx(0.957, abs=0.01),
        1520: pytest.approx(0.969, abs=0.01),
        2000: pytest.approx(0.970, abs=0.01),
        3200: pytest.approx(0.977, abs=0.01),
    }
