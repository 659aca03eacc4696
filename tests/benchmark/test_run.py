"""A benchmark from end to end, small: what is finished is not done again, and what is not there is named."""

import csv
import json
import shutil
from dataclasses import replace

import pytest

from restoration.benchmark import peers, show
from restoration.benchmark.find import find_systems, the_system
from restoration.benchmark.page import page
from restoration.benchmark.rows import Rows
from restoration.benchmark.run import Request, run_benchmark
from restoration.benchmark.scores import MEASURES
from restoration.errors import BadRecipe, RestorationError

SYSTEMS = ("none", "noisereduce-quiet-clip", "gentle")


@pytest.fixture(scope="module")
def request_of_two(clips_folder, tmp_path_factory):
    return Request(
        corpus=clips_folder,
        out=tmp_path_factory.mktemp("benchmark"),
        systems=SYSTEMS,
        degradations=("clean", "tape 10 dB"),
        longest_s=2.0,
    )


@pytest.fixture(scope="module")
def measures_without_peers(request):
    """Only what needs no network, so that the scoring process starts at once."""
    with pytest.MonkeyPatch.context() as patch:
        quick = {name: MEASURES[name] for name in ("si_sdr_db", "lsd", "pesq", "estoi")}
        patch.setattr("restoration.benchmark.scores.MEASURES", quick)
        yield


@pytest.fixture(scope="module")
def results(request_of_two, measures_without_peers):
    return run_benchmark(request_of_two)


def test_there_is_a_row_for_each_clip_degradation_and_system(results):
    assert results.made == len(results.rows) == 2 * 2 * 3
    assert not [row.error for row in results.rows if row.error]
    assert {row.system for row in results.rows} == set(SYSTEMS)


def test_doing_nothing_to_a_clean_clip_reaches_the_ceiling_and_to_a_tape_does_not(results):
    by_degradation = {row.degradation: row for row in results.rows if row.system == "none"}
    assert by_degradation["clean"].scores["si_sdr_db"] == 100.0
    assert by_degradation["tape 10 dB"].scores["si_sdr_db"] < 15.0


def test_a_process_of_its_own_says_what_it_cost(results):
    costs = {row.system: (row.rtf, row.peak_mb) for row in results.rows}
    assert costs["none"][0] < costs["gentle"][0] < 5.0
    # Doing nothing takes an interpreter and numpy; our steps bring scipy and more.
    assert 10 < costs["none"][1] < costs["gentle"][1]


def test_a_second_run_does_nothing_twice(request_of_two, results, measures_without_peers, monkeypatch):
    monkeypatch.setattr("restoration.benchmark.service.Service.ask", None)
    again = run_benchmark(request_of_two)
    assert again.made == 0
    assert again.rows == results.rows


@pytest.mark.slow
def test_another_seed_and_another_system_are_new(request_of_two, results, measures_without_peers, tmp_path):
    shutil.copy(request_of_two.out / "rows.jsonl", tmp_path)
    fewer = replace(request_of_two, systems=("none", "ideal"), clips=1, out=tmp_path)
    assert run_benchmark(fewer).made == 2
    assert run_benchmark(replace(fewer, systems=("none",), seed=2)).made == 1


def test_a_torn_line_is_made_again(request_of_two, results):
    rows = request_of_two.out / "rows.jsonl"
    whole = rows.read_text()
    kept = Rows(rows)
    rows.write_text(whole.splitlines()[0] + "\n" + whole.splitlines()[1][:50])
    torn = Rows(rows)
    rows.write_text(whole)
    first, second = (json.loads(line)["key"] for line in whole.splitlines()[:2])
    assert kept.find(second) and torn.find(first)
    assert torn.find(second) is None


def test_rows_versions_and_seed_are_written(request_of_two, results):
    with (request_of_two.out / "results.csv").open() as file:
        written = list(csv.DictReader(file))
    assert {(row["clip"], row["degradation"], row["system"]) for row in written} >= {
        ("reading-0", "tape 10 dB", "gentle")
    }
    facts = json.loads((request_of_two.out / "benchmark.json").read_text())
    assert facts["seed"] == 1
    assert facts["software"]["heritage-voice"]


def test_the_page_holds_the_figures_and_needs_no_network(results):
    html = page(results)
    assert all(name in html for name in (*SYSTEMS, "tape 10 dB", "<svg", "PESQ"))
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in html


def test_the_tables_are_printed(request_of_two, results, capsys):
    show.results(results, request_of_two.out)
    printed = capsys.readouterr().out
    assert "better than the best peer" in printed
    assert (request_of_two.out / "index.html").is_file()


def test_a_peer_that_is_not_there_is_named_with_a_reason(clips_folder, tmp_path, monkeypatch, measures_without_peers):
    monkeypatch.delenv("RESTORATION_PEERS", raising=False)
    wanted = Request(corpus=clips_folder, out=tmp_path, systems=("none", "dtln"), degradations=("clean",), clips=1)
    results = run_benchmark(wanted)
    assert results.left_out["dtln"] == "RESTORATION_PEERS names no folder with dtln_1.onnx and dtln_2.onnx"
    assert {row.system for row in results.rows} == {"none"}
    assert "dtln_1.onnx" in page(results)
    monkeypatch.setattr("restoration.benchmark.peers.commands.shutil.which", lambda name: None)
    assert the_system("sox-noisered").missing() == "the command sox is not on the PATH"


@pytest.mark.slow
def test_a_clip_that_cannot_be_read_is_named_and_the_others_go_on(clips_folder, tmp_path, measures_without_peers):
    shutil.copytree(clips_folder, tmp_path / "clips")
    (tmp_path / "clips" / "a-broken-one.wav").write_bytes(b"RIFF")
    wanted = Request(corpus=tmp_path / "clips", out=tmp_path, systems=("none",), degradations=("clean",), clips=2)
    results = run_benchmark(wanted)
    assert [row.clip for row in results.rows] == ["reading-0"]
    assert "cannot be decoded" in results.left_out["a-broken-one"]


def test_a_system_that_fails_has_a_row_that_says_so_and_is_tried_again(
    clips_folder, tmp_path, monkeypatch, measures_without_peers
):
    monkeypatch.setenv("RESTORATION_PEERS", str(tmp_path))
    (tmp_path / "gtcrn_stream.onnx").write_bytes(b"no network")
    wanted = Request(corpus=clips_folder, out=tmp_path / "out", systems=("gtcrn",), degradations=("clean",), clips=1)
    results = run_benchmark(wanted)
    assert results.rows[0].error
    assert not results.rows[0].scores
    assert "1 of the treatments failed" in page(results)
    assert run_benchmark(wanted).made == 1


def test_systems_go_by_name_by_part_and_by_the_path_of_a_recipe(tmp_path):
    recipe = tmp_path / "mine.toml"
    recipe.write_text('purpose = "Trying."\n[[step]]\nname = "remove_dc"\n')
    assert [system.name for system in find_systems(["none", str(recipe)])] == ["mine", "none"]
    assert {system.name for system in find_systems(["peers"])} == {system.name for system in peers.every_peer()}
    with pytest.raises(RestorationError, match="there is no system 'gentel'; did you mean 'gentle'"):
        find_systems(["gentel"])
    with pytest.raises(BadRecipe):
        find_systems([str(tmp_path / "not-there.toml")])


def test_a_recipe_of_other_steps_has_another_version(tmp_path):
    versions = set()
    for step in ("remove_dc", "remove_hum"):
        (tmp_path / "mine.toml").write_text(f'purpose = "Trying."\n[[step]]\nname = "{step}"\n')
        versions.add(the_system(str(tmp_path / "mine.toml")).version())
    assert len(versions) == 2
