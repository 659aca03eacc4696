"""The options of the commands that lend a voice, and the settings they make; light to import."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from restoration.voice.convert import Settings

Voice = Annotated[Path, typer.Option("--voice", help="The folder of the voice.", metavar="FOLDER")]
By = Annotated[str, typer.Option("--by", help="Who uses the voice, for its usage log.", envvar="USER", metavar="NAME")]
Public = Annotated[bool, typer.Option("--public", help="Others will hear it: needs consent to that.")]
Pitch = Annotated[str, typer.Option("--pitch", help="auto, octave (for singing), or semitones from -36 to 36.")]
PitchRange = Annotated[
    float | None,
    typer.Option(
        "--pitch-range",
        help="How far the range of a spoken melody gives way to the voice's, 0 to 1; as a rule 1 with --pitch auto.",
    ),
]
IndexRate = Annotated[
    float | None,
    typer.Option("--index-rate", help="Share taken from the voice's own material, 0 to 1; as a rule 0.3."),
]
Protect = Annotated[
    float, typer.Option("--protect", help="How much of the grain of voiceless sounds is made, 0 (none) to 0.5 (all).")
]
Envelope = Annotated[
    float, typer.Option("--volume-envelope", help="1: the loudness of the model; 0: that of the performer.")
]
Method = Annotated[str, typer.Option("--f0-method", help="How the pitch is found: swift-f0, autocorrelation, harvest.")]
TonalBalance = Annotated[
    float,
    typer.Option("--tonal-balance", help="How far the performance's long-term spectrum gives way to the voice's."),
]


def settings_of(arguments: Mapping[str, Any]) -> Settings:
    """What was asked for, among the arguments of a command; a pitch that is a number is one of semitones."""
    from restoration.voice.convert import Settings

    asked = {each.name: arguments[each.name] for each in fields(Settings)}
    with suppress(ValueError):
        asked["pitch"] = float(asked["pitch"])
    return Settings(**asked)
