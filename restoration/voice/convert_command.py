"""The commands ``restoration voice convert`` and ``restoration voice live``; light to import, for every command line
does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from restoration.voice import options

if TYPE_CHECKING:
    from restoration.voice.convert import Settings
    from restoration.voice.convert_files import Loan
    from restoration.voice.stream import Course, Stream

Device = str | None


def convert(
    sources: Annotated[list[Path], typer.Argument(help="Sound files, or folders of them.", metavar="SOURCE...")],
    voice: options.Voice,
    out: Annotated[Path, typer.Option("--out", help="The folder for the results.", metavar="FOLDER")],
    by: options.By,
    pitch: options.Pitch = "auto",
    index_rate: options.IndexRate = None,
    protect: options.Protect = 0.35,
    volume_envelope: options.Envelope = 1.0,
    f0_method: options.Method = "swift-f0",
    tonal_balance: options.TonalBalance = 1.0,
    pitch_range: options.PitchRange = None,
    rate: Annotated[int, typer.Option("--rate", help="48000: brought there by the extender; 16000: as made.")] = 48000,
    public: options.Public = False,
) -> None:
    """Lend a voice to performances in sound files; each result is marked as generated, and counted.

    Example: `restoration voice convert reading.wav --voice voices/maria-holm --out converted --by "K. Holm"`
    """
    from restoration.errors import RestorationError
    from restoration.voice.convert_files import convert_file, sources_of, target_of

    settings = options.settings_of(locals())
    loan = _loan(voice, "convert", by, public, settings, rate)
    files = sources_of(sources)
    out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for source in files:
        try:
            target = target_of(source, out, loan.voice)
            with _bar(source.name) as tell:
                seconds, melody = convert_file(source, target, loan, tell)
        except (RestorationError, OSError) as error:
            failed += 1
            typer.echo(f"error: {error}" if str(source) in str(error) else f"error: {source}: {error}", err=True)
        else:
            typer.echo(f"{target}: {seconds:.1f} s in the voice of {loan.voice.card['name']}; {melody.sentence}")
    if failed:
        typer.echo(f"{failed} of {len(files)} files could not be converted", err=True)
        raise typer.Exit(1)


def live(
    by: options.By,
    voice: Annotated[Path | None, typer.Option("--voice", help="The folder of the voice.", metavar="FOLDER")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="A sound file instead of the microphone.")] = None,
    target: Annotated[Path | None, typer.Option("--to", help="A WAV file instead of the loudspeaker.")] = None,
    by_the_clock: Annotated[
        bool, typer.Option("--paced", help="File to file as fast as it is spoken, as a sound card would.")
    ] = False,
    list_devices: Annotated[bool, typer.Option("--list-devices", help="Print the sound devices.")] = False,
    microphone: Annotated[Device, typer.Option("--microphone", help="Name or number of the device.")] = None,
    loudspeaker: Annotated[Device, typer.Option("--loudspeaker", help="Name or number of the device.")] = None,
    chunk_ms: Annotated[float, typer.Option("--chunk-ms", help="Length of a step, 24 to 1000 ms.")] = 80.0,
    lookahead_ms: Annotated[float, typer.Option("--lookahead-ms", help="Heard beyond a step, 48 to 480 ms.")] = 72.0,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop by itself.")] = None,
    pitch: options.Pitch = "auto",
    index_rate: options.IndexRate = None,
    protect: options.Protect = 0.35,
    volume_envelope: options.Envelope = 1.0,
    f0_method: options.Method = "swift-f0",
    tonal_balance: options.TonalBalance = 1.0,
    pitch_range: options.PitchRange = None,
    public: options.Public = False,
) -> None:
    """Lend a voice while somebody speaks: microphone to loudspeaker, or file to file.

    Steps are made longer before they come too late, and a line says so; the end says how late the sound was.

    Example: `restoration voice live --voice voices/maria-holm --by "K. Holm"`
    """
    from restoration.errors import RestorationError
    from restoration.voice.stream import Course

    if list_devices:
        from restoration.voice.sound_card import devices

        typer.echo(devices())
        return
    if voice is None:
        raise RestorationError("whose voice? Name its folder with --voice")
    if (source is None) != (target is None):
        raise RestorationError("--from and --to belong together: a file to a file, or microphone to loudspeaker")
    settings = options.settings_of(locals())
    course = Course(chunk_ms=chunk_ms, lookahead_ms=lookahead_ms)
    loan = _loan(voice, "live", by, public, settings, 16000)
    if source is not None and target is not None:
        _from_file_to_file(loan, course, source, target, by_the_clock=by_the_clock)
    else:
        _by_the_card(loan, course, _device(microphone), _device(loudspeaker), seconds)


def _from_file_to_file(loan: Loan, course: Course, source: Path, target: Path, *, by_the_clock: bool) -> None:
    from restoration.voice.live_files import live_file

    told = live_file(source, target, loan, course, by_the_clock=by_the_clock, tell=_tell)
    typer.echo(f"{target}: {told}")


def _by_the_card(loan: Loan, course: Course, microphone: Any, loudspeaker: Any, seconds: float | None) -> None:
    from restoration.voice.convert_files import count_and_note
    from restoration.voice.live import Engine
    from restoration.voice.notices import notice
    from restoration.voice.sound_card import by_the_card

    typer.echo(notice())
    engine = Engine(lambda: _stream(loan, course), _tell)
    try:
        by_the_card(engine, microphone=microphone, loudspeaker=loudspeaker, seconds=seconds)
    except KeyboardInterrupt:
        typer.echo("")
    finally:
        # What was heard is counted, however it ended.
        if engine.statistics.seconds:
            told = {"live": engine.statistics.sentence(), "melody": engine.melody.as_dict()}
            count_and_note(loan, engine.statistics.seconds, "", "", **told)
    typer.echo(engine.end().sentence())


def _stream(loan: Loan, course: Course) -> Stream:
    from restoration.voice.stream import Stream

    return Stream(loan.permit, loan.voice, loan.settings, course)


def _loan(folder: Path, purpose: str, by: str, public: bool, settings: Settings, rate: int) -> Loan:
    """A voice and the leave to use it, from the one gate."""
    from restoration.voice.convert import fitting
    from restoration.voice.convert_files import Loan
    from restoration.voice.gate import Use, permit, today
    from restoration.voice.model import load_voice

    voice = load_voice(folder)
    granted = permit(voice.consents, Use(purpose=purpose, by=by, public=public, on=today()))
    return Loan(granted, voice, folder, fitting(voice, settings, _tell), rate)


def _device(named: str | None) -> int | str | None:
    return int(named) if named is not None and named.isdigit() else named


def _tell(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error, if that is a terminal; what it gives is told the share that is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda share: bar.update(task, completed=share)
