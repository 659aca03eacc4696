"""The judges of voices: what they say of the same voice, of another, of changed words and of a changed melody."""

import csv
import importlib.util

import numpy as np
import pytest
import soundfile
import soxr
from scipy.signal import lfilter

from restoration.benchmark import ge2e
from restoration.benchmark import voice_judges as judges
from restoration.errors import MissingWeights, RestorationError
from restoration.weights import card, locate

RATE = judges.SAMPLE_RATE
GE2E_PLACES = [
    10, 16, 21, 33, 36, 37, 38, 47, 64, 77, 82, 109, 113, 124, 127, 132, 133, 142, 160, 168, 180, 187, 197, 199, 200,
    207, 238, 240, 245, 246, 254,
]  # fmt: skip
GE2E_VALUES = [0.2768, 0.1406, 0.1731, 0.1469]


def needs(package):
    installed = importlib.util.find_spec(package) is not None
    return pytest.mark.skipif(not installed, reason=f"the package {package} is not installed (extra benchmark)")


@pytest.fixture(scope="module")
def speech(reading):
    """Six seconds of the demonstration's reading at 16 kHz."""
    return soxr.resample(reading.samples[0, 48000 : 7 * 48000], 48000, RATE)


@pytest.fixture(scope="module")
def two_speakers(corpus):
    """Four clips each by a man and a woman that nothing was trained on."""
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        [read(corpus / row["path"]) for row in rows if row["speaker"] == name and float(row["duration_s"]) >= 3][:4]
        for name in ("so2016", "so2059")
    ]


def read(path):
    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), sample_rate, RATE)


def voiced(f0_hz, harmonics=12):
    """A buzz through two formants that follows a melody, one value a sample."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, harmonics + 1))
    for hz, width_hz in ((600.0, 120.0), (1500.0, 200.0)):
        radius = np.exp(-np.pi * width_hz / RATE)
        buzz = lfilter([1 - radius], [1, -2 * radius * np.cos(2 * np.pi * hz / RATE), radius**2], buzz)
    return (0.2 * buzz / np.abs(buzz).max()).astype(np.float32)


def melody(seconds=2.0, base_hz=140.0):
    time_s = np.arange(round(seconds * RATE)) / RATE
    return base_hz * 2 ** (np.sin(2 * np.pi * 0.7 * time_s) * 4 / 12)


@needs("resemblyzer")
def test_ge2e_is_the_network_on_its_card():
    assert locate(ge2e.MODEL).name == "pretrained.pt"
    assert card(ge2e.MODEL).extra == "benchmark"


@needs("resemblyzer")
def test_ge2e_does_not_hear_how_loud_a_sound_is(speech):
    loud, soft = ge2e.embed(speech), ge2e.embed(0.05 * speech)
    assert np.linalg.norm(loud) == pytest.approx(1.0, abs=1e-5)
    assert loud.min() >= 0
    assert loud @ soft > 0.9999


@needs("resemblyzer")
def test_ge2e_gives_what_the_package_gives(two_speakers):
    """Values of Resemblyzer 0.1.4 (`VoiceEncoder.embed_utterance`) on the first clip, brought to -30 dBFS."""
    vector = ge2e.embed(two_speakers[0][0])
    assert np.flatnonzero(vector > 0.1).tolist() == GE2E_PLACES
    np.testing.assert_allclose(vector[GE2E_PLACES[:4]], GE2E_VALUES, atol=2e-3)


def test_ge2e_windows_cover_a_sound_as_the_package_has_it():
    assert ge2e.window_starts(16000) == [0]
    assert ge2e.window_starts(5 * 16000) == [0, 77, 154, 231, 308]
    # The last one counts from three quarters on: 120 of its 160 hops.
    assert ge2e.window_starts((77 + 119) * 160) == [0]
    assert ge2e.window_starts((77 + 120) * 160) == [0, 77]


@needs("librosa")
@pytest.mark.slow
def test_mel_power_is_that_of_librosa(speech):
    import librosa

    theirs = librosa.feature.melspectrogram(y=speech, sr=RATE, n_fft=400, hop_length=160, n_mels=40).T
    np.testing.assert_allclose(ge2e.mel_power(speech), theirs, rtol=1e-3, atol=1e-4 * theirs.max())


@pytest.mark.parametrize("judge", [pytest.param("ge2e", marks=needs("resemblyzer")), "own"])
def test_a_speaker_is_nearer_to_themself_than_to_another(judge, two_speakers):
    embed = judges.SPEAKER_JUDGES[judge]
    man, woman = (np.stack([embed(clip) for clip in clips]) for clips in two_speakers)
    for one, other in ((man, woman), (woman, man)):
        for number in range(len(one)):
            own = judges.centroid(np.delete(one, number, axis=0))
            assert judges.cosine(one[number], own) > judges.cosine(one[number], judges.centroid(other)) + 0.15


def test_our_embedding_takes_sounds_of_any_length(speech):
    short, long = judges.own_embedding(speech[: RATE // 2]), judges.own_embedding(speech)
    assert short.shape == long.shape == (128,)
    assert np.linalg.norm(long) == pytest.approx(1.0, abs=1e-4)
    # What is silent is not asked who speaks.
    with_pause = np.concatenate([speech, np.zeros(3 * RATE, dtype=np.float32)])
    assert judges.cosine(judges.own_embedding(with_pause), long) > 0.97


def test_word_errors_are_changes_omissions_and_additions():
    spoken = ["one", "two", "three", "four"]
    assert judges.word_error_rate(spoken, spoken) == 0
    assert judges.word_error_rate(spoken, ["one", "too", "four", "five"]) == 0.75
    assert judges.word_error_rate(spoken, []) == 1
    assert judges.word_error_rate([], ["one"]) is None


@pytest.mark.parametrize(
    ("judge", "most"),
    [
        pytest.param("moonshine", 0.3, marks=needs("moonshine_voice")),
        pytest.param("pocketsphinx", 0.8, marks=[needs("pocketsphinx"), pytest.mark.slow]),
    ],
)
def test_words_are_heard_in_speech_and_not_in_speech_backwards(judge, most, corpus):
    clip = read(corpus / "train/so2016/020160131.opus")
    said = ["just", "down", "the", "street", "from", "my", "office"]
    hear = judges.WORD_JUDGES[judge]
    assert judges.word_error_rate(said, hear(clip)) <= most
    assert judges.word_error_rate(said, hear(clip[::-1].copy())) >= 0.8


@needs("pocketsphinx")
@pytest.mark.slow
def test_pocketsphinx_hears_the_same_whatever_it_heard_before(corpus):
    first, second = (read(corpus / f"train/so2016/0201601{number}.opus") for number in (31, 32))
    alone = judges.heard_by_pocketsphinx(first)
    judges.heard_by_pocketsphinx(0.1 * second)
    assert judges.heard_by_pocketsphinx(first) == alone


@needs("swift_f0")
def test_a_transposed_melody_agrees_and_its_interval_is_told():
    found = judges.pitch_agreement(voiced(melody()), voiced(melody() * 2 ** (5 / 12)))
    assert found.correlation > 0.99
    assert found.semitone_error < 0.15
    assert found.transposed_semitones == pytest.approx(5.0, abs=0.15)
    assert found.common > 0.9


@needs("swift_f0")
def test_another_melody_does_not_agree():
    upside_down = judges.pitch_agreement(voiced(melody()), voiced(140.0**2 / melody()))
    assert upside_down.correlation < -0.9
    assert upside_down.semitone_error > 2


@needs("swift_f0")
def test_where_nothing_is_voiced_there_is_no_agreement():
    noise = 0.1 * np.random.default_rng(1).standard_normal(2 * RATE).astype(np.float32)
    found = judges.pitch_agreement(voiced(melody()), noise)
    assert found.correlation is None
    assert found.semitone_error is None
    assert found.common < 0.1


@needs("distillmos")
def test_distill_mos_likes_clean_speech_better_than_noisy(speech):
    noise = np.random.default_rng(1).standard_normal(speech.size).astype(np.float32)
    noisy = speech + 0.3 * np.sqrt(np.mean(speech**2)) * noise
    assert judges.distill_mos(speech) > judges.distill_mos(noisy) + 0.5


@pytest.mark.parametrize(
    ("judge", "package"),
    [
        (judges.ge2e_embedding, "resemblyzer"),
        (judges.heard_by_moonshine, "moonshine-voice"),
        (judges.heard_by_pocketsphinx, "pocketsphinx"),
        (judges.distill_mos, "distillmos"),
    ],
)
def test_a_judge_that_is_not_installed_is_a_sentence(judge, package, speech, monkeypatch):
    monkeypatch.setattr("restoration.benchmark.extras.importlib.util.find_spec", lambda name: None)
    expected = rf"the package {package} is not installed: pip install 'heritage-voice\[benchmark\]'"
    with pytest.raises(RestorationError, match=expected):
        judge(speech)
    assert set(judges.judges_missing()) == {"ge2e", "moonshine", "pocketsphinx", "distill_mos"}


def test_a_card_names_the_extra_where_its_package_is_missing(monkeypatch):
    monkeypatch.setattr("restoration.weights.find_spec", lambda name: None)
    with pytest.raises(MissingWeights, match=r"pip install 'heritage-voice\[benchmark\]'"):
        locate(ge2e.MODEL)
