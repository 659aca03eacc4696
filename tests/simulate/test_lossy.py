"""Lossy copies: they stay in time, cost what they cost, and make of noise what is no longer noise."""

import numpy as np
import pytest
from scipy import signal

from restoration.simulate.lossy import LossyCopy
from tests.simulate.measured import added, applied, drawn_by, level_dbfs, noise, tone


@pytest.mark.parametrize("codec", ["mp3", "vorbis"])
@pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
def test_a_copy_comes_neither_early_nor_late(codec, rate):
    heard = signal.sosfilt(signal.butter(4, 2000, fs=rate, output="sos"), noise(2, rate=rate))
    copy = applied(LossyCopy(codec=codec, compression=0.3), heard, rate=rate)
    alike = signal.correlate(copy[0], heard[0], method="fft")
    assert np.argmax(alike) == heard.shape[1] - 1
    assert level_dbfs(copy) == pytest.approx(level_dbfs(heard), abs=0.5)


@pytest.mark.parametrize("codec", ["mp3", "vorbis"])
def test_the_more_it_is_compressed_the_less_is_written_and_the_more_is_lost(codec):
    heard = tone(440, 3, rate=16000) + noise(3, rate=16000)
    copies = [LossyCopy(codec=codec, compression=compression) for compression in (0.1, 0.5, 0.98)]
    written = [drawn_by(copy, heard, rate=16000)["kbit_per_s"] for copy in copies]
    lost = [level_dbfs(added(copy, heard, rate=16000)) for copy in copies]
    assert written[0] > written[1] > written[2] > 10
    assert lost[0] < lost[1] < lost[2] < level_dbfs(heard) - 6


def test_faint_noise_comes_back_with_holes():
    faint = 0.01 * noise(4, rate=16000)
    heard = faint + tone(300, 4, rate=16000)
    copy = applied(LossyCopy(compression=0.9), heard, rate=16000)

    def holes(sound):
        power = signal.stft(sound[0], 16000, nperseg=512)[2][100:200]
        return np.mean(np.abs(power) ** 2 < 1e-3 * np.mean(np.abs(power) ** 2))

    assert holes(heard) < 0.01
    assert holes(copy) > 10 * max(holes(heard), 0.005)


@pytest.mark.parametrize("codec", ["mp3", "vorbis"])
def test_what_is_louder_than_full_scale_is_not_clipped(codec):
    loud = tone(300, 1, amplitude=3.0, rate=16000)
    assert np.abs(applied(LossyCopy(codec=codec, compression=0.2), loud, rate=16000)).max() > 2.5


def test_a_codec_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="mp3, vorbis"):
        LossyCopy(codec="atrac")
