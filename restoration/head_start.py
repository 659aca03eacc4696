"""The first item of a batch, begun in a process of its own while the flow and its server start.

Prefect's imports hold the interpreter for seconds, so a thread would gain little.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from restoration.errors import RestorationError

if TYPE_CHECKING:
    from restoration.order import Order


@contextmanager
def head_start() -> Iterator[Callable[[Order], None]]:
    """Make a process ready, and yield what gives it the order to begin with, ahead of its turn.

    When its turn comes, ``restore`` waits until the item is free and goes on from what is done. The start may fail, or
    be cut off with the end of the program, without harm: its turn finds the same trouble, and tells of it.
    """
    context = get_context("spawn")
    its_end, our_end = context.Pipe(duplex=False)
    process = context.Process(target=_ahead, args=(its_end,), name="head start", daemon=True)
    process.start()
    its_end.close()
    try:
        yield our_end.send
    finally:
        our_end.close()
        process.terminate()


def _ahead(orders: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_program, daemon=True).start()
    # While the program reads the manifest, this process loads what it will need.
    from restoration.restore import restore

    with suppress(EOFError, RestorationError, OSError):
        restore(orders.recv())


def _end_with_the_program() -> None:
    """A program that was killed must not leave this process behind."""
    program = parent_process()
    if program is not None:
        program.join()
        os._exit(1)
