"""The command ``restoration decide``; light to import."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Annotated, Any

import typer

Places = Annotated[
    list[Path], typer.Argument(help="Files that the pages saved; with --kind, one bag.", metavar="FILE... | BAG")
]
Kind = Annotated[
    str,
    typer.Option(
        "--kind",
        help="recipe chosen, finding overruled, segment approved, segment unfit, take rejected, treatment approved, "
        "treatment sent back or region to repair.",
    ),
]


def decide(
    places: Places,
    out: Annotated[Path, typer.Option("--in", help="The folder of bags that FILEs are about.")] = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check FILEs, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    kind: Kind = "",
    by: Annotated[str, typer.Option("--by", help="With --kind: name of the person.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="With --kind: why, in a sentence.")] = "",
    concerns: Annotated[
        str, typer.Option("--concerns", help="With --kind: event/7, or seconds of the restored sound, as 12.5-14.")
    ] = "",
    finding: Annotated[
        list[str] | None,
        typer.Option("--finding", help="Another value for a finding of the step.", metavar="NAME=VALUE"),
    ] = None,
    spare: Annotated[
        list[str] | None, typer.Option("--spare", help="Seconds that the step leaves alone.", metavar="START-END")
    ] = None,
    needed: Annotated[
        bool | None,
        typer.Option("--needed/--not-needed", help="Carry the step out whatever it finds, or leave it out."),
    ] = None,
    low_hz: Annotated[float | None, typer.Option(help="Lower end of a region to repair.")] = None,
    high_hz: Annotated[float | None, typer.Option(help="Upper end of a region to repair.")] = None,
    mask: Annotated[Path | None, typer.Option(help="A PNG in which the region is painted white.")] = None,
) -> None:
    """Write what people decided into the logs of bags: who, what, why, and the digests of what they looked at.

    FILEs are what the pages of `restoration room` save: each is written whole or not at all, and twice is as once.
    `restoration run` honours what was decided: it restores those items anew and sets the older bags aside.

    Example: `restoration decide tape-0001.json --in bags`

    One decision by hand: `restoration decide bags/tape-0001 --kind "finding overruled" --concerns event/9 --finding
    hum_hz=50.2 --by "Ada Berg" --reason "the generator of the village"`
    """
    if not kind:
        _of_files(places, out, dry_run, as_json, bool(by or reason or concerns or finding or spare))
        return
    from restoration.decisions import BadDecision

    if len(places) != 1 or dry_run:
        raise typer.BadParameter("--kind is for one decision on one BAG, and has no --dry-run")
    known = {"kind": kind, "by": by, "reason": reason, "concerns": concerns, "needed": needed}
    try:
        changes = {"findings": _findings(finding), "spared": _spared(spare)}
    except ValueError as error:
        raise BadDecision(str(error)) from error
    painted = base64.b64encode(mask.read_bytes()).decode() if mask else ""
    _one(places[0], {**known, **changes, "low_hz": low_hz, "high_hz": high_hz, "mask": painted})


def _one(bag: Path, fields: dict[str, Any]) -> None:
    from restoration import deciding

    event = deciding.decide(bag, deciding.Decision(**fields))
    typer.echo(f"{bag}: event {event['sequence']}, {fields['kind']}, by {event['by']}")
    tell_waiting(bag.resolve().parent)


def _of_files(files: list[Path], out: Path, dry_run: bool, as_json: bool, more: bool) -> None:
    """Each file by itself: what is wrong with one does not keep the others from being written."""
    from restoration import screen
    from restoration.decision_files import read_decisions, write_decisions
    from restoration.errors import RestorationError

    if more:
        raise typer.BadParameter("--by, --reason and what else tells of one decision go with --kind and a BAG")
    rows, failed = [], False
    for file in files:
        try:
            written = write_decisions(read_decisions(file), out, trial=dry_run)
        except (RestorationError, OSError) as error:
            failed = True
            rows.append({"file": str(file), "error": str(error)})
            screen.errors.print(f"error: {error}")
            continue
        rows.append({"file": str(file), "bag": str(written.bag), **_told(written, dry_run)})
        if not as_json:
            typer.echo(_sentence(file, rows[-1], dry_run))
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    if not dry_run:
        tell_waiting(out)
    if failed:
        raise typer.Exit(1)


def _told(written: Any, dry_run: bool) -> dict[str, Any]:
    kinds = [one.kind for one in written.wanted]
    events = [] if dry_run else [event["sequence"] for event in written.added]
    return {"decisions": kinds, "events": events, "known": written.known, "newer": list(written.newer)}


def _sentence(file: Path, row: dict[str, Any], dry_run: bool) -> str:
    count, known = len(row["decisions"]), row["known"]
    plural = "" if count == 1 else "s"
    events = f" (event {', '.join(map(str, row['events']))})" if row["events"] else ""
    told = f"{file}: {count} decision{plural} {'would be written' if dry_run else 'written'} to {row['bag']}{events}"
    told = told if count else f"{file}: nothing to write"
    told += f"; {known} {'was' if known == 1 else 'were'} there already" if known else ""
    return told + (f"; since it was looked at, the log has grown: {'; '.join(row['newer'])}" if row["newer"] else "")


def _findings(said: list[str] | None) -> dict[str, Any] | None:
    if not said:
        return None
    found = {}
    for one in said:
        name, is_there, value = one.partition("=")
        if not is_there:
            raise ValueError(f"“{one}” is no finding: write NAME=VALUE, as hum_hz=50.2")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _spared(said: list[str] | None) -> tuple[tuple[float, float], ...] | None:
    from restoration.decisions import span_in

    spans = [(one, span_in(one)) for one in said or ()]
    for one, span in spans:
        if span is None:
            raise ValueError(f"“{one}” is no stretch: write seconds, as 3.1-3.4")
    return tuple(span for _, span in spans if span) or None


def tell_waiting(out: Path) -> None:
    """Let the run go on that waits in a folder of bags, where there is one and everything is decided."""
    if told := gone_on(out):
        typer.echo(told, err=True)


def gone_on(out: Path) -> str:
    """A sentence about the run that waits in a folder of bags; nothing where none does."""
    from restoration.order import WAITING

    if not (out / WAITING).is_file():
        return ""
    # Prefect takes seconds to load, and most folders have no run that waits.
    from flows.until_decided import resume

    return resume(out)
