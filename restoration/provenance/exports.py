"""What is written anew from the log whenever it grows: each a pure function of the history, so that none can disagree.

A file here is never an event of the log it is made of; the audit makes it again and compares it byte by byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence

from restoration.provenance import editing_list, iiif, pbcore, premis
from restoration.provenance import prov_json, recipe_text, rocrate
from restoration.provenance.history import History, history
from restoration.record import Event, canonical

EXPORTS: Mapping[str, Callable[[History], str]] = {
    premis.PLACE: premis.premis,
    pbcore.PLACE: pbcore.pbcore,
    iiif.PLACE: iiif.iiif_manifest,
    editing_list.PLACE: editing_list.editing_list,
    prov_json.PLACE: prov_json.prov_json,
    recipe_text.PLACE: recipe_text.recipe_text,
    rocrate.PLACE: rocrate.ro_crate,
}
"""Path in the bag -> the text that belongs there."""


def exported(events: Sequence[Event]) -> dict[str, str]:
    """Every export of a log: path in the bag -> text.

    The log is told as it lies on the disk, where keys are sorted: a log that was just written, and still has them in
    the order in which they were given, makes the same bytes as one that is read later.
    """
    told = history([json.loads(canonical(event)) for event in events])
    return {path: write(told) for path, write in EXPORTS.items()}
