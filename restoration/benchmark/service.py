"""A process of its own that answers questions, a line of JSON each: what it loads and wastes stays its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


class Service:
    """``python -m MODULE ARGUMENTS`` on one thread, started when it is first asked, and anew after a death."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[str] | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the service

    def ask(self, *question: Any) -> dict[str, Any]:
        """The answer to a question (both JSON-able); ``{"error": ...}`` when the process dies of it."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if answer:
            return dict(json.loads(answer))
        status = self._end()
        self._said.seek(0)
        said = self._said.read().decode("utf-8", errors="replace").strip().splitlines() or [""]
        return {"error": f"its process ended with status {status}: {said[-1]}"}

    def _start(self) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        self._said.seek(0)
        self._said.truncate()
        self._process = subprocess.Popen(
            self._command, stdin=pipe, stdout=pipe, stderr=self._said, text=True, env=os.environ | ONE_THREAD
        )
        return self._process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._said.close()

    def _end(self) -> int | None:
        """Let the process end; its exit status."""
        process, self._process = self._process, None
        if process is None:
            return None
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        return process.wait()


def serve(answer: Callable[..., dict[str, Any]]) -> None:
    """Answer what standard input asks, until it ends."""
    # Whatever a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(answer(*json.loads(line))) + "\n")
        answers.flush()
