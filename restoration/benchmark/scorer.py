"""The scores, in a process of their own: ``python -m restoration.benchmark.scorer MEASURE ...``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from restoration.benchmark.scores import score_files
from restoration.benchmark.service import serve


def scored(clean: str, treated: str, language: str) -> dict[str, Any]:
    """``scores`` of two files, or ``error``: what kept them from being scored."""
    try:
        return {"scores": score_files(Path(clean), Path(treated), language, tuple(sys.argv[1:])), "error": ""}
    except Exception as failure:  # noqa: BLE001 - whatever a peer wrote, the other rows go on
        return {"scores": {}, "error": f"could not be scored: {type(failure).__name__}: {failure}"}


if __name__ == "__main__":
    serve(scored)
