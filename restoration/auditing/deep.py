"""What only decoding tells: the sound of the master and of the broadcast waves, and the pages of the map."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from restoration import fixity
from restoration.audio import Audio, Writer
from restoration.auditing.bag import Bag
from restoration.auditing.broadcast_waves import waves
from restoration.auditing.fault import Fault, in_short
from restoration.errors import BadBag, BadSoundFile
from restoration.record import Event
from restoration.sound_files import decode
from restoration.sound_map.pages import read_page
from restoration.wave_chunks import read_wave

CHECK = "sound"
READ_BYTES = 1 << 20


class _Listener:
    """Takes sound as a ``Writer`` does, and keeps its digest alone."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def write(self, audio: Audio) -> None:
        self._digest.update(np.ascontiguousarray(audio.samples.T, dtype="<f4").data)

    @property
    def pcm_sha256(self) -> str:
        return self._digest.hexdigest()


def master_sound(bag: Bag) -> Iterator[Fault]:
    """The master decodes to the sound that the log begins with; its MD5 is that of the log as well."""
    extraction = bag.first("extraction")
    name = f"data/master/{extraction['file']}"
    if name not in bag.files:
        return
    listener = _Listener()
    try:
        decoded = decode(bag.path / name, cast(Writer, listener))
        found = decoded.as_dict()
    except BadSoundFile as error:
        yield _fault(extraction, name, f"{name} cannot be decoded: {error}")
        return
    if listener.pcm_sha256 != extraction["result"]:
        sentence = f"{name} holds another sound than event {extraction['sequence']} (extraction) says"
        yield _fault(extraction, name, sentence, extraction["result"], listener.pcm_sha256)
    if found["frames"] != extraction["format"]["frames"]:
        sentence = f"{name} has {found['frames']} frames, where the log says {extraction['format']['frames']}"
        yield _fault(extraction, name, sentence, extraction["format"]["frames"], found["frames"])
    for remark in decoded.warnings:
        if "MD5 chunk" in remark and remark not in extraction["warnings"]:
            yield _fault(extraction, name, f"{name}: {remark}, and the log does not say so")
    check = bag.first("fixity check", when="before", outcome="match")
    md5 = fixity.digests(bag.path / name, ("md5",))["md5"]
    if check["found"].get("md5") != md5:
        yield _fault(
            check, name, f"{name} has another MD5 than event {check['sequence']} says", check["found"].get("md5"), md5
        )


def wave_sounds(bag: Bag) -> Iterator[Fault]:
    """The bytes of sound in each broadcast wave have the MD5 that its event gives.

    Its samples are dithered, so they are not those of its source; only a replay tells that they came of it.
    """
    for event in waves(bag):
        try:
            wave = read_wave(bag.path / event["file"])
        except BadSoundFile as error:
            yield _fault(event, event["file"], f"{event['file']} cannot be read: {error}")
            continue
        digest = hashlib.md5(usedforsecurity=False)
        with wave.path.open("rb") as file:
            file.seek(wave.sound.offset)
            left = wave.sound.size
            while left and (block := file.read(min(left, READ_BYTES))):
                digest.update(block)
                left -= len(block)
        if digest.hexdigest() != event["format"].get("data_md5"):
            sentence = f"{event['file']} holds another sound than event {event['sequence']} (derivation) says"
            yield _fault(event, event["file"], sentence, event["format"].get("data_md5"), digest.hexdigest())


def access_copies(bag: Bag) -> Iterator[Fault]:
    """Every access copy plays to its end."""
    for event in bag.of_kind("derivation"):
        if event["role"] == "access copy" and event["file"] in bag.files:
            try:
                decode(bag.path / event["file"], cast(Writer, _Listener()))
            except BadSoundFile as error:
                yield _fault(event, event["file"], f"{event['file']} cannot be decoded: {error}")


def map_pages(bag: Bag) -> Iterator[Fault]:
    """The pages of the map can be read, follow each other, and end where the restored sound ends."""
    pages = [event for event in bag.of_kind("derivation") if event["role"] == "map" and event["file"].endswith(".png")]
    at_s = 0.0
    for event in pages:
        if event["file"] not in bag.files:
            continue
        try:
            page = read_page(bag.path / event["file"])
        except BadBag as error:
            yield _fault(event, event["file"], str(error))
            continue
        if abs(page.start_s - at_s) > page.seconds_per_column:
            sentence = f"{event['file']} begins at {page.start_s:.2f} s, where the page before it ended at {at_s:.2f} s"
            yield _fault(event, event["file"], sentence, at_s, page.start_s)
        at_s = page.start_s + page.generated.shape[1] * page.seconds_per_column
    restored = bag.first("derivation", role="production master").get("format") or {}
    duration_s = restored["frames"] / restored["sample_rate"]
    if pages and abs(at_s - duration_s) > 1.0:
        name = pages[-1]["file"]
        yield _fault(
            pages[-1], name, f"{name} ends at {at_s:.1f} s, and the sound at {duration_s:.1f} s", duration_s, at_s
        )


def _fault(event: Event, file: str, sentence: str, expected: Any = "", found: Any = "") -> Fault:
    digests = f": expected {in_short(expected)}, found {in_short(found)}" if len(str(expected)) >= 32 else ""
    return Fault(
        check=CHECK, file=file, event=event["sequence"], sentence=sentence + digests,
        expected=str(expected), found=str(found),
    )  # fmt: skip
