"""Models: what each one is, where its file lies, and whether it is the right file.

Every model has a card in ``weights.toml``. A small model of our own ships inside the package, under
``restoration/nets/weights``; a large public one is put by the user into the folder that the environment variable
``RESTORATION_MODELS`` names. Nothing is ever fetched: a file that is not there is a sentence saying where to put it.

A card whose ``sha256`` is empty describes a file that its authors publish without a SHA-256. Such a file is used as it
was found: whoever loads it must read it with ``torch.load(weights_only=True)`` and compare its tensors with the
network's, and the digest that was found goes into the record. A checksum file beside it (``vf.ckpt.sha256``, as
``sha256sum`` writes it) pins it: then the file must match that.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from restoration import fixity
from restoration.errors import FixityMismatch, MissingWeights

MODELS_VARIABLE = "RESTORATION_MODELS"
SHIPPED = Path(__file__).parent / "nets" / "weights"
CARDS = Path(__file__).with_name("weights.toml")


@dataclass(frozen=True, kw_only=True)
class TrainingSet:
    """Recordings that a model learned from: their name and their licence."""

    name: str
    licence: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """What has to be known about a model before it may touch a voice.

    Attributes:
        name: how steps and the record call it.
        file: path below ``restoration/nets/weights`` if ``shipped``, else below the user's folder of models.
        shipped: True if the file comes with the package.
        sha256: lower-case hexadecimal digest of the file; empty where its authors publish none.
        licence: of the weights, as an SPDX expression where there is one.
        training: the sets it was trained on.
        recipe: what made it, so that it can be made again.
        quality: what was measured, on what, by which command.
        use: what it is for.
        limits: where it must not be trusted.
        source: where the file can be had, for a file that is not shipped.
        md5_quoted: an MD5 that others quote and that was not verified; empty if none. Never a reason to trust a file.
    """

    name: str
    file: str
    shipped: bool
    sha256: str
    licence: str
    training: tuple[TrainingSet, ...]
    recipe: str
    quality: str
    use: str
    limits: str
    source: str = ""
    md5_quoted: str = ""


@cache
def cards() -> tuple[Card, ...]:
    """Every model card, in the order of ``weights.toml``."""
    tables = tomllib.loads(CARDS.read_text(encoding="utf-8"))["model"]
    return tuple(_card(table) for table in tables)


def card(name: str) -> Card:
    """The card of one model.

    Raises:
        MissingWeights: there is no such card.
    """
    for known in cards():
        if known.name == name:
            return known
    names = ", ".join(known.name for known in cards())
    raise MissingWeights(f"there is no model '{name}'; weights.toml has cards for: {names}")


def locate(name: str) -> Path:
    """Path of a model's file, after its SHA-256 was found to be the one on its card.

    Raises:
        MissingWeights: the file is absent, or is another one; the sentence says which file belongs where.
    """
    described = card(name)
    path = _path(described)
    if path is None or not path.is_file():
        raise MissingWeights(_how_to_get(described, path))
    expected = described.sha256 or _pinned_sha256(path)
    if expected:
        try:
            fixity.check(path, "sha256", expected)
        except FixityMismatch as error:
            raise MissingWeights(f"model '{name}': {error}") from error
    return path


def sha256_on_disk(names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of the file of each named model that is on this machine, for the record; absent ones are left out.

    Raises:
        MissingWeights: a file is there, and is not the one on its card.
    """
    found = {}
    for name in names:
        path = _path(card(name))
        if path is not None and path.is_file():
            found[name] = fixity.digests(locate(name))["sha256"]
    return found


def _card(table: dict[str, Any]) -> Card:
    training = tuple(TrainingSet(**entry) for entry in table.pop("training"))
    described = Card(training=training, **table)
    if described.shipped and not described.sha256:
        raise ValueError(f"{CARDS.name}: '{described.name}' ships with the package and has no sha256")
    return described


def _path(described: Card) -> Path | None:
    if described.shipped:
        return SHIPPED / described.file
    folder = os.environ.get(MODELS_VARIABLE)
    return Path(folder).expanduser() / described.file if folder else None


def _pinned_sha256(path: Path) -> str:
    beside = path.with_name(path.name + ".sha256")
    if not beside.is_file():
        return ""
    words = beside.read_text(encoding="utf-8").split()
    if not words:
        raise MissingWeights(f"{beside} is empty; it should hold the SHA-256 of {path.name}, as sha256sum writes it")
    return words[0]


def _how_to_get(described: Card, path: Path | None) -> str:
    if described.shipped:
        return f"model '{described.name}' should have come with the package as {path}; install the package again"
    where = f"as {path}" if path else f"as {described.file} below a folder, and name that folder in {MODELS_VARIABLE}"
    source = f" It can be had from {described.source} ({described.licence})." if described.source else ""
    return f"model '{described.name}' is not on this machine; put its file {where}.{source}"
