"""ONNX networks on one thread: what is heard is small, and more threads could sum in another order."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def open_session(network: Path | bytes, hold_memory: bool = True) -> Any:
    """An onnxruntime session of a file, or of what one holds: on the processor, on one thread, silent about its work.

    ``hold_memory`` says whether it keeps for the next run what the largest one needed.

    Raises whatever onnxruntime raises where it is no network.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = hold_memory
    held = network if isinstance(network, bytes) else str(network)
    return onnxruntime.InferenceSession(held, sess_options=options, providers=["CPUExecutionProvider"])


def open_users_session(name: str, file: Path) -> Any:
    """The same of the file of a user's model ``name``.

    Raises:
        MissingWeights: it is no ONNX network.
    """
    from restoration.errors import MissingWeights

    try:
        return open_session(file)
    except Exception as error:
        raise MissingWeights(f"model '{name}': {file} cannot be read as an ONNX network: {error}") from error
