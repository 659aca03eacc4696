"""The command from a file to a page: on speech under hiss and on clean speech, with recipes good and bad."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
import soundfile
from typer.testing import CliRunner

from restoration.choosing import choose as choosing
from restoration.choosing import opinion, show
from restoration.choosing.candidates import AS_IT_IS
from restoration.choosing.choose import Request, choose
from restoration.cli import app
from restoration.errors import BadRecipe, RestorationError

OWN = (
    ("muffled", "equalise", 'bands = [{ kind = "lowpass", frequency_hz = 1500.0, slope_db_per_octave = 24 }]'),
    (
        "eaten",
        "reduce_noise",
        'method = "gate"\nreduction_db = 60.0\nmax_voice_loss_db = 60.0\nmax_octave_loss_db = 60.0',
    ),
    ("louder", "set_level", "target_lufs = -12.0"),
)
REDUCE = 'method = "log_spectral_amplitude"\nreduction_db = 12.0'


@pytest.fixture(autouse=True)
def few_recipes(monkeypatch):
    """Of the shipped recipes the gentle one, and no network's opinion, which takes long."""
    _few_recipes(monkeypatch)


def _few_recipes(patch):
    patch.setattr(choosing, "recipe_names", lambda: ["gentle"])
    patch.setattr(opinion, "heard_by_the_network", lambda candidate, originals: candidate)


@pytest.fixture(scope="module")
def tried(hissing_file, tmp_path_factory):
    """Four recipes on speech under hiss: (request, choice)."""
    folder = tmp_path_factory.mktemp("tried")
    own = []
    for name, step, parameters in OWN:
        own.append(folder / f"{name}.toml")
        own[-1].write_text(f'purpose = "a test"\n[[step]]\nname = "{step}"\n{parameters}\n', encoding="utf-8")
    request = Request(str(hissing_file), recipes=tuple(map(str, own)), out=folder / "choice")
    with pytest.MonkeyPatch.context() as patch:
        _few_recipes(patch)
        return request, choose(request)


def test_hiss_is_reduced_and_the_voice_is_kept(tried):
    found = tried[1]
    standings = {standing.name: standing for standing in found.standings}
    assert found.chosen.name == "gentle"
    assert found.chosen.totals.benefit_db > 4.0
    assert found.chosen.totals.voice_lost_db < 1.5
    assert "kHz; 3 dB is the most" in standings["muffled"].sentence
    assert standings["eaten"].objections
    assert standings[AS_IT_IS].totals.benefit_db == 0.0


def test_a_change_of_level_alone_is_no_gain(tried):
    louder = next(standing for standing in tried[1].standings if standing.name == "louder")
    assert louder.totals.benefit_db == pytest.approx(0.0, abs=0.1)
    assert louder.totals.voice_lost_db == pytest.approx(0.0, abs=0.1)


def test_the_page_has_all_there_is_to_see_and_hear_and_asks_the_network_for_nothing(tried):
    request, found = tried
    text = (request.out / "index.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(text)
    assert len(links.found) == len(set(links.found)) == 2 * 9  # a picture and a sound, before and after and removed
    assert all((request.out / link).is_file() for link in links.found)
    assert not re.search(r"https?://", text)
    assert found.chosen.sentence in text
    kept = json.loads((request.out / "choice.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(found.as_dict()))
    assert not list(request.out.glob("pictures/.*"))


def test_all_versions_of_an_excerpt_are_equally_loud(tried, tmp_path):
    from restoration.inspection import measure

    names = ("untreated", "gentle", "louder")
    found = [measure(tried[0].out / "sounds" / f"excerpt-1_{name}.opus")["loudness_lufs"] for name in names]
    assert max(found) - min(found) < 0.3


def test_the_screen_says_what_to_choose_and_why(tried, capsys):
    show.choice(tried[1], tried[0].out)
    told = capsys.readouterr().out
    assert "Choose gentle. It gains" in told
    assert f"- {AS_IT_IS}: " in told
    assert "index.html" in told


def test_the_command_prints_json_and_the_same_recording_gives_the_same_choice(tried, hissing_file):
    own = ",".join(tried[0].recipes[:1])
    printed = CliRunner().invoke(app, ["choose", str(hissing_file), "--json", "--recipes", own])
    found, before = json.loads(printed.stdout), tried[1].as_dict()
    assert found["chosen"] == "gentle"
    assert found["rules"]["least_benefit_db"] == 3.0
    same = [_figures_of(choice, "gentle") for choice in (found, json.loads(json.dumps(before)))]
    assert same[0] == same[1]


def _figures_of(choice, name):
    (trial,) = next(each for each in choice["candidates"] if each["name"] == name)["excerpts"]
    return trial["figures"]


def test_clean_speech_is_left_as_it_is(reading, tmp_path, recipe_file):
    soundfile.write(tmp_path / "clean.wav", reading.samples[0, : 8 * 48000], 48000, subtype="PCM_24")
    own = recipe_file("reduce", "reduce_noise", REDUCE)
    found = choose(Request(str(tmp_path / "clean.wav"), recipes=(own,)))
    assert found.chosen.name == AS_IT_IS


def test_a_recipe_that_cannot_work_here_does_not_stop_the_others(hissing_file, recipe_file, monkeypatch):
    from restoration.steps.remove_dc import RemoveDc

    def fail(self, recording):
        raise ValueError("the needle broke")

    monkeypatch.setattr(RemoveDc, "measure", fail)
    own = recipe_file("reduce", "reduce_noise", REDUCE)
    found = choose(Request(str(hissing_file), recipes=(own,)))
    standings = {standing.name: standing for standing in found.standings}
    assert found.chosen.name == "reduce"
    assert "the needle broke" in standings["gentle"].sentence


def test_an_item_of_a_manifest_brings_its_carrier(make_manifest, hissing, tmp_path, monkeypatch):
    monkeypatch.setattr(choosing, "recipe_names", list)
    manifest = make_manifest(tmp_path / "tapes", hissing)
    found = choose(Request("tape-0001", manifest=manifest))
    assert found.rules.carrier == "quarter-inch open-reel audio"
    with pytest.raises(RestorationError, match=r"did you mean 'tape-0001'\?"):
        choose(Request("tape-001", manifest=manifest))


def test_a_recipe_is_looked_for_before_any_sound(tmp_path):
    with pytest.raises(BadRecipe, match=r"there is no recipe 'mine\.toml'"):
        choose(Request(str(tmp_path / "no.wav"), recipes=("mine.toml",)))


def test_two_recipes_of_one_name_are_refused(hissing_file, recipe_file):
    with pytest.raises(RestorationError, match="two recipes are called 'gentle'"):
        choose(Request(str(hissing_file), recipes=(recipe_file("gentle", "remove_dc"),)))


def test_bad_input_is_a_sentence_and_exit_status_1(tmp_path):
    soundfile.write(tmp_path / "short.wav", [0.1] * 48000, 48000)
    command = [sys.executable, "-m", "restoration.cli", "choose", str(tmp_path / "short.wav")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "short.wav: it is 1.0 s long" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises((RestorationError, OSError), match=r"no\.wav"):
        choose(Request(str(tmp_path / "no.wav")))


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("src", "href")]
