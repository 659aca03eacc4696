"""The bandwidth extender: what it may hear, what it says of voices it never heard, and what is made of that."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import fftconvolve, firwin

from restoration.nets import extend
from restoration.nets.extend import Hearing, extended, noise_at, openness, reach_frames, said_levels_db, swell
from restoration.nets.extender import Extender, features_of
from restoration.nets.missing_band import Band, speaking_at, transform
from restoration.nets.voice_bands import (
    BANDS,
    CENTRES_HZ,
    EDGES_HZ,
    LEAST_DB,
    band_levels_db,
    loudness_db,
    recorded_bands,
)
from restoration.training.clips import is_held_out

RATE = 48000
EDGE_HZ = 4000.0
BAND = Band(RATE, EDGE_HZ, 12000.0)


def low_passed(sound: np.ndarray, edge_hz: float) -> np.ndarray:
    return fftconvolve(sound, firwin(1201, edge_hz, fs=RATE, window=("kaiser", 10)), mode="same").astype(np.float32)


def levels_of(sound: np.ndarray, band: Band = BAND) -> np.ndarray:
    return band_levels_db(np.abs(transform(sound, band)) ** 2, band.frequencies_hz)


def heard(sound: np.ndarray, band: Band = BAND) -> Hearing:
    levels = levels_of(sound, band)
    return Hearing.of(levels, np.ones(levels.shape[1], dtype=bool), band.edge_hz)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
def test_the_levels_of_a_sound_are_the_same_at_any_sample_rate(rate: int) -> None:
    noise = np.random.default_rng(2).standard_normal(4 * rate) * np.sqrt(rate / RATE)
    band = Band(rate, 3000.0, 3900.0)
    levels = levels_of(noise, band).mean(axis=1)
    inside = EDGES_HZ[1:] < rate / 2
    reference = levels_of(np.random.default_rng(3).standard_normal(4 * RATE)).mean(axis=1)
    assert np.abs(levels - reference)[inside].max() < 1.0
    assert (levels[~inside] == LEAST_DB).all()


def test_the_network_hears_nothing_above_the_edge() -> None:
    torch.manual_seed(1)
    network = Extender().eval()
    torch.nn.init.normal_(network.says.weight)
    levels, noise = -30 + 10 * torch.randn(1, BANDS, 60), torch.full((1, BANDS), -60.0)
    recorded = torch.from_numpy(recorded_bands(EDGE_HZ)).float()[None]
    above = levels + 40 * (1 - recorded[:, :, None])
    with torch.no_grad():
        first, second = (network(features_of(each, noise, recorded)) for each in (levels, above))
        other = network(features_of(levels - 10 * recorded[:, :, None], noise, recorded))
    assert torch.equal(first, second)
    assert not torch.allclose(first, other)


def test_a_frame_depends_on_no_more_than_its_reach() -> None:
    torch.manual_seed(1)
    network = Extender().eval()
    torch.nn.init.normal_(network.says.weight)
    features = torch.randn(1, 3 * BANDS + 1, 400)
    changed = features.clone()
    changed[:, :, 200] += 1
    with torch.no_grad():
        apart = (network(features) - network(changed)).abs().amax((0, 1)).nonzero()[:, 0]
    assert apart.min() == 200 - network.shape.reach and apart.max() == 200 + network.shape.reach


@pytest.fixture(scope="module")
def unheard(corpus: Path) -> list[np.ndarray]:
    """Eight full-band clips that the training never saw, 4 s of each, at 48 kHz."""

    def clips() -> Iterator[np.ndarray]:
        with (corpus / "train.csv").open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if is_held_out(row["path"]) and row["bandwidth_hz"] == "20000"]
        for row in rows[:: len(rows) // 8][:8]:
            samples, rate = soundfile.read(corpus / row["path"], dtype="float64", always_2d=True, frames=4 * RATE)
            assert rate == RATE
            yield samples[:, 0]

    return list(clips())


def test_it_says_how_loud_a_voice_is_that_it_never_heard(unheard: list[np.ndarray]) -> None:
    """Better than any constant spectrum could: that of the very clip, averaged over its frames, is the rival."""
    own, constant = [], []
    for clean in unheard:
        narrow = low_passed(clean, EDGE_HZ)
        hearing = heard(narrow)
        wanted, said = levels_of(clean), said_levels_db(levels_of(narrow), BAND, hearing)
        made = ~recorded_bands(EDGE_HZ) & (CENTRES_HZ < 12000)
        loud = loudness_db(wanted) > hearing.voice_db - 40
        wanted, said = wanted[made][:, loud], said[made][:, loud]
        own.append(np.abs(said - wanted).mean())
        constant.append(np.abs(wanted - np.median(wanted, axis=1, keepdims=True)).mean())
    assert np.mean(own) < 0.75 * np.mean(constant), (np.mean(own), np.mean(constant))


def test_a_sibilant_comes_out_louder_above_the_edge_than_a_vowel(unheard: list[np.ndarray]) -> None:
    """The loudest tenth of the frames above 4 kHz is found again, within 10 dB on the average."""
    for clean in unheard:
        narrow = low_passed(clean, EDGE_HZ)
        made = ~recorded_bands(EDGE_HZ) & (CENTRES_HZ < 9000)
        wanted = levels_of(clean)[made].mean(axis=0)
        said = said_levels_db(levels_of(narrow), BAND, heard(narrow))[made].mean(axis=0)
        sibilants = wanted > np.quantile(wanted, 0.9)
        assert said[sibilants].mean() > said[~sibilants].mean() + 8
        assert abs((said - wanted)[sibilants].mean()) < 10


def test_sibilants_are_no_noise_even_where_there_are_no_pauses(unheard: list[np.ndarray]) -> None:
    """In a short clip the quietest frames are sibilants: taken for the noise, they would shut themselves out."""
    opened = []
    for clean in unheard:
        narrow = low_passed(clean, EDGE_HZ)
        levels, hearing = levels_of(narrow), heard(narrow)
        made = ~recorded_bands(EDGE_HZ) & (CENTRES_HZ < 9000)
        sibilants = levels_of(clean)[made].mean(axis=0) > hearing.voice_db - 25
        opened.append(openness(levels, BAND, hearing, np.ones(levels.shape[1], dtype=bool))[sibilants])
    assert np.concatenate(opened).mean() > 0.95


def narrow_voice(reading, seconds: float = 6.0) -> np.ndarray:
    return low_passed(reading.samples[0, : round(seconds * RATE)].astype(float), EDGE_HZ)


def test_only_what_lies_above_the_edge_is_made(reading) -> None:
    narrow = narrow_voice(reading)
    made = extended(narrow, BAND, heard(narrow), speaking_at([[0.0, 6.0]], BAND, 0, narrow.size), 0)
    power = np.abs(np.fft.rfft(made * np.hanning(made.size))) ** 2
    source = np.abs(np.fft.rfft(narrow * np.hanning(made.size))) ** 2
    hz = np.fft.rfftfreq(made.size, 1 / RATE)
    assert power[hz < 0.99 * EDGE_HZ].sum() < 1e-10 * source.sum()
    assert power[hz > 12300].sum() < 1e-6 * power.sum()
    assert -45 < 10 * np.log10(power.sum() / source.sum()) < -5


def test_silence_pauses_and_steady_noise_stay_as_they_are(reading) -> None:
    narrow = narrow_voice(reading)
    hearing = heard(narrow)
    speaking = speaking_at([[1.0, 3.0]], BAND, 0, narrow.size)
    made = extended(narrow, BAND, hearing, speaking, 0)
    assert np.abs(made[RATE : 3 * RATE]).max() > 1e-4
    assert not made[: round(0.9 * RATE)].any() and not made[round(3.1 * RATE) :].any()
    silence = np.zeros(2 * RATE, dtype=np.float32)
    everywhere = np.ones(BAND.transforms(silence.size), dtype=bool)
    assert not extended(silence, BAND, hearing, everywhere, 0).any()
    noise = low_passed(0.01 * np.random.default_rng(4).standard_normal(2 * RATE), EDGE_HZ)
    assert not extended(noise, BAND, heard(noise), everywhere, 0)[RATE // 4 : -RATE // 4].any()


def test_a_stretch_gives_the_same_as_the_whole(reading) -> None:
    narrow = narrow_voice(reading)
    hearing = heard(narrow)
    whole = extended(narrow, BAND, hearing, np.ones(BAND.transforms(narrow.size), dtype=bool), 0)
    first, last = 100 * BAND.hop, 550 * BAND.hop
    part = narrow[first:last]
    alone = extended(part, BAND, hearing, np.ones(BAND.transforms(part.size), dtype=bool), first)
    inside = slice(reach_frames(BAND), part.size - reach_frames(BAND))
    assert inside.stop - inside.start > RATE
    assert np.abs(alone - whole[first:last])[inside].max() < 1e-6 * np.abs(whole).max()


def test_the_swell_follows_the_beat_of_the_voice() -> None:
    """A band that beats 100 times a second swells as often, about as much as it does, and is 1 on the average."""
    time = np.arange(2 * RATE) / RATE
    beat = 1 + 0.8 * np.cos(2 * np.pi * 100 * time)
    sound = (beat * np.sin(2 * np.pi * 2800 * time)).astype(np.float32)
    found = swell(transform(sound, BAND), BAND, sound.size)[RATE // 2 : -RATE // 2]
    wanted = (beat / np.sqrt(np.mean(beat**2)))[RATE // 2 : -RATE // 2]
    assert np.mean(found**2) == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(found, wanted)[0, 1] > 0.95
    assert np.ptp(found) > 0.7 * np.ptp(wanted)


def test_the_noise_has_its_place_on_the_tape() -> None:
    whole = noise_at(0, extend.NOISE_FRAMES + 5000)
    assert np.array_equal(noise_at(1234, 999), whole[1234:2233])
    assert np.array_equal(noise_at(extend.NOISE_FRAMES - 10, 100), whole[extend.NOISE_FRAMES - 10 :][:100])
    assert np.std(whole) == pytest.approx(1.0, abs=0.01)
