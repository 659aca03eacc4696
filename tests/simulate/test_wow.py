import numpy as np
import pytest
from scipy import signal

from restoration.audio import Audio
from restoration.simulate.wow import Sway, heard_at_s, play_with

RATE = 48000
TONE_HZ = 3150.0  # the test tone of IEC 60386


def speed_error_percent(audio: Audio) -> np.ndarray:
    """The instantaneous frequency of the test tone against its nominal one, without the ends."""
    phase = np.unwrap(np.angle(signal.hilbert(audio.samples[0].astype(np.float64))))
    hz = np.diff(phase) * audio.sample_rate / (2 * np.pi)
    return 100 * (hz / TONE_HZ - 1)[4800:-4800]


def tone(seconds: float) -> Audio:
    times_s = np.arange(round(seconds * RATE)) / RATE
    return Audio(np.sin(2 * np.pi * TONE_HZ * times_s).astype(np.float32)[None] * 0.5, RATE)


@pytest.mark.parametrize(("percent", "hz"), [(0.1, 0.55), (0.2, 1.3), (0.5, 4.0)])
def test_the_speed_sways_as_deep_and_as_often_as_asked(percent: float, hz: float) -> None:
    played = play_with([Sway(percent=percent, hz=hz, phase=1.0)], tone(10))
    error = speed_error_percent(played)
    times_s = np.arange(error.size) / RATE
    turns = np.exp(-2j * np.pi * hz * times_s) * signal.windows.hann(error.size)
    depth = 2 * abs(np.sum(error * turns)) / signal.windows.hann(error.size).sum()
    assert depth == pytest.approx(percent, rel=0.03)
    assert np.percentile(np.abs(error), 99) == pytest.approx(percent, rel=0.1)


def test_the_curve_tells_where_every_moment_was() -> None:
    sways = [Sway(percent=0.3, hz=0.8, phase=0.4), Sway(percent=0.05, hz=9.0, phase=2.0)]
    times_s = np.arange(5 * RATE) / RATE
    played = play_with(sways, tone(5)).samples[0]
    expected = 0.5 * np.sin(2 * np.pi * TONE_HZ * heard_at_s(sways, times_s))
    assert np.abs(played - expected)[2000:-2000].max() < 1e-3


def test_small_wow_stays_below_a_millisecond() -> None:
    sway = Sway(percent=0.15, hz=0.55, phase=0.0)
    displaced_s = sway.displacement_s(np.linspace(0, 100, 100_001))
    assert 0.0005 < np.abs(displaced_s).max() < 0.001


def test_a_steady_carrier_leaves_the_sound_as_it_was() -> None:
    audio = tone(1)
    assert play_with([], audio) is audio
    assert play_with([Sway(percent=0.0, hz=1.0, phase=0.0)], audio) is audio


def test_channels_sway_together_and_keep_their_frames() -> None:
    stereo = Audio(np.repeat(tone(1).samples, 2, axis=0), RATE)
    played = play_with([Sway(percent=0.2, hz=2.0, phase=0.0)], stereo)
    assert played.samples.shape == stereo.samples.shape
    assert np.array_equal(played.samples[0], played.samples[1])


def test_the_speed_is_high_where_the_sine_says_so() -> None:
    # A phase of a quarter turn begins at the highest speed and is at the lowest half a turn later.
    error = speed_error_percent(play_with([Sway(percent=0.5, hz=0.5, phase=np.pi / 2)], tone(3)))
    assert error[:2400].mean() == pytest.approx(0.5, rel=0.15)
    assert error[RATE - 4800 - 1200 : RATE - 4800 + 1200].mean() == pytest.approx(-0.5, rel=0.15)
