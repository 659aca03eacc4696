"""The command ``restoration audit``; light to import, for every command line does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from restoration.auditing.audit import Wish

Bags = Annotated[list[Path], typer.Argument(help="Bags, or folders of bags.", metavar="BAG...")]
Structure = Annotated[bool, typer.Option("--structure", help="Read no sound: the log, the manifests, the small files.")]
Deep = Annotated[bool, typer.Option("--deep", help="Decode the sounds as well, and compare them with the log.")]
Replay = Annotated[bool, typer.Option("--replay", help="Make every derivative again, and compare; as long as it took.")]
Key = Annotated[
    Path | None,
    typer.Option("--key", help="The archive's public key, from elsewhere than the bag.", metavar="PUBLIC_KEY"),
]
Heads = Annotated[
    Path | None, typer.Option("--heads", help="The register of heads, or its folder.", metavar="REGISTER")
]
Flow = Annotated[bool, typer.Option("--flow", help="Run as a Prefect flow, which leaves a table of the items.")]
Workers = Annotated[int, typer.Option("--workers", min=0, help="Bags or files at a time; 0: one a processor.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def audit(  # noqa: PLR0913 - the arguments of a command are its interface
    bags: Bags,
    structure: Structure = False,
    deep: Deep = False,
    replay: Replay = False,
    key: Key = None,
    heads: Heads = None,
    flow: Flow = False,
    workers: Workers = 0,
    as_json: AsJson = False,
) -> None:
    """Check every claim of bags: the files, the log, the weights, the exports, the seals. Nothing is written.

    Every fault names file, event and what was expected; the exit status is 1 if there is one. What was not checked is
    said. Without `--structure` and `--deep`, every byte is read and no sound decoded.

    Example: `restoration audit bags --key archive.pub.pem --heads /mnt/elsewhere/heads.jsonl`
    """
    import json

    from restoration.auditing import collection, show

    wish = _wish(structure, deep, key, heads, replay)
    found_bags = collection.find_bags(bags)
    with show.progress(len(found_bags)) as heard:
        if flow:
            from flows import audit_collection

            found = audit_collection.run(found_bags, wish, workers)
        else:
            found = collection.audit_bags(found_bags, wish, workers, heard)
    absent = collection.absent(found, heads)
    if as_json:
        items = [one.as_dict() for one in found]
        typer.echo(json.dumps({"items": items, "absent": absent}, indent=2, ensure_ascii=True))
    else:
        show.audits(found, absent)
    if any(not one.clean for one in found):
        raise typer.Exit(1)


def _wish(structure: bool, deep: bool, key: Path | None, heads: Path | None, replay: bool) -> Wish:
    from restoration.auditing.audit import Wish
    from restoration.errors import RestorationError
    from restoration.seals import read_public

    if structure and deep:
        raise typer.BadParameter("an audit is either --structure or --deep")
    if key is not None:
        read_public(key)
    if heads is not None and not heads.exists():
        raise RestorationError(f"{heads}: there is no register of heads")
    return Wish(reach="structure" if structure else "deep" if deep else "full", key=key, heads=heads, replay=replay)
