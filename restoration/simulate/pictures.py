"""Pictures of every fault: the voice before and after it, and what the fault is by its kind.

``python -m restoration.simulate.pictures FOLDER`` renders them into a folder, with an index.html that holds them all.
Needs matplotlib, which the rest of the project does not.
"""

from __future__ import annotations

import base64
import html
import inspect
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr
from scipy import signal

from restoration import sound_files
from restoration.audio import Writer
from restoration.simulate.chains import CHAINS
from restoration.simulate.examples import EXAMPLES
from restoration.simulate.fault import Displacing, Fault, Float64

if TYPE_CHECKING:
    from matplotlib.axes import Axes

READING = Path(str(files("archive_manifests"))) / "demo" / "reading.opus"
RATE = 24000
SEED = 3
DECIBELS = (-95.0, -25.0)
FIRST, SECOND = "#4269d0", "#e8590c"


def draw_pictures(folder: Path, faults: Sequence[Fault] = EXAMPLES, carriers: Sequence[str] = tuple(CHAINS)) -> Path:
    """Render a picture of each fault and of a drawn chain of each carrier; the index.html that shows them.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    voice = a_voice()
    sections = [_fault_section(fault, voice, folder) for fault in faults]
    sections += [_carrier_section(name, voice, folder) for name in carriers]
    index = folder / "index.html"
    style = (
        "body{font:15px/1.4 sans-serif;max-width:1250px;margin:2em auto;padding:0 1em}img{width:100%}code{color:#555}"
    )
    head = f"<!doctype html><meta charset=utf-8><title>Faults</title><style>{style}</style><h1>Faults</h1>"
    index.write_text("\n".join([head, *sections]), encoding="utf-8")
    return index


def a_voice() -> Float64:
    """Five seconds (channels, time) of the demonstration's clean reading, at ``RATE``."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as scratch:
        with Writer(Path(scratch) / "reading.f32") as writer:
            sound_files.decode(READING, writer)
        reading = writer.recording
        samples = reading.read(0, 5 * reading.sample_rate).samples[:1].astype(np.float64)
    return np.asarray(soxr.resample(samples.T, reading.sample_rate, RATE).T)


def _fault_section(fault: Fault, voice: Float64, folder: Path) -> str:
    heard, drawn = fault.apply(voice, RATE, np.random.default_rng(SEED))
    name = type(fault).__name__
    picture = _picture(folder / f"{_file_name(name)}.png", voice, heard, fault, drawn)
    says = (inspect.getdoc(type(fault)) or "").split("\n\n")[0]
    fields = ", ".join(f"{field}={_short(value)}" for field, value in asdict(fault).items())  # type: ignore[call-overload]
    return _section(f"{name} ({fault.kind})", says, fields, picture)


def _carrier_section(carrier: str, voice: Float64, folder: Path) -> str:
    generator = np.random.default_rng(SEED)
    chain = CHAINS[carrier](generator)
    heard = voice
    for fault in chain:
        heard, _ = fault.apply(heard, RATE, generator)
    picture = _picture(folder / f"carrier-{carrier}.png", voice, heard, None, {})
    return _section(f"A drawn {carrier}", "", " → ".join(type(fault).__name__ for fault in chain), picture)


def _section(title: str, says: str, fields: str, picture: Path) -> str:
    encoded = base64.b64encode(picture.read_bytes()).decode("ascii")
    image = f'<img alt="{html.escape(title)}" src="data:image/png;base64,{encoded}">'
    return f"<h2>{html.escape(title)}</h2><p>{html.escape(says)} <code>{html.escape(fields)}</code></p>{image}"


def _picture(path: Path, voice: Float64, heard: Float64, fault: Fault | None, drawn: dict[str, Any]) -> Path:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 3), dpi=72, layout="constrained")
    before, after, what, when = figure.subplots(1, 4)
    _spectrogram(before, voice, "before")
    _spectrogram(after, heard, "after")
    if isinstance(fault, Displacing):
        _draw_speed(what, when, fault, drawn)
    elif fault is None or fault.kind == "damage":
        _draw_spectra(what, {"before": voice, "after": heard, "difference": heard - voice})
        _draw_most_changed(when, voice, heard)
    elif fault.kind == "added":
        _draw_added(what, when, heard - voice, voice, drawn)
    else:
        _draw_response(what, fault)
        (_draw_decay if fault.kind == "room" else _draw_level)(when, fault)
    FigureCanvasAgg(figure).print_png(str(path))
    return path


def _spectrogram(axes: Axes, sound: Float64, title: str) -> None:
    _, times_s, power = signal.spectrogram(sound[0], RATE, "hann", 512, 256)
    extent = (0, float(times_s[-1]), 0, RATE / 2000)
    levels_db = 10 * np.log10(power + 1e-14)
    axes.imshow(levels_db, "magma", aspect="auto", origin="lower", extent=extent, vmin=DECIBELS[0], vmax=DECIBELS[1])
    axes.set(title=title, xlabel="s", ylabel="kHz")


def _draw_speed(what: Axes, when: Axes, fault: Displacing, drawn: dict[str, Any]) -> None:
    times_s = np.arange(0, 5, 0.001)
    ahead_s = fault.heard_at_s(times_s, drawn) - times_s
    what.plot(times_s[1:], 100 * np.diff(ahead_s) / 0.001, color=FIRST)
    what.set(title="error of speed", xlabel="s", ylabel="%")
    when.plot(times_s, 1000 * ahead_s, color=FIRST)
    when.set(title="how far ahead it reads", xlabel="s", ylabel="ms")


def _draw_response(axes: Axes, fault: Fault) -> None:
    click = _after_a_click(fault)
    hz = np.fft.rfftfreq(click.size, 1 / RATE)
    axes.semilogx(hz[1:], 20 * np.log10(np.abs(np.fft.rfft(click[0]))[1:] + 1e-9), color=FIRST, linewidth=0.8)
    axes.set(title="response", xlabel="Hz", ylabel="dB", xlim=(20, RATE / 2), ylim=(-60, 20))


def _draw_decay(axes: Axes, fault: Fault) -> None:
    click = _after_a_click(fault)
    left = np.cumsum(click[0, ::-1] ** 2)[::-1]
    axes.plot(np.arange(RATE) / RATE * 1000, 10 * np.log10(left[RATE : 2 * RATE] / left[0] + 1e-12), color=FIRST)
    axes.set(title="energy left after a click", xlabel="ms", ylabel="dB", ylim=(-80, 3))


def _after_a_click(fault: Fault) -> Float64:
    """Four seconds, in which a click comes after the first."""
    click = np.zeros((1, 4 * RATE))
    click[0, RATE] = 1
    return fault.apply(click, RATE, np.random.default_rng(SEED))[0]


def _draw_level(axes: Axes, fault: Fault) -> None:
    """The level of noise that comes in at 0 dB."""
    noise = np.random.default_rng(SEED).standard_normal((1, 5 * RATE))
    heard, _ = fault.apply(noise, RATE, np.random.default_rng(SEED))
    power = np.mean(heard[0].reshape(-1, RATE // 50) ** 2, axis=1)
    axes.plot(np.arange(power.size) / 50, 10 * np.log10(power + 1e-12), color=FIRST)
    axes.set(title="level of white noise at 0 dB", xlabel="s", ylabel="dB", ylim=(-40, 20))


def _draw_added(what: Axes, when: Axes, added: Float64, voice: Float64, drawn: dict[str, Any]) -> None:
    begins = next((frames for name, frames in drawn.items() if name.endswith("_frames") and frames), None)
    if begins is None:
        _draw_spectra(what, {"voice": voice, "added": added})
    else:
        loudness = [
            (round(float(np.abs(added[0, begin:][: RATE // 100]).max(initial=0)), 6), begin) for begin in begins
        ]
        start = max(0, max(loudness)[1] - RATE // 500)
        event = added[0, start : start + RATE // 10]
        stop = max(RATE // 200, int(np.searchsorted(np.cumsum(event**2), 0.999 * np.sum(event**2))))
        what.plot(np.arange(event[:stop].size) / RATE * 1000, event[:stop], color=SECOND)
        what.set(title=f"the loudest of {len(begins)}", xlabel="ms")
    when.plot(np.arange(added.size) / RATE, added[0], color=SECOND, linewidth=0.5)
    most = 1.1 * float(np.max(np.abs(added)))
    when.set(title="what is added", xlabel="s", ylim=(-most, most))


def _draw_most_changed(axes: Axes, voice: Float64, heard: Float64) -> None:
    middle = int(np.argmax(np.abs(heard[0] - voice[0])))
    event = slice(max(0, middle - RATE // 80), middle + RATE // 80)
    for sound, name, colour in ((voice, "before", FIRST), (heard, "after", SECOND)):
        shown = sound[0, event]
        axes.plot((event.start + np.arange(shown.size)) / RATE * 1000, shown, label=name, color=colour, linewidth=1)
    axes.set(title="where most is changed", xlabel="ms")
    axes.legend(fontsize="small")


def _draw_spectra(axes: Axes, sounds: dict[str, Float64]) -> None:
    for (name, sound), colour in zip(sounds.items(), (FIRST, SECOND, "#888888"), strict=False):
        hz, power = signal.welch(sound[0], RATE, nperseg=min(8192, sound.size))
        axes.semilogx(hz[1:], 10 * np.log10(power[1:] + 1e-14), label=name, color=colour, linewidth=0.8)
    axes.set(title="spectra", xlabel="Hz", ylabel="dB/Hz", xlim=(5, RATE / 2), ylim=(-110, -20))
    axes.legend(fontsize="small")


def _short(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}={_short(inner)}" for name, inner in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _file_name(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


if __name__ == "__main__":
    draw_pictures(Path(sys.argv[1]))
