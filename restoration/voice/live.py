"""A voice lent live, to what a sound card brings or to a sound paced by the clock, with a delay that is known.

A sound card calls for blocks; a thread of its own makes the sound. What is played is as old as a step, its look-ahead
and a reserve, which is there for computing. The engine measures how long its steps take, before it begins and all the
time: when that comes near to what there is, it makes the reserve larger or the steps longer, which costs a pause of
that length once, rather than run dry again and again.
"""

from __future__ import annotations

import gc
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from restoration.voice.melody import Melody
from restoration.voice.pace import Pace
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.stream import Stream

BLOCK = 128
FADE = 80
REHEARSAL_STEPS = 6


@dataclass
class Statistics:
    """How a live use went; times in ms.

    Attributes:
        seconds: of sound that went in.
        steps: that were made; longest_ms: what the slowest of them took.
        chunk_ms, lookahead_ms, reserve_ms: at the end; together they are the delay that was heard, besides the card's.
        computing_ms: a step took, at the median; computing_most_ms: 19 times out of 20; load: that beside its length.
        underruns: blocks for which there was no sound in time.
        changes: what was changed on the way, in sentences.
    """

    seconds: float = 0.0
    steps: int = 0
    longest_ms: float = 0.0
    chunk_ms: float = 0.0
    lookahead_ms: float = 0.0
    reserve_ms: float = 0.0
    computing_ms: float = 0.0
    computing_most_ms: float = 0.0
    load: float = 0.0
    underruns: int = 0
    changes: list[str] = field(default_factory=list)

    @property
    def latency_ms(self) -> float:
        """Algorithmic and computed: a step, its look-ahead, and computing it."""
        return self.chunk_ms + self.lookahead_ms + self.computing_ms

    @property
    def delay_ms(self) -> float:
        """How old the sound is that is played."""
        return self.chunk_ms + self.lookahead_ms + self.reserve_ms

    def sentence(self) -> str:
        """All that matters, in a few words."""
        return (
            f"{self.seconds:.1f} s in {self.steps} steps; latency {self.latency_ms:.0f} ms (step {self.chunk_ms:.0f}, "
            f"look-ahead {self.lookahead_ms:.0f}, computing {self.computing_ms:.0f}), played after {self.delay_ms:.0f} "
            f"ms; load {100 * self.load:.0f} %; underruns: {self.underruns}; changes: {len(self.changes)}"
        )


class Playback:
    """The sound that waits to be played; blocks are put and taken by two threads."""

    def __init__(self) -> None:
        self._waiting: deque[FloatArray] = deque()
        self._lock = threading.Lock()
        self._rising = False
        self.underruns = 0
        self.ended = False

    @property
    def samples(self) -> int:
        """That wait."""
        with self._lock:
            return sum(block.size for block in self._waiting)

    def put(self, sound: FloatArray) -> None:
        """Add to the end."""
        with self._lock:
            if self._rising and sound.size >= FADE:
                sound = sound.copy()
                sound[:FADE] *= np.linspace(0, 1, FADE, dtype=np.float32)
                self._rising = False
            self._waiting.append(sound)

    def pause(self, samples: int) -> None:
        """A pause at the end, faded on both sides."""
        with self._lock:
            if self._waiting and self._waiting[-1].size >= FADE:
                last = self._waiting[-1].copy()
                last[-FADE:] *= np.linspace(1, 0, FADE, dtype=np.float32)
                self._waiting[-1] = last
            self._waiting.append(np.zeros(samples, dtype=np.float32))
            self._rising = True

    def take(self, samples: int) -> FloatArray:
        """The next samples; what is not there is silence, and an underrun."""
        taken = np.zeros(samples, dtype=np.float32)
        place = 0
        with self._lock:
            while place < samples and self._waiting:
                block = self._waiting.popleft()
                part = block[: samples - place]
                taken[place : place + part.size] = part
                place += part.size
                if part.size < block.size:
                    self._waiting.appendleft(block[part.size :])
            self.underruns += place < samples and not self.ended
        return taken


class Engine:
    """Feeds a stream from blocks as they come, and fills ``playback``.

    Args:
        make: gives a stream; called once for a rehearsal and once for the performance.
        tell: is given a sentence whenever something is changed.
    """

    def __init__(self, make: Callable[[], Stream], tell: Callable[[str], None] = lambda line: None) -> None:
        self._tell = tell
        self.playback = Playback()
        self._statistics = Statistics()
        self._all: list[float] = []
        self._arrived: queue.SimpleQueue[FloatArray | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._failed: BaseException | None = None
        self._given = self._taken = 0
        self._stream = self._rehearsed(make)

    def start(self) -> None:
        """Begin: what comes before the first sound is a pause as long as the delay."""
        # A collection of all that libraries hold takes 0.2 s, in which nothing would be made: it is looked through now,
        # and not again before the end.
        gc.collect()
        gc.freeze()
        self.playback.put(
            np.zeros(self._samples(self._stream.algorithmic_ms + self._pace.reserve_ms), dtype=np.float32)
        )
        self._worker.start()

    def call(self, block: FloatArray) -> FloatArray:
        """What a sound card does: a block in, a block of the same size out."""
        self._given += block.size
        self._arrived.put(block)
        if self._failed:
            raise self._failed
        return self.playback.take(block.size)

    def end(self) -> Statistics:
        """No more comes in; what was made by then stays in ``playback``."""
        self.playback.ended = True
        self._arrived.put(None)
        self._worker.join()
        gc.unfreeze()
        if self._failed:
            raise self._failed
        return self.statistics

    @property
    def behind(self) -> bool:
        """Whether something came in that was not yet heard."""
        return self._worker.is_alive() and self._taken < self._given

    @property
    def melody(self) -> Melody:
        """How the performance's melody is changed now."""
        return self._stream.melody

    @property
    def statistics(self) -> Statistics:
        """As they are now."""
        told, all_ms = self._statistics, 1000 * np.array(self._all or [0.0])
        told.steps, told.underruns = len(self._all), self.playback.underruns
        told.longest_ms = float(all_ms.max())
        told.chunk_ms = self._stream.chunk_ms
        told.lookahead_ms = self._stream.algorithmic_ms - told.chunk_ms
        told.reserve_ms = self._pace.reserve_ms
        told.computing_ms, told.computing_most_ms = (float(np.quantile(all_ms, q)) for q in (0.5, 0.95))
        told.load = self._pace.lately_ms / told.chunk_ms
        return told

    def _rehearsed(self, make: Callable[[], Stream]) -> Stream:
        """A stream with steps and a reserve that fit this machine, told from a rehearsal on noise."""
        draw = np.random.default_rng(1912)
        trial, stream = make(), make()
        took_s = [
            _timed(trial, draw.normal(0, 0.05, trial.needed).astype(np.float32))[1] for _ in range(REHEARSAL_STEPS + 2)
        ]
        self._pace = Pace(trial.chunk_ms)
        for line in self._pace.rehearse(took_s[2:]):  # the first steps load the networks, and hear less than a window
            self._note(line)
        stream.chunk_ms = self._pace.chunk_ms
        return stream

    def _work(self) -> None:
        try:
            while (block := self._arrived.get()) is not None:
                size = block.size
                self._hear(block)
                self._taken += size
        except BaseException as error:  # noqa: BLE001 - it is raised where the engine is called
            self._failed = error

    def _hear(self, block: FloatArray) -> None:
        self._statistics.seconds += block.size / VOICE_RATE
        while block.size:
            needed = self._stream.needed
            part, block = block[:needed], block[needed:]
            if part.size < needed:
                self._stream.push(part)
                return
            made, took_s = _timed(self._stream, part)
            self.playback.put(made)
            self._all.append(took_s)
            if change := self._pace.took(took_s):
                self._note(change.sentence)
                self.playback.pause(self._samples(change.pause_ms))
                self._stream.chunk_ms = self._pace.chunk_ms

    def _note(self, line: str) -> None:
        self._statistics.changes.append(line)
        self._tell(line)

    @staticmethod
    def _samples(length_ms: float) -> int:
        return round(length_ms * VOICE_RATE / 1000)


def _timed(stream: Stream, part: FloatArray) -> tuple[FloatArray, float]:
    """What a stream gives, and how long it took in s."""
    begun = time.perf_counter()
    made = stream.push(part)
    return made, time.perf_counter() - begun


def paced(engine: Engine, sound: FloatArray, block: int = BLOCK) -> FloatArray:
    """What a listener hears while ``sound`` (time,) at 16 kHz is played into the engine by the clock: as long, and as
    late as the engine says."""
    heard = []
    engine.start()
    begun = time.perf_counter()
    for number, start in enumerate(range(0, sound.size, block)):
        time.sleep(max(0.0, begun + number * block / VOICE_RATE - time.perf_counter()))
        heard.append(engine.call(sound[start : start + block]))
    return np.concatenate(heard) if heard else np.zeros(0, dtype=np.float32)
