"""Whose voice it is, to the speaker encoder of Wan et al. 2018 (GE2E) that the wheel Resemblyzer brings.

Only its file of weights is used; the package is never imported, since it wants packages that nobody keeps any more.
Three recurrent layers of 256 hear windows of 1.6 s, 1.3 of them a second, as the power in 40 mel bands (Slaney's scale
and areas, 25 ms every 10 ms, no logarithm). That power has a level, and the encoder hears it: the same reading 10 dB
softer has a cosine of .9 to itself. So every sound is brought to one level first; the package only raises soft ones.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from restoration.weights import locate

FloatArray = npt.NDArray[np.float32]

MODEL = "ge2e"
SAMPLE_RATE = 16000
BANDS, SIZE, LAYERS = 40, 256, 3
WINDOW_FRAMES, HOP_FRAMES = 400, 160
PARTIAL_HOPS, STEP_HOPS = 160, 77
LEAST_COVERED = 0.75
LEVEL_DBFS = -30.0
LINEAR_BELOW_HZ, MEL_HZ, LOG_STEP = 1000.0, 200 / 3, np.log(6.4) / 27


class SpeakerEncoder(nn.Module):
    """Windows of mel power (windows, 160, 40) to unit vectors (windows, 256), none of whose entries is below zero."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(BANDS, SIZE, LAYERS, batch_first=True)
        self.linear = nn.Linear(SIZE, SIZE)

    def forward(self, mel: Tensor) -> Tensor:
        _, (hidden, _) = self.lstm(mel)
        return nn.functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)


def embed(sound: FloatArray) -> FloatArray:
    """The unit vector (256,) of a sound (time,) at 16 kHz: the mean direction of its windows.

    A window that the end of the sound cuts short counts where three quarters of it are sound, zeros after that; a sound
    of less than that is one such window.

    Raises:
        MissingWeights: the wheel Resemblyzer is not installed, or holds another network.
    """
    starts = window_starts(sound.size)
    wanted = (starts[-1] + PARTIAL_HOPS) * HOP_FRAMES
    mel = mel_power(np.pad(at_level(sound), (0, max(0, wanted - sound.size))))
    windows = np.stack([mel[start : start + PARTIAL_HOPS] for start in starts])
    with torch.inference_mode():
        vectors = _network()(torch.from_numpy(windows)).numpy()
    mean = vectors.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def window_starts(frames: int) -> list[int]:
    """Where the windows of a sound of so many samples begin, in hops of 10 ms."""
    hops = -(-(frames + 1) // HOP_FRAMES)
    starts = list(range(0, max(1, hops - PARTIAL_HOPS + STEP_HOPS + 1), STEP_HOPS))
    covered = (frames - starts[-1] * HOP_FRAMES) / (PARTIAL_HOPS * HOP_FRAMES)
    return starts[:-1] if covered < LEAST_COVERED and len(starts) > 1 else starts


def at_level(sound: FloatArray) -> FloatArray:
    """The sound at -30 dBFS; silence stays what it is."""
    level = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    return np.asarray(sound * (10 ** (LEVEL_DBFS / 20) / level) if level else sound, dtype=np.float32)


def mel_power(sound: FloatArray) -> FloatArray:
    """Power in the mel bands, (hops, 40); the first window lies about the first sample."""
    heard = torch.stft(
        torch.from_numpy(np.ascontiguousarray(sound, dtype=np.float32)),
        WINDOW_FRAMES,
        HOP_FRAMES,
        window=torch.hann_window(WINDOW_FRAMES),
        pad_mode="constant",
        return_complex=True,
    )
    return np.asarray((_bands() @ heard.abs().square().numpy()).T, dtype=np.float32)


@cache
def _bands() -> FloatArray:
    """Triangles (40, bins) on Slaney's mel scale, linear below 1 kHz and logarithmic above, each of the same area."""
    corners = _hz(np.linspace(0.0, _mel(SAMPLE_RATE / 2), BANDS + 2))
    bins = np.arange(WINDOW_FRAMES // 2 + 1) * SAMPLE_RATE / WINDOW_FRAMES
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (corners[2:] - corners[:-2])[:, None], dtype=np.float32)


def _mel(hz: float) -> float:
    return float(LINEAR_BELOW_HZ / MEL_HZ + np.log(hz / LINEAR_BELOW_HZ) / LOG_STEP)


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    bend = LINEAR_BELOW_HZ / MEL_HZ
    return np.where(mel < bend, mel * MEL_HZ, LINEAR_BELOW_HZ * np.exp(LOG_STEP * (np.maximum(mel, bend) - bend)))


@cache
def _network() -> SpeakerEncoder:
    state = torch.load(locate(MODEL), map_location="cpu", weights_only=True)["model_state"]
    network = SpeakerEncoder()
    # The scale and offset of its loss are in the file as well, and are no part of the network.
    network.load_state_dict({name: tensor for name, tensor in state.items() if not name.startswith("similarity_")})
    return network.eval()
