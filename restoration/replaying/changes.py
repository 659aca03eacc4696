"""What decides a sound and is another here than it was when the treatment was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from restoration.errors import BadRecipe
from restoration.provenance.generated import treated_steps
from restoration.provenance.software import software_versions
from restoration.recipe import step_kind
from restoration.record import Event
from restoration.replaying.treated_bag import TreatedBag
from restoration.sound_map import confidence

Changed = dict[str, tuple[str, str]]
ABSENT = "none"
MAY_DO = {
    "heritage-voice": "anything: the steps themselves may be others",
    "python": "nothing that is known",
    "machine": "sums in another order: differences far below the last bit of the file, but not none",
    "numpy": "sums and transforms in another order",
    "scipy": "filters and transforms whose last bits differ",
    "soundfile": "other samples from MP3, Opus and FLAC masters, and other bytes of access copies",
    "soxr": "another resampling, heard first in the access copies",
    "resampy": "another interpolation where the time axis was moved",
    "noisereduce": "another spectral gate",
    "pedalboard": "other filters and limiters",
    "voicefixer": "another generated band",
    "torch": "networks whose last bits differ",
    "onnxruntime": "networks whose last bits differ",
    "nara-wpe": "another removal of reverberation",
    "numba": "another interpolation where the time axis was moved",
    "pillow": "other bytes of pictures, and no other sound",
    "mutagen": "other bytes of tags, and no other sound",
    "libsndfile": "other bytes of sound files, and another sound of those that were compressed",
    "linear algebra": "the last bits of a sound",
    "silero-vad": "nothing here: the segments are taken from the log",
    "map calibration": "another confidence in the map, and no other sound",
}


def software_changed(bag: TreatedBag) -> Changed:
    """Name -> what the log says, what is here; of packages, of steps (``step remove_hum``), and of the calibration.

    What the log does not name is not compared.
    """
    here = software_versions()
    said: Mapping[str, str] = bag.one("ingestion")["software"]
    changed = {name: (str(then), here.get(name, ABSENT)) for name, then in said.items() if here.get(name) != then}
    return changed | _steps(bag.events) | _calibration(bag.events)


def changes_sentence(changed: Changed) -> str:
    """What is another version here, and what that may do; empty where nothing is."""
    told = [f"{name} {then} then, {now} here ({_may_do(name)})" for name, (then, now) in changed.items()]
    return f"Changed since the treatment: {'; '.join(told)}." if told else ""


def _may_do(name: str) -> str:
    if name.startswith("step "):
        return "another sound from the same findings: that is what the version of a step says"
    return MAY_DO.get(name, "what it may do is not known")


def _steps(events: Sequence[Event]) -> Changed:
    found: Changed = {}
    for event in treated_steps(events):
        try:
            here = str(step_kind(event["name"]).version)
        except BadRecipe:
            here = ABSENT
        if here != event["version"]:
            found[f"step {event['name']}"] = (str(event["version"]), here)
    return found


def _calibration(events: Sequence[Event]) -> Changed:
    tables = {(event.get("map") or {}).get("confidence", {}).get("calibration") for event in treated_steps(events)}
    others = sorted(tables - {None, confidence.digest()})
    return {"map calibration": (others[0][:12], confidence.digest()[:12])} if others else {}
