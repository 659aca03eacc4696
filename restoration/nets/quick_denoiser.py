"""A denoiser that has learnt, run by onnxruntime: the same to the fifth digit, sooner than torch.

The network is written as ONNX when it is first needed, which takes tenths of a second; the file that ships stays the
one of its card.
"""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from restoration.nets.denoiser import BINS, FEATURES, Block, Denoiser, turned_down_further
from restoration.nets.onnx_session import open_session

FRAMES_SHOWN = 16


class QuickDenoiser:
    """Filters spectra as ``denoiser`` does, which is not to be taught any more."""

    def __init__(self, denoiser: Denoiser) -> None:
        self._denoiser = denoiser.eval()
        self._session = open_session(_as_onnx(_Taps(self._denoiser).eval()), hold_memory=False)

    def __call__(self, spectra: Tensor, noise_power: Tensor | None = None) -> Tensor:
        """As ``Denoiser.forward``; nothing can be learnt through it."""
        heard = self._denoiser.heard(spectra, noise_power)
        # One at a time: the states that the recurrence starts from are written for one.
        taps = [self._session.run(None, {"heard": one.numpy()})[0] for one in heard.contiguous().split(1)]
        return self._denoiser.given(spectra, torch.cat([torch.from_numpy(one) for one in taps]))

    def cleaned(self, spectra: Tensor, noise_power: Tensor | None = None) -> Tensor:
        """As ``Denoiser.cleaned``."""
        return turned_down_further(spectra, self(spectra, noise_power))


class _Taps(nn.Module):
    """All that was learnt, (1, FEATURES, frames, BINS) to the taps."""

    def __init__(self, denoiser: Denoiser) -> None:
        super().__init__()
        self.denoiser = copy.deepcopy(denoiser)
        for unfold in self.denoiser.unfolds:
            assert isinstance(unfold, Block)
            unfold.convolution = _unfolded(unfold)
            unfold.register_module("norm", nn.Identity())

    def forward(self, heard: Tensor) -> Tensor:
        return self.denoiser.taps_of(heard)


class _Between(nn.Module):
    """Even bins and, one fewer, the odd ones between them, which come as two halves of the channels, in their order."""

    def forward(self, both: Tensor) -> Tensor:
        return torch.stack(both.chunk(2, dim=1), dim=-1).flatten(3)[..., :-1]


def _unfolded(block: Block) -> nn.Module:
    """The block's transposed convolution of three taps and stride 2 along frequency, normalised, as one that makes each
    even bin from its own, and each odd one from its two neighbours, which onnxruntime does sooner."""
    assert isinstance(block.convolution, nn.ConvTranspose2d)
    fused = fuse_conv_bn_eval(block.convolution, block.norm, transpose=True)
    assert fused.bias is not None
    # Transposed, its taps go (in, out, time, bins), and backwards.
    before, own, after = fused.weight.detach().transpose(0, 1).flip(2).unbind(3)
    taps = torch.cat([torch.stack([own, torch.zeros_like(own)], dim=3), torch.stack([after, before], dim=3)])
    plain = nn.Conv2d(taps.shape[1], taps.shape[0], (3, 2), padding=(1, 0))
    plain.load_state_dict({"weight": taps, "bias": fused.bias.detach().repeat(2)})
    return nn.Sequential(nn.ZeroPad2d((0, 1, 0, 0)), plain, _Between())


def _as_onnx(network: nn.Module) -> bytes:
    """The network as a file would hold it, for any number of frames."""
    shown = torch.zeros(1, FEATURES, FRAMES_SHOWN, BINS)
    with TemporaryDirectory(prefix="network-") as folder, warnings.catch_warnings(), torch.inference_mode():
        # The newer exporter wants a package more (onnxscript); this one is called old, and warns of more than one row.
        for kind in (DeprecationWarning, UserWarning, torch.jit.TracerWarning):
            warnings.simplefilter("ignore", kind)
        torch.onnx.export(
            network,
            (shown,),
            str(Path(folder) / "taps.onnx"),
            input_names=["heard"],
            output_names=["taps"],
            dynamic_axes={"heard": {2: "frames"}, "taps": {2: "frames"}},
            dynamo=False,
        )
        return (Path(folder) / "taps.onnx").read_bytes()
