"""The tables of a benchmark of voices, for the screen and for the page alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from restoration.benchmark.figures import Figure
from restoration.benchmark.tables import NOTHING, Cell, Table, text_of
from restoration.benchmark.voice_people import STRANGERS, Level
from restoration.benchmark.voice_run import VoiceResults, VoiceRow

JUDGES = {"ge2e": "GE2E", "own": "own embedding"}
READING, WANTED = "the reading itself", "to reach"
ABOVE_STRANGER = 0.03


@dataclass(frozen=True)
class Column:
    """A score of the table of voices; ``wanted`` is what a good voice reaches, None where nothing is asked."""

    label: str
    higher_is_better: bool
    decimals: int = 3
    wanted: float | None = None

    @property
    def heading(self) -> str:
        return f"{self.label} {'↑' if self.higher_is_better else '↓'}"


COLUMNS: Mapping[str, Column] = {
    "ge2e_to_target": Column("GE2E: to the target", True, wanted=0.84),
    "ge2e_to_source": Column("GE2E: to the source", False),
    "ge2e_closer": Column("GE2E: closer to the target", True, 2, 1.0),
    "own_to_target": Column("own: to the target", True),
    "own_to_source": Column("own: to the source", False),
    "own_closer": Column("own: closer to the target", True, 2, 1.0),
    "wer_moonshine": Column("word errors, Moonshine", False, wanted=0.15),
    "wer_pocketsphinx": Column("word errors, pocketsphinx", False, wanted=0.66),
    "text_wer_moonshine": Column("errors beside the text, Moonshine", False),
    "text_wer_pocketsphinx": Column("errors beside the text, pocketsphinx", False),
    "distill_mos": Column("DistillMOS", True, 2, 3.4),
    "f0_correlation": Column("F0 correlation", True, wanted=0.99),
    "f0_semitones": Column("F0 error, semitones", False, 2),
}
"""The scores by name. What is to be reached was set for one reading and other sources: see the untouched source too."""

WANTED_RTF = 0.05
WORDS_LOST = {"text_wer_moonshine": 0.12, "text_wer_pocketsphinx": 0.085}
"""By how much a voice may be above the untouched source: the errors that were wanted less those of the sources then."""


def figure(results: VoiceResults, system: str, name: str) -> Figure | None:
    """The mean score of a system and its standard error over the sources; None where nothing was judged."""
    told = [row.scores.get(name) for row in rows_of(results, system)]
    return Figure.of(value for value in told if value is not None)


def rows_of(results: VoiceResults, system: str) -> list[VoiceRow]:
    """The rows of a system that have no error."""
    return [row for row in results.rows if row.system == system and not row.error]


def systems(results: VoiceResults) -> list[str]:
    """The systems in order."""
    return list(dict.fromkeys(row.system for row in results.rows))


def columns(results: VoiceResults) -> dict[str, Column]:
    """The scores that anything has."""
    found = {name for row in results.rows for name, score in row.scores.items() if score is not None}
    return {name: column for name, column in COLUMNS.items() if name in found}


def voices(results: VoiceResults) -> Iterator[Table]:
    """Every system: whose voice it is to each judge, and what became of words, sound and melody, with its cost."""
    known = columns(results)
    for judge, label in JUDGES.items():
        told = {name: column for name, column in known.items() if name.startswith(f"{judge}_")}
        if told:
            yield _table(results, f"Whose voice: {label}, mean cosine ± standard error over the sources", told)
    words = {name: column for name, column in known.items() if "wer_" in name}
    if words:
        yield _table(results, "Words heard otherwise, mean share ± standard error over the sources", words)
    judged = tuple(f"{judge}_" for judge in JUDGES)
    rest = {name: column for name, column in known.items() if name not in words and not name.startswith(judged)}
    yield _table(results, "Sound, melody and cost, mean ± standard error over the sources", rest, cost=True)


def _table(results: VoiceResults, title: str, told: Mapping[str, Column], cost: bool = False) -> Table:
    spent = ("processor s per s", "memory, MB") if cost else ()
    lines = []
    for system in systems(results):
        cells = [Cell(text_of(figure(results, system, name), column.decimals)) for name, column in told.items()]
        lines.append((system, (*cells, *(_cost(results, system) if cost else ()))))
    reading = {name: reading_figure(results, name) for name in told}
    if any(reading.values()):
        cells = [Cell(text_of(reading[name], told[name].decimals)) for name in told]
        lines.append((READING, (*cells, *(Cell(NOTHING) for _ in spent))))
    wanted = {name: wanted_of(results, name) for name in told}
    texts = [Cell(NOTHING if wanted[name] is None else f"{wanted[name]:.{told[name].decimals}f}") for name in told]
    lines.append((WANTED, (*texts, *((Cell(f"{WANTED_RTF:.4f}"), Cell(NOTHING)) if cost else ()))))
    return Table(title, ("system", *(column.heading for column in told.values()), *spent), tuple(lines))


def reading_figure(results: VoiceResults, name: str) -> Figure | None:
    """The same score of real clips of the target, as far as it has a meaning there."""
    if name == "distill_mos":
        return Figure.of(results.reading_mos)
    judge, _, what = name.partition("_to_")
    if what != "target":
        return None
    same = [level for level in results.calibration if level.judge == judge]
    return same[0].figure if same else None


def wanted_of(results: VoiceResults, name: str) -> float | None:
    """What a good voice reaches; beside the source no more than a stranger and a little, and beside the text no more
    errors than the source and some."""
    if name in WORDS_LOST:
        untouched = figure(results, "source", name)
        return None if untouched is None else untouched.mean + WORDS_LOST[name]
    judge, _, what = name.partition("_to_")
    if what == "source":
        level = _stranger(results, judge)
        return None if level is None else level.figure.mean + ABOVE_STRANGER
    return COLUMNS[name].wanted


def _stranger(results: VoiceResults, judge: str) -> Level | None:
    found = [level for level in results.calibration if level.judge == judge and level.what == STRANGERS]
    return found[0] if found else None


def _cost(results: VoiceResults, system: str) -> tuple[Cell, Cell]:
    rows = rows_of(results, system)
    if not rows:
        return Cell(NOTHING), Cell(NOTHING)
    return Cell(f"{median(row.rtf for row in rows):.4f}"), Cell(f"{max(row.peak_mb for row in rows):.0f}")


def calibration(results: VoiceResults) -> Table:
    """What the speaker judges say of pairs whose truth is known."""
    lines = []
    for level in results.calibration:
        told = (
            text_of(level.figure, 3),
            f"{level.quantile(0.05):.3f}",
            f"{level.quantile(0.95):.3f}",
            f"{level.figure.count}",
        )
        lines.append((f"{JUDGES[level.judge]}, {level.what}", tuple(map(Cell, told))))
    return Table("Cosines of pairs whose truth is known", ("pairs", "mean", "5 %", "95 %", "clips"), tuple(lines))
