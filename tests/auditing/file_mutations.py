"""Mutations of the files of a bag: name -> what is done, and what a fault must name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from restoration.package import LOG
from restoration.provenance.exports import EXPORTS
from tests.auditing import forger

Mutation = tuple[str, Callable[[Path], object], str]
"""Its name, what it does to a bag, and a word that one of the faults must have: a file, or what was expected."""
STRAYS = ("stray.txt", "tags/notes.txt", "data/stray.wav", "data/record/.DS_Store", "data/master/second.wav")


def files_of(bag: Path) -> list[str]:
    """Every file of a bag."""
    return sorted(path.relative_to(bag).as_posix() for path in bag.rglob("*") if path.is_file())


def on_files(bag: Path) -> Iterator[Mutation]:
    """Each file of the bag flipped, cut and dropped; pairs swapped; strangers added. The bag is left as it is then."""
    for name in files_of(bag):
        yield f"a bit of {name} flipped", lambda bag, name=name: forger.flip(bag, name), name
    for name in (name for name in files_of(bag) if name.startswith("data/")):
        yield f"{name} cut", lambda bag, name=name: _cut(bag, name), name
    for name in files_of(bag):
        yield f"{name} dropped", lambda bag, name=name: (bag / name).unlink(), name
    for name in STRAYS:
        yield f"{name} added", lambda bag, name=name: forger.put(bag, name, "stray"), name
    yield "an empty folder added", lambda bag: (bag / "data" / "empty").mkdir(), "data/empty"
    yield "a link added", lambda bag: (bag / "data" / "link").symlink_to("/etc/hostname"), "data/link"
    waves = [name for name in files_of(bag) if name.endswith(".wav")]
    copies = [name for name in files_of(bag) if name.endswith(".opus")]
    yield "two waves swapped", lambda bag: swap(bag, waves[-1], waves[-2]), waves[-1]
    yield "two access copies swapped", lambda bag: swap(bag, *copies[:2]), copies[0]


def on_bagit(bag: Path) -> Iterator[Mutation]:
    """What only a manifest or a tag file says, changed so that the tag manifest fits again."""
    tag = "manifest-sha256.txt"
    yield "a path that leads out", lambda bag: _line(bag, f"{'0' * 64}  data/../../outside\n"), "leads out of the bag"
    yield "an absolute path", lambda bag: _line(bag, f"{'0' * 64}  /etc/passwd\n"), "leads out of the bag"
    yield "a line twice", lambda bag: _line(bag, (bag / tag).read_text().splitlines(keepends=True)[0]), "2 times"
    yield "a line that is none", lambda bag: _line(bag, "nonsense\n"), "not a digest and a name"
    yield "another declaration", lambda bag: _tagged(bag, "bagit.txt", "1.0", "9.9"), "bagit.txt"
    yield "another encoding", lambda bag: _tagged(bag, "bagit.txt", "UTF-8", "UTF-16"), "bagit.txt"
    yield "another size", lambda bag: _tagged(bag, "bag-info.txt", "Payload-Oxum: ", "Payload-Oxum: 1"), "Payload-Oxum"
    yield "another head", lambda bag: _tagged(bag, "bag-info.txt", "Head: ", "Head: 0"), "Event-Log-Head"
    yield "another item", lambda bag: _tagged(bag, "bag-info.txt", "tape-0001", "tape-0002"), "External-Identifier"
    yield "files elsewhere", lambda bag: _fetched(bag), "lie elsewhere"


def on_a_packed_bag(bag: Path) -> Iterator[Mutation]:
    """Files changed and the bag made to fit again: any BagIt validator accepts it, and the log does not."""
    told = [event["file"] for event in forger.log(bag) if event["event"] == "derivation"]
    masters = [name for name in files_of(bag) if name.startswith("data/master/")]
    for name in [*masters, *told, *EXPORTS]:
        yield (
            f"packed again: a bit of {name} flipped",
            _then_packed(lambda bag, name=name: forger.flip(bag, name)),
            name,
        )
        yield f"packed again: {name} dropped", _then_packed(lambda bag, name=name: (bag / name).unlink()), name
    yield "packed again: a stray", _then_packed(lambda bag: forger.put(bag, "data/more.txt", "x")), "data/more.txt"
    yield "packed again: the log cut", _then_packed(_last_line_dropped), LOG
    table = next(name for name in files_of(bag) if name.endswith(".csv"))
    yield "packed again: a cell", _then_packed(lambda bag: forger.replace(bag, table, "speaker 1", "speaker 2")), table


def swap(bag: Path, one: str, other: str) -> None:
    """Each has the other's content."""
    first, second = (bag / one).read_bytes(), (bag / other).read_bytes()
    forger.put(bag, one, second)
    forger.put(bag, other, first)


def _cut(bag: Path, name: str) -> None:
    content = (bag / name).read_bytes()
    forger.put(bag, name, content[: len(content) * 2 // 3])


def _line(bag: Path, line: str) -> None:
    forger.put(bag, "manifest-sha256.txt", (bag / "manifest-sha256.txt").read_text(encoding="utf-8") + line)
    forger.tagged_again(bag)


def _tagged(bag: Path, name: str, old: str, new: str) -> None:
    forger.replace(bag, name, old, new)
    forger.tagged_again(bag)


def _fetched(bag: Path) -> None:
    forger.put(bag, "fetch.txt", "http://x/y 1 data/z\n")
    forger.tagged_again(bag)


def _then_packed(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def work(bag: Path) -> None:
        change(bag)
        forger.packed_again(bag)

    return work


def _last_line_dropped(bag: Path) -> None:
    forger.put_log(bag, forger.log(bag)[:-2])
