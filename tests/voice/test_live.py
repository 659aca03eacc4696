"""The engine keeps its time; how it widens its steps is told by test_pace."""

import gc
import time

import numpy as np
import pytest

from restoration.errors import RestorationError
from restoration.voice.convert import Settings
from restoration.voice.live import Engine, Playback, paced
from restoration.voice.model import VoiceModel
from restoration.voice.sound_card import devices
from restoration.voice.stream import Course, Stream, offline

RATE = 16000


class Slowed(VoiceModel):
    """A voice whose decoder takes its time: ``slowed.seconds(step)`` more for each step."""

    def decoder(self):
        network, steps = super().decoder(), iter(range(10**9))
        network.content.register_forward_hook(lambda *_: time.sleep(self.seconds(next(steps))))
        return network


def slowed(voice, seconds):
    slow = Slowed(voice.state, voice.speaker, voice.card, voice.seal)
    object.__setattr__(slow, "seconds", seconds)
    return slow


def needs_a_processor():
    """What is timed by the clock says nothing where others have the processor."""
    begun, worked = time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < 0.3:
        pass
    share = (time.process_time() - worked) / 0.3
    if share < 0.8:
        pytest.skip(f"this process gets {100 * share:.0f} % of a processor; the clock is for a quiet machine")


def course():
    return Course(window_ms=1000)


def test_what_is_put_is_taken_in_order():
    playback, sound = Playback(), np.arange(1000, dtype=np.float32)
    for start in range(0, 1000, 70):
        playback.put(sound[start : start + 70])
    taken = np.concatenate([playback.take(37) for _ in range(27)])
    assert np.array_equal(taken, sound[: taken.size])
    assert playback.underruns == 0
    assert playback.take(37)[-36:].any() == 0
    assert playback.underruns == 1


def test_a_pause_is_faded_on_both_sides():
    playback, ones = Playback(), np.ones(400, dtype=np.float32)
    playback.put(ones)
    playback.pause(300)
    playback.put(ones)
    heard = playback.take(1100)
    assert np.abs(np.diff(heard)).max() < 0.02
    assert not heard[400:700].any()


@pytest.mark.clock
def test_twenty_seconds_by_the_clock_without_an_underrun(leave, a_voice, performance):
    needs_a_processor()
    sound, told = performance(20.0), []
    engine = Engine(lambda: Stream(leave("live"), a_voice, course=course()), told.append)
    heard = paced(engine, sound)
    statistics = engine.end()
    if statistics.underruns and (statistics.changes or statistics.longest_ms > 3 * statistics.computing_ms):
        # Steps cost the same, all of them: so where some took much longer, another program kept them waiting.
        pytest.skip(f"a step of {statistics.computing_ms:.0f} ms took {statistics.longest_ms:.0f}: not a quiet machine")
    assert statistics.underruns == 0
    assert heard.size == sound.size
    assert statistics.load < 0.7


def test_what_is_heard_is_the_stream_as_late_as_it_says(leave, a_voice, performance):
    """As a card would call, but waiting for the engine: then nothing but the delay lies between."""
    sound, settings = performance(2.0), Settings(pitch=0.0)
    engine = Engine(lambda: Stream(leave("live"), a_voice, settings, course()))
    delay = round(engine.statistics.delay_ms * RATE / 1000)
    chunk_ms, heard = engine.statistics.chunk_ms, []
    engine.start()
    for start in range(0, sound.size, 128):
        heard.append(engine.call(sound[start : start + 128]))
        while engine.behind:
            time.sleep(0.001)
    statistics, heard = engine.end(), np.concatenate(heard)
    assert statistics.underruns == 0
    assert not heard[:delay].any()
    if not statistics.changes:
        expected = offline(leave("live"), a_voice, sound, settings, Course(window_ms=1000, chunk_ms=chunk_ms))
        assert np.abs(heard[delay:] - expected[: heard.size - delay]).max() < 1e-5


def test_a_slow_machine_is_found_before_it_begins(leave, a_voice):
    told = []
    voice = slowed(a_voice, lambda step: 0.08)
    engine = Engine(lambda: Stream(leave("live"), voice, course=course()), told.append)
    assert engine.statistics.chunk_ms > 96
    assert "ms long from now" in told[0]


def test_a_fault_in_the_engine_is_raised_where_it_is_called(leave, a_voice):
    engine = Engine(lambda: Stream(leave("live"), a_voice, course=course()))
    engine.start()
    engine.call(np.full(128, np.nan, dtype=np.float32))
    with pytest.raises(RestorationError, match="not numbers"):
        engine.end()


def test_devices_are_listed_or_a_sentence_says_what_is_wanting():
    try:
        assert devices()
    except RestorationError as error:
        assert "PortAudio" in str(error) or "sounddevice" in str(error)


def test_nothing_is_collected_while_somebody_speaks_but_what_the_engine_itself_leaves(leave, a_voice):
    """A whole collection takes 0.2 s, a pause that is heard."""
    engine = Engine(lambda: Stream(leave("live"), a_voice))
    assert gc.get_freeze_count() == 0
    engine.start()
    assert gc.get_freeze_count() > 100_000
    engine.end()
    assert gc.get_freeze_count() == 0
