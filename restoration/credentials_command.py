"""The commands ``restoration credentials`` and ``restoration key certificate``; light to import."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

credentials_app = typer.Typer(help="Content credentials (C2PA) of exhibition copies.", no_args_is_help=True)
certificate_app = typer.Typer(
    help="The certificate that content credentials are signed with; not the key that seals logs.",
    no_args_is_help=True,
)


@certificate_app.command("new")
def certificate_new(
    out: Annotated[Path, typer.Option("--out", help="The chain of certificates to write.", metavar="FILE")],
    organisation: Annotated[str, typer.Option("--organisation", help="Whose it is, as readers will see it.")],
    years: Annotated[int, typer.Option(min=1, max=30, help="For how long it is valid.")] = 10,
) -> None:
    """Make a certificate to sign with: FILE, its key FILE.key.pem, and FILE.authority.pem to give away.

    It is worth what your word is worth: verifiers say “signed by a certificate that nobody vouches for” to everybody
    whom you have not given FILE.authority.pem. What an archive should get instead is a certificate from an authority
    on the C2PA trust list (https://c2pa.org, conformance programme; for news and archives also the IPTC's list of
    origin verified publishers); it is used in the same way.

    RESTORATION_CERTIFICATE=FILE and RESTORATION_CERTIFICATE_KEY=FILE.key.pem sign with it;
    RESTORATION_KEY_PASSPHRASE, where it is set, locks the key. Prints the SHA-256 of the authority.

    Example: `restoration key certificate new --out museum.pem --organisation "Harbour Museum"`
    """
    from restoration.exhibition.certificate import new_certificate

    typer.echo(new_certificate(out, organisation, years))


@credentials_app.command("show")
def show(
    files: Annotated[list[Path], typer.Argument(help="Exhibition copies.", metavar="FILE...")],
    trust: Annotated[
        Path | None, typer.Option("--trust", help="Certificates, in PEM, of the authorities you trust.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Say who signed a file, whether it is still the file that was signed, and what was done to the sound.

    Exit status 1 where one of the files carries no credentials or such as are not valid. Nothing asks the network.

    Example: `restoration credentials show speech.flac --trust museum.pem.authority.pem`
    """
    from restoration.exhibition.certificate import read_anchors
    from restoration.exhibition.content_credentials import read

    found = [read(file, read_anchors(trust) if trust else "") for file in files]
    if as_json:
        import json

        shown = [{**asdict(one), "file": str(one.file)} for one in found]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        for one in found:
            _tell(one)
    if not all(one.valid for one in found):
        raise typer.Exit(1)


def _tell(found: Any) -> None:
    from restoration import screen
    from restoration.exhibition.credentials import verdict

    screen.console.print(f"{found.file}: {verdict(found)}")
    told = found.origin
    rows = [("title", found.title), ("claim made by", found.software)]
    if told:
        rows += [
            ("item", told.get("identifier", "")),
            ("head of the log", told.get("log_head", "")),
            ("master, SHA-256", told.get("master", {}).get("sha256", "")),
            ("label", told.get("labels", {}).get("en", "")),
        ]
    rows += [(f"done, {number}", action) for number, action in enumerate(found.actions, start=1)]
    rows = [(name, text) for name, text in rows if text]
    if rows:
        screen.table("" if found.valid else "What it says, and what is not to be believed", ("", "it says"), rows)
