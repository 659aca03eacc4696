"""A realistic event log, written by ``Record`` as the treatment writes it: seven steps, of which two are left out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from restoration.record import Event, Record

BEFORE = {
    "noise_floor_dbfs": -41.23,
    "snr_db": 18.31,
    "peak_dbfs": -1.94,
    "true_peak_dbtp": -1.71,
    "loudness_lufs": -24.6,
    "loudness_range_lu": 11.2,
    "dc_offset": [0.0123],
    "hum_hz": 50.02,
    "hum_dbfs": -47.8,
    "clicks_per_s": 3.41,
    "clipped_share": 0.00012,
    "clipped_runs": 7,
    "bandwidth_hz": 4123.0,
    "channel_correlation": None,
    "dropouts_per_min": 0.4,
    "digital_silence_share": 0.0,
    "duration_s": 245.37,
    "sample_rate": 96000,
    "channels": 1,
}
AFTER = {
    **BEFORE,
    "noise_floor_dbfs": -63.87,
    "snr_db": 40.12,
    "peak_dbfs": -3.01,
    "true_peak_dbtp": -2.94,
    "loudness_lufs": -23.1,
    "dc_offset": [0.0],
    "hum_hz": None,
    "hum_dbfs": -88.2,
    "clicks_per_s": 0.05,
    "bandwidth_hz": 11873.0,
}
ITEM = {
    "identifier": "00471",
    "file": "tapes/00471_side_a.wav",
    "title": "Interview with a lighthouse keeper",
    "speaker": "Maria Holm",
    "language": "da",
    "recorded_date": "1958~",
    "carrier_type": "quarter-inch open-reel audio",
    "generation": "original",
    "speed_ips": "7.5",
    "track_configuration": "half-track mono",
    "rights_uri": "http://rightsstatements.org/vocab/InC/1.0/",
    "voice_consent": "estate",
    "consent_ref": "letter of 12 March 2019",
    "condition_notes": "splices at 3:10 and 7:45",
}
HISTORY = (
    "A=ANALOGUE,M=mono,T=Studer A807;SN1204;7.5 ips;Open Reel Audio Tape,\r\n"
    "A=PCM,F=96000,W=24,M=mono,T=Lynx Aurora;SN88;A/D\r\nbaked for eight hours\r\n"
)
MASTER_SOUND = "master sound"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


STEPS: list[dict[str, Any]] = [
    {
        "name": "remove_dc",
        "about": "Remove a constant offset.",
        "findings": {"needed": True, "reason": "The samples lie 0.0123 above zero.", "offset": [0.0123]},
    },
    {
        "name": "remove_hum",
        "about": "Remove mains hum and its harmonics.",
        "parameters": {"mains_hz": None, "harmonics": 12},
        "findings": {
            "needed": True,
            "reason": "Hum at 50.02 Hz lies 6.6 dB above the noise floor.",
            "hum_hz": 50.02,
            "drift_hz": 0.03,
            "levels_dbfs": [-47.8, -55.2, -51.4],
        },
    },
    {
        "name": "repair_dropouts",
        "about": "Repair dropouts of the tape.",
        "findings": {"needed": False, "reason": "Only 0.4 dropouts per minute were found."},
        "outcome": "left out",
    },
    {
        "name": "remove_clicks",
        "about": "Remove clicks by autoregressive interpolation.",
        "parameters": {"max_click_ms": 3.0, "order": 32},
        "findings": {"needed": True, "reason": "There are 3.41 clicks per second.", "clicks": 837},
    },
    {
        "name": "reduce_noise",
        "about": "Reduce steady noise, by a profile taken where nobody speaks.",
        "parameters": {"reduction_db": 18.0},
        "findings": {
            "needed": True,
            "reason": "The noise floor of -41.2 dBFS is high for speech.",
            "profile": [round(-60 - place / 10, 2) for place in range(1025)],
            "profile_s": 12.6,
        },
    },
    {
        "name": "extend_band",
        "about": "Generate the upper frequencies that the recording lacks.",
        "parameters": {"strength": 0.8},
        "findings": {
            "needed": True,
            "reason": "Speech ends at 4.1 kHz.",
            "recorded_bandwidth_hz": 4123.0,
            "generated_band_hz": [4123.0, 12000.0],
        },
        "generates": "band",
        "weights": {"band_net": digest("weights of band_net")},
    },
    {
        "name": "limit",
        "about": "Limit peaks.",
        "findings": {"needed": False, "reason": "The true peak of -2.9 dBTP is below the ceiling."},
        "outcome": "left out",
    },
]


def write_log(path: Path, **item: str) -> list[Event]:
    """The whole log of one item; ``item`` replaces fields of its manifest row."""
    record = Record(path)
    _begin(record, {**ITEM, **item})
    restored = _steps(record)
    record.append("measurement", when="after", source=restored, measures=AFTER)
    _speech(record, restored)
    _files(record, restored)
    record.append("fixity check", when="after", **_fixity())
    record.append("packing", files=9, oxum="104857600.9")
    return record.events


def _begin(record: Record, item: dict[str, str]) -> None:
    record.append(
        "ingestion",
        item=item,
        recipe={"name": "broadcast_tape", "purpose": "Speech on open-reel tape.", "digest": digest("recipe")},
        software={"heritage-voice": "0.1.0", "numpy": "2.3.4", "python": "3.11.9"},
        agent="heritage-voice 0.1.0",
    )
    record.append("fixity check", when="before", **_fixity())
    record.append(
        "extraction",
        file="00471_side_a.wav",
        bytes=70666584,
        sha256=digest("master file"),
        md5=hashlib.md5(b"master file").hexdigest(),
        format={
            "container": "BWF",
            "codec": "PCM_24",
            "channels": 1,
            "sample_rate": 96000,
            "bits": 24,
            "frames": 23555520,
            "duration_s": 245.37,
            "chunks": ["fmt ", "bext", "data", "iXML"],
            "coding_history": HISTORY,
            "bext": {"originator": "Sound archive", "origination_date": "2019-03-14", "version": 1},
        },
        warnings=["the coding history has a row that is not in the form of EBU R 98: “baked for eight hours”"],
        result=digest(MASTER_SOUND),
    )
    record.append("measurement", when="before", source=digest(MASTER_SOUND), measures=BEFORE)


def _fixity() -> dict[str, str]:
    found = digest("master file")
    return {
        "file": "00471_side_a.wav",
        "algorithm": "sha256",
        "expected": found,
        "found": found,
        "outcome": "match",
    }


def _steps(record: Record) -> str:
    source = digest(MASTER_SOUND)
    for position, step in enumerate(STEPS, start=1):
        outcome = step.get("outcome", "treated")
        result = digest(step["name"]) if outcome == "treated" else source
        record.append(
            "step",
            position=position,
            source=source,
            result=result,
            version="1",
            device="cpu",
            started=f"2026-03-01T10:00:{position:02}.000+00:00",
            seconds=12.25 * position,
            cpu_seconds=11.75 * position,
            **{
                "parameters": {},
                "generates": "nothing",
                "weights": {},
                "reason": step["findings"]["reason"],
                **step,
                "outcome": outcome,
            },
        )
        source = result
    return source


def _speech(record: Record, restored: str) -> None:
    segments = [
        {
            "start_s": 3.2 + 7.1 * number,
            "end_s": 9.3 + 7.1 * number,
            "speaker": ("A", "B")[number % 2],
            "snr_db": 31.5 - number,
            "loudness_lufs": -22.75 - number / 4,
        }
        for number in range(24)
    ]
    record.append(
        "segmentation",
        source=restored,
        parameters={"threshold": 0.5},
        models={"silero_vad": digest("vad")},
        speakers=[
            {"speaker": "A", "speech_s": 73.2, "segments": 12},
            {"speaker": "B", "speech_s": 73.2, "segments": 12},
        ],
        segments=segments,
        files=["speech/segments.csv"],
    )


def _files(record: Record, restored: str) -> None:
    kinds = (
        ("access/00471.opus", "access copy", "Opus", {"gain_db": 1.4, "loudness_lufs": -23.0}),
        ("restored/00471.wav", "production master", "BWF 24-bit", {"dither_seed": 471}),
        ("restored/00471_residual.wav", "residual", "BWF 24-bit", {"gain_db": 0.0}),
    )
    for file, role, form, parameters in kinds:
        record.append(
            "derivation",
            file=file,
            role=role,
            format=form,
            sha256=digest(file),
            bytes=len(file) * 1_000_003,
            source=restored,
            parameters=parameters,
            digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
        )
