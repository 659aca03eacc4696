"""Scratch: the result of each step, kept under a key made of everything that decides it.

The same source, step, parameters, version, weights and findings give the same key, so resuming, running again with one
step changed, and comparing two recipes cost only what changed. It is bounded: when a new result would not fit, the
results not used for longest go.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from restoration.audio import Audio, Recording, Writer
from restoration.step import Findings

Heard = Callable[[float], None]
"""Called with the share (0..1) of the work that is done."""


class Scratch:
    """A folder of results. ``limit_bytes`` bounds all of them together, but never what is in use."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder, self.limit_bytes = folder, limit_bytes
        folder.mkdir(parents=True, exist_ok=True)
        for torn in folder.glob("*.part"):
            torn.unlink()

    def find(self, key: str) -> Recording | None:
        """The result under ``key``, if it is still here and whole."""
        path = self._sound(key)
        if not path.exists():
            return None
        os.utime(path)
        return Recording.open(path)

    def writer(self, key: str, expected_frames: int, heard: Heard) -> Writer:
        """Where the result under ``key`` is to be written."""
        return _HeardWriter(self._sound(key), expected_frames, heard)

    def find_map(self, key: str) -> Recording | None:
        """The map under ``key``. Maps are small beside the sounds they are about, and stay."""
        path = self.folder / f"{key}.map"
        return Recording.open(path) if path.exists() else None

    def map_writer(self, key: str) -> Writer:
        """Where the map under ``key`` is to be written."""
        return Writer(self.folder / f"{key}.map")

    def findings(self, key: str) -> Findings | None:
        """What was measured under ``key``, if it was."""
        path = self.folder / f"{key}.findings.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def keep_findings(self, key: str, findings: Findings) -> None:
        """Remember what was measured under ``key``."""
        path = self.folder / f"{key}.findings.json"
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(findings), encoding="utf-8")
        partial.replace(path)

    def make_room(self, wanted_bytes: int, in_use: Iterable[Recording]) -> None:
        """Let go of the results not used for longest until ``wanted_bytes`` more fit within the limit."""
        kept = {recording.path for recording in in_use}
        by_age = sorted(self.folder.glob("*.f32"), key=lambda path: path.stat().st_mtime_ns)
        used = sum(path.stat().st_size for path in by_age)
        for path in by_age:
            if used + wanted_bytes <= self.limit_bytes:
                return
            if path not in kept:
                used -= path.stat().st_size
                path.unlink()

    def clear(self) -> None:
        """Let go of everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sound(self, key: str) -> Path:
        return self.folder / f"{key}.f32"


class _HeardWriter(Writer):
    """A writer that says how far it is."""

    def __init__(self, path: Path, expected_frames: int, heard: Heard) -> None:
        super().__init__(path)
        self._expected_frames, self._heard = max(1, expected_frames), heard

    def write(self, audio: Audio) -> None:
        super().write(audio)
        self._heard(min(1.0, self._frames / self._expected_frames))
