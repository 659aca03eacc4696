"""A recording without its clicks, and whether it is the better for it."""

from __future__ import annotations

from collections.abc import Container, Iterator

import numpy as np

from restoration.audio import Audio, Recording, Samples, Writer
from restoration.measures.autoregression import Float64
from restoration.measures.click_search import ClickSearch
from restoration.measures.clicks import chunks, find_clicks, repair_clicks, sampled
from restoration.step import Verdict

LEFT_SHARE = 0.8
"""A result with more of the clicks than this share is no better than its source."""
SILENT_PER_S = 0.1
MOST_ADDED_DB = 0.1
HOP_S = 0.01
PAUSE_SHARE = 0.3
MOST_FROM_VOICE_DB = 12.0
"""What a carrier adds knows nothing of the voice: taken out of the voice is about what is taken out of the pauses."""
MOST_UNDER_VOICE_DB = 31.0
"""Fainter crackle has been repaired at a loss on most clips of training speech (``python -m tests.crackle_bench``)."""


def declick(recording: Recording, search: ClickSearch, result: Writer, only: Container[int] | None = None) -> None:
    """Write the recording without the clicks of the search; samples that belong to none are the same bits.

    Chunks that are not in ``only`` are copied; None treats all.
    """
    for number, block in chunks(recording):
        treated = block.samples
        if only is None or number in only:
            treated = np.stack([declicked(channel, recording.sample_rate, search) for channel in treated])
        kept = treated[:, block.lead : block.lead + block.frames]
        result.write(Audio(np.ascontiguousarray(kept), recording.sample_rate))


def declicked(channel: Samples, sample_rate: int, search: ClickSearch) -> Samples:
    """A channel (time,), float32, without its clicks."""
    samples = channel.astype(np.float64)
    clicks = find_clicks(samples, sample_rate, search)
    return repair_clicks(samples, clicks, sample_rate).astype(np.float32)


def verdict(before: Recording, after: Recording, counts: tuple[float, float], word: str) -> Verdict:
    """Whether fewer clicks are left, and nothing was added: ``before_per_s``, ``after_per_s`` (the ``counts``) and
    ``added_db``, the level of the result over that of its source where both are listened to."""
    powers = np.sum([_powers(*pair).sum(axis=1) for pair in _pairs(before, after)], axis=0)[:2]
    added_db = _decibels(powers[1], powers[0])
    fewer = counts[1] <= max(LEFT_SHARE * counts[0], SILENT_PER_S)
    reason = f"{word} went from {counts[0]:.1f} to {counts[1]:.1f} a second."
    if not fewer:
        reason = f"{word} is not clearly less: {counts[1]:.1f} a second after {counts[0]:.1f}."
    elif added_db > MOST_ADDED_DB:
        reason = f"The repairs are louder than what they replace, by {added_db:.2f} dB in all."
    return {
        "helps": bool(fewer and added_db <= MOST_ADDED_DB),
        "reason": reason,
        "before_per_s": round(counts[0], 3),
        "after_per_s": round(counts[1], 3),
        "added_db": round(added_db, 3),
    }


def spared_the_voice(before: Recording, after: Recording, found: Verdict) -> Verdict:
    """The verdict ``found``, and what the repairs are likely to have cost.

    ``from_voice_db``: how much more was taken out of the louder half of the sound than of its quietest third; much more
    is the voice itself. ``under_voice_db``: how far what was taken out of the pauses, which is nothing but the
    carrier's, lies under the voice; repairs of what is much lower cost the voice more than it was worth.
    """
    hops = np.concatenate([np.zeros((3, 0)), *(_powers(*pair) for pair in _pairs(before, after))], axis=1)
    order = np.argsort(hops[1], kind="stable")
    quiet, loud = order[: int(PAUSE_SHARE * order.size)], order[order.size // 2 :]
    if not quiet.size:
        return found | {"from_voice_db": None, "under_voice_db": None}
    from_voice_db = _decibels(hops[2, loud].mean(), hops[2, quiet].mean())
    under_voice_db = _decibels(hops[1, loud].mean(), hops[2, quiet].mean())
    reason, helps = found["reason"], found["helps"]
    if helps and from_voice_db > MOST_FROM_VOICE_DB:
        helps = False
        reason = f"What was taken out is {from_voice_db:.0f} dB louder in the voice than in its pauses: it is voice."
    elif helps and under_voice_db > MOST_UNDER_VOICE_DB:
        helps = False
        reason = (
            f"What can be taken out is {under_voice_db:.0f} dB under the voice, and costs more of it than it is worth."
        )
    return found | {
        "helps": helps,
        "reason": reason,
        "from_voice_db": round(from_voice_db, 2),
        "under_voice_db": round(under_voice_db, 2),
    }


def _pairs(before: Recording, after: Recording) -> Iterator[tuple[Float64, Float64]]:
    for piece in sampled(before):
        sounds = (recording.read(*piece).samples.astype(np.float64) for recording in (before, after))
        hop = max(1, round(HOP_S * before.sample_rate))
        yield tuple(_hops(sound, hop) for sound in sounds)  # type: ignore[misc]


def _hops(samples: Float64, hop: int) -> Float64:
    padded = np.pad(samples, ((0, 0), (0, -samples.shape[1] % hop)))
    return padded.reshape(samples.shape[0], -1, hop)


def _powers(before: Float64, after: Float64) -> Float64:
    """(3, hops): of the source, of the result, and of what was taken out, of both (channels, hops, time)."""
    return np.stack([(sound**2).sum(axis=(0, 2)) for sound in (before, after, before - after)])


def _decibels(power: float, other: float) -> float:
    return 10 * float(np.log10((power + 1e-20) / (other + 1e-20)))
