"""Our own content encoder: small, looking 96 ms ahead and no further, taught by the embedded one on speech of several
languages (Hinton et al. 2015, distillation).

The teacher hears whole sentences, and English; this one hears what a stream has heard so far. Its frames lie where the
teacher's lie and mean what they mean, so a voice learnt with the one can be lent with the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from restoration.nets.speaker_embedding import mel_bands
from restoration.weights import card, locate

SAMPLE_RATE = 16000
HOP_FRAMES, CENTRE_FRAMES = 384, 447.5
LEAST_FRAMES = 895
FFT_SIZE, MEL_HOP, MEL_BANDS = 512, 128, 80
LOWEST_HZ, HIGHEST_HZ = 60.0, 7800.0
LOG_FLOOR = 1e-5
OWN = "content-encoder"
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class StudentShape:
    """Size of the network; a frame is 24 ms. ``ahead`` says how many frames each block looks into the future."""

    width: int = 224
    size: int = 288
    kernel: int = 7
    dilations: tuple[int, ...] = (1, 1, 2, 2, 4, 4, 8, 8)
    ahead: tuple[int, ...] = (1, 1, 0, 1, 0, 1, 0, 0)


class ContentStudent(nn.Module):
    """Sound (batch, time) at 16 kHz to frames (batch, frames, 288) every 384 samples."""

    window: Tensor
    bands: Tensor
    content_mean: Tensor
    content_spread: Tensor

    def __init__(self, shape: StudentShape | None = None) -> None:
        super().__init__()
        self.shape = shape = shape or StudentShape()
        self.register_buffer("window", torch.hann_window(FFT_SIZE), persistent=False)
        self.register_buffer("bands", torch.from_numpy(mel_bands(MEL_BANDS, LOWEST_HZ, HIGHEST_HZ)), persistent=False)
        self.register_buffer("content_mean", torch.zeros(shape.size))
        self.register_buffer("content_spread", torch.ones(shape.size))
        # Seven frames of 8 ms around the middle of the teacher's frame: what it hears at once.
        self.stem = nn.Conv1d(MEL_BANDS, shape.width, 7, stride=HOP_FRAMES // MEL_HOP)
        self.blocks = nn.ModuleList(
            [_Block(shape.width, shape.kernel, d, a) for d, a in zip(shape.dilations, shape.ahead, strict=True)]
        )
        self.head = nn.Sequential(nn.LayerNorm(shape.width), nn.Linear(shape.width, shape.size))

    def forward(self, sound: Tensor) -> Tensor:
        heard: Tensor = self.standardised(sound) * self.content_spread + self.content_mean
        return heard

    def standardised(self, sound: Tensor) -> Tensor:
        """The frames with the mean and the spread of the teacher's frames taken off."""
        frames = self.stem(self.log_mel(sound)).transpose(1, 2)
        for block in self.blocks:
            frames = block(frames)
        made: Tensor = self.head(frames)
        return made

    def log_mel(self, sound: Tensor) -> Tensor:
        """Log power in 80 mel bands (batch, 80, frames of 8 ms)."""
        spectra = torch.stft(sound, FFT_SIZE, MEL_HOP, window=self.window, return_complex=True, pad_mode="constant")
        return torch.log(torch.matmul(self.bands, spectra.abs().square()) + LOG_FLOOR) / 4


class _Block(nn.Module):
    """A convolution over the past and a little of the future, channel by channel, then over channels (ConvNeXt)."""

    def __init__(self, width: int, kernel: int, dilation: int, ahead: int) -> None:
        super().__init__()
        self.around = (dilation * (kernel - 1) - ahead, ahead)
        self.along = nn.Conv1d(width, width, kernel, dilation=dilation, groups=width)
        self.across = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width)
        )
        self.gain = nn.Parameter(torch.full((width,), 0.1))

    def forward(self, frames: Tensor) -> Tensor:
        heard = self.along(nn.functional.pad(frames.transpose(1, 2), self.around)).transpose(1, 2)
        return frames + self.gain * self.across(heard)


class OwnEncoder:
    """The student as a content encoder."""

    name = OWN
    hop_frames = HOP_FRAMES
    centre_frames = CENTRE_FRAMES
    size = 288

    def __init__(self) -> None:
        from safetensors.torch import load_file

        self.sha256 = card(OWN).sha256
        network = ContentStudent()
        network.load_state_dict({name: value.float() for name, value in load_file(locate(OWN)).items()})
        self._network = network.eval()

    def encode(self, sound: FloatArray) -> FloatArray:
        """Frames (frames, 288) of a sound (time,) at 16 kHz, as many as the teacher gives."""
        frames = max(1, 1 + (sound.size - LEAST_FRAMES) // HOP_FRAMES)
        # No more silence than that: where a sound ends the student was taught to hear nothing, which is not silence.
        padded = np.pad(sound.astype(np.float32), (0, max(0, LEAST_FRAMES - sound.size)))
        with torch.inference_mode():
            made = self._network(torch.from_numpy(padded)[None])[0, :frames]
        return np.asarray(made.numpy(), dtype=np.float32)


@cache
def own_encoder() -> OwnEncoder:
    """The student that ships, loaded once."""
    return OwnEncoder()
