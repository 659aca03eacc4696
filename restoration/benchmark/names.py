"""Choosing by name from what there is."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from typing import TypeVar

from restoration.errors import RestorationError

Thing = TypeVar("Thing")


def chosen(
    wanted: Sequence[str], every: Sequence[Thing], names: Callable[[Thing], Sequence[str]], what: str
) -> list[Thing]:
    """Those of ``every`` that go by one of the names ``wanted``, in order; all of them when none is wanted.

    Raises:
        RestorationError: a name that nothing goes by.
    """
    known = sorted({name for thing in every for name in names(thing)})
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(known)}"
            raise RestorationError(f"there is no {what} {name!r}{hint}")
    return [thing for thing in every if not wanted or set(names(thing)) & set(wanted)]
