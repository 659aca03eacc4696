"""Speaker embedding: a small network of our own that turns one or two seconds of speech into a voice's direction.

Log-mel bands go through dilated convolutions with squeeze and excitation, then through attentive statistics pooling,
after the ideas of Snyder et al. 2018 (x-vectors), Okabe et al. 2018 (attentive statistics) and Desplanques et al.
2020 (ECAPA), at a fraction of their size. Two windows by the same voice have embeddings with a high cosine, whatever
channel they came through: the network was trained on windows that were aged at random.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

SAMPLE_RATE = 16000
EMBEDDING_SIZE = 128
BANDS = 40
CHANNELS = 144
FFT_SIZE = 512
WINDOW_FRAMES = 400
HOP_FRAMES = 160
LOWEST_HZ, HIGHEST_HZ = 80.0, 7600.0
LOG_FLOOR = 1e-6
"""Of the mean power of the window: bands more than 60 dB below it carry no voice and would only show the format."""

Embeddings = npt.NDArray[np.float32]


class SpeakerEmbedding(nn.Module):
    """Waveforms (windows, time) at 16 kHz, at least 0.5 s long, to unit vectors (windows, 128)."""

    window: Tensor
    bands: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW_FRAMES), persistent=False)
        self.register_buffer("bands", torch.from_numpy(mel_bands()), persistent=False)
        self.stem = _convolution(BANDS, CHANNELS, width=5, stride=2)
        self.blocks = nn.ModuleList([_Block(CHANNELS, dilation) for dilation in (1, 2, 3)])
        self.join = _convolution(3 * CHANNELS, 256, width=1)
        self.attention = nn.Sequential(nn.Conv1d(256, 64, 1), nn.Tanh(), nn.Conv1d(64, 256, 1))
        self.head = nn.Sequential(nn.BatchNorm1d(512), nn.Linear(512, EMBEDDING_SIZE), nn.BatchNorm1d(EMBEDDING_SIZE))

    def forward(self, waveforms: Tensor) -> Tensor:
        sound = self.stem(self.log_mel(waveforms))
        stages = []
        for block in self.blocks:
            sound = block(sound)
            stages.append(sound)
        joined = self.join(torch.cat(stages, dim=1))
        weights = torch.softmax(self.attention(joined), dim=2)
        mean = (weights * joined).sum(dim=2)
        variance = (weights * joined.square()).sum(dim=2) - mean.square()
        pooled = torch.cat([mean, variance.clamp(min=1e-5).sqrt()], dim=1)
        return nn.functional.normalize(self.head(pooled), dim=1)

    def log_mel(self, waveforms: Tensor) -> Tensor:
        """Log power in 40 mel bands (windows, 40, frames); their means over time, the channel, are taken away."""
        spectra = torch.stft(
            waveforms, FFT_SIZE, HOP_FRAMES, WINDOW_FRAMES, self.window, return_complex=True, pad_mode="constant"
        )
        power = torch.matmul(self.bands, spectra.abs().square())
        loudness = power.mean(dim=(1, 2), keepdim=True)
        logarithm = torch.log(power + LOG_FLOOR * loudness + 1e-10)
        return logarithm - logarithm.mean(dim=2, keepdim=True)


class _Block(nn.Module):
    """Two mixing layers around a dilated grouped convolution, then squeeze and excitation, around a bypass."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _convolution(channels, channels, width=1),
            _convolution(channels, channels, width=3, dilation=dilation, groups=4),
            _convolution(channels, channels, width=1),
        )
        self.excitation = nn.Sequential(nn.Conv1d(channels, 32, 1), nn.ReLU(), nn.Conv1d(32, channels, 1), nn.Sigmoid())

    def forward(self, sound: Tensor) -> Tensor:
        treated = self.body(sound)
        gain: Tensor = self.excitation(treated.mean(dim=2, keepdim=True))
        return sound + treated * gain


def _convolution(
    inputs: int, channels: int, *, width: int, stride: int = 1, dilation: int = 1, groups: int = 1
) -> nn.Sequential:
    padding = width // 2 * dilation
    layer = nn.Conv1d(inputs, channels, width, stride, padding, dilation, groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm1d(channels), nn.ReLU())


def mel_bands(
    bands: int = BANDS, lowest_hz: float = LOWEST_HZ, highest_hz: float = HIGHEST_HZ, fft_size: int = FFT_SIZE
) -> npt.NDArray[np.float32]:
    """Triangles (bands, bins) on O'Shaughnessy's mel scale, each summing to one."""
    lowest, highest = 2595 * np.log10(1 + np.array([lowest_hz, highest_hz]) / 700)
    corners = 700 * (10 ** (np.linspace(lowest, highest, bands + 2) / 2595) - 1)
    bins = np.arange(fft_size // 2 + 1) * SAMPLE_RATE / fft_size
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    # Triangles narrower than a bin can hold none.
    return np.asarray(triangles / np.maximum(triangles.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)


def load_speaker_embedding(file: Path) -> SpeakerEmbedding:
    """The trained network, ready to embed, from a safetensors file."""
    from safetensors.torch import load_file

    network = SpeakerEmbedding()
    network.load_state_dict({name: tensor.float() for name, tensor in load_file(file).items()})
    return network.eval()


@cache
def speaker_network() -> SpeakerEmbedding:
    """The network that ships, loaded once.

    Raises:
        MissingWeights: its file is not there, or another one.
    """
    from restoration.weights import locate

    return load_speaker_embedding(locate("speaker-embedding"))


def embed(network: SpeakerEmbedding, windows: npt.NDArray[np.float32], batch: int = 32) -> Embeddings:
    """Unit vectors (windows, 128) of waveforms (windows, time) at 16 kHz."""
    parts = [np.zeros((0, EMBEDDING_SIZE), dtype=np.float32)]
    with torch.inference_mode():
        for start in range(0, len(windows), batch):
            heard = torch.from_numpy(np.ascontiguousarray(windows[start : start + batch], dtype=np.float32))
            parts.append(network(heard).numpy())
    return np.concatenate(parts)
