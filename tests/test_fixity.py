"""One read, any number of digests; a flipped bit is found."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from restoration.errors import FixityMismatch
from restoration.fixity import CHUNK_BYTES, check, digests

ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixity")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 7])
def test_digests_are_those_of_hashlib_whatever_the_size(tmp_path: Path, size: int) -> None:
    content = (b"tape" * (size // 4 + 1))[:size]
    (tmp_path / "master.wav").write_bytes(content)
    expected = {name: hashlib.new(name, content).hexdigest() for name in ALGORITHMS}
    assert digests(tmp_path / "master.wav", ALGORITHMS) == expected


def test_many_digests_cost_one_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "master.wav"
    path.write_bytes(bytes(CHUNK_BYTES))
    opened: list[Path] = []
    plain_open = Path.open

    def counting_open(self: Path, *arguments: Any, **options: Any) -> IO[Any]:
        opened.append(self)
        return plain_open(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", counting_open)
    digests(path, ALGORITHMS)
    assert opened == [path]


@given(content=st.binary(min_size=1, max_size=400), place=st.integers(0), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_any_flipped_bit_is_found(folder: Path, content: bytes, place: int, bit: int) -> None:
    path = folder / "master.wav"
    path.write_bytes(content)
    expected = digests(path)["sha256"]
    assert check(path, "sha256", f" {expected.upper()}\n") == expected
    rotten = bytearray(content)
    rotten[place % len(content)] ^= 1 << bit
    path.write_bytes(rotten)
    with pytest.raises(FixityMismatch, match=r"is not the one that was described"):
        check(path, "sha256", expected)


def test_an_unknown_algorithm_is_refused(tmp_path: Path) -> None:
    (tmp_path / "master.wav").write_bytes(b"tape")
    with pytest.raises(ValueError, match="crc"):
        digests(tmp_path / "master.wav", ("crc",))
