"""Each peer that is here takes noise away, keeps the time within what can be aligned, and leaves no file behind."""

import numpy as np
import pytest
import soundfile

from restoration.benchmark.clips import SAMPLE_RATE
from restoration.benchmark.peers import every_peer
from restoration.benchmark.peers.chain import humming_hz
from restoration.benchmark.peers.sound import quiet_clip
from restoration.benchmark.scores import score_files

REPAIRERS = ("ffmpeg-adeclick",)
"""These repair and do not remove noise."""


@pytest.fixture(scope="module")
def noisy_clip(speech, tmp_path_factory):
    folder = tmp_path_factory.mktemp("noisy")
    hiss = np.random.default_rng(1).standard_normal(speech.size) * speech.std() * 10 ** (-10 / 20)
    soundfile.write(folder / "clean.wav", speech, SAMPLE_RATE, subtype="FLOAT")
    soundfile.write(folder / "aged.wav", speech + hiss, SAMPLE_RATE, subtype="FLOAT")
    return folder


@pytest.mark.parametrize("peer", every_peer(), ids=lambda peer: peer.name)
def test_a_peer_that_is_here_denoises(peer, noisy_clip, tmp_path):
    if reason := peer.missing():
        pytest.skip(reason)
    peer.prepare()
    peer.run(noisy_clip / "aged.wav", tmp_path / "treated.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["treated.wav"]
    before, after = (
        score_files(noisy_clip / "clean.wav", path, "en", ("si_sdr_db", "lsd"))
        for path in (noisy_clip / "aged.wav", tmp_path / "treated.wav")
    )
    assert abs(after["lag_ms"]) < 45
    if peer.name not in REPAIRERS:
        assert after["lsd"] < before["lsd"] - 0.1
        assert after["si_sdr_db"] > 3
    assert peer.version()


def test_the_quiet_clip_is_the_pause():
    sound = np.ones(48000, dtype=np.float32)
    sound[20000:46000] = 0.01
    start, stop = quiet_clip(sound, 48000)
    assert (start, stop - start) == (20000, 24000)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_only_the_partials_that_hum_are_notched(mains_hz):
    seconds = np.arange(48000) / 48000
    hiss = 0.001 * np.random.default_rng(2).standard_normal(48000)
    hum = sum(0.05 * np.sin(2 * np.pi * mains_hz * k * seconds) for k in (1, 2, 3))
    assert humming_hz((hum + hiss).astype(np.float32), 48000) == [mains_hz, 2 * mains_hz, 3 * mains_hz]
    assert humming_hz(hiss.astype(np.float32), 48000) == []
