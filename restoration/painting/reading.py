"""A painted picture read back: its regions, the decisions file that asks for them, and how the repair would sound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from restoration.audio import Recording, Writer
from restoration.errors import RestorationError
from restoration.package import write_whole
from restoration.painting.look import look
from restoration.painting.page import BadPicture, Page, read_page
from restoration.painting.painted import painted_in, painted_on
from restoration.painting.regions import regions_of
from restoration.painting.sounds import BagSound, check_same
from restoration.repair.region import Region
from restoration.steps.repair_region import RepairRegion

DECISIONS_FORMAT, KIND = "heritage-voice decisions 1", "region to repair"
AROUND_S = 2.0
GAP_ROWS = 8


@dataclass(frozen=True)
class Painting:
    """A painted picture, the mask beside it if there is one, and the JSON if it is not beside it."""

    picture: Path
    mask: Path | None = None
    about: Path | None = None

    def page(self) -> Page:
        """What the picture says of itself."""
        return read_page(self.picture, self.about)


def painted_regions(painting: Painting, sound: BagSound) -> list[Region]:
    """The regions that a person painted on a picture of a sound.

    Raises:
        BadPicture: it is of another sound, or cannot be told from the exported one.
    """
    page = painting.page()
    check_same(sound, page, painting.picture)
    if not sound.on_restored_axis:
        raise BadPicture(
            f"{painting.picture}: shows the master, whose moments the treatment moved; regions are named in the time "
            "of the restored sound: export and paint that"
        )
    if painting.mask:
        painted = painted_in(painting.mask, page)
    else:
        painted = painted_on(painting.picture, look(sound.recording, page), page)
    return regions_of(painted, page)


def decisions_text(page: Page, regions: Sequence[Region], by: str, reason: str) -> str:
    """The JSON of a decisions file that asks for the repair of regions.

    Raises:
        RestorationError: nobody, or no reason, is named.
    """
    for name, text in (("--by", by), ("--reason", reason)):
        if not text.strip():
            raise RestorationError(f"a decision says who decided and why: {name} is blank")
    asked = [_decision(region, reason.strip()) for region in regions]
    told = {"format": DECISIONS_FORMAT, "identifier": page.identifier, "head": page.head, "by": by.strip()}
    return json.dumps({**told, "decisions": asked}, indent=1, ensure_ascii=False) + "\n"


def _decision(region: Region, reason: str) -> dict[str, Any]:
    told = {"kind": KIND, **asdict(region), "reason": reason}
    return told if region.mask else {name: value for name, value in told.items() if name != "mask"}


def write_decisions(place: Path, text: str) -> None:
    """Write a decisions file whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, text)


def preview(sound: BagSound, page: Page, regions: Sequence[Region], stem: Path) -> list[Path]:
    """Repair a sound as the step would, and write what is around the regions, before and after, to see and to hear.

    The files are ``STEM-before.wav``, ``STEM-after.wav`` (32-bit floats) and ``STEM-look.png`` (before above after).
    """
    step = RepairRegion(regions=tuple(regions))
    findings = step.measure(sound.recording)
    writer = Writer(sound.folder / "repaired.f32")
    with writer:
        step.treat(sound.recording, findings, writer)
    span = _span(sound.recording, regions)
    made = []
    for name, recording in (("before", sound.recording), ("after", writer.recording)):
        made.append(stem.with_name(f"{stem.name}-{name}.wav"))
        _write_wave(recording, span, made[-1])
    made.append(stem.with_name(f"{stem.name}-look.png"))
    _write_look(page, span, (sound.recording, writer.recording), made[-1])
    return made


def _span(recording: Recording, regions: Sequence[Region]) -> tuple[int, int]:
    start_s = min(region.start_s for region in regions) - AROUND_S
    stop_s = max(region.stop_s for region in regions) + AROUND_S
    ends = (round(start_s * recording.sample_rate), round(stop_s * recording.sample_rate))
    return max(0, ends[0]), min(recording.frames, ends[1])


def _write_wave(recording: Recording, span: tuple[int, int], place: Path) -> None:
    import soundfile

    samples = recording.read(*span).samples
    soundfile.write(place, samples.T, recording.sample_rate, subtype="FLOAT", format="WAV")


def _write_look(page: Page, span: tuple[int, int], recordings: Sequence[Recording], place: Path) -> None:
    from PIL import Image

    shown = replace(page, start=span[0], frames=span[1] - span[0])
    pictures = [look(recording, shown) for recording in recordings]
    gap = np.full((GAP_ROWS, pictures[0].shape[1]), 255, dtype=np.uint8)
    Image.fromarray(np.concatenate((pictures[0], gap, pictures[1]))).save(place, "PNG")
