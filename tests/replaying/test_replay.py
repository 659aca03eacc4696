"""A treatment made again from the master and the recorded decisions, and compared with what lies in the bag."""

import math
import shutil

import pytest
import soundfile

from restoration import fixity
from restoration.errors import BadBag, FixityMismatch
from restoration.provenance.exports import EXPORTS
from restoration.replaying.changes import changes_sentence
from restoration.replaying.rebuilding import replay
from restoration.replaying.several import replay_all
from restoration.replaying.treated_bag import REPORT, TreatedBag
from tests.replaying.conftest import the


def outcomes(found) -> dict[str, str]:
    return {one.file.rsplit("_", 1)[-1].rsplit("/", 1)[-1]: one.outcome for one in found.items}


def payload(bag) -> dict[str, str]:
    paths = [path for path in (bag / "data").rglob("*") if path.is_file()]
    return {path.relative_to(bag).as_posix(): fixity.digests(path)["sha256"] for path in paths}


def test_every_file_is_made_again_to_the_bit_and_none_is_touched(bag, tmp_path):
    before = payload(bag)
    found = replay(bag, tmp_path, keep=True)
    assert {one.outcome for one in found.items} == {"bit-exact"}
    assert (found.first_different_event, found.software_changed, found.holds) == (None, {}, True)
    assert all(step.same for step in found.steps)
    beside = {"data/record/events.jsonl", f"data/master/{TreatedBag.open(bag).master.name}", *EXPORTS}
    assert payload(tmp_path) == {file: digest for file, digest in payload(bag).items() if file not in beside}
    assert payload(bag) == before


def test_the_size_of_blocks_does_not_change_a_bit(small_bag, tmp_path):
    found = replay(small_bag, tmp_path, block_frames=20011)
    assert {one.outcome for one in found.items} == {"bit-exact"}
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_two_processes_at_once_on_two_threads_each_give_the_same_bits(small_bag, bag, monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    found = list(replay_all([small_bag, bag], None, 2))
    assert [place for place, _ in found] == [small_bag, bag]
    assert {one.outcome for _, answer in found for one in answer.items} == {"bit-exact"}


def test_a_finding_changed_in_a_chain_that_holds_is_found_and_its_event_named(small_bag, tmp_path, forged):
    def louder(events):
        the(events, "set_level")["findings"]["gain_db"] += 1.0

    copy = forged(small_bag, louder)
    event = TreatedBag.open(copy).last("step", name="set_level")["sequence"]
    found = replay(copy, tmp_path / "work")
    assert found.first_different_event == event
    assert not found.holds
    restored = found.items[0]
    assert (restored.outcome, restored.file) == ("differs", "data/restored/tape-0001_restored.wav")
    original, _ = soundfile.read(copy / restored.file)
    expected_dbfs = 20 * math.log10(abs(original).max() * (10 ** (1 / 20) - 1))
    assert restored.peak_difference_dbfs == pytest.approx(expected_dbfs, abs=0.1)
    assert f"from event {event} (set_level) on" in restored.sentence
    assert outcomes(found)["untreated.opus"] == "bit-exact"
    assert [step.same for step in found.steps] == [True, True, False]


def test_a_difference_in_the_last_bits_is_within_the_tolerance_and_said(small_bag, tmp_path, forged):
    def by_a_hair(events):
        the(events, "set_level")["findings"]["gain_db"] += 1e-6

    found = replay(forged(small_bag, by_a_hair), tmp_path / "work")
    restored = found.items[0]
    assert restored.outcome == "within tolerance"
    assert restored.peak_difference_dbfs < restored.tolerance_dbfs == -80.0
    assert (found.holds, found.first_different_event is None) == (True, False)
    assert outcomes(found)["restored.opus"] in ("within tolerance", "bit-exact")


def test_a_rewritten_derivative_is_found_though_every_step_fits(small_bag, tmp_path, forged):
    """Somebody exchanges the access copy and writes its digest into the log."""
    name = "access/tape-0001_restored.opus"
    copy = forged(small_bag, lambda events: None)
    shutil.copy(copy / "data/access/tape-0001_untreated.opus", copy / "data" / name)
    sha256 = fixity.digests(copy / "data" / name)["sha256"]
    again = forged(copy, lambda events: the(events, name).update(sha256=sha256))
    found = replay(again, tmp_path / "work")
    (changed,) = [one for one in found.items if one.outcome != "bit-exact"]
    assert (changed.file, changed.outcome) == (f"data/{name}", "differs")
    assert "times what the encoder itself changed" in changed.sentence
    assert found.first_different_event == the(list(TreatedBag.open(again).events), name)["sequence"]


def test_a_file_that_is_not_the_one_of_the_log_is_said(small_bag, tmp_path, forged):
    copy = forged(small_bag, lambda events: None)
    content = bytearray((copy / "data/restored/tape-0001_restored.wav").read_bytes())
    content[-2000] ^= 1
    (copy / "data/restored/tape-0001_restored.wav").write_bytes(content)
    (changed,) = [one for one in replay(copy, tmp_path / "work").items if one.outcome != "bit-exact"]
    assert changed.outcome == "differs"
    assert "is not the file that event" in changed.sentence
    assert "which the replay gives to the bit" in changed.sentence


def test_other_bytes_around_the_same_sound_are_named(small_bag, tmp_path, forged):
    name = "restored/tape-0001_restored.wav"
    copy = forged(small_bag, lambda events: None)
    content = (copy / "data" / name).read_bytes().replace(b"heritage-voice 0", b"heritage-voicX 0", 1)
    (copy / "data" / name).write_bytes(content)
    sha256 = fixity.digests(copy / "data" / name)["sha256"]
    found = replay(forged(copy, lambda events: the(events, name).update(sha256=sha256)), tmp_path / "work")
    assert found.items[0].outcome == "same sound"
    assert "other bytes in the chunk bext" in found.items[0].sentence


def test_a_report_that_does_not_say_what_the_log_says_is_found(small_bag, tmp_path, forged):
    copy = forged(small_bag, lambda events: the(events, "remove_dc").update(reason="Somebody wanted it."))
    shutil.copy(small_bag / REPORT, copy / REPORT)
    (changed,) = [one for one in replay(copy, tmp_path / "work").items if one.outcome != "bit-exact"]
    assert (changed.file, changed.outcome) == (REPORT, "differs")
    assert "its text is another" in changed.sentence


def test_a_changed_library_is_reported_not_hidden(small_bag, tmp_path, forged):
    def older(events):
        events[0]["software"] |= {"scipy": "0.1", "a-library-that-went": "3"}
        the(events, "remove_hum")["version"] = "0"

    found = replay(forged(small_bag, older), tmp_path / "work")
    assert {one.outcome for one in found.items} == {"bit-exact"}
    assert set(found.software_changed) == {"scipy", "a-library-that-went", "step remove_hum"}
    assert found.software_changed["a-library-that-went"] == ("3", "none")
    told = changes_sentence(found.software_changed)
    assert "scipy 0.1 then" in told
    assert "another sound from the same findings" in told


def test_a_step_whose_network_is_not_here_is_named_and_what_follows_is_not_replayed(bag, tmp_path, forged):
    def other_network(events):
        weights = the(events, "reduce_noise")["weights"]
        weights |= dict.fromkeys(weights, "ab" * 32)

    found = replay(forged(bag, other_network), tmp_path / "work")
    assert (outcomes(found)["restored.wav"], outcomes(found)["untreated.opus"]) == ("not replayed", "bit-exact")
    assert outcomes(found)["tape-0001.csv"] == "bit-exact"
    assert not found.holds
    assert "reduce noise" in found.items[0].sentence
    assert "abababababab… is not on this machine" in found.items[0].sentence
    assert (found.steps[-1].name, found.steps[-1].same) == ("reduce_noise", None)


@pytest.mark.parametrize("findings", [{}, {"gain_db": "loud"}, {"gain_db": None}])
def test_findings_that_no_step_can_use_give_a_sentence(small_bag, tmp_path, forged, findings):
    copy = forged(small_bag, lambda events: the(events, "set_level").update(findings=findings))
    found = replay(copy, tmp_path / "work")
    assert found.items[0].outcome == "not replayed"
    assert "step set level (event" in found.items[0].sentence


def test_another_master_is_refused(small_bag, tmp_path):
    copy = shutil.copytree(small_bag, tmp_path / "bag")
    master = TreatedBag.open(copy).master
    content = bytearray(master.read_bytes())
    content[-1000] ^= 1
    master.unlink()
    master.write_bytes(content)
    with pytest.raises(FixityMismatch, match=r"tape-0001\.wav"):
        replay(copy, tmp_path / "work")


def test_steps_that_do_not_follow_from_each_other_are_refused(small_bag, tmp_path, forged):
    copy = forged(small_bag, lambda events: the(events, "remove_dc").update(source="00" * 32))
    with pytest.raises(BadBag, match="do not follow from each other"):
        replay(copy, tmp_path / "work")


def test_a_log_that_names_a_place_outside_the_bag_is_refused(small_bag, tmp_path, forged):
    copy = forged(small_bag, lambda events: the(events, "restored.wav").update(file="data/../../secret.wav"))
    with pytest.raises(BadBag, match="outside the payload"):
        replay(copy, tmp_path / "work")
