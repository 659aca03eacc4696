"""What an exhibition copy says of itself: tags for players, and the chunks of a broadcast wave file for archives.

FLAC and Opus: Vorbis comments; MP3: ID3v2.4 (``sound_files.tags`` tells which frames); WAV: ``bext`` (EBU Tech 3285, in
English, as it is ASCII), ``LIST``/INFO in the language of the export, and XMP with the IPTC digital source type. All of
it is a function of the exhibit, so the same exhibit has the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from restoration import __version__
from restoration.exhibition.exhibit import Exhibit
from restoration.provenance.digital_source_type import digital_source_type
from restoration.provenance.history import SOFTWARE
from restoration.provenance.label import label
from restoration.provenance.picture_canvas import clock
from restoration.sound_files import xmp
from restoration.sound_files.wave_texts import XMP_CHUNK, WaveTexts, write_texts
from restoration.texts import SOURCE_LANGUAGE
from restoration.wave_chunks import Bext, fitted, read_wave

SOURCE_TYPE = "DigitalSourceType"
COLUMNS = {
    "artist": "speaker",
    "date": "recorded_date",
    "copyright": "rights_holder",
    "license": "rights_uri",
    "source": "iiif_base",
}
INFO_NAMES = {
    "INAM": "title",
    "IART": "artist",
    "ICRD": "date",
    "ICMT": "comment",
    "ICOP": "copyright",
    "ISFT": "software",
}
XMP_NAMES = {
    "Identifier": "identifier",
    "Excerpt": "excerpt",
    "LogHead": "log_head",
    "MasterSha256": "master_sha256",
    "Rights": "license",
}


def tags(exhibit: Exhibit, language: str = SOURCE_LANGUAGE) -> dict[str, str]:
    """Names and texts for Vorbis comments and ID3: what the log and the manifest say, and nothing that they do not.

    ``comment`` is the short label, ``description`` the long one. Fields that the manifest leaves blank are missing.

    Raises:
        RestorationError: there are no texts in that language.
    """
    events, item = exhibit.events, exhibit.item
    words = label(events, language)
    told = {"title": title(exhibit)} | {name: str(item.get(column) or "") for name, column in COLUMNS.items()}
    told |= {
        "identifier": exhibit.identifier,
        "excerpt": stretch(exhibit),
        "comment": words.short,
        "description": words.long,
        SOURCE_TYPE: digital_source_type(events),
        "log_head": events[-1]["digest"] if events else "",
        "master_sha256": master_sha256(exhibit),
        "software": f"{SOFTWARE} {__version__}",
    }
    return {name: printable for name, text in told.items() if (printable := _printable(text))}


def title(exhibit: Exhibit) -> str:
    """The title of the item; its identifier where it has none."""
    return _printable(str(exhibit.item.get("title") or "")) or exhibit.identifier


def stretch(exhibit: Exhibit) -> str:
    """Where in the restored sound an excerpt lies: ``0:12.5 – 0:14.0``; empty for a whole item."""
    excerpt = exhibit.excerpt
    return f"{clock(excerpt.start_s, True)} – {clock(excerpt.stop_s, True)}" if excerpt else ""


def master_sha256(exhibit: Exhibit) -> str:
    """Digest of the preservation master's file, as the log has it."""
    found = [event["sha256"] for event in exhibit.events if event["event"] == "extraction"]
    return str(found[-1]) if found else ""


def describe(exhibit: Exhibit, place: Path, language: str = SOURCE_LANGUAGE) -> None:
    """Write the chunks of a broadcast wave file; the other formats have all in their tags.

    The originator of the master stays, and so do its coding history and loudness; description and reference are those
    of the exhibit, for this is another sound.

    Raises:
        BadSoundFile: the file is damaged.
    """
    if exhibit.format != "bwf":
        return
    wave, told = read_wave(place), tags(exhibit, language)
    words = label(exhibit.events)
    old = wave.bext or Bext.make({})
    texts = {"description": f"{title(exhibit)}. {words.short}", "originator_reference": exhibit.identifier}
    if not old.originator:
        texts["originator"] = told["software"]
    facts = {element: told[tag] for element, tag in XMP_NAMES.items() if tag in told}
    packet = xmp.packet(told[SOURCE_TYPE], told["software"], told["comment"], "", facts)
    bext = old.with_texts(fitted(texts))
    # A chunk of an even size needs no padding, which some readers trip over.
    bext = Bext(bext.body + b"\0" * (len(bext.body) % 2))
    info = {name: told[tag] for name, tag in INFO_NAMES.items() if tag in told}
    write_texts(wave, WaveTexts(bext, info, {XMP_CHUNK: packet + b" " * (len(packet) % 2)}))


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
