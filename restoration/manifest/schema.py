"""The Table Schema (Frictionless) of a manifest, made from the columns that the check uses.

``python -m restoration.manifest.schema archive_manifests/manifest.schema.json`` writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from restoration.manifest.columns import COLUMNS, Column


def table_schema() -> dict[str, Any]:
    """The schema. What it cannot say (one row against another, the files) only the check knows."""
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "title": "Manifest of tapes to restore",
        "description": "A CSV file in UTF-8, separated by commas (RFC 4180), with a row for each item. All cells are "
        "text. A row needs sha256 or md5. `restoration check` knows more than this schema can say.",
        "fields": [_field(column) for column in COLUMNS],
        "primaryKey": "identifier",
        "missingValues": [""],
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.closed:
        constraints["enum"] = list(column.terms)
    if column.pattern:
        constraints["pattern"] = column.pattern
    field = {"name": column.name, "type": "string", "description": column.meaning, "example": column.example}
    if column.terms and not column.closed:
        field["description"] += f". Usual terms: {', '.join(column.terms)}"
    return {**field, "constraints": constraints} if constraints else field


def schema_text() -> str:
    """The schema as it stands in its file."""
    return json.dumps(table_schema(), indent=2, ensure_ascii=False) + "\n"


def columns_guide() -> str:
    """The columns as a table in Markdown, for the guide beside the schema."""
    lines = ["| column | what stands there | for example |", "|---|---|---|"]
    for column in COLUMNS:
        meaning = f"{column.meaning}{_choices(column)}"
        name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
        lines.append(f"| {name} | {meaning} | `{_short(column.example)}` |")
    return "\n".join(lines) + "\n"


def _choices(column: Column) -> str:
    if not column.terms:
        return ""
    return f". {'One of' if column.closed else 'Usually'}: {', '.join(column.terms)}"


def _short(example: str) -> str:
    return example if len(example) <= 48 else f"{example[:12]}…"


def main() -> None:
    """Write the schema to the file named on the command line."""
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
