"""What was painted over is filled in; what was not is left as it was."""

import json
from itertools import pairwise

import numpy as np
import pytest

from restoration.audio import Audio, Recording, Writer
from restoration.repair.region import Region, encode_mask
from restoration.sound_map.compare import Doing, compare, planes_of
from restoration.steps.repair_region import RepairRegion
from tests.repair_bench import distances, faults, heard, silenced, stepped, tape

RATE = 48000
FULL = {"low_hz": 0.0, "high_hz": 96000.0}


def repaired(recording: Recording, regions, tmp_path, name="repaired"):
    step = RepairRegion(regions=tuple(regions))
    findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
    assert findings["needed"], findings["reason"]
    with Writer(tmp_path / f"{name}.f32") as writer:
        step.treat(recording, findings, writer)
    return writer.recording, findings


def ridge() -> str:
    rows, columns = np.mgrid[0:60, 0:80]
    return encode_mask(np.abs(rows - 30 - 15 * np.sin(columns / 12)) < 9)


@pytest.mark.parametrize("seconds", [0.004, 0.03, 0.05, 0.11, 0.7])
@pytest.mark.parametrize("channels", [1, 2])
def test_outside_painted_columns_every_bit_stays(seconds, channels, reading, recording_of, tmp_path):
    sound = np.stack([reading.samples[0, : 6 * RATE] * (1 - 0.3 * channel) for channel in range(channels)])
    mask = np.ones((5, 9), dtype=bool)
    mask[:, 4] = False
    region = Region(start_s=2.1, stop_s=2.1 + seconds, **FULL, mask=encode_mask(mask))
    result, _ = repaired(recording_of(sound, RATE), [region], tmp_path)
    made = result.read().samples
    outside = np.ones(sound.shape[1], dtype=bool)
    for start, stop in region.columns(RATE):
        outside[start:stop] = False
        assert (made[:, start:stop] != sound[:, start:stop]).mean() > 0.9
    assert np.array_equal(made[:, outside], sound[:, outside])


@pytest.mark.parametrize(
    "band",
    [
        {"low_hz": 900.0, "high_hz": 1100.0, "mask": ""},
        {"low_hz": 300.0, "high_hz": 4000.0, "mask": ""},
        {"low_hz": 1500.0, "high_hz": 4500.0, "mask": "ridge"},
    ],
)
def test_outside_painted_frequencies_little_changes(band, reading, recording_of, tmp_path, capsys):
    """Better than 90 dB under full scale, although a cough lies in the band and tones lie at its very edges."""
    sound = reading.samples[0, : 6 * RATE].copy()
    edges = sum(np.sin(2 * np.pi * hz * np.arange(RATE) / RATE) for hz in (band["low_hz"] + 2, band["high_hz"] - 2))
    sound[2 * RATE : 3 * RATE] += 0.3 * edges + 0.3 * np.random.default_rng(3).standard_normal(RATE)
    region = Region(start_s=2.2, stop_s=2.9, **band | {"mask": ridge() if band["mask"] else ""})
    result, findings = repaired(recording_of(sound, RATE), [region], tmp_path)
    (repair,) = findings["repairs"]
    away = result.read().samples[0].astype(np.float64) - sound
    assert not away[: repair["start"]].any()
    assert not away[repair["stop"] :].any()
    assert repair["start"] > 1.9 * RATE
    assert repair["stop"] < 3.2 * RATE
    leak = leak_dbfs(away, region)
    with capsys.disabled():
        print(f"\noutside {region.low_hz:g}-{region.high_hz:g} Hz: {leak:.1f} dBFS")  # noqa: T201
    assert leak < -130.0
    assert np.abs(away).max() > 0.01


def leak_dbfs(away: np.ndarray, region: Region) -> float:
    """The strongest that a difference has beyond four bins of a region's outermost frequencies; a sine of 1 is 0 dB."""
    from scipy.signal import get_window

    size = 32768
    window = get_window("blackmanharris", size)
    away = np.pad(away, size)
    view = np.lib.stride_tricks.sliding_window_view(away, size)[:: size // 8]
    levels = np.abs(np.fft.rfft(view * window, axis=1)).max(axis=0) * 2 / window.sum()
    places_hz = np.arange(levels.size) * RATE / size
    reach_hz = 4 * RATE / size
    outside = (places_hz < region.low_hz - reach_hz) | (places_hz > region.high_hz + reach_hz)
    return float(20 * np.log10(levels[outside].max() + 1e-12))


@pytest.fixture(scope="module")
def bench():
    """Of each fault of the bench at one place: its name, the clean sound, the region; faulty, repaired and silenced."""
    clean, found = tape()[5 * RATE : 11 * RATE], []
    for fault in faults():
        faulty = clean.copy()
        faulty[2 * RATE : 2 * RATE + fault.sound.size] += fault.sound
        region = fault.region(2.0)
        found.append((fault.name, clean, region, (faulty, stepped(faulty, region), silenced(faulty, region))))
    return found


def test_every_fault_of_the_bench_comes_closer_than_silence(bench):
    for name, clean, region, sounds in bench:
        before, after, silence = (distances(clean, sound, region)[1] for sound in sounds)
        assert after < min(before, silence) + 0.5, name


def test_every_fault_of_the_bench_is_heard_less_than_silence(bench):
    pytest.importorskip("pesq", reason="PESQ comes with the extra benchmark")
    for name, clean, region, sounds in bench:
        before, after, silence = (heard(clean, sound, region) for sound in sounds)
        assert after > before + 0.2, name
        assert after > silence - 0.2, name


def test_a_short_gap_in_partials_goes_on_as_it_was(recording_of, tmp_path):
    time = np.arange(4 * RATE) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 220 * time) + 0.1 * np.sin(2 * np.pi * 1730 * time + 1)
    faulty = tone + 1e-4 * np.random.default_rng(2).standard_normal(time.size)
    faulty[2 * RATE : 2 * RATE + 1400] += 0.4
    region = Region(start_s=2.0, stop_s=2.0 + 1400 / RATE, **FULL)
    result, findings = repaired(recording_of(faulty, RATE), [region], tmp_path)
    assert findings["repairs"][0]["method"] == "expectation"
    assert np.abs(result.read().samples[0] - tone)[2 * RATE - 10 : 2 * RATE + 1410].max() < 0.02


def test_a_cough_in_a_pause_becomes_the_noise_of_the_pause(recording_of, tmp_path):
    noise = 0.01 * np.random.default_rng(2).standard_normal(6 * RATE)
    faulty = noise.copy()
    faulty[3 * RATE : 3 * RATE + RATE // 2] += 0.3 * np.random.default_rng(3).standard_normal(RATE // 2)
    region = Region(start_s=2.99, stop_s=3.51, **FULL)
    result, findings = repaired(recording_of(faulty, RATE), [region], tmp_path)
    inside = result.read().samples[0, 3 * RATE : 3 * RATE + RATE // 2]
    assert 20 * np.log10(np.std(inside) / 0.01) == pytest.approx(0.0, abs=1.5)
    (repair,) = findings["repairs"]
    assert repair["method"] == "bridging"
    assert repair["inside_dbfs"] - repair["around_dbfs"] > 25


BANDS = {"all": FULL, "short": FULL, "narrow": {"low_hz": 900.0, "high_hz": 1400.0}}


@pytest.mark.parametrize(("band", "seconds"), [("all", 0.3), ("short", 0.03), ("narrow", 0.5)])
def test_nothing_is_learnt_from_what_is_still_to_be_repaired(band, seconds, recording_of, tmp_path):
    """A loud fault goes on for two seconds after the first region, and is painted as a second one."""
    noise = 0.01 * np.random.default_rng(2).standard_normal(6 * RATE)
    faulty = noise.copy()
    swell = np.minimum(1.0, np.minimum(np.arange(2 * RATE), np.arange(2 * RATE)[::-1]) / (0.1 * RATE))
    faulty[2 * RATE : 4 * RATE] += 0.5 * swell**2 * np.sin(2 * np.pi * 1150 * np.arange(2 * RATE) / RATE)
    ends_s = (1.99, 2.0 + seconds, 4.01)
    regions = [Region(start_s=one, stop_s=other, **BANDS[band]) for one, other in pairwise(ends_s)]
    result, _ = repaired(recording_of(faulty, RATE), regions, tmp_path)
    made = result.read().samples[0]
    after = RepairRegion(regions=regions[:1]).measure(result)["repairs"][0]
    assert after["inside_dbfs"] - after["around_dbfs"] == pytest.approx(0.0, abs=3.0)
    assert np.std(made[2 * RATE : 4 * RATE]) < 0.02


def test_a_slanting_squeak_is_filled_whole(recording_of, tmp_path):
    squeak = faults()[-1]
    faulty = 0.001 * np.random.default_rng(2).standard_normal(6 * RATE)
    faulty[2 * RATE : 2 * RATE + squeak.sound.size] += squeak.sound
    region = squeak.region(2.0)
    result, findings = repaired(recording_of(faulty, RATE), [region], tmp_path)
    (before,), (after,) = findings["repairs"], RepairRegion(regions=(region,)).measure(result)["repairs"]
    assert before["inside_dbfs"] - before["around_dbfs"] > 30
    assert after["inside_dbfs"] < before["inside_dbfs"] - 45


def test_what_is_painted_together_is_read_as_painted(reading, recording_of, tmp_path):
    """Regions that touch, and one painted twice: none takes its filling from another that still holds the cough."""
    sound = 0.2 * reading.samples[0, : 6 * RATE]
    sound[2 * RATE : 3 * RATE] += 0.5 * np.random.default_rng(3).standard_normal(RATE).astype(np.float32)
    halves = [Region(start_s=start_s, stop_s=start_s + 0.5, **FULL) for start_s in (2.0, 2.5, 2.5)]
    result, findings = repaired(recording_of(sound, RATE), halves, tmp_path)
    assert np.std(result.read().samples[0, 2 * RATE : 3 * RATE]) < 0.05
    assert findings["filled_s"] == pytest.approx(1.5)


def test_the_same_sound_whatever_the_blocks_and_the_order(reading, recording_of, tmp_path):
    sound = np.stack([reading.samples[0, : 20 * RATE], 0.5 * reading.samples[0, : 20 * RATE]])
    regions = [
        Region(start_s=9.0, stop_s=9.6, low_hz=900, high_hz=1400),
        Region(start_s=2.0, stop_s=2.04, **FULL),
        Region(start_s=9.4, stop_s=9.9, **FULL),
        Region(start_s=19.5, stop_s=25.0, low_hz=200, high_hz=900),
        Region(start_s=30.0, stop_s=31.0, **FULL),
    ]
    recording = recording_of(sound, RATE)
    digests = set()
    for number, block in enumerate((2**20, 30_011)):
        result, findings = repaired(recording.with_blocks(block), regions, tmp_path, f"blocks-{number}")
        digests.add(result.pcm_sha256)
    assert len(digests) == 1
    assert result.frames == recording.frames
    assert findings["beyond"] == 1
    backwards, _ = repaired(recording, regions[::-1], tmp_path, "backwards")
    assert backwards.pcm_sha256 in digests
    assert np.allclose(result.read().samples[1], 0.5 * result.read().samples[0], atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 11025, 96000])
def test_other_rates_and_silence(rate, recording_of, tmp_path):
    regions = [
        Region(start_s=0.5, stop_s=0.53, **FULL),
        Region(start_s=1.0, stop_s=1.2, **FULL),
        Region(start_s=1.5, stop_s=1.8, low_hz=500, high_hz=1500),
        Region(start_s=0.0, stop_s=0.1, **FULL),
        Region(start_s=2.95, stop_s=3.1, **FULL),
    ]
    for name, level in (("noise", 0.1), ("silence", 0.0)):
        noise = level * np.random.default_rng(1).standard_normal((1, 3 * rate))
        result, _ = repaired(recording_of(noise, rate), regions, tmp_path, name)
        made = result.read().samples
        assert np.isfinite(made).all()
        assert np.abs(made).max() <= 6 * level


def test_the_map_of_origin_marks_what_was_filled(reading, recording_of, tmp_path):
    recording = recording_of(reading.samples[0, : 6 * RATE], RATE)
    region = Region(start_s=2.0, stop_s=2.5, **FULL)
    result, findings = repaired(recording, [region], tmp_path)
    with Writer(tmp_path / "map.f32") as writer:
        compare(recording, result, Doing.by(RepairRegion.generates == "gap", findings, RATE), writer)
    made = planes_of(writer.recording, 2, 0, writer.recording.frames)[0]
    assert made[:, 41:49].mean() > 0.5
    assert not made[:, :38].any()
    assert not made[:, 53:].any()


def test_memory_does_not_grow_with_the_tape(tmp_path):
    """Ten hours of which only what lies around two regions is in memory; a sparse file stands for the tape."""
    import tracemalloc

    rate, frames = 8000, 10 * 3600 * 8000
    path = tmp_path / "long.f32"
    with path.open("wb") as file:
        file.truncate(frames * 4)
    recording = Recording(path, rate, 1, frames, "0" * 64)

    class Nowhere:
        frames = 0

        def write(self, audio: Audio) -> None:
            self.frames += audio.frames

    step = RepairRegion(
        regions=(
            Region(start_s=60.0, stop_s=60.5, **FULL),
            Region(start_s=35000.0, stop_s=35005.0, low_hz=1, high_hz=900),
        )
    )
    tracemalloc.start()
    result = Nowhere()
    step.treat(recording, step.measure(recording), result)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.frames == frames
    assert peak < 60e6


def test_nothing_painted_needs_nothing(recording_of):
    findings = RepairRegion().measure(recording_of(np.zeros(1000), RATE))
    assert not findings["needed"]
    assert findings["reason"] == "Nothing was painted."
