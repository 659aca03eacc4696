"""The sounds of a bag that pictures are made of, each read into a folder that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from restoration import sound_files
from restoration.audio import Recording, Writer
from restoration.errors import BadBag
from restoration.painting.page import BadPicture, Page
from restoration.replaying.treated_bag import TreatedBag
from restoration.time_axis import moving_steps

RESTORED, MASTER, RESIDUAL = "restored", "master", "residual"
SOUNDS = (RESTORED, MASTER, RESIDUAL)
ROLE_OF = {RESTORED: "production master", RESIDUAL: "residual"}


@dataclass(frozen=True)
class BagSound:
    """A sound of a bag: its name, the sound itself, and the folder it lies in for as long as it is used."""

    bag: TreatedBag
    name: str
    recording: Recording
    folder: Path

    @property
    def head(self) -> str:
        return str(self.bag.events[-1]["digest"])

    @property
    def on_restored_axis(self) -> bool:
        """Whether a moment of it is the same moment of the restored sound."""
        return self.name != MASTER or not moving_steps(self.bag.events)


@contextmanager
def opened(folder: Path, name: str) -> Iterator[BagSound]:
    """A sound of a bag, decoded for the length of the block.

    Raises:
        BadPicture: there is no sound of that name.
        BadBag, BadSoundFile, BrokenRecord: the bag cannot be read.
    """
    if name not in SOUNDS:
        raise BadPicture(f"a bag has no sound “{name}”; there are {', '.join(SOUNDS)}")
    bag = TreatedBag.open(folder)
    with TemporaryDirectory(prefix="restoration-") as place:
        writer = Writer(Path(place) / f"{name}.f32")
        with writer:
            sound_files.decode(_file_of(bag, name), writer)
        yield BagSound(bag, name, writer.recording, Path(place))


def _file_of(bag: TreatedBag, name: str) -> Path:
    if name == MASTER:
        return bag.master
    event = bag.last("derivation", role=ROLE_OF[name])
    if event is None:
        raise BadBag(f"{bag.folder}: its log tells of no {ROLE_OF[name]}")
    return bag.place(str(event["file"]))


def check_same(sound: BagSound, page: Page, picture: Path) -> None:
    """See that a picture is of this sound.

    Raises:
        BadPicture: it is of another one.
    """
    if page.identifier != sound.bag.identifier:
        raise BadPicture(
            f"{picture}: is a picture of {page.identifier}, and {sound.bag.folder} holds {sound.bag.identifier}"
        )
    if page.pcm_sha256 != sound.recording.pcm_sha256:
        raise BadPicture(
            f"{picture}: is a picture of another sound than the {page.sound} one in {sound.bag.folder}, which was "
            "treated anew since; export it again and paint on that"
        )
