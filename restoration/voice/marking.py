"""The mark of generated sound: every file that a voice model made says so, in itself and in a file beside it.

It carries the IPTC digital source type ``trainedAlgorithmicMedia``, the voice, where the consents are kept, the digests
of what it was made from, the software, and a notice for people. ``FILE.origin.json`` beside it says the same, with the
digest of the file.

No watermark is embedded; none was found that is well kept and works without the network (looked for in 2026). audioseal
0.2.0, silentcipher 1.0.5 and wavmark 0.0.3 fetch their weights, and audioseal's are loaded by unpickling only
(facebookresearch/audioseal#107). aware 2.0.1 pins a numpy and a torch that exclude ours. resemble-perth 1.0.1 carries
its weights, pickled, but imports pkg_resources, which setuptools has given up, and was last released in May 2025. So
the mark is in the metadata, which whoever wants to can take off. Nor is the file signed (C2PA): where
RESTORATION_C2PA_CERTIFICATE asks for it, a sentence says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from restoration import __version__, fixity
from restoration.errors import BadSoundFile, RestorationError
from restoration.provenance.digital_source_type import SYNTHETIC
from restoration.voice.gate import Permit, terms_of
from restoration.voice.marked_files import Mark, container_to_mark, read_mark, write_mark
from restoration.voice.notices import notice

C2PA_VARIABLE = "RESTORATION_C2PA_CERTIFICATE"
SIDECAR = ".origin.json"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """How a generated sound came to be.

    Attributes:
        voice: name of the voice, from its card.
        consents: where the consents are kept that it was made by.
        consent_sha256: their seal.
        purpose: what the voice was used for.
        by: who used it.
        sources: SHA-256 of every sound or text that it was made from.
        notice: for people; blank where it was turned off.
        software: what made it.
        made_at: ISO 8601, UTC.
        digital_source_type: the term of the IPTC.
    """

    voice: str
    consents: tuple[str, ...]
    consent_sha256: str
    purpose: str
    by: str
    sources: tuple[str, ...]
    notice: str
    software: str
    made_at: str
    digital_source_type: str = SYNTHETIC

    def as_dict(self) -> dict[str, Any]:
        """Every field, as JSON can hold it."""
        return {**asdict(self), "consents": list(self.consents), "sources": list(self.sources)}


def origin_of(permit: Permit, voice: str, sources: Sequence[str], text: str | None = None) -> Origin:
    """The origin of a sound that is made by a permit, now.

    Args:
        permit: by which it is made; consents, person and purpose are taken from it.
        voice: name of the voice.
        sources: SHA-256 of every sound or text that it is made from.
        text: the notice, ``notice()`` if it is not said; blank turns it off, the rest of the mark stays.

    Raises:
        NoConsent: the permit is none that the gate gave.
    """
    terms = terms_of(permit)
    return Origin(
        voice=voice,
        consents=terms.references,
        consent_sha256=terms.seal,
        purpose=terms.use.purpose,
        by=terms.use.by,
        sources=tuple(sources),
        notice=notice() if text is None else text,
        software=f"heritage-voice {__version__}",
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def check_markable(suffix: str) -> None:
    """Raise where a file of that suffix could not be marked, before anything is made.

    Raises:
        RestorationError: neither WAV, FLAC, MP3 nor Opus, or a signature is asked for.
    """
    if suffix.lower() not in (".wav", ".flac", ".mp3", ".opus"):
        raise RestorationError(f"a generated sound is written as .wav, .flac, .mp3 or .opus, not {suffix or 'so'}")
    check_signing()


def check_signing() -> None:
    """Raise where a signature is asked for, which this version cannot give.

    Raises:
        RestorationError: RESTORATION_C2PA_CERTIFICATE is set.
    """
    if os.environ.get(C2PA_VARIABLE, "").strip():
        raise RestorationError(
            f"{C2PA_VARIABLE} asks for a C2PA signature, and this version signs nothing: unset it, and sign the marked "
            "file with a tool of your own (c2patool does so)"
        )


def mark(path: Path, origin: Origin) -> str:
    """Write the mark into a file and beside it, in place of one that is there; the sound stays as it is.

    Returns the SHA-256 of the marked file, for the usage log.

    Raises:
        BadSoundFile: the file cannot carry a mark; it is left as it was.
        RestorationError: a signature is asked for (see ``check_signing``); the file is marked all the same.
    """
    container_to_mark(path)
    told = origin.as_dict()
    write_mark(
        path,
        Mark(
            title=f"generated voice of {origin.voice}",
            notice=origin.notice,
            source_type=origin.digital_source_type,
            software=origin.software,
            made_at=origin.made_at,
            origin=json.dumps(told, sort_keys=True),
        ),
    )
    digest = fixity.digests(path)["sha256"]
    _write_sidecar(path, {"file": path.name, "sha256": digest, **told})
    check_signing()
    return digest


def read_origin(path: Path) -> Origin | None:
    """What the mark of a file says: that inside it, or else the one beside it; None where there is neither.

    Raises:
        BadSoundFile: the mark cannot be read.
        FixityMismatch: only the mark beside it is there, and describes other bytes: the file was changed since.
    """
    inside = read_mark(path)
    if inside is not None:
        return _origin(path, inside)
    sidecar = sidecar_of(path)
    if not sidecar.is_file():
        return None
    origin = _origin(sidecar, sidecar.read_text(encoding="utf-8"))
    fixity.check(path, "sha256", json.loads(sidecar.read_text(encoding="utf-8")).get("sha256", ""))
    return origin


def sidecar_of(path: Path) -> Path:
    """The file beside a generated file that tells its origin."""
    return path.with_name(path.name + SIDECAR)


def _origin(path: Path, text: str) -> Origin:
    try:
        told = json.loads(text)
        known = {field.name: told[field.name] for field in fields(Origin)}
    except (ValueError, KeyError, TypeError) as error:
        raise BadSoundFile(path, f"has a mark of its origin that cannot be read ({error})") from error
    return Origin(**known | {"consents": tuple(known["consents"]), "sources": tuple(known["sources"])})


def _write_sidecar(path: Path, told: dict[str, Any]) -> None:
    place = sidecar_of(path)
    partial = place.with_name(place.name + ".part")
    partial.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(place)
