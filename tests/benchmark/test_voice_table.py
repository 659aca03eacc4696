"""A benchmark of voices: whom it draws, what it says of converters that lend nothing, and how its tables read."""

import csv
import json
import re

import pytest
from typer.testing import CliRunner

from restoration.benchmark import voice_table as tables
from restoration.benchmark.figures import Figure
from restoration.benchmark.voice_judges import heard_by_moonshine, word_error_rate
from restoration.benchmark.voice_page import page
from restoration.benchmark.voice_people import SAME, SAME_SOURCES, STRANGER, STRANGERS, Level
from restoration.benchmark.voice_run import VoiceRequest, VoiceResults, VoiceRow, run_voices
from restoration.benchmark.voice_show import write
from restoration.benchmark.voice_sources import draw_sources, find_reading, find_sources, read
from restoration.benchmark.voice_systems import CONTROLS, check_voice
from restoration.cli import app
from restoration.errors import RestorationError
from restoration.nets.recogniser import words
from restoration.nets.speaker_corpus import HELD_OUT
from restoration.training.clips import is_held_out

RATE = 16000


def row(system, clip, scores=None, error=""):
    return VoiceRow(clip, "0" * 64, clip.split("/")[0], "f", 1, system, "v", 0.2, 0.05, 120.0, scores or {}, error)


@pytest.fixture
def made():
    """Results as they would be of two sources, made by hand."""
    one = {
        "ge2e_to_target": 0.8,
        "ge2e_to_source": 0.5,
        "ge2e_closer": 1.0,
        "wer_moonshine": 0.1,
        "text_wer_moonshine": None,
    }
    other = {"ge2e_to_target": 0.9, "ge2e_to_source": 0.7, "ge2e_closer": 1.0, "wer_moonshine": None}
    rows = (
        row("reader", "a/1", one),
        row("reader", "b/1", other),
        row("<b>shy</b>", "a/1", error="NoConsent: nobody allowed it"),
    )
    calibration = (Level("ge2e", SAME, ((0.9,), (0.96,))), Level("ge2e", STRANGERS, ((0.5, 0.6), (0.4, 0.5))))
    facts = {
        "seed": 7, "sources": {"a/1": "0" * 64}, "sexes": {"f": 2, "m": 0, "": 0}, "speakers": 2, "reading": ["r"],
        "systems": {"reader": "v"}, "judges": {"own": "1"}, "software": {"numpy": "2"},
    }  # fmt: skip
    return VoiceResults(rows, calibration, (4.2, 4.4), {"pocketsphinx": "not there"}, facts)


def cells(table):
    columns = table.columns[1:]
    return {name: dict(zip(columns, (cell.text for cell in line), strict=True)) for name, line in table.rows}


def test_a_table_holds_means_with_standard_errors_and_what_is_to_be_reached(made):
    voice, heard, cost = tables.voices(made)
    told = cells(voice)
    assert told["reader"]["GE2E: to the target ↑"] == "0.850 ±0.050"
    assert told["the reading itself"]["GE2E: to the target ↑"] == "0.930 ±0.030"
    assert told["to reach"]["GE2E: to the target ↑"] == "0.840"
    # A stranger's level and .03: beside the source, a voice may be no more.
    assert told["to reach"]["GE2E: to the source ↓"] == "0.530"
    assert cells(heard)["reader"]["word errors, Moonshine ↓"] == "0.100"
    assert not any("beside the text" in column for column in heard.columns)  # no text is known
    assert cells(cost)["reader"]["processor s per s"] == "0.0500"


def test_what_failed_is_in_no_figure_and_is_told(made):
    told = cells(next(tables.voices(made)))
    assert set(told["<b>shy</b>"].values()) == {"–"}
    html = page(made)
    assert "1 of the conversions failed" in html
    assert "NoConsent: nobody allowed it" in html
    assert "<b>shy</b>" not in html
    assert "<b>pocketsphinx</b>: not there" in html


def test_quantiles_are_those_of_pairs_and_errors_those_of_clips(made):
    told = cells(tables.calibration(made))[f"GE2E, {STRANGERS}"]
    assert told == {"mean": "0.500 ±0.050", "5 %": "0.415", "95 %": "0.585", "clips": "2"}


def test_files_hold_every_figure(made, tmp_path):
    write(made, tmp_path)
    with (tmp_path / "voices.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["ge2e_to_target"] for line in lines] == ["0.8", "0.9", ""]
    about = json.loads((tmp_path / "benchmark.json").read_text(encoding="utf-8"))
    assert about["seed"] == 7
    assert about["calibration"][0]["standard_error"] == pytest.approx(0.03)
    assert "0.850 ±0.050" in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def drawn(corpus):
    return draw_sources(corpus, 40, seed=1)


def test_sources_are_held_out_english_clips_by_as_many_women_as_men(drawn, corpus):
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = {str(corpus / line["path"]): line for line in csv.DictReader(file)}
    told = [rows[str(clip.path)] for clip in drawn.clips]
    assert all(line["speaker"] in HELD_OUT or is_held_out(line["path"]) for line in told)
    assert all(line["language"].startswith("en") and float(line["duration_s"]) >= 3 for line in told)
    assert sorted(line["sex"] for line in told) == ["f"] * 20 + ["m"] * 20
    assert len({clip.path for clip in drawn.clips}) == 40
    assert len({clip.speaker for clip in drawn.clips[:12]}) == 12


def test_a_seed_decides_the_sources(drawn, corpus):
    assert draw_sources(corpus, 40, seed=1) == drawn
    assert draw_sources(corpus, 40, seed=2).clips != drawn.clips
    assert draw_sources(corpus, 6, seed=1).clips == drawn.clips[:6]


def test_the_others_of_a_source_are_other_clips_of_its_speaker(drawn):
    for clip in drawn.clips:
        assert drawn.others[clip.name]
        assert all(each.speaker == clip.speaker and each.path != clip.path for each in drawn.others[clip.name])


def test_too_few_sources_and_no_table_are_sentences(corpus, tmp_path):
    with pytest.raises(RestorationError, match="held-out English clips of 3 s or more; 100000 are wanted"):
        draw_sources(corpus, 100000, seed=1)
    with pytest.raises(RestorationError, match=r"train\.csv is not there"):
        draw_sources(tmp_path, 4, seed=1)


@pytest.fixture(scope="module")
def results(corpus):
    """Two converters that lend nobody's voice, on four sources, heard by the judges that are quick."""
    reading = tuple(find_reading(corpus / "dev" / "reading_lj")[:4])
    sources = draw_sources(corpus, 4, seed=1)
    return run_voices(VoiceRequest(tuple(CONTROLS), sources, reading, seed=1, quick=True))


def mean(results, system, name):
    found = tables.figure(results, system, name)
    assert isinstance(found, Figure), f"{system} has no {name}: {results.left_out}"
    return found.mean


def needed(results, judge):
    if judge in results.left_out:
        pytest.skip(results.left_out[judge])


def test_an_identity_stays_its_source_and_is_a_stranger_to_the_target(results):
    needed(results, "ge2e")
    levels = {level.what: level.figure.mean for level in results.calibration if level.judge == "ge2e"}
    assert mean(results, "source", "ge2e_to_target") == pytest.approx(levels[STRANGER], abs=1e-6)
    assert mean(results, "source", "ge2e_to_source") == pytest.approx(levels[SAME_SOURCES], abs=1e-6)
    assert mean(results, "source", "ge2e_closer") == 0
    assert mean(results, "source", "own_closer") == 0


def test_another_speed_leaves_the_speaker_without_becoming_the_target(results):
    for judge in [judge for judge in ("ge2e", "own") if judge not in results.left_out]:
        same = mean(results, "source", f"{judge}_to_source")
        assert mean(results, "faster", f"{judge}_to_source") < same - 0.05
        target = next(level for level in results.calibration if (level.judge, level.what) == (judge, SAME))
        assert mean(results, "faster", f"{judge}_to_target") < target.figure.mean - 0.15


def test_an_identity_loses_no_word_and_no_melody(results):
    needed(results, "moonshine")
    assert mean(results, "source", "wer_moonshine") == 0
    needed(results, "pitch")
    assert mean(results, "source", "f0_correlation") == pytest.approx(1.0)
    assert mean(results, "source", "f0_semitones") == 0
    assert mean(results, "faster", "f0_correlation") < 0.9


def test_errors_beside_the_text_are_those_of_the_source_and_what_a_voice_adds(results, corpus):
    needed(results, "moonshine")
    with (corpus / "train.csv").open(encoding="utf-8", newline="") as file:
        texts = {f"{line['speaker']}/{line['path'].split('/')[-1][:-5]}": line["text"] for line in csv.DictReader(file)}
    for one in tables.rows_of(results, "source"):
        sound = read(next(clip for clip in draw_sources(corpus, 4, seed=1).clips if clip.name == one.clip))
        expected = word_error_rate(words(texts[one.clip]), heard_by_moonshine(sound))
        assert one.scores["text_wer_moonshine"] == expected
    told = cells(list(tables.voices(results))[-2])
    wanted = mean(results, "source", "text_wer_moonshine") + 0.12
    assert told["to reach"]["errors beside the text, Moonshine ↓"] == f"{wanted:.3f}"


def test_what_is_longer_than_what_is_heard_has_no_text(tmp_path):
    heading = "path,speaker,language,sex,duration_s,text\n"
    lines = [
        f"{HELD_OUT[0]}-{n}.wav,{HELD_OUT[0]},en-US,{sex},{s},READ IT\n"
        for n, (sex, s) in enumerate((("f", 12), ("m", 12.1)))
    ]
    (tmp_path / "train.csv").write_text(heading + "".join(lines), encoding="utf-8")
    assert [clip.text for clip in draw_sources(tmp_path, 2, seed=1).clips] == ["READ IT", ""]


def test_the_same_speaker_stands_above_another(results):
    for judge in [judge for judge in ("ge2e", "own") if judge not in results.left_out]:
        levels = {level.what: level for level in results.calibration if level.judge == judge}
        assert levels[SAME].quantile(0.05) > levels[STRANGER].quantile(0.95)
        assert levels[SAME_SOURCES].figure.mean > levels[STRANGERS].figure.mean + 0.15


def test_what_it_cost_and_what_it_was_made_with_is_recorded(results):
    assert all(row.peak_mb > 10 and row.rtf < 0.05 and not row.error for row in results.rows)
    assert set(results.facts["systems"]) == set(CONTROLS)
    assert results.facts["sexes"] == {"f": 2, "m": 2, "": 0}
    assert results.left_out["distill_mos"] == "takes long"
    assert re.search(r"another speaker, beside the sources", page(results))


def test_sources_of_ones_own_are_known_by_their_folders(corpus, tmp_path):
    for name in ("so2016/020160042", "so2016/020160068", "so2059/020590042"):
        place = tmp_path / name.partition("/")[0]
        place.mkdir(exist_ok=True)
        found = sorted((corpus / "train" / place.name).glob("*.opus"))
        source = next(path for path in found if not (place / path.name).exists() and read_s(path) >= 3)
        (place / source.name).write_bytes(source.read_bytes())
    sources = find_sources(tmp_path, None)
    assert sorted(clip.speaker for clip in sources.clips) == ["so2016", "so2016", "so2059"]
    assert [len(sources.others[clip.name]) for clip in sources.clips] == [1, 1, 0]


def read_s(path):
    import soundfile

    return soundfile.info(path).duration


def test_a_folder_that_holds_no_voice_is_a_sentence(tmp_path, corpus):
    with pytest.raises(RestorationError, match=r"is no voice: it holds no voice\.safetensors and no card\.json"):
        check_voice(tmp_path)


def test_a_voice_that_cannot_be_opened_has_a_row_that_says_why(corpus, tmp_path):
    (tmp_path / "voice.safetensors").write_bytes(b"no weights")
    (tmp_path / "card.json").write_text("{}", encoding="utf-8")
    reading = tuple(find_reading(corpus / "dev" / "reading_lj")[:2])
    sources = draw_sources(corpus, 1, seed=1)
    found = run_voices(VoiceRequest((str(tmp_path),), sources, reading, seed=1, quick=True))
    assert found.rows[0].error
    assert not found.rows[0].scores
    assert found.rows[0].system == tmp_path.name


def test_clips_are_read_at_16_khz_and_no_longer_than_twelve_seconds(drawn):
    assert all(3 * RATE - 200 <= read(clip).size <= 12 * RATE for clip in drawn.clips[:3])


def test_the_bare_command_still_wants_its_corpus_and_the_other_one_does_not_pass_it_on():
    run = CliRunner().invoke
    bare = run(app, ["benchmark"])
    assert bare.exit_code == 2
    assert "--corpus" in bare.output
    voice = run(app, ["benchmark", "voice"])
    assert isinstance(voice.exception, RestorationError)
    assert "name --corpus" in str(voice.exception)
    assert "--degradations" in run(app, ["benchmark", "--help"]).output
