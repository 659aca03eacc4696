"""The terms of PREMIS 3.0 as the Library of Congress publishes them at id.loc.gov/vocabulary/preservation.

Nothing is given the address of a term that is not in those vocabularies: what they have no word for (a review by a
person, a model that was used) is a term of this software's own, named as such. In particular there is no "quality
review" among the event types.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree

from restoration.provenance.history import Act
from restoration.provenance.xml_text import element

VOCABULARIES = "http://id.loc.gov/vocabulary/preservation/"
OWN = "heritage-voice"


class Term(NamedTuple):
    """A term: ``code`` is the last part of its address, empty for a term of our own."""

    text: str
    code: str = ""


EVENTS = {
    "ingestion": Term("ingestion", "ing"),
    "fixity check": Term("fixity check", "fix"),
    "extraction": Term("extraction", "ext"),
    "measurement": Term("metadata extraction", "mee"),
    "segmentation": Term("metadata extraction", "mee"),
    "map": Term("metadata extraction", "mee"),
    "derivation": Term("creation", "cre"),
    "packing": Term("information package creation", "ipc"),
    "seal": Term("digital signature generation", "dsg"),
    "countersigning": Term("digital signature generation", "dsg"),
    "audit": Term("validation", "val"),
    "export": Term("exporting", "exp"),
    "revocation": Term("policy assignment", "poa"),
    "decision": Term("quality review"),
}
MODIFICATION = Term("modification", "mod")
MEASURED_ONLY = Term("metadata extraction", "mee")
DIGESTED_ONLY = Term("message digest calculation", "mes")

SUCCESS, FAIL = Term("success", "suc"), Term("fail", "fai")
FAILED = ("failed", "mismatch")
SOURCE, OUTCOME = Term("source", "sou"), Term("outcome", "out")
EXECUTING, AUTHORIZER = Term("executing program", "exe"), Term("authorizer", "aut")
SOFTWARE, PERSON = Term("software", "sof"), Term("person", "per")
DERIVATION, STRUCTURAL = Term("derivation", "der"), Term("structural", "str")
HAS_SOURCE, INCLUDED_IN = Term("has Source", "hss"), Term("is Included In", "isi")
SHA256, MD5 = Term("SHA-256", "sha256"), Term("MD5", "md5")
COPYRIGHT, LICENSE, OTHER = Term("copyright", "cop"), Term("license", "lic"), Term("other", "oth")
COPYRIGHTED, PUBLIC_DOMAIN, UNKNOWN = Term("copyrighted", "cpr"), Term("public domain", "pub"), Term("unknown", "unk")


def event_type(act: Act) -> Term:
    """The type of an event.

    Since 2017 a ``modification`` makes a new object. A step that left the sound as it was made none: it measured. A
    check against nothing is the calculation of a digest.
    """
    if act.kind == "step":
        return MEASURED_ONLY if act.results and set(act.results) <= set(act.sources) else MODIFICATION
    if act.kind == "fixity check" and not act.event.get("expected"):
        return DIGESTED_ONLY
    return EVENTS.get(act.kind, Term(act.kind))


def outcome(act: Act) -> Term:
    """Whether an event came to its end: an event is written when something was done, so that most did."""
    return FAIL if act.outcome in FAILED else SUCCESS


def term_element(name: str, vocabulary: str, term: Term) -> ElementTree.Element:
    """The element ``name`` with a term and the address of its vocabulary, or with a term of our own."""
    if not term.code:
        return element(name, text=term.text, authority=OWN)
    place = VOCABULARIES + vocabulary
    return element(name, text=term.text, authority=vocabulary, authorityURI=place, valueURI=f"{place}/{term.code}")
