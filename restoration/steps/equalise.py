"""Raise or lower parts of the spectrum with a parametric equaliser."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from restoration.audio import Recording, Writer
from restoration.mastering import Band, equalise
from restoration.step import Findings, Generates


@dataclass(frozen=True, kw_only=True)
class Equalise:
    """Minimum-phase filters, one after the other: what a replay equalisation, a carrier or a room needs put right.

    A band beyond the sample rate of the recording is left out, and the findings say so.

    bands: each with a ``kind`` (highpass, lowpass, low_shelf, high_shelf, peak), ``frequency_hz`` (1 to 100000), for
        shelves and peaks ``gain_db`` (-40 to 40) and ``q`` (0.05 to 50), for the passes ``slope_db_per_octave`` (6, 12,
        18 or 24).
    """

    bands: tuple[Band, ...] = ()

    version: ClassVar[str] = "1"
    generates: ClassVar[Generates] = "nothing"

    def __post_init__(self) -> None:
        wrong = [band for band in self.bands if not isinstance(band, Band)]
        if wrong:
            raise ValueError(f"bands are Band, not {type(wrong[0]).__name__}")

    def measure(self, recording: Recording) -> Findings:
        """The ``bands`` that this sample rate allows and that change anything."""
        acting = [band for band in self.bands if band.acts]
        fitting = [band for band in acting if band.fits(recording.sample_rate)]
        reason = ", ".join(described(band) for band in fitting) or "no band changes anything"
        if left_out := [band for band in acting if band not in fitting]:
            beyond = ", ".join(f"{band.frequency_hz:g} Hz" for band in left_out)
            reason += f"; left out, as beyond a sample rate of {recording.sample_rate} Hz: {beyond}"
        return {
            "needed": bool(fitting),
            "reason": f"By the recipe: {reason}.",
            "bands": [asdict(band) for band in fitting],
            "gain_db": 0.0,
        }

    def treat(self, recording: Recording, findings: Findings, result: Writer) -> None:
        """Send the recording through the bands found."""
        equalise(recording, [Band(**band) for band in findings["bands"]], result)


def described(band: Band) -> str:
    """A band in a few words, for a curator."""
    name = band.kind.replace("_", " ").replace("pass", "-pass")
    if band.kind.endswith("pass"):
        return f"{name} at {band.frequency_hz:g} Hz, {band.slope_db_per_octave} dB an octave"
    return f"{name} of {band.gain_db:+g} dB at {band.frequency_hz:g} Hz"
