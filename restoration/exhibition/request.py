"""What is wanted of an export: which pieces, by which preset, where to, by whom; and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from restoration.errors import RestorationError
from restoration.exhibition.excerpts import Ask
from restoration.exhibition.exhibit import ChosenBy
from restoration.exhibition.preset import Preset, check_lossless, checked_formats
from restoration.record import digest_of

State = Literal["exported", "already there", "refused", "failed"]
KINDS: tuple[ChosenBy, ...] = get_args(ChosenBy)
LANGUAGES = ("en", "ru", "uz")


class BadRequest(RestorationError):
    """An export that is asked for in words that do not fit together."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What holds for every piece of an export.

    Attributes:
        preset: how it is mastered.
        out: the folder for the files; those of a loop lie in a folder of its name in it.
        by: who exports.
        formats: instead of the preset's; empty for those.
        language: of tags and labels: en, ru or uz.
        loop: name of the gallery loop that the pieces make, in their order; blank for none.
        gap_s: silence between the pieces of a loop.
        permission: where the leave of who holds the rights is kept.
        even_though: why what was sent back is exported all the same.
        again: make anew what is there already.
    """

    preset: Preset
    out: Path
    by: str
    formats: tuple[str, ...] = ()
    language: str = "en"
    loop: str = ""
    gap_s: float = 0.0
    permission: str = ""
    even_though: str = ""
    again: bool = False

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise BadRequest("--by says who exports: a name, and not blank")
        if self.language not in LANGUAGES:
            raise BadRequest(f"there are labels in {', '.join(LANGUAGES)}, not in {self.language!r}")
        if self.loop and (self.loop.startswith(".") or set(self.loop) & set('/\\:*?"<>|\n')):
            raise BadRequest(f"{self.loop!r} cannot be the name of a folder; letters, digits, spaces and hyphens can")
        if not 0 <= self.gap_s <= 600:
            raise BadRequest(f"--gap is from 0 to 600 seconds, not {self.gap_s}")
        if self.gap_s and not self.loop:
            raise BadRequest("--gap is between the pieces of a loop; --loop names it")
        object.__setattr__(self, "formats", checked_formats(self.formats) or self.preset.formats)
        check_lossless(self.preset, self.formats)

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return self.out / self.loop if self.loop else self.out


@dataclass(frozen=True)
class Piece:
    """One thing to export: a bag, whole or an excerpt of it."""

    bag: Path
    ask: Ask | None = None

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.ask.by} {self.ask.asked}" if self.ask else "whole"

    def request_digest(self, wanted: Wanted, source_sha256: str) -> str:
        """The identity of what is asked: the same piece asked for in the same way has the same."""
        return digest_of(
            {
                "source": source_sha256,
                "preset": wanted.preset.digest,
                "excerpt": asdict(self.ask) if self.ask else None,
                "formats": list(wanted.formats),
                "language": wanted.language,
                "loop": wanted.loop,
            }
        )


@dataclass(frozen=True)
class Outcome:
    """What became of a piece.

    Attributes:
        identifier: of the item.
        piece: what of it, in words.
        state: exported, already there, refused (by rights or a decision) or failed.
        detail: a sentence: what was found and cut, what held the loudness back, or why there is nothing.
        event: of the log; 0 where there is none.
        files: as the event has them: name, format, sha256, bytes, loudness_lufs, true_peak_dbtp.
        loudness: of the mastered sound.
        excerpt: start_s, stop_s, segments and text, None for the whole.
        duration_s: of the sound.
        seconds: that it took.
    """

    identifier: str
    piece: str
    state: State
    detail: str = ""
    event: int = 0
    bag: str = ""
    files: tuple[dict[str, Any], ...] = ()
    loudness: dict[str, Any] = field(default_factory=dict)
    excerpt: dict[str, Any] | None = None
    duration_s: float = 0.0
    seconds: float = 0.0

    @property
    def there(self) -> bool:
        """Whether its files are there."""
        return self.state in ("exported", "already there")


def pieces_of(bags: Sequence[Path], asked: Sequence[tuple[ChosenBy, str]]) -> list[Piece]:
    """The pieces in the order of the bags; the excerpts of a bag in the order they were asked for.

    Args:
        bags: of the items.
        asked: kind and words; the words may begin with the item they are for: ``tape-1=3-5``. With one bag they need
            not.

    Raises:
        BadRequest: an excerpt of no item, or of one that is not among the bags.
    """
    if not bags:
        raise BadRequest("there is no bag to export")
    named = {bag.resolve().name: bag for bag in bags}
    if len(named) < len(set(bags)):
        raise BadRequest("two of the bags have one name; export them one after the other")
    found: dict[Path, list[Ask]] = {bag: [] for bag in bags}
    for by, words in asked:
        name, sign, rest = words.partition("=")
        if sign and name.strip() in named:
            found[named[name.strip()]].append(Ask(by, rest.strip()))
        elif len(bags) == 1:
            found[bags[0]].append(Ask(by, words.strip()))
        else:
            first = next(iter(named))
            raise BadRequest(f"--{by} {words!r} is of which item? With several bags write it as {first}={words}")
    whole: list[Ask | None] = [None]
    return [Piece(bag, ask) for bag in bags for ask in (found[bag] or whole)]
