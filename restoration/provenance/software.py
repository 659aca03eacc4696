"""Which software made a treatment: the versions that decide the sound."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

from restoration import __version__

DECIDING = (
    "numpy",
    "scipy",
    "soundfile",
    "soxr",
    "resampy",
    "noisereduce",
    "pedalboard",
    "voicefixer",
    "torch",
    "onnxruntime",
    "silero-vad",
)


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, metadata.version(name)) for name in DECIDING)


def software_versions() -> dict[str, str]:
    """Package -> version, with Python and the machine's architecture."""
    return {
        "heritage-voice": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        **dict(_versions()),
    }
