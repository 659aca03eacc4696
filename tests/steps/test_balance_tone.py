"""A colour that no voice has is taken back; a voice's own stays."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import soundfile

from restoration.audio import Writer
from restoration.measures.loudness import loudness
from restoration.measures.spectrum import level_spectra
from restoration.measures.tone import BANDS_HZ, JUDGED, band_powers, deviation_db, tone_of, voice_and_pauses
from restoration.measures.tone_table import table_of
from restoration.repair.tone import curve, filtered, response_at
from restoration.steps.balance_tone import BalanceTone

RATE = 48_000
BOX = ([100, 250, 500, 1000, 2000, 4000, 8000], [0, 3, 10, 0, -4, -6, -6])
DULL = ([500, 1000, 2000, 4000, 8000], [0, -3, -8, -14, -18])
SHRILL = ([200, 500, 1000, 2000, 4000, 8000], [-12, -4, 0, 8, 10, 8])


@pytest.fixture
def treated(tmp_path):
    def treat(recording, step=None, tag="treated"):
        step = step or BalanceTone()
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / f"{tag}.f32") as writer:
            step.treat(recording, findings, writer)
        return findings, writer.recording, step.judge(recording, writer.recording, findings)

    return treat


def coloured(samples, colour) -> np.ndarray:
    hz, gains_db = np.array(colour[0], dtype=float), np.array(colour[1], dtype=float)
    return filtered(np.asarray(samples, dtype=np.float32), curve(hz, gains_db, 0.05, RATE))


def voice_db(recording) -> np.ndarray:
    spectra = level_spectra(recording)
    return 10 * np.log10(band_powers(spectra.frequencies_hz, voice_and_pauses(spectra)[0]))[JUDGED]


def colour_left_db(clean, heard) -> float:
    """How uneven the gain from one recording to the other is over the bands judged."""
    return float((voice_db(heard) - voice_db(clean)).std())


@pytest.mark.parametrize("colour", [BOX, DULL, SHRILL])
def test_a_colour_is_taken_back_towards_the_voice_that_was(colour, reading, recording_of, treated):
    clean = recording_of(reading.samples, RATE)
    worn = recording_of(coloured(reading.samples, colour), RATE)
    findings, result, verdict = treated(worn)
    assert findings["needed"], findings["reason"]
    assert verdict["helps"], verdict["reason"]
    assert colour_left_db(clean, result) < 0.6 * colour_left_db(clean, worn)
    before, after = loudness(worn)["loudness_lufs"], loudness(result)["loudness_lufs"]
    assert after == pytest.approx(before, abs=0.2)


def test_the_gains_are_bounded(reading, recording_of):
    worn = recording_of(coloured(reading.samples, SHRILL), RATE)
    gains = [band["gain_db"] for band in BalanceTone(max_gain_db=2.0, max_cut_db=3.0).measure(worn)["bands"]]
    assert max(gains) == 2.0
    assert min(gains) == -3.0


def test_noise_is_not_raised(reading, recording_of):
    """A dull voice in hiss: above 2 kHz it is no 10 dB over it."""
    dull = coloured(reading.samples, DULL)
    noise = 0.004 * np.random.default_rng(2).standard_normal(dull.shape)
    quiet, noisy = (BalanceTone().measure(recording_of(dull + part, RATE))["bands"] for part in (0.0 * noise, noise))
    assert max(band["gain_db"] for band in quiet if band["hz"] >= 2500) > 2.0
    raised = [band for band in noisy if band["gain_db"] > 0.0]
    assert all(band["snr_db"] >= 10.0 for band in raised)
    assert max(band["gain_db"] for band in noisy if band["hz"] >= 5000) == 0.0


def test_nothing_is_raised_beyond_the_recorded_band(reading, recording_of):
    spectrum = np.fft.rfft(coloured(reading.samples, DULL))
    spectrum[:, np.fft.rfftfreq(reading.frames, 1 / RATE) > 4000] = 0
    findings = BalanceTone().measure(recording_of(np.fft.irfft(spectrum, reading.frames), RATE))
    assert findings["bandwidth_hz"] < 4200
    assert max(band["gain_db"] for band in findings["bands"] if band["hz"] > 4000) <= 0.0


def test_natural_voices_are_left_alone(reading, interview, recording_of):
    for sound in (reading, interview):
        findings = BalanceTone().measure(recording_of(sound.samples, RATE))
        assert not findings["needed"], findings["reason"]


def test_clean_clips_are_left_alone(corpus, recording_of):
    with (corpus / "dev.csv").open(encoding="utf-8") as file:
        paths = [row["path"] for row in csv.DictReader(file) if float(row["duration_s"]) > 8.0][:20]
    needed = []
    for path in paths:
        samples, rate = soundfile.read(corpus / path, dtype="float32", always_2d=True)
        if BalanceTone().measure(recording_of(samples.T, rate))["needed"]:
            needed.append(path)
    assert paths
    assert needed == []


def test_what_is_no_speech_is_left_alone(recording_of):
    time = np.arange(20 * RATE) / RATE
    music = sum(np.sin(2 * np.pi * 220 * k * time) / k**3 for k in range(1, 9)) * (1.1 + np.sin(2 * np.pi * 0.7 * time))
    music = 0.05 * music + 1e-4 * np.random.default_rng(1).standard_normal(time.size)
    findings = BalanceTone().measure(recording_of(music, RATE))
    assert not findings["needed"]
    assert "no speech" in findings["reason"]


def test_too_little_voice_is_no_average(reading, recording_of):
    findings = BalanceTone().measure(recording_of(coloured(reading.samples[:, : 6 * RATE], BOX), RATE))
    assert not findings["needed"]
    assert "ten seconds" in findings["reason"]


def test_blocks_of_any_size_give_the_same_sound(reading, recording_of, treated):
    recording = recording_of(coloured(np.concatenate([reading.samples] * 2), BOX), RATE)
    _, whole, _ = treated(recording.with_blocks(2**22), tag="whole")
    for block_frames in (30_011, 131_072):
        _, parts, _ = treated(recording.with_blocks(block_frames), tag=f"parts-{block_frames}")
        assert np.abs(parts.read().samples - whole.read().samples).max() < 1e-6


def test_a_result_no_nearer_is_refused(reading, recording_of):
    step, before = BalanceTone(), recording_of(coloured(reading.samples, BOX), RATE)
    findings = step.measure(before)
    assert not step.judge(before, before, findings)["helps"]
    louder = recording_of(2.0 * reading.samples, RATE)
    assert not step.judge(before, louder, findings)["helps"]


def test_a_colour_is_measured_as_it_is(reading, recording_of):
    """The difference of two deviations is the colour, smoothed."""
    plain, boxed = (
        deviation_db(tone_of(level_spectra(recording_of(samples, RATE))))
        for samples in (reading.samples, coloured(reading.samples, ([100, 20000], [0, 15.3])))
    )
    rises = np.diff((boxed - plain)[JUDGED])[2:-2]
    assert rises == pytest.approx(np.full(rises.size, 15.3 / np.log2(200) / 3), abs=0.25)


def test_the_curve_is_as_asked():
    hz, gains_db = np.array([200.0, 1000.0, 5000.0]), np.array([-6.0, 3.0, 0.0])
    taps = curve(hz, gains_db, 0.06, RATE)
    heard_db = 20 * np.log10(response_at(taps, np.array([150.0, 447.2, 2236.0, 15_000.0]), RATE))
    assert heard_db == pytest.approx([-6.0, -1.5, 1.5, 0.0], abs=0.3)
    assert taps == pytest.approx(taps[::-1])


def test_the_table_weighs_both_sexes_the_same():
    bands = BANDS_HZ[JUDGED].size
    women, man = [np.full(bands, 2.0)] * 9, [np.full(bands, 4.0)]
    assert table_of({"f": women, "m": man})[:, 0] == pytest.approx(np.full(bands, 3.0))


@pytest.mark.parametrize(
    "wrong",
    [{"spreads": -1.0}, {"least_db": 0.0}, {"max_gain_db": 20.0}, {"max_cut_db": -1.0}, {"least_snr_db": 50.0}],
)
def test_ranges_are_checked(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BalanceTone(**wrong)
