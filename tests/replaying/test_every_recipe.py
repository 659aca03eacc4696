"""Every recipe that ships, on excerpts of real recordings and on the demonstration, can be replayed to the bit."""

import csv

import pytest
import soundfile

from restoration import fixity
from restoration.batch import Request, plan
from restoration.recipe import recipe_names
from restoration.replaying.rebuilding import replay
from restoration.restore import restore

CUTS = {
    "apollo11_1969_launch_loop.mp3": "gentle",
    "nixon_1969_broadcast_tape.mp3": "broadcast_tape",
    "reagan_1986_broadcast_tape.mp3": "gramophone_disc",
    "roosevelt_1912_cylinder.mp3": "cylinder",
}
START_S, LENGTH_S = 20, 20


def test_every_recipe_has_its_recording():
    assert sorted(CUTS.values()) == recipe_names()


@pytest.mark.slow
@pytest.mark.parametrize("name", CUTS)
def test_a_recording_of_an_archive_comes_out_again_to_the_bit(name, corpus, tmp_path, make_manifest, order_of):
    with soundfile.SoundFile(corpus / "historical" / name) as file:
        file.seek(START_S * file.samplerate)
        cut = file.read(LENGTH_S * file.samplerate)
        rate = file.samplerate
    manifest = make_manifest(tmp_path / "tapes", cut, recipe=CUTS[name])
    soundfile.write(tmp_path / "tapes" / "tape-0001.wav", cut, rate, subtype="PCM_24")
    _with_its_digest(manifest)
    found = replay(restore(order_of(manifest, tmp_path / "bags")), tmp_path / "work")
    assert {one.outcome for one in found.items} == {"bit-exact"}
    assert (found.first_different_event, found.software_changed) == (None, {})


@pytest.mark.slow
def test_the_demonstration_comes_out_again_to_the_bit(tmp_path):
    from restoration.demo import make_demo

    order, *_ = plan(Request(make_demo(tmp_path), tmp_path / "bags")).orders.values()
    found = replay(restore(order), tmp_path / "work")
    assert {one.outcome for one in found.items} == {"bit-exact"}


def _with_its_digest(manifest) -> None:
    """The master was written anew, at its own rate."""
    with manifest.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    row["sha256"] = fixity.digests(manifest.parent / row["file"])["sha256"]
    with manifest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
