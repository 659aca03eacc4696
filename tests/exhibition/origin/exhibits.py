"""Exhibits that tests of their origin share: small files in every format, with the log of a band that was generated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from restoration.audio import Audio, Recording
from restoration.exhibition.exhibit import Excerpt, Exhibit
from restoration.exhibition.preset import load_preset
from restoration.record import Event
from restoration.sound_files import write_bwf, write_flac, write_mp3, write_opus
from restoration.sound_files.bwf import BwfDescription
from tests.provenance.fabricated_log import write_log

ENDINGS = {"bwf": ".wav", "flac": ".flac", "mp3": ".mp3", "opus": ".opus"}


def tone(folder: Path, seconds: float = 1.5, sample_rate: int = 48000) -> Recording:
    """A chord on noise, seeded."""
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    noise = np.random.default_rng(6).standard_normal(time.size)
    samples = sum(np.sin(2 * np.pi * hz * time) / n for n, hz in enumerate((220.0, 880.0, 3100.0), start=3)) * 0.5
    audio = Audio(np.stack([samples + 0.01 * noise] * 2).astype(np.float32), sample_rate)
    return Recording.from_audio(folder / "tone.f32", audio)


def write(recording: Recording, place: Path, form: str) -> None:
    if form == "bwf":
        write_bwf(recording, place, description=BwfDescription(texts={"description": "x"}))
    else:
        {"flac": write_flac, "mp3": write_mp3, "opus": write_opus}[form](recording, place)


def make(folder: Path, form: str = "bwf", events: list[Event] | None = None, **fields: Any) -> Exhibit:
    """An exhibit, its file written and not yet tagged or signed; ``item`` replaces fields of the row."""
    folder.mkdir(parents=True, exist_ok=True)
    log = events or write_log(folder / "events.jsonl", **fields.pop("item", {}))
    recording = fields.pop("recording", None) or tone(folder)
    file = folder / f"{fields.pop('name', '00471')}{ENDINGS[form]}"
    write(recording, file, form)
    told: dict[str, Any] = {
        "bag": folder,
        "events": tuple(log),
        "item": next(event["item"] for event in log if event["event"] == "ingestion"),
        "recording": recording,
        "preset": load_preset("exhibition_museum"),
        "excerpt": Excerpt("time", "12.5-14", 12.5, 14.0, 12.5, 14.0, segments=(3,)),
        "loudness": {"loudness_lufs": -24.02, "true_peak_dbtp": -3.1},
        "file": file,
        "format": form,
        "sha256": "",
        "duration_s": recording.duration_s,
    }
    return Exhibit(**{**told, **fields})
