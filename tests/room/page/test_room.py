"""The whole room of a folder of bags: what is written, what is kept, and what stops nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from restoration.errors import BadBag
from restoration.room.batch_index import write_index
from restoration.room.room import Wish, bags_of, write_room


@pytest.fixture(scope="module")
def bags(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two bags of the same tape, the second broken."""
    out = tmp_path_factory.mktemp("room") / "bags"
    shutil.copytree(bag, out / "tape-0001")
    shutil.copytree(bag, out / "tape-0002")
    next((out / "tape-0002").glob("data/access/*_restored.opus")).unlink()
    return out


def test_a_broken_bag_is_a_sentence_and_the_others_have_their_page(bags: Path) -> None:
    whole, broken = write_room(Wish(bags, workers=2))
    assert (whole.identifier, whole.problem) == ("tape-0001", "")
    assert Path(whole.page).is_file()
    assert "_restored.opus" in broken.problem
    assert broken.page == ""
    index = (bags / "index.html").read_text(encoding="utf-8")
    assert "listening-room/tape-0001/index.html" in index
    assert "listening-room/tape-0002/index.html" not in index
    assert broken.problem in index


def test_a_second_run_writes_no_sound_again(bags: Path) -> None:
    write_room(Wish(bags, ("tape-0001",)))
    pieces = sorted((bags / "listening-room" / "tape-0001" / "sound").iterdir())
    before = [piece.stat().st_mtime_ns for piece in pieces]
    write_room(Wish(bags, ("tape-0001",)))
    assert before == [piece.stat().st_mtime_ns for piece in pieces]
    assert len(pieces) > 2


def test_the_bags_are_not_touched(bags: Path, bag: Path) -> None:
    write_room(Wish(bags, ("tape-0001",)))
    for place in (bag, bags / "tape-0001"):
        assert sorted(path.relative_to(place) for path in place.rglob("*")) == sorted(
            path.relative_to(bag) for path in bag.rglob("*")
        )


def test_a_page_of_a_bag_that_broke_later_goes(bags: Path) -> None:
    shutil.copytree(bags / "tape-0001", bags / "tape-0003")
    (made,) = write_room(Wish(bags, ("tape-0003",)))
    assert Path(made.page).is_file()
    (bags / "tape-0003" / "data" / "record" / "events.jsonl").write_text("{}\n")
    (made,) = write_room(Wish(bags, ("tape-0003",)))
    assert "no digest" in made.problem
    assert not (bags / "listening-room" / "tape-0003" / "index.html").exists()


def test_what_cannot_be_a_room_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadBag, match="is no folder"):
        bags_of(Wish(tmp_path / "nowhere"))
    with pytest.raises(BadBag, match="has no bag of b; there is none"):
        bags_of(Wish(tmp_path, ("b",)))
    (tmp_path / "listening-room").mkdir()
    (tmp_path / "listening-room" / "bag-info.txt").touch()
    with pytest.raises(BadBag, match="is a bag, and the room would be written into it"):
        bags_of(Wish(tmp_path))
    with pytest.raises(BadBag, match="is a bag itself"):
        bags_of(Wish(tmp_path / "listening-room"))


def test_the_index_does_not_lead_to_what_was_heard_of_an_older_treatment(bags: Path) -> None:
    write_room(Wish(bags, ("tape-0001",)))
    link = "listening-room/tape-0001/index.html"
    assert link in write_index(bags).read_text(encoding="utf-8")
    marker = bags / "listening-room" / "tape-0001" / "made-from.json"
    marker.write_text(json.dumps({**json.loads(marker.read_text()), "sound": "0" * 64}))
    assert link not in write_index(bags).read_text(encoding="utf-8")
