"""The command line: one command, one call.

Exit status: 0 all is well, 1 something is wrong with what was given, 2 the command itself was wrong.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from restoration import __version__
from restoration.auditing.command import audit
from restoration.benchmark.command import app as benchmark_app
from restoration.choosing.command import choose
from restoration.credentials_command import certificate_app, credentials_app
from restoration.deciding_command import decide
from restoration.errors import BadManifest, RestorationError
from restoration.exhibition_command import export
from restoration.inspection_command import measure, report, segment
from restoration.keeping_command import key_app, reseal
from restoration.label_command import label
from restoration.provenance.command import export_log
from restoration.replaying.command import diff, explain, replay
from restoration.room_command import room
from restoration.spectrogram_command import spectrogram_app
from restoration.training.command import train_model
from restoration.voice.command import voice_app
from restoration.voice.consent_command import consent_app

app = typer.Typer(
    help="Restore, segment and document the digitised voices of sound archives.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
manifest_app = typer.Typer(help="Make manifests.", no_args_is_help=True)
app.add_typer(manifest_app, name="manifest")
app.add_typer(voice_app, name="voice")
app.add_typer(consent_app, name="consent")
app.add_typer(benchmark_app, name="benchmark")
app.command()(audit)
app.add_typer(key_app, name="key")
app.add_typer(spectrogram_app, name="spectrogram")
key_app.add_typer(certificate_app, name="certificate")
app.add_typer(credentials_app, name="credentials")
app.command()(label)
app.command()(measure)
app.command()(segment)
app.command()(report)
app.command()(choose)
app.command()(decide)
app.command()(reseal)
app.command()(room)
app.command("train-model")(train_model)
app.command("export-log")(export_log)
app.command()(replay)
app.command()(explain)
app.command()(diff)
app.command()(export)

ManifestPath = Annotated[Path, typer.Argument(help="The manifest, a CSV file.", metavar="MANIFEST")]
Out = Annotated[Path, typer.Option("--out", help="The folder for the bags.", metavar="FOLDER")]
Root = Annotated[Path | None, typer.Option("--root", help="Where the manifest's files lie, if not beside it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> None:
    """Run the command line. What a user can put right is printed as a sentence, with exit status 1."""
    from restoration import screen

    try:
        app()
    except BadManifest as error:
        screen.errors.print(f"{error.path}: not usable")
        screen.problems(error.problems)
        sys.exit(1)
    except (RestorationError, OSError) as error:
        screen.errors.print(f"error: {error}")
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"heritage-voice {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


@app.command()
def run(
    manifest: ManifestPath,
    out: Out,
    recipe: Annotated[str | None, typer.Option(help="The recipe for the rows that name none.")] = None,
    root: Root = None,
    workers: Annotated[int, typer.Option(min=1, help="How many items at a time.")] = 1,
    again: Annotated[
        bool, typer.Option("--again", help="Set bags of another treatment aside and restore anew.")
    ] = False,
    until_decided: Annotated[
        bool, typer.Option("--until-decided", help="Wait until a curator has decided on every item (Prefect server).")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who chose the recipe, for the log.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why that recipe.")] = "",
    as_json: AsJson = False,
) -> None:
    """Restore every item of a manifest into a bag; go on where an earlier run stopped, and honour what was decided.

    Example: `restoration run archive_manifests/historical.csv --recipe broadcast_tape --out bags`
    """
    from restoration.head_start import head_start

    # Prefect and its embedded server take seconds to start; the first item does not wait for them.
    with head_start() as begin:
        from restoration import batch, screen
        from restoration.room.batch_index import write_index

        request = batch.Request(manifest, out, recipe, root, batch.recipe_chosen(by, reason))
        with batch.locked(out):
            plan = batch.plan(request)
            if again:
                plan = batch.set_aside(plan)
            results = [batch.Outcome(name, "refused", reason) for name, reason in plan.refused.items()]
            if until_decided:
                from flows import until_decided as deciding

                with screen.watched([plan.orders[name] for name in plan.pending]):
                    results = deciding.run(request, workers)
            elif plan.pending:
                begin(plan.orders[plan.pending[0]])
                from flows import restore_batch

                with screen.watched([plan.orders[name] for name in plan.pending]):
                    results += restore_batch.run(request, plan.pending, workers)
            if plan.pending or plan.refused:
                write_index(out, refused=plan.refused)
    _tell(results, len(plan.done), out, as_json)
    if any(result.state != "restored" for result in results):
        raise typer.Exit(1)


def _tell(results: list[Any], done_before: int, out: Path, as_json: bool) -> None:
    from restoration import screen

    if as_json:
        _print_json({"done_before": done_before, "items": [asdict(result) for result in results]})
        return
    if results:
        screen.outcomes(results)
    else:
        screen.console.print(f"Nothing to do: all {done_before} items are restored.")
    screen.console.print(f"Look at {out / 'index.html'}")


@app.command()
def check(manifest: ManifestPath, root: Root = None, as_json: AsJson = False) -> None:
    """Say everything that is wrong with a manifest, without touching sound.

    Example: `restoration check archive_manifests/historical.csv --root tapes`
    """
    from restoration import screen
    from restoration.manifest import check_manifest

    found = check_manifest(manifest, root)
    faults = [problem for problem in found if problem.severity == "error"]
    if as_json:
        _print_json([asdict(problem) for problem in found])
    elif found:
        screen.problems(found)
    if not as_json:
        screen.console.print(f"{manifest}: {len(faults)} errors, {len(found) - len(faults)} warnings")
    if faults:
        raise typer.Exit(1)


@manifest_app.command("new")
def manifest_new(
    folder: Annotated[Path, typer.Argument(help="A folder of sound files.")],
    out: Annotated[Path, typer.Option("--out", help="The manifest to write.")] = Path("manifest.csv"),
) -> None:
    """Draft a manifest from a folder: digests, durations and bext fields are filled in, the rest is yours.

    Example: `restoration manifest new tapes --out tapes/manifest.csv`
    """
    from restoration import screen
    from restoration.manifest import draft_manifest

    found = draft_manifest(folder, out)
    if found:
        screen.problems(found)
    screen.console.print(f"Wrote {out}. `restoration check {out}` says what is still to be filled in.")


@app.command()
def recipes(as_json: AsJson = False) -> None:
    """List the recipes that ship, with their purpose and steps.

    Example: `restoration recipes`
    """
    from restoration import screen
    from restoration.recipe import load_recipe, recipe_names

    known = [load_recipe(name) for name in recipe_names()]
    if as_json:
        _print_json([{"name": r.name, "purpose": r.purpose, "steps": [name for name, _ in r.steps]} for r in known])
    else:
        rows = [(r.name, r.purpose, ", ".join(name for name, _ in r.steps)) for r in known]
        screen.table("", ("recipe", "purpose", "steps"), rows)


@app.command()
def steps(as_json: AsJson = False) -> None:
    """List the steps a recipe can name, with what they generate.

    Example: `restoration steps`
    """
    from restoration import screen
    from restoration.recipe import about, step_kind, step_names

    known = [{"name": name, "about": about(name), "generates": step_kind(name).generates} for name in step_names()]
    if as_json:
        _print_json(known)
    else:
        screen.table("", ("step", "what it does", "generates"), [tuple(each.values()) for each in known])


@app.command()
def status(
    out: Annotated[Path, typer.Argument(help="The folder of bags.", metavar="FOLDER")], as_json: AsJson = False
) -> None:
    """Say what is restored, failed or being worked on in a folder of bags.

    Example: `restoration status bags`
    """
    from restoration import batch, screen

    found = batch.status(out)
    if as_json:
        _print_json([asdict(outcome) for outcome in found])
    else:
        screen.outcomes(found)
    if any(outcome.state == "failed" for outcome in found):
        raise typer.Exit(1)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder for the demonstration.")] = Path("demo"),
) -> None:
    """Age two synthetic readings into tape masters, restore them, say how much closer they came, and let them be heard.

    Bags that an earlier version left there are set aside, not overwritten.

    Example: `restoration demo --out demo`
    """
    from restoration import demo as demonstration
    from restoration import screen

    made = demonstration.make_demo(out)
    run(made, out / "bags", workers=2, again=True)
    screen.table("How much closer the restoration came", *demonstration.comparison(out))
    room(out / "bags", workers=2)


if __name__ == "__main__":
    main()
