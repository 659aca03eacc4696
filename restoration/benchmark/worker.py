"""A system at work, in a process of its own: ``python -m restoration.benchmark.worker NAME``.

It is asked with the paths of a source and a result, and answers with what the work cost. The first task is done once
before it counts, so that importing and loading are no part of any figure.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from typing import Any

from restoration.benchmark.find import the_system
from restoration.benchmark.service import serve
from restoration.benchmark.systems import System

KIB_IN_MB = 1e6 / 1024


class Work:
    """What a system is asked to do."""

    def __init__(self, system: System) -> None:
        self._system, self._ready = system, False

    def __call__(self, source: str, result: str) -> dict[str, Any]:
        """``cpu_s``; ``peak_mb``, the largest resident memory so far; ``error``, empty when all went well."""
        if not self._ready:
            self._cost(Path(source), Path(result), first=True)
            self._ready = True
        return self._cost(Path(source), Path(result))

    def _cost(self, source: Path, result: Path, first: bool = False) -> dict[str, Any]:
        error, began_s = "", _cpu_s()
        try:
            if first:
                self._system.prepare()
            self._system.run(source, result)
        except Exception as failure:  # noqa: BLE001 - whatever goes wrong in a peer belongs in its row
            error = f"{type(failure).__name__}: {failure}"
        return {"cpu_s": _cpu_s() - began_s, "peak_mb": _peak_mb(), "error": error}


def _cpu_s() -> float:
    """Processor time of this process, all its threads, and the commands it has run."""
    commands = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + commands.ru_utime + commands.ru_stime


def _peak_mb() -> float:
    """The largest resident memory so far, of this process or of the largest command it has run."""
    status = Path("/proc/self/status")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if status.exists():
        # What getrusage says of a process begins with the size of the one that started it.
        own = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / KIB_IN_MB


if __name__ == "__main__":
    serve(Work(the_system(sys.argv[1])))
