"""The band above the recorded one, by each method there is; what it needs to know of a voice, and how it turned out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording, Samples, Writer, map_blocks
from restoration.nets.band_replication import replicated
from restoration.nets.extend import Hearing, extended, reach_frames
from restoration.nets.missing_band import (
    Band,
    Levels,
    Sound,
    Speaking,
    recorded_levels_db,
    speaking_at,
    taken_above_edge,
    transform,
)
from restoration.nets.pieces import crossfade_pieces
from restoration.nets.voice_bands import band_levels_db

Method = Literal["network", "replication", "voicefixer"]
Regions = Sequence[Sequence[float]]
Float64 = npt.NDArray[np.float64]

BLOCK_S = 10.0
VOICEFIXER_PIECE_S, VOICEFIXER_FADE_S = 8.0, 0.5
EXCERPTS, EXCERPT_S, PAUSE_S = 6, 5.0, 1.0
SILENCE_DB = -150.0
PAUSE_FLOOR = 1e-12
STRIDE, MOST_TRANSFORMS = 4, 50_000
"""Every fourth transform is enough to tell levels from, and of ten hours so many, evenly spread."""


@dataclass(frozen=True)
class Voice:
    """What is known of a recording's voice: its band, its levels by channel, and when somebody speaks (s).

    ``hearings`` is what the network is told besides; the other methods need none.
    """

    band: Band
    levels: Sequence[Levels]
    hearings: Sequence[Hearing]
    regions: Regions


def clear_of_the_ends(regions: Regions, band: Band, duration_s: float) -> list[list[float]]:
    """The regions without what lies so near to an end of the recording that the made band would be cut there.

    A sound that stops in the middle of a word would else get a click of all frequencies.
    """
    edge_s = (band.window + band.crossover.size) / 2 / band.sample_rate + 0.001
    clipped = [(max(start, edge_s), min(end, duration_s - edge_s)) for start, end in regions]
    return [[round(start, 3), round(end, 3)] for start, end in clipped if end > start]


def voice_of(recording: Recording, band: Band, regions: Regions) -> Voice:
    """Measured on the recording; a silent channel has a gate that never opens."""
    seen: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(recording.channels)]
    spoken: list[Speaking] = []
    stride = max(STRIDE, STRIDE * (recording.frames // (band.hop * STRIDE * MOST_TRANSFORMS) + 1))
    blocks = recording.with_blocks(max(1, round(BLOCK_S * recording.sample_rate)))
    for block in blocks.blocks(align=band.hop):
        kept = slice(2, -2, stride)  # those that lie inside the block
        spoken.append(speaking_at(regions, band, block.start, block.frames)[kept])
        for found, channel in zip(seen, block.samples, strict=True):
            found.append(_seen(channel, band, kept))
    speaking, joined = np.concatenate(spoken), [np.concatenate(found, axis=1) for found in seen]
    hearings = [Hearing.of(found[2:].astype(np.float64), speaking, band.edge_hz) for found in joined]
    return Voice(band, [_levels(found[:2]) for found in joined], hearings, regions)


def _seen(channel: Sound, band: Band, kept: slice) -> npt.NDArray[np.float32]:
    """Levels of some transforms: the upper band, the louder of the lower and the upper, and the voice bands."""
    spectra = transform(channel, band, kept)
    low, upper, _ = recorded_levels_db(spectra, band)
    bands = band_levels_db(np.abs(spectra) ** 2, band.frequencies_hz)
    return np.concatenate([[upper, np.maximum(low, upper)], bands]).astype(np.float32)


def _levels(found: npt.NDArray[np.float32]) -> Levels:
    upper, loud = found[:, found[1] > SILENCE_DB]
    if not upper.size:
        return Levels(0.0, 0.0)
    pause_db, voice_db = np.quantile(upper, 0.1), np.quantile(loud, 0.9)
    return Levels(round(float(pause_db), 2), round(float(voice_db), 2))


def extend(recording: Recording, voice: Voice, method: Method, result: Writer) -> None:
    """Write the recording with its made band to ``result``."""
    rate, band = recording.sample_rate, voice.band
    if method == "voicefixer":
        piece, fade = round(VOICEFIXER_PIECE_S * rate), round(VOICEFIXER_FADE_S * rate)
        crossfade_pieces(recording, by_voicefixer(voice), result, piece_frames=piece, fade_frames=fade)
        return
    context = reach_frames(band) if method == "network" else band.reach
    blocks = recording.with_blocks(max(1, round(BLOCK_S * rate)))
    map_blocks(blocks, _added_to(voice, method), result, context=context, align=band.hop)


def _added_to(voice: Voice, method: Method) -> Callable[[Samples, int], Samples]:
    def extend(samples: Samples, first: int) -> Samples:
        return np.asarray(samples + made(samples, first, voice, method), dtype=np.float32)

    return extend


def made(samples: Samples, first: int, voice: Voice, method: Method) -> Float64:
    """What the network or the replication adds to ``samples`` (channels, time), from frame ``first`` of a recording."""
    band = voice.band
    speaking = speaking_at(voice.regions, band, first, samples.shape[1])
    if method == "network":
        heard = zip(samples, voice.hearings, strict=True)
        return np.stack([extended(channel, band, hearing, speaking, first) for channel, hearing in heard])
    pairs = zip(samples, voice.levels, strict=True)
    return np.stack([replicated(channel, band, levels, speaking) for channel, levels in pairs])


def by_voicefixer(voice: Voice) -> Callable[[Samples, int], Samples]:
    """For ``crossfade_pieces``: the recorded sound and, above it, what VoiceFixer makes of it."""
    from restoration.nets.voicefixer_model import VoiceFixerModel

    model = VoiceFixerModel()

    def extend(samples: Samples, first: int) -> Samples:
        speaking = speaking_at(voice.regions, voice.band, first, samples.shape[1])
        if not speaking.any():
            return samples
        bands = []
        for channel, levels in zip(samples, voice.levels, strict=True):
            remade = model.restore(channel, voice.band.sample_rate)
            bands.append(taken_above_edge(remade, channel, voice.band, levels, speaking))
        return np.asarray(samples + np.stack(bands), dtype=np.float32)

    return extend


@dataclass(frozen=True)
class MadeBand:
    """How a made band turned out, on excerpts of speech and of pauses; levels in dB, None where nothing was made.

    Attributes:
        relative_db: of the made band beside the recorded one, in speech.
        loudest_relative_db: of the loudest hundredth of its transforms beside the loudest of the recorded one.
        below_edge_db: of what changed below the edge beside the recorded band there.
        pauses_rose_db: by how much the pause that gained most is louder.
        share: of the transforms in speech in which something was made, 0 to 1.
    """

    relative_db: float | None
    loudest_relative_db: float | None
    below_edge_db: float | None
    pauses_rose_db: float
    share: float


def foreseen(recording: Recording, voice: Voice, method: Method) -> MadeBand:
    """How the band will turn out, made on the excerpts alone."""
    context = reach_frames(voice.band)

    def both(start: int, stop: int) -> tuple[Samples, Float64]:
        first = max(0, start - context) // voice.band.hop * voice.band.hop
        samples = recording.read(first, stop + context).samples
        inside = slice(start - first, stop - first)
        return samples[:, inside], made(samples, first, voice, method)[:, inside]

    return _turned_out(voice, recording, both)


def turned_out(before: Recording, after: Recording, voice: Voice) -> MadeBand:
    """How the band did turn out."""

    def both(start: int, stop: int) -> tuple[Samples, Float64]:
        samples = before.read(start, stop).samples
        return samples, after.read(start, stop).samples.astype(np.float64) - samples

    return _turned_out(voice, before, both)


def _turned_out(voice: Voice, recording: Recording, both: Callable[[int, int], tuple[Samples, Float64]]) -> MadeBand:
    band, pairs = voice.band, []
    for start, stop in speech_excerpts(recording, voice.regions):
        for samples, added in zip(*both(start, stop), strict=True):
            pairs.append(_powers(samples, added, band))
    recorded, changed, new = np.concatenate(pairs, axis=1) if pairs else np.full((3, 1), 0.0)
    rises = [_rise_db(*both(start, stop)) for start, stop in pause_excerpts(recording, voice.regions)]
    loud = [float(np.quantile(each, 0.99)) for each in (new, recorded)]
    return MadeBand(
        relative_db=_ratio_db(new.sum(), recorded.sum()),
        loudest_relative_db=_ratio_db(*loud),
        below_edge_db=_ratio_db(changed.sum(), recorded.sum()),
        pauses_rose_db=max(rises, default=0.0),
        share=round(float((new > 0).mean()), 3),
    )


def _powers(samples: Sound, added: Float64, band: Band) -> Float64:
    """Power by transform, (3, transforms): recorded below the edge, changed below it, and made above it."""
    spectra = [np.abs(transform(each, band, slice(2, -2))) ** 2 for each in (samples, added)]
    edge = int(np.searchsorted(band.frequencies_hz, 0.97 * band.edge_hz))
    above = spectra[1][edge:].sum(axis=0)
    above[above < 1e-14] = 0  # rounding to the samples of a file
    return np.stack([spectra[0][:edge].sum(axis=0), spectra[1][:edge].sum(axis=0), above])


def speech_excerpts(recording: Recording, regions: Regions) -> Iterator[tuple[int, int]]:
    """(first, last) frames of up to six excerpts of speech, evenly spread."""
    for region in _spread(len(regions)):
        start, end = regions[region]
        yield from _within(recording, start, min(end, start + EXCERPT_S))


def pause_excerpts(recording: Recording, regions: Regions) -> Iterator[tuple[int, int]]:
    """(first, last) frames of up to six excerpts without speech, clear of it by a tenth of a second."""
    edges = [0.0, *(edge for region in regions for edge in region), recording.duration_s]
    pauses = [(start + 0.1, end - 0.1) for start, end in zip(edges[::2], edges[1::2], strict=True) if end - start > 0.3]
    for pause in _spread(len(pauses)):
        start, end = pauses[pause]
        yield from _within(recording, start, min(end, start + PAUSE_S))


def _spread(count: int) -> list[int]:
    """Up to ``EXCERPTS`` numbers below ``count``, evenly spread."""
    return sorted({round(place) for place in np.linspace(0, count - 1, EXCERPTS).tolist()}) if count else []


def _within(recording: Recording, start_s: float, end_s: float) -> Iterator[tuple[int, int]]:
    start, stop = round(start_s * recording.sample_rate), round(end_s * recording.sample_rate)
    stop = min(stop, recording.frames)
    if stop > start:
        yield start, stop


def _rise_db(samples: Sound, added: Float64) -> float:
    """How much louder ``samples`` (channels, time) are with what was added; silence counts as -120 dBFS."""
    was, now = (float(np.mean(each**2)) + PAUSE_FLOOR for each in (samples.astype(np.float64), samples + added))
    return round(float(10 * np.log10(now / was)), 2)


def _ratio_db(above: float, below: float) -> float | None:
    """A ratio of powers in dB; None where one of them is nothing."""
    return round(float(10 * np.log10(above / below)), 2) if above > 0 and below > 0 else None
