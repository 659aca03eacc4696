import numpy as np
import pytest

from restoration.simulate.heads import Azimuth, Head
from restoration.simulate.print_through import PrintThrough
from tests.simulate.measured import RATE, added, applied, gain_db, level_dbfs, noise, tone

IPS_M_S = 0.0254


@pytest.mark.parametrize("speed_ips", [3.75, 7.5])
def test_a_distance_of_a_wavelength_costs_55_db(speed_ips: float) -> None:
    head = Head(speed_ips=speed_ips, gap_um=0.0, spacing_um=10.0)
    hz = speed_ips * IPS_M_S / 10e-6 / 4
    for share in (1.0, 0.5):
        assert gain_db(head, share * hz) == pytest.approx(-54.6 * share / 4, abs=0.1)


def test_the_gap_hears_nothing_of_a_wave_as_long_as_it_is() -> None:
    head = Head(speed_ips=1.875, gap_um=5.0)
    hz = 1.875 * IPS_M_S / 5e-6
    assert gain_db(head, hz) < -30
    assert gain_db(head, hz / 2) == pytest.approx(20 * np.log10(2 / np.pi), abs=0.1)
    assert gain_db(head, hz / 100) == pytest.approx(0, abs=0.1)


def test_a_thick_coating_costs_6_db_an_octave_of_short_waves() -> None:
    head = Head(speed_ips=3.75, gap_um=0.0, coating_um=40.0)
    assert gain_db(head, 6000) - gain_db(head, 12000) == pytest.approx(6.0, abs=0.3)
    assert gain_db(head, 20) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize(("speed_ips", "bump_hz"), [(7.5, 47.6), (15.0, 95.3)])
def test_the_bump_goes_up_with_the_speed(speed_ips: float, bump_hz: float) -> None:
    head = Head(speed_ips=speed_ips, gap_um=0.0, bump_db=4.0, bump_mm=4.0)
    assert gain_db(head, bump_hz) == pytest.approx(4.0, abs=0.1)
    assert gain_db(head, 8 * bump_hz) == pytest.approx(0, abs=0.1)
    assert gain_db(head, bump_hz / 8) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("angle_arcmin", [10.0, -20.0])
def test_an_askew_head_delays_the_tracks_and_loses_the_treble(angle_arcmin: float) -> None:
    azimuth = Azimuth(angle_arcmin=angle_arcmin, track_mm=2.1, pitch_mm=4.2, speed_ips=7.5)
    stereo = np.repeat(noise(2), 2, axis=0)
    first, second = (np.fft.rfft(channel) for channel in applied(azimuth, stereo))
    frequencies = np.fft.rfftfreq(stereo.shape[1], 1 / RATE)
    delay_s = 4.2e-3 * np.tan(np.radians(angle_arcmin / 60)) / (7.5 * IPS_M_S)
    turns = np.angle(np.conj(first) * second) / (2 * np.pi)
    low = (frequencies > 100) & (frequencies < 2000)
    slope = np.polyfit(frequencies[low], np.unwrap(2 * np.pi * turns[low]) / (2 * np.pi), 1)[0]
    assert slope == pytest.approx(delay_s, rel=0.02)
    loss_db = 20 * np.log10(np.sinc(12000 * delay_s / 2))
    assert gain_db(azimuth, 12000) == pytest.approx(loss_db, abs=0.1)
    assert np.abs(applied(Azimuth(angle_arcmin=0.0), stereo) - stereo).max() < 1e-9


def test_print_through_comes_a_turn_before_and_after() -> None:
    fault = PrintThrough(turn_s=1.5, pre_db=-40.0, post_db=-30.0, turns=2, turn_fall_db=10.0, speed_ips=7.5)
    printed_most_hz = 7.5 * IPS_M_S / (2 * np.pi * 50e-6)
    burst = np.concatenate([np.zeros((1, 4 * RATE)), tone(printed_most_hz, 1), np.zeros((1, 4 * RATE))], axis=1)
    echo = added(fault, burst)
    for seconds, level_db in ((-3.0, -50), (-1.5, -40), (1.5, -30), (3.0, -40)):
        start = round((4 + seconds) * RATE)
        found = level_dbfs(echo[:, start + 2400 : start + RATE - 2400]) - level_dbfs(tone(printed_most_hz, 1))
        assert found == pytest.approx(level_db, abs=0.3)
    assert np.abs(echo[:, : RATE - 2400]).max() < 1e-5


def test_print_through_is_dull_at_both_ends() -> None:
    fault = PrintThrough(turn_s=1.0, pre_db=None, turns=1)
    levels_db = []
    for hz in (60, 600, 6000):
        burst = np.concatenate([tone(hz, 1), np.zeros((1, RATE))], axis=1)
        levels_db.append(level_dbfs(added(fault, burst)[:, RATE + 2400 : 2 * RATE - 2400]))
    assert levels_db[1] > levels_db[0] + 10
    assert levels_db[1] > levels_db[2] + 40


def test_a_turn_that_grows_is_longer_at_the_end() -> None:
    fault = PrintThrough(turn_s=1.0, growth_percent=20.0, pre_db=None, post_db=-20.0, turns=1)
    sound = np.zeros((1, 10 * RATE))
    sound[:, [RATE, 8 * RATE]] = 1.0
    echo = np.abs(added(fault, sound))[0]
    first, last = np.argmax(echo[: 4 * RATE]), 5 * RATE + np.argmax(echo[5 * RATE :])
    # At t the sound of t - (1 + 0.02 t) comes again: that of 1 s at 2 / 0.98 s, that of 8 s at 9 / 0.98 s.
    assert [first / RATE, last / RATE] == pytest.approx([2 / 0.98, 9 / 0.98], abs=0.001)
