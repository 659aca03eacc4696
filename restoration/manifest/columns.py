"""The columns of a manifest: what each means and may hold. The check, the schema and the guide are made from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from restoration.manifest import vocabularies as terms
from restoration.manifest.dates import date_fault, day_fault
from restoration.manifest.identifiers import identifier_doubt, identifier_fault
from restoration.manifest.languages import language_doubt, language_fault, language_tag
from restoration.manifest.places import file_doubt, file_fault, normal_file
from restoration.manifest.rules import (
    EMPTY_MD5,
    EMPTY_SHA256,
    SPEEDS_IPS,
    Rule,
    digest_rule,
    duration_fault,
    in_case_of,
    one_of,
    recorded_doubt,
    rights_doubt,
    scope_doubt,
    speed_ips_fault,
    speed_rpm_fault,
    uri_fault,
    usually,
)
from restoration.manifest.table import clean


@dataclass(frozen=True)
class Column:
    """One column.

    ``fault`` gives the sentence of what is wrong in a cell that is not blank, ``doubt`` of what is unusual, ``normal``
    its normal form. ``terms`` are its vocabulary, which is ``closed`` or only usual; ``pattern`` is for the schema.
    """

    name: str
    meaning: str
    example: str
    required: bool = False
    fault: Rule | None = None
    doubt: Rule | None = None
    normal: Callable[[str], str] = str
    terms: tuple[str, ...] = ()
    closed: bool = False
    pattern: str | None = None

    def normalised(self, cell: str) -> str:
        """A good cell in its normal form; blank if it is blank."""
        text = clean(cell)
        return self.normal(text) if text else ""


def _plain(name: str, meaning: str, example: str) -> Column:
    return Column(name, meaning, example)


def _termed(
    name: str, meaning: str, vocabulary: tuple[str, ...], required: bool = False, closed: bool = False
) -> Column:
    return Column(
        name,
        meaning,
        example=vocabulary[0],
        required=required,
        fault=one_of(vocabulary) if closed else None,
        doubt=None if closed else usually(vocabulary),
        normal=in_case_of(vocabulary),
        terms=vocabulary,
        closed=closed,
    )


def _dated(name: str, meaning: str, example: str) -> Column:
    doubt = recorded_doubt if name == "recorded_date" else None
    return Column(name, meaning, example, fault=date_fault, doubt=doubt)


def _day(name: str, meaning: str, example: str) -> Column:
    return Column(name, meaning, example, fault=day_fault, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


def _uri(name: str, meaning: str, example: str, required: bool = False, doubt: Rule | None = None) -> Column:
    return Column(name, meaning, example, required, uri_fault, doubt, pattern=r"^https?://\S+$")


def _digest(name: str, meaning: str, letters: int, empty: str) -> Column:
    pattern = f"^[0-9a-fA-F]{{{letters}}}$"
    example = ("9f86d081884c7d65" * 4)[:letters]
    return Column(name, meaning, example, fault=digest_rule(letters, empty), normal=str.lower, pattern=pattern)


COLUMNS: tuple[Column, ...] = (
    Column(
        "identifier",
        "Name of the item, which becomes the name of its folder. Text, not a number: leading zeros stay",
        "00471-A",
        required=True,
        fault=identifier_fault,
        doubt=identifier_doubt,
        pattern=r"^[^./\\\s<>:\"|?*-][^/\\<>:\"|?*]{0,119}$",
    ),
    Column(
        "file",
        "The preservation master: a path below the root folder, which is the folder of the manifest or --root",
        "side_a/00471-A.wav",
        required=True,
        fault=file_fault,
        doubt=file_doubt,
        normal=normal_file,
    ),
    _digest("sha256", "SHA-256 of the file, in either case; may be blank where md5 is given", 64, EMPTY_SHA256),
    _digest("md5", "MD5 of the file, as some vendors deliver it", 32, EMPTY_MD5),
    Column("title", "What a catalogue would call it", "Interview with a lighthouse keeper", required=True),
    _termed("carrier_type", "What the sound was on", terms.CARRIER_TYPES, required=True),
    _termed(
        "generation", "Which copy in the line from the microphone the carrier was", terms.GENERATIONS, required=True
    ),
    Column(
        "language",
        "Language of the speech, as a BCP 47 tag; “mul” for several",
        "da",
        required=True,
        fault=language_fault,
        doubt=language_doubt,
        normal=language_tag,
    ),
    _uri(
        "rights_uri",
        "Rights in the recording: a statement of rightsstatements.org or a licence of creativecommons.org",
        "http://rightsstatements.org/vocab/InC/1.0/",
        required=True,
        doubt=rights_doubt,
    ),
    _termed(
        "voice_consent",
        "Consent to the use of the voice itself, which is not the same as rights in the recording",
        terms.VOICE_CONSENTS,
        required=True,
        closed=True,
    ),
    _plain("consent_ref", "Where the consent is kept; needed for “recorded” and “estate”", "letter of 12 March 2019"),
    Column(
        "consent_scope",
        "What may be made of the voice, for “not-required” too. Each term allows those before it; blank or in other "
        "words it grants nothing for voices",
        "voice model",
        doubt=scope_doubt(terms.CONSENT_SCOPES),
        normal=in_case_of(terms.CONSENT_SCOPES),
        terms=terms.CONSENT_SCOPES,
    ),
    _plain("consent_given_by", "Who gave the consent", "Karen Holm, daughter"),
    _day("consent_from", "First day of the consent; blank where it has no beginning", "2019-03-12"),
    _day("consent_until", "Last day of the consent; blank where it has no end", "2039-03-11"),
    _digest("consent_document_sha256", "SHA-256 of the document of the consent", 64, EMPTY_SHA256),
    _plain("recipe", "The recipe for this item; blank for the one given for the run", "broadcast_tape"),
    _plain("rights_holder", "Who holds the rights in the recording", "Harbour Museum"),
    _dated("recorded_date", "When it was recorded, in EDTF", "1958~"),
    _plain("speaker", "Who speaks", "Maria Holm"),
    _uri("speaker_uri", "The speaker in an authority file", "https://viaf.org/viaf/12345"),
    Column(
        "speed_ips",
        "Tape speed in inches a second",
        "7.5",
        fault=speed_ips_fault,
        normal=lambda text: f"{float(text):g}",
        terms=tuple(f"{speed:g}" for speed in SPEEDS_IPS),
        closed=True,
    ),
    Column("speed_rpm", "Speed of a disc or cylinder in revolutions a minute", "78.26", fault=speed_rpm_fault),
    _termed("track_configuration", "Which tracks the carrier has", terms.TRACK_CONFIGURATIONS),
    _termed("sound_field", "What the channels are to each other", terms.SOUND_FIELDS),
    _termed("eq_standard", "Equalisation it was recorded with", terms.EQUALISATIONS),
    _termed("noise_reduction", "Noise reduction it was recorded with", terms.NOISE_REDUCTIONS),
    _plain("operating_level", "Reference level of the transfer", "+4 dBu"),
    _plain("face", "Face of a tape, disc or cassette", "1"),
    _plain("side", "Side of a disc or cassette", "A"),
    _plain("region", "Region of a face, where speed or tracks change on it", "2"),
    _plain("part", "Part of a recording that goes over several carriers", "1 of 3"),
    Column(
        "duration",
        "Milliseconds, or hh:mm:ss.mmm",
        "00:04:19.847",
        fault=duration_fault,
        pattern=r"^([0-9]{1,10}|[0-9]{1,3}:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?)$",
    ),
    _termed("format", "What the file is", terms.FORMATS),
    _plain("condition_pre", "State of the carrier before the transfer", "good, slight edge damage"),
    _plain("condition_notes", "More about its state", "splices at 3:10 and 7:45"),
    _dated("cleaned_date", "When the carrier was cleaned, in EDTF", "2019-03-11"),
    _dated("baked_date", "When the tape was baked, in EDTF", "2019-03-12"),
    _plain("stock", "Maker and type of the tape or disc", "BASF LGR 50"),
    _plain("tape_thickness", "Thickness of the tape, with its unit", "1.5 mil"),
    _plain("playback_device", "Maker, model and serial number of the player", "Studer A807, SN 1204"),
    _plain("adc", "Maker, model and serial number of the converter", "Lynx Aurora, SN 88"),
    _plain("capture_software", "Software of the transfer, with its version", "Wavelab 10.0.70"),
    _plain("operator", "Who made the transfer", "J. Berg"),
    _dated("digitized_date", "When it was digitised, in EDTF", "2019-03-13"),
    _plain("digitizing_entity", "Who had it digitised", "Harbour Museum"),
    _plain("signal_notes", "What was heard during the transfer", "print-through; hum before the first splice"),
    _termed("access_level", "Who may hear it", terms.ACCESS_LEVELS),
    _plain(
        "tk_label", "Traditional Knowledge label; bars voice models unless consent is recorded", "TK Community Voice"
    ),
    _plain(
        "community_protocol", "Community's protocol; bars voice models unless consent is recorded", "ask the elders"
    ),
    _termed("priority", "How soon it is wanted", terms.PRIORITIES),
    _uri(
        "iiif_base",
        "Address below which bags are published, each under its identifier; the ids of the IIIF manifest begin with it",
        "https://sound.example.org/bags",
    ),
    _plain("notes", "Anything else", "gift of the family"),
)
BY_NAME = {column.name: column for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)

OTHER_NAMES = {
    "id": "identifier",
    "barcode": "identifier",
    "call_number": "identifier",
    "filename": "file",
    "file_name": "file",
    "path": "file",
    "checksum": "sha256",
    "sha_256": "sha256",
    "md5sum": "md5",
    "lang": "language",
    "carrier": "carrier_type",
    "medium": "carrier_type",
    "date": "recorded_date",
    "rights": "rights_uri",
    "license": "rights_uri",
    "licence": "rights_uri",
    "consent": "voice_consent",
    "speed": "speed_ips",
    "tracks": "track_configuration",
    "equalization": "eq_standard",
    "equalisation": "eq_standard",
    "interviewee": "speaker",
}
"""What people call some of our columns: offered as a suggestion, never taken by itself."""
