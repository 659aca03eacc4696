"""The files of an exhibit: written, tagged, given a cover, read back and measured, signed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from restoration import __version__, fixity, sound_files, wave_chunks
from restoration.audio import Writer
from restoration.errors import BadSoundFile
from restoration.exhibition import tagging
from restoration.exhibition.content_credentials import sign
from restoration.exhibition.cover import cover
from restoration.exhibition.exhibit import Exhibit
from restoration.exhibition.levelling import Measures, measured
from restoration.exhibition.preset import LOSSLESS
from restoration.exhibition.shaping import forget

SUFFIXES = {"bwf": ".wav", "flac": ".flac", "opus": ".opus", "mp3": ".mp3"}
BITS = 24


@dataclass(frozen=True)
class Draft:
    """A file that is whole but for its signature: what was written, and what its sound measures when it is read."""

    place: Path
    written: sound_files.Written
    heard: Measures


def write_draft(exhibit: Exhibit, place: Path, language: str, master: Path) -> Draft:
    """Write the sound of an exhibit to ``place`` with its tags, and read it back.

    ``master`` is the production master, whose chunks and coding history go on in a broadcast wave file.

    Raises:
        BadSoundFile: the format cannot hold the sound, or what was written cannot be read back.
    """
    written = _write(exhibit, place, tagging.tags(exhibit, language), master)
    tagging.describe(exhibit, place, language)
    again = place.with_name(place.name + ".read.f32")
    with Writer(again) as writer:
        sound_files.decode(place, writer)
    heard = measured(writer.recording)
    forget(writer.recording)
    return Draft(place, written, heard)


def finish(exhibit: Exhibit, draft: Draft) -> tuple[Exhibit, dict[str, Any], list[Path]]:
    """Give the file its cover and its signature: the exhibit with its digest, the facts for the log, what lies beside.

    The digest before the signature is kept where there is one, for a signature may tell of the time.
    """
    embed(draft.place, exhibit.format, cover(exhibit))
    unsigned = fixity.digests(draft.place)["sha256"]
    signed = sign(exhibit, draft.place)
    sha256 = fixity.digests(draft.place)["sha256"]
    facts: dict[str, Any] = {
        "name": exhibit.file.name,
        "role": "sound",
        "format": exhibit.format,
        "container": draft.written.container,
        "sample_rate": draft.written.sample_rate,
        "frames": draft.written.frames,
        "clipped_samples": draft.written.clipped_samples,
        "dithered_frames": draft.written.dithered_frames,
        "sha256": sha256,
        "bytes": draft.place.stat().st_size,
        **{name: draft.heard[name] for name in ("loudness_lufs", "true_peak_dbtp")},
    }
    if exhibit.format in LOSSLESS:
        facts["dither_seed"] = dither_seed(exhibit)
    if signed:
        facts |= {"unsigned_sha256": unsigned, "credentials": signed}
    beside = [draft.place.parent / str(signed["file"])] if signed.get("file") else []
    return replace(exhibit, sha256=sha256), facts, [each for each in beside if each != draft.place]


def _write(exhibit: Exhibit, place: Path, tags: Mapping[str, str], master: Path) -> sound_files.Written:
    sound = exhibit.recording
    if exhibit.format == "bwf":
        return sound_files.write_bwf(
            sound, place, description=_description(exhibit, tags, master), like=master, dither_seed=dither_seed(exhibit)
        )
    if exhibit.format == "flac":
        return sound_files.write_flac(sound, place, tags=tags, bits=BITS, dither_seed=dither_seed(exhibit))
    if exhibit.format == "opus":
        return sound_files.write_opus(sound, place, tags=tags, bit_rate_kbps=exhibit.preset.codec.opus_kbps)
    return sound_files.write_mp3(sound, place, tags=tags)


def dither_seed(exhibit: Exhibit) -> int:
    """A seed that follows from the sound, so that the same export dithers alike; it is in the log."""
    return int(exhibit.recording.pcm_sha256[:8], 16)


def _description(exhibit: Exhibit, tags: Mapping[str, str], master: Path) -> sound_files.BwfDescription:
    names = ("loudness_lufs", "loudness_range_lu", "max_momentary_lufs", "max_short_term_lufs")
    loudness = {name: exhibit.loudness.get(name) for name in names}
    return sound_files.BwfDescription(
        coding_history_rows=[coding_history_row(exhibit, master)],
        loudness={**loudness, "max_true_peak_dbtp": exhibit.loudness.get("true_peak_dbtp")},
        texts={"description": tags.get("title", ""), "originator_reference": exhibit.identifier},
        later_s=exhibit.excerpt.start_s if exhibit.excerpt else 0.0,
    )


def coding_history_row(exhibit: Exhibit, master: Path) -> str:
    """The row that an export adds to the history of the production master, in that history's dialect."""
    sound, preset = exhibit.recording, exhibit.preset
    mode = wave_chunks.mode_of(sound.channels)
    bext = wave_chunks.read_wave(master).bext
    dialect = wave_chunks.dialect_for(bext.coding_history if bext else "", sound.sample_rate, mode)
    parts = [f"heritage-voice {__version__}", f"export {preset.name} {preset.version}"]
    parts.append(f"chain {preset.chain.name}" if preset.chain else "samples untouched")
    if exhibit.excerpt:
        parts.append(f"excerpt {exhibit.excerpt.start_s:.3f}-{exhibit.excerpt.stop_s:.3f} s")
    text = wave_chunks.row_text(*parts)
    return wave_chunks.coding_history_row("PCM", sound.sample_rate, BITS, mode, text, dialect)


def embed(place: Path, form: str, picture: bytes) -> None:
    """Put a cover (PNG or JPEG) into a FLAC, Opus or MP3 file; a broadcast wave file has no place for one.

    Raises:
        BadSoundFile: the file cannot hold it.
    """
    if form == "bwf":
        return
    from mutagen import MutagenError

    try:
        _embed(place, form, picture)
    except MutagenError as error:
        raise BadSoundFile(place, f"cannot be given its cover ({error})") from error


def _embed(place: Path, form: str, picture: bytes) -> None:
    from mutagen.flac import FLAC, Picture
    from mutagen.id3 import APIC, ID3
    from mutagen.oggopus import OggOpus

    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/jpeg"
    if form == "mp3":
        frames = ID3(place)
        frames.add(APIC(encoding=3, mime=kind, type=3, desc="Spectrogram", data=picture))
        frames.save(place)
        return
    front = Picture()
    front.type, front.mime, front.desc, front.data = 3, kind, "Spectrogram", picture
    if form == "flac":
        file = FLAC(place)
        file.add_picture(front)
        file.save()
        return
    tags = OggOpus(place)
    tags["METADATA_BLOCK_PICTURE"] = base64.b64encode(front.write()).decode("ascii")
    tags.save()
