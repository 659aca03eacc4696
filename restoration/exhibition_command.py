"""The command of the exhibition, ``restoration export``; light to import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from restoration.exhibition.exhibit import ChosenBy
    from restoration.exhibition.exhibition import Exhibition
    from restoration.exhibition.request import Outcome, Piece, Wanted

Bags = Annotated[list[Path] | None, typer.Argument(help="Bags, or folders of bags.", metavar="BAG...")]
PresetName = Annotated[str, typer.Option("--preset", help="A preset's name, or the path of its TOML file.")]
Out = Annotated[Path | None, typer.Option("--out", help="The folder for the files.", metavar="FOLDER")]
By = Annotated[str, typer.Option("--by", help="Who exports, for the log.")]
Formats = Annotated[
    list[str] | None, typer.Option("--format", help="bwf, flac, opus or mp3, instead of the preset's; several times.")
]
Segments = Annotated[
    list[str] | None, typer.Option("--segment", help="Segments by number: 3, or 3-5; of several bags ITEM=3-5.")
]
Times = Annotated[
    list[str] | None, typer.Option("--time", help="A stretch of the restored sound: 12.5-14, or 1:02-1:10.")
]
Texts = Annotated[list[str] | None, typer.Option("--text", help="The segments in which these words are spoken.")]
Loop = Annotated[str, typer.Option("--loop", help="Name of a gallery loop: playlists and cue sheet, evenly loud.")]
Gap = Annotated[float, typer.Option("--gap", help="Silence between the pieces of the loop, in seconds.")]
Language = Annotated[str, typer.Option("--language", help="Of tags and labels: en, ru or uz.")]
Permission = Annotated[
    str, typer.Option("--permission", help="Where the leave of who holds the rights is kept, if it is needed.")
]
EvenThough = Annotated[str, typer.Option("--even-though", help="Why what was sent back is exported all the same.")]
Again = Annotated[bool, typer.Option("--again", help="Make anew what is there already.")]
Presets = Annotated[bool, typer.Option("--presets", help="List the presets, and export nothing.")]
Flow = Annotated[bool, typer.Option("--flow", help="Run as a Prefect flow, which leaves a table and links.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def export(  # noqa: PLR0913 - the arguments of a command are its interface
    bags: Bags = None,
    preset: PresetName = "",
    out: Out = None,
    by: By = "",
    formats: Formats = None,
    segment: Segments = None,
    time: Times = None,
    text: Texts = None,
    loop: Loop = "",
    gap: Gap = 0.0,
    language: Language = "en",
    permission: Permission = "",
    even_though: EvenThough = "",
    again: Again = False,
    presets: Presets = False,
    flow: Flow = False,
    as_json: AsJson = False,
) -> None:
    """Export restored items for an exhibition: levelled, mastered by a preset, in its formats, whole or as excerpts.

    Every export is an event in the log of its bag. What is there already and whole is not made again. What the rights
    forbid is refused, with the reason; the others go on.

    Example: `restoration export bags/tape-0001 --preset web --text "a small step" --out exhibition --by "Ada Berg"`
    """
    if presets:
        _list_presets(as_json)
        return
    if not (bags and preset and out and by):
        raise typer.BadParameter("an export needs BAG..., --preset, --out and --by; --presets lists the presets")
    from restoration.exhibition.preset import load_preset
    from restoration.exhibition.request import Wanted

    wanted = Wanted(
        preset=load_preset(preset),
        out=out,
        by=by,
        formats=tuple(formats or ()),
        language=language,
        loop=loop,
        gap_s=gap,
        permission=permission,
        even_though=even_though,
        again=again,
    )
    pieces = _pieces(bags, segment or [], time or [], text or [])
    made = _as_flow(pieces, wanted) if flow else _exported(pieces, wanted)
    if as_json:
        _print_json(made.as_dict())
    else:
        _tell(made, wanted)
    if not made.whole:
        raise typer.Exit(1)


def _pieces(bags: list[Path], segments: list[str], times: list[str], texts: list[str]) -> list[Piece]:
    from restoration.auditing.collection import find_bags
    from restoration.exhibition.request import pieces_of

    said: tuple[tuple[ChosenBy, list[str]], ...] = (("segment", segments), ("time", times), ("text", texts))
    return pieces_of(find_bags(bags), [(by, words) for by, each in said for words in each])


def _exported(pieces: list[Piece], wanted: Wanted) -> Exhibition:
    """Export with a bar of the pieces, or a line for each where nobody looks."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from restoration import screen
    from restoration.exhibition.exhibition import export as export_all

    if not screen.errors.is_terminal:
        screen.errors.print(f"exporting {len(pieces)} piece{'s' if len(pieces) != 1 else ''} …")
        return export_all(pieces, wanted, lambda _piece, _stage: None, lambda _outcome: None)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen.errors, transient=True) as bars:
        bar = bars.add_task("exporting", total=len(pieces))
        return export_all(
            pieces,
            wanted,
            lambda piece, stage: bars.update(bar, description=f"{piece.bag.name}, {piece.words}: {stage}"),
            lambda _outcome: bars.advance(bar),
        )


def _as_flow(pieces: list[Piece], wanted: Wanted) -> Exhibition:
    from flows import export_exhibition

    return export_exhibition.run(pieces, wanted)


def _tell(made: Exhibition, wanted: Wanted) -> None:
    from restoration import screen

    columns = ("item", "piece", "state", "LUFS", "LU range", "dBTP", "length", "took")
    screen.table("", columns, [_row(each) for each in made.outcomes])
    for each in made.outcomes:
        for file in each.files:
            screen.console.print(f"  {wanted.folder / str(file['name'])}{_heard(file)}")
        if each.detail:
            screen.console.print(f"{each.identifier}: {each.detail}")
    for note in made.notes:
        screen.console.print(note)
    for place in made.files:
        screen.console.print(f"Look at {place}" if place.suffix in (".html", ".m3u8") else f"  {place}")


def _row(each: Outcome) -> tuple[object, ...]:
    names = ("loudness_lufs", "loudness_range_lu", "true_peak_dbtp")
    figures = [each.loudness.get(name) for name in names]
    shown = [f"{value:.1f}" if value is not None else "" for value in figures]
    length = f"{each.duration_s:.1f} s" if each.duration_s else ""
    return each.identifier, each.piece, each.state, *shown, length, f"{each.seconds:.1f} s"


def _heard(file: Mapping[str, Any]) -> str:
    if file.get("loudness_lufs") is None:
        return ""
    return f": {file['loudness_lufs']:.2f} LUFS, {file['true_peak_dbtp']:.2f} dBTP when it is read back"


def _list_presets(as_json: bool) -> None:
    from dataclasses import asdict

    from restoration import screen
    from restoration.exhibition.preset import load_preset, preset_names

    known = [load_preset(name) for name in preset_names()]
    if as_json:
        _print_json([{**asdict(each), "digest": each.digest} for each in known])
        return
    rows = []
    for each in known:
        aim = each.loudness
        level = f"{aim.target_lufs:g} LUFS, {aim.max_true_peak_dbtp:g} dBTP" if aim else "untouched"
        rows.append(
            (each.name, each.purpose, level, each.chain.name if each.chain else "none", ", ".join(each.formats))
        )
    screen.table("", ("preset", "purpose", "level", "chain", "formats"), rows)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
