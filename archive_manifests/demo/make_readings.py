"""Render the two clean readings of the demonstration from their text, and store them as Opus.

Needs the Debian packages festival, festvox-us-slt-hts, flite and opus-tools:

    python archive_manifests/demo/make_readings.py

Pauses are drawn from a seeded generator, so that the same engines give the same readings again.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

FOLDER = Path(__file__).parent
SAMPLE_RATE = 48000
PEAK_DBFS = -3.0
SPEECH_RMS_DBFS = -23.0
ROOM_DBFS = -78.0
KBIT_PER_S = 36
SENTENCE_END = re.compile(r"(?<=[.?!])\s+")

Mono = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Voice:
    """One synthetic voice: the command that speaks ``{text}`` into ``{wave}``."""

    command: tuple[str, ...]


SLT = Voice(("text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", "{wave}", "{text}"))
RMS = Voice(("flite", "-voice", "rms", "--setf", "duration_stretch=0.92", "-f", "{text}", "-o", "{wave}"))
SPEAKERS = {"READER": SLT, "ARCHIVIST": SLT, "ANNOUNCER": RMS}


@dataclass(frozen=True)
class Pauses:
    """Shortest and longest pause in seconds, after a sentence and after a paragraph or a turn."""

    sentence_s: tuple[float, float]
    paragraph_s: tuple[float, float]


def main() -> None:
    """Render both readings beside this script."""
    render("reading", Pauses(sentence_s=(0.45, 0.75), paragraph_s=(1.0, 1.3)), seed=1)
    render("interview", Pauses(sentence_s=(0.4, 0.6), paragraph_s=(0.5, 0.9)), seed=2)


def render(name: str, pauses: Pauses, seed: int) -> None:
    """Speak ``name``.txt and write ``name``.opus."""
    draw = np.random.default_rng(seed)
    pieces = [silence(0.5)]
    for speaker, paragraph in paragraphs(FOLDER / f"{name}.txt"):
        sentences = SENTENCE_END.split(paragraph)
        for position, sentence in enumerate(sentences, start=1):
            pause_s = pauses.paragraph_s if position == len(sentences) else pauses.sentence_s
            pieces += [spoken(SPEAKERS[speaker], sentence), silence(draw.uniform(*pause_s))]
    pieces[-1] = silence(0.5)
    samples = np.concatenate(pieces)
    samples *= 10 ** (PEAK_DBFS / 20) / np.abs(samples).max()
    samples += 10 ** (ROOM_DBFS / 20) * draw.standard_normal(samples.size)
    write_opus(FOLDER / f"{name}.opus", samples)


def paragraphs(text: Path) -> list[tuple[str, str]]:
    """(speaker, paragraph) in order; a paragraph without a name in capitals before a colon is the reader's."""
    found = []
    for paragraph in text.read_text(encoding="utf-8").strip().split("\n\n"):
        name, colon, rest = paragraph.partition(": ")
        found.append((name, rest) if colon and name.isupper() else ("READER", paragraph))
    return found


def spoken(voice: Voice, sentence: str) -> Mono:
    """One sentence at 48 kHz, without silence around it, at the level that all voices share."""
    with tempfile.TemporaryDirectory() as folder:
        text, wave = Path(folder) / "sentence.txt", Path(folder) / "sentence.wav"
        text.write_text(sentence + "\n", encoding="utf-8")
        subprocess.run([word.format(text=text, wave=wave) for word in voice.command], check=True)
        samples, sample_rate = soundfile.read(wave)
    samples = trimmed(soxr.resample(samples, sample_rate, SAMPLE_RATE, quality="VHQ"))
    level = np.sqrt(np.mean(samples**2))
    return samples * 10 ** (SPEECH_RMS_DBFS / 20) / level


def trimmed(samples: Mono, below_peak_db: float = 45.0, margin_s: float = 0.03) -> Mono:
    """Without what is silent before and after, with a short fade at both ends."""
    loud = np.flatnonzero(np.abs(samples) > np.abs(samples).max() * 10 ** (-below_peak_db / 20))
    margin = int(margin_s * SAMPLE_RATE)
    kept = samples[max(0, loud[0] - margin) : loud[-1] + margin].copy()
    fade = np.linspace(0, 1, margin // 3)
    kept[: fade.size] *= fade
    kept[-fade.size :] *= fade[::-1]
    return kept


def silence(seconds: float) -> Mono:
    return np.zeros(round(seconds * SAMPLE_RATE))


def write_opus(path: Path, samples: Mono) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "reading.wav"
        soundfile.write(wave, samples, SAMPLE_RATE, subtype="PCM_24")
        command = ["opusenc", "--quiet", "--speech", "--bitrate", str(KBIT_PER_S), "--comp", "10", "--serial", "1"]
        subprocess.run([*command, "--comment", "COMMENT=synthetic speech", wave, path], check=True)


if __name__ == "__main__":
    main()
