"""Learn a voice from restored items: propose, wait for the curator's approval, train.

The curator goes through ``approved.csv`` and answers the pause, in Prefect's pages or by its API; or has done so
before, and the file is given: then there is no pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from prefect import flow, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from prefect.settings import PREFECT_API_URL
from prefect.states import Failed
from pydantic import Field

from restoration.errors import RestorationError

WEEK_S = 7 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A voice that somebody wants: the items of one speaker, the folder for it, and who trains it.

    ``name``, ``speaker``, ``minutes``, ``encoder`` and ``as_it_is`` are those of ``restoration voice train``;
    ``revoked`` is a register of revocations. A curator has ``wait_s`` to answer, and is looked for every ``poll_s``.
    """

    items: tuple[Path, ...]
    out: Path
    by: str
    name: str = ""
    speaker: str | None = None
    minutes: float = 8.0
    encoder: str = ""
    as_it_is: bool = False
    revoked: Path | None = None
    wait_s: int = WEEK_S
    poll_s: int = 10


@dataclass(frozen=True)
class Approved:
    """The file of answers, and who gave them."""

    file: Path
    curator: str


class Answer(RunInput):
    """What a curator answers the pause with."""

    approved: str = Field(description="The approval file that was gone through: only rows that say yes are learnt.")
    curator: str = Field(min_length=1, description="Who approved it.")


@task(task_run_name="propose", persist_result=False)
def propose(wanted: Wanted) -> Path:
    """The file in which the curator answers; beside it lies a picture."""
    from restoration.voice.material_table import totals
    from restoration.voice.proposing import PICTURE, propose_to

    try:
        made = propose_to(wanted.items, wanted.out, wanted.speaker, wanted.as_it_is)
    except RestorationError as error:
        return _failed(error)
    rows = [
        {"item": item, "from_s": start_s, "to_s": stop_s, "proposed": each.proposed, "why": each.reason}
        for each in made.proposed
        for item, start_s, stop_s in (each.piece.key,)
    ]
    create_table_artifact(key="proposed-phrases", table=rows, description=totals(made.proposed))
    create_link_artifact(link=(wanted.out / PICTURE).resolve().as_uri(), link_text="The material in a picture")
    return made.file


@task(task_run_name="train", persist_result=False)
def train(wanted: Wanted, approved: Approved) -> Path:
    """The folder of the voice, learnt from what was approved, if the consents allow it."""
    from restoration.voice.few_shot import train_voice as learn
    from restoration.voice.gate import Use, permit, today
    from restoration.voice.proposing import approved_material
    from restoration.voice.reading import approval_in, reading_of
    from restoration.voice.tuning import Tuning

    try:
        material = approved_material(wanted.items, approved.file, wanted.as_it_is)
        reading = reading_of(material, wanted.name, approval_in(approved.file, approved.curator))
        use = Use(purpose="train", by=wanted.by, public=False, on=today())
        allowed = permit(reading.consents, use, wanted.revoked)
        learn(allowed, reading, wanted.out, Tuning(minutes=wanted.minutes, encoder=wanted.encoder))
    except RestorationError as error:
        return _failed(error)
    return wanted.out


def _failed(error: RestorationError) -> Any:
    # A state and not an exception: what is wrong with the material is a sentence, not a trace.
    return Failed(message=str(error), data=error)


@task(task_run_name="card", persist_result=False)
def show_card(voice: Path) -> Path:
    """Link the card of the voice where the flow is looked at."""
    card = voice / "card.html"
    create_link_artifact(
        link=card.resolve().as_uri(), link_text=f"Card of {voice.name}", description="What it is worth"
    )
    return card


@flow(name="train voice", flow_run_name="train {wanted.out.name}", validate_parameters=False)
def train_voice(wanted: Wanted, approved: Path | None = None) -> Path:
    """Learn a voice; the card of it. Without ``approved`` the flow pauses for the curator."""
    # Futures raise what a failed state holds; called directly, a task would hand the state on as if it were a result.
    known = Approved(approved, wanted.by) if approved else None
    answered = known or _answered(propose.submit(wanted).result(), wanted)
    return show_card(train.submit(wanted, answered).result())


def _answered(proposed: Path, wanted: Wanted) -> Approved:
    """What the curator gives, once the pause is answered."""
    if not PREFECT_API_URL.value():
        raise RestorationError(
            f"the proposal is {proposed}: go through it, and run this again with --approved {proposed}. There is no "
            "Prefect server on which a curator could answer (prefect config set PREFECT_API_URL=...)"
        )
    asked = f"Go through `{proposed}` (the picture lies beside it), then name the file and yourself."
    question = Answer.with_initial_data(description=asked, approved=str(proposed))
    answer: Any = pause_flow_run(wait_for_input=question, timeout=wanted.wait_s, poll_interval=wanted.poll_s)
    create_table_artifact(key="approval", table=[{"file": answer.approved, "approved by": answer.curator}])
    return Approved(Path(answer.approved), answer.curator)


def main(  # noqa: PLR0913 - the arguments of a command are its interface
    items: Annotated[list[Path], typer.Argument(help="Bags, a manifest, a folder of clips, or sound files.")],
    out: Annotated[Path, typer.Option(help="The folder of the voice.")],
    by: Annotated[str, typer.Option(help="Who trains it, for the record.")],
    approved: Annotated[Path | None, typer.Option(help="The curator's answers; without, the flow pauses.")] = None,
    name: Annotated[str, typer.Option(help="What the voice is called.")] = "",
    speaker: Annotated[str | None, typer.Option(help="The speaker that the segments name.")] = None,
    minutes: Annotated[float, typer.Option(help="Minutes of training at most.")] = 8.0,
    encoder: Annotated[str, typer.Option(help="What hears the words; if not said, what measures best.")] = "",
    as_it_is: Annotated[bool, typer.Option("--as-it-is", help="Take plain files of a poor channel.")] = False,
) -> None:
    """Learn a voice as a flow: `python -m flows.train_voice BAG --out voices/reading --by NAME`."""
    wanted = Wanted(
        items=tuple(items),
        out=out,
        by=by,
        name=name,
        speaker=speaker,
        minutes=minutes,
        encoder=encoder,
        as_it_is=as_it_is,
    )
    try:
        typer.echo(f"Wrote {train_voice(wanted, approved)}")
    except RestorationError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
