"""Run a network that has no memory limit of its own over a tape, in overlapping pieces that are cross-faded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from restoration.audio import Audio, Recording, Samples, Writer


def crossfade_pieces(
    recording: Recording,
    function: Callable[[Samples, int], Samples],
    result: Writer,
    *,
    piece_frames: int,
    fade_frames: int,
) -> None:
    """Write ``function`` of the recording, piece by piece; the pieces' grid does not depend on the recording's blocks.

    Args:
        recording: what is read.
        function: (samples (channels, time), frame number of the first) -> samples of the same shape; it sees one piece
            and a fade more on both sides.
        result: what is written.
        piece_frames: length of a piece.
        fade_frames: two neighbours are mixed, linearly, over twice this length around their border.
    """
    tail = np.zeros((recording.channels, 0), dtype=np.float32)
    for start in range(0, recording.frames, piece_frames):
        first, stop = max(0, start - fade_frames), min(start + piece_frames, recording.frames)
        piece = function(recording.read(first, stop + fade_frames).samples, first)
        shared = tail.shape[1]
        rise = (np.arange(shared, dtype=np.float32) + 0.5) / max(shared, 1)
        piece = np.concatenate([tail * (1 - rise) + piece[:, :shared] * rise, piece[:, shared:]], axis=1)
        ready = piece.shape[1] if stop == recording.frames else stop - fade_frames - first
        result.write(Audio(np.ascontiguousarray(piece[:, :ready], dtype=np.float32), recording.sample_rate))
        tail = piece[:, ready:]
