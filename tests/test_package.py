"""Bags: the Library of Congress' own tool accepts them, and what is changed afterwards is found."""

import bagit
import pytest

from restoration import package
from restoration.errors import BadBag


@pytest.fixture
def bag(tmp_path):
    master = tmp_path / "tapes" / "a tape.wav"
    master.parent.mkdir()
    master.write_bytes(b"RIFF" + bytes(1000))
    bag = tmp_path / "bag"
    (bag / "data" / "record").mkdir(parents=True)
    (bag / "data" / "record" / "100 % — события.jsonl").write_text("{}\n", encoding="utf-8")
    package.place_master(master, bag)
    package.seal(bag, {}, {package.TREATMENT_KEY: "k1", "External-Description": "two\nlines"})
    return bag


def test_the_library_of_congress_accepts_it(bag):
    whole = bagit.Bag(str(bag))
    assert whole.validate(fast=False)
    assert whole.info["External-Description"] == "two lines"


def test_the_master_is_in_it_byte_by_byte(bag):
    assert (bag / "data" / "master" / "a tape.wav").read_bytes() == b"RIFF" + bytes(1000)


def test_a_sealed_bag_is_known_by_its_treatment(bag):
    assert package.is_sealed(bag, "k1")
    assert not package.is_sealed(bag.with_name("other"), "k1")
    with pytest.raises(BadBag, match="another treatment"):
        package.is_sealed(bag, "k2")


def test_a_stray_file_is_noticed(bag):
    (bag / "data" / "stray").write_bytes(b"1")
    with pytest.raises(BadBag, match="added, lost or changed"):
        package.is_sealed(bag, "k1")


def test_a_folder_that_is_no_bag(tmp_path):
    with pytest.raises(BadBag, match=r"bag-info\.txt cannot be read"):
        package.is_sealed(tmp_path, "k1")


def test_setting_aside_never_overwrites(bag, tmp_path):
    first = package.set_aside(bag, tmp_path / "aside")
    bag.mkdir()
    second = package.set_aside(bag, tmp_path / "aside")
    assert first != second
    assert (first / "bagit.txt").exists()


def test_a_master_on_another_file_system_is_copied(tmp_path, monkeypatch):
    def no_links(*_names):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", no_links)
    master = tmp_path / "m.wav"
    master.write_bytes(b"sound")
    place = package.place_master(master, tmp_path / "bag")
    assert place.read_bytes() == b"sound"
    assert place.stat().st_ino != master.stat().st_ino
