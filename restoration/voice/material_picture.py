"""A picture of the material: the spectrogram in lines of a minute, with what became of each phrase in colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from restoration.voice.choosing_material import Proposed
from restoration.voice.held_out import Split
from restoration.voice.material import BadMaterial, Material
from restoration.voice.samples import VOICE_RATE, FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE_S = 60.0
MOST_LINES = 40
WINDOW_FRAMES, HOP_FRAMES = 512, 320
SHOWN_DB = 70.0
COLOURS = {"proposed": "#2a9d54", "approved": "#2a9d54", "held out": "#2f6fdb", "refused": "#d1495b"}
"""Of what the measures propose or a curator approved, what is kept to check the training with, and what is left out."""


class Bar(NamedTuple):
    """A phrase in the picture: its item, start and stop in seconds, and what became of it (a key of ``COLOURS``)."""

    item: str
    start_s: float
    stop_s: float
    fate: str


def bars_of(proposed: Sequence[Proposed], split: Split | None = None) -> tuple[Bar, ...]:
    """What becomes of each phrase: as it is proposed, or as it was approved and split."""
    if split is None:
        return tuple(Bar(*each.piece.key, "proposed" if each.proposed else "refused") for each in proposed)
    held = {piece.key for piece in split.held_out.pieces}
    fates = {piece.key: "approved" for piece in split.training.pieces} | dict.fromkeys(held, "held out")
    refused = {each.piece.key: "refused" for each in proposed if each.piece.key not in fates}
    return tuple(Bar(*key, fate) for key, fate in sorted({**refused, **fates}.items()))


def draw_material(material: Material, bars: Sequence[Bar], place: Path) -> Path:
    """Write the picture (PNG); of very long material the first 40 lines, and it says so.

    Raises:
        BadMaterial: there are no sources to draw.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    lines = list(_lines(material))
    if not lines:
        raise BadMaterial("there is nothing to draw: the material has no sources")
    shown = lines[:MOST_LINES]
    figure = Figure(figsize=(14, 0.9 + 1.1 * len(shown)), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(shown), 1, squeeze=False)[:, 0]
    for axes, (item, start_s) in zip(panels, shown, strict=True):
        _draw_line(axes, material.source_of(item).sound, item, start_s)
        _draw_bars(axes, [bar for bar in bars if bar.item == item], start_s)
    panels[-1].set_xlabel("seconds")
    seconds = seconds_by_fate(bars)
    legend = [Patch(color=COLOURS[fate], label=f"{fate}: {seconds[fate]:.0f} s") for fate in seconds]
    figure.legend(handles=legend, loc="outside upper right", ncols=len(legend), frameon=False)
    left_out = f" (the first {MOST_LINES} of {len(lines)} minutes)" if len(lines) > MOST_LINES else ""
    figure.suptitle(f"What the voice is learnt from{left_out}", x=0.01, ha="left")
    partial = place.with_name(place.name + ".part")
    figure.savefig(partial, format="png", dpi=100, metadata={"Software": None})
    partial.replace(place)
    return place


def _lines(material: Material) -> Iterator[tuple[str, float]]:
    for source in material.sources:
        for number in range(int(np.ceil(source.duration_s / LINE_S))):
            yield source.item, number * LINE_S


def _draw_line(axes: Axes, sound: FloatArray, item: str, start_s: float) -> None:
    first = round(start_s * VOICE_RATE)
    line = sound[first : first + round(LINE_S * VOICE_RATE)]
    levels = _levels_db(line)
    # Each item against its own loudest moment: quiet transfers are not black.
    top = 20 * np.log10(float(np.max(np.abs(sound))) * WINDOW_FRAMES / 8 + 1e-9)
    extent = (start_s, start_s + levels.shape[1] * HOP_FRAMES / VOICE_RATE, 0, VOICE_RATE / 2000)
    axes.imshow(levels, origin="lower", aspect="auto", cmap="gray_r", vmin=top - SHOWN_DB, vmax=top, extent=extent)
    axes.set(xlim=(start_s, start_s + LINE_S), ylim=(0, 9.4), yticks=(0, 4, 8))
    axes.set_ylabel(f"{item[:14]}\nkHz", fontsize=7)
    axes.tick_params(labelsize=7)


def _draw_bars(axes: Axes, bars: Sequence[Bar], start_s: float) -> None:
    for bar in bars:
        if bar.stop_s > start_s and bar.start_s < start_s + LINE_S:
            axes.axvspan(bar.start_s, bar.stop_s, 0.87, 1.0, facecolor=COLOURS[bar.fate], edgecolor="white", lw=0.8)
            axes.axvspan(bar.start_s, bar.stop_s, 0.0, 0.87, color=COLOURS[bar.fate], alpha=0.18, lw=0)


def _levels_db(sound: FloatArray) -> np.ndarray:
    padded = np.pad(sound, (0, max(0, WINDOW_FRAMES - sound.size)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_FRAMES)[::HOP_FRAMES]
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(frames * np.hanning(WINDOW_FRAMES), axis=1)).T + 1e-9))


def seconds_by_fate(bars: Sequence[Bar]) -> Mapping[str, float]:
    """Seconds of every fate that there is, in the order of ``COLOURS``."""
    there = {bar.fate for bar in bars}
    return {
        fate: sum(bar.stop_s - bar.start_s for bar in bars if bar.fate == fate) for fate in COLOURS if fate in there
    }
