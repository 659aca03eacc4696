"""The commands ``restoration voice ...``."""

from __future__ import annotations

import typer

from restoration.voice.convert_command import convert, live
from restoration.voice.export_command import export
from restoration.voice.material_command import material
from restoration.voice.speak_command import blend, cover, speak
from restoration.voice.train_command import card, train
from restoration.voice.usage_command import usage

voice_app = typer.Typer(help="Learn voices from minutes, lend them, and guard them.", no_args_is_help=True)
for command in (material, train, card, convert, live, speak, blend, cover, export, usage):
    voice_app.command()(command)
