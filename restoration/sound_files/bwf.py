"""The production master: a broadcast wave file that carries over what its master had beside the sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from restoration.fixity import digests
from restoration.sound_files.dither import quantise
from restoration.sound_files.identify import container_of
from restoration.sound_files.written import Sound, Written, cells
from restoration.wave_chunks import (
    Bext,
    Chunk,
    Extent,
    WaveFile,
    WaveFormat,
    WaveWriter,
    append_coding_history,
    fitted,
    list_type,
    read_wave,
)
from restoration.wave_chunks.writer import LARGEST_RIFF, Body

_WRITTEN_ANEW = {"ds64", "fmt ", "data", "bext", "MD5 ", "JUNK", "junk", "PAD ", "FLLR"}
_OF_THE_MASTERS_SAMPLES = {
    "fact": "counts the samples of the master",
    "PEAK": "gives the peaks of the master",
    "levl": "holds the peak envelope of the master",
    "C2PA": "signs the file of the master",
}
_POSITIONS = {"cue ", "smpl", "plst", "inst", "adtl"}


@dataclass(frozen=True, kw_only=True)
class BwfDescription:
    """What goes into the ``bext`` chunk.

    ``coding_history_rows`` are appended to the master's (see ``wave_chunks.coding_history_row``). ``loudness`` has the
    names of ``wave_chunks.LOUDNESS_FIELDS``. ``texts`` (``description`` and so on, see ``Bext.make``) are used only
    where the master has no ``bext`` of its own; they are cut to what fits. ``later_s`` is how long after the master's
    first sample the sound begins: an excerpt keeps its time of day.
    """

    coding_history_rows: Sequence[str] = ()
    loudness: Mapping[str, float | None] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    later_s: float = 0.0


@dataclass(frozen=True)
class _Plan:
    """The chunks around the sound."""

    before: list[tuple[str, Body]]
    after: list[tuple[str, Body]]
    left_out: dict[str, str]


def write_bwf(
    sound: Sound,
    path: Path,
    *,
    description: BwfDescription,
    like: Path | None = None,
    bits: int = 24,
    dither_seed: int = 0,
) -> Written:
    """Write integer PCM with a ``bext`` chunk of version 2; RF64 where 4 GiB do not suffice.

    Args:
        sound: what is written; samples beyond full scale are clipped and counted.
        path: appears only when it is whole.
        description: for the ``bext`` chunk.
        like: the master. If it is a WAVE file its chunks are carried over byte for byte, in their order, but for those
            that are about its samples; those that mark places in the sound only if rate and length are the master's.
        bits: 16 or 24.
        dither_seed: see ``dither.quantise``.

    Raises:
        BadSoundFile: the master cannot be read, or has a chunk that cannot be carried.
        ValueError: a description that does not fit in a ``bext`` chunk.
    """
    if bits not in (16, 24):
        raise ValueError(f"a broadcast wave file is written with 16 or 24 bits, not {bits}")
    master = read_wave(like) if like is not None and container_of(like) == "WAV" else None
    plan = _plan(sound, master, description)
    mask = master.format.channel_mask if master and master.format.channels == sound.channels else 0
    clipped = dithered = 0
    form = WaveFormat.of_pcm(sound.channels, sound.sample_rate, bits, mask)
    with WaveWriter(path, form, plan.before, plan.after) as file:
        for cell in cells(sound):
            quantised = quantise(cell.samples, cell.number, bits, dither_seed)
            file.write(packed(quantised.values, bits))
            clipped += quantised.clipped
            dithered += quantised.dithered * len(quantised.values)
    with path.open("rb") as written:
        container = "RF64" if written.read(4) == b"RF64" else "BWF"
    return Written(
        path=path,
        container=container,
        bytes=path.stat().st_size,
        sha256=digests(path)["sha256"],
        frames=file.data_bytes // form.block_align,
        sample_rate=sound.sample_rate,
        clipped_samples=clipped,
        dithered_frames=dithered,
        data_md5=file.md5,
        left_out=plan.left_out,
    )


def packed(values: npt.NDArray[np.int32], bits: int) -> memoryview:
    """Interleaved little-endian integers of 16 or 24 bits."""
    if bits == 16:
        return np.ascontiguousarray(values, "<i2").data.cast("B")
    wide = np.ascontiguousarray(values, "<i4").view("u1").reshape(-1, 4)
    return np.ascontiguousarray(wide[:, :3]).data.cast("B")


def _plan(sound: Sound, master: WaveFile | None, description: BwfDescription) -> _Plan:
    bext = _bext(sound, master, description).body
    plan = _Plan([], [], {})
    if master is None:
        plan.before.append(("bext", bext))
        return plan
    same_length = (sound.sample_rate, sound.frames) == (master.format.sample_rate, master.frames)
    if not master.first("bext"):
        plan.before.append(("bext", bext))
    becomes_rf64 = _bytes_at_most(sound, master) > LARGEST_RIFF
    for chunk in master.chunks:
        # libsndfile finds no sound in an RF64 file behind a chunk of odd size.
        stays_before = chunk.offset < master.sound.offset and not (becomes_rf64 and chunk.size % 2)
        side = plan.before if stays_before else plan.after
        if chunk == master.first("bext"):
            # It goes before the sound, where some readers stop to look, even if the master has it behind.
            plan.before.append(("bext", bext))
        elif chunk.id == "fmt " and side is plan.before:
            side.append(("fmt ", b""))
        elif reason := _left_out(master, chunk, same_length):
            plan.left_out[chunk.id] = reason
        elif chunk.id not in _WRITTEN_ANEW:
            side.append((chunk.id, Extent(master.path, chunk.offset, chunk.size)))
    return plan


def _bytes_at_most(sound: Sound, master: WaveFile) -> int:
    beside_sound = sum(chunk.size + 9 for chunk in master.chunks if chunk.id != "data")
    return sound.frames * sound.channels * 4 + beside_sound + 65536


def _left_out(master: WaveFile, chunk: Chunk, same_length: bool) -> str | None:
    if chunk.id in _OF_THE_MASTERS_SAMPLES:
        return _OF_THE_MASTERS_SAMPLES[chunk.id]
    kind = list_type(master.read(chunk)) if chunk.id == "LIST" else chunk.id
    if kind in _POSITIONS and not same_length:
        return "marks places in the master, whose sample rate or length is another"
    return None


def _bext(sound: Sound, master: WaveFile | None, description: BwfDescription) -> Bext:
    bext = master.bext if master else None
    if master is None or bext is None:
        bext = Bext.make(fitted(description.texts))
    elif sound.sample_rate != master.format.sample_rate or description.later_s:
        # The time of the first sample is counted in samples.
        moved = bext.time_reference * sound.sample_rate / master.format.sample_rate
        bext = bext.with_time_reference(round(moved + description.later_s * sound.sample_rate))
    bext = bext.with_loudness(description.loudness)
    for row in description.coding_history_rows:
        bext = append_coding_history(bext, row)
    return Bext(bext.body + b"\0" * (len(bext.body) % 2))
