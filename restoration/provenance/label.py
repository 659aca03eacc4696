"""The text beside an exhibit: what was done to this sound, in one line and in one paragraph.

Every clause comes from an event. A step that was left out, or failed, is not named; nothing is called unchanged unless
a fixity check found it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restoration.provenance.condition_words import measures_of
from restoration.provenance.figures import figure
from restoration.provenance.generated import generated_sentence, generates, treated_steps
from restoration.record import Event

# Step names begin with a verb; a verb that is not here is shown as the step is called.
PARTICIPLES = {
    "add": "added",
    "align": "aligned",
    "change": "changed",
    "correct": "corrected",
    "cut": "cut",
    "extend": "extended",
    "fill": "filled",
    "reduce": "reduced",
    "remove": "removed",
    "repair": "repaired",
    "replace": "replaced",
    "restore": "restored",
    "set": "set",
    "straighten": "straightened",
    "trim": "trimmed",
}
ALONE = {
    "equalise": "tone equalised",
    "limit": "peaks limited",
    "resample": "sample rate converted",
    "declick": "clicks removed",
    "denoise": "noise reduced",
}
OBJECTS = {"dc": "DC offset", "hum": "mains hum", "set level": "loudness"}
FIGURES_TOLD = ("noise_floor_dbfs", "snr_db", "hum_dbfs", "clicks_per_s", "bandwidth_hz", "loudness_lufs")


@dataclass(frozen=True)
class Label:
    """``short``: a sentence or two for the wall; ``long``: a paragraph for the catalogue."""

    short: str
    long: str


def step_words(name: str) -> str:
    """What a step did, from its name: ``reduce_noise`` is "noise reduced"."""
    if name in ALONE:
        return ALONE[name]
    verb, _, rest = name.partition("_")
    if verb not in PARTICIPLES or not rest:
        return name.replace("_", " ")
    thing = OBJECTS.get(f"{verb} {rest}") or OBJECTS.get(rest) or rest.replace("_", " ")
    return f"{thing} {PARTICIPLES[verb]}"


def label(events: Sequence[Event]) -> Label:
    """The label of the item that the log is about."""
    steps = treated_steps(events)
    if not steps:
        return Label("Not treated.", "The transfer is presented as it is: no treatment was carried out.")
    short = _short(steps)
    sentences = [short, *_changes(events), *_kept(events)]
    return Label(short, " ".join(sentences))


def _short(steps: Sequence[Event]) -> str:
    plain = _joined([step_words(step["name"]) for step in steps if generates(step) == "nothing"])
    made = [generated_sentence(step) for step in steps if generates(step) != "nothing"]
    return " ".join([f"{_capital(plain)}."] * bool(plain) + made)


def _changes(events: Sequence[Event]) -> list[str]:
    before, after = measures_of(events, "before"), measures_of(events, "after")
    names = {"noise_floor_dbfs": "noise floor", "snr_db": "signal-to-noise ratio", "hum_dbfs": "mains hum"}
    names |= {"clicks_per_s": "clicks", "bandwidth_hz": "bandwidth", "loudness_lufs": "loudness"}
    if any(generates(step) != "nothing" for step in treated_steps(events)):
        names["bandwidth_hz"] = "bandwidth, with what was generated,"
    told = []
    for key in FIGURES_TOLD:
        first, last = before.get(key), after.get(key)
        if first is None or last is None or figure(key, first) == figure(key, last):
            continue
        told.append(f"{names[key]} from {figure(key, first)} to {figure(key, last)}")
    return [f"Measured before and after: {'; '.join(told)}."] if told else []


def _kept(events: Sequence[Event]) -> list[str]:
    kept = []
    if any(event["event"] == "derivation" and event.get("role") == "residual" for event in events):
        kept.append("Everything that was removed is kept beside it as a residual.")
    checks = [event for event in events if event["event"] == "fixity check" and event.get("when") == "after"]
    if checks and all(check.get("outcome") == "match" for check in checks):
        kept.append("The preservation master was checked after the treatment and is unchanged.")
    return kept


def _joined(clauses: Sequence[str]) -> str:
    return clauses[0] if len(clauses) == 1 else ", ".join(clauses[:-1]) + " and " + clauses[-1] if clauses else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
