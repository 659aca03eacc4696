"""The network that ships: what its card says of it holds, and its recipe still trains."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import soundfile
import torch

from restoration.audio import Audio
from restoration.nets.channel_variation import ChannelVariation, through_channels
from restoration.nets.speaker_corpus import HELD_OUT, Voice, draw_window, read_voices
from restoration.nets.speaker_embedding import (
    EMBEDDING_SIZE,
    SAMPLE_RATE,
    SpeakerEmbedding,
    embed,
    load_speaker_embedding,
)
from restoration.nets.train_speaker_embedding import Trials, Voices, equal_error_rate, main
from restoration.weights import card, locate


@pytest.fixture(scope="module")
def network() -> SpeakerEmbedding:
    return load_speaker_embedding(locate("speaker-embedding"))


def windows(audio: Audio, starts_s) -> np.ndarray:
    import soxr

    heard = soxr.resample(audio.samples[0], audio.sample_rate, SAMPLE_RATE)
    return np.stack([heard[round(s * SAMPLE_RATE) : round((s + 2) * SAMPLE_RATE)] for s in starts_s])


def test_embeddings_are_unit_vectors_whatever_the_level(network, reading):
    sound = windows(reading, (1, 6, 11))
    found = embed(network, sound)
    assert found.shape == (3, EMBEDDING_SIZE)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.sum(found * embed(network, sound * 0.01), axis=1) == pytest.approx(1, abs=0.01)


def test_a_windows_embedding_does_not_depend_on_its_company(network, reading):
    sound = windows(reading, (1, 6, 11, 16))
    assert embed(network, sound, batch=1) == pytest.approx(embed(network, sound, batch=4), abs=1e-4)
    assert embed(network, sound[:0]).shape == (0, EMBEDDING_SIZE)


def test_silence_and_noise_give_numbers(network):
    noise = np.random.default_rng(0).normal(0, 0.1, (1, 24000))
    assert np.isfinite(embed(network, np.concatenate([np.zeros((1, 24000)), noise]))).all()


def test_the_held_out_error_rates_are_those_of_the_card(network, corpus):
    figures = Trials(read_voices(corpus, HELD_OUT)[1]).figures(network)
    said = re.search(r"(\d+\.\d) % clean and (\d+\.\d) % aged", card("speaker-embedding").quality)
    found = [100 * figures["held_out_eer_clean"], 100 * figures["held_out_eer_aged"]]
    assert found == pytest.approx([float(figure) for figure in said.groups()], abs=0.3)


def test_equal_error_rate_of_known_trials():
    owners = np.array([0, 0, 1, 1])
    apart = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
    assert equal_error_rate(apart, owners) == 0.0
    wrong = np.array([[1, 0], [-1, 0], [0.995, 0.1]], dtype=np.float32)
    assert equal_error_rate(wrong, np.array([0, 0, 1])) == 1.0


def test_a_drawn_window_has_the_length_and_the_speed():
    tone = np.round(8000 * np.sin(2 * np.pi * 200 * np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.int16)
    for speed in (0.8, 1.0, 1.25):
        cut = draw_window(Voice("a", "a", [tone]), SAMPLE_RATE, speed, np.random.default_rng(0))
        peak = int(np.argmax(np.abs(np.fft.rfft(cut * np.hanning(cut.size)))))
        assert (cut.size, peak) == (SAMPLE_RATE, pytest.approx(200 * speed, abs=1.5))
    short = draw_window(Voice("a", "a", [tone[:1000]]), SAMPLE_RATE, 1.0, np.random.default_rng(0))
    assert short.size == SAMPLE_RATE


def test_channels_are_seeded_keep_the_shape_and_change_the_sound():
    sound = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, (8, 16000)).astype(np.float32))
    sound[3] = 0
    first, again = (through_channels(sound, ChannelVariation(), torch.Generator().manual_seed(5)) for _ in range(2))
    assert first.shape == sound.shape
    assert torch.equal(first, again)
    assert torch.isfinite(first).all()
    other = through_channels(sound, ChannelVariation(), torch.Generator().manual_seed(6))
    assert not torch.allclose(first, other)


@pytest.fixture
def small_corpus(tmp_path):
    """Three voices of a few buzzing tones, two files each of them without a name, and a held-out one."""
    rows, random = ["path,speaker,duration_s"], np.random.default_rng(0)
    for speaker, pitch_hz, clips in (
        ("a", 90, 2),
        ("b", 150, 2),
        ("picovoice_crowd", 220, 2),
        *((h, 300, 2) for h in HELD_OUT[:2]),
    ):
        for clip in range(clips):
            time_s = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
            buzz = sum(np.sin(2 * np.pi * pitch_hz * n * time_s) / n for n in range(1, 12))
            name = f"{speaker}-{clip}.wav"
            soundfile.write(tmp_path / name, 0.1 * buzz + random.normal(0, 0.01, time_s.size), SAMPLE_RATE)
            rows.append(f"{name},{speaker},3.0")
    (tmp_path / "train.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def test_nobody_held_out_is_trained_on_and_unnamed_files_are_not_held_against_each_other(small_corpus):
    training, held_out = read_voices(small_corpus)
    assert [voice.name for voice in training] == ["a", "b", "picovoice_crowd-0", "picovoice_crowd-1"]
    assert {voice.name for voice in held_out} == set(HELD_OUT[:2])
    against = Voices(training, seed=0).not_against(torch.tensor([0, 10]))
    assert against[0].sum() == 0
    assert against[1].nonzero().flatten().tolist() == list(range(15, 20))


def test_the_recipe_trains_the_same_network_twice_and_keeps_the_best(small_corpus, tmp_path):
    for name in ("one", "two"):
        place = tmp_path / f"{name}.safetensors"
        main(["--corpus", str(small_corpus), "--result", str(place), "--steps", "6", "--batch", "4"])
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
    curve = [json.loads(line) for line in (tmp_path / "one.jsonl").read_text().splitlines()]
    assert curve[0]["voices"] == 4
    assert curve[-1]["step"] == 6
    assert {"loss", "held_out_eer_clean", "held_out_eer_aged"} <= set(curve[-1])
    trained = load_speaker_embedding(tmp_path / "one.safetensors")
    assert embed(trained, np.ones((1, 16000), dtype=np.float32)).shape == (1, EMBEDDING_SIZE)
