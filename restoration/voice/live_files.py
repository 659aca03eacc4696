"""A sound file through the stream to a file: as fast as it goes, or by the clock, as a sound card would play it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from restoration.audio import Audio, Recording, Writer
from restoration.errors import RestorationError
from restoration.sound_files.bwf import BwfDescription, write_bwf
from restoration.sound_files.decode import decode
from restoration.voice.convert_files import Loan, put_on_record, resampled
from restoration.voice.live import Engine, paced
from restoration.voice.marking import check_markable
from restoration.voice.samples import VOICE_RATE, FloatArray
from restoration.voice.stream import Course, Stream


def live_file(
    source: Path,
    target: Path,
    loan: Loan,
    course: Course,
    *,
    by_the_clock: bool,
    tell: Callable[[str], None] = lambda line: None,
) -> str:
    """Convert a file as live sound is, and say how it went. By the clock, the result is as late as a listener hears it.

    Raises:
        RestorationError: the result is there already, or cannot be marked.
    """
    check_markable(target.suffix)
    if target.exists():
        raise RestorationError(f"{target} is there already; move it, or name another file")

    def stream() -> Stream:
        return Stream(loan.permit, loan.voice, loan.settings, course)

    with TemporaryDirectory(dir=target.parent, prefix=".converting-") as scratch:
        folder = Path(scratch)
        with Writer(folder / "source") as writer:
            decode(source, writer)
        heard = resampled(writer.recording, VOICE_RATE, folder / "heard")
        if by_the_clock:
            engine = Engine(stream, tell)
            made = _written(iter([paced(engine, heard.read().samples[0])]), folder / "made")
            told, melody = engine.end().sentence(), engine.melody
        else:
            lending = stream()
            made, melody = _written(_as_fast_as_it_goes(lending, heard), folder / "made"), lending.melody
            told = f"{heard.duration_s:.1f} s, as a listener would have heard it"
        finished = folder / target.name
        texts = {"description": f"Generated: a performance in the voice {loan.voice.card['name']}"}
        write_bwf(made, finished, description=BwfDescription(texts=texts))
        put_on_record(source, finished, target, loan, heard.duration_s, live=told, melody=melody.as_dict())
    return told


def _as_fast_as_it_goes(stream: Stream, heard: Recording) -> Iterator[FloatArray]:
    for block in heard.blocks():
        yield stream.push(block.samples[0])
    yield stream.flush()


def _written(pieces: Iterator[FloatArray], path: Path) -> Recording:
    with Writer(path) as writer:
        for piece in pieces:
            if piece.size:
                writer.write(Audio(np.ascontiguousarray(piece)[None], VOICE_RATE))
    return writer.recording
