"""Mains hum: its frequency, its drift, and its partials.

Hum is what is left of the mains in the quietest quarter of every stretch of 32 s: a voice of 100 or 120 Hz is not there
then. A comb of partials from 45 to 65 Hz is laid over the quiet spectrum, and where it stands out the frequency is
followed and the partials are measured (see ``mains``). The level of a partial is its RMS in dBFS; its excess is its
power over that of the noise in the 9 Hz around it where the sound is quiet. There is hum when one of the
first four partials stands out by
6 dB, its frequency can be told in most of the recording, and it is not below -85 dBFS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from restoration.audio import Recording
from restoration.measures.hum_sway import swayed
from restoration.measures.mains import (
    EMPTY,
    LOW_RATE,
    PACES,
    WIDE_RATE,
    Pace,
    Partials,
    Section,
    Track,
    amplitudes,
    frequencies,
    low_copy,
    sections,
    views,
)
from restoration.measures.metering import Float64

LOWEST_HZ, HIGHEST_HZ, STEP_HZ = 45.0, 65.0, 0.05
COMB = 10
ZEROS_PER_WINDOW = 4
NEIGHBOURS_HZ = 15.0
MOST_EXCESS_DB = 20.0
LEAST_COMB_DB = 12.0
"""What the partials of a comb add up to over their neighbourhoods, at least."""
LEAST_SECONDS = 2.0
LEAST_EXCESS_DB = 6.0
LEAST_DBFS = -85.0
SURE = 4.0
FIRST = 4
"""One of the first four partials stands out, or it is not this frequency whose multiple was found."""
WAVERING_COMB_DB = 20.0
"""Hum that wavers is taken for such only where the comb is plain."""
SURE_SHARE = 0.5
USUAL, BUZZ_EXCESS_DB = 24, 3.0
"""Partials above the 24th are a buzz that few recordings have: they must stand out plainly."""
LOUDER_DB = 0.3
"""What is out of step with its track loses level: by so much it must gain to be said to sway."""
SAMPLED_ABOVE_S, SAMPLED_EVERY = 128.0, 4


@dataclass(frozen=True)
class HumSearch:
    """``mains_hz`` (None: looked for), ``max_harmonics``, ``min_excess_db`` of a partial;
    ``rounds`` in which its frequency is looked for, closer each time."""

    mains_hz: float | None = None
    max_harmonics: int = 24
    min_excess_db: float = -3.0
    rounds: int = 4


@dataclass(frozen=True, eq=False)
class Hum:
    """What was found: the ``pace`` at which it was followed, the frequency ``track``, the share of it that is
    ``sure``, and of every partial of the search its ``level_dbfs`` (in the channel that has most) and ``excess_db``."""

    pace: str
    track: Track
    sure: float
    level_dbfs: Float64
    excess_db: Float64

    def kept(self, search: HumSearch) -> npt.NDArray[np.intp]:
        """Orders of the partials that stand out, and of those whose neighbours both do: a voice may hide one."""
        least_db = np.full(self.excess_db.size, search.min_excess_db)
        least_db[USUAL:] = max(search.min_excess_db, BUZZ_EXCESS_DB)
        plain = np.pad(self.excess_db >= least_db, 1)
        return np.nonzero(plain[1:-1] | (plain[:-2] & plain[2:]))[0] + 1

    @property
    def present(self) -> bool:
        strong = (self.excess_db >= LEAST_EXCESS_DB) & (self.level_dbfs >= LEAST_DBFS)
        return self.sure >= SURE_SHARE and bool(strong[:FIRST].any())


def hum(recording: Recording) -> dict[str, Any]:
    """The hum of a recording; of one longer than about two minutes a quarter is listened to.

    ``hum_hz`` (median) and ``hum_dbfs`` (RMS of the partials that stand out, in the channel that has most), None where
    there is no hum; ``drift_hz``, highest less lowest frequency; ``harmonics``, a list of ``order``, ``hz``,
    ``level_dbfs`` and ``excess_db``.
    """
    every = SAMPLED_EVERY if recording.duration_s > SAMPLED_ABOVE_S else 1
    search = HumSearch(rounds=1)
    return description(find_hum(recording, search, every), search)


def description(found: Hum | None, search: HumSearch) -> dict[str, Any]:
    """A hum in numbers that JSON can hold."""
    if found is None or not found.present:
        return {"hum_hz": None, "hum_dbfs": None, "drift_hz": 0.0, "harmonics": []}
    hum_hz = float(np.median(found.track.hz))
    orders = found.kept(search)
    harmonics = [
        {
            "order": int(order),
            "hz": round(float(order * hum_hz), 2),
            "level_dbfs": round(float(found.level_dbfs[order - 1]), 1),
            "excess_db": round(float(found.excess_db[order - 1]), 1),
        }
        for order in orders
    ]
    return {
        "hum_hz": hum_hz,
        "hum_dbfs": _sum_db(found.level_dbfs[orders - 1]),
        "drift_hz": float(np.ptp(found.track.hz)),
        "harmonics": harmonics,
    }


def find_hum(recording: Recording, search: HumSearch, every: int = 1) -> Hum | None:
    """Look for hum in one of ``every`` sections; None where the comb of partials stands out nowhere."""
    if recording.duration_s < LEAST_SECONDS:
        return None
    with low_copy(recording) as low:
        found = find_low_hum(low, search, every)
    if found is None or not found.present:
        return found
    reach = Partials.up_to(search.max_harmonics, float(found.track.hz.max()), min(WIDE_RATE, recording.sample_rate))
    above = Partials(reach.orders[found.level_dbfs.size :])
    if not above.orders.size:
        return found
    with low_copy(recording, WIDE_RATE) as wide:
        level, excess = _levels(wide, found.track, above, PACES[found.pace], every)
    return replace(
        found,
        level_dbfs=np.concatenate([found.level_dbfs, level]),
        excess_db=np.concatenate([found.excess_db, excess]),
    )


def find_low_hum(low: Recording, search: HumSearch, every: int = 1) -> Hum | None:
    """The same in a copy at a low rate, as far up as that reaches."""
    comb, candidates = np.zeros(0), _candidates(search)
    counted = 0
    for section in sections(low, every):
        score = comb_score(section, candidates)
        if score is not None:
            comb, counted = (comb + score if comb.size else score), counted + 1
    if not counted or comb.max() / counted < LEAST_COMB_DB:
        return None
    paces = ["steady", "wavering"] if comb.max() / counted >= WAVERING_COMB_DB else ["steady"]
    return _measured(low, float(candidates[int(np.argmax(comb))]), search, every, paces)


def comb_score(section: Section, candidates_hz: Float64) -> Float64 | None:
    """For each candidate, by how many dB its partials stand out of the quiet spectrum, added up; None in silence."""
    length, hop = round(section.rate), round(section.rate / 4)
    if section.samples.shape[1] < length:
        return None
    power = np.zeros(0)
    for channel in section.samples:
        frames = np.lib.stride_tricks.sliding_window_view(channel, length)[::hop]
        spectra = np.fft.rfft(frames * np.hanning(length), ZEROS_PER_WINDOW * length, axis=1)
        own = spectra.real**2 + spectra.imag**2
        power = power + own if power.size else own
    power = power[power.sum(axis=1) > 1e-12]
    if power.shape[0] < 2:
        return None
    step_hz = section.rate / (ZEROS_PER_WINDOW * length)
    quiet = 10 * np.log10(np.quantile(power, 0.25, axis=0) + 1e-20)
    excess = quiet - median_filter(quiet, 2 * round(NEIGHBOURS_HZ / step_hz) + 1)
    # What is more than plain counts a tenth: so one strong tone makes no comb, but the top of each partial still shows.
    excess = np.minimum(excess, MOST_EXCESS_DB + 0.1 * (excess - MOST_EXCESS_DB))
    orders = np.arange(1, COMB + 1)
    bins = np.rint(np.outer(candidates_hz, orders) / step_hz).astype(int)
    return np.asarray(np.maximum(excess[bins] - 2.0, -2.0).sum(axis=1))


def _candidates(search: HumSearch) -> Float64:
    around = search.mains_hz
    low, high = (LOWEST_HZ, HIGHEST_HZ) if around is None else (0.95 * around, 1.05 * around)
    return np.arange(low, high + STEP_HZ / 2, STEP_HZ)


def _measured(low: Recording, coarse_hz: float, search: HumSearch, every: int, paces: list[str]) -> Hum:
    """The hum at the first pace at which it is plain, or else at the last."""
    partials = Partials.up_to(search.max_harmonics, coarse_hz, min(LOW_RATE, low.sample_rate))
    for name in paces:
        pace = PACES[name]
        track, share = Track(np.array([coarse_hz]), pace.track_s), 0.0
        tracked = Partials(partials.orders[: pace.tracked])
        for width_hz in pace.search_hz[: search.rounds]:
            track, share = _followed(low, track, tracked, (width_hz, pace.track_s), every)
            if share < SURE_SHARE:
                break
        level, excess = _levels(low, track, partials, pace, every)
        found = Hum(name, track, share, level, excess)
        if found.present:
            break
    return _swaying(low, found, partials) if found.present and every == 1 else found


def _swaying(low: Recording, found: Hum, partials: Partials) -> Hum:
    """The same with a track that follows faster swaying, where the partials are the louder for it."""
    pace = PACES["swaying"]
    track = swayed(low, found.track, Partials(partials.orders[: pace.tracked]))
    level, excess = _levels(low, track, partials, pace, 1)
    closer = replace(found, pace="swaying", track=track, level_dbfs=level, excess_db=excess)
    before, _ = _levels(low, found.track, partials, pace, 1)
    return closer if closer.present and _sum_db(level) >= _sum_db(before) + LOUDER_DB else found


def _sum_db(level_dbfs: Float64) -> float:
    return 10 * float(np.log10((10 ** (level_dbfs / 10)).sum()))


def _followed(
    low: Recording, around: Track, partials: Partials, window: tuple[float, float], every: int
) -> tuple[Track, float]:
    times_s, hz, sure = [], [], []
    step_s = around.step_s
    for section in sections(low, every):
        knots_s = section.knots_s(step_s, low.duration_s)
        found, certain = frequencies(views(section, around, partials), around, partials, knots_s, window)
        times_s.append(knots_s)
        hz.append(found)
        sure.append(certain)
    grid_s = np.arange(0.0, low.duration_s + step_s, step_s)
    hz_on_grid, share = steady(grid_s, np.concatenate(times_s), np.concatenate(hz), np.concatenate(sure))
    return Track(hz_on_grid, step_s), share


def steady(grid_s: Float64, times_s: Float64, hz: Float64, sure: Float64) -> tuple[Float64, float]:
    """The frequency on the grid, from the values that are sure, and the share of those.

    A median over five takes out what the neighbours do not confirm.
    """
    certain = sure >= SURE
    if not certain.any():
        return np.array([float(np.median(hz))]), 0.0
    joined = np.interp(grid_s, times_s[certain], hz[certain])
    middle = median_filter(joined, 5, mode="nearest")
    distance = np.abs(joined - middle)
    odd = distance > 0.05 + 5 * float(np.median(distance))
    return np.where(odd, middle, joined), float(certain.mean())


def _levels(low: Recording, track: Track, partials: Partials, pace: Pace, every: int) -> tuple[Float64, Float64]:
    """Level in dBFS and excess in dB of every partial."""
    power = np.zeros((low.channels, partials.orders.size))
    rest, knots, counted = np.zeros_like(power), 0, 0
    for section in sections(low, every):
        knots_s = section.knots_s(pace.amplitude_s, low.duration_s)
        value, noise = amplitudes(views(section, track, partials), knots_s, pace.reach_s)
        power += (np.abs(value) ** 2).sum(axis=2)
        rest += noise
        knots, counted = knots + knots_s.size, counted + 1
    power, rest = power / max(knots, 1), rest / max(counted, 1)
    excess = np.max((power + EMPTY) / (rest + EMPTY), axis=0)
    return 10 * np.log10(2.0 * power.max(axis=0) + EMPTY), 10 * np.log10(excess)
