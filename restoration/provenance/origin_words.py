"""What a log says of where a restored sound comes from: how sure it is, and where its moments lie in the master."""

from __future__ import annotations

from collections.abc import Sequence

from restoration.provenance.picture_canvas import clock
from restoration.record import Event

EXAMPLE_S = 600.0
EXTENTS = {"speech": "While somebody speaks", "everything": "In the whole recording"}


def map_sentence(events: Sequence[Event]) -> str:
    """What the map of origin and confidence comes to; empty where the treatment changed nothing."""
    told = [event for event in events if event["event"] == "map"]
    if not told:
        return ""
    figures, steps = told[-1]["figures"], told[-1]["steps"]
    shares = {name: _percent(value) for name, value in figures.items() if name != "extent"}
    said = (
        f"{EXTENTS.get(figures['extent'], 'In it')}, {shares['generated_energy_share']} of the energy was generated. "
        f"From {shares['removed_cell_share']} of the cells, each 50 ms long and a third of an octave wide, most of the "
        "master’s energy was removed."
    )
    if not steps:
        return said
    return (
        f"{said} {_capital(shares['doubtful_cell_share'])} have a confidence below one half; they hold "
        f"{shares['doubtful_energy_share']} of the energy."
    )


def not_calibrated(events: Sequence[Event]) -> str:
    """A warning where the confidence after a network was read from another network's calibration; else empty."""
    told = [event for event in events if event["event"] == "map"]
    others = [
        one["step"].replace("_", " ")
        for one in (told[-1]["steps"] if told else [])
        if "confidence" in one and not one["confidence"]["same_network"]
    ]
    if not others:
        return ""
    return f"The confidence after {' and '.join(others)} was calibrated with another network, and is a guess."


def master_pace(events: Sequence[Event]) -> float:
    """Seconds of the master to a second of the restored sound; 1 where no step moved time."""
    for event in reversed(events):
        if event["event"] == "derivation" and event.get("role") == "residual":
            return float((event.get("parameters") or {}).get("master_s_per_restored_s", 1.0))
    return 1.0


def time_axis_sentences(events: Sequence[Event]) -> str:
    """How a moment of the restored sound is found in the master; empty where the time axis was not changed."""
    residuals = [event for event in events if event["event"] == "derivation" and event.get("role") == "residual"]
    moved = (residuals[-1].get("parameters") or {}).get("time_moved_by") if residuals else None
    if not moved:
        return ""
    names = " and ".join(str(one["step"]).replace("_", " ") for one in moved)
    pace = master_pace(events)
    return (
        f"The time axis was changed ({names}): what is heard at a time of the restored sound lies in the master at "
        f"{pace:.6f} times that time, but for the sway that was taken out; what is at {clock(EXAMPLE_S, True)} here is "
        f"at {clock(EXAMPLE_S * pace, True)} there. The times of segments and labels are those of the restored sound; "
        "the untreated copy keeps the master’s. What was removed is the difference to the master brought onto the "
        "restored time axis."
    )


def _percent(share: float) -> str:
    if share == 0.0:
        return "none"
    return "less than 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
