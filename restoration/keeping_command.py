"""The commands that keep a record: ``restoration key`` and ``reseal``; light to import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

key_app = typer.Typer(help="The archive's key, which seals the event logs of its bags.", no_args_is_help=True)

Bags = Annotated[list[Path], typer.Argument(help="Bags.", metavar="BAG...")]
By = Annotated[str, typer.Option("--by", help="Name of the person.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence.")]


@key_app.command("new")
def key_new(out: Annotated[Path, typer.Option("--out", help="The file to write.", metavar="FILE")]) -> None:
    """Make a key: FILE is the secret one, FILE.pub.pem the one to give away; prints the fingerprint.

    RESTORATION_KEY_PASSPHRASE, where it is set, locks it. Keep a copy where the archive keeps its deeds: a key that is
    lost seals nothing more, and one that is stolen seals anything.

    Example: `restoration key new --out archive-key.pem`
    """
    from restoration import keys

    typer.echo(keys.new_key(out).fingerprint)


@key_app.command("show")
def key_show(file: Annotated[Path, typer.Argument(help="A key, secret or public.", metavar="FILE")]) -> None:
    """Print the fingerprint of a key: the SHA-256 of its raw public key.

    Example: `restoration key show archive-key.pem.pub.pem`
    """
    from restoration import keys

    typer.echo(keys.fingerprint_in(file))


@key_app.command("change")
def key_change(
    bags: Bags,
    new: Annotated[Path, typer.Option("--new", help="The new key, its public file.", metavar="FILE")],
    by: By,
    reason: Reason,
) -> None:
    """Hand the logs of bags over to a new key: the event is sealed with the older one, which RESTORATION_KEY names.

    From then on only the new key seals these logs; set RESTORATION_KEY to it.

    Example: `restoration key change bags/* --new new-key.pem.pub.pem --by "Ada Berg" --reason "every five years"`
    """
    from restoration import keys

    for bag in bags:
        event = keys.hand_over(bag, new, by, reason)
        typer.echo(f"{bag}: event {event['sequence']} hands over to {event['key']}")


def reseal(
    bags: Bags,
    by: Annotated[str, typer.Option("--by", help="Who vouches for events that nobody signed.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why they are to be trusted.")] = "",
) -> None:
    """Finish what was broken off while a log grew; with `--by` and `--reason`, sign events that nobody signed.

    Example: `restoration reseal bags/tape-0001`
    """
    from restoration import growth

    _both_or_neither(by, reason)
    for bag in bags:
        added = growth.reseal(bag, by, reason)
        told = ", ".join(f"{event['sequence']} ({event['event']})" for event in added)
        typer.echo(f"{bag}: {f'added event {told}' if added else 'nothing to do'}")


def _both_or_neither(by: str, reason: str) -> None:
    if bool(by) != bool(reason):
        raise typer.BadParameter("--by and --reason go together: who, and why")
