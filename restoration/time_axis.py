"""The master on the time axis of the restored sound: what a residual is the difference to.

Where a step moved time (a tape that ran unevenly), a moment of the restored sound is another moment of the master.
Those steps alone are carried out on the master, by the findings in the log; what else the treatment did is then the
difference, sample by sample.
"""

from __future__ import annotations

from collections.abc import Sequence

from restoration.audio import Recording
from restoration.provenance.generated import treated_steps
from restoration.record import Event
from restoration.turn import Turn, Workshop


def moving_steps(events: Sequence[Event]) -> list[tuple[Turn, Event]]:
    """The steps of a treatment that moved time, in order, with their events."""
    return [(Turn.of(event), event) for event in treated_steps(events) if event.get("moves_time")]


def on_restored_axis(events: Sequence[Event], master: Recording, workshop: Workshop) -> Recording:
    """The master treated again by the recorded findings of the steps that moved time; itself where there are none.

    Where such a step came first this is its own result, which the scratch may still have.

    Raises:
        StepFailed: a step could not do its work.
    """
    moved = master
    for turn, event in moving_steps(events):
        moved = turn.result(moved, event["findings"], workshop)
    return moved
