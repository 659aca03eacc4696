"""The commands that look at one file or one bag: measure, segment and report; light to import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

Sound = Annotated[Path, typer.Argument(help="A sound file.", metavar="FILE")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def measure(sound: Sound, as_json: AsJson = False) -> None:
    """Measure the condition of a sound file: noise, hum, clicks, bandwidth, loudness and more.

    Example: `restoration measure tape.wav`
    """
    from restoration import inspection, screen

    measures = inspection.measure(sound)
    if as_json:
        typer.echo(json.dumps(measures, indent=2, ensure_ascii=False))
    else:
        screen.table(str(sound), ("measure", "value", "what it means"), inspection.in_words(measures))


def segment(
    sound: Sound,
    out: Annotated[Path, typer.Option("--out", help="The folder for the segments' files.")],
    cut: Annotated[bool, typer.Option("--cut", help="Cut each segment to a sound file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find who speaks when, and write it as CSV, TextGrid, EAF, WebVTT, RTTM and Audacity labels.

    Example: `restoration segment interview.wav --out segments --cut`
    """
    from restoration import inspection, screen

    segmentation = inspection.segment_file(sound, out, cut)
    if as_json:
        typer.echo(json.dumps(segmentation, indent=2, ensure_ascii=False))
    else:
        rows = [(s["start_s"], s["end_s"], s["speaker"], s["snr_db"]) for s in segmentation["segments"]]
        screen.table(str(sound), ("from s", "to s", "speaker", "signal to noise, dB"), rows)


def report(
    bag: Annotated[Path, typer.Argument(help="The bag of one item.")],
    out: Annotated[Path, typer.Option("--out", help="The HTML file to write.")] = Path("treatment-report.html"),
) -> None:
    """Write the treatment report of a bag anew, from its event log.

    Example: `restoration report bags/tape-0001 --out report.html`
    """
    from restoration import inspection, screen

    inspection.report_again(bag, out)
    screen.console.print(f"Wrote {out}")
