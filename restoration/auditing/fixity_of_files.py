"""The digest of every file against every manifest that lists it: each file is read once, several at a time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from restoration import fixity
from restoration.auditing.bag import Bag
from restoration.auditing.fault import Fault, in_short

CHECK = "fixity"
Expected = dict[str, list[tuple[str, str, str]]]
"""File -> manifest, algorithm and digest, for each manifest that lists it."""


def every_digest(bag: Bag, threads: int) -> Iterator[Fault]:
    """Read every listed file. hashlib lets go of the interpreter, so threads read side by side."""
    expected = _expected(bag)
    # The largest first, so that no thread is left with one when the others have ended.
    names = sorted(expected, key=lambda name: -bag.files[name])
    with ThreadPoolExecutor(max_workers=max(1, threads)) as readers:
        for faults in readers.map(lambda name: _read(bag, name, expected[name]), names):
            yield from faults


def checked_bytes(bag: Bag) -> int:
    """Bytes of the files that ``every_digest`` reads."""
    return sum(bag.files[name] for name in _expected(bag))


def _expected(bag: Bag) -> Expected:
    found: Expected = defaultdict(list)
    for manifest in bag.manifests:
        for name, digest in manifest.digests.items():
            if name in bag.files and manifest.algorithm in hashlib.algorithms_available:
                found[name].append((manifest.file, manifest.algorithm, digest))
    return found


def _read(bag: Bag, name: str, expected: list[tuple[str, str, str]]) -> list[Fault]:
    try:
        found = fixity.digests(bag.path / name, sorted({algorithm for _, algorithm, _ in expected}))
    except OSError as error:
        return [Fault(check=CHECK, file=name, sentence=f"{name} cannot be read ({error.strerror})")]
    return [
        Fault(
            check=CHECK,
            file=name,
            sentence=f"{name} was changed: {manifest} has the {algorithm} {in_short(digest)}, the file "
            f"{in_short(found[algorithm])}",
            expected=digest,
            found=found[algorithm],
        )
        for manifest, algorithm, digest in expected
        if found[algorithm] != digest
    ]
