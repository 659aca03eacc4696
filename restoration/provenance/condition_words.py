"""The condition of a recording in plain words: the names of the measures, and what each says to a listener."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from restoration.provenance.figures import difference, figure, unitless
from restoration.record import Event

# name -> (what it is called, what it means to somebody who listens)
MEASURES = {
    "noise_floor_dbfs": ("Noise floor", "how loud the recording is where nobody speaks; lower is quieter"),
    "snr_db": ("Signal-to-noise ratio", "an estimate of how far the voice stands above the noise"),
    "peak_dbfs": ("Highest sample", "0 dBFS is the loudest a file can hold"),
    "true_peak_dbtp": ("True peak", "the highest point of the sound between the samples"),
    "loudness_lufs": ("Loudness", "integrated over the whole recording"),
    "max_momentary_lufs": ("Highest momentary loudness", ""),
    "max_short_term_lufs": ("Highest short-term loudness", ""),
    "loudness_range_lu": ("Loudness range", "distance between soft and loud passages"),
    "dc_offset": ("DC offset", "a constant shift that the converter added; nought is right"),
    "hum_hz": ("Hum frequency", "mains hum picked up by the recorder or the player"),
    "hum_dbfs": ("Hum level", "level of the hum and its harmonics"),
    "clicks_per_s": ("Clicks", "short disturbances: dust, scratches, splices, switching"),
    "clipped_share": ("Clipped samples", "share of the sound cut off at full level"),
    "clipped_runs": ("Clipped passages", "number of places that are cut off"),
    "bandwidth_hz": ("Bandwidth", "the highest frequency that holds sound"),
    "channel_correlation": ("Channel correlation", "1: both channels are the same; −1: opposite polarity"),
    "channel_level_difference_db": ("Channel level difference", "the first channel above the second"),
    "channel_lag_samples": ("Channel delay", "by how many samples the second channel is late; a skewed head"),
    "channel_polarity": ("Channel polarity", "1: the same; −1: one channel is inverted"),
    "dropouts_per_min": ("Dropouts", "moments where the tape lost contact with the head"),
    "digital_silence_share": ("Digital silence", "share of the file that is exactly nought"),
    "duration_s": ("Duration", ""),
    "sample_rate": ("Sample rate", ""),
    "channels": ("Channels", ""),
}


@dataclass(frozen=True)
class MeasureRow:
    """A row of the before/after table, ready to be read; an empty string where nothing was measured."""

    name: str
    meaning: str
    before: str
    after: str
    change: str


def measures_of(events: Sequence[Event], when: str) -> dict[str, Any]:
    """The measures taken "before" or "after" the treatment; empty when none were."""
    for event in reversed(events):
        if event["event"] == "measurement" and event.get("when") == when:
            return dict(event.get("measures") or {})
    return {}


def measure_rows(before: dict[str, Any], after: dict[str, Any], generated: bool = False) -> list[MeasureRow]:
    """All measures of both, those we know first and in their usual order.

    Where a band was generated, the bandwidth says that it counts it.
    """
    known = [name for name in MEASURES if name in before or name in after]
    others = [name for name in {**before, **after} if name not in MEASURES]
    rows = {name: _row(name, before, after) for name in known + others}
    if generated and "bandwidth_hz" in rows:
        bandwidth = rows["bandwidth_hz"]
        rows["bandwidth_hz"] = replace(bandwidth, meaning=f"{bandwidth.meaning}; after: with what was generated")
    return list(rows.values())


def condition_sentences(measures: dict[str, Any]) -> list[str]:
    """What the measures say, a sentence each; what was not measured is not mentioned."""
    sentences = [_noise(measures), _hum(measures), _clicks(measures), _clipping(measures), _bandwidth(measures)]
    return [sentence for sentence in sentences if sentence]


def _row(name: str, before: dict[str, Any], after: dict[str, Any]) -> MeasureRow:
    title, meaning = MEASURES.get(name, (unitless(name), ""))
    first = figure(name, before[name]) if name in before else ""
    last = figure(name, after[name]) if name in after else ""
    return MeasureRow(title, meaning, first, last, difference(name, before.get(name), after.get(name)))


def _noise(measures: dict[str, Any]) -> str:
    floor, ratio = measures.get("noise_floor_dbfs"), measures.get("snr_db")
    if floor is None:
        return ""
    text = f"Where nobody speaks the recording lies at {figure('noise_floor_dbfs', floor)}"
    return f"{text}; the voice stands about {figure('snr_db', ratio)} above it." if ratio is not None else f"{text}."


def _hum(measures: dict[str, Any]) -> str:
    if "hum_hz" not in measures:
        return ""
    if measures["hum_hz"] is None:
        return "No mains hum was found."
    text = f"Mains hum was found at {figure('hum_hz', measures['hum_hz'])}"
    level = measures.get("hum_dbfs")
    return f"{text}, at a level of {figure('hum_dbfs', level)}." if level is not None else f"{text}."


def _clicks(measures: dict[str, Any]) -> str:
    rate = measures.get("clicks_per_s")
    if rate is None:
        return ""
    return (
        f"There are {figure('clicks_per_s', rate).replace(' per', ' clicks per')}." if rate else "There are no clicks."
    )


def _clipping(measures: dict[str, Any]) -> str:
    runs = measures.get("clipped_runs")
    if runs is None:
        return ""
    places = "place" if runs == 1 else "places"
    return f"The sound is clipped in {figure('clipped_runs', runs)} {places}." if runs else "Nothing is clipped."


def _bandwidth(measures: dict[str, Any]) -> str:
    edge = measures.get("bandwidth_hz")
    return f"Recorded sound reaches up to {figure('bandwidth_hz', edge)}." if edge is not None else ""
