from __future__ import annotations

import csv

import numpy as np
import pytest
import soundfile
from scipy.signal import ellip, sosfilt, welch

from restoration.measures.bandwidth import bandwidth_hz, bandwidth_of, cliff_of
from restoration.measures.noise import noise_floor_of
from restoration.measures.spectrum import level_spectra


@pytest.mark.parametrize("noise", [0.0, 1e-4, 1e-3])
@pytest.mark.parametrize("edge_hz", [3_000, 4_000, 8_000])
def test_low_passed_speech(recording_of, reading, edge_hz, noise):
    sections = ellip(10, 0.1, 90.0, edge_hz, fs=48_000, output="sos")
    samples = sosfilt(sections, reading.samples[0].astype(np.float64))
    samples += noise * np.random.default_rng(4).standard_normal(samples.size)
    assert bandwidth_hz(recording_of(samples, 48_000)) == pytest.approx(edge_hz, rel=0.1)


@pytest.mark.parametrize("remainder_db", [-48, -42])
def test_what_a_codec_leaves_above_a_steep_end_is_not_the_voice(recording_of, reading, remainder_db):
    """It follows the voice, so neither the pauses nor the level alone tell it from one."""
    voice = np.diff(reading.samples[0].astype(np.float64), prepend=0.0)  # as even as a horn makes it
    below = sosfilt(ellip(8, 0.1, 80.0, 2_800, fs=48_000, output="sos"), voice)
    envelope = np.convolve(np.abs(below), np.hanning(960) / 480, mode="same")
    above = envelope * np.random.default_rng(11).standard_normal(below.size)
    above = sosfilt(ellip(8, 0.1, 80.0, 5_000, fs=48_000, output="sos"), above)
    peak, flat = (welch(sound, 48_000, nperseg=2048)[1][: 2_500 * 2048 // 48_000] for sound in (below, above))
    above *= np.sqrt(10 ** (remainder_db / 10) * peak.max() / np.median(flat))
    assert bandwidth_hz(recording_of(below + above, 48_000)) == pytest.approx(2_800, rel=0.12)


@pytest.mark.parametrize(("falls_on_db", "cut"), [(0.0, True), (3.0, True), (9.0, False), (12.0, False)])
def test_down_the_slope_of_a_filter_it_is_still_the_voice(falls_on_db, cut):
    """After a fall by 26 dB in a third of an octave: a remainder is level, a slope falls on in every third."""
    frequencies_hz = np.arange(1, 2049) * 24_000 / 2048
    thirds = 3 * np.log2(np.maximum(frequencies_hz, 3_000) / 3_000)
    level_db = np.where(thirds < 1, -14 - 26 * thirds, -40 - falls_on_db * (thirds - 1))
    level_db[frequencies_hz < 1_000] = 0.0
    found = cliff_of(frequencies_hz, 10 ** (level_db / 10), 5_500.0)
    assert (found is not None) is cut


@pytest.mark.slow
def test_no_voice_of_the_corpus_is_taken_for_cut(recording_of, corpus):
    """One voice of every speaker: what is found there is the end of the band and no cliff below it."""
    speakers = {}
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if float(row["duration_s"]) > 5.0:
                speakers.setdefault(row["speaker"], row["path"])
    for path in list(speakers.values())[:40]:
        samples, sample_rate = soundfile.read(corpus / path, dtype="float32", always_2d=True)
        spectra = level_spectra(recording_of(samples.T[:1], sample_rate))
        voice, _ = spectra.between(noise_floor_of(spectra) + 6.0, float("inf"))
        assert cliff_of(spectra.frequencies_hz, voice, bandwidth_of(spectra)) is None, path


def test_hiss_above_the_voice_is_not_the_voice(recording_of, reading):
    hiss = 0.003 * np.random.default_rng(6).standard_normal(reading.frames)
    clean = bandwidth_hz(recording_of(reading.samples, 48_000))
    noisy = bandwidth_hz(recording_of(reading.samples + hiss, 48_000))
    assert noisy < clean < 24_000


def test_level_does_not_matter(recording_of, reading):
    assert bandwidth_hz(recording_of(reading.samples * 0.01, 48_000)) == pytest.approx(
        bandwidth_hz(recording_of(reading.samples, 48_000)), rel=0.01
    )


def test_noise_alone_reaches_as_far_as_its_spectrum(recording_of):
    noise = np.random.default_rng(7).standard_normal(200_000) * 0.1
    assert bandwidth_hz(recording_of(noise, 48_000)) == pytest.approx(24_000, rel=0.01)
    spectrum = np.fft.rfft(noise)
    spectrum[round(5_000 / 48_000 * noise.size) :] = 0.0
    low = np.fft.irfft(spectrum, noise.size)
    assert bandwidth_hz(recording_of(low, 48_000)) == pytest.approx(5_000, rel=0.05)


def test_silence_has_no_bandwidth(recording_of):
    assert bandwidth_hz(recording_of(np.zeros(100_000), 48_000)) is None


def test_the_corpus_reads_as_its_list_says(recording_of, corpus):
    with (corpus / "dev.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["bandwidth_hz"] and float(row["duration_s"]) > 7.0]
    for row in rows[::3]:
        samples, sample_rate = soundfile.read(corpus / row["path"], dtype="float32", always_2d=True)
        measured = bandwidth_hz(recording_of(samples.T, sample_rate))
        # The list gives round figures by set: up to a quarter off for single clips.
        assert measured == pytest.approx(float(row["bandwidth_hz"]), rel=0.3), row["path"]


@pytest.mark.parametrize(
    ("name", "low_hz", "high_hz"),
    [
        ("roosevelt_1912_cylinder", 2_500, 3_000),
        ("nixon_1969_broadcast_tape", 4_500, 6_500),
        ("reagan_1986_broadcast_tape", 9_000, 12_000),
        ("apollo11_1969_launch_loop", 1_800, 3_500),
    ],
)
def test_historical_recordings(recording_of, corpus, name, low_hz, high_hz):
    file = corpus / "historical" / f"{name}.mp3"
    samples, sample_rate = soundfile.read(file, dtype="float32", always_2d=True)
    assert low_hz < bandwidth_hz(recording_of(samples.T[:, : 90 * sample_rate], sample_rate)) < high_hz
