"""What the table of events says of each event that made something, read with pandas."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from restoration.provenance.history import Statement

MAKING = ("extraction", "step", "derivation")


def statements(path: Path) -> set[Statement]:
    """One for each such event that has a result; the table is Parquet, or CSV by its name."""
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    made = table[table["event"].isin(MAKING) & table["result"].notna()]
    return {
        Statement(name, parameters, source, result, tuple(sorted(json.loads(models).values())))
        for name, parameters, source, result, models in zip(
            made["name"], made["parameters"].fillna("{}"), made["source"], made["result"], made["models"], strict=True
        )
    }
