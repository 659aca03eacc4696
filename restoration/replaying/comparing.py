"""A file of a bag beside the same file made again."""

from __future__ import annotations

import base64
import io
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from restoration import fixity, sound_files
from restoration.audio import Audio, Recording, Writer
from restoration.errors import RestorationError
from restoration.replaying.answer import Compared, Outcome
from restoration.replaying.tolerances import ENCODER_ERRORS, GREY_STEPS, PCM_DBFS, PIXELS_BEYOND, tolerance_dbfs
from restoration.sound_files import Sound
from restoration.sound_files.encode import before_encoding
from restoration.wave_chunks import read_wave

SOUNDS = (".wav", ".opus")
SILENT_DBFS = -200.0
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


@dataclass(frozen=True)
class Pair:
    """``held`` in the bag and ``made`` again; ``said`` is the digest in the log, "" where that has none.

    ``told_in`` names the event that tells of the file; ``since`` says from which event on its sound is another, or "".
    ``encoded`` is what an access copy was encoded from: the sound, and the gain in dB.
    """

    file: str
    held: Path
    made: Path
    said: str
    told_in: str
    since: str = ""
    encoded: tuple[Sound, float] | None = None

    def compared(self, bench: Path) -> Compared:
        """The verdict. Sounds are decoded into ``bench``."""
        if not self.held.is_file():
            return self._verdict("differs", "is not in the bag")
        held, made = (fixity.digests(place)["sha256"] for place in (self.held, self.made))
        if self.said and held != self.said:
            again = "which the replay gives to the bit" if made == self.said else "and nor is what the replay gives"
            return self._verdict("differs", f"is not the file that {self.told_in} tells of, {again}")
        if held == made:
            return self._verdict("bit-exact", "every byte is the same")
        return self._difference(bench)

    def _difference(self, bench: Path) -> Compared:
        if self.held.suffix in SOUNDS:
            return self._of_sound(bench)
        if self.held.suffix == ".png":
            with Image.open(self.held) as held, Image.open(self.made) as made:
                return self._verdict(*self._of_pictures([(held, made)]))
        if self.file.endswith(".html"):
            return self._of_page()
        if self.file.startswith("data/map/") and _but_digests(self.held) == _but_digests(self.made):
            return self._verdict("within tolerance", "only the digest of the restored sound is another" + self.since)
        return self._verdict("differs", f"its text is another{self._by}")

    @property
    def _by(self) -> str:
        return self.since or f", by {self.told_in}"

    def _of_sound(self, bench: Path) -> Compared:
        held, made = (
            _sound(place, bench / f"{name}.f32") for place, name in ((self.held, "held"), (self.made, "made"))
        )
        if held.pcm_sha256 == made.pcm_sha256:
            return self._verdict("same sound", f"every sample is the same, {_other_bytes(self.held, self.made)}")
        if (held.sample_rate, held.channels) != (made.sample_rate, made.channels):
            return self._verdict("differs", f"its sample rate or channels are others{self._by}")
        peak_dbfs, at_s = peak_difference(held, made)
        most = f"differs by at most {peak_dbfs:.1f} dBFS, at {at_s:.3f} s"
        if held.frames != made.frames:
            most += f"; {held.frames} frames lie in the bag, {made.frames} were made again"
            return self._verdict("differs", f"{most}{self._by}", peak_dbfs)
        inside, told = self._tolerated(held, made, peak_dbfs, bench)
        if inside:
            return self._verdict("within tolerance", f"{most}{told}{self.since}", peak_dbfs)
        return self._verdict("differs", f"{most}{told}{self._by}", peak_dbfs)

    def _tolerated(self, held: Recording, made: Recording, peak_dbfs: float, bench: Path) -> tuple[bool, str]:
        if self.encoded is None:
            return peak_dbfs <= PCM_DBFS, f" ({PCM_DBFS:.0f} dBFS are tolerated)"
        sound, gain_db = self.encoded
        with Writer(bench / "encoded.f32") as writer:
            for block in before_encoding(sound, made.sample_rate, gain_db):
                writer.write(Audio(np.ascontiguousarray(block.T, dtype=np.float32), made.sample_rate))
        ratio = encoder_errors(held, made, writer.recording)
        return ratio <= ENCODER_ERRORS, (
            f", in no second by more than {ratio:.2f} times what the encoder itself changed there "
            f"({ENCODER_ERRORS:.1f} are tolerated)"
        )

    def _of_page(self) -> Compared:
        """A report: the words are the log's; the pictures in it are the sound's."""
        held, made = (place.read_text(encoding="utf-8") for place in (self.held, self.made))
        if PICTURE.sub("*", held) != PICTURE.sub("*", made):
            return self._verdict("differs", f"its text is another{self._by}")
        pairs = [tuple(map(_picture, both)) for both in zip(PICTURE.findall(held), PICTURE.findall(made), strict=True)]
        outcome, words = self._of_pictures([(one, other) for one, other in pairs])
        return self._verdict(outcome, f"its text is the same; of its pictures, {words}")

    def _of_pictures(self, pairs: list[tuple[Image.Image, Image.Image]]) -> tuple[Outcome, str]:
        found = [grey_difference(one, other) for one, other in pairs]
        if None in found:
            return "differs", f"the size is another{self._by}"
        most, beyond = (max(figures) for figures in zip(*filter(None, found), strict=True))
        if most == 0:
            return "same sound", "every pixel is the same, in other bytes"
        words = f"a pixel differs by at most {most} of 255 steps, {100 * beyond:.3f} % by more than {GREY_STEPS}"
        if beyond <= PIXELS_BEYOND:
            return "within tolerance", f"{words} ({100 * PIXELS_BEYOND:.1f} % are tolerated){self.since}"
        return "differs", f"{words}{self._by}"

    def _verdict(self, outcome: Outcome, words: str, peak_dbfs: float | None = None) -> Compared:
        return Compared(self.file, outcome, peak_dbfs, tolerance_dbfs(self.file), f"{self.file}: {words}.")


def peak_difference(first: Recording, second: Recording) -> tuple[float, float]:
    """Greatest difference of two samples in dBFS, and where it is in seconds, over what both have."""
    peak, at = 0.0, 0
    for block in first.blocks():
        other = second.read(block.start, block.start + block.frames).samples
        apart = np.abs(block.samples[:, : other.shape[1]].astype(np.float64) - other).max(axis=0, initial=0.0)
        if apart.size and apart.max() > peak:
            peak, at = float(apart.max()), block.start + int(apart.argmax())
    return (20 * math.log10(peak) if peak else SILENT_DBFS), at / first.sample_rate


def encoder_errors(held: Recording, made: Recording, sound: Recording) -> float:
    """Greatest, over the seconds, of the difference of two encodings over that of one of them to its sound (RMS)."""
    most, second = 0.0, made.sample_rate
    for start in range(0, made.frames, second):
        # What does not fill a second is judged with the one before it.
        stop = start + second if made.frames - start >= 2 * second else made.frames
        one, other, from_ = (sound_.read(start, stop).samples.astype(np.float64) for sound_ in (held, made, sound))
        frames = min(one.shape[1], from_.shape[1])
        apart, error = (float(np.square(other[:, :frames] - x[:, :frames]).sum()) for x in (one, from_))
        most = max(most, math.sqrt(apart / error) if error else math.inf if apart else 0.0)
        if stop == made.frames:
            break
    return most


def grey_difference(first: Image.Image, second: Image.Image) -> tuple[int, float] | None:
    """Greatest difference of two pixels in steps of 255, and the share of them that differ by more than is tolerated.

    None for pictures of two sizes.
    """
    held, made = (np.asarray(picture, dtype=np.int16) for picture in (first, second))
    if held.shape != made.shape:
        return None
    apart = np.abs(held - made)
    return int(apart.max(initial=0)), float((apart > GREY_STEPS).mean())


def _picture(encoded: str) -> Image.Image:
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        return picture.convert("RGB")


def _sound(place: Path, decoded: Path) -> Recording:
    with Writer(decoded) as writer:
        sound_files.decode(place, writer)
    return writer.recording


def _other_bytes(held: Path, made: Path) -> str:
    """Which bytes around the sound are others: the chunks of a broadcast wave, else the container's."""
    if held.suffix != ".wav":
        return "other container bytes"
    bodies = []
    for wave in (read_wave(held), read_wave(made)):
        bodies.append({chunk.id: wave.read(chunk) for chunk in wave.chunks if chunk.id != "data"})
    names = sorted(name for name in bodies[0].keys() | bodies[1].keys() if bodies[0].get(name) != bodies[1].get(name))
    return f"other bytes in the chunk{'s' if len(names) != 1 else ''} {', '.join(names)}" if names else "other padding"


def _but_digests(place: Path) -> Any:
    try:
        said = json.loads(place.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RestorationError(f"{place}: is not JSON ({error})") from error
    return {name: value for name, value in said.items() if name != "restored"}
