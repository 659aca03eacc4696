"""An item's folder: made once, kept as long as what it was made from stands, and whole or without its ``item.js``."""

from __future__ import annotations

import json
import shutil

import pytest

from restoration.deciding import Decision, decide
from restoration.errors import BadBag
from restoration.room import write_item as writing
from restoration.room.write_item import MADE_FROM, write_item


@pytest.fixture(scope="module")
def made(bag, tmp_path_factory):
    folder = tmp_path_factory.mktemp("room") / "tape-0001"
    return folder, write_item(bag, folder)


def facts_in(folder):
    text = (folder / "item.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.HERITAGE_ITEM = ").removesuffix(";\n"))


def stamps(folder):
    return {
        file.relative_to(folder).as_posix(): file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()
    }


def test_all_that_item_js_names_is_there(made):
    folder, facts = made
    assert facts_in(folder) == json.loads(json.dumps(facts))
    for sound in facts["sounds"]:
        for number in range(sound["pieces"]):
            script = (folder / "sound" / f"{sound['name']}-{number:04}.js").read_text(encoding="ascii")
            assert script.startswith(f'HERITAGE.piece("{sound["name"]}", {number}, "')
    wanted = {
        facts["tiles"]["pattern"].format(picture=picture, level=level, tile=tile)
        for picture in facts["tiles"]["pictures"]
        for level, one in enumerate(facts["tiles"]["levels"])
        for tile in range(one["tiles"])
    }
    assert {file.relative_to(folder).as_posix() for file in (folder / "tiles").rglob("*.webp")} == wanted
    assert not list(folder.rglob("*.part"))


def test_the_bag_is_as_it_was(bag, tmp_path):
    before = {file: (file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(bag.rglob("*"))}
    write_item(bag, tmp_path / "room")
    assert {file: (file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(bag.rglob("*"))} == before


def test_a_second_time_nothing_is_written(bag, made):
    folder, _ = made
    before = stamps(folder)
    write_item(bag, folder)
    assert stamps(folder) == before


def test_a_decision_costs_a_new_item_js_and_nothing_more(bag, tmp_path):
    shutil.copytree(bag, tmp_path / "bag")
    folder = tmp_path / "room"
    write_item(tmp_path / "bag", folder)
    (folder / "index.html").write_text("the page", encoding="utf-8")
    before = stamps(folder)
    decide(tmp_path / "bag", Decision(kind="treatment approved", by="Ada Archivist", reason="It is the voice I knew."))
    facts = write_item(tmp_path / "bag", folder)
    changed = {name for name, stamp in stamps(folder).items() if before.get(name) != stamp}
    assert changed == {"item.js"}
    assert facts_in(folder)["state"] == facts["state"] == "approved"
    assert facts["decisions"][-1]["by"] == "Ada Archivist"


def test_further_facts_of_the_page_are_kept_in_item_js(bag, made):
    folder, _ = made
    write_item(
        bag, folder, more={"texts": {"en": {"player.play": "Play"}}, "serve": {"url": "/decisions", "token": "t"}}
    )
    assert facts_in(folder)["texts"] == {"en": {"player.play": "Play"}}
    assert facts_in(folder)["serve"]["token"] == "t"
    write_item(bag, folder)
    assert "texts" not in facts_in(folder)


def test_what_was_interrupted_is_made_again_and_what_was_whole_is_kept(bag, tmp_path, monkeypatch):
    folder = tmp_path / "room"

    def fails(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(writing, "write_tiles", fails)
        with pytest.raises(KeyboardInterrupt):
            write_item(bag, folder)
    assert not (folder / "item.js").exists()
    before = {name: stamp for name, stamp in stamps(folder).items() if name.startswith("sound/")}
    assert before
    write_item(bag, folder)
    after = stamps(folder)
    assert {name: after[name] for name in before} == before
    assert "tiles/before/0-00000.webp" in after


def test_another_treatment_makes_all_of_it_anew(bag, tmp_path):
    folder = tmp_path / "room"
    write_item(bag, folder)
    made_from = json.loads((folder / MADE_FROM).read_text(encoding="utf-8"))
    (folder / MADE_FROM).write_text(json.dumps({**made_from, "tiles": "0" * 64}), encoding="utf-8")
    (folder / "tiles" / "stray.webp").write_bytes(b"")
    before = stamps(folder)
    write_item(bag, folder)
    after = stamps(folder)
    assert "tiles/stray.webp" not in after
    assert after["tiles/after/0-00000.webp"] != before["tiles/after/0-00000.webp"]
    assert after["sound/after-0000.js"] == before["sound/after-0000.js"]


@pytest.mark.parametrize("name", ["access/tape-0001_restored.opus", "restored/tape-0001_residual.wav"])
def test_a_file_that_is_not_the_one_of_the_log_is_refused(bag, tmp_path, name):
    shutil.copytree(bag, tmp_path / "bag")
    place = tmp_path / "bag" / "data" / name
    content = bytearray(place.read_bytes())
    content[-100] ^= 1
    place.write_bytes(content)
    with pytest.raises(BadBag, match=r"is not the file that event \d+ tells of"):
        write_item(tmp_path / "bag", tmp_path / "room")
    assert not (tmp_path / "room" / "item.js").exists()
