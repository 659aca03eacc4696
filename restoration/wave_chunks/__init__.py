"""The chunks of RIFF/WAVE, RF64 and BW64 files, read liberally and written strictly.

Sound libraries drop what an archive writes beside the sound (bext, iXML, MD5, cue, chunks of its own), so this codec
is the project's: ``read_wave`` lists the chunks of a file without trusting one size in it, ``WaveWriter`` writes sound
between chunks that are kept byte for byte, ``Bext`` and the coding history follow EBU Tech 3285 and R98.
"""

from restoration.wave_chunks.bext import LOUDNESS_FIELDS, Bext, append_coding_history, fitted
from restoration.wave_chunks.coding_history import (
    Dialect,
    coding_history_row,
    dialect_for,
    dialect_of,
    mode_of,
    parse_coding_history,
    row_text,
)
from restoration.wave_chunks.info import (
    CuePoint,
    build_cues,
    build_info,
    build_labels,
    list_type,
    parse_cues,
    parse_info,
    parse_labels,
)
from restoration.wave_chunks.riff import Chunk, WaveFile, read_wave
from restoration.wave_chunks.wave_format import WaveFormat
from restoration.wave_chunks.writer import Extent, WaveWriter

__all__ = [
    "LOUDNESS_FIELDS",
    "Bext",
    "Chunk",
    "CuePoint",
    "Dialect",
    "Extent",
    "WaveFile",
    "WaveFormat",
    "WaveWriter",
    "append_coding_history",
    "build_cues",
    "build_info",
    "build_labels",
    "coding_history_row",
    "dialect_for",
    "dialect_of",
    "fitted",
    "list_type",
    "mode_of",
    "parse_coding_history",
    "parse_cues",
    "parse_info",
    "parse_labels",
    "read_wave",
    "row_text",
]
