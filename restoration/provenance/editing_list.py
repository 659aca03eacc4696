"""The editing list of MPAI-CAE Audio Recording Preservation (IEEE 3302), as far as it fits.

It tells of "the speed, equalisation and reading backwards corrections" between a Preservation Audio File, our master,
and the Restored Audio Files, and of nothing else. The names are those of its published semantics (data type Editing
List, CAE-USC V2.1 to V2.4); where text and reference software differ (``OriginalSamplingFrequency`` there,
``OriginalSampleFrequency`` in mpai-cae-arp) it is the text's. The JSON schema itself was not at hand when this was
written: nothing here has been validated against it, and no conformance is claimed.

What fits: one restoration, the production master, from the master's first moment to its last, with the sampling
frequencies; of an open-reel tape speed and equalisation, where they are of the six speeds and three curves that it
knows. Nothing is ever read backwards.

What does not fit: noise, hum, clicks, dropouts, generated bands and levels, which it has no place for; wow, whose
correction is no other speed standard; discs and cylinders, whose speeds are no tape speeds. An Irregularity File is not
written: its semantics ask for a ``TimeReference`` that they do not define, and it has no class for what is found here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from restoration.provenance.file_formats import format_of
from restoration.provenance.history import Act, History, Thing

PLACE = "data/record/editing-list.json"
SPEEDS_IPS = (0.9375, 1.875, 3.75, 7.5, 15, 30)
EQUALISATIONS = {"IEC": "IEC", "IEC1": "IEC1", "CCIR": "IEC1", "IEC/CCIR": "IEC1", "IEC2": "IEC2", "NAB": "IEC2"}
"""As a manifest calls them -> as the editing list does: IEC1 is the former CCIR, IEC2 the former NAB."""
REEL = "open-reel"


def editing_list(history: History) -> str:
    """The editing list of an item: JSON."""
    masters = [thing for thing in history.things.values() if thing.facts.get("role") == "master"]
    told = _original(history.item, masters[0]) if masters else {}
    made = [act for act in history.acts if act.kind == "derivation" and act.event.get("role") == "production master"]
    return _text({**told, "Restorations": [_restoration(history, act, masters[0]) for act in made if masters]})


def _text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _original(item: Mapping[str, str], master: Thing) -> dict[str, Any]:
    rate = format_of(master).sample_rate
    told: dict[str, Any] = {"OriginalSamplingFrequency": rate} if rate else {}
    if REEL not in item.get("carrier_type", ""):
        return told
    speed = next((known for known in SPEEDS_IPS if f"{known:g}" == item.get("speed_ips")), None)
    curve = EQUALISATIONS.get(item.get("eq_standard", ""))
    return {
        **({"OriginalSpeedStandard": speed} if speed else {}),
        **({"OriginalEqualisationStandard": curve} if curve else {}),
        **told,
    }


def _restoration(history: History, act: Act, master: Thing) -> dict[str, Any]:
    """The identifier follows from the event's digest, so that the same log gives the same list."""
    restored = history.things[act.results[0]]
    return {
        "RestorationID": str(uuid5(NAMESPACE_URL, f"urn:sha256:{act.digest}")),
        "PreservationAudioFileStart": time_label(0),
        "PreservationAudioFileEnd": time_label(format_of(master).duration_s or 0),
        "RestoredAudioFileURI": quote(restored.identifier.replace("data/", "../", 1)),
        "ReadingBackwards": False,
        "AppliedSamplingFrequency": format_of(restored).sample_rate,
    }


def time_label(seconds: float) -> str:
    """A Time Label: ``hh:mm:ss.mmm``."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"
