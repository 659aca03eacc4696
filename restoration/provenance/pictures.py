"""Pictures of a recording as PNG: spectrogram and waveform, with axes, a scale, and the generated band marked.

Every picture of one report has the same axes and the same decibel scale: a difference that is seen is a difference
that is there. The picture of the treated sound carries the mark of what was generated, and takes it along wherever it
is copied to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from restoration.audio import Recording
from restoration.provenance.generated import generated_band, treated_steps
from restoration.provenance.picture_canvas import LEVELS, NOTE_PIXELS, TINTED, WAVE, WAVE_RMS, Canvas
from restoration.provenance.picture_columns import envelope_columns, level_columns
from restoration.record import Event

HIGHEST_SHOWN_HZ = 24_000.0
LOWEST_TOP_HZ = 8_000.0


@dataclass(frozen=True, kw_only=True)
class PictureScale:
    """The axes that pictures share.

    ``width`` and ``height`` in pixels; ``max_hz`` and ``duration_s`` are the ends of the axes (None: the recording's
    own, at most 24 kHz); ``floor_db`` and ``ceiling_db`` the ends of the colour scale in dBFS; ``full_scale`` the
    sample value at the edge of a waveform.
    """

    width: int = 1200
    height: int = 360
    max_hz: float | None = None
    duration_s: float | None = None
    floor_db: float = -100.0
    ceiling_db: float = -20.0
    full_scale: float = 1.0

    def __post_init__(self) -> None:
        if self.width < 320 or self.height < 80:
            raise ValueError(f"a picture of {self.width} by {self.height} pixels has no room for its axes")
        if self.floor_db >= self.ceiling_db:
            raise ValueError(f"a colour scale from {self.floor_db} to {self.ceiling_db} dBFS is upside down")


@dataclass(frozen=True, kw_only=True)
class BandMarks:
    """What is marked in a spectrogram: the bandwidth of the master in Hz, and the generated band (low, high) in Hz."""

    recorded_hz: float | None = None
    generated_hz: tuple[float, float] | None = None


def spectrogram_picture(
    recording: Recording, scale: PictureScale = PictureScale(), marks: BandMarks = BandMarks()
) -> bytes:
    """A PNG of the recording's levels over time and frequency. Memory does not grow with its length."""
    canvas = Canvas(scale.width, scale.height)
    max_hz = scale.max_hz or min(HIGHEST_SHOWN_HZ, recording.sample_rate / 2)
    duration_s = scale.duration_s or recording.duration_s
    levels = level_columns(recording, canvas.columns, canvas.rows, max_hz, duration_s)
    shown = (levels - scale.floor_db) * ((LEVELS - 1) / (scale.ceiling_db - scale.floor_db))
    pixels = np.clip(np.rint(shown), 0, LEVELS - 1).astype(np.uint8)
    if marks.generated_hz:
        low, high = (canvas.row_of(hz / max_hz) for hz in marks.generated_hz)
        pixels[high:low] += np.uint8(TINTED)
    canvas.paint(pixels)
    canvas.time_axis(duration_s)
    canvas.frequency_axis(max_hz)
    canvas.colour_bar(scale.floor_db, scale.ceiling_db)
    _draw_marks(canvas, marks, max_hz)
    return canvas.png()


def waveform_picture(recording: Recording, scale: PictureScale = PictureScale(height=150)) -> bytes:
    """A PNG of the recording's envelope (lowest to highest sample) with its root-mean-square in a lighter colour."""
    canvas = Canvas(scale.width, scale.height)
    duration_s = scale.duration_s or recording.duration_s
    lowest, highest, rms = envelope_columns(recording, canvas.columns, duration_s) / scale.full_scale
    rows = np.arange(canvas.rows)[:, None]
    middle = (canvas.rows - 1) / 2
    pixels = np.zeros((canvas.rows, canvas.columns), dtype=np.uint8)
    inside = (rows >= np.floor(middle * (1 - highest))) & (rows <= np.ceil(middle * (1 - lowest)))
    pixels[inside] = WAVE
    pixels[inside & (np.abs(rows - middle) <= middle * rms)] = WAVE_RMS
    canvas.paint(pixels)
    canvas.time_axis(duration_s)
    canvas.amplitude_axis(scale.full_scale)
    return canvas.png()


def report_pictures(
    events: Sequence[Event], before: Recording, after: Recording | None = None, removed: Recording | None = None
) -> dict[str, bytes]:
    """Every picture of a treatment report, on common axes, by the name the report knows it by.

    Args:
        events: the log, which says what was measured and generated.
        before: the master's sound.
        after: the restored sound.
        removed: the residual.
    """
    shown = {"before": before, "after": after, "removed": removed}
    present = {name: recording for name, recording in shown.items() if recording is not None}
    scale = common_scale(events, list(present.values()))
    marks = BandMarks(recorded_hz=_recorded_hz(events), generated_hz=_generated_hz(events, scale.max_hz))
    pictures = {}
    for name, recording in present.items():
        own = marks if name == "after" else replace(marks, generated_hz=None)
        pictures[f"spectrogram_{name}"] = spectrogram_picture(recording, scale, own)
        pictures[f"waveform_{name}"] = waveform_picture(recording, replace(scale, height=150))
    return pictures


def _draw_marks(canvas: Canvas, marks: BandMarks, max_hz: float) -> None:
    row = None
    if marks.recorded_hz and marks.recorded_hz < max_hz:
        row = canvas.row_of(marks.recorded_hz / max_hz)
        canvas.dashed_line(row)
        canvas.note(row, f"recorded up to {marks.recorded_hz / 1000:.1f} kHz")
    if marks.generated_hz:
        middle = canvas.row_of(sum(marks.generated_hz) / 2 / max_hz)
        # Both notes stand at the left, which a narrow screen shows first; where they would meet, one steps aside.
        beside = row is not None and abs(middle - row) < 2 * NOTE_PIXELS
        canvas.note(middle, "GENERATED BAND", indent=240 if beside else 0)


def common_scale(events: Sequence[Event], recordings: Sequence[Recording]) -> PictureScale:
    """The axes that all pictures of a report share."""
    nyquist = max(recording.sample_rate for recording in recordings) / 2
    widest = max([_bandwidth(event) for event in events], default=0.0)
    top = max(LOWEST_TOP_HZ, 1.5 * widest) if widest else HIGHEST_SHOWN_HZ
    peaks = [10 ** (_peak_dbfs(event) / 20) for event in events if event["event"] == "measurement"]
    return PictureScale(
        max_hz=min(nyquist, HIGHEST_SHOWN_HZ, top),
        duration_s=max(recording.duration_s for recording in recordings),
        full_scale=max(0.05, *peaks) if peaks else 1.0,
    )


def _bandwidth(event: Event) -> float:
    """Whatever the picture has to have room for: a measured bandwidth, or the top of a generated band."""
    if event["event"] == "measurement":
        return float(event.get("measures", {}).get("bandwidth_hz") or 0.0)
    band = generated_band(event)
    return float(band[1] or 0.0) if band else 0.0


def _peak_dbfs(event: Event) -> float:
    peak = event.get("measures", {}).get("peak_dbfs")
    return 0.0 if peak is None else float(peak)


def _recorded_hz(events: Sequence[Event]) -> float | None:
    for event in events:
        if event["event"] == "measurement" and event.get("when") == "before":
            return event.get("measures", {}).get("bandwidth_hz")
    return None


def _generated_hz(events: Sequence[Event], max_hz: float | None) -> tuple[float, float] | None:
    bands = [band for step in treated_steps(events) if (band := generated_band(step))]
    if not bands or max_hz is None:
        return None
    low = min(band[0] or 0.0 for band in bands)
    high = max(min(band[1] or max_hz, max_hz) for band in bands)
    return (low, high) if low < high else None
