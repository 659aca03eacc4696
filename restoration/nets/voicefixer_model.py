"""VoiceFixer, the one published by its authors, behind a door that does not download.

Importing the package fetches a gigabyte when its files are not where it looks for them (under the home folder), it
accepts any file that is there, and it ignores tensors that it does not know. So: the files are located by their cards
first, the home folder is a temporary one with links to them while the package is imported and its networks are built,
and the names and shapes of the tensors are compared with the networks' before a sound is made. Only mode 0 is used:
mode 1 shortens the sound, and mode 2 gives another sound every time and changes the network. (Liu et al., *VoiceFixer:
Toward General Speech Restoration with Neural Vocoder*, arXiv:2109.13731.)
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from restoration.errors import MissingWeights
from restoration.weights import locate

Mono = npt.NDArray[np.float32]

MODELS = ("voicefixer-analysis", "voicefixer-vocoder")
RATE = 44100
LONGEST_S = 30.0
"""The package itself cuts longer sound into pieces that do not fit together."""
SHORTEST_FRAMES = RATE // 2
LARGEST_LAG_S = 0.04
_PLACES = {
    "voicefixer-analysis": ".cache/voicefixer/analysis_module/checkpoints/vf.ckpt",
    "voicefixer-vocoder": ".cache/voicefixer/synthesis_module/44100/model.ckpt-1490000_trimed.pt",
}
_home_is_ours = threading.Lock()


class VoiceFixerModel:
    """The loaded networks; about 1.5 GB of memory, and 1 GB more while a piece of 10 s is restored."""

    def __init__(self) -> None:
        """Load from the files that the cards describe.

        Raises:
            MissingWeights: a file is absent, or is not VoiceFixer's.
        """
        files = {name: locate(name) for name in MODELS}
        with _home_with(files):
            self._voicefixer = _load(files)

    def restore(self, mono: Mono, sample_rate: int) -> Mono:
        """Re-synthesise up to 30 s of one channel (time,): same length, time-aligned, not yet at the right level.

        Raises:
            ValueError: more than 30 s.
        """
        import soxr

        if mono.size > LONGEST_S * sample_rate:
            raise ValueError(f"{mono.size / sample_rate:.1f} s in one piece; VoiceFixer takes {LONGEST_S:g} s at most")
        if not mono.any():
            return np.zeros_like(mono)
        heard = soxr.resample(mono, sample_rate, RATE).astype(np.float32)
        padded = np.pad(heard, (0, max(0, SHORTEST_FRAMES - heard.size)))
        # The package prints a warning when it divides a loud piece by its peak; the level is set again afterwards.
        with contextlib.redirect_stdout(io.StringIO()):
            made = self._voicefixer.restore_inmem(padded, cuda=False, mode=0)
        made = aligned(np.asarray(made, dtype=np.float32).reshape(-1)[: heard.size], heard, RATE)
        return _fitted(soxr.resample(made, RATE, sample_rate), mono.size)


def aligned(made: Mono, heard: Mono, sample_rate: int) -> Mono:
    """``made`` moved by up to 40 ms so that its envelope lies on that of ``heard``; both (time,), same length.

    Envelopes, not waves, are compared: a vocoder keeps no phase.
    """
    lag = envelope_lag(made, heard, sample_rate)
    moved = np.zeros_like(made)
    if lag >= 0:
        moved[: made.size - lag] = made[lag:]
    else:
        moved[-lag:] = made[:lag]
    return moved


def envelope_lag(made: Mono, heard: Mono, sample_rate: int) -> int:
    """Frames by which ``made`` is late, from the highest correlation of 2 ms envelopes; 0 if nothing correlates."""
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import correlate

    width = max(1, round(0.002 * sample_rate))
    envelopes = [uniform_filter1d(np.abs(sound).astype(np.float64), width) for sound in (made, heard)]
    late, reference = (envelope - envelope.mean() for envelope in envelopes)
    strength = np.linalg.norm(late) * np.linalg.norm(reference)
    if strength == 0:
        return 0
    correlation = correlate(late, reference, mode="full") / strength
    centre, reach = reference.size - 1, min(round(LARGEST_LAG_S * sample_rate), reference.size - 1)
    near = correlation[centre - reach : centre + reach + 1]
    best = int(np.argmax(near))
    return best - reach if near[best] > 0.2 else 0


def _load(files: Mapping[str, Path]) -> Any:
    import torch

    vocoder = _tensors(files["voicefixer-vocoder"]).get("generator", {})
    analysis = _tensors(files["voicefixer-analysis"])
    from voicefixer import VoiceFixer
    from voicefixer.vocoder.config import Config
    from voicefixer.vocoder.model.generator import Generator

    Config.refresh(RATE)
    _compare(files["voicefixer-vocoder"], _shapes(vocoder), _shapes(Generator(Config.cin_channels).state_dict()))
    with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        try:
            voicefixer = VoiceFixer()
        except RuntimeError as error:
            raise MissingWeights(f"{files['voicefixer-analysis']} does not fit VoiceFixer 0.1.3: {error}") from error
    network = voicefixer._model.state_dict()
    _compare(files["voicefixer-analysis"], _learnt(_shapes(analysis)), _learnt(_shapes(network)))
    return voicefixer


def _tensors(file: Path) -> Mapping[str, Any]:
    """What is in a checkpoint; never the code that a pickle could hold."""
    import pickle

    import torch

    try:
        found = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise MissingWeights(f"{file} cannot be read as a checkpoint of tensors ({error})") from error
    if not isinstance(found, Mapping):
        raise MissingWeights(f"{file} holds a {type(found).__name__} where VoiceFixer has a table of tensors")
    return found


def _shapes(tensors: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor; the older names of normalised weights stand for the newer ones."""
    newer = (("weight_g", "parametrizations.weight.original0"), ("weight_v", "parametrizations.weight.original1"))
    shapes = {}
    for name, tensor in tensors.items():
        for old, new in newer:
            name = name[: -len(old)] + new if name.endswith("." + old) else name
        shapes[name] = tuple(getattr(tensor, "shape", ()))
    return shapes


def _learnt(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """The analysis network's own tensors: the rest are windows of transforms and a second copy of the vocoder."""
    return {name: shape for name, shape in shapes.items() if name.startswith("generator.")}


def _compare(file: Path, found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]) -> None:
    if found == expected:
        return
    missing, foreign = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    other = sorted(name for name in expected.keys() & found.keys() if expected[name] != found[name])
    first = (missing or foreign or other)[0]
    raise MissingWeights(
        f"{file} is not the file that VoiceFixer 0.1.3 was published with: of {len(expected)} tensors "
        f"{len(missing)} are missing, {len(foreign)} are foreign and {len(other)} have another shape, first {first}"
    )


@contextlib.contextmanager
def _home_with(files: Mapping[str, Path]) -> Iterator[None]:
    """While it lasts, the home folder is one in which VoiceFixer finds its files."""
    with _home_is_ours, tempfile.TemporaryDirectory(prefix="voicefixer-") as folder:
        for name, file in files.items():
            link = Path(folder) / _PLACES[name]
            link.parent.mkdir(parents=True)
            link.symlink_to(file.resolve())
        before = os.environ.get("HOME")
        os.environ["HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["HOME"]
            else:
                os.environ["HOME"] = before


def _fitted(sound: npt.NDArray[Any], frames: int) -> Mono:
    return np.pad(sound[:frames], (0, max(0, frames - sound.size))).astype(np.float32)
