"""The steps of a treatment as rows of a page: what each found, did and left, and what a curator may say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from restoration.provenance.chapters import of_kind, step_cards
from restoration.provenance.generated import generates
from restoration.provenance.label import step_words
from restoration.record import Event
from restoration.room.heard import pace
from restoration.room.values import flat, plain, told, unit_of

OVERRULABLE: Mapping[str, tuple[str, ...]] = {
    "align_azimuth": ("polarity",),
    "correct_speed": ("ratio",),
    "fill_dropouts": ("max_lift_db",),
    "limit": ("ceiling_db",),
    "remove_clicks": ("threshold", "max_click_ms", "careful"),
    "remove_crackle": ("threshold", "max_click_ms", "least_height"),
    "remove_hum": ("hum_hz",),
    "remove_rumble": ("cutoff_hz",),
    "restore_clipped": ("max_rise_db",),
    "set_level": ("gain_db",),
}
"""Of each step, the findings that its treatment goes by and that a person can know better: one number or truth value.

Not what merely describes (how many clicks, how loud the noise), nor what only many numbers together say (the track of a
drifting offset, the profile of a noise, the ends of a band that levels were measured for).
"""
TRUTHS = ("careful",)
MOST_MOMENTS = 2000


def step_rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every step of the log, in its order; ``excerpt`` is left to who makes them."""
    rows = zip(of_kind(events, "step"), step_cards(events), strict=True)
    return [_row(event, card, events) for event, card in rows]


def _row(event: Event, card: Mapping[str, Any], events: Sequence[Event]) -> dict[str, Any]:
    findings = {key: value for key, value in (event.get("findings") or {}).items() if key not in ("needed", "reason")}
    return {
        "event": int(event["sequence"]),
        "name": card["name"],
        "about": card["about"],
        "outcome": card["outcome"],
        "superseded": card["superseded"],
        "sentence": _sentence(event, card),
        "reason": card["reason"] or card["problem"],
        "generates": generates(event),
        "generated": card["generated"],
        "moves_time": bool(event.get("moves_time")) and card["treated"],
        "findings": [_finding(str(event["name"]), one) for one in flat(findings)],
        "parameters": list(flat(event.get("parameters") or {})),
        "measures": list(_measures(event)),
        "moments": moments(event, events),
        "excerpt": None,
    }


def _finding(step: str, one: dict[str, Any]) -> dict[str, Any]:
    overrulable = one["name"] in OVERRULABLE.get(step, ())
    kind = "truth" if one["name"] in TRUTHS else "number"
    return {**one, "overrulable": overrulable, **({"kind": kind} if overrulable else {})}


def _sentence(event: Event, card: Mapping[str, Any]) -> str:
    """What became of a step, for somebody who does not know it."""
    done = step_words(str(event["name"]))
    done = done[:1].upper() + done[1:]
    if card["treated"]:
        return " ".join(filter(None, [f"{done}.", card["generated"]]))
    if card["outcome"] == "left out":
        return f"Left out: {card['reason']}" if card["reason"] else "Left out."
    return f"Failed: {card['problem']}" if card["problem"] else "Failed."


def _measures(event: Event) -> Iterator[dict[str, Any]]:
    """Figures before and after, of a step that was carried out."""
    if event.get("outcome") != "treated":
        return
    findings, verdict = event.get("findings") or {}, event.get("verdict") or {}
    counted = COUNTED.get(str(event["name"]), {})
    for name, before, after in (*_pairs(verdict), *_fallen(findings, verdict)):
        name = counted.get(name, name)
        yield {
            **told(name, before),
            "before": plain(before),
            "after": plain(after),
            "after_text": told(name, after)["text"],
        }


def _pairs(verdict: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, value in verdict.items():
        other = name.replace("before", "after")
        if "before" in name and other in verdict:
            yield name.replace("before_", "").replace("_before", ""), value, verdict[other]


COUNTED = {"remove_clicks": {"per_s": "clicks_per_s"}, "remove_crackle": {"per_s": "crackle_per_s"}}
"""What a step counts, where its verdict does not say."""
FALLEN = (("hum_dbfs", "fall_db", -1), ("noise_dbfs", "fell_in_pauses_db", -1), ("loudness_lufs", "gain_db", 1))
"""A level that was found, and what it went down or up by."""


def _fallen(findings: Mapping[str, Any], verdict: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for level, change, sign in FALLEN:
        found, by = findings.get(level), verdict.get(change, findings.get(change))
        if isinstance(found, int | float) and isinstance(by, int | float) and unit_of(change) == "dB":
            yield level, found, found + sign * by


def moments(event: Event, events: Sequence[Event]) -> list[dict[str, Any]]:
    """Where a step found single faults, where the log says: ``start_s`` and ``stop_s`` of the restored sound, ``kind``.

    Dropouts have their own places; of clicks the log keeps the stretches that hold any.
    """
    findings = event.get("findings") or {}
    rate = _sample_rate(events)
    if event["name"] == "fill_dropouts":
        found = [(hole["start"] / rate, hole["stop"] / rate, str(hole["mended"])) for hole in findings.get("holes", [])]
    elif event["name"] == "restore_clipped":
        found = [(rail["start"] / rate, rail["stop"] / rate, "clipped") for rail in findings.get("rails", [])]
    else:
        found = []
    ratio = pace(events) if _before_time_moved(event, events) else 1.0
    whole = sorted(set(found))[:MOST_MOMENTS]
    return [
        {"start_s": plain(start / ratio), "stop_s": plain(stop / ratio), "kind": kind} for start, stop, kind in whole
    ]


def _sample_rate(events: Sequence[Event]) -> float:
    rates = [event["format"]["sample_rate"] for event in of_kind(events, "extraction")]
    return float(rates[-1]) if rates else 48000.0


def _before_time_moved(event: Event, events: Sequence[Event]) -> bool:
    moved = [other["position"] for other in of_kind(events, "step") if other.get("moves_time")]
    return any(event["position"] < position for position in moved)
