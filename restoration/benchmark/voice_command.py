"""The command ``restoration benchmark voice``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from restoration.errors import RestorationError

CLIPS, QUICK_CLIPS = 40, 8

Voices = Annotated[list[Path], typer.Option("--voice", help="The folder of a voice; may be said again.")]
Corpus = Annotated[Path | None, typer.Option("--corpus", help="A corpus: a folder with a train.csv.")]
Reading = Annotated[Path, typer.Option(help="The clean reading of the target; also looked for in the corpus.")]
OwnSources = Annotated[
    Path | None,
    typer.Option("--sources", help="Performances of your own, a folder a speaker, in place of the corpus's."),
]
Out = Annotated[Path, typer.Option("--out", help="The folder for rows, tables and the page.", metavar="FOLDER")]


def voice(  # noqa: PLR0913 - the arguments of a command are its interface
    voices: Voices = [],  # noqa: B006 - typer copies it
    live: Annotated[bool, typer.Option("--live", help="Each voice also as `voice live` lends it.")] = False,
    corpus: Corpus = None,
    reading: Reading = Path("dev/reading_lj"),
    sources: OwnSources = None,
    clips: Annotated[int | None, typer.Option(min=1, help="How many sources; 40 if not said.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw: the same seed gives the same sources.")] = 1,
    out: Out = Path("benchmark-voice"),
    quick: Annotated[bool, typer.Option("--quick", help="Eight sources, no judge that takes long.")] = False,
) -> None:
    """Lend voices to the performances of strangers, and say whose voice, which words and what sound came out.

    Sources are clips by women and men that no model was trained on. Without a voice it calibrates the judges.

    Example: `restoration benchmark voice --voice voices/reader --corpus readings --out benchmark-voice`
    """
    from restoration.benchmark import show
    from restoration.benchmark.voice_run import VoiceRequest, run_voices
    from restoration.benchmark.voice_show import results
    from restoration.benchmark.voice_sources import draw_sources, find_reading, find_sources
    from restoration.benchmark.voice_systems import CONTROLS, LIVE

    count = clips or (QUICK_CLIPS if quick else CLIPS)
    if sources is not None:
        drawn = find_sources(sources, count)
    elif corpus is not None:
        drawn = draw_sources(corpus, count, seed)
    else:
        raise RestorationError("name --corpus, a folder with a train.csv, or --sources, a folder of performances")
    request = VoiceRequest(
        systems=(*CONTROLS, *map(str, voices), *(f"{LIVE}{folder}" for folder in voices if live)),
        sources=drawn,
        reading=tuple(find_reading(_found(reading, corpus))),
        seed=seed,
        quick=quick,
        facts={"corpus": str(corpus or ""), "reading_folder": str(reading)},
    )
    with show.progress() as heard:
        found = run_voices(request, heard)
    results(found, out)


def _found(reading: Path, corpus: Path | None) -> Path:
    places = [reading, *([corpus / reading] if corpus else [])]
    for place in places:
        if place.is_dir():
            return place
    raise RestorationError(f"there is no reading in {' or '.join(map(str, places))}; --reading is a folder of sound")
