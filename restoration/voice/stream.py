"""A voice lent while the performance goes on: sound goes in as it comes, and comes out a fixed time later.

Everything happens in steps on the grid of the performance's own samples, so neither the size of the blocks that are
pushed nor when they come changes a sample. A step has heard ``lookahead_ms`` beyond what it gives: the encoder and the
pitch hear windows of the past that end there, and the decoder (``stepwise``) goes on from its state. Level, height
and tonal balance are running ones, for nobody knows what comes (``running``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from restoration.errors import RestorationError
from restoration.voice.convert import Settings, balancing_of, encoder_of, hushed
from restoration.voice.features import (
    HOP,
    Features,
    every_frame,
    frame_powers,
    loudness_of,
    mel_powers,
    prosody,
    rows_heard,
)
from restoration.voice.gate import Permit, check, terms_of
from restoration.voice.melody import Melody, RunningRange, spread_of
from restoration.voice.model import VoiceModel, lent
from restoration.voice.retrieval import Drawn, rate_of
from restoration.voice.rumble import RumbleFilter
from restoration.voice.running import LOUD_DB, RunningHeight, RunningLevel
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.stepwise import PULSES_AHEAD, REACH_FRAMES, SteppedDecoder
from restoration.voice.stream_memory import Envelope, Past, Track
from restoration.voice.tonal_balance import NONE, Balance, LongTermSpectrum, balanced_loudness

PURPOSES = ("live", "convert")
FRAME_MS = 1000 * HOP / VOICE_RATE
CHUNK_MS, LOOKAHEAD_MS = (24.0, 1000.0), (48.0, 480.0)
PITCH_PAST_FRAMES = 48
"""The pitch network hears 176 ms on both sides; so much of the past is enough, and some more to tell the level from."""
FAINT_DB = -45.0
"""A window may hold a pause alone, which the pitch raises to the level of speech: what is so faint has no pitch."""
CHECK_S = 60.0
"""The permit is asked again so often: a consent can be taken back while somebody speaks."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a stream hears, in ms: ``chunk_ms`` of sound a step, ``lookahead_ms`` beyond it, ``window_ms`` of the past.

    What the encoder makes of a window is the nearer to what it makes of the whole the longer the window is (mean cosine
    .957 at 1 s, .969 at 1.5 s, .970 at 2 s, .977 at 3.2 s, with 88 ms ahead: tests/voice/test_stream.py), and the
    longer it takes.
    """

    chunk_ms: float = 80.0
    lookahead_ms: float = 72.0
    window_ms: float = 1000.0

    def __post_init__(self) -> None:
        for name, (least, most) in (("chunk_ms", CHUNK_MS), ("lookahead_ms", LOOKAHEAD_MS)):
            if not least <= getattr(self, name) <= most:
                raise RestorationError(f"{name} is from {least:g} to {most:g} ms, not {getattr(self, name):g}")
        if not 500 <= self.window_ms <= 12000:
            raise RestorationError(f"window_ms is from 500 to 12000 ms, not {self.window_ms:g}")

    @property
    def lookahead_frames(self) -> int:
        """Frames of 8 ms, rounded."""
        return round(self.lookahead_ms / FRAME_MS)


class Stream:
    """A performance in a voice, as it comes. ``push`` sound, get sound; at the end, ``flush``.

    Attributes:
        level: the running gain and its course.
        height: the running transposition.
        range: how much wider the melody becomes.
    """

    def __init__(
        self, permit: Permit, voice: VoiceModel, settings: Settings | None = None, course: Course | None = None
    ) -> None:
        self._permit, self._consents = permit, voice.consents
        self._purpose = terms_of(permit).use.purpose if terms_of(permit).use.purpose in PURPOSES else PURPOSES[0]
        check(permit, self._purpose, self._consents)
        self._settings, self._course = settings or Settings(), course or Course()
        self._encoder = encoder_of(voice, replace(self._settings, index_rate=0.0))
        rate = rate_of(voice, self._settings.index_rate)
        self._drawn = Drawn(self._encoder, voice, rate) if rate else None
        self._decoder = SteppedDecoder(lent(voice, self._settings.protect))
        self.level = RunningLevel()
        self.height = RunningHeight(self._settings.pitch, float(voice.card["f0"]["median_hz"]))
        self.range = RunningRange(spread_of(voice.card["f0"]), self._settings.range_share)
        self._spectrum, self._known = LongTermSpectrum(), Balance.from_card(voice.card)
        self._gains_db, self._balancing = NONE, balancing_of(voice, self._settings)
        self._chunk_frames = _frames(self._course.chunk_ms)
        self._heard = Past(_frames(self._course.window_ms) * HOP)
        self._clear, self._clear_of = Past(_frames(self._course.window_ms) * HOP), RumbleFilter()
        self._track = Track()
        self._envelope = Envelope(self._settings.volume_envelope)
        self._ended, self._checked = False, 0

    @property
    def melody(self) -> Melody:
        """How the melody is changed now."""
        return Melody(self.height.semitones, self.range.stretch, self.range.middle_hz, self.range.held_notes)

    @property
    def chunk_ms(self) -> float:
        """Length of the next step."""
        return self._chunk_frames * FRAME_MS

    @chunk_ms.setter
    def chunk_ms(self, wanted: float) -> None:
        Course(chunk_ms=wanted)
        self._chunk_frames = _frames(wanted)

    @property
    def algorithmic_ms(self) -> float:
        """How long a sample waits, at most, for the sound that its step has to have heard."""
        return self.chunk_ms + self._course.lookahead_frames * FRAME_MS

    @property
    def given(self) -> int:
        """Samples given so far."""
        return self._decoder.frame * HOP

    @property
    def needed(self) -> int:
        """Samples that are wanting until the next step."""
        frames = self._decoder.frame + self._chunk_frames + self._course.lookahead_frames
        return max(0, frames * HOP - self._heard.stop)

    def push(self, sound: FloatArray) -> FloatArray:
        """Any number of samples at 16 kHz; what can be given by now, which may be nothing."""
        if self._ended:
            raise RestorationError("the stream has ended; a new performance needs a new stream")
        if not np.isfinite(sound).all():
            raise RestorationError("the sound holds samples that are not numbers; nothing can be made of it")
        made = []
        while True:
            missing = self.needed
            self._heard.add(sound[:missing])
            self._clear.add(self._clear_of(sound[:missing]))
            sound = sound[missing:]
            if self.needed:
                break
            made.append(self._step())
        return np.concatenate(made) if made else np.zeros(0, dtype=np.float32)

    def flush(self) -> FloatArray:
        """The end: what was pushed and not yet given."""
        left = self._heard.stop - self.given
        silence = np.zeros(left + self._course.lookahead_frames * HOP + self._chunk_frames * HOP, dtype=np.float32)
        made = self.push(silence)[:left]
        self._ended = True
        return made

    def _step(self) -> FloatArray:
        self._ask_again()
        decoder, count = self._decoder, self._chunk_frames
        first = decoder.frame
        self._hear_performance()
        gain = np.float32(10 ** (self.level.gain_db / 20))
        features = self._features(gain)
        new = slice(decoder.next_pulse - decoder.next_window, first + count + PULSES_AHEAD + 1 - decoder.next_window)
        self._track.add(features.loudness_db[new])
        made = decoder.step(features, count, float(1 / gain))
        if self._balancing:
            made = self._balancing.block(made, fading=True)
        source = self._heard.cut(first * HOP, (first + count) * HOP)
        mixed = hushed(made, self._track.between(first, first + count))
        return self._envelope.give(source, mixed)

    def _ask_again(self) -> None:
        if self.given - self._checked >= CHECK_S * VOICE_RATE:
            check(self._permit, self._purpose, self._consents)
            self._checked = self.given

    def _hear_performance(self) -> None:
        """The frames that are whole since the last step, and the level and the tonal balance they bring."""
        first = self._track.levelled
        last = self._heard.stop // HOP - REACH_FRAMES
        begin = max(self._heard.start, (first - REACH_FRAMES) * HOP)
        clear, new = self._clear.cut(begin, self._clear.stop), slice(first - begin // HOP, last - begin // HOP)
        self.level.hear(frame_powers(clear)[new])
        self._track.levelled = last
        if self._known:
            self._spectrum.hear(mel_powers(clear)[new])
            self._gains_db = self._spectrum.gains_db(self._known, self._settings.tonal_balance)

    def _features(self, gain: np.float32) -> Features:
        """From the next window to what the decoder looks ahead; what was not yet heard is as the last that was."""
        decoder, edge = self._decoder, self._heard.stop // HOP
        first, last = decoder.next_window, decoder.frame + self._chunk_frames + decoder.needs_frames
        known = min(last, edge)
        heard = self._heard.all() * gain
        begin = self._heard.start // HOP
        content = self._content(heard, known - first, first - begin)
        # The pitch network's own grid is of 16 ms.
        near = max(begin, (first - PITCH_PAST_FRAMES) // 2 * 2)
        f0_hz, voicing, _ = prosody(heard[(near - begin) * HOP :], self._settings.f0_method)
        clear = self._clear.all()[(near - begin) * HOP :] * gain
        level = balanced_loudness(loudness_of(clear), mel_powers(clear), self._gains_db)
        level[edge - 1 - near :] = level[edge - 2 - near]  # the last window but one is the last whole one
        cut = slice(first - near, known - near)
        moved = self._moved(content, f0_hz[cut], voicing[cut], level[cut], last - known)
        return replace(moved, around=self._around(first, decoder.frame + self._chunk_frames + REACH_FRAMES) * gain)

    def _content(self, heard: FloatArray, frames: int, first: int) -> FloatArray:
        """Content of frames of what is heard; only of these is anything searched for in the voice's material."""
        content = self._encoder.encode(heard)
        if self._drawn is not None:
            used = rows_heard(self._encoder, len(content), frames, first)
            content[used] = self._drawn.draw(content[used])
        return every_frame(content, self._encoder, frames, first=first)

    def _around(self, first: int, last: int) -> FloatArray:
        """What windows of the frames from ``first`` up to ``last`` hear of the performance."""
        begin = first - REACH_FRAMES
        heard = self._heard.cut(max(0, begin) * HOP, (last - 1 + REACH_FRAMES) * HOP)
        return np.pad(heard, (max(0, -begin) * HOP, 0))

    def _moved(
        self, content: FloatArray, f0_hz: FloatArray, voicing: FloatArray, level: FloatArray, missing: int
    ) -> Features:
        """The features with the melody changed, and held over the frames that were not yet heard."""
        faint = level < FAINT_DB
        f0_hz, voicing = np.where(faint, 0, f0_hz), np.where(faint, 0, voicing)
        self.height.hear(f0_hz, level, f0_hz.size - self._chunk_frames, may_move=not f0_hz[0])
        own = slice(0, self._chunk_frames)
        self.range.hear(np.where(level[own] > LOUD_DB, f0_hz[own], 0), may_move=not f0_hz[0])
        f0_hz = self.melody.of(f0_hz)
        held = [np.pad(part, (0, missing), mode="edge").astype(np.float32) for part in (f0_hz, voicing, level)]
        return Features(np.pad(content, ((0, missing), (0, 0)), mode="edge"), *held)


def _frames(length_ms: float) -> int:
    return round(length_ms / FRAME_MS)


def offline(
    permit: Permit,
    voice: VoiceModel,
    sound: FloatArray,
    settings: Settings | None = None,
    course: Course | None = None,
) -> FloatArray:
    """A whole performance (time,) at 16 kHz as a stream gives it, of the same length."""
    stream = Stream(permit, voice, settings, course)
    return np.concatenate([stream.push(sound), stream.flush()])
