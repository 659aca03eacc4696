"""Pages as a curator opens them: from disk, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from restoration.room.write_item import write_item

from .fabricated_batch import write_batch
from .fabricated_item import fabricated


@pytest.fixture(scope="session")
def real_page(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the page of a worn tape of eight seconds, restored."""
    folder = tmp_path_factory.mktemp("real") / "listening-room" / bag.name
    write_item(bag, folder)
    return folder


@pytest.fixture
def item_page_of(real_page: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write the page of an item with facts of its own: ``item_page_of(title="…")``."""

    def write(**told: Any) -> Path:
        return fabricated(real_page, tmp_path / "room", **told)

    return write


@pytest.fixture
def item_window(window: Any, item_page_of: Callable[..., Path]) -> Any:
    """The page of an item, open."""
    window.goto(item_page_of().as_uri())
    return window


@pytest.fixture
def batch_window(window: Any, tmp_path: Path) -> Any:
    """The page of a batch of sixty, open."""
    window.goto(write_batch(tmp_path / "batch", 60).as_uri())
    return window
