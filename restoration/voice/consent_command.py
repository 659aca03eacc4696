"""The commands ``restoration consent``; light to import, for every command line does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from restoration.record import Event
    from restoration.voice.consent import Consent
    from restoration.voice.dependents import Dependent

consent_app = typer.Typer(
    help="Consent to the use of voices: what it allows, and taking it back.", no_args_is_help=True
)

Register = Annotated[
    Path | None, typer.Option("--register", help="The register, if not in the folder that RESTORATION_CONSENTS names.")
]
Manifest = Annotated[Path | None, typer.Option("--manifest", help="The manifest that the items stand in.")]
Folders = Annotated[
    list[Path] | None, typer.Option("--in", help="Where bags, voices and made files lie; again for each folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Root = Annotated[Path | None, typer.Option("--root", help="Where the manifest's files lie, if not beside it.")]


@consent_app.command()
def revoke(
    reference: Annotated[str, typer.Argument(help="The consent_ref of the consent, or the identifier of an item.")],
    by: Annotated[str, typer.Option("--by", help="Who takes it back.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, in a few words.")],
    register: Register = None,
    manifest: Manifest = None,
    root: Root = None,
    folders: Folders = None,
) -> None:
    """Take a consent back: from now on no voice model is trained or used by it, whatever the voice's card says.

    With `--manifest`, the reference must be that of an item, and the items are named. What is written stays. With
    `--in`, everything that depends on the consent is listed, and the bags among it get a revocation in their logs.

    Example: `restoration consent revoke "letter of 12 March 2019" --by "Karen Holm" --reason "asked" --manifest m.csv`
    """
    from restoration.voice import dependents as depending
    from restoration.voice import revocation

    place = _place(register)
    items = _named(reference, _consents(manifest, root)) if manifest else []
    revoked = revocation.revoke(place, reference, by, reason)
    about = f": {', '.join(consent.item for consent in items)}" if items else ""
    typer.echo(f"Revoked “{reference}”{about}. It stands in {place}.")
    if folders:
        found, unread = depending.dependents(reference, folders)
        _list(found, unread + depending.tell_bags(found, revoked))


@consent_app.command()
def dependents(
    reference: Annotated[str, typer.Argument(help="The consent_ref of the consent, or the identifier of an item.")],
    folders: Folders = None,
    as_json: AsJson = False,
) -> None:
    """List every bag, voice, blend and made file that goes back to a consent, whether it was revoked or not.

    Made files are found by the mark inside them or beside them, and by the usage logs. Exit status 1: something could
    not be read, and may depend as well.

    Example: `restoration consent dependents "letter of 12 March 2019" --in bags --in voices --in exhibition`
    """
    from restoration.voice import dependents as depending

    if not folders:
        raise typer.BadParameter("name the folders to look in with --in")
    _list(*depending.dependents(reference, folders), as_json)


def _list(found: list[Dependent], trouble: list[str], as_json: bool = False) -> None:
    if as_json:
        told = {"dependents": [one.as_dict() for one in found], "trouble": trouble}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        typer.echo(f"{len(found)} things go back to it{':' if found else ' in these folders.'}")
        for one in found:
            typer.echo(f"{one.kind}  {one.path}  {one.why}")
        for sentence in trouble:
            typer.echo(sentence, err=True)
    if trouble:
        raise typer.Exit(1)


@consent_app.command()
def show(
    register: Register = None,
    manifest: Manifest = None,
    root: Root = None,
    as_json: AsJson = False,
) -> None:
    """List what was revoked and, with `--manifest`, what each item allows today.

    Example: `restoration consent show --manifest archive_manifests/historical.csv --root tapes`
    """
    from restoration.voice.revocation import registers, revocations

    if not manifest:
        _place(register)
    revoked = revocations(register) if registers(register) else []
    items = [_told(consent, revoked) for consent in (_consents(manifest, root) if manifest else [])]
    if as_json:
        typer.echo(json.dumps({"revoked": revoked, "items": items}, indent=2, ensure_ascii=False))
        return
    for event in revoked:
        typer.echo(f"{event['time'][:10]}  “{event['reference']}” revoked by {event['by']}: {event['reason']}")
    for item in items:
        typer.echo(f"{item['item']}  {item['allows'] or 'nothing'}{''.join(f'; {why}' for why in item['because'])}")


def _place(register: Path | None) -> Path:
    from restoration.errors import RestorationError
    from restoration.voice.revocation import register_of

    place = register_of(register)
    if place is None:
        raise RestorationError("no register of revocations: set RESTORATION_CONSENTS to its folder, or give --register")
    return place


def _consents(manifest: Path, root: Path | None) -> list[Consent]:
    from restoration.manifest import read_manifest
    from restoration.voice.consent import consent_of

    return [consent_of(item) for item in read_manifest(manifest, root).items]


def _named(reference: str, consents: list[Consent]) -> list[Consent]:
    """The consents that a revocation of this reference is about.

    Raises:
        NoConsent: there is none, with what was meant most likely.
    """
    from difflib import get_close_matches

    from restoration.errors import NoConsent
    from restoration.voice.revocation import revocation_of

    event = {"reference": reference}
    found = [consent for consent in consents if revocation_of(consent, [event])]
    if not found:
        known = [name for consent in consents for name in (consent.reference, consent.item) if name]
        near = get_close_matches(reference, known, 1)
        hint = f"; did you mean “{near[0]}”?" if near else ""
        raise NoConsent(f"no item of the manifest has the consent_ref or identifier “{reference}”{hint}")
    return found


def _told(consent: Consent, revoked: list[Event]) -> dict[str, Any]:
    """What an item allows today: the widest scope, and why not more where it is none."""
    from restoration.manifest.vocabularies import CONSENT_SCOPES
    from restoration.voice.consent import faults
    from restoration.voice.gate import today
    from restoration.voice.revocation import revocation_of

    void = revocation_of(consent, revoked)
    because = [f"void since {void['time'][:10]}"] if void else []
    scopes = [scope for scope in CONSENT_SCOPES[1:] if not faults(consent, scope, today())]
    if not scopes:
        because += faults(consent, CONSENT_SCOPES[1], today())
    return {"item": consent.item, "allows": scopes[-1] if scopes and not void else None, "because": because}
