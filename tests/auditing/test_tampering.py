"""Whatever is changed in a bag is found, and named; what only a key or a register can tell is shown with and without.

Prints found/total: ``pytest tests/auditing/test_tampering.py -s``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from restoration.auditing.audit import Audit, Wish, audit
from restoration.package import LOG
from tests.auditing import event_mutations, file_mutations
from tests.auditing.file_mutations import Mutation

FORGED = Wish(reach="structure")


def sentences(found: Audit) -> list[str]:
    """Every fault with the file it names."""
    return [f"{one.file}: {one.sentence}" for one in found.of("fault")]


def missed(bag: Path, mutations: Iterable[Mutation], tampered, wish: Wish) -> tuple[list[str], int]:
    """Those mutations that no fault names, and how many there were."""
    lost, count = [], 0
    for name, change, word in mutations:
        copy = tampered(bag)
        change(copy)
        found = sentences(audit(copy, wish))
        count += 1
        if not any(word in sentence for sentence in found):
            lost.append(f"{name}: wanted “{word}”, found {found}")
    return lost, count


@pytest.fixture(scope="module")
def told(request):
    """How many mutations of each group were found; printed when all are through."""
    counts: dict[str, tuple[int, int]] = {}
    yield counts
    total = sum(count for _, count in counts.values())
    found = sum(found for found, _ in counts.values())
    groups = ", ".join(f"{name} {found}/{count}" for name, (found, count) in counts.items())
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\ntamper suite: {found}/{total} found ({groups})")  # noqa: T201 - the figure is what it is for


@pytest.mark.parametrize(
    ("group", "mutations", "wish"),
    [
        ("files", file_mutations.on_files, Wish()),
        ("tag files", file_mutations.on_bagit, FORGED),
        ("packed again", file_mutations.on_a_packed_bag, FORGED),
        ("events", event_mutations.on_events, FORGED),
        ("chained again", event_mutations.on_a_chained_log, FORGED),
    ],
)
def test_every_mutation_is_found_by_name(group, mutations, wish, without_seals, tampered, told):
    lost, count = missed(without_seals, mutations(without_seals), tampered, wish)
    told[group] = (count - len(lost), count)
    assert not lost, "\n".join(lost)
    assert count >= 10


def test_the_untouched_bag_is_clean(without_seals, archive):
    for bag, wish in (
        (without_seals, Wish(reach="deep")),
        (archive.bag, Wish()),
        (archive.bag, Wish(reach="structure", key=archive.public, heads=archive.register)),
    ):
        found = audit(bag, wish)
        assert sentences(found) == []
        assert [one.sentence for one in found.of("note")] == []


def test_the_chain_names_the_event_that_was_edited(without_seals, tampered):
    def edited(events: Sequence) -> None:
        events[6]["reason"] = "Nothing was heard."

    copy = tampered(without_seals)
    event_mutations._logged(edited)(copy)
    faults = [one for one in audit(copy, FORGED).of("fault") if one.check == "chain"]
    assert [(one.file, one.event) for one in faults] == [(LOG, 7)]
    assert faults[0].expected != faults[0].found
