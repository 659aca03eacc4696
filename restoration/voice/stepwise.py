"""The decoder in steps: each brings some frames more, and the sound goes on where the step before left it.

What lies ahead of a step is heard as far as it is known, and heard again, better known, in the next step. A frame that
was used once is never changed: its window is added whole, its pulses go on, so no border between steps is heard.
"""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor

from restoration.nets.emphasis import beside_the_mean, carried_on
from restoration.nets.voice_decoder import WINDOW, Block, Controls, filtered_windows, pulse_train, steady_noise
from restoration.voice.decoding import Lent, breath_of, controls_of, one_thread, turns_at
from restoration.voice.features import HOP, Features
from restoration.voice.samples import FloatArray

REACH_FRAMES = WINDOW // HOP // 2
PULSES_AHEAD = 2 * REACH_FRAMES - 1
"""The last window that touches a frame reaches so many frames beyond it, with its middle one frame beyond."""


class SteppedFilters:
    """The network with its past: the filters of frames, as they come."""

    def __init__(self, lent: Lent) -> None:
        self._network, self._emphasis = lent.decoder, lent.emphasis
        batch, width = (2 if lent.emphasis else 1), lent.decoder.shape.width
        self._pasts = [torch.zeros(batch, block.past, width) for block in self._blocks()]

    def step(self, controls: Controls, count: int) -> tuple[Tensor, Tensor]:
        """Filters (1, count, 257) of the pulses and of the noise; ``controls`` hold as many frames more as the network
        looks ahead."""
        if self._emphasis:
            controls = beside_the_mean(controls, self._network)
        sound, voice = self._network.entered(controls)
        for number, block in enumerate(self._blocks()):
            around = torch.cat([self._pasts[number], sound], dim=1)
            self._pasts[number] = around[:, count : count + block.past].clone()
            sound = block.inside(around, voice)
        made = self._network.left(sound, controls)
        return carried_on(made, self._emphasis) if self._emphasis else made

    def _blocks(self) -> list[Block]:
        return cast(list[Block], list(self._network.blocks))


class SteppedPulses:
    """The pulses, going on from frame to frame."""

    def __init__(self) -> None:
        self._turns = 0.0
        self._edge: tuple[FloatArray, FloatArray] | None = None

    def step(self, f0_hz: FloatArray, voicing: FloatArray) -> Tensor:
        """Pulses (1, frames * 128) from the frame where the last step ended up to the last of these.

        The first step of all has the first frame besides.
        """
        if self._edge is not None:
            f0_hz = np.concatenate([self._edge[0], f0_hz])
            voicing = np.concatenate([self._edge[1], voicing])
        self._edge = f0_hz[-1:], voicing[-1:]
        phase = torch.tensor([self._turns], dtype=torch.float64)
        pulses, _ = pulse_train(_batch(f0_hz), _batch(voicing), phase)
        self._turns = float((self._turns + turns_at(f0_hz)[-2]) % 1.0)
        return pulses[:, : (f0_hz.size - 1) * HOP]


class SteppedDecoder:
    """Features in, sound out, some frames at a time; ``frame`` is the one that comes next."""

    def __init__(self, lent: Lent) -> None:
        self.lent = lent
        self.frame = 0
        self._filters, self._pulses = SteppedFilters(lent), SteppedPulses()
        # The windows of the first frames reach before the beginning, where there is nothing.
        self._source = torch.zeros(1, WINDOW // 2)
        self._added: FloatArray = np.zeros(WINDOW // 2, dtype=np.float32)

    @property
    def needs_frames(self) -> int:
        """Frames of features beyond those of the sound that a step needs."""
        return REACH_FRAMES + self.lent.decoder.shape.lookahead_frames

    @property
    def next_window(self) -> int:
        """The frame whose window comes next: the first that a step's features begin with."""
        return self.frame + REACH_FRAMES if self.frame else 0

    @property
    def next_pulse(self) -> int:
        """The first frame whose pitch is not yet used."""
        return self.frame + PULSES_AHEAD + 1 if self.frame else 0

    def step(self, features: Features, count: int, gain: float = 1.0) -> FloatArray:
        """The sound (count * 128,) of the next frames, times ``gain``.

        ``features`` begin at the frame ``next_window`` and reach ``needs_frames`` beyond the last frame of the sound.
        """
        first, last = self.next_window, self.frame + count + REACH_FRAMES
        with torch.inference_mode(), one_thread():
            controls = controls_of(features, 0, len(features.f0_hz), self.lent)
            filters = self._filters.step(controls, last - first)
            used = slice(self.next_pulse - first, last + REACH_FRAMES - first)
            pulses = self._pulses.step(features.f0_hz[used], features.voicing[used])
            source = torch.cat([self._source, pulses], dim=1)
            breath = breath_of(features, self.lent.protect, 0, last - first)
            windows = filtered_windows(source, self._noise(first, source.shape[1]), *filters, breath)[0].numpy()
        self._source = source[:, (last - first) * HOP :].clone()
        self.frame += count
        return self._overlapped(windows * np.float32(gain), count)

    def _noise(self, first: int, size: int) -> Tensor:
        start = first * HOP - WINDOW // 2
        missing = max(0, -start)
        return torch.nn.functional.pad(steady_noise(start + missing, size - missing), (missing, 0))[None]

    def _overlapped(self, windows: FloatArray, count: int) -> FloatArray:
        """The windows added to what those before left; ``count`` frames of the sum are whole."""
        whole = np.zeros(len(windows) * HOP + WINDOW - HOP, dtype=np.float32)
        whole[: self._added.size] = self._added
        for number, window in enumerate(windows):
            whole[number * HOP : number * HOP + WINDOW] += window
        # The very first window begins half its length before the sound.
        begin = whole.size - (count + PULSES_AHEAD) * HOP
        self._added = whole[begin + count * HOP :]
        return whole[begin : begin + count * HOP]


def _batch(part: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32))[None]
