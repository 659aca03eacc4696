"""Two tracks of one programme come together; two sounds are left alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from restoration.audio import Writer
from restoration.repair.azimuth import HOP, crossfade, delayed, thinned
from restoration.steps.align_azimuth import AlignAzimuth

RATE = 48_000


@pytest.fixture
def treated(tmp_path):
    def treat(recording, step=None, tag="treated"):
        step = step or AlignAzimuth()
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / f"{tag}.f32") as writer:
            step.treat(recording, findings, writer)
        return findings, writer.recording, step.judge(recording, writer.recording, findings)

    return treat


@pytest.fixture(scope="module")
def voice(reading) -> np.ndarray:
    return reading.samples[0, : 15 * RATE].astype(np.float64)


def late(samples, delay: float) -> np.ndarray:
    """Later by parts of a sample, through the phase of its spectrum."""
    size = samples.size + 4096
    turned = np.fft.rfft(samples, size) * np.exp(-2j * np.pi * np.fft.rfftfreq(size) * delay)
    return np.fft.irfft(turned, size)[: samples.size]


def wandering(samples, mean: float, depth: float, period_s: float):
    """Later by a delay that goes up and down, by splines at four times the rate; and that delay of any time."""
    from scipy.interpolate import CubicSpline
    from scipy.signal import resample

    fine = resample(samples, 4 * samples.size)
    numbers = np.arange(samples.size, dtype=np.float64)

    def delay_at(times_s):
        return mean + depth * np.sin(2 * np.pi * np.asarray(times_s) / period_s)

    wanted = np.clip(numbers - delay_at(numbers / RATE), 0, samples.size - 2)
    return CubicSpline(np.arange(fine.size) / 4, fine)(wanted), delay_at


def found_at(findings, times_s) -> np.ndarray:
    knots = np.array(findings["delays"])
    return np.interp(times_s, knots[:, 0], knots[:, 1])


def noise(shape, level: float, seed: int = 4) -> np.ndarray:
    return level * np.random.default_rng(seed).standard_normal(shape)


def snr_db(clean, heard) -> float:
    return float(10 * np.log10(np.sum(clean**2) / np.sum((heard - clean) ** 2)))


@pytest.mark.parametrize("delay", [0.1, -3.3, 20.0])
@pytest.mark.parametrize("level", [0.0, 0.002])
def test_a_delay_is_found_and_undone(delay, level, voice, recording_of, treated):
    pair = np.stack([voice, late(voice, delay)]) + noise((2, voice.size), level)
    findings, result, verdict = treated(recording_of(pair, RATE))
    assert findings["needed"], findings["reason"]
    assert verdict["helps"], verdict["reason"]
    assert np.abs(found_at(findings, np.arange(15)) - delay).max() < 0.02
    assert verdict["rms_delay_samples"] < 0.02
    untouched = 1 - findings["moved"]
    assert np.array_equal(result.read().samples[untouched], pair[untouched].astype(np.float32))


@pytest.mark.parametrize(("depth", "period_s"), [(1.0, 60.0), (1.5, 30.0)])
def test_a_wandering_delay_is_followed(depth, period_s, voice, recording_of, treated):
    second, delay_at = wandering(voice, 3.0, depth, period_s)
    pair = np.stack([voice, second]) + noise((2, voice.size), 0.001)
    findings, result, verdict = treated(recording_of(pair, RATE))
    times_s = np.arange(1.0, 14.0, 0.5)
    assert np.abs(found_at(findings, times_s) - delay_at(times_s)).max() < 0.02
    assert verdict["helps"], verdict["reason"]
    samples = result.read().samples.astype(np.float64)[:, RATE:-RATE]
    was = pair[:, RATE:-RATE]
    assert snr_db(samples[0], samples[1]) > snr_db(was[0], was[1]) + 15.0


def test_the_sum_of_two_tracks_gains_three_decibels(voice, recording_of, treated):
    pair = np.stack([voice, late(voice, 2.4)]) + noise((2, voice.size), 0.004)
    findings, result, verdict = treated(recording_of(pair, RATE), AlignAzimuth(combine="sum"))
    first, second = result.read().samples.astype(np.float64)
    assert np.array_equal(first, second)
    reference = late(voice, 2.4) if findings["moved"] == 0 else voice
    assert snr_db(reference, first) - snr_db(voice, pair[0]) == pytest.approx(3.0, abs=0.35)
    assert verdict["helps"], verdict["reason"]
    assert verdict["snr_gain_db"] > 2.0


def test_a_noisy_track_counts_less_in_the_sum(voice, recording_of, treated):
    pair = np.stack([voice, late(voice, 1.0)]) + np.array([[0.001], [0.008]]) * noise((2, voice.size), 1.0)
    _, result, verdict = treated(recording_of(pair, RATE), AlignAzimuth(combine="sum", least_agreement=0.5))
    heard = result.read().samples[0].astype(np.float64)
    assert verdict["helps"], verdict["reason"]
    assert max(snr_db(clean, heard) for clean in (voice, late(voice, 1.0))) > snr_db(voice, pair[0]) - 0.3


def test_the_better_track_is_taken_where_it_is_better(voice, recording_of, treated):
    pair = np.stack([voice, late(voice, 1.5)]) + noise((2, voice.size), 0.0005)
    half = voice.size // 2
    pair[0, :half] += noise(half, 0.008, 8)
    pair[1, half:] += noise(voice.size - half, 0.008, 9)
    step = AlignAzimuth(combine="better", least_agreement=0.5)
    findings, result, verdict = treated(recording_of(pair, RATE), step)
    assert [track for _, track in findings["tracks"]] == [1, 0]
    assert findings["tracks"][-1][0] == pytest.approx(7.5, abs=3.0)
    heard = result.read().samples[0].astype(np.float64)
    reference = late(voice, 1.5) if findings["moved"] == 0 else voice
    assert snr_db(reference, heard) > max(snr_db(voice, pair[0]), snr_db(late(voice, 1.5), pair[1])) + 3.0
    assert verdict["helps"], verdict["reason"]


def test_a_reversed_track_is_turned(voice, recording_of, treated):
    findings, result, verdict = treated(recording_of(np.stack([voice, -late(voice, 0.7)]), RATE))
    assert findings["polarity"] == -1
    first, second = result.read().samples.astype(np.float64)
    assert snr_db(first, second) > 40.0
    assert verdict["helps"]


def test_the_duller_track_is_moved(voice, recording_of):
    kernel = np.hanning(9) / np.hanning(9).sum()
    dull = np.convolve(voice, kernel, mode="same")
    assert AlignAzimuth().measure(recording_of(np.stack([dull, late(voice, 2.0)]), RATE))["moved"] == 0
    assert AlignAzimuth().measure(recording_of(np.stack([voice, late(dull, 2.0)]), RATE))["moved"] == 1


def room(samples, seed: int) -> np.ndarray:
    """Through a microphone of its own in a room of RT60 0.4 s, as much reverberation as direct sound."""
    rng = np.random.default_rng(seed)
    tail = rng.standard_normal(RATE // 2) * 10 ** (-3 * np.arange(RATE // 2) / RATE / 0.4)
    tail *= 1.0 / np.sqrt(np.sum(tail**2))
    tail[rng.integers(5, 40)] += 1.0
    return np.fft.irfft(np.fft.rfft(samples, 2**20) * np.fft.rfft(tail, 2**20), 2**20)[: samples.size]


@pytest.mark.parametrize("combine", ["keep", "sum", "better"])
def test_two_sounds_are_left_alone(combine, voice, recording_of):
    step = AlignAzimuth(combine=combine)
    two = np.stack([voice, np.roll(voice, 7 * RATE)])
    stereo = np.stack([room(voice, 1), room(voice, 2)])
    turns = (np.arange(voice.size) // (3 * RATE) % 2).astype(float)
    leak = np.stack([voice * (0.05 + 0.95 * turns), voice * (1.0 - 0.95 * turns)])
    silent = np.stack([voice, 0.0 * voice])
    for pair in (two, stereo, leak, voice[None], silent):
        findings = step.measure(recording_of(pair, RATE))
        assert not findings["needed"], findings["reason"]
        assert findings["reason"].endswith(".")


def test_the_same_track_twice_is_left_alone(voice, recording_of):
    for combine in ("keep", "better"):
        assert not AlignAzimuth(combine=combine).measure(recording_of(np.stack([voice, voice]), RATE))["needed"]


@pytest.mark.parametrize("combine", ["keep", "sum", "better"])
def test_blocks_of_any_size_give_the_same_sound(combine, voice, recording_of, treated):
    voice = voice[: 8 * RATE]
    second, _ = wandering(voice, 3.0, 2.0, 30.0)
    recording = recording_of(np.stack([voice, second]) + noise((2, voice.size), 0.002), RATE)
    step = AlignAzimuth(combine=combine)
    _, whole, _ = treated(recording.with_blocks(2**22), step, tag="whole")
    for block_frames in (30_011, 131_072):
        _, parts, _ = treated(recording.with_blocks(block_frames), step, tag=f"parts-{block_frames}")
        assert np.abs(parts.read().samples - whole.read().samples).max() < 1e-6


def test_a_result_further_apart_is_refused(voice, recording_of):
    step, before = AlignAzimuth(), recording_of(np.stack([voice, late(voice, 1.0)]), RATE)
    after = recording_of(np.stack([voice, late(voice, 2.0)]), RATE)
    assert not step.judge(before, after, step.measure(before))["helps"]


def test_a_delay_is_a_delay():
    sound = np.random.default_rng(2).standard_normal(20_000)
    sound = np.convolve(sound, np.hanning(7) / 3, mode="same")
    moved = delayed(sound, 0, np.full(20_000 // HOP + 3, 5.25), 6.0)
    error = (moved - late(sound, 5.25))[200:-200]
    assert 10 * np.log10(np.mean(error**2) / np.mean(sound**2)) < -60.0


def test_knots_keep_the_curve():
    times_s = np.arange(300.0)
    curve = 3 * np.sin(times_s / 40)
    knots = np.array(thinned(times_s, curve, 0.01))
    assert np.abs(np.interp(times_s, knots[:, 0], knots[:, 1]) - curve).max() < 0.03
    assert 5 < len(knots) < 100
    assert thinned(times_s[:1], curve[:1], 0.01) == [[0.0, 0.0]]


def test_a_crossfade_is_half_way_at_its_switch():
    share = crossfade(np.array([0.0, 4.7, 5.0, 5.3, 9.0]), [(0.0, 0), (5.0, 1), (8.0, 0)], 0.5)
    assert share == pytest.approx([0.0, 0.0, 0.5, 1.0, 0.0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"combine": "mix"},
        {"least_delay_us": -1.0},
        {"longest_delay_ms": 0.0},
        {"least_agreement": 0.0},
        {"hysteresis_db": 30.0},
    ],
)
def test_ranges_are_checked(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        AlignAzimuth(**wrong)
