"""The channel score parts clean readings from worn ones; the figures are those of ``calibrate_channel.py``."""

import numpy as np
import pytest

from restoration.simulate.chains import worn_disc, worn_tape
from restoration.simulate.clicks import Clicks
from restoration.simulate.hum import Hum
from restoration.simulate.noise import Hiss
from restoration.voice.channel import channel_score


@pytest.mark.parametrize("speaker", ["kathleen", "nathalie", "so0120"])
def test_clean_readings_are_clean(reading_by, speaker):
    assert channel_score(reading_by(speaker, 5)).verdict == "clean"


@pytest.mark.parametrize("chain", [worn_tape(), worn_disc(), (Clicks(per_s=20.0, peak_db=3.0),)])
def test_worn_carriers_are_refused_and_the_sentence_says_why(reading_by, aged_by, chain):
    score = channel_score(aged_by(chain, reading_by("kathleen", 5)))
    assert score.verdict == "refused"
    assert "carrier" in score.sentence


def test_the_carrier_share_rises_with_the_hiss(reading_by, aged_by):
    clean = reading_by("kathleen", 5)
    shares = [channel_score(aged_by((Hiss(snr_db=level),), clean)).carrier_share for level in (45, 35, 25, 15)]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.4


def test_hum_is_worn_though_the_bands_are_clean(reading_by, aged_by):
    score = channel_score(aged_by((Hum(snr_db=22.0, partials=4),), reading_by("kathleen", 5)))
    assert score.verdict == "worn"
    assert "hum" in score.sentence


def test_a_telephone_is_refused_for_its_band(reading_by):
    spectrum = np.fft.rfft(reading_by("kathleen", 5))
    spectrum[np.fft.rfftfreq(2 * spectrum.size - 2, 1 / 16000) > 3300] = 0
    score = channel_score(np.fft.irfft(spectrum).astype(np.float32))
    assert score.verdict == "refused"
    assert "ends at" in score.sentence


def test_the_level_makes_no_difference(reading_by):
    sound = reading_by("kathleen", 3)
    loud, soft = channel_score(sound), channel_score(sound * np.float32(0.1))
    assert soft.carrier_share == pytest.approx(loud.carrier_share, abs=0.02)


def test_too_little_is_a_sentence():
    with pytest.raises(ValueError, match="3 s of sound"):
        channel_score(np.zeros(16000, dtype=np.float32))


@pytest.mark.parametrize(
    ("name", "verdict"), [("roosevelt_1912_cylinder", "refused"), ("reagan_1986_broadcast_tape", "worn")]
)
def test_historical_recordings(historical, name, verdict):
    assert channel_score(historical(name)).verdict == verdict


@pytest.fixture(scope="module")
def historical(corpus):
    import soundfile
    import soxr

    def read(name):
        samples, rate = soundfile.read(corpus / f"historical/{name}.mp3", frames=30 * 44100, always_2d=True)
        return soxr.resample(samples.mean(axis=1), rate, 16000).astype(np.float32)

    return read
