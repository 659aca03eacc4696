"""What a base hears through each of its content encoders, language by language.

python -m tests.encoder_bench --corpus DIR
python -m tests.encoder_bench --corpus DIR --clips 6 --languages ru,fr

DIR is a corpus with a train.csv. Phrases are of clips that no training saw; of a new voice no training saw any clip,
and whose voice an unlabelled file holds is not known.
Loss: held-out spectral loss of the zero-shot voice, which `voice train` chooses by. Teacher: cosine of the frames, as
the base standardises them, to those of the encoder that the base was taught with. Lent: GE2E cosine to the
demonstration's reader of the phrases lent to her zero-shot voice; beside it that of the phrases as they were. Words:
the share of the words of English phrases that the embedded recogniser hears otherwise in what was lent.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import soundfile
import soxr
import torch
import typer

from restoration.benchmark.ge2e import embed
from restoration.nets.content_encoder import ContentEncoder
from restoration.nets.recogniser import distance, recognised, words
from restoration.nets.speaker_corpus import HELD_OUT, UNLABELLED
from restoration.nets.voice_decoder import VoiceDecoder, VoiceDecoderShape
from restoration.screen import table
from restoration.training.clips import is_held_out
from restoration.voice.choosing_encoder import encoders_of_the_base, heard_by
from restoration.voice.decoding import Lent, decoded
from restoration.voice.features import analyse, levelled, speaker_code, studio_code
from restoration.voice.lesson import Lesson, Taught, codes_of, taught
from restoration.voice.model import base_state
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.trial import in_melody, stretch
from restoration.voice.tuning import Tuning, held_out_loss

PHRASE_S, LEAST_S = 6.0, 2.0
KNOWN_S = 15.0
"""Of other speech by the same voice, which tells the base whose voice it is."""
MOST_VOICES = 4
READER = ("reading.opus", (20.0, 90.0))


def read_piece(file: Path, start_s: float, stop_s: float) -> FloatArray:
    """A stretch of a sound file, mono at 16 kHz."""
    with soundfile.SoundFile(file) as opened:
        rate = opened.samplerate
        opened.seek(min(opened.frames, int(start_s * rate)))
        sound = opened.read(int((stop_s - start_s) * rate), dtype="float32", always_2d=True).mean(axis=1)
    return np.asarray(soxr.resample(sound, rate, VOICE_RATE), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Voice:
    """Speech that says whose voice it is, phrases (time,) to be said again, and whether a training saw the voice: new,
    known, or unlabelled."""

    known: list[FloatArray]
    phrases: list[FloatArray]
    seen: str


def voices_of(corpus: Path, rows: Sequence[dict[str, str]], clips: int) -> list[Voice]:
    """Voices of a language, as many as give ``clips`` phrases one after the other."""
    by_voice: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_voice[row["path"] if row["speaker"] in UNLABELLED else row["speaker"]].append(row)
    found = (_voice(corpus, own) for own in by_voice.values() if any(map(_kept, own)))
    return _filled(
        [voice for voice, _ in zip((each for each in found if each), range(MOST_VOICES), strict=False)], clips
    )


def _voice(corpus: Path, rows: Sequence[dict[str, str]]) -> Voice | None:
    kept = [row for row in rows if _kept(row) and float(row["duration_s"]) >= LEAST_S]
    if len(rows) == 1 and kept and float(kept[0]["duration_s"]) > KNOWN_S + 2 * PHRASE_S:
        return _of_one(corpus, kept[0])
    # Of a new voice every clip is kept: those that are not said again tell whose voice it is.
    phrases = kept[: max(1, len(kept) // 2)]
    others = [row for row in rows if row not in phrases]
    if not phrases or not others:
        return None
    sounds, seconds = [], 0.0
    for row in others:
        if seconds < KNOWN_S:
            sounds.append(read_piece(corpus / row["path"], 0, PHRASE_S))
            seconds += sounds[-1].size / 16000
    said = [read_piece(corpus / row["path"], 0, min(PHRASE_S, float(row["duration_s"]))) for row in phrases[:8]]
    return Voice(sounds, said, "new" if phrases[0]["speaker"] in HELD_OUT else "known")


def _of_one(corpus: Path, row: dict[str, str]) -> Voice:
    """Of a long file: its beginning, and phrases from what follows."""
    last = float(row["duration_s"]) - PHRASE_S
    begins = np.arange(KNOWN_S, last, PHRASE_S)[:8]
    said = [read_piece(corpus / row["path"], float(begin), float(begin) + PHRASE_S) for begin in begins]
    return Voice([read_piece(corpus / row["path"], 0, KNOWN_S)], said, "unlabelled")


def _kept(row: dict[str, str]) -> bool:
    return row["speaker"] in HELD_OUT or is_held_out(row["path"])


def _filled(voices: list[Voice], clips: int) -> list[Voice]:
    shares = [clips // len(voices) + (number < clips % len(voices)) for number in range(len(voices))] if voices else []
    return [replace(each, phrases=each.phrases[:share]) for each, share in zip(voices, shares, strict=True) if share]


def alike(base: VoiceDecoder, ours: FloatArray, theirs: FloatArray) -> float:
    """Cosine of frames (frames, size) as the base standardises them."""
    mean, spread = base.content_mean.numpy(), base.content_spread.numpy()
    one, other = (ours - mean) / spread, (theirs - mean) / spread
    return float(((one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)).mean())


def lent(base: VoiceDecoder, sound: FloatArray, encoder: ContentEncoder) -> FloatArray:
    """A phrase lent to the demonstration's reader, at her height."""
    reader = stretch(READER[0], READER[1][0])
    heard = analyse(reader, encoder).f0_hz
    height = {"median_hz": float(np.median(heard[heard > 0])), "low_hz": 0.0, "high_hz": 0.0}
    features = in_melody(analyse(sound, encoder), height)
    return decoded(Lent(base, speaker_code(reader), studio_code()), features)


def lines(language: str, voices: list[Voice], base: VoiceDecoder) -> Iterator[tuple[str, ...]]:
    """A row of the table for each encoder."""
    encoders = encoders_of_the_base()
    target = embed(stretch(READER[0], READER[1][1]))
    told = f"{language}, {len(voices)} {voices[0].seen}"
    said: list[list[Taught]] = [[taught(sound, encoders[0]) for sound in voice.phrases] for voice in voices]
    for encoder in encoders:
        losses, cosines, before, made = [], [], [], []
        for voice, phrases in zip(voices, said, strict=True):
            heard = [heard_by(phrase, encoder) for phrase in phrases]
            losses.append(held_out_loss(base, Lesson(heard, encoder, *codes_of(voice.known)), Tuning().frames))
            base.eval()
            for phrase, own in zip(phrases, heard, strict=True):
                cosines.append(alike(base, own.contents[0], phrase.contents[0]))
            made += [(levelled(sound), lent(base, levelled(sound), encoder)) for sound in voice.phrases]
            before += [float(embed(sound) @ target) for sound in voice.phrases]
        likeness = [float(embed(sound) @ target) for _, sound in made]
        figures = (np.mean(losses), np.mean(cosines), np.mean(likeness), np.mean(before))
        lost = f"{words_lost(made):.3f}" if language.startswith("en") else "–"
        yield (told, encoder.name, str(sum(map(len, said))), *(f"{figure:.3f}" for figure in figures), lost)


def words_lost(made: Sequence[tuple[FloatArray, FloatArray]]) -> float:
    """The share of the words in phrases that is heard otherwise in what was made of them."""
    heard = [tuple(words(recognised(sound.astype(np.float64))) for sound in pair) for pair in made]
    return sum(distance(*pair) for pair in heard) / sum(len(spoken) for spoken, _ in heard)


def bench(
    corpus: Annotated[Path, typer.Option(help="a corpus with a train.csv")],
    clips: Annotated[int, typer.Option(help="phrases of each language")] = 4,
    languages: Annotated[str, typer.Option(help="with commas between; all of the corpus if not said")] = "",
) -> None:
    """Print what the base makes of phrases through each of its encoders."""
    torch.set_num_threads(1)
    base = VoiceDecoder(VoiceDecoderShape())
    base.load_state_dict({name: value.float() for name, value in base_state().items()})
    by_language: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            by_language[row["language"]].append(row)
    wanted = languages.split(",") if languages else sorted(by_language)
    found = {language: voices_of(corpus, by_language[language], clips) for language in wanted}
    rows = [line for language, voices in found.items() if voices for line in lines(language, voices, base.eval())]
    names = ("language, voices", "content encoder", "phrases", "loss", "teacher", "lent", "as they were", "words")
    table("The base through its content encoders", names, rows)


if __name__ == "__main__":
    typer.run(bench)
