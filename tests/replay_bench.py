"""How far a treatment replayed on another processor lies from the one in the bag.

``python -m tests.replay_bench BAG...`` replays bags in a process whose libraries may not use the vector instructions of
this processor beyond SSE4 (numpy, OpenBLAS, torch; onnxruntime has no such switch), as on an old machine, and prints
what does not come out to the bit. The tolerances of ``restoration/replaying/tolerances.py`` stand on this.
"""

from __future__ import annotations

import os
import subprocess
import sys

NUMPY_FEATURES = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
OLD_MACHINE = {
    "NPY_DISABLE_CPU_FEATURES": NUMPY_FEATURES,
    "OPENBLAS_CORETYPE": "Nehalem",
    "ATEN_CPU_CAPABILITY": "default",
}


def main() -> int:
    """Replay the bags of the command line as an old machine would."""
    command = [sys.executable, "-m", "restoration.cli", "replay", *sys.argv[1:]]
    return subprocess.run(command, env={**os.environ, **OLD_MACHINE}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
