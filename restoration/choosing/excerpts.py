"""Which stretches of a recording the recipes are tried on: the noisiest speech, typical speech, the longest pause.

A long tape is not heard whole: twenty minutes of it, spread evenly, say what there is on it. Where two places serve as
well the earlier one is taken, so that the same recording always gives the same excerpts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.audio import Audio, Recording
from restoration.errors import RestorationError
from restoration.measures.quiet_stretches import PIECE_S, pause_pieces, piece_power
from restoration.speech.detect import speech_regions

EXCERPT_S = 12.0
"""Long enough for a step to learn the noise from its pauses, short enough to be treated several times over."""
SHORTEST_S = 4.0
LEAST_SPEECH_S, LEAST_PAUSE_S = 3.0, 1.0
WHOLE_S, STRETCHES, STRETCH_S = 1800.0, 20, 60.0
"""From half an hour on, twenty stretches of a minute are heard."""
EVERY_PIECES = 10
DEAD_DB = 15.0
"""What lies so far below the usual pause is no noise of the tape: a leader, a fade, digital silence."""

Levels = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Heard = Callable[[str, float], None]
"""Called with what is being done and the share (0..1) of it that is done."""


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a recording, in seconds, and what it stands for."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class _Heard:
    """What was heard of a stretch, in pieces of 0.1 s: the power of each, and whether somebody speaks in it."""

    start_s: float
    power: Levels
    speech: Mask


@dataclass(frozen=True)
class _Window:
    """A place for an excerpt: how far the voice stands above the noise; seconds of speech, of pause, of neither."""

    start_s: float
    snr_db: float
    speech_s: float
    pause_s: float
    longest_pause_s: float
    dead_s: float


def choose_excerpts(recording: Recording, folder: Path, heard: Heard = lambda what, share: None) -> list[Excerpt]:
    """Up to three excerpts of 12 s that do not overlap; the whole of a recording that is hardly longer than one.

    Args:
        recording: what is listened to.
        folder: where stretches of a long recording are put while they are heard.
        heard: is told how far the listening is.

    Raises:
        RestorationError: the recording is too short or silent, or nobody speaks in it.
    """
    if recording.duration_s < SHORTEST_S:
        raise RestorationError(
            f"it is {recording.duration_s:.1f} s long; to choose a treatment takes at least {SHORTEST_S:g} s"
        )
    stretches = list(_listen(recording, folder, heard))
    if not any(stretch.power.any() for stretch in stretches):
        raise RestorationError("it is silent; there is nothing to choose a treatment by")
    if not any(stretch.speech.any() for stretch in stretches):
        raise RestorationError("nobody was heard speaking in it; treatments are chosen by what they do to a voice")
    if recording.duration_s < EXCERPT_S + 2 * EVERY_PIECES * PIECE_S:
        return [Excerpt("the whole recording", 0.0, round(min(recording.duration_s, EXCERPT_S), 3))]
    dead = _dead_power(stretches)
    windows = [window for stretch in stretches for window in _windows(stretch, dead)]
    return _chosen(_useful(windows))


def cut(recording: Recording, start_s: float, end_s: float, place: Path) -> Recording:
    """A stretch of a recording as a recording of its own."""
    samples = recording.read(round(start_s * recording.sample_rate), round(end_s * recording.sample_rate)).samples
    return Recording.from_audio(place, Audio(samples, recording.sample_rate))


def _listen(recording: Recording, folder: Path, heard: Heard) -> Iterator[_Heard]:
    spans = _spans(recording.duration_s)
    for number, (start_s, end_s) in enumerate(spans):
        heard("listening for speech", number / len(spans))
        whole = len(spans) == 1
        stretch = recording if whole else cut(recording, start_s, end_s, folder / "stretch.f32")
        power = piece_power(stretch)
        speech = ~pause_pieces(power.size, speech_regions(stretch) if power.any() else [])
        yield _Heard(start_s, power, speech)


def _spans(duration_s: float) -> list[tuple[float, float]]:
    if duration_s <= WHOLE_S:
        return [(0.0, duration_s)]
    starts = np.linspace(0.0, duration_s - STRETCH_S, STRETCHES).round()
    return [(float(start), float(start) + STRETCH_S) for start in starts]


def _dead_power(stretches: Sequence[_Heard]) -> float:
    """The power below which a piece is neither voice nor noise of the tape."""
    pauses = np.concatenate([stretch.power[~stretch.speech & (stretch.power > 0)] for stretch in stretches])
    return float(np.median(pauses) * 10 ** (-DEAD_DB / 10)) if pauses.size else 0.0


def _windows(stretch: _Heard, dead: float) -> Iterator[_Window]:
    size = round(EXCERPT_S / PIECE_S)
    sounding = stretch.power > dead
    for first in range(0, stretch.power.size - size + 1, EVERY_PIECES):
        part = slice(first, first + size)
        power, speech = stretch.power[part], stretch.speech[part] & sounding[part]
        pause = ~stretch.speech[part] & sounding[part]
        if not speech.any():
            continue
        # Without a pause the quietest pieces have to do.
        noise = np.median(power[pause]) if pause.any() else np.quantile(power[speech], 0.05)
        snr_db = 10 * np.log10(power[speech].mean() / noise)
        yield _Window(
            start_s=round(stretch.start_s + first * PIECE_S, 3),
            snr_db=float(snr_db),
            speech_s=float(speech.sum() * PIECE_S),
            pause_s=float(pause.sum() * PIECE_S),
            longest_pause_s=_longest_run(pause) * PIECE_S,
            dead_s=float(np.sum(~sounding[part]) * PIECE_S),
        )


def _longest_run(mask: Mask) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0


def _useful(windows: Sequence[_Window]) -> list[_Window]:
    """Those with enough of the voice, and of the noise alone, to measure; with enough of the voice; or whatever is."""
    speaking = [window for window in windows if window.speech_s >= LEAST_SPEECH_S]
    both = [window for window in speaking if window.pause_s >= LEAST_PAUSE_S]
    alive = [window for window in both if window.dead_s < PIECE_S]
    return alive or both or speaking or list(windows)


def _chosen(windows: Sequence[_Window]) -> list[Excerpt]:
    middle_db = float(np.median([window.snr_db for window in windows]))
    wishes: tuple[tuple[str, Callable[[_Window], float]], ...] = (
        ("the noisiest speech", lambda window: window.snr_db),
        ("typical speech", lambda window: abs(window.snr_db - middle_db)),
        ("the longest pause", lambda window: -window.longest_pause_s),
    )
    chosen: list[Excerpt] = []
    for name, rank in wishes:
        free = [window for window in windows if all(_apart(window.start_s, other) for other in chosen)]
        if free:
            start_s = min(free, key=rank).start_s
            chosen.append(Excerpt(name, start_s, round(start_s + EXCERPT_S, 3)))
    return chosen


def _apart(start_s: float, other: Excerpt) -> bool:
    return start_s >= other.end_s or start_s + EXCERPT_S <= other.start_s
