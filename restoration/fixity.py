"""Digests of files: one read, any number of algorithms."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from restoration.errors import FixityMismatch

CHUNK_BYTES = 1 << 20


def digests(path: Path, algorithms: Sequence[str] = ("sha256",)) -> dict[str, str]:
    """Lower-case hexadecimal digests of a file, which is read once.

    Raises:
        OSError: the file cannot be read.
        ValueError: an algorithm that hashlib does not know.
    """
    running = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
    with path.open("rb", buffering=0) as file:
        chunk = bytearray(CHUNK_BYTES)
        view = memoryview(chunk)
        while count := file.readinto(chunk):
            for digest in running.values():
                digest.update(view[:count])
    return {name: digest.hexdigest() for name, digest in running.items()}


def check(path: Path, algorithm: str, expected: str) -> str:
    """The digest of ``path``, which is the expected one, in whatever case it was written.

    Raises:
        FixityMismatch: it is another.
    """
    found = digests(path, (algorithm,))[algorithm]
    if found != expected.strip().lower():
        raise FixityMismatch(path, algorithm, expected, found)
    return found
