"""Training the base of the voices and our own content encoder: their examples, and runs that end in a card."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import save_file

from restoration.errors import RestorationError
from restoration.nets.content_encoder import content_encoder
from restoration.nets.content_student import StudentShape
from restoration.nets.voice_decoder import VoiceDecoder, VoiceDecoderShape
from restoration.nets.voice_hearing import Hearing
from restoration.training.clips import is_held_out, read_sound
from restoration.training.content_encoder import ContentEncoderTask
from restoration.training.loop import Run, Schedule
from restoration.training.model import begin, card_of, export
from restoration.training.voice_base import FRAMES, LENT_FRAMES, VoiceBaseTask
from restoration.training.voice_corpus import SPEEDS, pieces_of, prepare, sampled
from restoration.voice.features import HOP, frame_powers, levelled

SMALL = VoiceDecoderShape(width=16, dilations=(1, 2), ahead=(1, 1))
SCHEDULE = Schedule(steps=4, batch=2, warm_up=2, decay=2, evaluate_every=2)


@pytest.fixture(scope="module")
def prepared(small_corpus, tmp_path_factory):
    """A folder for runs, beside which the corpus is prepared once."""
    runs = tmp_path_factory.mktemp("runs")
    for name in SPEEDS:
        prepare(small_corpus, runs / "voice-corpus", name)
    return runs


@pytest.fixture(scope="module")
def versions(small_corpus, prepared):
    return {name: prepare(small_corpus, prepared / "voice-corpus", name) for name in SPEEDS}


def test_held_out_clips_and_voices_are_told_apart(small_corpus):
    pieces = pieces_of(small_corpus)
    assert {piece.path for piece in pieces if piece.held_out} == {p.path for p in pieces if is_held_out(p.path)}
    assert 0 < sum(piece.held_out for piece in pieces) < len(pieces)
    assert all(1.2 <= piece.stop_s - piece.start_s <= 12.0 for piece in pieces)


def test_versions_say_the_same_at_their_speeds(small_corpus, prepared, versions):
    """The content of the faster version, put on the plain one's frames, is the plain one's."""
    examples = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL).batches
    plain, faster = versions["plain"], versions["faster"]
    alike = []
    for piece in range(10):
        frames = int(np.diff(plain.track_starts)[piece])
        both = [examples._content(version, plain, piece, frames)[10:-10] for version in (plain, faster)]
        # What all frames share would hide where they lie.
        ours, theirs = (each - each.mean(0) for each in both)
        shared = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
        alike.append(shared.mean())
        assert np.diff(faster.sound_starts)[piece] * 1.15 == pytest.approx(np.diff(plain.sound_starts)[piece], rel=0.01)
    assert np.mean(alike) > 0.75


def test_words_are_heard_through_the_noise_of_the_room_and_spoken_without_it(small_corpus, tmp_path):
    """The content kept of a clip is that of the file; its sound has 10 dB less in the pauses."""
    draw, noisy = np.random.default_rng(5), tmp_path / "noisy"
    noisy.mkdir()
    (noisy / "train.csv").write_bytes((small_corpus / "train.csv").read_bytes())
    for file in small_corpus.glob("*.wav"):
        sound, rate = soundfile.read(file, dtype="float32")
        soundfile.write(noisy / file.name, sound + draw.normal(0, 0.01 * sound.std() + 1e-4, sound.size), rate)
    plain = prepare(noisy, tmp_path / "voice-corpus", "plain")
    raw = levelled(read_sound(noisy / pieces_of(noisy)[3].path, 16000))
    encoder, kept = content_encoder(), plain.content[slice(*plain.content_starts[3:5])].astype(np.float32)
    made = plain.sound[slice(*plain.sound_starts[3:5])].astype(np.float32) / 32767
    np.testing.assert_allclose(kept, encoder.encode(raw[: made.size]), rtol=1e-3, atol=0.01)
    assert np.abs(kept - encoder.encode(made)).max() > 0.1
    powers = [np.sort(frame_powers(sound)) for sound in (raw, made)]
    quiet = len(powers[0]) // 20
    assert powers[1][:quiet].mean() < 0.1 * powers[0][:quiet].mean()


def test_a_faster_voice_is_a_higher_one(versions):
    high, low = (np.median(v.tracks[:, 0][v.tracks[:, 0] > 0]) for v in (versions["faster"], versions["plain"]))
    assert float(high / low) == pytest.approx(1.15, rel=0.05)


def test_an_aged_voice_has_a_channel(versions):
    channels = {name: version.codes[:, -12:].mean() for name, version in versions.items()}
    assert channels["aged"] < channels["plain"] - 0.1


def test_an_example_has_its_number_and_its_shape(small_corpus, prepared):
    task = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL)
    first, again, other = task.batches[1], task.batches[1], task.batches[2]
    for number, frames in enumerate((FRAMES, LENT_FRAMES)):
        assert all(torch.equal(one, two) for one, two in zip(first[number], again[number], strict=True))
        assert not torch.equal(first[number][-1], other[number][-1])
        shapes = [tuple(part.shape[1:]) for part in first[number]]
        assert shapes == [(frames, 288), (frames,), (frames,), (frames,), (208,), (12,), (frames * HOP,)]


def test_a_voice_lent_is_the_other_voice(small_corpus, prepared, versions):
    batches = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL).batches
    one, other = (next(iter(pieces)) for pieces in list(batches.voices.values())[:2])
    content, *_, speaker, _, sound = batches.lent(one, other, np.random.default_rng(4))
    assert content.shape == (LENT_FRAMES, 288)
    assert sound.shape == (LENT_FRAMES * HOP,)
    apart = []
    for piece in (other, one):
        known = np.concatenate([versions[v].codes[batches.beside[batches.voice_of[piece]], :208] for v in versions])
        apart.append(np.linalg.norm(known.mean(0) - speaker))
    assert apart[0] < apart[1]


def test_a_voice_lent_lies_as_high_as_it_does(small_corpus, prepared, versions):
    batches, plain = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL).batches, versions["plain"]
    pieces = [number for numbers in batches.voices.values() for number in numbers]
    low, *_, high = sorted(pieces, key=lambda piece: batches._height_hz(plain, piece))
    assert batches._height_hz(plain, high) > 1.2 * batches._height_hz(plain, low)
    # A version is drawn for each, the plain one or one 1.15 times as high: the mean of many draws lies between.
    many = [batches.lent(low, high, np.random.default_rng(seed))[1] for seed in range(12)]
    height_hz = float(np.mean([np.median(each[each > 0]) for each in many]))
    assert height_hz == pytest.approx(1.07 * batches._height_hz(plain, high), rel=0.08)


def test_both_ears_know_what_they_hear(versions):
    """What the source says is nearest to what the source says, and noise says something else; a clip has its own
    voice rather than another's."""
    plain = versions["plain"]
    hearing = Hearing(sampled(plain))
    starts = plain.sound_starts
    first, second = (torch.from_numpy(plain.sound[s : s + 32000].astype(np.float32) / 32767)[None] for s in starts[:2])
    assert hearing.words_apart(first, first) < 1e-5
    assert hearing.words_apart(first + 0.003 * torch.randn(first.shape), first) < hearing.words_apart(second, first)
    codes = torch.from_numpy(plain.codes[:, :208])
    voices = torch.tensor([float(hearing.voices_apart(first, code[None])) for code in codes])
    assert int(voices.argmin()) == 0


def test_what_tells_the_voice_is_taken_out_of_the_content(small_corpus, prepared):
    """Voices lie apart in content, by their means, and hardly do without the directions in which they do."""
    task = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL)
    plain, network = task.batches.versions["plain"], task.network
    starts = plain.content_starts
    means: dict[str, list[torch.Tensor]] = {}
    for number, voice in enumerate(task.batches.voice_of):
        frames = torch.from_numpy(plain.content[starts[number] : starts[number + 1]].astype(np.float32))
        means.setdefault(voice, []).append(frames.mean(0))
    of_voices = torch.stack([torch.stack(each).mean(0) for each in means.values()])
    before = ((of_voices - network.content_mean) / network.content_spread).var(0).sum()
    assert network.voiceless(of_voices).var(0).sum() < 0.01 * before
    directions = network.content_voices[network.content_voices.any(1)]
    assert torch.allclose(directions @ directions.T, torch.eye(len(directions)), atol=1e-4)


def test_a_run_begins_from_the_weights_of_another(small_corpus, prepared, tmp_path):
    """Parameters are taken over, what a run was told about its corpus is not; another network's are a sentence."""
    task = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL)
    other = VoiceDecoder(SMALL)
    with torch.no_grad():
        other.tone.bias.fill_(-3.0)
    other.content_mean.fill_(5.0)
    save_file(other.state_dict(), tmp_path / "other.safetensors")
    begin(task.network, tmp_path / "other.safetensors")
    assert bool((task.network.tone.bias == -3.0).all())
    assert not bool((task.network.content_mean == 5.0).any())
    save_file(VoiceDecoder(VoiceDecoderShape(width=24)).state_dict(), tmp_path / "wide.safetensors")
    with pytest.raises(RestorationError, match="it is of another network"):
        begin(task.network, tmp_path / "wide.safetensors")
    (tmp_path / "text.safetensors").write_text("no weights", encoding="utf-8")
    for wrong in ("text.safetensors", "missing.safetensors"):
        with pytest.raises(RestorationError, match=f"{wrong} cannot be read as weights"):
            begin(task.network, tmp_path / wrong)


def test_held_out_pieces_are_never_drawn(small_corpus, prepared):
    task = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL)
    known = json.loads((prepared / "voice-corpus" / "pieces.json").read_text(encoding="utf-8"))
    drawn = {number for numbers in task.batches.voices.values() for number in numbers}
    assert drawn == {number for number, (_, held_out) in enumerate(known) if not held_out}
    assert set(task.batches.held_out).isdisjoint(drawn)


def test_the_base_learns_and_ends_in_a_card(small_corpus, prepared):
    task = VoiceBaseTask(small_corpus, prepared / "base", SCHEDULE, SMALL)
    run = Run(task, SCHEDULE, prepared / "base")
    run.train()
    points = [json.loads(line) for line in run.curve.read_text(encoding="utf-8").splitlines()]
    assert [point["step"] for point in points] == [2, 4]
    assert points[-1]["held_out_loss"] < points[0]["held_out_loss"]
    weights = export(task, prepared / "base" / "best.pt", prepared / "base" / "voice-base.safetensors")
    card = tomllib.loads(card_of("voice-base", small_corpus, weights, run.curve, SCHEDULE, weights))["model"][0]
    assert f"--begin-from voice-base.safetensors (sha256 {card['sha256']})" in card["recipe"]
    assert card["name"] == "voice-base"
    assert "content_alike" in card["quality"]


def test_the_content_encoder_learns(small_corpus, prepared):
    shape = StudentShape(width=32, dilations=(1, 2), ahead=(1, 1))
    schedule = Schedule(steps=6, batch=4, warm_up=1, decay=1, evaluate_every=3, rate=5e-3)
    task = ContentEncoderTask(small_corpus, prepared / "content", schedule, shape)
    run = Run(task, schedule, prepared / "content")
    run.train()
    points = [json.loads(line) for line in run.curve.read_text(encoding="utf-8").splitlines()]
    assert points[-1]["cosine"] > points[0]["cosine"]


def test_a_stretch_and_its_frames_lie_together(small_corpus, prepared):
    task = ContentEncoderTask(small_corpus, prepared / "content", SCHEDULE, StudentShape())
    sound, frames = task.batches[0]
    heard = content_encoder().encode(sound[0].numpy())
    shown = (frames[0] != frames[0, -1]).any(1).nonzero()[-1].item()
    ours, theirs = heard[5 : shown - 5], frames[0].numpy()[5 : shown - 5]
    shared = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    assert shared.mean() > 0.9
