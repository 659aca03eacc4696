"""Presets: how loud an exhibition is, what a sound goes through for it, and which files leave.

A preset is a TOML file, as a recipe is: those that ship lie in ``restoration/exhibition/presets/``; a path to any other
works as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from restoration.errors import BadRecipe, RestorationError
from restoration.mastering import SLOPES
from restoration.recipe import build, did_you_mean
from restoration.record import digest_of

PRESETS = Path(__file__).parent / "presets"
FORMATS = ("bwf", "flac", "opus", "mp3")
LOSSLESS = ("bwf", "flac")
NO_AAC = (
    "AAC is not written: libsndfile, which encodes here, has no encoder of it, and no dependency of this software has "
    "one; opus or mp3 plays wherever AAC does"
)
Kind = TypeVar("Kind")
Audience = Literal["public", "research"]


class BadPreset(RestorationError):
    """A preset that cannot be followed, or a format that is not written."""


@dataclass(frozen=True, kw_only=True)
class LoudnessWanted:
    """How loud, after ITU-R BS.1770-4; the true peak is that of four times the sample rate.

    target_lufs: integrated loudness, -40 to -9 LUFS (LKFS is the same).
    tolerance_lu: how far it may be missed, 0.05 to 2 LU.
    max_true_peak_dbtp: what the true peak may reach, -12 to 0 dBTP; it is kept before the loudness is.
    advised_range_lu: a loudness range above this is said, 0 to 40 LU; 0: none is too large.
    """

    target_lufs: float
    tolerance_lu: float = 0.1
    max_true_peak_dbtp: float = -1.0
    advised_range_lu: float = 0.0

    def __post_init__(self) -> None:
        _check_ranges(
            self,
            target_lufs=(-40.0, -9.0),
            tolerance_lu=(0.05, 2.0),
            max_true_peak_dbtp=(-12.0, 0.0),
            advised_range_lu=(0.0, 40.0),
        )


@dataclass(frozen=True, kw_only=True)
class SoundWanted:
    """sample_rate: in Hz, 8000 to 192000. channels: 2 gives one channel on two, equally; 0 leaves them as they are.

    A player gives a single channel to both loudspeakers, 3 dB louder together than a meter of one channel says: on two
    channels, what was recorded on one and what was recorded on two are measured as they are heard.
    """

    sample_rate: int = 48_000
    channels: int = 2

    def __post_init__(self) -> None:
        _check_ranges(self, sample_rate=(8_000, 192_000))
        if self.channels not in (0, 2):
            raise ValueError(f"channels is 2, or 0 for as many as there are, not {self.channels}")


@dataclass(frozen=True, kw_only=True)
class Chain:
    """What the sound goes through, in this order: high-pass, compressor, fades, gain, limiter.

    name: what the chain is called in the log.
    highpass_hz: corner of a Butterworth high-pass, 10 to 400 Hz; 0 for none.
    highpass_db_per_octave: 6, 12, 18 or 24.
    compressor_threshold_lu: above the loudness wanted, -20 to 20 LU.
    compressor_ratio: dB in for a dB out above the threshold, 1 (none) to 4.
    compressor_attack_ms, compressor_release_ms: 1 to 500 and 20 to 5000 ms.
    limiter_release_ms: time in which the gain returns after a peak, 1 to 2000 ms.
    max_limiting_db: by how much peaks may be lowered, 0 to 12 dB; where more were needed the sound stays quieter.
    """

    name: str
    highpass_hz: float = 0.0
    highpass_db_per_octave: int = 12
    compressor_threshold_lu: float = 0.0
    compressor_ratio: float = 1.0
    compressor_attack_ms: float = 30.0
    compressor_release_ms: float = 400.0
    limiter_release_ms: float = 100.0
    max_limiting_db: float = 6.0

    def __post_init__(self) -> None:
        if self.highpass_hz:
            _check_ranges(self, highpass_hz=(10.0, 400.0))
        if self.highpass_db_per_octave not in SLOPES:
            raise ValueError(f"highpass_db_per_octave is one of 6, 12, 18, 24, not {self.highpass_db_per_octave}")
        _check_ranges(
            self,
            compressor_threshold_lu=(-20.0, 20.0),
            compressor_ratio=(1.0, 4.0),
            compressor_attack_ms=(1.0, 500.0),
            compressor_release_ms=(20.0, 5000.0),
            limiter_release_ms=(1.0, 2000.0),
            max_limiting_db=(0.0, 12.0),
        )


@dataclass(frozen=True, kw_only=True)
class Fades:
    """Equal-power fades at the edges of what leaves, 0 to 10000 ms; 0 for none."""

    in_ms: float = 0.0
    out_ms: float = 0.0

    def __post_init__(self) -> None:
        _check_ranges(self, in_ms=(0.0, 10_000.0), out_ms=(0.0, 10_000.0))


@dataclass(frozen=True, kw_only=True)
class Codec:
    """opus_kbps: bit rate of Opus for each channel, 6 to 256 kb/s. MP3 is of LAME's quality 2."""

    opus_kbps: float = 64.0

    def __post_init__(self) -> None:
        _check_ranges(self, opus_kbps=(6.0, 256.0))


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A named way out. ``loudness`` is None where the sound stays untouched; then it has no chain and no fades.

    ``audience``: ``public`` for what is shown, ``research`` for what one person studies: rights differ.
    """

    name: str
    purpose: str
    version: str = "1"
    formats: tuple[str, ...] = ("bwf",)
    audience: Audience = "public"
    loudness: LoudnessWanted | None = None
    sound: SoundWanted | None = None
    chain: Chain | None = None
    fades: Fades = field(default_factory=Fades)
    codec: Codec = field(default_factory=Codec)

    @property
    def digest(self) -> str:
        """The identity of its content, whatever its file is called."""
        return digest_of(asdict(self))

    def about(self) -> dict[str, str]:
        """For the log."""
        return {"name": self.name, "version": self.version, "digest": self.digest, "purpose": self.purpose}


TABLES: Mapping[str, type] = {
    "loudness": LoudnessWanted,
    "sound": SoundWanted,
    "chain": Chain,
    "fades": Fades,
    "codec": Codec,
}
OWN = ("purpose", "version", "formats", "audience")


def preset_names() -> list[str]:
    """The presets that ship."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_preset(name: str) -> Preset:
    """A shipped preset by its name, or any other by the path of its TOML file.

    Raises:
        BadPreset: there is none, or it asks for what there is not.
    """
    path = Path(name) if name.endswith(".toml") else PRESETS / f"{name}.toml"
    if not path.is_file():
        raise BadPreset(f"there is no preset {name!r}{did_you_mean(name, preset_names())}")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPreset(f"{path}: is not TOML: {error}") from error
    return parse_preset(content, path.stem, str(path))


def parse_preset(content: Mapping[str, Any], name: str, place: str) -> Preset:
    """A preset from the content of its file; ``place`` is what errors call it.

    Raises:
        BadPreset: as ``load_preset``.
    """
    for key in content:
        if key not in (*OWN, *TABLES):
            raise BadPreset(f"{place}: a preset has no {key!r}{did_you_mean(key, (*OWN, *TABLES))}")
    purpose = content.get("purpose")
    if not isinstance(purpose, str) or not purpose.strip():
        raise BadPreset(f'{place}: a preset says what it is for: purpose = "…"')
    asked = [key for key in TABLES if key in content]
    tables: dict[str, Any] = {key: _built(TABLES[key], content[key], f"{place}: [{key}]") for key in asked}
    own = {key: content[key] for key in ("version", "audience") if key in content}
    formats = content.get("formats", ["bwf"])
    if not isinstance(formats, list) or not formats:
        raise BadPreset(f'{place}: formats is a list, such as formats = ["bwf", "flac"]')
    told = {"name": name, "purpose": " ".join(purpose.split()), **own, **tables}
    preset = _built(Preset, {**told, "formats": checked_formats(formats, place)}, place)
    return _whole(preset, place)


def checked_formats(formats: Sequence[object], place: str = "--format") -> tuple[str, ...]:
    """The formats in lower case, each once.

    Raises:
        BadPreset: one that is not written.
    """
    found = [str(each).strip().lower() for each in formats]
    for each in found:
        if each in ("aac", "m4a"):
            raise BadPreset(f"{place}: {NO_AAC}")
        if each not in FORMATS:
            raise BadPreset(f"{place}: there is no format {each!r}{did_you_mean(each, FORMATS)}")
    return tuple(dict.fromkeys(found))


def check_lossless(preset: Preset, formats: Sequence[str]) -> None:
    """Raise where untouched samples were to leave in a format that changes them.

    Raises:
        BadPreset: naming the format.
    """
    lossy = [each for each in formats if each not in LOSSLESS]
    if preset.loudness is None and lossy:
        raise BadPreset(f"preset {preset.name}: leaves the samples untouched, and {lossy[0]} changes them; bwf or flac")


def _whole(preset: Preset, place: str) -> Preset:
    wanted = {"sound": preset.sound is not None, "chain": preset.chain is not None}
    if preset.loudness is None:
        odd = [name for name, there in wanted.items() if there] + ["fades"] * (preset.fades != Fades())
        if odd:
            raise BadPreset(f"{place}: without [loudness] the sound leaves untouched, so there is no [{odd[0]}]")
    elif missing := [name for name, there in wanted.items() if not there]:
        raise BadPreset(f"{place}: has [loudness], so it has a [{missing[0]}] as well")
    check_lossless(preset, preset.formats)
    return preset


def _built(kind: type[Kind], table: object, place: str) -> Kind:
    if not isinstance(table, Mapping):
        raise BadPreset(f"{place}: is a table of names and values")
    try:
        return build(kind, table, place)
    except BadRecipe as error:
        raise BadPreset(str(error)) from error


def _check_ranges(table: object, **ranges: tuple[float, float]) -> None:
    for name, (least, most) in ranges.items():
        if not least <= getattr(table, name) <= most:
            raise ValueError(f"{name} is from {least:g} to {most:g}, not {getattr(table, name)}")
