"""Whether the meters conform to EBU Tech 3341 and 3342 and ITU-R BS.1770-4: prints a table of every signal.

python -m tests.loudness_bench
"""

from __future__ import annotations

from itertools import groupby

import typer

from restoration.screen import console, table
from tests.loudness_signals import Case, cases


def main() -> None:
    """Measure every signal; exit status 1 where one fails."""
    measured = [(case, case.found()) for case in cases()]
    rows = [_row(list(group)) for _, group in groupby(measured, key=lambda each: each[0].name.partition(".")[0])]
    table("Loudness and true peak by EBU Tech 3341 and 3342", ("case", "what", "expected", "found", ""), rows)
    passed = sum(case.passes(found) for case, found in measured)
    console.print(f"{passed} of {len(measured)} signals pass.")
    console.print("3341-7 and -8, 3342-5 and -6 are programmes, 3341-11 and -14 for live meters: not synthesised.")
    if passed < len(measured):
        raise typer.Exit(1)


def _row(group: list[tuple[Case, list[float]]]) -> tuple[object, ...]:
    """One row for a case, however many signals it has."""
    case, found = group[0][0], [value for _, values in group for value in values]
    tolerance = f"±{case.more:g}" if case.less == case.more else f"+{case.more:g}/-{case.less:g}"
    least, most = min(found), max(found)
    shown = f"{most:.2f}" if most - least < 0.005 else f"{least:.2f} to {most:.2f}"
    name = case.name.partition(".")[0] + (f", {len(group)} signals" if len(group) > 1 else "")
    passed = all(each.passes(values) for each, values in group)
    return name, case.what, f"{case.expected:.1f} {tolerance}", shown, "pass" if passed else "FAIL"


if __name__ == "__main__":
    typer.run(main)
