"""The text beside an exhibit: what was done to this sound, in one line, in one paragraph, and to be read out.

Every clause comes from an event. A step that was left out, or failed, is not named; nothing is called unchanged unless
a fixity check found it so. The words are those of ``restoration/texts``, table ``label``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restoration.provenance.condition_words import measures_of
from restoration.provenance.generated import generated_sentence, generates, spoken_generated_sentence, treated_steps
from restoration.provenance.local_figures import local_figure
from restoration.record import Event
from restoration.texts import SOURCE_LANGUAGE, Catalogue, catalogue

FIGURES_TOLD = ("noise_floor_dbfs", "snr_db", "hum_dbfs", "clicks_per_s", "bandwidth_hz", "loudness_lufs")
NOT_READ_OUT = {"limit", "remove_dc", "resample", "set_level"}
"""Steps that nobody hears the work of: read out only where there was no other."""


@dataclass(frozen=True)
class Label:
    """``short``: a sentence or two for the wall; ``long``: a paragraph for the catalogue."""

    short: str
    long: str


def step_words(name: str, language: str = SOURCE_LANGUAGE) -> str:
    """What a step did, from its name: ``reduce_noise`` is "noise reduced"; one without words is called by its name."""
    texts = catalogue(language)
    key = f"label.step.{name}"
    return texts.text(key) if key in texts.texts else texts.text("label.step.unnamed", name=name.replace("_", " "))


def label(events: Sequence[Event], language: str = SOURCE_LANGUAGE) -> Label:
    """The label of the item that the log is about.

    Raises:
        RestorationError: there are no texts in that language.
    """
    texts, steps = catalogue(language), treated_steps(events)
    if not steps:
        return Label(texts.text("label.short_untreated"), texts.text("label.long_untreated"))
    short = _short(steps, texts)
    sentences = [short, *_changes(events, texts), *_kept(events, texts)]
    return Label(short, " ".join(sentences))


def spoken_notice(events: Sequence[Event], language: str = SOURCE_LANGUAGE) -> str:
    """What is read out before the sound: what a hearer would hear of, and everything that was generated.

    Raises:
        RestorationError: there are no texts in that language.
    """
    texts, steps = catalogue(language), treated_steps(events)
    if not steps:
        return texts.text("label.spoken_untreated")
    plain = [step["name"] for step in steps if generates(step) == "nothing"]
    heard = [name for name in plain if name not in NOT_READ_OUT]
    made = [spoken_generated_sentence(step, language) for step in steps if generates(step) != "nothing"]
    if not plain:
        return " ".join([texts.text("label.spoken_made"), *made])
    clauses = _joined([step_words(name, language) for name in heard or plain], texts)
    return " ".join([texts.text("label.spoken_restored", clauses=clauses), *made])


def _short(steps: Sequence[Event], texts: Catalogue) -> str:
    plain = [step_words(step["name"], texts.language) for step in steps if generates(step) == "nothing"]
    made = [generated_sentence(step, texts.language) for step in steps if generates(step) != "nothing"]
    return " ".join([f"{_capital(_joined(plain, texts))}."] * bool(plain) + made)


def _changes(events: Sequence[Event], texts: Catalogue) -> list[str]:
    before, after = measures_of(events, "before"), measures_of(events, "after")
    made = any(generates(step) != "nothing" for step in treated_steps(events))
    told = []
    for key in FIGURES_TOLD:
        if before.get(key) is None or after.get(key) is None:
            continue
        first, last = (local_figure(key, measures[key], texts.language) for measures in (before, after))
        if first != last:
            named = "bandwidth_generated" if made and key == "bandwidth_hz" else key
            what = texts.text(f"label.measure.{named}")
            told.append(texts.text("label.change", what=what, before=first, after=last))
    return [texts.text("label.measured", changes="; ".join(told))] if told else []


def _kept(events: Sequence[Event], texts: Catalogue) -> list[str]:
    kept = []
    if any(event["event"] == "derivation" and event.get("role") == "residual" for event in events):
        kept.append(texts.text("label.residual_kept"))
    checks = [event for event in events if event["event"] == "fixity check" and event.get("when") == "after"]
    if checks and all(check.get("outcome") == "match" for check in checks):
        kept.append(texts.text("label.master_unchanged"))
    return kept


def _joined(clauses: Sequence[str], texts: Catalogue) -> str:
    if len(clauses) < 2:
        return "".join(clauses)
    return texts.text("label.last_of_a_list", first=", ".join(clauses[:-1]), last=clauses[-1])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
