"""Regions that a person painted, repaired one after the other over a whole recording.

Only what lies around a region is read for it, and what was repaired before is part of what lies around. What is still
to be repaired teaches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import fft

from restoration.audio import Audio, Recording, Samples, Writer
from restoration.measures.metering import Float64
from restoration.repair.gaps import SIDE_S, filled
from restoration.repair.inpainting import Windows, inpainted
from restoration.repair.long_gaps import Known, breath, bridged
from restoration.repair.region import Region
from restoration.repair.region_paste import pasted, touched

EXPECTED, BRIDGED, INPAINTED = "expectation", "bridging", "inpainting"
LONGEST_EXPECTED_S = 0.05
AROUND_S = 1.5
NEAR_S = 0.5
SILENT = 1e-15
WIDE_OCTAVES, WIDE_SHARE, LOWEST_VOICE_HZ = 2.5, 0.5, 80.0

Job = tuple[Region, dict[str, Any]]
"""A region, and what the findings say of it."""


def described(recording: Recording, number: int, region: Region) -> dict[str, Any] | None:
    """What is in a region, and how it will be filled; None where the recording has ended."""
    rate = recording.sample_rate
    columns = [span for span in region.columns(rate) if span[0] < recording.frames]
    if not columns or region.low_hz >= rate / 2:
        return None
    start, stop = touched(region, rate)
    stop = min(stop, recording.frames)
    inside_dbfs, around_dbfs = _levels(recording, region, (start, stop))
    return {
        "region": number,
        "start": start,
        "stop": stop,
        "low_hz": region.low_hz,
        "high_hz": min(region.high_hz, rate / 2),
        "method": _method(region, columns, rate),
        "painted_s": round(sum(min(last, recording.frames) - first for first, last in columns) / rate, 4),
        "inside_dbfs": inside_dbfs,
        "around_dbfs": around_dbfs,
    }


def _method(region: Region, columns: Sequence[tuple[int, int]], sample_rate: int) -> str:
    if not region.is_full_band(sample_rate) and not _is_wide(region, sample_rate):
        return INPAINTED
    longest = max(stop - start for start, stop in columns)
    return EXPECTED if longest <= LONGEST_EXPECTED_S * sample_rate else BRIDGED


def _is_wide(region: Region, sample_rate: int) -> bool:
    """Whether so little of the voice is left unpainted that it says nothing of the rest: then time alone is asked."""
    octaves = np.log2(min(region.high_hz, sample_rate / 2) / max(region.low_hz, LOWEST_VOICE_HZ))
    painted = region.painted[:, region.painted.any(axis=0)]
    return bool(octaves >= WIDE_OCTAVES and painted.mean() >= WIDE_SHARE)


def _levels(recording: Recording, region: Region, span: tuple[int, int]) -> tuple[float, float]:
    """Levels in dBFS of what is painted, and of as much of the same frequencies in the half seconds around."""
    rate = recording.sample_rate
    near = round(NEAR_S * rate)
    first = max(0, span[0] - near)
    windows = Windows(rate)
    power: Float64 = np.zeros(0)
    for samples in recording.read(first, span[1] + near).samples.astype(np.float64):
        power = power + np.abs(windows.spectra(samples)) ** 2 if power.size else np.abs(windows.spectra(samples)) ** 2
    painted = _painted([region], first, power.shape[0], windows, rate)
    bins = painted.sum(axis=0)
    rows = ~painted.any(axis=1)
    around = float((power[rows].mean(axis=0) * bins).sum()) if rows.any() else 0.0
    scale = 2.0 / (windows.size * float((windows.shape**2).sum()) * max(1, int(painted.any(axis=1).sum())))
    inside = float(power[painted].sum())
    return _dbfs(inside * scale), _dbfs(around * scale)


def _dbfs(power: float) -> float:
    return round(10.0 * float(np.log10(power + SILENT)), 1)


def _painted(regions: Sequence[Region], first: int, count: int, windows: Windows, sample_rate: int) -> Known:
    """What is painted (windows, bins) of so many windows from the frame ``first`` on."""
    times_s = (first + np.arange(count) * windows.hop) / sample_rate
    places_hz = fft.rfftfreq(windows.size, 1.0 / sample_rate)
    found = np.zeros((count, places_hz.size), dtype=bool)
    for region in regions:
        found |= region.holds(times_s, places_hz).T
    return found


def repair_all(recording: Recording, jobs: Sequence[Job], result: Writer) -> None:
    """Write the recording with its regions repaired; memory grows with the longest region, not with the recording."""
    rate = recording.sample_rate
    around = round(AROUND_S * rate)
    todo = sorted(jobs, key=lambda job: (job[1]["start"], job[1]["region"]))
    desk = _Desk(recording, result)
    for number, (region, repair) in enumerate(todo):
        begin, end = max(0, repair["start"] - around), repair["stop"] + around
        desk.pass_on(begin)
        samples = desk.take(begin, end)
        waiting = [other for other, its in todo[number + 1 :] if its["start"] < end]
        for channel in range(recording.channels):
            samples[channel] = repaired(samples[channel], begin, (region, repair), waiting, rate)
    desk.pass_on(recording.frames)


def repaired(samples: Float64, first: int, job: Job, waiting: Sequence[Region], sample_rate: int) -> Float64:
    """``samples`` (time,) from the frame ``first`` on, with a region repaired; those ``waiting`` teach nothing."""
    region, repair = job
    if repair["method"] == INPAINTED:
        windows = Windows(sample_rate)
        count = -(-samples.size // windows.hop) + 1
        painted = _painted([region, *waiting], first, count, windows, sample_rate)
        return pasted(samples, inpainted(samples, painted, windows, repair["start"]), first, region, sample_rate)
    found = _by_time(samples, first, job, waiting, sample_rate)
    return found if region.is_full_band(sample_rate) else pasted(samples, found, first, region, sample_rate)


def _by_time(samples: Float64, first: int, job: Job, waiting: Sequence[Region], sample_rate: int) -> Float64:
    """``samples`` with new sound, at all frequencies, in the painted columns of a region."""
    region, repair = job
    known = np.ones(samples.size, dtype=bool)
    for other in (region, *waiting):
        for start, stop in other.columns(sample_rate):
            known[max(0, start - first) : max(0, stop - first)] = False
    found = samples.copy()
    for start, stop in region.columns(sample_rate):
        begin, end = start - first, min(stop - first, samples.size)
        if end <= begin:
            continue
        side = round(SIDE_S * sample_rate)
        beside = np.r_[known[max(0, begin - side) : begin], known[end : end + side]]
        if repair["method"] == EXPECTED and beside.all():
            found[begin:end] = filled(found, begin, end, sample_rate)
            found[begin:end] += breath(found, (begin, end), sample_rate, start)
        else:
            found[begin:end] = bridged(found, known, (begin, end), sample_rate, start)
    return found


class _Desk:
    """A stretch of a recording that is being worked on: what lies before it is written, what lies after it not read."""

    def __init__(self, recording: Recording, result: Writer) -> None:
        self._recording, self._result = recording, result
        self._first = 0
        self._samples = np.zeros((recording.channels, 0), dtype=np.float32)

    def take(self, begin: int, end: int) -> Samples:
        """The sound between two frames, to be changed in place."""
        have = self._first + self._samples.shape[1]
        if end > have:
            more = self._recording.read(have, end).samples
            self._samples = np.concatenate((self._samples, more), axis=1)
        return self._samples[:, begin - self._first : end - self._first]

    def pass_on(self, frame: int) -> None:
        """Write all that lies before a frame."""
        recording = self._recording
        here = min(frame - self._first, self._samples.shape[1])
        if here > 0:
            kept, self._samples = self._samples[:, :here], self._samples[:, here:].copy()
            self._result.write(Audio(np.ascontiguousarray(kept), recording.sample_rate))
            self._first += here
        while not self._samples.shape[1] and self._first < frame:
            stop = min(frame, self._first + recording.block_frames)
            self._result.write(recording.read(self._first, stop))
            self._first = stop
