"""A benchmark of voices on the screen, and its files."""

from __future__ import annotations

import json
from pathlib import Path

from restoration import screen
from restoration.benchmark import voice_table as tables
from restoration.benchmark.rows import write_csv
from restoration.benchmark.show import print_table
from restoration.benchmark.voice_page import page
from restoration.benchmark.voice_run import VoiceResults


def results(found: VoiceResults, out: Path) -> None:
    """Print the tables, write voices.csv, benchmark.json and the page, and say what was left out and why."""
    for table in (*tables.voices(found), tables.calibration(found)):
        print_table(table)
    for name, reason in found.left_out.items():
        screen.errors.print(f"left out: {name}: {reason}")
    for row in [row for row in found.rows if row.error][:10]:
        screen.errors.print(f"failed: {row.system}, {row.clip}: {row.error}")
    write(found, out)
    screen.console.print(f"Look at {out / 'index.html'}")


def write(found: VoiceResults, out: Path) -> None:
    """The rows as voices.csv, the versions, seeds and calibration as benchmark.json, and everything as index.html."""
    out.mkdir(parents=True, exist_ok=True)
    write_csv(found.rows, out / "voices.csv")
    calibration = [
        {
            "judge": level.judge,
            "pairs": level.what,
            "mean": level.figure.mean,
            "standard_error": level.figure.standard_error,
            "low_5_percent": level.quantile(0.05),
            "high_95_percent": level.quantile(0.95),
            "clips": level.figure.count,
        }
        for level in found.calibration
    ]
    about = found.facts | {"left_out": found.left_out, "calibration": calibration}
    (out / "benchmark.json").write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")
    (out / "index.html").write_text(page(found), encoding="utf-8")
