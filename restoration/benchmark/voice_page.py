"""The page of a benchmark of voices: opens from disk, asks the network for nothing, and holds every figure."""

from __future__ import annotations

from markupsafe import Markup

from restoration.benchmark import plots
from restoration.benchmark import voice_table as tables
from restoration.benchmark.page import environment
from restoration.benchmark.voice_run import VoiceResults
from restoration.benchmark.voice_sources import LONGEST_S
from restoration.benchmark.voice_systems import CONTROLS

DRAWN = ("ge2e_to_target", "ge2e_to_source", "wer_moonshine", "wer_pocketsphinx", "distill_mos", "f0_correlation")


def page(results: VoiceResults) -> str:
    """The results as one HTML page."""
    return str(
        environment()
        .get_template("benchmark_voice.html")
        .render(
            facts=results.facts,
            dots=dots(results),
            voices=list(tables.voices(results)),
            calibration=tables.calibration(results),
            left_out=results.left_out,
            failures=[(row.system, row.clip, row.error) for row in results.rows if row.error],
            longest_s=f"{LONGEST_S:g}",
        )
    )


def dots(results: VoiceResults) -> list[tuple[str, Markup]]:
    """A picture for each of the scores that tell most, with the reading itself and what is to be reached."""
    ours = [name for name in tables.systems(results) if name not in CONTROLS]
    pictures = []
    for name in [name for name in DRAWN if name in tables.columns(results)]:
        column = tables.COLUMNS[name]
        figures = {system: tables.figure(results, system, name) for system in tables.systems(results)}
        figures[tables.READING] = tables.reading_figure(results, name)
        wanted = tables.wanted_of(results, name)
        figures[tables.WANTED] = None if wanted is None else tables.Figure(wanted, None, 0)
        drawn = {system: figure for system, figure in figures.items() if figure is not None}
        which = "higher" if column.higher_is_better else "lower"
        # Every text in the picture was escaped when it was drawn.
        picture = Markup(plots.dots(drawn, ours, column.higher_is_better, column.decimals))
        pictures.append((f"{column.label}: {which} is better", picture))
    return pictures
