"""A kernel filter that kills the process at its first call of ``socket`` or ``connect``, whoever makes it.

Linux, x86-64 and arm64: the network is forbidden to native libraries too, which no patch of Python's sockets reaches.
"""

from __future__ import annotations

import ctypes
import platform
import struct

CALLS = {"x86_64": (0xC000003E, (41, 42)), "aarch64": (0xC00000B7, (198, 203))}
"""Machine: its audit number, and the numbers of the calls ``socket`` and ``connect``."""
KILL, ALLOW = 0x80000000, 0x7FFF0000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2


def forbid() -> bool:
    """Forbid them from now on; False where this machine has no such filter."""
    if platform.system() != "Linux" or platform.machine() not in CALLS:
        return False
    machine, calls = CALLS[platform.machine()]
    rules = [(LOAD, 0, 0, 4), (JUMP_IF_EQUAL, 0, len(calls) + 1, machine), (LOAD, 0, 0, 0)]
    rules += [(JUMP_IF_EQUAL, len(calls) - n, 0, call) for n, call in enumerate(calls)]
    rules += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, KILL)]
    program = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    held = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(held))
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return kernel.prctl(SECCOMP, FILTER, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0
