"""Train the base of the voice models: a decoder that has heard many voices, through many channels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from restoration.nets.content_encoder import content_encoder
from restoration.nets.spectral_distance import spectral_distance
from restoration.nets.voice_decoder import SPEAKER_SIZE, Controls, VoiceDecoder, VoiceDecoderShape, steady_noise
from restoration.training.loop import Schedule
from restoration.training.voice_corpus import SPEEDS, Version, prepare
from restoration.voice.features import HOP, every_frame

FRAMES = 160
EVENNESS = 0.7
"""A voice is drawn as often as its minutes to this power: the many small voices are worth more than their minutes."""
UNNAMED_SHARE = 0.5
"""Voices of one file each, of crowds and many readers, are drawn that much less often."""
AGED_SHARE = 0.25
MOST_PIECES_OF_A_FILE = 12
REFERENCES = 6
HELD_OUT_EXAMPLES = 48
CONTENT_STEP = 50
"""Of the frames that tell how the content lies, each so many-th is enough."""
Example = tuple[Tensor, ...]


class VoiceBaseTask:
    """Make the sound of one version of a clip from the content of another, as the speaker's other clips sound."""

    def __init__(self, corpus: Path, folder: Path, schedule: Schedule, shape: VoiceDecoderShape) -> None:
        torch.manual_seed(schedule.seed)
        network = VoiceDecoder(shape)
        prepared = folder.parent / "voice-corpus"
        versions = {name: prepare(corpus, prepared, name) for name in SPEEDS}
        known = json.loads((prepared / "pieces.json").read_text(encoding="utf-8"))
        codes = torch.from_numpy(versions["plain"].codes[:, :SPEAKER_SIZE])
        network.speaker_mean.copy_(codes.mean(0))
        network.speaker_spread.copy_(codes.std(0))
        heard = torch.from_numpy(versions["plain"].content[::CONTENT_STEP].astype(np.float32))
        network.content_mean.copy_(heard.mean(0))
        network.content_spread.copy_(heard.std(0))
        self.network: nn.Module = network
        self.batches = Examples(versions, known, schedule)
        self._trials = [self.batches.only_held_out(number, HELD_OUT_EXAMPLES // 4) for number in range(4)]

    def loss(self, network: nn.Module, batch: Example) -> Tensor:
        *controls, wanted = batch
        noise = torch.randn(wanted.shape)
        return spectral_distance(network(Controls(*controls), noise), wanted)

    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        return network.state_dict()

    @torch.no_grad()
    def figures(self, network: nn.Module) -> dict[str, float]:
        """Held-out loss (clips, and voices, never trained on), and how like the content of the wanted sound the
        encoder hears the made one's, as a mean cosine."""
        losses, alike = [], []
        for *controls, wanted in self._trials:
            made = network(Controls(*controls), steady_noise(0, wanted.shape[1]).expand(len(wanted), -1))
            losses.append(float(spectral_distance(made, wanted)))
            alike += [content_alike(first, second) for first, second in zip(made.numpy(), wanted.numpy(), strict=True)]
        loss = float(np.mean(losses))
        return {"held_out_loss": loss, "content_alike": float(np.mean(alike)), "score": -loss}


def content_alike(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    """Mean cosine between the content frames of two sounds (time,) of one length at 16 kHz."""
    encoder = content_encoder()
    ours, theirs = encoder.encode(first), encoder.encode(second)
    shared = (ours * theirs).sum(1) / (np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1) + 1e-9)
    return float(shared.mean())


class Examples(Dataset[Example]):
    """Batches by number, a number always the same: the tensors of ``Controls``, then the wanted sound (batch, time)."""

    def __init__(self, versions: dict[str, Version], known: list[tuple[str, bool]], schedule: Schedule) -> None:
        self.versions, self.schedule = versions, schedule
        self.encoder = content_encoder()
        self.voices: dict[str, list[int]] = {}
        self.held_out: list[int] = []
        for number, (voice, kept) in enumerate(known):
            if kept:
                self.held_out.append(number)
            else:
                self.voices.setdefault(voice, []).append(number)
        self.voice_of = [voice for voice, _ in known]
        self.beside = {voice: [n for n, (v, _) in enumerate(known) if v == voice] for voice, _ in known}
        self._names = list(self.voices)
        shares = np.array([self._share(name) for name in self._names])
        self._shares = shares / shares.sum()

    def _share(self, voice: str) -> float:
        frames = sum(self._frames("plain", number) for number in self.voices[voice])
        alone = len(self.beside[voice]) <= MOST_PIECES_OF_A_FILE
        return float(frames**EVENNESS) * (UNNAMED_SHARE if alone else 1.0)

    def _frames(self, name: str, number: int) -> int:
        starts = self.versions[name].track_starts
        return int(starts[number + 1] - starts[number])

    def __len__(self) -> int:
        return self.schedule.steps

    def __getitem__(self, number: int) -> Example:
        draw = np.random.default_rng([self.schedule.seed, number])
        voices = draw.choice(len(self._names), self.schedule.batch, p=self._shares)
        return self._batch([int(draw.choice(self.voices[self._names[voice]])) for voice in voices], draw)

    def only_held_out(self, number: int, size: int) -> Example:
        """A batch from pieces that are never trained on."""
        draw = np.random.default_rng([7, number])
        return self._batch([int(draw.choice(self.held_out)) for _ in range(size)], draw)

    def _batch(self, pieces: list[int], draw: np.random.Generator) -> Example:
        examples = [self.example(piece, draw) for piece in pieces]
        return tuple(torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True))

    def example(self, piece: int, draw: np.random.Generator) -> tuple[npt.NDArray[np.float32], ...]:
        """content, f0_hz, voicing, loudness_db, speaker, channel, and the sound (160 * 128,) they belong to."""
        aged = draw.random() < AGED_SHARE
        heard, made = ("aged", "aged") if aged else draw.choice([n for n in SPEEDS if n != "aged"], 2)
        target, source = self.versions[str(made)], self.versions[str(heard)]
        frames = self._frames(str(made), piece)
        start = int(draw.integers(max(1, frames - FRAMES)))
        content = self._content(source, target, piece, frames)[start : start + FRAMES]
        begin = int(target.track_starts[piece])
        tracks = target.tracks[begin + start : min(begin + start + FRAMES, begin + frames)].astype(np.float32)
        first = int(target.sound_starts[piece]) + start * HOP
        last = min(first + FRAMES * HOP, int(target.sound_starts[piece + 1]))
        sound = target.sound[first:last].astype(np.float32) / 32767
        speaker, channel = self._codes(target, piece, draw)
        content, tracks, sound = _filled(content, FRAMES), _filled(tracks, FRAMES), _filled(sound, FRAMES * HOP)
        return content, tracks[:, 0], tracks[:, 1], tracks[:, 2], speaker, channel, sound

    def _content(self, source: Version, target: Version, piece: int, frames: int) -> npt.NDArray[np.float32]:
        begin, end = source.content_starts[piece : piece + 2]
        heard = source.content[begin:end].astype(np.float32)
        return every_frame(heard, self.encoder, frames, source.speed / target.speed)

    def _codes(self, version: Version, piece: int, draw: np.random.Generator) -> tuple[npt.NDArray[np.float32], ...]:
        """The speaker as other clips of that version tell, and the channel of this one."""
        others = self.beside[self.voice_of[piece]]
        chosen = draw.choice(others, min(len(others), int(draw.integers(1, REFERENCES + 1))), replace=False)
        speaker = version.codes[chosen, :SPEAKER_SIZE].mean(axis=0)
        return speaker.astype(np.float32), version.codes[piece, SPEAKER_SIZE:].astype(np.float32)


def _filled(part: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    missing = size - len(part)
    return np.pad(part, [(0, missing), *[(0, 0)] * (part.ndim - 1)]) if missing > 0 else part
