"""The command ``restoration voice export``; light to import, for every command line does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(help="The folder of a voice model.", metavar="VOICE")]


def export(
    voice: Folder,
    out: Annotated[Path, typer.Option("--out", help="The file to write, NAME.onnx; NAME.json lies beside it.")],
    by: Annotated[str, typer.Option(help="Who exports it, for the usage log.", metavar="NAME")],
    form: Annotated[str, typer.Option("--format", help="onnx.")] = "onnx",
) -> None:
    """Write a voice's network for other programs, with its consents beside it.

    Example: `restoration voice export voices/reading --out reading.onnx --by "A. Karimova"`
    """
    from restoration import fixity
    from restoration.voice.export import export_voice
    from restoration.voice.gate import Use, permit, today
    from restoration.voice.model import load_voice
    from restoration.voice.usage import Made, count_use, log_of

    known = load_voice(voice)
    allowed = permit(known.consents, Use(purpose="export", by=by, public=False, on=today()))
    place = export_voice(allowed, known, out, form)
    digest = fixity.digests(place)["sha256"]
    count_use(allowed, Made(voice=known.card["name"], seconds=0.0, result_sha256=digest), log_of(voice))
    typer.echo(f"Wrote {place} and {place.with_suffix('.json')}")
