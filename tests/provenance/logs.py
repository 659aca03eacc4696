"""Logs for the tests of the exports: real ones, and one with all that is hard to say."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from restoration.provenance.digital_source_type import COMPOSITE
from restoration.record import Event, Record

HOSTILE = "A <b>&\"'</b> \x01\x1f\r\n\t]]> \ufffe 50 % é 录音"
"""A title that a catalogue may hold and XML, JSON and HTML may not."""
ITEM = {
    "identifier": "00471-A",
    "file": "side a/00471-A.wav",
    "title": HOSTILE,
    "language": "da",
    "carrier_type": "quarter-inch open-reel audio",
    "generation": "original",
    "speed_ips": "7.5",
    "eq_standard": "NAB",
    "recorded_date": "1958~",
    "speaker": "Maria Holm",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "rights_holder": "Harbour Museum",
    "access_level": "on-site",
    "voice_consent": "recorded",
    "consent_ref": "letter of 12 March 2019",
    "consent_scope": "voice model",
    "consent_given_by": "Karen Holm, daughter",
    "consent_from": "2019-03-12",
    "consent_until": "2039-03-11",
    "consent_document_sha256": "ab" * 32,
    "tk_label": "TK Community Voice",
    "iiif_base": "https://sound.example.org/bags",
}
BLANK = {"identifier": "00471-A", "file": "00471-A.wav", "title": "", "rights_uri": "", "voice_consent": ""}
"""An item of which the manifest says as little as can be."""
MASTER = "00471 100%\n.wav"
HISTORY = "A=ANALOG,M=Mono,T=Studer A807;SN1204;7.5 ips,\r\nA=PCM,F=96000,W=24,M=Mono,T=Lynx Aurora;SN88;A/D,\r\n"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hard_log(path: Path, item: dict[str, str] | None = None) -> list[Event]:
    """A failed step and the run that followed, steps left out, a band that was generated, and a person's decision."""
    record = Record(path)
    _begin(record, item or ITEM)
    _steps(record)
    _segments(record)
    _files(record)
    record.append("fixity check", when="after", file=MASTER, outcome="match", expected=_DIGESTS, found=_DIGESTS)
    record.append("packing", files=["data/access/a.opus"], treatment_key=sha("key"))
    record.append("decision", by="A. <Karimova>", about="recipe", reason="The voice is kept. \x02", chosen="mine")
    record.append("seal", head=record.head, upto=len(record.events), key="ab", public_key="", signature="")
    return record.events


_DIGESTS = {"sha256": sha("master file"), "md5": hashlib.md5(b"master file").hexdigest()}


def _begin(record: Record, item: dict[str, str]) -> None:
    recipe = {"name": "broadcast_tape", "purpose": "Speech on tape.", "version": "4", "digest": sha("recipe")}
    software = {"python": "3.11.7", "heritage-voice": "0.1.0", "numpy": "2.4.6"}
    record.append("ingestion", item=item, recipe=recipe, software=software, agent="restoration run")
    record.append("fixity check", when="before", file=MASTER, outcome="match", expected={}, found=_DIGESTS)
    form = {"container": "BWF", "codec": "PCM", "bits": 24, "channels": 1, "sample_rate": 96000, "frames": 9600000}
    record.append(
        "extraction",
        file=MASTER,
        bytes=28800702,
        sha256=_DIGESTS["sha256"],
        result=sha("master"),
        warnings=[],
        format={**form, "puid": "fmt/704", "duration_s": 100.0, "coding_history": HISTORY, "chunks": [], "bext": None},
    )
    record.append("measurement", when="before", source=sha("master"), measures={"sample_rate": 96000, "channels": 1})


def _steps(record: Record) -> None:
    step: dict[str, Any] = {"about": "Does something.", "weights": {}, "device": "cpu", "generates": "nothing"}

    def took(name: str, source: str, result: str, outcome: str, **more: Any) -> None:
        said = {"reason": f"{name} <was> {outcome}.", "started": "2026-03-01T10:00:00.000+00:00", "parameters": {}}
        fields = {**step, **said, "findings": {}, "version": "1", **more}
        record.append("step", name=name, source=sha(source), result=sha(result), outcome=outcome, **fields)

    took("remove_dc", "master", "clean", "treated", position=1, parameters={"text": HOSTILE, "least_dbfs": -70.0})
    took("restore_clipped", "clean", "clean", "failed", position=2, parameters={"soft": True})
    took("restore_clipped", "clean", "clean", "left out", position=2, parameters={"soft": True, "none": None})
    nets = {"weights": {"denoiser": sha("denoiser"), "voice <1>": sha("voice")}}
    took("reduce_noise", "clean", "quiet", "treated", position=3, **nets)
    band = {"findings": {"generated_band_hz": [4123.0, 8000.0]}, "generates": "band", "weights": {"net": sha("net")}}
    took("extend_band", "quiet", "restored", "treated", position=4, **band)
    record.append("measurement", when="after", source=sha("restored"), measures={"sample_rate": 96000, "channels": 1})


def _segments(record: Record) -> None:
    said = [{"start_s": 3.25 * n, "end_s": 3.25 * n + 3, "speaker": f"speaker {n % 2 + 1}"} for n in range(4)]
    models = {"silero-vad": sha("vad")}
    record.append("segmentation", source=sha("restored"), parameters={"pad_s": 0.1}, models=models, segments=said)
    record.append("map", source=sha("restored"), result=sha("map"), figures={}, steps=[])


def _files(record: Record) -> None:
    sounds = {
        "data/restored/00471-A_restored.wav": ("production master", "restored", "BWF", 96000, {"dither_seed": 471}),
        "data/restored/00471-A_residual.wav": ("residual", "restored", "BWF", 96000, {"gain_db": 0.0}),
        "data/access/00471-A_restored.opus": ("access copy", "restored", "Ogg Opus", 48000, {"gain_db": 0.2}),
        "data/access/00471-A_untreated.opus": ("access copy", "master", "Ogg Opus", 48000, {"gain_db": 0.5}),
        "data/access/00471-A_removed.opus": ("access copy", "master", "Ogg Opus", 48000, {"gain_db": 0.5}),
    }
    for file, (role, source, container, rate, parameters) in sounds.items():
        form = {"container": container, "sample_rate": rate, "frames": rate * 100, "data_md5": None}
        about = {"role": role, "source": sha(source), "parameters": parameters, "digital_source_type": COMPOSITE}
        record.append("derivation", file=file, format=form, sha256=sha(file), bytes=4711, **about)
    for file, role in (("data/speech/00471-A.vtt", "segments"), ("data/map/00471-A_map.json", "map")):
        about = {"role": role, "source": sha("restored"), "parameters": {}}
        record.append("derivation", file=file, sha256=sha(file), bytes=47, **about)
