import numpy as np
import pytest
import soxr

from restoration.audio import Audio, Recording
from restoration.measures.alignment import delay_s, side_by_side
from restoration.measures.closeness import closeness, improvement
from restoration.simulate.age import age
from restoration.simulate.noise import Hiss
from restoration.simulate.programme import BandLimit
from restoration.simulate.speed import WowFlutter
from restoration.simulate.tape import worn_tape
from tests.conftest import RecordingOf

RATE = 48000


@pytest.fixture
def voice(reading: Audio) -> Audio:
    return Audio(np.ascontiguousarray(reading.samples[:, : 12 * RATE]), RATE)


@pytest.fixture
def clean(voice: Audio, recording_of: RecordingOf) -> Recording:
    return recording_of(voice.samples, RATE)


def test_a_recording_is_as_close_as_can_be_to_itself(clean: Recording) -> None:
    found = closeness(clean, clean)
    assert found["lsd_db"] == pytest.approx(0.0, abs=1e-6)
    assert found["segmental_snr_db"] == pytest.approx(35.0, abs=0.01)
    assert found["delay_ms"] == 0.0
    assert found["gain_db"] == pytest.approx(0.0, abs=1e-9)


def test_more_ageing_is_farther(voice: Audio, clean: Recording, recording_of: RecordingOf) -> None:
    wow = WowFlutter(sways=((0.1, 0.5),))
    chains = [(wow, Hiss(snr_db=snr_db)) for snr_db in (53.0, 43.0, 33.0, 23.0, 13.0)]
    found = [closeness(clean, recording_of(age(voice, chain, seed=1).audio.samples, RATE)) for chain in chains]
    assert np.all(np.diff([each["lsd_db"] for each in found]) > 0.5)
    assert np.all(np.diff([each["segmental_snr_db"] for each in found]) < -1)
    assert np.all(np.diff([each["pauses_below_speech_db"] for each in found]) < -1)


def test_a_narrower_band_is_farther(voice: Audio, clean: Recording, recording_of: RecordingOf) -> None:
    chains = [(BandLimit(high_hz=hz),) for hz in (12000.0, 7000.0, 4000.0)]
    found = [closeness(clean, recording_of(age(voice, chain, seed=1).audio.samples, RATE)) for chain in chains]
    assert np.all(np.diff([each["lsd_db"] for each in found]) > 0.5)
    assert np.all(np.diff([each["segmental_snr_db"] for each in found]) < -1)


def test_the_wow_of_a_worn_tape_hardly_counts(voice: Audio, clean: Recording, recording_of: RecordingOf) -> None:
    (wow,) = (fault for fault in worn_tape() if isinstance(fault, WowFlutter))
    found = closeness(clean, recording_of(age(voice, (wow,), seed=1).audio.samples, RATE))
    hissing = closeness(clean, recording_of(age(voice, (wow, Hiss(snr_db=33.0)), seed=1).audio.samples, RATE))
    assert found["lsd_db"] < hissing["lsd_db"] / 3
    assert found["segmental_snr_db"] > 20


@pytest.mark.parametrize("delay_frames", [-7200, -1, 0, 37, 960, 19200])
def test_a_delay_is_found_and_does_not_count(clean: Recording, recording_of: RecordingOf, delay_frames: int) -> None:
    samples = clean.read().samples[0]
    late = np.pad(samples, (delay_frames, 0)) if delay_frames >= 0 else samples[-delay_frames:]
    candidate = recording_of(late, RATE)
    assert delay_s(clean, candidate) * RATE == pytest.approx(delay_frames, abs=1.0)
    assert closeness(clean, candidate)["lsd_db"] < 0.3


@pytest.mark.parametrize("gain", [0.05, 4.0, -0.5])
def test_a_gain_or_a_turned_polarity_does_not_count(clean: Recording, recording_of: RecordingOf, gain: float) -> None:
    found = closeness(clean, recording_of(clean.read().samples * gain, RATE))
    assert found["lsd_db"] < 0.01
    assert found["gain_db"] == pytest.approx(20 * np.log10(abs(gain)), abs=0.01)


@pytest.mark.parametrize("sample_rate", [44100, 96000])
def test_another_sample_rate_does_not_count(clean: Recording, recording_of: RecordingOf, sample_rate: int) -> None:
    samples = soxr.resample(clean.read().samples[0], RATE, sample_rate, quality="VHQ")
    found = closeness(clean, recording_of(samples, sample_rate))
    assert found["lsd_db"] < 0.3
    assert found["segmental_snr_db"] > 30


def test_a_narrow_candidate_is_compared_only_where_it_can_sound(clean: Recording, recording_of: RecordingOf) -> None:
    samples = soxr.resample(clean.read().samples[0], RATE, 16000, quality="VHQ")
    assert closeness(clean, recording_of(samples, 16000))["lsd_db"] < 2.0


def test_the_blocks_do_not_matter(voice: Audio, clean: Recording, recording_of: RecordingOf) -> None:
    aged = recording_of(age(voice, worn_tape(), seed=2).audio.samples, RATE)
    assert closeness(clean.with_blocks(5000), aged.with_blocks(777)) == closeness(clean, aged)


def test_side_by_side_covers_both_from_where_they_meet(recording_of: RecordingOf) -> None:
    ramp = np.arange(150_000, dtype=np.float32) / 150_000
    first, second = recording_of(ramp, RATE), recording_of(np.pad(ramp, (100, 0)), RATE)
    pairs = list(side_by_side(first, second, RATE, 100))
    assert sum(ours.size for ours, _ in pairs) == ramp.size
    assert all(np.array_equal(ours, theirs) for ours, theirs in pairs)


def test_taking_the_hiss_away_is_an_improvement(voice: Audio, clean: Recording, recording_of: RecordingOf) -> None:
    worse, better = (
        recording_of(age(voice, (Hiss(snr_db=snr_db),), seed=3).audio.samples, RATE) for snr_db in (18.0, 33.0)
    )
    found = improvement(clean, worse, better)
    assert found["lsd_closer_db"] == pytest.approx(found["lsd_db_before"] - found["lsd_db_after"])
    assert found["lsd_closer_db"] > 1
    assert found["segmental_snr_closer_db"] > 3
    assert 0 < found["closer_share"] < 1
    assert improvement(clean, better, worse)["closer_share"] < 0
    assert improvement(clean, worse, worse)["closer_share"] == 0


def test_silence_and_too_little_sound_are_refused(clean: Recording, recording_of: RecordingOf) -> None:
    with pytest.raises(ValueError, match="silent"):
        closeness(clean, recording_of(np.zeros(12 * RATE), RATE))
    with pytest.raises(ValueError, match="too short"):
        closeness(recording_of(np.ones(100), RATE), recording_of(np.ones(100), RATE))
