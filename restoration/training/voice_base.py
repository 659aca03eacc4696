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
from restoration.nets.voice_hearing import Hearing
from restoration.training.loop import Schedule
from restoration.training.voice_corpus import SPEEDS, Version, content_lies, prepare, sampled, voice_directions
from restoration.voice.features import HOP, every_frame, studio_code

FRAMES = 160
EVENNESS = 0.7
"""A voice is drawn as often as its minutes to this power: the many small voices are worth more than their minutes."""
UNNAMED_SHARE = 0.5
"""Voices of one file each, of crowds and many readers, are drawn that much less often."""
AGED_SHARE = 0.25
MOST_PIECES_OF_A_FILE = 12
REFERENCES = 6
HELD_OUT_EXAMPLES = 48
LENT_SHARE = 4
"""One example in so many is a voice lent to another's words; it is twice as long as the others."""
LENT_FRAMES = 320
STUDIO_SHARE = 0.5
UNKNOWN_HZ = 150.0
WORDS_WEIGHT, VOICE_WEIGHT = 2.0, 1.0
Parts = tuple[npt.NDArray[np.float32], ...]
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
        mean, spread = content_lies(versions["plain"])
        network.content_mean.copy_(torch.from_numpy(mean))
        network.content_spread.copy_(torch.from_numpy(spread))
        network.content_voices.copy_(voice_directions(versions["plain"], [voice for voice, _ in known]))
        self.network: nn.Module = network
        self.batches = Examples(versions, known, schedule)
        self._trials = [self.batches.only_held_out(number, HELD_OUT_EXAMPLES // 4) for number in range(4)]
        self._lent_trials = [self.batches.lent_held_out(number, HELD_OUT_EXAMPLES // 8) for number in range(4)]
        self._hearing = Hearing(sampled(versions["plain"]))

    def loss(self, network: nn.Module, batch: tuple[Example, Example]) -> Tensor:
        """How far clips are from what they were, said again in their own voices, and clips said in others' voices from
        their words and from those voices."""
        (*controls, wanted), lent = batch
        apart = spectral_distance(network(Controls(*controls), torch.randn(wanted.shape)), wanted)
        words, voices = self._lent_apart(network, lent, torch.randn(lent[-1].shape))
        return apart + WORDS_WEIGHT * words + VOICE_WEIGHT * voices

    def _lent_apart(self, network: nn.Module, lent: Example, noise: Tensor) -> tuple[Tensor, Tensor]:
        *controls, source = lent
        made = network(Controls(*controls), noise)
        return self._hearing.words_apart(made, source), self._hearing.voices_apart(made, controls[4])

    def shipped_state(self, network: nn.Module) -> dict[str, Tensor]:
        return network.state_dict()

    @torch.no_grad()
    def figures(self, network: nn.Module) -> dict[str, float]:
        """Of clips, and voices, never trained on: the loss of their sound, how like the content of the wanted sound the
        encoder hears the made one's, as a mean cosine, and the two losses of voices lent to them."""
        losses, alike = [], []
        for *controls, wanted in self._trials:
            made = network(Controls(*controls), steady_noise(0, wanted.shape[1]).expand(len(wanted), -1))
            losses.append(float(spectral_distance(made, wanted)))
            alike += [content_alike(first, second) for first, second in zip(made.numpy(), wanted.numpy(), strict=True)]
        lent = [
            self._lent_apart(network, trial, steady_noise(0, trial[-1].shape[1]).expand(len(trial[-1]), -1))
            for trial in self._lent_trials
        ]
        loss, words, voices = float(np.mean(losses)), *(float(np.mean(part)) for part in zip(*lent, strict=True))
        return {
            "held_out_loss": loss,
            "content_alike": float(np.mean(alike)),
            "lent_words_apart": words,
            "lent_voices_apart": voices,
            "score": -(loss + WORDS_WEIGHT * words + VOICE_WEIGHT * voices),
        }


def content_alike(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    """Mean cosine between the content frames of two sounds (time,) of one length at 16 kHz."""
    encoder = content_encoder()
    ours, theirs = encoder.encode(first), encoder.encode(second)
    shared = (ours * theirs).sum(1) / (np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1) + 1e-9)
    return float(shared.mean())


class Examples(Dataset[tuple[Example, Example]]):
    """Batches by number, a number always the same: the tensors of ``Controls``, then the wanted sound (batch, time);
    and the same of voices lent, with the source's sound."""

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

    def __getitem__(self, number: int) -> tuple[Example, Example]:
        draw = np.random.default_rng([self.schedule.seed, number])
        lent = max(1, self.schedule.batch // LENT_SHARE)
        own = self._batch([self._drawn(draw) for _ in range(self.schedule.batch - lent)], draw)
        return own, _stacked([self.lent(self._drawn(draw), self._drawn(draw), draw) for _ in range(lent)])

    def _drawn(self, draw: np.random.Generator) -> int:
        """A piece of a voice."""
        return int(draw.choice(self.voices[self._names[draw.choice(len(self._names), p=self._shares)]]))

    def only_held_out(self, number: int, size: int) -> Example:
        """A batch from pieces that are never trained on."""
        draw = np.random.default_rng([7, number])
        return self._batch([int(draw.choice(self.held_out)) for _ in range(size)], draw)

    def lent_held_out(self, number: int, size: int) -> Example:
        """The same of voices lent to them, those of other such pieces."""
        draw = np.random.default_rng([8, number])
        pairs = draw.choice(self.held_out, (size, 2))
        return _stacked([self.lent(int(piece), int(other), draw) for piece, other in pairs])

    def _batch(self, pieces: list[int], draw: np.random.Generator) -> Example:
        return _stacked([self.example(piece, draw) for piece in pieces])

    def example(self, piece: int, draw: np.random.Generator) -> Parts:
        """content, f0_hz, voicing, loudness_db, speaker, channel, and the sound (160 * 128,) they belong to."""
        aged = draw.random() < AGED_SHARE
        heard, made = ("aged", "aged") if aged else draw.choice([n for n in SPEEDS if n != "aged"], 2)
        target = self.versions[str(made)]
        *controls, sound = self._stretch(self.versions[str(heard)], target, piece, FRAMES, draw)
        return *controls, *self._codes(target, piece, draw), sound

    def lent(self, piece: int, other: int, draw: np.random.Generator) -> Parts:
        """The same, twice as long, of a piece that is to be said in the voice of another, at that voice's height; the
        sound is the source's."""
        made, heard = (self.versions[str(name)] for name in draw.choice([n for n in SPEEDS if n != "aged"], 2))
        content, f0_hz, *tracks, sound = self._stretch(heard, heard, piece, LENT_FRAMES, draw)
        speaker, channel = self._codes(made, other, draw)
        if draw.random() < STUDIO_SHARE:
            channel = studio_code()
        raised = self._height_hz(made, other) / self._height_hz(heard, piece)
        return content, np.asarray(f0_hz * raised, dtype=np.float32), *tracks, speaker, channel, sound

    def _height_hz(self, version: Version, piece: int) -> float:
        """Median pitch of a piece."""
        f0_hz = version.tracks[version.track_starts[piece] : version.track_starts[piece + 1], 0].astype(np.float32)
        return float(np.median(f0_hz[f0_hz > 0])) if np.any(f0_hz > 0) else UNKNOWN_HZ

    def _stretch(self, source: Version, target: Version, piece: int, size: int, draw: np.random.Generator) -> Parts:
        """content (size, 288) as heard in the source version, f0_hz, voicing, loudness_db (size,) and the sound (size *
        128,) of a stretch of the target version."""
        frames = self._frames(target.name, piece)
        start = int(draw.integers(max(1, frames - size)))
        content = self._content(source, target, piece, frames)[start : start + size]
        begin = int(target.track_starts[piece])
        tracks = target.tracks[begin + start : min(begin + start + size, begin + frames)].astype(np.float32)
        first = int(target.sound_starts[piece]) + start * HOP
        last = min(first + size * HOP, int(target.sound_starts[piece + 1]))
        sound = target.sound[first:last].astype(np.float32) / 32767
        content, tracks, sound = _filled(content, size), _filled(tracks, size), _filled(sound, size * HOP)
        return content, tracks[:, 0], tracks[:, 1], tracks[:, 2], sound

    def _content(self, source: Version, target: Version, piece: int, frames: int) -> npt.NDArray[np.float32]:
        begin, end = source.content_starts[piece : piece + 2]
        heard = source.content[begin:end].astype(np.float32)
        return every_frame(heard, self.encoder, frames, source.speed / target.speed)

    def _codes(self, version: Version, piece: int, draw: np.random.Generator) -> Parts:
        """The speaker as other clips of that version tell, and the channel of this one."""
        others = self.beside[self.voice_of[piece]]
        chosen = draw.choice(others, min(len(others), int(draw.integers(1, REFERENCES + 1))), replace=False)
        speaker = version.codes[chosen, :SPEAKER_SIZE].mean(axis=0)
        return speaker.astype(np.float32), version.codes[piece, SPEAKER_SIZE:].astype(np.float32)


def _stacked(examples: list[Parts]) -> Example:
    return tuple(torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True))


def _filled(part: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    missing = size - len(part)
    return np.pad(part, [(0, missing), *[(0, 0)] * (part.ndim - 1)]) if missing > 0 else part
