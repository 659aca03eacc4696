"""The figures of a choice as text, for the screen and for the page alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from restoration.choosing.totals import Totals
from restoration.choosing.verdict import Standing
from restoration.provenance.figures import MINUS, figure

NOTHING = "–"

Column = tuple[str, Callable[[Totals], str]]


def columns(standings: Sequence[Standing]) -> list[Column]:
    """The columns: a heading and how its cells are told. A fault that is nowhere has no column, nor has an opinion."""
    totals = [standing.totals for standing in standings if standing.totals]
    found: list[Column] = [
        ("gain, dB", lambda t: _signed(t.benefit_db)),
        ("noise, dB", lambda t: _signed(-t.noise_fell_db)),
        ("voice over noise, dB", lambda t: _pair(t.snr_before_db, t.snr_after_db, 0)),
        ("voice lost, dB", lambda t: _lost(t)),
        ("voice eaten", lambda t: NOTHING if t.eaten_share is None else f"{100 * t.eaten_share:.1f} %"),
        (
            "removed follows voice",
            lambda t: NOTHING if t.follows_voice is None else f"{t.follows_voice:.2f}".replace("-", MINUS),
        ),
    ]
    if any(t.clicks_per_s_before >= 0.5 or t.clicks_per_s_after >= 0.5 for t in totals):
        found.append(("clicks a second", lambda t: _pair(t.clicks_per_s_before, t.clicks_per_s_after, 1)))
    if any(t.hum_dbfs_before is not None for t in totals):
        found.append(("hum, dBFS", lambda t: _hum(t)))
    if any(max(t.clipped_share_before, t.clipped_share_after) >= 1e-5 for t in totals):
        found.append(("clipped, %", lambda t: _pair(100 * t.clipped_share_before, 100 * t.clipped_share_after, 3)))
    found.append(("generated", lambda t: ", ".join(t.generates) or "nothing"))
    found.append(
        ("processor s per s", lambda t: NOTHING if t.real_time_factor is None else f"{t.real_time_factor:.2f}")
    )
    if any(t.distill_mos is not None for t in totals):
        found.append(("DistillMOS", lambda t: NOTHING if t.distill_mos is None else f"{t.distill_mos:.2f}"))
    return found


def rows(standings: Sequence[Standing]) -> list[tuple[str, ...]]:
    """A row for each candidate: its name and the cells of ``columns``."""
    known = columns(standings)
    return [(s.name, *(tell(s.totals) if s.totals else NOTHING for _, tell in known)) for s in standings]


def clock_span(start_s: float, end_s: float) -> str:
    """``0:51 to 1:03``."""
    from restoration.provenance.picture_canvas import clock

    return f"{clock(start_s)} to {clock(end_s)}"


def _signed(value: float) -> str:
    if abs(value) < 0.05:
        return "0"
    return f"{'+' if value > 0 else MINUS}{abs(value):.1f}"


def _pair(before: float, after: float, places: int) -> str:
    told = f"{before:.{places}f}", f"{after:.{places}f}"
    return told[0] if told[0] == told[1] else f"{told[0]} → {told[1]}"


def _lost(totals: Totals) -> str:
    if totals.voice_lost_at_hz is None or totals.voice_lost_db < 0.05:
        return "0"
    return f"{totals.voice_lost_db:.1f} at {figure('_hz', totals.voice_lost_at_hz)}"


def _hum(totals: Totals) -> str:
    before, after = (
        "none" if level is None else f"{level:.0f}".replace("-", MINUS)
        for level in (totals.hum_dbfs_before, totals.hum_dbfs_after)
    )
    return before if before == after else f"{before} → {after}"
