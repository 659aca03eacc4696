"""VoiceFixer's files as they would lie on disk: the right tensors with random numbers in them (604 MB)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def voicefixer_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for RESTORATION_MODELS; building the networks needs about 1.3 GB."""
    import torch

    folder = tmp_path_factory.mktemp("models")
    home = tmp_path_factory.mktemp("home")
    vocoder = home / ".cache/voicefixer/synthesis_module/44100/model.ckpt-1490000_trimed.pt"
    analysis = home / ".cache/voicefixer/analysis_module/checkpoints/vf.ckpt"
    for file in (vocoder, analysis):
        file.parent.mkdir(parents=True)
        file.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "HOME", str(home))
        from voicefixer.restorer.model import VoiceFixer
        from voicefixer.vocoder.config import Config
        from voicefixer.vocoder.model.generator import Generator

        torch.manual_seed(7)
        Config.refresh(44100)
        torch.save({"generator": _with_published_names(Generator(Config.cin_channels).state_dict())}, vocoder)
        torch.save(VoiceFixer(channels=2, sample_rate=44100).state_dict(), analysis)
    (folder / "voicefixer").mkdir()
    vocoder.rename(folder / "voicefixer" / vocoder.name)
    analysis.rename(folder / "voicefixer" / analysis.name)
    yield folder
    for file in (folder / "voicefixer").iterdir():
        file.unlink()


def _with_published_names(tensors: dict) -> dict:
    """Weight normalisation had other names when the published vocoder was saved."""
    names = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    renamed = {}
    for name, tensor in tensors.items():
        for new, old in names.items():
            name = name.replace(new, old)
        renamed[name] = tensor
    return renamed
