"""Sound files in and out: what a file is, its sound as a recording, and the files that are delivered.

Reading never trusts a header: ``identify`` says what is there, ``decode`` gives the whole of it or a sentence about
what is missing. Writing gives the same bytes for the same sound, whatever the size of the blocks it comes in.
"""

from restoration.sound_files.bwf import BwfDescription, write_bwf
from restoration.sound_files.decode import decode
from restoration.sound_files.encode import write_flac, write_mp3, write_opus
from restoration.sound_files.identify import SoundFormat, identify
from restoration.sound_files.written import Sound, Written

__all__ = [
    "BwfDescription",
    "Sound",
    "SoundFormat",
    "Written",
    "decode",
    "identify",
    "write_bwf",
    "write_flac",
    "write_mp3",
    "write_opus",
]
