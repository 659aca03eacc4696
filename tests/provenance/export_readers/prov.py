"""What a PROV document says of each activity that made something, read with the library ``prov``."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

from prov.model import ProvActivity, ProvDocument, ProvGeneration, ProvUsage

from restoration.provenance.history import Statement


def statements(path: Path) -> set[Statement]:
    """One for each activity that generated an entity, or says that it left its source as it was."""
    document = ProvDocument.deserialize(str(path), format="json")
    digests = {entity.identifier: _only(entity, "hv:sha256", document) for entity in document.get_records()}
    used: dict[object, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
    for usage in document.get_records(ProvUsage):
        (role,) = usage.get_attribute("prov:role")
        used[usage.args[0]][role].append(usage.args[1])
    made = {one.args[1]: one.args[0] for one in document.get_records(ProvGeneration)}
    found = set()
    for activity in document.get_records(ProvActivity):
        (source,) = used[activity.identifier]["source"]
        left = bool(_only(activity, "hv:left_as_it_was", document))
        result = source if left else made.get(activity.identifier)
        if result is not None:
            parameters = str(_only(activity, "hv:parameters", document))
            means = tuple(sorted(str(digests[one]) for one in used[activity.identifier]["means"]))
            found.add(Statement(str(activity.label), parameters, _name(source), _name(result), means))
    return found


def _only(record, name: str, document: ProvDocument) -> object:
    return next(iter(record.get_attribute(document.valid_qualified_name(name))), "")


def _name(qualified) -> str:
    return unquote(qualified.localpart)
