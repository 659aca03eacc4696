"""What there is to hear and to see of a choice: excerpts of one loudness, and spectrograms on common axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from restoration import sound_files
from restoration.audio import Audio, Recording
from restoration.choosing.candidates import AS_IT_IS, Trial
from restoration.choosing.figures import Original
from restoration.choosing.verdict import Standing
from restoration.provenance.generated import generated_band
from restoration.provenance.pictures import HIGHEST_SHOWN_HZ, BandMarks, PictureScale, spectrogram_picture
from restoration.residual import Residual

TARGET_LUFS, HIGHEST_PEAK_DBTP = -23.0, -1.0
LOWEST_TOP_HZ, ROOM_ABOVE = 8000.0, 1.5
COLOURS_DB = 80.0
"""From the loudest to the quietest colour: what lies further down is not heard beside the voice."""


@dataclass(frozen=True)
class Shown:
    """A candidate on the page: paths relative to it, empty where there is nothing to show."""

    name: str
    after: str
    removed: str = ""


def write_sounds(standings: Sequence[Standing], originals: Sequence[Original], out: Path) -> list[list[Shown]]:
    """Write each excerpt by each candidate, and what was removed, as Opus; the paths, for each excerpt.

    All are of one loudness, -23 LUFS or as much less as keeps the loudest peak under -1 dBTP: what is louder sounds
    better. What was removed is as loud as it is in the untreated excerpt.
    """
    folder = out / "sounds"
    folder.mkdir(exist_ok=True)
    found = []
    for number, original in enumerate(originals):
        trials = {s.name: s.candidate.trials[number] for s in standings if number < len(s.candidate.trials)}
        target = _target_lufs(trials.values())
        shown = []
        for name, trial in trials.items():
            stem = f"excerpt-{number + 1}_{_stem(name)}"
            treated = trial.treated.recording if trial.treated else original.recording
            _opus(treated, folder / f"{stem}.opus", _gain_db(trial.figures.after, target))
            residual = _residual(original, trial)
            if residual is not None:
                _opus(residual, folder / f"{stem}_removed.opus", _gain_db(trial.figures.before, target))
            removed = f"sounds/{stem}_removed.opus" if residual is not None else ""
            shown.append(Shown(name, f"sounds/{stem}.opus", removed))
        found.append(shown)
    return found


def write_pictures(standings: Sequence[Standing], original: Original, out: Path) -> list[Shown]:
    """Draw the first excerpt by each candidate, and what was removed, on common axes; paths relative to the page."""
    folder = out / "pictures"
    folder.mkdir(exist_ok=True)
    trials = {s.name: s.candidate.trials[0] for s in standings if s.candidate.trials}
    scale = _scale(original, list(trials.values()))
    shown = []
    for name, trial in trials.items():
        stem, recorded_hz = _stem(name), original.condition["bandwidth_hz"]
        marks = BandMarks(recorded_hz=recorded_hz, generated_hz=_generated_hz(trial, scale.max_hz or HIGHEST_SHOWN_HZ))
        after = _without_gain(original, trial, folder / f".{stem}.f32")
        (folder / f"{stem}.png").write_bytes(spectrogram_picture(after, scale, marks))
        residual = _residual(original, trial)
        if residual is not None:
            picture = spectrogram_picture(residual, scale, marks)
            (folder / f"{stem}_removed.png").write_bytes(picture)
        removed = f"pictures/{stem}_removed.png" if residual is not None else ""
        shown.append(Shown(name, f"pictures/{stem}.png", removed))
    for scratch in folder.glob(".*"):
        scratch.unlink()
    return shown


def _target_lufs(trials: Iterable[Trial]) -> float:
    """The loudness that all can have without a peak above the limit."""
    conditions = [figures for trial in trials for figures in (trial.figures.before, trial.figures.after)]
    told = [c for c in conditions if c["loudness_lufs"] is not None and c["true_peak_dbtp"] is not None]
    highest = [c["loudness_lufs"] + HIGHEST_PEAK_DBTP - c["true_peak_dbtp"] for c in told]
    return min([TARGET_LUFS, *highest])


def _gain_db(condition: dict[str, float | None], target_lufs: float) -> float:
    loudness = condition["loudness_lufs"]
    return 0.0 if loudness is None else round(target_lufs - loudness, 3)


def _opus(recording: Recording, place: Path, gain_db: float) -> None:
    sound_files.write_opus(recording, place, tags={"title": place.stem}, gain_db=gain_db)


def _stem(name: str) -> str:
    """A file name for a candidate."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)
    return "untreated" if name == AS_IT_IS else kept


def _residual(original: Original, trial: Trial) -> Residual | None:
    """What was removed; None where nothing was, or where a change of speed leaves nothing to subtract."""
    if trial.treated is None:
        return None
    before, after = original.recording, trial.treated.recording
    alike = (before.sample_rate, before.channels) == (after.sample_rate, after.channels)
    if not alike or abs(before.frames - after.frames) > before.sample_rate // 100:
        return None
    return Residual.between(before, after, trial.treated.gain_db)


def _without_gain(original: Original, trial: Trial, place: Path) -> Recording:
    """The treated excerpt at the level of the untreated one, so that a colour means one level in all pictures."""
    if trial.treated is None:
        return original.recording
    treated = trial.treated.recording
    samples = treated.read().samples * np.float32(10 ** (-trial.treated.gain_db / 20))
    return Recording.from_audio(place, Audio(samples, treated.sample_rate))


def _scale(original: Original, trials: Sequence[Trial]) -> PictureScale:
    recording = original.recording
    bands = [band for trial in trials if (band := _generated_hz(trial, HIGHEST_SHOWN_HZ))]
    widest = max([original.condition["bandwidth_hz"] or 0.0, *(band[1] for band in bands)])
    top = max(LOWEST_TOP_HZ, ROOM_ABOVE * widest)
    peak_dbfs = original.condition["peak_dbfs"] or 0.0
    # The loudest partial of a voice lies about 20 dB below the highest sample.
    ceiling_db = float(np.ceil((peak_dbfs - 20.0) / 10.0) * 10.0)
    return PictureScale(
        max_hz=min(recording.sample_rate / 2, HIGHEST_SHOWN_HZ, top),
        duration_s=recording.duration_s,
        height=300,
        floor_db=ceiling_db - COLOURS_DB,
        ceiling_db=ceiling_db,
    )


def _generated_hz(trial: Trial, max_hz: float) -> tuple[float, float] | None:
    found = [band for event in trial.events if (band := generated_band(event))]
    if not found:
        return None
    low = min(band[0] or 0.0 for band in found)
    high = max(min(band[1] or max_hz, max_hz) for band in found)
    return (low, high) if low < high else None
