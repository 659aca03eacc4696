"""The demonstration: two clean synthetic readings, aged into tape masters whose clean originals are known."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from restoration import fixity, sound_files
from restoration.audio import Recording, Writer
from restoration.errors import RestorationError
from restoration.measures.closeness import improvement
from restoration.simulate.age import age
from restoration.simulate.chains import Chain, worn_disc, worn_tape
from restoration.wave_chunks import coding_history_row

MATERIAL = Path(str(files("archive_manifests"))) / "demo"
NOTES = "Synthetic speech, aged by software. No person recorded it, so that nobody's consent is needed."

COLUMNS = ("reading", "what is measured", "aged", "restored", "change")
_MEASURES = {
    "lsd_db": "log-spectral distance to the clean recording, dB (lower is closer)",
    "segmental_snr_db": "segmental signal-to-noise ratio, dB (higher is closer)",
    "pauses_below_speech_db": "pauses below the speech, dB",
}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One item of the demonstration.

    ``clean`` is a file of ``MATERIAL`` (or any other, by its whole path), ``chain`` and ``seed`` what happens to it,
    and ``row`` what the manifest says of it beyond what all items share.
    """

    identifier: str
    clean: str
    chain: Chain
    seed: int
    row: dict[str, str]

    def master(self, folder: Path) -> Path:
        return folder / "masters" / f"{self.identifier}.wav"

    def reference(self, folder: Path) -> Path:
        return folder / "clean" / f"{self.identifier}.wav"

    def restored(self, folder: Path) -> Path:
        return folder / "bags" / self.identifier / "data" / "restored" / f"{self.identifier}_restored.wav"


READINGS = (
    Reading(
        identifier="demo-0001-reading",
        clean="reading.opus",
        chain=worn_disc(),
        seed=1949,
        row={
            "title": "The radio house, a reading",
            "carrier_type": "lacquer disc",
            "generation": "copy",
            "speed_rpm": "78",
            "track_configuration": "mono",
            "speaker": "The reader (synthetic voice)",
            "recipe": "gramophone_disc",
        },
    ),
    Reading(
        identifier="demo-0002-interview",
        clean="interview.opus",
        chain=worn_tape(),
        seed=1958,
        row={
            "title": "Tape forty-one, an archivist asks an announcer",
            "carrier_type": "quarter-inch open-reel audio",
            "generation": "copy",
            "speed_ips": "7.5",
            "track_configuration": "full-track mono",
            "speaker": "The archivist; the announcer (synthetic voices)",
            "recipe": "broadcast_tape",
        },
    ),
)

_SHARED = {
    "language": "en",
    "recorded_date": "2026",
    "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
    "voice_consent": "not-required",
    "notes": NOTES,
}
_ORDER = (
    *("identifier", "file", "sha256", "title", "carrier_type", "generation", "speed_ips", "speed_rpm"),
    *("track_configuration", "language", "recorded_date", "speaker", "rights_uri", "voice_consent", "recipe", "notes"),
)


def make_demo(folder: Path, readings: Sequence[Reading] = READINGS) -> Path:
    """Make ``folder``: masters/ (aged, 24-bit broadcast wave), clean/ (what they were aged from) and manifest.csv.

    The same masters, to the byte, every time. Masters that are there already, and are those that the manifest beside
    them describes, are left as they are.

    Returns:
        The manifest.

    Raises:
        BadSoundFile: a clean reading cannot be decoded.
        OSError: the folder cannot be written.
    """
    manifest = folder / "manifest.csv"
    if _is_made(manifest, readings):
        return manifest
    for name in ("masters", "clean"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = [_row(reading, folder, _make(reading, folder)) for reading in readings]
    # The manifest appears last and whole: a run that was stopped before it begins again.
    partial = manifest.with_name(manifest.name + ".part")
    with partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _ORDER, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    partial.replace(manifest)
    return manifest


def comparison(folder: Path, readings: Sequence[Reading] = READINGS) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """How much closer to the clean recordings the restored ones are: columns, and a row for each reading and measure.

    Readings that have no bag under ``folder``/bags are left out.

    Raises:
        BadSoundFile: a clean, aged or restored file cannot be decoded.
    """
    rows: list[tuple[str, ...]] = []
    for reading in readings:
        if reading.restored(folder).is_file():
            rows += _compared(reading, folder)
    return COLUMNS, rows


def _compared(reading: Reading, folder: Path) -> Iterator[tuple[str, ...]]:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".compare-") as scratch:
        sounds = [
            _recording(path, Path(scratch) / name)
            for name, path in (
                ("clean.f32", reading.reference(folder)),
                ("aged.f32", reading.master(folder)),
                ("restored.f32", reading.restored(folder)),
            )
        ]
        figures = improvement(*sounds)
    for name, meaning in _MEASURES.items():
        before, after = figures[f"{name}_before"], figures[f"{name}_after"]
        if before is not None and after is not None:
            yield reading.identifier, meaning, f"{before:.1f}", f"{after:.1f}", f"{after - before:+.1f}"


def _is_made(manifest: Path, readings: Sequence[Reading]) -> bool:
    """Whether the manifest is there and every master and clean reference is what it should be."""
    try:
        with manifest.open(encoding="utf-8", newline="") as file:
            digests = {row["identifier"]: row["sha256"] for row in csv.DictReader(file)}
        for reading in readings:
            fixity.check(reading.master(manifest.parent), "sha256", digests[reading.identifier])
            sound_files.identify(reading.reference(manifest.parent))
    except (OSError, KeyError, RestorationError):
        return False
    return True


def _make(reading: Reading, folder: Path) -> str:
    """Write the clean reference and the aged master; the SHA-256 of the master."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".ageing-") as scratch:
        clean = _recording(MATERIAL / reading.clean, Path(scratch) / "clean.f32")
        _write(clean, reading.reference(folder), "Synthetic speech: the clean reference of the demonstration", "clean")
        aged = age(clean.read(), reading.chain, reading.seed).audio
        done = f"aged with seed {reading.seed}"
        text = f"{reading.row['title']}. Synthetic speech aged by software; not a recording of a person"
        return _write(Recording.from_audio(Path(scratch) / "aged.f32", aged), reading.master(folder), text, done)


def _write(recording: Recording, path: Path, text: str, done: str) -> str:
    row = coding_history_row("PCM", recording.sample_rate, 24, "mono", f"synthetic speech;{done};heritage-voice")
    description = sound_files.BwfDescription(
        coding_history_rows=[row],
        texts={"description": text, "originator": "heritage-voice", "originator_reference": path.stem},
    )
    return sound_files.write_bwf(recording, path, description=description).sha256


def _row(reading: Reading, folder: Path, sha256: str) -> dict[str, str]:
    place = reading.master(folder).relative_to(folder).as_posix()
    return {"identifier": reading.identifier, "file": place, "sha256": sha256} | _SHARED | reading.row


def _recording(path: Path, scratch: Path) -> Recording:
    with Writer(scratch) as writer:
        sound_files.decode(path, writer)
    return writer.recording
