"""libsndfile, read forwards only.

After each read of a file that can seek, soundfile seeks to where it believes the next frame to be. That costs time, and
it hides holes: an Ogg file with damaged pages then gives as many frames as it promises. Read forwards only, it gives
fewer, and the loss can be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from restoration.errors import BadSoundFile

_UNKNOWN_FRAMES = 2**62
_BITS = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64}


class CodecFile(soundfile.SoundFile):
    """A sound file opened for reading from its first frame to its last.

    Raises:
        BadSoundFile: libsndfile cannot open it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            super().__init__(path)
        except (soundfile.SoundFileError, OSError, TypeError, ValueError) as error:
            raise BadSoundFile(path, f"cannot be opened as a sound file ({error})") from error

    def seekable(self) -> bool:
        return False

    @property
    def bits(self) -> int | None:
        """Bits a sample; None where the codec has none."""
        return _BITS.get(self.subtype)

    @property
    def promised_frames(self) -> int | None:
        """Frames by the header; None where it does not say."""
        return int(self.frames) if 0 < self.frames < _UNKNOWN_FRAMES else None

    def float_blocks(self, block_frames: int) -> Iterator[npt.NDArray[np.float32]]:
        """The sound in blocks of shape (frames, channels).

        Raises:
            BadSoundFile: the codec gave up; the sentence says where.
        """
        done = 0
        while True:
            try:
                block = self.read(block_frames, dtype="float32", always_2d=True)
            except soundfile.SoundFileError as error:
                total = f"{self.promised_frames} frames" if self.promised_frames else "an unknown number of frames"
                raise BadSoundFile(
                    self.path, f"is damaged: of {total}, it cannot be decoded beyond the first {done} ({error})"
                ) from error
            if not len(block):
                return
            done += len(block)
            yield block
