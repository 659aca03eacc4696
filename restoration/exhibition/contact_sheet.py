"""The contact sheet of an exhibition: every sound with its cover, label, origin, digests and signature, on one page.

The page opens from disk and prints on A4; pictures and codes are inside it, and nothing on it asks the network. All of
it comes from the logs, the manifests and the files that it is about.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from restoration import __version__, fixity
from restoration.audio import Recording
from restoration.exhibition.content_credentials import BadCredentials, read
from restoration.exhibition.cover import cover
from restoration.exhibition.exhibit import Exhibit
from restoration.exhibition.tagging import master_sha256, stretch, title
from restoration.package import write_whole
from restoration.provenance.digital_source_type import COMPOSITE, SYNTHETIC, digital_source_type, in_words
from restoration.provenance.history import SOFTWARE
from restoration.provenance.label import label
from restoration.provenance.local_figures import local_figure
from restoration.provenance.origin_words import master_pace
from restoration.provenance.picture_canvas import clock
from restoration.provenance.picture_columns import envelope_columns
from restoration.texts import SOURCE_LANGUAGE, Catalogue, catalogue

TEMPLATES = Path(__file__).parent / "templates"
PAGE = "contact-sheet.html"
SOUND_ENDINGS = (".wav", ".flac", ".opus", ".mp3")
THUMB_PIXELS = 440
WAVE_COLUMNS, WAVE_HEIGHT = 240, 40
RECORD = "data/record/iiif-manifest.json"


@dataclass(frozen=True)
class Sheet:
    """``name`` is the exhibition's; ``language`` one of ``restoration.texts.languages()``."""

    name: str
    language: str = SOURCE_LANGUAGE


def contact_sheet(exhibits: Sequence[Exhibit], folder: Path, language: str = SOURCE_LANGUAGE) -> list[Path]:
    """Write ``contact-sheet.html`` into the folder of an exhibition.

    Args:
        exhibits: one for each sound, in the order of the exhibition; files of other formats beside them are found.
        folder: where the files lie.
        language: of the page and its labels.

    Raises:
        RestorationError: there are no texts in that language, or a file cannot be read.
    """
    place = folder / PAGE
    write_whole(place, contact_page(exhibits, Sheet(folder.resolve().name, language)))
    return [place]


def contact_page(exhibits: Sequence[Exhibit], sheet: Sheet) -> str:
    """The page; a function of the exhibits and of the files that lie beside them."""
    texts = catalogue(sheet.language)
    total = sum(exhibit.duration_s for exhibit in exhibits)
    presets = list(dict.fromkeys(exhibit.preset.name for exhibit in exhibits))
    return _template().render(
        language=sheet.language,
        text=lambda key, **values: texts.text(f"contact_sheet.{key}", **values),
        name=sheet.name,
        summary=[
            texts.counted("contact_sheet.sounds", len(exhibits)),
            texts.text("contact_sheet.total", duration=local_figure("duration_s", total, sheet.language)),
            *(texts.text("contact_sheet.preset", name=name) for name in presets),
        ],
        sounds=[_sound(exhibit, texts) for exhibit in exhibits],
        software=f"{SOFTWARE} {__version__}",
    )


def _sound(exhibit: Exhibit, texts: Catalogue) -> dict[str, Any]:
    words = label(exhibit.events, texts.language)
    item = exhibit.item
    kind = digital_source_type(exhibit.events)
    code, caption = _code(exhibit, texts)
    return {
        "title": title(exhibit),
        "about": [text for column in ("speaker", "recorded_date", "carrier_type") if (text := item.get(column))],
        "stretch": stretch(exhibit) or texts.text("contact_sheet.whole"),
        "cover": _thumb(cover(exhibit)),
        "wave": _wave(exhibit.recording),
        "short": words.short,
        "long": words.long.removeprefix(words.short).strip(),
        "kind": in_words(kind, texts.language),
        "made": kind in (COMPOSITE, SYNTHETIC),
        "facts": _facts(exhibit, texts),
        "files": [_file(place, texts) for place in _files(exhibit)],
        "code": code,
        "caption": caption,
    }


def _facts(exhibit: Exhibit, texts: Catalogue) -> list[tuple[str, str, str]]:
    """Name, text, and how it is shown."""
    loudness = {name: exhibit.loudness.get(name) for name in ("loudness_lufs", "true_peak_dbtp")}
    told = texts.text("contact_sheet.not_measured")
    if None not in loudness.values():
        figures = [local_figure(name, value, texts.language) for name, value in loudness.items()]
        told = texts.text("contact_sheet.loudness_told", loudness=figures[0], peak=figures[1])
    excerpt, pace = exhibit.excerpt, master_pace(exhibit.events)
    in_master = ""
    if excerpt and pace != 1.0:
        times = " – ".join(clock(second * pace, True) for second in (excerpt.start_s, excerpt.stop_s))
        in_master = texts.text("contact_sheet.about", times=times)
    facts = [
        ("item", exhibit.identifier, "brief"),
        ("times", stretch(exhibit), "brief"),
        ("times_in_master", in_master, "brief"),
        ("segments", ", ".join(str(number) for number in excerpt.segments) if excerpt else "", "brief"),
        ("duration", local_figure("duration_s", exhibit.duration_s, texts.language), "brief"),
        ("loudness", told, "wide"),
        ("rights", str(exhibit.item.get("rights_uri") or ""), "wide"),
        ("master", master_sha256(exhibit), "digest"),
        ("log_head", exhibit.events[-1]["digest"] if exhibit.events else "", "digest"),
    ]
    return [(texts.text(f"contact_sheet.{name}"), text, shown) for name, text, shown in facts if text]


def _files(exhibit: Exhibit) -> list[Path]:
    places = [exhibit.file.with_suffix(ending) for ending in SOUND_ENDINGS]
    return [place for place in places if place.is_file()]


def _file(place: Path, texts: Catalogue) -> dict[str, Any]:
    state, good = _credentials(place, texts)
    return {
        "name": place.name,
        "href": quote(place.name),
        "sha256": fixity.digests(place, ("sha256",))["sha256"],
        "credentials": state,
        "bad": not good,
    }


def _credentials(place: Path, texts: Catalogue) -> tuple[str, bool]:
    try:
        found = read(place)
    except BadCredentials:
        return texts.text("contact_sheet.not_checked"), True
    if not found.found:
        return texts.text("contact_sheet.not_signed"), True
    if found.valid:
        return texts.text("contact_sheet.signed", by=found.signed_by), True
    return texts.text("contact_sheet.not_valid", why="; ".join(found.faults)), False


def _code(exhibit: Exhibit, texts: Catalogue) -> tuple[str, str]:
    """A QR code (ISO/IEC 18004) to the record of the item, as SVG, and what it says.

    Where the manifest names no address it holds ``sha256:`` and the head of the log.
    """
    import segno

    base = str(exhibit.item.get("iiif_base") or "").rstrip("/")
    named = base.startswith(("http://", "https://"))
    address = "/".join((base, quote(exhibit.identifier, safe=""), RECORD)) if named else ""
    head = exhibit.events[-1]["digest"] if exhibit.events else ""
    code = segno.make(address or f"sha256:{head}", error="m", micro=False)
    caption = texts.text("contact_sheet.qr_record", address=address) if address else texts.text("contact_sheet.qr_head")
    return code.svg_inline(scale=1, border=2, dark="#000", light="#fff", omitsize=True, svgclass=None), caption


def _thumb(picture: bytes) -> str:
    from PIL import Image

    small = Image.open(BytesIO(picture)).resize((THUMB_PIXELS, THUMB_PIXELS), Image.Resampling.LANCZOS)
    file = BytesIO()
    small.save(file, "JPEG", quality=84)
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode('ascii')}"


def _wave(recording: Recording) -> str:
    """The envelope as the points of an SVG polygon, 240 by 40."""
    lowest, highest, _ = envelope_columns(recording, WAVE_COLUMNS)
    loudest = max(1e-6, float(max(abs(lowest).max(), abs(highest).max())))
    middle = WAVE_HEIGHT / 2
    upper = [(column, middle * (1 - 0.98 * float(value) / loudest)) for column, value in enumerate(highest)]
    lower = [(column, middle * (1 - 0.98 * float(value) / loudest)) for column, value in enumerate(lowest)]
    return " ".join(f"{x},{y:.1f}" for x, y in [*upper, *reversed(lower)])


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("contact_sheet.html")
