"""The pictures of a benchmark, as SVG that stands in the page and takes its colours from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from statistics import fmean

from restoration.benchmark.figures import Figure

WIDTH, ROW, LEFT, RIGHT = 720, 22, 230, 70
HEIGHT, TOP, BOTTOM, BESIDE = 300, 14, 40, 240
COLOURS = ("#5b8fd0", "#d08a3c", "#4fa37a", "#b86bb0", "#c75d5d", "#8a8f3a", "#56a5b8", "#96735a", "#7f7fc4", "#888888")

Place = Callable[[float, float], tuple[float, float]]
"""Where a level and a value lie in a picture."""


def dots(figures: Mapping[str, Figure], ours: Sequence[str], higher_is_better: bool, decimals: int) -> str:
    """A row for each system, best first: its mean as a dot, two standard errors to both sides as a line."""
    ranked = sorted(figures.items(), key=lambda item: item[1].mean, reverse=higher_is_better)
    reach = [(f.mean - _whisker(f), f.mean + _whisker(f)) for _, f in ranked]
    low, high = min(first for first, _ in reach), max(last for _, last in reach)
    scale = (WIDTH - LEFT - RIGHT) / ((high - low) or 1.0)
    height = ROW * len(ranked) + 8
    parts = [_opening(WIDTH, height)]
    for number, (name, figure) in enumerate(ranked):
        y = ROW * number + 16
        x, spread = LEFT + (figure.mean - low) * scale, _whisker(figure) * scale
        kind = "ours" if name in ours else "other"
        parts.append(f'<text class="{kind}" x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<line class="{kind}" x1="{x - spread:.1f}" y1="{y}" x2="{x + spread:.1f}" y2="{y}"/>')
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y}" r="4.5"/>')
        told = f"{figure.mean:.{decimals}f}"
        parts.append(f'<text class="figure" x="{WIDTH - 4}" y="{y + 4}" text-anchor="end">{told}</text>')
    return "".join([*parts, "</svg>"])


def curves(lines: Mapping[str, Mapping[float, Figure]], ours: Sequence[str], label: str, higher_is_better: bool) -> str:
    """A line for each system over the levels; standard errors as bars. The names stand beside it, best first."""
    levels = sorted({level for points in lines.values() for level in points})
    every = [figure for points in lines.values() for figure in points.values()]
    low, high = min(f.mean - _whisker(f) / 2 for f in every), max(f.mean + _whisker(f) / 2 for f in every)
    across = (WIDTH - 60 - BESIDE) / max(1, len(levels) - 1)
    up = (HEIGHT - TOP - BOTTOM) / ((high - low) or 1.0)

    def place(level: float, value: float) -> tuple[float, float]:
        return 60 + levels.index(level) * across, HEIGHT - BOTTOM - (value - low) * up

    parts = [_opening(WIDTH, max(HEIGHT, TOP + 17 * len(lines) + 8)), *_axes(levels, low, high, place, label)]
    ranked = sorted(lines, key=lambda name: fmean(f.mean for f in lines[name].values()), reverse=higher_is_better)
    for number, name in enumerate(ranked):
        colour = COLOURS[number % len(COLOURS)]
        stroke = f'fill="none" stroke="{colour}" stroke-width="{3 if name in ours else 1.5}"'
        points = [(place(level, f.mean), _whisker(f) / 2 * up) for level, f in sorted(lines[name].items())]
        bars = "".join(f"M{x:.1f} {y - error:.1f}V{y + error:.1f}" for (x, y), error in points)
        path = "L".join(f"{x:.1f} {y:.1f}" for (x, y), _ in points)
        y, kind = TOP + 17 * number, "ours" if name in ours else "other"
        parts.append(f'<path {stroke} d="M{path}"/><path stroke="{colour}" d="{bars}"/>')
        parts.append(f'<path {stroke} d="M{WIDTH - 222} {y}h22"/>')
        parts.append(f'<text class="{kind}" x="{WIDTH - 194}" y="{y + 4}">{escape(name)}</text>')
    return "".join([*parts, "</svg>"])


def _axes(levels: Sequence[float], low: float, high: float, place: Place, label: str) -> Iterator[str]:
    floor, end = HEIGHT - BOTTOM + 4, WIDTH - BESIDE + 10
    yield f'<line class="axis" x1="50" x2="{end}" y1="{floor}" y2="{floor}"/>'
    for level in levels:
        x, _ = place(level, low)
        yield f'<text class="figure" x="{x:.1f}" y="{floor + 16}" text-anchor="middle">{level:g} dB</text>'
    for value in (low, (low + high) / 2, high):
        _, y = place(levels[0], value)
        yield f'<text class="figure" x="46" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>'
    told = f"{label}, by the level of the speech over what is added"
    yield f'<text class="figure" x="60" y="{HEIGHT - 4}">{escape(told)}</text>'


def _whisker(figure: Figure) -> float:
    return 2 * (figure.standard_error or 0.0)


def _opening(width: int, height: int) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">'
