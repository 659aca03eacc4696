"""Up to which difference a file that is not made again to the bit still counts as the same, and why.

Another processor, or another version of a library, sums in another order; the last bits differ, and a step that decides
(a click or none, a cell of noise or of voice) carries that on. ``python -m tests.replay_bench`` makes bags again with
the vector instructions of the processor switched off, as an old machine has it, and says what comes of it.
"""

from __future__ import annotations

PCM_DBFS = -80.0
"""Production master and residual: the greatest difference of two samples. Between AVX-512 and SSE4 it was -96.1 dBFS
(20 s of four historical recordings by the four recipes that ship); 16 dB are left for other machines. It is below the
noise of any carrier."""

ENCODER_ERRORS = 1.0
"""Access copies: an encoder decides too, and two encodings of nearly the same sound are not nearly the same samples. In
every second, two copies may differ (root mean square) by as much as the encoder itself differs from its sound there.
Between AVX-512 and SSE4 it was 0.71 times that at most."""

GREY_STEPS = 3
"""Pictures: steps of 255 by which a pixel may differ."""
PIXELS_BEYOND = 0.001
"""Share of the pixels that may differ by more: cells of a map that hold next to no sound, whose shares are open."""


def tolerance_dbfs(file: str) -> float | None:
    """For a file of the bag; None: nothing but the same bytes will do, or (access copies) it is no matter of a peak."""
    return PCM_DBFS if file.endswith(".wav") else None
