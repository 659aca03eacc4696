"""The page of a choice: opens from disk, asks the network for nothing, and lets eyes and ears check the measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from restoration.choosing import limits, tables
from restoration.choosing.choice import Choice
from restoration.choosing.sounds import Shown
from restoration.choosing.verdict import Standing
from restoration.provenance.chapters import printable
from restoration.provenance.figures import seconds, words
from restoration.provenance.picture_canvas import LEFT, RIGHT
from restoration.provenance.pictures import PictureScale
from restoration.provenance.treatment_report import TEMPLATES, link

OWN_TEMPLATES = Path(__file__).parent / "templates"


def page(choice: Choice, pictures: Sequence[Shown], sounds: Sequence[Sequence[Shown]]) -> str:
    """The choice as one HTML page.

    Args:
        choice: what was found.
        pictures: of the first excerpt, by each candidate; paths relative to the page.
        sounds: the same for each excerpt.
    """
    width = PictureScale().width
    return str(
        _environment()
        .get_template("choice.html")
        .render(
            title=printable(choice.title),
            duration=seconds(float(choice.facts["duration_s"])),
            chosen=choice.chosen,
            standings=choice.standings,
            headings=[heading for heading, _ in tables.columns(choice.standings)],
            rows=list(zip(choice.standings, tables.rows(choice.standings), strict=True)),
            excerpts=[(each, tables.clock_span(each.start_s, each.end_s)) for each in choice.excerpts],
            shown_s=choice.excerpts[0].end_s - choice.excerpts[0].start_s,
            pictures=_with_sounds(pictures, sounds),
            sounds=sounds,
            steps=[(standing, _steps(standing)) for standing in choice.standings if standing.candidate.is_treatment],
            rules=choice.rules,
            limits=limits,
            software=choice.facts["software"],
            plot_left=100 * LEFT / width,
            plot_width=100 * (width - LEFT - RIGHT) / width,
        )
    )


def _with_sounds(pictures: Sequence[Shown], sounds: Sequence[Sequence[Shown]]) -> list[tuple[Shown, Shown]]:
    """Each picture with the sound that it shows: both are of the first excerpt."""
    first = {shown.name: shown for shown in sounds[0]}
    return [(picture, first[picture.name]) for picture in pictures]


def _steps(standing: Standing) -> list[tuple[str, list[tuple[int, str, str]]]]:
    """For each step what became of it on each excerpt: number of the excerpt, outcome, reason."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for number, trial in enumerate(standing.candidate.trials, start=1):
        for position, step in enumerate(trial.steps, start=1):
            found.setdefault(f"{position}. {words(step.name)}", []).append((number, step.outcome, step.reason))
    return list(found.items())


@cache
def _environment() -> Any:
    environment = Environment(
        loader=FileSystemLoader([OWN_TEMPLATES, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["link"] = link
    return environment
