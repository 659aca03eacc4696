"""From features to sound in a voice, piece by piece, so that no border is heard and no length fills the memory.

The network hears 168 frames of the past and 12 of the future; the pulses go on where the piece before left them and the
noise is one endless noise: so a piece's sound does not depend on where the pieces begin and end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from restoration.nets.breath import Breath
from restoration.nets.emphasis import emphasised
from restoration.nets.voice_decoder import WINDOW, Controls, VoiceDecoder, filtered, pulse_train, steady_noise
from restoration.voice.features import HOP, Features
from restoration.voice.samples import FloatArray

PIECE_FRAMES = 1250
OVERLAP_FRAMES = 4
"""Windows of 512 samples reach that many frames over a border."""
MOST_PROTECT = 0.5


@dataclass(frozen=True, eq=False)
class Lent:
    """A voice ready to be lent: its decoder, whose voice it is (208,), and the channel (12,) it is to come through.

    ``protect`` says how much of breaths and voiceless consonants is the decoder's, from 0 (all of them have the
    performer's grain) to 0.5 (none has); ``emphasis``, how far its filters are carried on (``nets.emphasis``).
    """

    decoder: VoiceDecoder
    speaker: FloatArray
    channel: FloatArray
    protect: float = 0.5
    emphasis: float = 0.0


def decoded(voice: Lent, features: Features) -> FloatArray:
    """The whole sound (frames * 128,) of features, in pieces of 10 s."""
    frames = len(features.f0_hz)
    turns = turns_at(features.f0_hz)
    pieces = [
        sound_between(voice, features, turns, start, min(start + PIECE_FRAMES, frames))
        for start in range(0, frames, PIECE_FRAMES)
    ]
    return np.concatenate(pieces)


def sound_between(
    voice: Lent, features: Features, turns: npt.NDArray[np.float64], first: int, last: int, before: int = 0
) -> FloatArray:
    """The sound ((last - first) * 128,) of the frames from ``first`` up to ``last``.

    ``before`` says how many frames of the performance, whose ``turns`` are given, come before the features' first one.
    """
    shape = voice.decoder.shape
    begin = max(0, first - shape.past_frames - OVERLAP_FRAMES)
    end = min(len(features.f0_hz), last + shape.lookahead_frames + OVERLAP_FRAMES)
    controls = controls_of(features, begin, end, voice)
    start = max(begin, first - OVERLAP_FRAMES)
    stop = min(end, last + OVERLAP_FRAMES)
    with torch.inference_mode(), one_thread():
        heard = slice(start - begin, stop - begin)
        of_pulses, of_noise = (each[:, heard] for each in emphasised(voice.decoder, controls, voice.emphasis))
        phase = torch.tensor([turns[before + start]], dtype=torch.float64)
        pulses, _ = pulse_train(controls.f0_hz[:, heard], controls.voicing[:, heard], phase)
        noise = steady_noise((before + start) * HOP, (stop - start) * HOP)[None]
        breath = breath_of(features, voice.protect, start, stop)
        sound = filtered(pulses, noise, of_pulses, of_noise, breath)[0]
    return np.asarray(sound[(first - start) * HOP : (last - start) * HOP].numpy(), dtype=np.float32)


def breath_of(features: Features, protect: float, first: int, last: int) -> Breath | None:
    """What the performer's own sound adds to the frames from ``first`` up to ``last``; None where nothing is to be."""
    if features.around is None or protect >= MOST_PROTECT:
        return None
    share = (1 - 2 * protect) * np.clip(1 - features.voicing[first:last], 0, 1)
    return Breath(_one(features.around[first * HOP : (last - 1) * HOP + WINDOW]), _one(share))


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: small pieces cost several times as much on more, and sums come out another way."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def controls_of(features: Features, begin: int, end: int, voice: Lent) -> Controls:
    """What the decoder hears of a stretch of frames, as a batch of one."""
    parts = (features.content, features.f0_hz, features.voicing, features.loudness_db)
    cut = [_one(part[begin:end]) for part in parts]
    return Controls(cut[0], cut[1], cut[2], cut[3], _one(voice.speaker), _one(voice.channel))


def _one(part: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32))[None]


def turns_at(f0_hz: FloatArray) -> npt.NDArray[np.float64]:
    """Turns of the pulses before each frame (frames + 1,), modulo one."""
    from restoration.nets.voice_decoder import HOP as SAMPLES
    from restoration.nets.voice_decoder import SAMPLE_RATE

    filled = np.where(f0_hz > 0, f0_hz, 120.0).astype(np.float64)
    after = np.append(filled[1:], filled[-1:])
    share = np.arange(SAMPLES).mean() / SAMPLES
    gone = (filled * (1 - share) + after * share) * SAMPLES / SAMPLE_RATE
    return np.concatenate([[0.0], np.cumsum(gone)]) % 1.0
