"""How close a repaired region comes to what was there: ``python -m tests.repair_bench``.

A cough, a slate tone, a squeak and a bang are laid over the demonstration's reading and a hiss; the painted region is
then silenced, filled along a straight line between its sides, or repaired by the step. The figures are means over
places: the signal-to-distortion ratio in the painted time (dB, more is better; nothing at all has 0 dB, which a
scale-invariant one could not say), the log-spectral distance of what is painted (dB, less is better) and PESQ (wide
band) of the two seconds around.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, sosfilt

from restoration.audio import Audio, Recording, Writer
from restoration.repair.inpainting import Windows
from restoration.repair.region import Region, encode_mask
from restoration.repair.region_paste import pasted
from restoration.steps.repair_region import RepairRegion

RATE = 48000
READING = Path(__file__).parent.parent / "archive_manifests" / "demo" / "reading.opus"
PLACES_S = (2.1, 5.3, 8.0, 11.7, 15.2, 18.4, 21.9, 25.5)
AROUND_S = 1.0


class Fault(NamedTuple):
    """A disturbance of (time,) samples, and the region that is painted over it, when it begins at ``start_s``."""

    name: str
    sound: np.ndarray
    region: Callable[[float], Region]


def _envelope(seconds: float, attack_s: float, decay_s: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    fade = np.clip((seconds - time) / 0.01, 0, 1)
    return np.clip(time / attack_s, 0, 1) * np.exp(-time / decay_s) * fade


def _coughed(seconds: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    bands = [sosfilt(butter(2, band, "bandpass", fs=RATE, output="sos"), noise) for band in ((250, 900), (1200, 4500))]
    sound = (bands[0] * 2 + bands[1]) * _envelope(seconds, 0.01, 0.12)
    return 0.5 * sound / np.abs(sound).max()


def _box(seconds: float, low_hz: float, high_hz: float) -> Callable[[float], Region]:
    return lambda start_s: Region(
        start_s=start_s - 0.01, stop_s=start_s + seconds + 0.01, low_hz=low_hz, high_hz=high_hz
    )


def _squeaked(seconds: float) -> tuple[np.ndarray, Callable[[float], Region]]:
    time = np.arange(round(seconds * RATE)) / RATE
    hz = 2200 + 900 * np.sin(np.pi * time / seconds)
    turns = 2 * np.pi * np.cumsum(hz) / RATE
    sound = 0.1 * np.hanning(time.size) ** 0.3 * np.sin(turns)
    rows, columns = np.linspace(1900, 3400, 100), np.linspace(0, seconds, 60)
    mask = np.abs(rows[:, None] - (2200 + 900 * np.sin(np.pi * columns / seconds))[None]) < 180

    def region(start_s: float) -> Region:
        return Region(start_s=start_s, stop_s=start_s + seconds, low_hz=1900, high_hz=3400, mask=encode_mask(mask))

    return sound, region


def faults() -> list[Fault]:
    """What is laid over the reading."""
    time = np.arange(round(1.2 * RATE)) / RATE
    tone = 0.15 * np.sin(2 * np.pi * 1000 * time) * np.clip(np.minimum(time, 1.2 - time) / 0.01, 0, 1)
    bang = _coughed(0.02, 5)
    return [
        Fault("bang, 40 ms, all frequencies", bang, _box(0.02, 0, RATE / 2)),
        Fault("cough, 120 ms, all frequencies", _coughed(0.1, 6), _box(0.1, 0, RATE / 2)),
        Fault("cough, 320 ms, all frequencies", _coughed(0.3, 7), _box(0.3, 0, RATE / 2)),
        Fault("cough, 320 ms, 150-6000 Hz", _coughed(0.3, 7), _box(0.3, 150, 6000)),
        Fault("slate tone, 1.2 s, 900-1100 Hz", tone, _box(1.2, 900, 1100)),
        Fault("squeak, 0.5 s, its own shape", *_squeaked(0.5)),
    ]


def tape() -> np.ndarray:
    """The reading with a hiss 40 dB under it."""
    samples, rate = soundfile.read(READING, dtype="float64", always_2d=True)
    voice = samples[: 30 * rate, 0]
    hiss = np.random.default_rng(4).standard_normal(voice.size)
    return 0.5 * (voice + 0.01 * np.sqrt((voice**2).mean()) * hiss)


def silenced(samples: np.ndarray, region: Region) -> np.ndarray:
    """The region with nothing in it."""
    return _put(samples, np.zeros(samples.size), region)


def straight(samples: np.ndarray, region: Region) -> np.ndarray:
    """The region as strong as a straight line between its sides, with the phases that were found."""
    windows = Windows(RATE)
    spectra = windows.spectra(samples)
    columns = region.columns(RATE)
    first, last = (
        (columns[0][0] - windows.size // 2) // windows.hop,
        (columns[-1][1] + windows.size // 2) // windows.hop + 1,
    )
    way = ((np.arange(first, last + 1) - first) / (last - first))[:, None]
    strength = (1 - way) * np.abs(spectra[first]) + way * np.abs(spectra[last])
    inside = spectra[first : last + 1]
    spectra[first : last + 1] = strength * inside / np.maximum(np.abs(inside), 1e-12)
    return _put(samples, windows.sound(spectra, samples.size), region)


def _put(samples: np.ndarray, other: np.ndarray, region: Region) -> np.ndarray:
    if not region.is_full_band(RATE):
        return pasted(samples, other, 0, region, RATE)
    found = samples.copy()
    for start, stop in region.columns(RATE):
        found[start:stop] = other[start:stop]
    return found


def stepped(samples: np.ndarray, region: Region) -> np.ndarray:
    """The region repaired by the step."""
    with tempfile.TemporaryDirectory() as name:
        recording = Recording.from_audio(Path(name) / "in.f32", Audio(samples[None].astype(np.float32), RATE))
        step = RepairRegion(regions=(region,))
        with Writer(Path(name) / "out.f32") as writer:
            step.treat(recording, step.measure(recording), writer)
        return writer.recording.read().samples[0].astype(np.float64)


WAYS: dict[str, Callable[[np.ndarray, Region], np.ndarray]] = {
    "as it was": lambda samples, region: samples,
    "silenced": silenced,
    "straight line": straight,
    "repair_region": stepped,
}


def distances(clean: np.ndarray, found: np.ndarray, region: Region) -> tuple[float, float]:
    """Signal-to-distortion ratio and log-spectral distance of a region, both in dB."""
    start, stop = region.columns(RATE)[0][0], region.columns(RATE)[-1][1]
    reference, made = clean[start:stop], found[start:stop]
    sdr_db = 10 * np.log10((reference**2).sum() / (((made - reference) ** 2).sum() + 1e-12))
    windows = Windows(RATE)
    levels = [20 * np.log10(np.abs(windows.spectra(each)) + 1e-4) for each in (clean, found)]
    times_s = np.arange(levels[0].shape[0]) * windows.hop / RATE
    inside = region.holds(times_s, np.arange(windows.size // 2 + 1) * RATE / windows.size).T
    return float(sdr_db), float(np.sqrt(((levels[0] - levels[1])[inside] ** 2).mean()))


def heard(clean: np.ndarray, found: np.ndarray, region: Region) -> float:
    """PESQ of a region with what lies around it (extra ``benchmark``)."""
    from pesq import pesq

    start, stop = region.columns(RATE)[0][0], region.columns(RATE)[-1][1]
    around = slice(max(0, start - round(AROUND_S * RATE)), stop + round(AROUND_S * RATE))
    return float(pesq(16000, *(soxr.resample(each[around], RATE, 16000) for each in (clean, found)), "wb"))


def figures(clean: np.ndarray, found: np.ndarray, region: Region) -> tuple[float, float, float]:
    """``distances`` and PESQ of a region."""
    return (*distances(clean, found, region), heard(clean, found, region))


def rows() -> Iterator[tuple[str, str, np.ndarray]]:
    """Fault, way, and the mean figures."""
    clean = tape()
    for fault in faults():
        found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
        for place_s in PLACES_S:
            first = round(place_s * RATE)
            near = slice(first - 2 * RATE, first + 4 * RATE)
            faulty = clean.copy()
            faulty[first : first + fault.sound.size] += fault.sound
            region = fault.region(2.0)
            for way, repair in WAYS.items():
                found[way].append(figures(clean[near], repair(faulty[near], region), region))
        for way, several in found.items():
            yield fault.name, way, np.mean(several, axis=0)


def main() -> None:
    print(f"{'':32} {'':14} {'SDR':>7} {'LSD':>6} {'PESQ':>5}")  # noqa: T201
    for fault, way, (sdr_db, distance_db, quality) in rows():
        print(f"{fault:32} {way:14} {sdr_db:7.1f} {distance_db:6.1f} {quality:5.2f}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
