"""An XMP packet that says in the words of the IPTC how a sound came to be (ISO 16684-1; IPTC Photo Metadata 2025.1).

``Iptc4xmpExt:DigitalSourceType`` is what other programs look for; ``hv:Origin`` holds all that we know, as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
OWN = "urn:heritage-voice:origin:1.0#"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="{iptc}" xmlns:hv="{own}">
   <Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>
   <xmp:CreatorTool>{software}</xmp:CreatorTool>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{notice}</rdf:li></rdf:Alt></dc:description>
{own_elements}  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def packet(source_type: str, software: str, notice: str, origin: str, facts: Mapping[str, str] | None = None) -> bytes:
    """The packet, in UTF-8; what XML cannot hold of a text is left out.

    Args:
        source_type: the term of the IPTC.
        software: what made the sound.
        notice: for people.
        origin: JSON of ASCII letters; blank for none.
        facts: further elements of our own, by names of ASCII letters.
    """
    own = {"Origin": origin, **(facts or {})}
    lines = [f"   <hv:{name}>{_readable(text)}</hv:{name}>\n" for name, text in own.items() if text]
    texts = {"source_type": source_type, "software": software, "notice": notice}
    readable = {name: _readable(text) for name, text in texts.items()}
    return _PACKET.format(iptc=IPTC, own=OWN, own_elements="".join(lines), **readable).encode("utf-8")


def _readable(text: str) -> str:
    return escape("".join(letter for letter in text if letter.isprintable()))


def fact_in(body: bytes, name: str) -> str | None:
    """One of our own elements in a packet."""
    return _element(body, f"{{{OWN}}}{name}")


def origin_in(body: bytes) -> str | None:
    """The JSON of ``hv:Origin`` in a packet; None where it is not one of ours."""
    return _element(body, f"{{{OWN}}}Origin")


def source_type_in(body: bytes) -> str | None:
    """The IPTC digital source type in a packet."""
    return _element(body, f"{{{IPTC}}}DigitalSourceType")


def _element(body: bytes, name: str) -> str | None:
    try:
        # The byte order mark inside the first instruction is the standard's; zeros may pad a packet.
        root = ElementTree.fromstring(body.rstrip(b"\0"))
    except ElementTree.ParseError:
        return None
    found = root.find(f".//{name}")
    return found.text if found is not None else None
