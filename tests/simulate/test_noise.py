import numpy as np
import pytest
from scipy import signal

from restoration.simulate.hum import Hum
from restoration.simulate.level import speech_level
from restoration.simulate.magnetism import MagnetisedHead
from restoration.simulate.murmur import Murmur
from restoration.simulate.noise import Hiss, Offset, Rumble
from tests.simulate.measured import RATE, added, drawn_by, level_dbfs, noise, partial_db, spectrum_db, tone

SPEECH_DB = 20 * np.log10(speech_level(noise(10), RATE))


@pytest.mark.parametrize("snr_db", [-5.0, 10.0, 40.0])
@pytest.mark.parametrize("make", [Hiss, Rumble, Hum, Murmur])
def test_every_noise_lies_as_far_below_the_speech_as_asked(make, snr_db: float) -> None:
    assert SPEECH_DB - level_dbfs(added(make(snr_db=snr_db), noise(10))) == pytest.approx(snr_db, abs=0.1)
    paused = np.concatenate([noise(10), np.zeros((1, 9 * RATE))], axis=1)
    assert SPEECH_DB - level_dbfs(added(make(snr_db=snr_db), paused)) == pytest.approx(snr_db, abs=0.5)


@pytest.mark.parametrize("make", [Hiss, Rumble, Hum, Murmur])
def test_silence_gets_no_noise(make) -> None:
    assert not added(make(snr_db=0.0), np.zeros((2, RATE))).any()


@pytest.mark.parametrize("tilt", [-3.0, 0.0, 2.0])
def test_hiss_has_the_tilt_asked_for(tilt: float) -> None:
    hiss = added(Hiss(snr_db=10.0, tilt_db_per_octave=tilt), noise(20))[0]
    octaves = [spectrum_db(hiss, hz) for hz in (500, 2000, 8000)]
    assert np.diff(octaves) == pytest.approx([2 * tilt, 2 * tilt], abs=0.5)


def test_hiss_of_a_narrow_channel_falls_outside_of_its_band() -> None:
    hiss = added(Hiss(snr_db=10.0, band_hz=(400.0, 3000.0)), noise(20))[0]
    inside = spectrum_db(hiss, 1100)
    assert [spectrum_db(hiss, hz) - inside for hz in (400, 3000)] == pytest.approx([-3, -3], abs=1.0)
    assert [spectrum_db(hiss, hz) - inside for hz in (200, 6000)] == pytest.approx([-24, -24], abs=1.5)


def test_the_curve_of_the_hiss_is_drawn_and_told() -> None:
    fault = Hiss(snr_db=10.0, curve_db=5.0)
    hiss, curve_db = added(fault, noise(20))[0], drawn_by(fault, noise(20))["curve_db"]
    octaves = np.array([spectrum_db(hiss, 100 * 2**octave) for octave in range(1, 7)])
    assert octaves - octaves.mean() == pytest.approx(np.array(curve_db[1:7]) - np.mean(curve_db[1:7]), abs=1.2)
    assert np.std(curve_db) > 2


def test_hiss_is_independent_in_every_channel() -> None:
    hiss = added(Hiss(snr_db=10.0), noise(10, channels=2))
    assert abs(np.corrcoef(hiss)[0, 1]) < 0.01


@pytest.mark.parametrize(("swish_hz", "depth"), [(0.55, 0.5), (1.3, 0.2)])
def test_the_swish_comes_as_often_and_as_deep_as_asked(swish_hz: float, depth: float) -> None:
    hiss = added(Hiss(snr_db=10.0, swish_hz=swish_hz, swish_depth=depth), noise(60))[0]
    envelope = np.sqrt(np.mean(hiss.reshape(-1, 480) ** 2, axis=1))
    swing = np.abs(np.fft.rfft(envelope / envelope.mean() - 1)) * 2 / envelope.size
    rates_hz = np.fft.rfftfreq(envelope.size, 0.01)
    assert rates_hz[np.argmax(swing)] == pytest.approx(swish_hz, abs=0.02)
    # Sixty seconds of 0.55 Hz are whole turns, as are those of 1.3 Hz.
    assert swing.max() == pytest.approx(depth, rel=0.1)


def test_noise_that_follows_is_louder_under_the_voice_and_as_asked_in_the_pauses() -> None:
    paused = np.concatenate([noise(10), np.zeros((1, 10 * RATE))], axis=1)
    hiss = added(Hiss(snr_db=20.0, follows_db=9.0), paused)[0]
    speech_db, pause_db = level_dbfs(hiss[: 9 * RATE]), level_dbfs(hiss[11 * RATE :])
    assert pause_db == pytest.approx(SPEECH_DB - 20, abs=0.5)
    assert speech_db - pause_db == pytest.approx(9.0, abs=0.5)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_has_the_partials_asked_for(mains_hz: float) -> None:
    fault = Hum(snr_db=0.0, mains_hz=mains_hz, partials=5, fall_db_per_octave=6.0206, even_db=-10.0)
    hum = added(fault, noise(10))[0]
    first_db = partial_db(hum, mains_hz)
    for order, more_db in ((2, -10), (3, 0), (4, -10), (5, 0)):
        assert partial_db(hum, order * mains_hz) - first_db == pytest.approx(more_db - 20 * np.log10(order), abs=0.1)
    assert partial_db(hum, 6 * mains_hz) < first_db - 80
    assert len(drawn_by(fault, noise(10))["phases"]) == 5


def test_partials_above_half_the_sample_rate_do_not_fold_back() -> None:
    hum = added(Hum(snr_db=0.0, mains_hz=60.0, partials=20), noise(1, rate=800), rate=800)
    spectrum = np.abs(np.fft.rfft(hum[0]))
    assert np.delete(spectrum, 60 * np.arange(1, 7)).max() < 1e-4 * spectrum.max()


def test_hum_drifts_as_far_and_as_fast_as_asked() -> None:
    fault = Hum(snr_db=0.0, partials=1, drift_percent=2.0, drift_s=10.0)
    analytic = signal.hilbert(added(fault, noise(30))[0])
    hz = np.diff(np.unwrap(np.angle(analytic))) * RATE / (2 * np.pi)
    hz = hz[RATE:-RATE]
    assert [hz.min(), hz.max()] == pytest.approx([49.0, 51.0], abs=0.03)
    swings = np.abs(np.fft.rfft((hz - 50)[: 20 * RATE]))
    assert np.argmax(swings) == 2


def test_hum_modulates_the_programme_as_far_as_asked() -> None:
    programme = tone(1000, 10)
    hum = added(Hum(snr_db=0.0, partials=1, intermodulation=0.1), programme)[0]
    for sideband_hz in (950, 1050):
        assert partial_db(hum, sideband_hz) - partial_db(programme[0], 1000) == pytest.approx(
            20 * np.log10(0.05), abs=0.1
        )


def test_rumble_lies_low() -> None:
    rumble = added(Rumble(snr_db=10.0, below_hz=30.0), noise(60))[0]
    frequencies, power = signal.welch(rumble, RATE, nperseg=2**17)
    assert power[frequencies > 200].sum() < 1e-3 * power.sum()
    assert spectrum_db(signal.decimate(rumble, 10), 60, RATE // 10) - spectrum_db(
        signal.decimate(rumble, 10), 15, RATE // 10
    ) == pytest.approx(-10 * np.log10((1 + 2**6) / (1 + 0.5**6)), abs=1.5)


def test_the_offset_is_the_mean() -> None:
    assert added(Offset(offset=0.01), noise(1)) == pytest.approx(0.01)


def test_pulses_of_a_magnetised_head_point_one_way_and_are_as_many_as_asked() -> None:
    fault = MagnetisedHead(per_s=5.0, peak_db=-10.0, duration_ms=(1.0, 3.0))
    pulses = added(fault, noise(200))[0]
    pulses *= np.sign(pulses[np.argmax(np.abs(pulses))])
    assert pulses.min() > -1e-12
    begins = np.flatnonzero((pulses[1:] > 1e-9) & (pulses[:-1] <= 1e-9))
    assert begins.size == pytest.approx(1000, abs=4 * np.sqrt(1000))
    peaks_db = 20 * np.log10([pulses[start : start + 160].max() for start in begins])
    assert np.median(peaks_db) - SPEECH_DB == pytest.approx(-10, abs=1.0)
