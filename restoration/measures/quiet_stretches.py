"""Where the noise of a tape can be heard alone: its quiet stretches, section by section.

The tape is cut into sections (noise changes between a reel's beginning and its end) and these into pieces of a tenth of
a second. In each section the pieces that lie in pauses are ranked by level, and those near the quiet end are taken:
louder ones are breaths, page turns or music. Digital silence is never taken, for it says nothing about the noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording

PIECE_S = 0.1
DIGITAL_SILENCE_DBFS = -120.0
QUIET_QUANTILE = 0.3
ABOVE_QUIET_DB = 1.5
"""Pieces up to this far above the 30 % quantile are taken: the level of noise in 0.1 s scatters about this much."""
SUSPICIOUS_DB = 10.0
"""Pauses this much louder than the quietest pieces of the same section hold music or a crowd, not the tape's noise."""
QUIETEST_SHARE = 0.05
MIN_PROFILE_S = 0.5
LOUD_S = 10.0

Levels = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Span = tuple[float, float]
"""Start and end in seconds."""


@dataclass(frozen=True)
class Section:
    """A part of a tape and where its noise is heard alone.

    ``stretches`` may lie in a neighbouring section, if this one has no pause; ``in_pauses`` is False if no pause was
    found anywhere and the quietest pieces had to do.
    """

    start_s: float
    end_s: float
    stretches: tuple[Span, ...]
    noise_dbfs: float
    in_pauses: bool


def piece_power(recording: Recording) -> Levels:
    """Mean square over all channels of each piece of 0.1 s.

    A piece that is mostly exact zeros counts as 0; what is left over at the end is no piece.
    """
    piece = max(1, round(PIECE_S * recording.sample_rate))
    powers = []
    for block in recording.with_blocks(max(piece, recording.block_frames)).blocks(align=piece):
        count = block.frames // piece
        whole = block.samples[:, : count * piece].astype(np.float64)
        pieces = whole.reshape(recording.channels, count, piece)
        powers.append(np.where(_mostly_zero(pieces), 0.0, (pieces**2).mean(axis=(0, 2))))
    return np.concatenate(powers) if powers else np.zeros(0)


def pause_pieces(pieces: int, speech: Sequence[Span]) -> Mask:
    """Which of ``pieces`` pieces of 0.1 s lie wholly outside ``speech``."""
    outside = np.ones(pieces, dtype=bool)
    for start_s, end_s in speech:
        outside[int(start_s / PIECE_S) : int(np.ceil(end_s / PIECE_S))] = False
    return outside


def sections_of(power: Levels, pauses: Mask, *, section_s: float, wanted_s: float) -> list[Section]:
    """Cut a tape into equal sections of about ``section_s``, each with up to ``wanted_s`` of noise heard alone.

    Args:
        power: mean square of each piece, from ``piece_power``.
        pauses: which pieces lie in pauses.
        section_s: how long a noise may be taken as steady.
        wanted_s: how much noise is enough.

    Returns:
        The sections in order; none if the tape is too short or silent to hold noise anywhere.
    """
    count = max(1, round(power.size * PIECE_S / section_s))
    edges = np.linspace(0, power.size, count + 1).round().astype(int)
    ranges = list(pairwise(edges.tolist()))
    sounding = power > 10 ** (DIGITAL_SILENCE_DBFS / 10)
    found = [_chosen(power, sounding & pauses, sounding, span, wanted_s) for span in ranges]
    in_pauses = any(chosen.size for chosen in found)
    if not in_pauses:
        found = [_quietest(power, sounding, span, wanted_s) for span in ranges]
    having = [index for index, chosen in enumerate(found) if chosen.size]
    if not having:
        return []
    sections = []
    for index, (first, last) in enumerate(ranges):
        chosen = found[min(having, key=lambda other: abs(other - index))]
        noise_dbfs = float(10 * np.log10(power[chosen].mean()))
        span = (round(first * PIECE_S, 3), round(last * PIECE_S, 3))
        sections.append(Section(*span, _stretches(chosen), round(noise_dbfs, 2), in_pauses))
    return sections


def loud_stretches(power: Levels, pauses: Mask, section: Section, wanted_s: float = LOUD_S) -> tuple[Span, ...]:
    """Where the voice of a section is loud: up to ``wanted_s`` of the louder half of its pieces that are no pause."""
    span = (round(section.start_s / PIECE_S), round(section.end_s / PIECE_S))
    voiced = _inside(~pauses & (power > 0), span)
    if not voiced.size:
        return ()
    loud = voiced[power[voiced] >= np.median(power[voiced])]
    return _stretches(_nearest(loud, wanted_s))


def noise_alone(recording: Recording, stretches: Sequence[Span]) -> npt.NDArray[np.float32]:
    """The sound of ``stretches`` one after the other, shape (channels, time).

    They are joined over 10 ms at equal power, so that a join is neither a click nor a dip in the noise.
    """
    rate = recording.sample_rate
    joined = np.zeros((recording.channels, 0), dtype=np.float32)
    for start_s, end_s in stretches:
        stretch = recording.read(round(start_s * rate), round(end_s * rate)).samples
        joined = _joined(joined, stretch, round(0.01 * rate))
    return joined


def _mostly_zero(pieces: npt.NDArray[np.float64]) -> Mask:
    return np.asarray((pieces == 0).mean(axis=(0, 2)) > 0.5)


def _chosen(power: Levels, quiet: Mask, sounding: Mask, span: tuple[int, int], wanted_s: float) -> npt.NDArray[np.intp]:
    """Pieces of the section in pauses, near their quiet end; none if they are too few or plainly not noise."""
    inside = _inside(quiet, span)
    if inside.size * PIECE_S < MIN_PROFILE_S:
        return inside[:0]
    level = 10 * np.log10(power[inside])
    limit = np.quantile(level, QUIET_QUANTILE)
    everything = 10 * np.log10(power[_inside(sounding, span)])
    if limit > np.quantile(everything, QUIETEST_SHARE) + SUSPICIOUS_DB:
        return inside[:0]
    return _nearest(inside[level <= limit + ABOVE_QUIET_DB], wanted_s)


def _quietest(power: Levels, sounding: Mask, span: tuple[int, int], wanted_s: float) -> npt.NDArray[np.intp]:
    """The quietest twentieth of the section, wherever it lies: minimum statistics."""
    inside = _inside(sounding, span)
    count = max(round(inside.size * QUIETEST_SHARE), round(MIN_PROFILE_S / PIECE_S))
    if inside.size < count:
        return inside[:0]
    ranked = inside[np.argsort(power[inside], kind="stable")]
    return np.sort(ranked[: min(count, round(wanted_s / PIECE_S))])


def _inside(mask: Mask, span: tuple[int, int]) -> npt.NDArray[np.intp]:
    return np.flatnonzero(mask[span[0] : span[1]]) + span[0]


def _nearest(pieces: npt.NDArray[np.intp], wanted_s: float) -> npt.NDArray[np.intp]:
    """At most ``wanted_s`` of the pieces, taken evenly over the section so that all of it has a say."""
    wanted = round(wanted_s / PIECE_S)
    if pieces.size <= wanted:
        return pieces
    # Runs of ten: noise is better learnt from a second in one piece than from ten shreds.
    runs = np.array_split(pieces, -(-pieces.size // 10))
    keep = np.unique(np.linspace(0, len(runs) - 1, max(1, wanted // 10)).round().astype(int))
    return np.concatenate([runs[index] for index in keep])


def _stretches(pieces: npt.NDArray[np.intp]) -> tuple[Span, ...]:
    breaks = np.flatnonzero(np.diff(pieces) > 1) + 1
    return tuple(
        (round(float(run[0]) * PIECE_S, 3), round(float(run[-1] + 1) * PIECE_S, 3)) for run in np.split(pieces, breaks)
    )


def _joined(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32], fade: int) -> npt.NDArray[np.float32]:
    fade = min(fade, before.shape[1], after.shape[1])
    if not fade:
        return np.concatenate([before, after], axis=1)
    angle = (np.arange(fade, dtype=np.float32) + 0.5) / fade * np.float32(np.pi / 2)
    overlap = before[:, -fade:] * np.cos(angle) + after[:, :fade] * np.sin(angle)
    return np.concatenate([before[:, :-fade], overlap, after[:, fade:]], axis=1)
