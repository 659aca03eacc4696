"""The first item of a batch, begun in a process of its own while the flow and its server start.

Prefect's imports hold the interpreter for seconds, so a thread would gain little.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from multiprocessing import get_context, parent_process

from restoration.errors import RestorationError
from restoration.order import Order
from restoration.restore import restore


def begin(order: Order) -> None:
    """Start on an order ahead of its turn.

    When its turn comes, ``restore`` waits until the item is free and goes on from what is done. The start may fail, or
    be cut off with the end of the program, without harm: its turn finds the same trouble, and tells of it.
    """
    get_context("spawn").Process(target=_ahead, args=(order,), name=order.item.identifier, daemon=True).start()


def _ahead(order: Order) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    with suppress(RestorationError, OSError):
        restore(order)


def _end_with_the_program() -> None:
    """A program that was killed must not leave this process behind."""
    program = parent_process()
    if program is not None:
        program.join()
        os._exit(1)
