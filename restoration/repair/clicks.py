"""A recording without its clicks, and whether it is the better for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from restoration.audio import Audio, Block, Recording, Writer
from restoration.measures.autoregression import Grid
from restoration.measures.clicks import ClickSearch, find_clicks, repair_clicks, sampled
from restoration.step import Verdict

CHUNK_S = 4.0
CONTEXT_S = 0.4
"""Five times what one pass sees: 20 ms of model and 27 ms of neighbours on either side, in a few passes."""
LEFT_SHARE = 0.8
"""A result with more of the clicks than this share is no better than its source."""
SILENT_PER_S = 0.1
MOST_ADDED_DB = 0.1


def chunks(recording: Recording) -> Iterator[Block]:
    """Always the same chunks, whatever the blocks of the recording are: so the result cannot depend on those."""
    rate = recording.sample_rate
    yield from recording.with_blocks(round(CHUNK_S * rate)).blocks(round(CONTEXT_S * rate), Grid.at(rate).hop)


def declick(recording: Recording, search: ClickSearch, result: Writer) -> None:
    """Write the recording without the clicks of the search; samples that belong to none are the same bits."""
    for block in chunks(recording):
        treated = np.stack([declicked(channel, recording.sample_rate, search) for channel in block.samples])
        kept = treated[:, block.lead : block.lead + block.frames]
        result.write(Audio(np.ascontiguousarray(kept), recording.sample_rate))


def declicked(channel: np.ndarray, sample_rate: int, search: ClickSearch) -> np.ndarray:
    """A channel (time,), float32, without its clicks."""
    samples = channel.astype(np.float64)
    clicks = find_clicks(samples, sample_rate, search)
    return repair_clicks(samples, clicks, sample_rate).astype(np.float32)


def verdict(before: Recording, after: Recording, per_s: Callable[[Recording], float], word: str) -> Verdict:
    """Whether fewer clicks are left and nothing was added: ``before_per_s``, ``after_per_s`` and ``added_db``, the
    level of the result over that of its source where both are listened to."""
    counts = per_s(before), per_s(after)
    powers = _power(before), _power(after)
    added_db = 10 * float(np.log10((powers[1] + 1e-20) / (powers[0] + 1e-20)))
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


def _power(recording: Recording) -> float:
    return sum(float((recording.read(*piece).samples.astype(np.float64) ** 2).sum()) for piece in sampled(recording))
