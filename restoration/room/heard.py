"""The three sounds of an item as a listener hears them: before, after and what was removed, equally loud.

What is louder sounds better, whatever was done to it. So before and after are brought to one loudness, the louder of
the two copies down; what was removed keeps the level it has in what is heard as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import soundfile

from restoration.audio import Samples
from restoration.derive import ACCESS_SOUNDS, LABEL_OF
from restoration.errors import BadBag
from restoration.provenance.condition_words import measures_of
from restoration.record import Event

BEFORE, AFTER, REMOVED = "before", "after", "removed"
NAMES = (BEFORE, AFTER, REMOVED)
COPY_OF = {LABEL_OF[copy]: copy for copy in ACCESS_SOUNDS}


def derivation(events: Sequence[Event], ending: str) -> Event:
    """The last event of a derived file whose path ends so.

    Raises:
        BadBag: the log has none.
    """
    for event in reversed(events):
        if event["event"] == "derivation" and str(event["file"]).endswith(ending):
            return event
    raise BadBag(f"the log tells of no file “…{ending}”; the treatment was not finished")


def access_copy(events: Sequence[Event], name: str) -> Event:
    """The event of the access copy of one of ``NAMES``.

    Raises:
        BadBag: the log has none.
    """
    return derivation(events, f"_{COPY_OF[name]}.opus")


def matching_gains_db(events: Sequence[Event]) -> dict[str, float]:
    """What is added to each access copy so that before and after are equally loud: nought for the quieter one.

    By the integrated loudness (EBU R 128) that the log has of both, and the gains of the copies. Where a loudness
    could not be measured, nothing is matched.
    """
    copies = {name: _gain_db(access_copy(events, name)) for name in (BEFORE, AFTER)}
    loudness = {name: measures_of(events, name).get("loudness_lufs") for name in copies}
    if any(each is None for each in loudness.values()):
        return dict.fromkeys(NAMES, 0.0)
    heard = {name: float(loudness[name] or 0.0) + copies[name] for name in copies}
    # Adding nought turns a negative nought into a plain one.
    gains = {name: round(min(heard.values()) - level, 3) + 0.0 for name, level in heard.items()}
    return {**gains, REMOVED: gains[BEFORE]}


def heard_gains_db(events: Sequence[Event]) -> dict[str, float]:
    """The whole gain from each sound of the treatment to what is heard: that of its copy, and the matching one."""
    return {name: _gain_db(access_copy(events, name)) + gain for name, gain in matching_gains_db(events).items()}


def pace(events: Sequence[Event]) -> float:
    """Seconds of the untreated copy for each second of the restored sound: 1 unless a step moved time."""
    parameters = derivation(events, "_residual.wav").get("parameters") or {}
    return float(parameters.get("master_s_per_restored_s", 1.0))


@dataclass(frozen=True, eq=False)
class HeardSounds:
    """The three sounds on the axis of the restored one, from the production master and the residual.

    The master's sound is what is left and what was removed together, which puts it on the restored axis even where a
    step moved time. Read a stretch at a time; ``gains`` are factors to the levels that are heard.
    """

    after: soundfile.SoundFile
    removed: soundfile.SoundFile
    undone: float
    gains: dict[str, float]

    @classmethod
    def open(cls, bag: Path, events: Sequence[Event]) -> Self:
        """Open the two files of a bag.

        Raises:
            BadBag: one of them is not there, is no sound, or does not fit the other.
        """
        residual = derivation(events, "_residual.wav")
        after = _opened(bag / derivation(events, "_restored.wav")["file"])
        removed = _opened(bag / residual["file"])
        if (after.samplerate, after.channels) != (removed.samplerate, removed.channels):
            raise BadBag(f"{bag}: what is left and what was removed have not the same rate and channels")
        gains = {name: 10.0 ** (gain / 20.0) for name, gain in heard_gains_db(events).items()}
        return cls(after, removed, 10.0 ** (_gain_db(residual) / 20.0), gains)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.after.close()
        self.removed.close()

    @property
    def sample_rate(self) -> int:
        return int(self.after.samplerate)

    @property
    def frames(self) -> int:
        return int(self.after.frames)

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate

    @property
    def mixture(self) -> tuple[float, float]:
        """How much of what is heard as after, and as removed, makes what is heard as before."""
        return self.gains[BEFORE] * self.undone / self.gains[AFTER], self.gains[BEFORE] / self.gains[REMOVED]

    def read(self, start: int, stop: int) -> dict[str, Samples]:
        """Frames ``start`` to ``stop`` by name, each (channels, time); beyond the ends there is silence."""
        after = _read(self.after, start, stop) * np.float32(self.gains[AFTER])
        removed = _read(self.removed, start, stop) * np.float32(self.gains[REMOVED])
        left, gone = (np.float32(share) for share in self.mixture)
        return {BEFORE: left * after + gone * removed, AFTER: after, REMOVED: removed}


def _gain_db(event: Event) -> float:
    parameters: dict[str, Any] = event.get("parameters") or {}
    return float(parameters.get("gain_db") or 0.0)


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path)
    except (soundfile.SoundFileError, OSError) as error:
        raise BadBag(f"{path}: cannot be opened as a sound file ({error})") from error


def _read(file: soundfile.SoundFile, start: int, stop: int) -> Samples:
    first, last = (min(max(place, 0), file.frames) for place in (start, stop))
    file.seek(first)
    padded = np.zeros((file.channels, stop - start), dtype=np.float32)
    inside = file.read(last - first, dtype="float32", always_2d=True).T
    at = min(first - start, stop - start)
    padded[:, at : at + inside.shape[1]] = inside
    return padded
