"""Where somebody speaks: silero-vad's published network over the whole recording, in bounded memory.

Silero Team, *Silero VAD: pre-trained enterprise-grade Voice Activity Detector* (MIT licence), 16 kHz ONNX model. Only
the model's file is used: the package itself is never imported, because it sets the number of threads of a whole
program and would import libraries that are not needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from restoration.audio import Recording
from restoration.errors import MissingWeights
from restoration.speech.listen import LISTENING_RATE, SILENCE_DBFS, Mono, listening_chunks, speech_level_dbfs

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

WINDOW = 512
CONTEXT = 64
HOP_S = WINDOW / LISTENING_RATE
"""The detector gives one probability for every 32 ms."""

DETECTOR_LEVEL_DBFS = -20.0
"""The loud passages are brought here before the detector hears them; quiet transfers are missed otherwise."""

HYSTERESIS = 0.15
"""Speech begins at the threshold and ends this far below it, as the detector's authors do."""

Probabilities = npt.NDArray[np.float32]
Region = tuple[float, float]
"""Start and end in seconds."""


def speech_probabilities(recording: Recording) -> tuple[Probabilities, float]:
    """The probability that somebody speaks, one figure for every hop, and the hop in seconds.

    The recording is high-passed at 70 Hz and brought by one constant gain to a level of -20 dBFS (95th percentile of
    0.4 s windows) before the detector hears it. A silent recording has probabilities of 0.

    Raises:
        MissingWeights: the detector's file is not on this machine.
    """
    level_dbfs = speech_level_dbfs(recording)
    if level_dbfs <= SILENCE_DBFS:
        return np.zeros(-(-int(recording.duration_s * LISTENING_RATE) // WINDOW), dtype=np.float32), HOP_S
    gain = np.float32(10 ** ((DETECTOR_LEVEL_DBFS - level_dbfs) / 20))
    session = _session(detector_file())
    state = np.zeros((2, 1, 128), dtype=np.float32)
    rate = np.array(LISTENING_RATE, dtype=np.int64)
    probabilities: list[float] = []
    for window in _windows(recording, gain):
        probability, state = session.run(None, {"input": window, "state": state, "sr": rate})
        probabilities.append(float(probability[0, 0]))
    return np.array(probabilities, dtype=np.float32), HOP_S


def speech_regions(
    recording: Recording,
    threshold: float = 0.5,
    min_speech_s: float = 0.25,
    min_pause_s: float = 0.3,
    pad_s: float = 0.1,
) -> list[Region]:
    """Where somebody speaks: (start, end) in seconds, in order, without overlap.

    Args:
        recording: what is listened to.
        threshold: probability from which it is speech.
        min_speech_s: shorter speech is dropped.
        min_pause_s: shorter pauses do not part two regions.
        pad_s: added on both sides, at most to the middle of the pause.
    """
    probabilities, _ = speech_probabilities(recording)
    regions = regions_of(probabilities, threshold, min_speech_s, min_pause_s, pad_s)
    return [(start, min(end, recording.duration_s)) for start, end in regions if start < recording.duration_s]


def regions_of(
    probabilities: Probabilities,
    threshold: float = 0.5,
    min_speech_s: float = 0.25,
    min_pause_s: float = 0.3,
    pad_s: float = 0.1,
) -> list[Region]:
    """The regions that a course of probabilities means; the arguments are those of ``speech_regions``."""
    bare = _merge(_hysteresis(probabilities, threshold, max(threshold - HYSTERESIS, 0.01)), min_pause_s)
    kept = [(start, end) for start, end in bare if end - start >= min_speech_s]
    return _pad(kept, pad_s, probabilities.size * HOP_S)


def detector_file() -> Path:
    """The file of the speech detector, found without importing its package.

    Raises:
        MissingWeights: it is not installed.
    """
    found = find_spec("silero_vad")
    folders = list(found.submodule_search_locations or []) if found else []
    files = [Path(folder) / "data" / "silero_vad.onnx" for folder in folders]
    for file in files:
        if file.is_file():
            return file
    raise MissingWeights("the speech detector is missing: install silero-vad 6.2, which carries data/silero_vad.onnx")


@lru_cache(maxsize=1)
def _session(file: Path) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # Windows of 32 ms are too small to share between threads, and more threads could sum in another order.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])


def _windows(recording: Recording, gain: np.float32) -> Iterator[Mono]:
    """What the detector hears at once, (1, CONTEXT + WINDOW): a window, and the end of the one before it."""
    rest = np.zeros(CONTEXT, dtype=np.float32)
    for chunk in listening_chunks(recording):
        rest = np.concatenate([rest, np.clip(chunk * gain, -1, 1)])
        whole = (rest.size - CONTEXT) // WINDOW
        if whole:
            yield from np.lib.stride_tricks.sliding_window_view(rest, CONTEXT + WINDOW)[::WINDOW][:whole, None]
        rest = rest[whole * WINDOW :]
    if rest.size > CONTEXT:
        yield np.pad(rest, (0, CONTEXT + WINDOW - rest.size))[None]


def _hysteresis(probabilities: Probabilities, begin: float, end: float) -> list[Region]:
    regions: list[Region] = []
    start: int | None = None
    for index, probability in enumerate(probabilities):
        if start is None and probability >= begin:
            start = index
        elif start is not None and probability < end:
            regions.append((start * HOP_S, index * HOP_S))
            start = None
    if start is not None:
        regions.append((start * HOP_S, probabilities.size * HOP_S))
    return regions


def _merge(regions: list[Region], min_pause_s: float) -> list[Region]:
    merged: list[Region] = []
    for start, end in regions:
        if merged and start - merged[-1][1] < min_pause_s:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def _pad(regions: list[Region], pad_s: float, duration_s: float) -> list[Region]:
    padded = []
    for index, (start, end) in enumerate(regions):
        before = regions[index - 1][1] if index else 0.0
        after = regions[index + 1][0] if index + 1 < len(regions) else duration_s
        room_before = (start - before) / 2 if index else start
        room_after = (after - end) / 2 if index + 1 < len(regions) else after - end
        padded.append((start - min(pad_s, room_before), end + min(pad_s, room_after)))
    return padded
