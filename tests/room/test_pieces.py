"""Pieces of an Opus file: the packets of the file, which decode to the file."""

from __future__ import annotations

import io
import re
import tracemalloc
from base64 import b64decode

import numpy as np
import pytest
import soundfile

from restoration import sound_files
from restoration.audio import Audio, Recording
from restoration.errors import BadSoundFile
from restoration.room.pieces import PREROLL_FRAMES, OpusFile, packet_frames, pieces
from restoration.sound_files import ogg

TOLERANCE_DBFS = {1: -120.0, 2: -65.0}
"""A voice comes out to the last bits; two channels that have nothing in common take a decoder longest, and leave -69
dBFS in the worst of 250 places. 80 ms, the least, would leave -34 dBFS of a real recording."""
LEAST_PREROLL = 3840
"""80 ms: RFC 7845, section 4.6."""


@pytest.fixture(scope="module", params=[1, 2], ids=["mono", "stereo"])
def opus(request, reading, tmp_path_factory):
    """Five seconds of the reading, of an odd length; in stereo the second channel is another sound."""
    folder = tmp_path_factory.mktemp("opus")
    samples = reading.samples[0, : 5 * 48000 + 317]
    channels = np.stack([samples, 0.5 * samples[::-1]][: request.param]).astype(np.float32)
    recording = Recording.from_audio(folder / "sound.f32", Audio(channels, 48000))
    sound_files.write_opus(recording, folder / "sound.opus")
    return folder / "sound.opus"


def decoded(stream: bytes):
    return soundfile.read(io.BytesIO(stream), dtype="float32", always_2d=True)[0]


@pytest.mark.parametrize("piece_frames", [240317, 96000, 48000, 12345, 961])
def test_pieces_one_after_the_other_are_the_file(opus, piece_frames):
    whole, _ = soundfile.read(opus, dtype="float32", always_2d=True)
    cut = list(pieces(opus, piece_frames))
    sounds = [decoded(piece.stream) for piece in cut]
    assert [len(sound) for sound in sounds] == [piece.frames for piece in cut]
    assert {piece.frames for piece in cut[:-1]} <= {piece_frames}
    joined = np.concatenate(sounds)
    assert joined.shape == whole.shape
    assert 20 * np.log10(np.abs(joined - whole).max() + 1e-12) < TOLERANCE_DBFS[whole.shape[1]]


def test_a_piece_holds_packets_of_the_file_bit_for_bit(opus, tmp_path):
    packets = [packet.content for packet in ogg.packets(opus)][2:]
    place = 0
    for piece in pieces(opus, 48000):
        (tmp_path / "piece.opus").write_bytes(piece.stream)
        assert ogg.damage(tmp_path / "piece.opus") is None
        held = [packet.content for packet in ogg.packets(tmp_path / "piece.opus")][2:]
        first = packets.index(held[0])
        assert packets[first : first + len(held)] == held
        assert first <= place
        place = first + len(held)
    assert place == len(packets)


def test_every_piece_but_the_first_begins_with_enough_to_start_a_decoder(opus, tmp_path):
    skipped = []
    for piece in pieces(opus, 48000):
        (tmp_path / "piece.opus").write_bytes(piece.stream)
        skipped.append(OpusFile.open(tmp_path / "piece.opus").pre_skip)
    assert skipped[0] == OpusFile.open(opus).pre_skip
    assert all(LEAST_PREROLL <= PREROLL_FRAMES <= each < 2**15 for each in skipped[1:])


def test_a_script_calls_the_player_with_the_stream(opus):
    piece = next(pieces(opus))
    name, number, coded = re.fullmatch(r'HERITAGE\.piece\("(.*)", (\d+), "(.*)"\);\n', piece.script("before")).groups()
    assert (name, int(number), b64decode(coded)) == ("before", 0, piece.stream)


def longer(opus, place, times: int) -> None:
    """The same packets again and again, as a file."""
    head, tags, *packets = [packet.content for packet in ogg.packets(opus)]
    with place.open("wb") as file:
        for sequence, packet in enumerate((head, tags)):
            file.write(ogg.page_of([packet], 0, serial=1, sequence=sequence))
        at = 0
        for number in range(times * len(packets) // 25):
            group = [packets[(25 * number + place) % len(packets)] for place in range(25)]
            at += sum(packet_frames(one) for one in group)
            file.write(
                ogg.page_of(group, at, serial=1, sequence=number + 2, last=number == times * len(packets) // 25 - 1)
            )


def test_memory_does_not_grow_with_the_length(opus, tmp_path):
    peaks = []
    for times in (20, 200):
        longer(opus, tmp_path / "long.opus", times)
        tracemalloc.start()
        frames = sum(piece.frames for piece in pieces(tmp_path / "long.opus"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert frames == OpusFile.open(tmp_path / "long.opus").frames > times * 4.9 * 48000
    assert peaks[1] < 1.1 * peaks[0] < 4e6


@pytest.mark.parametrize(
    ("packet", "frames"),
    [
        (bytes([3 << 3]), 2880),
        (bytes([13 << 3 | 1]), 2 * 960),
        (bytes([16 << 3 | 2]), 2 * 120),
        (bytes([31 << 3 | 3, 0x80 | 6]), 6 * 960),
        (bytes([31 << 3 | 3]), 0),
        (b"", 0),
    ],
)
def test_the_frames_of_a_packet_by_its_first_bytes(packet, frames):
    assert packet_frames(packet) == frames


def test_a_damaged_file_is_refused(opus, tmp_path):
    content = bytearray(opus.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "damaged.opus").write_bytes(content)
    with pytest.raises(BadSoundFile, match="does not fit its checksum"):
        list(pieces(tmp_path / "damaged.opus"))


def test_a_file_that_is_no_opus_is_refused(reading, tmp_path):
    soundfile.write(tmp_path / "vorbis.ogg", reading.samples[0, :48000], 48000, format="OGG", subtype="VORBIS")
    with pytest.raises(BadSoundFile, match="is no Ogg Opus"):
        list(pieces(tmp_path / "vorbis.ogg"))


def test_pages_whose_times_do_not_follow_from_their_packets_are_refused(opus, tmp_path):
    head, tags, *packets = [packet.content for packet in ogg.packets(opus)]
    pages = [ogg.page_of([one], 0, serial=1, sequence=number) for number, one in enumerate((head, tags))]
    pages.append(ogg.page_of(packets[:10], 10 * 960 + 5, serial=1, sequence=2))
    pages.append(ogg.page_of(packets[10:20], 20 * 960, serial=1, sequence=3, last=True))
    (tmp_path / "odd.opus").write_bytes(b"".join(pages))
    with pytest.raises(BadSoundFile, match="ends at frame 9605, where its packets end at 9600"):
        list(pieces(tmp_path / "odd.opus"))
