"""Content credentials: a C2PA manifest in an exhibition copy, or beside it, signed with the archive's certificate.

WAV, FLAC and MP3 carry it; Ogg Opus, and WAVE files beyond 4 GiB (RF64), have it beside them, in ``FILE.c2pa``. It says
what ``credentials_definition`` makes of the log, and binds that to every byte of the file.

Nothing here asks the network: no time-stamping authority, no revocation server, no manifest of elsewhere. Without a
time stamp a signature counts for as long as its certificate is valid. Two signings of the same exhibit differ: the
library puts random salts into the manifest, and with an elliptic key the signature is random as well. All else,
the names of the manifest too, is the same.

What is not found: that somebody took the credentials off, or changed what C2PA leaves unsigned and no reader looks at:
the padding behind the signature, and names and lengths of some boxes around the statements. The bag's log and its seal
are the record; credentials are its copy for the public. The library, c2pa-python, is an optional extra, and only this
module knows it.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from restoration.errors import RestorationError
from restoration.exhibition.certificate import CHAIN_VARIABLE, KEY_VARIABLE, Certificate, configured
from restoration.exhibition.credentials import Credentials, credentials_in
from restoration.exhibition.credentials_definition import definition
from restoration.exhibition.exhibit import Exhibit
from restoration.fixity import digests

SIDECAR = ".c2pa"
EMBEDDED = {"bwf": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}
BESIDE = "audio/ogg"
"""The media type of what the library does not know: any will do for credentials that lie beside a file."""
BY_ENDING = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg"}
NOT_CONFIGURED = f"not signed: {CHAIN_VARIABLE} and {KEY_VARIABLE} name no certificate"
MISSING = "content credentials need the library c2pa-python: pip install 'heritage-voice[c2pa]'"
OFFLINE: dict[str, Any] = {
    "verify": {
        "verify_after_reading": True,
        "verify_after_sign": True,
        "verify_trust": True,
        "ocsp_fetch": False,
        "remote_manifest_fetch": False,
    },
    "builder": {"thumbnail": {"enabled": False}},
}


class BadCredentials(RestorationError):
    """Credentials that cannot be made or read; not those that can be read and are not valid."""


def sign(exhibit: Exhibit, place: Path, certificate: Certificate | None = None) -> dict[str, Any]:
    """Sign the file at ``place``, and read the credentials back; what the log is to say of it.

    Args:
        exhibit: what is told of the file.
        place: the whole file, tags and all; it is replaced when the signed one is whole.
        certificate: by default the one that RESTORATION_CERTIFICATE and RESTORATION_CERTIFICATE_KEY name.

    Returns:
        ``signed`` (bool); if not, ``reason``, a sentence. If so ``by``, ``certificate_sha256``, ``algorithm``,
        ``manifest`` (its name) and ``embedded`` (bool), and where that is False ``file``, the name of what lies beside.

    Raises:
        BadCertificate: the certificate cannot be used.
        BadCredentials: the library is missing or will not sign, or what it wrote does not read back as valid.
    """
    certificate = certificate or configured()
    if certificate is None:
        return {"signed": False, "reason": NOT_CONFIGURED}
    told = definition(exhibit, digests(place)["sha256"] + certificate.sha256)
    embedded = exhibit.format in EMBEDDED and not _is_rf64(place)
    facts = {
        "signed": True,
        "by": certificate.owner,
        "certificate_sha256": certificate.sha256,
        "algorithm": certificate.algorithm,
        "manifest": told["label"],
        "embedded": embedded,
    }
    if embedded:
        _embed(place, told, certificate, EMBEDDED[exhibit.format])
    else:
        facts["file"] = _put_beside(place, told, certificate, exhibit.file.name + SIDECAR)
    found = read(place, beside=None if embedded else place.with_name(str(facts["file"])))
    if not found.valid:
        raise BadCredentials(f"{place}: was signed, but does not read back as valid: {'; '.join(found.faults)}")
    return facts


def read(file: Path, anchors: str = "", beside: Path | None = None) -> Credentials:
    """What the credentials of a file say.

    Args:
        file: the sound.
        anchors: certificates in PEM of the authorities that are trusted; none by default.
        beside: the credentials, where they are not in the file; by default ``FILE.c2pa``, if there is one.

    Raises:
        BadCredentials: the library is missing, or the file cannot be read.
    """
    library = _library()
    beside = beside or file.with_name(file.name + SIDECAR)
    store = _bytes_of(beside) if beside.is_file() else None
    kind = BESIDE if store is not None else BY_ENDING.get(file.suffix.lower(), BESIDE)
    try:
        with _opened(file) as stream, library.Reader(kind, stream, store, _context(anchors)) as reader:
            return credentials_in(json.loads(reader.json()), file, embedded=store is None)
    except library.C2paError.ManifestNotFound:
        return Credentials(file=file, found=False, faults=("it carries no content credentials",))
    except library.C2paError.NotSupported:
        return Credentials(
            file=file, found=False, faults=(f"it carries none, and there is no {beside.name} beside it",)
        )
    except (library.C2paError, ValueError) as error:
        return Credentials(file=file, embedded=store is None, faults=(f"the credentials are damaged: {error}",))


def _library() -> Any:
    try:
        import c2pa
    except ImportError as error:
        raise BadCredentials(MISSING) from error
    return c2pa


def _context(anchors: str = "") -> Any:
    library = _library()
    trust = {"trust": {"user_anchors": anchors}} if anchors else {}
    return library.Context(library.Settings.from_dict({**OFFLINE, **trust}))


def _embed(place: Path, told: dict[str, Any], certificate: Certificate, kind: str) -> None:
    partial = place.with_name(place.name + ".signed")
    try:
        with place.open("rb") as source, partial.open("w+b") as signed:
            _signed(told, certificate, kind, (source, signed))
            signed.flush()
            os.fsync(signed.fileno())
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def _put_beside(place: Path, told: dict[str, Any], certificate: Certificate, name: str) -> str:
    with place.open("rb") as source:
        # The library copies what it does not change; nobody wants the copy.
        store = _signed(told, certificate, BESIDE, (source, _Nowhere()), embed=False)
    place.with_name(name).write_bytes(store)
    return name


class _Nowhere(io.RawIOBase):
    """A file that keeps nothing but its place and length."""

    def __init__(self) -> None:
        self._at = self._length = 0

    def write(self, piece: Any) -> int:
        self._at += len(piece)
        self._length = max(self._length, self._at)
        return len(piece)

    def read(self, size: int = -1) -> bytes:
        wanted = self._length - self._at if size < 0 else min(size, self._length - self._at)
        self._at += wanted
        return bytes(wanted)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._length)[whence]
        return self._at

    def tell(self) -> int:
        return self._at


def _signed(
    told: dict[str, Any], certificate: Certificate, kind: str, streams: tuple[Any, Any], embed: bool = True
) -> bytes:
    library = _library()
    info = library.C2paSignerInfo(certificate.algorithm.encode(), certificate.chain.encode(), certificate.key, None)
    try:
        with (
            library.Signer.from_info(info) as signer,
            library.Builder(told, context=_context()) as builder,
        ):
            if not embed:
                builder.set_no_embed()
            return bytes(builder.sign(signer, kind, *streams))
    except library.C2paError as error:
        raise BadCredentials(f"the library will not sign: {error}") from error


def _is_rf64(place: Path) -> bool:
    with place.open("rb") as file:
        return file.read(4) in (b"RF64", b"BW64")


def _bytes_of(file: Path) -> bytes:
    with _opened(file) as stream:
        return bytes(stream.read())


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    try:
        stream = file.open("rb")
    except OSError as error:
        raise BadCredentials(f"{file}: cannot be read ({error.strerror})") from error
    with stream:
        yield stream
