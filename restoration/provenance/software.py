"""Which software made a treatment: the versions that decide the sound."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

import soundfile
from threadpoolctl import threadpool_info

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
    "nara-wpe",
    "numba",
    "pillow",
    "mutagen",
)


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    packages = tuple((name, metadata.version(name)) for name in DECIDING)
    return (*packages, ("libsndfile", soundfile.__libsndfile_version__), ("linear algebra", _linear_algebra()))


def _linear_algebra() -> str:
    """The library and the kind of processor that it computes for, on which the last bits of a sound may hang."""
    import numpy  # noqa: F401 - loads the library that is asked for

    found = next((each for each in threadpool_info() if each["user_api"] == "blas"), None)
    return f"{found['internal_api']} {found.get('architecture', '')}".strip() if found else "none"


def software_versions() -> dict[str, str]:
    """Package -> version, with Python, the machine's architecture, and what computes for it."""
    return {
        "heritage-voice": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        **dict(_versions()),
    }
