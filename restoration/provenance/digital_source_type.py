"""The IPTC digital source type of a treated sound: how much of it a machine made.

One step that generates marks everything downstream of it: the strongest class of the chain wins, and no later step can
weaken it. Definitions: IPTC NewsCodes, Digital Source Type.
"""

from __future__ import annotations

from collections.abc import Sequence

from restoration.provenance.generated import generates, treated_steps
from restoration.record import Event
from restoration.texts import SOURCE_LANGUAGE, catalogue

VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"

CAPTURED = VOCABULARY + "digitalCapture"
ENHANCED = VOCABULARY + "algorithmicallyEnhanced"
COMPOSITE = VOCABULARY + "compositeWithTrainedAlgorithmicMedia"
SYNTHETIC = VOCABULARY + "trainedAlgorithmicMedia"

FROM_WEAK_TO_STRONG = (CAPTURED, ENHANCED, COMPOSITE, SYNTHETIC)
CLASS_OF = {"nothing": ENHANCED, "band": COMPOSITE, "gap": COMPOSITE, "voice": SYNTHETIC}


def in_words(source_type: str, language: str = SOURCE_LANGUAGE) -> str:
    """What a term says to a reader; the term itself where it is not one of those above."""
    if source_type not in FROM_WEAK_TO_STRONG:
        return source_type
    return catalogue(language).text(f"label.source_type.{source_type.removeprefix(VOCABULARY)}")


IN_WORDS = {source_type: in_words(source_type) for source_type in FROM_WEAK_TO_STRONG}


def class_of(generated: str) -> str:
    """The class of a step by what it generates; a kind that is not known counts as the strongest."""
    return CLASS_OF.get(generated, SYNTHETIC)


def digital_source_type(events: Sequence[Event]) -> str:
    """The IPTC URI of what the steps of a log made of the master; a log without a treated step is a capture."""
    classes = [CAPTURED, *(class_of(generates(step)) for step in treated_steps(events))]
    return max(classes, key=FROM_WEAK_TO_STRONG.index)
