"""The two halves of choosing the material: a proposal on disk, and what is learnt once it is approved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from restoration.voice.approval import learnt, proposal, read_approvals, write_approvals
from restoration.voice.choosing_material import Proposed, propose
from restoration.voice.held_out import LEAST_MATERIAL_S
from restoration.voice.material import BadMaterial, Material
from restoration.voice.material_picture import bars_of, draw_material
from restoration.voice.reading_material import read_material

APPROVED, PICTURE = "approved.csv", "material.png"


class Proposal(NamedTuple):
    """What was read, what is proposed of it, and the file in which the curator answers."""

    material: Material
    proposed: tuple[Proposed, ...]
    file: Path


def propose_to(places: Sequence[Path], folder: Path, speaker: str | None = None, as_it_is: bool = False) -> Proposal:
    """Read the items, and write ``approved.csv`` and ``material.png`` to ``folder``.

    Raises:
        RestorationError: as ``read_material``, ``propose`` and ``write_approvals`` do.
    """
    read = read_material(places, as_it_is)
    proposed = propose(read, speaker)
    file = write_approvals(proposal(proposed), folder / APPROVED)
    draw_material(read, bars_of(proposed), folder / PICTURE)
    return Proposal(read, proposed, file)


def approved_material(places: Sequence[Path], approved: Path, as_it_is: bool = False) -> Material:
    """The material that a curator approved: ``approved`` is the file with the answers.

    Raises:
        BadMaterial: a bad row, or less than 20 s approved.
        RestorationError: as ``read_material`` does.
    """
    read = read_material(places, as_it_is)
    chosen = learnt(read, read_approvals(approved, read))
    if chosen.duration_s < LEAST_MATERIAL_S:
        raise BadMaterial(
            f"{approved}: {chosen.duration_s:.1f} s are approved, and a voice is not learnt from less than "
            f"{LEAST_MATERIAL_S:g} s"
        )
    return chosen
