"""From an item to a choice: excerpts, every recipe on each, measures, verdict, and the page that shows it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from restoration import sound_files
from restoration.audio import Recording, Writer
from restoration.choosing import opinion
from restoration.choosing.candidates import Bench, Candidate, one_thread, try_recipe
from restoration.choosing.choice import Choice
from restoration.choosing.excerpts import Heard, choose_excerpts, cut
from restoration.choosing.figures import Original
from restoration.choosing.limits import Rules
from restoration.choosing.verdict import decide
from restoration.errors import RestorationError
from restoration.manifest import Item, read_manifest
from restoration.provenance.software import software_versions
from restoration.recipe import Recipe, load_recipe, recipe_names


@dataclass(frozen=True)
class Request:
    """What is asked: ``item`` is a sound file, or an identifier of ``manifest``, whose files lie in ``root``.

    ``recipes`` are paths of recipes of one's own, tried beside those that ship; ``faithful`` allows nothing generated.
    """

    item: str
    manifest: Path | None = None
    root: Path | None = None
    recipes: tuple[str, ...] = ()
    faithful: bool = False
    out: Path | None = None


def choose(request: Request, heard: Heard = lambda what, share: None) -> Choice:
    """Try every recipe on excerpts of an item and choose; with ``request.out``, the page and the sounds are written.

    Raises:
        BadRecipe: a recipe that is not there or cannot be followed; known before any sound is read.
        BadManifest: what is wrong with the manifest.
        BadSoundFile: the file does not hold the sound its header promises.
        RestorationError: the sound is too short or silent, or nobody speaks in it; no such identifier.
    """
    recipes = _recipes(request.recipes)
    path, title, carrier = _found(request)
    with tempfile.TemporaryDirectory(prefix="restoration-") as name, one_thread():
        folder = Path(name)
        heard("reading the file", 0.0)
        recording = _decoded(path, folder)
        with _named(path):
            excerpts = choose_excerpts(recording, folder, heard)
        originals = [
            Original.of(cut(recording, excerpt.start_s, excerpt.end_s, folder / f"excerpt-{number}.f32"))
            for number, excerpt in enumerate(excerpts)
        ]
        bench = Bench(folder, originals, excerpts)
        candidates = [opinion.heard_by_the_network(bench.as_it_is(), originals), *_tried(bench, recipes, heard)]
        rules = Rules(request.faithful, carrier)
        lengths = [original.recording.duration_s for original in originals]
        facts = {"sound": recording.pcm_sha256, "duration_s": recording.duration_s, "software": software_versions()}
        choice = Choice(title, rules, tuple(excerpts), tuple(decide(candidates, lengths, rules)), facts)
        if request.out is not None:
            _write(choice, originals, request.out, heard)
    return choice


def _tried(bench: Bench, recipes: Sequence[Recipe], heard: Heard) -> Iterator[Candidate]:
    """Every recipe on every excerpt; ``heard`` is told of each."""
    whole = len(recipes) * len(bench.originals)
    for position, recipe in enumerate(recipes):
        done = position * len(bench.originals)
        heard(f"trying {recipe.name}", done / whole)

        def tried(count: int, name: str = recipe.name, done: int = done) -> None:
            heard(f"trying {name}", (done + count) / whole)

        yield opinion.heard_by_the_network(try_recipe(bench, recipe, tried), bench.originals)


def _recipes(own: Sequence[str]) -> list[Recipe]:
    shipped = recipe_names()
    found = [load_recipe(name) for name in [*shipped, *(name for name in own if name not in shipped)]]
    names: dict[str, Recipe] = {}
    for recipe in found:
        if recipe.name in names:
            raise RestorationError(f"two recipes are called {recipe.name!r}; give yours a name of its own")
        names[recipe.name] = recipe
    return found


def _found(request: Request) -> tuple[Path, str, str]:
    """The sound file, what the item is called, and its carrier, empty where that is not known."""
    if request.manifest is None:
        return Path(request.item), Path(request.item).name, ""
    item = _item(request.item, request.manifest, request.root)
    carrier = item.fields.get("carrier_type", "")
    return item.path, item.identifier, "" if carrier == "unknown" else carrier


def _item(identifier: str, manifest: Path, root: Path | None) -> Item:
    items = {item.identifier: item for item in read_manifest(manifest, root).items}
    if identifier not in items:
        near = get_close_matches(identifier, items, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RestorationError(f"{manifest}: has no item {identifier!r}{hint}")
    return items[identifier]


def _decoded(path: Path, folder: Path) -> Recording:
    with Writer(folder / "extract.f32") as writer:
        sound_files.decode(path, writer)
    return writer.recording


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What is wrong with the sound is told with the name of its file."""
    try:
        yield
    except RestorationError as error:
        raise RestorationError(f"{path}: {error}") from error


def _write(choice: Choice, originals: Sequence[Original], out: Path, heard: Heard) -> None:
    from restoration.choosing.page import page
    from restoration.choosing.sounds import write_pictures, write_sounds

    out.mkdir(parents=True, exist_ok=True)
    heard("writing the sounds", 0.0)
    sounds = write_sounds(choice.standings, originals, out)
    heard("drawing", 0.5)
    pictures = write_pictures(choice.standings, originals[0], out)
    (out / "index.html").write_text(page(choice, pictures, sounds), encoding="utf-8")
    # Last: who finds it finds the whole.
    (out / "choice.json").write_text(json.dumps(choice.as_dict(), indent=2, ensure_ascii=False), encoding="utf-8")
