"""Material from bags, manifests, folders and files: restored first, every digest checked, poor channels refused."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from restoration.errors import BadBag, FixityMismatch, RestorationError
from restoration.record import read
from restoration.simulate.chains import worn_disc
from restoration.voice.material import BadMaterial
from restoration.voice.proposing import approved_material, propose_to
from restoration.voice.reading_material import read_material


@pytest.fixture(scope="module")
def clips(clips_of, tmp_path_factory):
    """Ten clips of one speaker in a folder."""
    folder = tmp_path_factory.mktemp("clips")
    for number, (_, sound) in enumerate(clips_of("kathleen", 10)):
        soundfile.write(folder / f"clip-{number}.flac", sound, 16000)
    return folder


@pytest.fixture
def worn_file(reading_by, aged_by, tmp_path):
    soundfile.write(tmp_path / "disc.wav", aged_by(worn_disc(), reading_by("kathleen", 6)), 16000)
    return tmp_path / "disc.wav"


def test_of_a_bag_the_restored_sound_is_read_never_the_master(bag):
    material = read_material([bag])
    (source,) = material.sources
    events = list(read(bag / "data/record/events.jsonl"))
    derived = next(event for event in events if event.get("role") == "production master")
    assert source.file == bag / derived["file"]
    assert source.sha256 == derived["sha256"]
    assert source.master_sha256 == next(e["sha256"] for e in events if e["event"] == "extraction")
    assert source.restored
    assert source.fields["voice_consent"] == "not-required"
    restored, rate = soundfile.read(source.file)
    ours = np.sqrt(np.mean(source.sound**2))
    assert source.duration_s == pytest.approx(restored.shape[0] / rate, abs=0.001)
    assert ours == pytest.approx(np.sqrt(np.mean(restored**2)), rel=0.1)


def test_the_pieces_are_the_segments_of_the_log(bag):
    material = read_material([bag])
    said = [event for event in read(bag / "data/record/events.jsonl") if event["event"] == "segmentation"][-1]
    speech_s = sum(segment["end_s"] - segment["start_s"] for segment in said["segments"])
    assert speech_s - 0.1 <= material.duration_s <= speech_s + 2
    for piece in material.pieces:
        assert np.array_equal(piece.sound, material.sources[0].cut(piece.start_s, piece.stop_s))
        assert not piece.sound.flags.writeable


def test_a_bag_whose_sound_was_changed_is_refused(bag, tmp_path):
    copy = shutil.copytree(bag, tmp_path / "bag")
    (file,) = copy.glob("data/restored/*_restored.wav")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    # Not in its place: in the bag of other tests the file may be a link.
    file.unlink()
    file.write_bytes(content)
    with pytest.raises(FixityMismatch):
        read_material([copy])


def test_a_bag_that_is_not_finished_is_a_sentence(bag, tmp_path):
    copy = shutil.copytree(bag, tmp_path / "bag")
    log = copy / "data/record/events.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(line for line in lines[: next(n for n, t in enumerate(lines) if "derivation" in t)]))
    with pytest.raises(BadBag, match="has no event “production master”; run `restoration run` again"):
        read_material([copy])


def test_a_worn_file_is_refused_and_told_what_to_do(worn_file):
    with pytest.raises(BadMaterial, match=r"disc.wav: .* the carrier's.*restoration run.*--as-it-is"):
        read_material([worn_file])


def test_as_it_is_the_card_says_so(worn_file):
    material = read_material([worn_file], as_it_is=True)
    (item,) = material.items()
    assert item["taken_as_it_is"] is True
    assert item["channel"]["verdict"] == "refused"
    assert json.loads(json.dumps(item)) == item


def test_a_folder_of_clips_is_one_material(clips):
    material = read_material([clips])
    assert [source.item for source in material.sources] == [f"clip-{number}" for number in range(10)]
    assert {source.channel.verdict for source in material.sources} == {"clean"}
    assert not any(source.restored for source in material.sources)
    assert len({piece.sha256 for piece in material.pieces}) == 10


def test_a_manifest_in_the_folder_brings_the_consent(make_manifest, clips_of, tmp_path):
    sound = np.repeat(np.concatenate([sound for _, sound in clips_of("kathleen", 3)]), 3)
    make_manifest(tmp_path / "tapes", sound, names=("tape-7",))
    (source,) = read_material([tmp_path / "tapes"]).sources
    assert source.fields["voice_consent"] == "not-required"
    soundfile.write(tmp_path / "tapes/tape-7.wav", sound[:90000], 48000, subtype="PCM_24")
    with pytest.raises(RestorationError):
        read_material([tmp_path / "tapes"])


@pytest.mark.parametrize(("places", "said"), [(["nowhere.wav"], "is not there"), (["."], "there is no sound to learn")])
def test_nothing_is_a_sentence(tmp_path, places, said):
    with pytest.raises(BadMaterial, match=said):
        read_material([tmp_path / place for place in places])


def test_one_item_twice_is_a_sentence(clips):
    with pytest.raises(BadMaterial, match="“clip-0” is there more than once"):
        read_material([clips, clips / "clip-0.flac"])


def test_from_clips_to_what_is_learnt(clips, tmp_path):
    """The whole way: a proposal and a picture on disk, the curator takes a phrase out, the rest is learnt."""
    made = propose_to([clips], tmp_path)
    chosen = [each for each in made.proposed if each.proposed]
    assert len(chosen) >= 8
    assert (tmp_path / "material.png").read_bytes().startswith(b"\x89PNG")
    text = made.file.read_text(encoding="utf-8")
    made.file.write_text(text.replace(",yes,", ",no,", 1), encoding="utf-8")
    material = approved_material([clips], made.file)
    assert [piece.key for piece in material.pieces] == [each.piece.key for each in chosen[1:]]
    made.file.write_text(text.replace(",yes,", ",no,"), encoding="utf-8")
    with pytest.raises(BadMaterial, match=r"0.0 s are approved.*less than 20 s"):
        approved_material([clips], made.file)
