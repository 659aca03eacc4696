"""A text read aloud: the words are there, the pauses are those of the punctuation, and it is the same each time."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from restoration.errors import RestorationError
from restoration.voice import text_to_speech
from restoration.voice.clauses import PAUSES_S, clauses
from restoration.voice.espeak import best_voice
from restoration.voice.text_to_speech import ENGINES, EspeakNg, Piper, engine

RATE = 16000
READING = (
    "The old house stood on a hill above the river, and nobody had lived in it for twenty years. "
    "Every evening the children of the village walked past it on their way home from school. "
    "They told each other stories about the people who had left; most of them were true. "
    "One winter morning a letter came from the city. It said that the house would be opened again."
)
espeak = pytest.importorskip("espeakng_loader", reason="reading aloud needs the extra speak")


@pytest.fixture(scope="module")
def read_aloud() -> np.ndarray:
    return EspeakNg().read(READING, "en-US")


def silences_s(sound: np.ndarray) -> list[float]:
    """Lengths of the stretches of digital silence."""
    quiet = np.concatenate([[False], np.abs(sound) < 1e-4, [False]])
    edges = np.flatnonzero(np.diff(quiet.astype(int)))
    lengths = (edges[1::2] - edges[::2]) / RATE
    return [float(each) for each in lengths if each > 0.12]


def test_the_words_are_understood(read_aloud: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    """By the fixed recogniser, sentence by sentence: a formant synthesiser is no easy reading for it."""
    recogniser = pytest.importorskip("restoration.benchmark.recogniser")
    said = recogniser.words(READING)
    gap = np.flatnonzero(np.abs(read_aloud) > 1e-4)
    breaks = gap[np.flatnonzero(np.diff(gap) > 0.5 * RATE)] + RATE // 4
    heard = " ".join(recogniser.recognised(each.astype(np.float64)) for each in np.split(read_aloud, breaks))
    rate = recogniser.distance(said, recogniser.words(heard)) / len(said)
    with capsys.disabled():
        sys.stdout.write(f"\nespeak-ng read aloud, word error rate by Moonshine: {rate:.3f} of {len(said)} words\n")
    assert rate <= 0.12


def test_the_same_text_gives_the_same_sound(read_aloud: np.ndarray) -> None:
    assert np.array_equal(EspeakNg().read(READING, "en-US"), read_aloud)


def test_sound_is_as_the_converter_likes_it(read_aloud: np.ndarray) -> None:
    from restoration.voice.features import gain_db

    assert read_aloud.dtype == np.float32 and read_aloud.ndim == 1
    assert np.abs(read_aloud).max() < 0.9
    assert abs(gain_db(read_aloud)) < 2.0
    assert 15 < read_aloud.size / RATE < 40


def test_pauses_are_as_long_as_the_punctuation_says() -> None:
    read = EspeakNg().read
    text = "One house, two houses; three houses. Four"
    found = silences_s(read(text, "en")[: -round(PAUSES_S["line"] * RATE)])
    wanted = [PAUSES_S["clause"], PAUSES_S["part"], PAUSES_S["sentence"]]
    # The engine's own fading and 20 ms of its silence on each side belong to the words.
    assert np.allclose(found, wanted, atol=0.08), found
    assert read("One house, two", "en").size > read("One house two", "en").size + 0.1 * RATE


def test_the_silence_of_an_engine_is_cut_off() -> None:
    """Piper ends its sentences with a pause of its own."""
    tone = np.sin(np.arange(22050) / 10).astype(np.float32)
    spoken = np.concatenate([np.zeros(9000), tone, np.full(30000, 1e-4)]).astype(np.float32)
    parts = clauses("one; two.")
    found = text_to_speech._joined(parts, [spoken, 0.01 * spoken], 22050)
    pauses = [PAUSES_S["part"], PAUSES_S["sentence"]]
    assert found.size / RATE == pytest.approx(2.0 + sum(pauses) + 4 * text_to_speech.KEPT_S, abs=0.005)
    first, second = found[2000:14000], found[RATE + 10000 : RATE + 20000]
    assert np.std(second) == pytest.approx(np.std(first), rel=0.02)


def test_clauses_of_prose_and_verse() -> None:
    def of(text: str) -> list[tuple[str, str]]:
        names = {pause: kind for kind, pause in PAUSES_S.items()}
        return [(each.text, names[each.pause_s]) for each in clauses(text)]

    assert of("Hello, world.") == [("Hello,", "clause"), ("world.", "sentence")]
    assert of("It cost 3.14 or 1,000… Really?!") == [("It cost 3.14 or 1,000…", "trail"), ("Really?!", "sentence")]
    assert of("Mr. Smith met W. B. Yeats.") == [("Mr. Smith met W. B. Yeats.", "sentence")]
    assert of("He said: “Go!” and left") == [("He said:", "part"), ("“Go!”", "sentence"), ("and left", "line")]
    assert of("a well-known man — a poet") == [("a well-known man —", "part"), ("a poet", "line")]
    assert of("O captain\nmy captain,\n\nThe end") == [
        ("O captain", "line"),
        ("my captain,", "paragraph"),
        ("The end", "paragraph"),
    ]
    assert of("Привет, мир! т.е. так.") == [("Привет,", "clause"), ("мир!", "sentence"), ("т.е. так.", "sentence")]
    assert of("你好，世界。") == [("你好，", "clause"), ("世界。", "sentence")]
    assert of(" … -- \n\n !") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en-GB", "Good morning"),
        ("ru", "Доброе утро"),
        ("uz-Latn-UZ", "Xayrli tong"),
        ("fr", "Bonjour à tous"),
        ("nl-BE", "Goedemorgen"),
        ("pt_BR", "Bom dia"),
        ("zh", "早上好"),
    ],
)
def test_languages_by_their_tags(language: str, text: str) -> None:
    sound = EspeakNg().read(text, language)
    assert 0.6 < sound.size / RATE < 3
    # Another voice says it otherwise: the language is not ignored.
    other = EspeakNg().read(text, "it")
    assert sound.size != other.size or not np.allclose(sound, other)


def test_the_voice_of_a_tag() -> None:
    known = {"en": "a", "en-us": "b", "fr-be": "c", "fr-fr": "d", "cmn": "e", "pt": "f", "pt-br": "g"}
    looked_up = {
        "en-US": "b",
        "en-AU": "a",
        "fr": "d",
        "fr-CH": "d",
        "zh-Hant": "e",
        "pt_BR": "g",
        "tlh": None,
        "": None,
    }
    assert {tag: best_voice(tag, known) for tag in looked_up} == looked_up


def test_faster_is_shorter() -> None:
    slow, fast = (EspeakNg(words_a_minute=words).read("A reading of a few words", "en") for words in (110, 220))
    assert slow.size > 1.4 * fast.size


def test_markup_is_read_and_not_obeyed() -> None:
    assert EspeakNg().read('<audio src="/etc/passwd"/> word', "en").size > RATE


@pytest.mark.parametrize(
    ("text", "language", "sentence"),
    [
        ("", "en", "no letter and no digit"),
        (" ...\n—", "en", "no letter and no digit"),
        ("Hello", "tlh-Kx", "does not read the language 'tlh-Kx'; it reads af"),
        ("a" * 200_001, "en", "at most 200000"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(text: str, language: str, sentence: str) -> None:
    with pytest.raises(RestorationError, match=sentence):
        EspeakNg().read(text, language)


def test_engines_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ENGINES == ("espeak-ng", "piper")
    assert [engine(name).name for name in ENGINES] == list(ENGINES)
    with pytest.raises(RestorationError, match="no engine 'festival' that reads aloud; there are espeak-ng, piper"):
        engine("festival")
    with pytest.raises(RestorationError, match="takes no voice file"):
        engine("espeak-ng", tmp_path / "voice.onnx")
    with pytest.raises(RestorationError, match="80 to 450"):
        EspeakNg(words_a_minute=10)
    monkeypatch.setattr(text_to_speech, "find_spec", lambda name: None)
    with pytest.raises(RestorationError, match="pip install piper-tts"):
        engine("piper", tmp_path / "voice.onnx").read("Hello", "en")
    with pytest.raises(RestorationError, match=r"heritage-voice\[speak\]"):
        engine().read("Hello", "en")


def test_a_voice_of_piper_is_of_one_language(tmp_path: Path) -> None:
    file = tmp_path / "voice.onnx"
    Path(f"{file}.json").write_text(json.dumps({"language": {"code": "nl_BE"}}), encoding="utf-8")
    Piper(file)._check_language("nl")
    with pytest.raises(RestorationError, match="speaks 'nl_BE'; the text is in 'en-US'"):
        Piper(file)._check_language("en-US")
    Path(f"{file}.json").write_text("[]", encoding="utf-8")
    with pytest.raises(RestorationError, match="does not say which language"):
        Piper(file)._check_language("nl")
