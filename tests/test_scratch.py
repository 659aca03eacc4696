"""The scratch: bounded, and never at the cost of what is in use."""

import numpy as np

from restoration.audio import Audio
from restoration.scratch import Scratch

SIZE = 4 * 1000


def keep(scratch, key):
    with scratch.writer(key, 1000, lambda share: None) as writer:
        writer.write(Audio(np.full((1, 1000), 0.1, dtype=np.float32), 8000))
    return writer.recording


def names(scratch):
    return {path.stem for path in scratch.folder.glob("*.f32")}


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    scratch = Scratch(tmp_path, limit_bytes=3 * SIZE)
    for key in ("a", "b", "c"):
        keep(scratch, key)
    scratch.find("a")
    scratch.make_room(SIZE, in_use=[])
    assert names(scratch) == {"a", "c"}


def test_what_is_in_use_stays_whatever_is_wanted(tmp_path):
    scratch = Scratch(tmp_path, limit_bytes=2 * SIZE)
    oldest, _ = keep(scratch, "a"), keep(scratch, "b")
    scratch.make_room(10 * SIZE, in_use=[oldest])
    assert names(scratch) == {"a"}
    assert oldest.read().frames == 1000


def test_what_was_torn_by_a_crash_is_no_result(tmp_path):
    scratch = Scratch(tmp_path, limit_bytes=SIZE)
    (tmp_path / "a.f32.part").write_bytes(b"half")
    scratch = Scratch(tmp_path, limit_bytes=SIZE)
    assert scratch.find("a") is None
    assert not list(tmp_path.glob("*.part"))


def test_findings_are_remembered(tmp_path):
    scratch = Scratch(tmp_path, limit_bytes=SIZE)
    assert scratch.findings("a") is None
    scratch.keep_findings("a", {"needed": True, "offsets": [0.25]})
    assert Scratch(tmp_path, SIZE).findings("a") == {"needed": True, "offsets": [0.25]}
