"""Each step's own before and after, to hear and to see: the few seconds in which it changed most.

The sounds between two steps are in no bag: they are made again from the master by the recorded findings, which takes
as long as the treatment did. So excerpts are made when they are asked for.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from restoration import sound_files
from restoration.audio import Audio, Recording
from restoration.provenance.picture_columns import level_columns
from restoration.record import Event
from restoration.replaying.steps_again import Bench, sounds_again
from restoration.replaying.treated_bag import TreatedBag
from restoration.room.heard import BEFORE, heard_gains_db
from restoration.room.tile_drawing import LevelDrawing
from restoration.room.tiles import CEILING_DB, FLOOR_DB, LOSSY, ROWS, max_hz_of
from restoration.room.values import plain
from restoration.treatment import applied_gain_db

STEPS, INDEX = "steps", "excerpts.json"
EXCERPT_S, WINDOW_S = 6.0, 0.5
PX_PER_S = 150.0
HIGHEST_DBFS = -1.0
ENDS = ("before", "after")

Heard = Callable[[str, float], None]


def write_excerpts(bag: Path, folder: Path, heard: Heard) -> None:
    """Make the excerpts of all steps that were carried out, and the index of them, in ``folder``.

    Raises:
        BadBag, FixityMismatch, BadSoundFile: as ``replaying.steps_again.sounds_again``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    treated = TreatedBag.open(bag)
    with tempfile.TemporaryDirectory(prefix="restoration-") as name:
        bench = Bench(Path(name) / "bench", treated.master, heard)
        excerpts = _Excerpts(treated, folder, Path(name))
        made = sounds_again(treated, bench, excerpts.take, steps_alone=True)
        bench.clear()
    again = {step.event: step for step in made.steps}
    for event, excerpt in excerpts.found.items():
        excerpt["same"] = bool(again[event].same)
    index = {"missing": made.missing, "excerpts": {str(event): one for event, one in excerpts.found.items()}}
    (folder / INDEX).write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")


def excerpts_in(page_folder: Path) -> dict[str, Any]:
    """What a page's folder has: ``excerpts`` by the sequence of their step, and why others are ``missing``, if any are.

    None where they were not asked for.
    """
    index = page_folder / STEPS / INDEX
    empty: dict[str, Any] = {"excerpts": {}, "missing": ""}
    return dict(json.loads(index.read_text(encoding="utf-8"))) if index.is_file() else empty


class _Excerpts:
    """Takes each step's source and result while a treatment is made again."""

    def __init__(self, bag: TreatedBag, folder: Path, bench: Path) -> None:
        self.bag, self.folder, self.bench = bag, folder, bench
        self.found: dict[int, dict[str, Any]] = {}
        self.gain_db = heard_gains_db(bag.events)[BEFORE]

    def take(self, event: Event, source: Recording, result: Recording) -> None:
        """Write the excerpt of one step."""
        moves_time = bool(event.get("moves_time"))
        pace = source.duration_s / result.duration_s if moves_time else 1.0
        length_s = min(EXCERPT_S, result.duration_s)
        start_s = 0.0 if length_s < EXCERPT_S else most_changed_s(source, result, alone=moves_time)
        cuts = {
            "before": _cut(source, start_s * pace, (start_s + length_s) * pace),
            "after": _cut(result, start_s, start_s + length_s),
        }
        gain_db = _heard_gain_db(self.gain_db, cuts)
        number = int(event["sequence"])
        self.found[number] = {
            "start_s": plain(start_s),
            "stop_s": plain(start_s + length_s),
            "moves_time": moves_time,
            "gain_db": plain(round(gain_db, 2)),
            **{end: f"{STEPS}/{number:02}-{end}.js" for end in ENDS},
            "sounds": {end: f"step-{number:02}-{end}" for end in ENDS},
            "pictures": {end: f"{STEPS}/{number:02}-{end}.webp" for end in ENDS},
        }
        for end, audio in cuts.items():
            louder = Audio(audio.samples * np.float32(10.0 ** (gain_db / 20.0)), audio.sample_rate)
            self._write(f"{number:02}-{end}", louder)
        # What comes after a change of level has it already.
        self.gain_db -= applied_gain_db(event)

    def _write(self, stem: str, audio: Audio) -> None:
        recording = Recording.from_audio(self.bench / f"{stem}.f32", audio)
        coded = self.bench / f"{stem}.opus"
        sound_files.write_opus(recording, coded)
        text = base64.b64encode(coded.read_bytes()).decode("ascii")
        (self.folder / f"{stem}.js").write_text(f'HERITAGE.piece("step-{stem}", 0, "{text}");\n', encoding="ascii")
        max_hz = max_hz_of(self.bag.events, audio.sample_rate)
        levels = level_columns(recording, max(1, round(audio.duration_s * PX_PER_S)), ROWS, max_hz)
        picture = LevelDrawing(FLOOR_DB, CEILING_DB).draw(10.0 ** (levels[None] / 10.0))
        picture.save(self.folder / f"{stem}.webp", "WEBP", **LOSSY)


def most_changed_s(source: Recording, result: Recording, *, alone: bool = False) -> float:
    """Where the ``EXCERPT_S`` seconds begin in which a step is heard best: the difference beside the sound itself.

    By the energy of the difference alone it would always be where somebody speaks loudest, which hides what was done.
    Where the two cannot be subtracted (``alone``, or their rates differ), the seconds with most sound.
    """
    frames = round(WINDOW_S * result.sample_rate)
    same = not alone and (source.sample_rate, source.channels) == (result.sample_rate, result.channels)
    starts = range(0, result.frames, frames)
    energies = np.array([_energies(source, result, start, start + frames, same) for start in starts])
    windows = round(EXCERPT_S / WINDOW_S)
    if len(energies) <= windows:
        return 0.0
    changed, sound = (np.convolve(one, np.ones(windows), "valid") for one in energies.T)
    # The mean beside it keeps a few seconds of next to nothing from being the most changed of all.
    share = changed / (sound + sound.mean() + 1e-12)
    return float(min(result.duration_s - EXCERPT_S, int(np.argmax(share if same else sound)) * WINDOW_S))


def _energies(source: Recording, result: Recording, start: int, stop: int, same: bool) -> tuple[float, float]:
    """Of the difference, and of the sound that the step was given; where there is no difference, of the result."""
    after = result.read(start, stop).samples
    if not same:
        return 0.0, float(np.square(after, dtype=np.float64).sum())
    before = source.read(start, stop).samples
    shared = min(before.shape[1], after.shape[1])
    removed = np.subtract(after[:, :shared], before[:, :shared], dtype=np.float64)
    return float(np.square(removed).sum()), float(np.square(before, dtype=np.float64).sum())


def _cut(recording: Recording, start_s: float, stop_s: float) -> Audio:
    return recording.read(round(start_s * recording.sample_rate), round(stop_s * recording.sample_rate))


def _heard_gain_db(wanted_db: float, cuts: dict[str, Audio]) -> float:
    """One gain for both, so that what a step did to the level is heard; neither is driven over full scale."""
    peak = max(float(np.abs(audio.samples).max(initial=0.0)) for audio in cuts.values())
    return min(wanted_db, HIGHEST_DBFS - 20.0 * float(np.log10(max(peak, 1e-6))))
