"""What is done to a clip: the level that is asked for, the same for the same seed, never over full scale."""

import numpy as np
import pytest

from restoration.benchmark.clips import find_clips, read_clip
from restoration.benchmark.degradations import LEVELS_DB, added_level_db, at_level, degradations, degrade
from restoration.errors import BadSoundFile, RestorationError
from restoration.simulate.clipping import Clipping
from restoration.simulate.noise import Hiss
from restoration.simulate.programme import BandLimit

SINGLE = ("clicks", "hum", "clipping", "wow", "dropouts", "reverberation", "band limit")


@pytest.mark.parametrize("degradation", degradations(levels_db=(0.0, 10.0)), ids=lambda each: each.name)
def test_every_degradation_changes_the_clip_and_stays_within_full_scale(clip, degradation):
    aged = degrade(clip, degradation, seed=1)
    assert aged.audio.samples.shape == aged.programme.samples.shape == clip.audio.samples.shape
    assert np.abs(aged.audio.samples).max() <= 1.0
    assert np.array_equal(aged.audio.samples, clip.audio.samples) == (degradation.name == "clean")


def test_the_same_seed_gives_the_same_sound_and_another_another(clip):
    (tape,) = degradations(["tape 5 dB"])
    first, again, other = (degrade(clip, tape, seed).audio.samples for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("level_db", LEVELS_DB)
def test_what_is_added_has_the_level_that_was_asked_for(clip, level_db):
    chain = (BandLimit(high_hz=5000.0), Hiss(snr_db=30.0), Clipping(headroom_db=3.0))
    found = added_level_db(at_level(chain, clip.audio, 1, level_db), clip.audio, 1)
    assert found == pytest.approx(level_db, abs=0.25)


def test_a_chain_that_adds_nothing_is_left_as_it_is(clip):
    chain = (BandLimit(high_hz=5000.0),)
    assert at_level(chain, clip.audio, 1, 0.0) == chain


def test_a_carrier_is_the_same_at_every_level_but_for_what_it_adds(clip):
    facts = [degrade(clip, tape, 1).facts["faults"] for tape in degradations(["tape"])]
    kept = [[fact for fact in fault if fact["fault"] != "Scaled"] for fault in facts]
    assert len(facts) == len(LEVELS_DB)
    assert all(each == kept[0] for each in kept)


def test_families_and_names_choose_and_a_typo_is_answered():
    assert [each.name for each in degradations(["hum", "disc"], (10.0, 0.0))] == ["disc 10 dB", "disc 0 dB", "hum"]
    assert {each.family for each in degradations()} >= {"clean", "tape", *SINGLE}
    with pytest.raises(RestorationError, match="did you mean 'clicks'"):
        degradations(["cliks"])


def test_clips_are_found_in_a_folder_and_in_a_corpus(clips_folder, tmp_path):
    assert [source.name for source in find_clips(clips_folder)] == ["reading-0", "reading-1"]
    assert len(find_clips(clips_folder, 1)) == 1
    (tmp_path / "dev.csv").write_text(
        f"path,split,language\n{clips_folder}/reading-1.flac,dev-reading,en\n{clips_folder}/reading-0.flac,dev,nl\nx,train,\n"
    )
    found = find_clips(tmp_path)
    assert [(source.name, source.language) for source in found] == [("reading-0", "nl"), ("reading-1", "en")]
    clip = read_clip(found[0], longest_s=2.0)
    assert (clip.audio.channels, clip.audio.frames, clip.audio.sample_rate) == (1, 96000, 48000)


def test_a_folder_without_clips_and_a_file_without_sound_are_told(tmp_path):
    with pytest.raises(RestorationError, match="holds no clips"):
        find_clips(tmp_path)
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(BadSoundFile, match=r"broken\.wav"):
        read_clip(find_clips(tmp_path)[0], 10)
