"""A record that several programs append to: revocations, uses, heads. One writes at a time; none is lost."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from restoration.errors import RestorationError
from restoration.record import Event, Record, read


def append(path: Path, kind: str, /, **fields: object) -> Event:
    """Add an event to a record and see it on the disk; waits while another program writes.

    Raises:
        BrokenRecord: the chain of the record does not hold.
        RestorationError: its folder is not there.
    """
    _check_folder(path)
    with _held(path):
        return Record(path).append(kind, **fields)


def events_of(path: Path) -> list[Event]:
    """The events of a record, each checked; none if there is no such file yet.

    Raises:
        BrokenRecord: the chain of the record does not hold, or its last line is torn.
        RestorationError: its folder is not there.
    """
    _check_folder(path)
    return list(read(path)) if path.exists() else []


def folder_named_by(variable: str) -> Path | None:
    """The folder that an environment variable names; None where it is not set."""
    named = os.environ.get(variable, "").strip()
    if not named:
        return None
    if not Path(named).is_dir():
        raise RestorationError(f"{variable} names {named}, which is not a folder; make it, or name the right one")
    return Path(named)


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise RestorationError(f"{path}: there is no folder {path.parent}; make it, or name the right one")


@contextmanager
def _held(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
