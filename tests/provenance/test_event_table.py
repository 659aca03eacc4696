"""The table of events: typed, whole, and read by pandas."""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from restoration import cli
from restoration.errors import BadBag
from restoration.provenance import event_table
from restoration.provenance.event_export import LOG, bags_in, write_table
from restoration.record import digest_of, read


@pytest.fixture(scope="module")
def collection(grown_log, bag, tmp_path_factory):
    """Two bags in a folder, of which only the logs are there."""
    folder = tmp_path_factory.mktemp("collection")
    for name, log in (("b-real", bag / LOG), ("a-grown", grown_log)):
        (folder / name / LOG.parent).mkdir(parents=True)
        shutil.copy(log, folder / name / LOG)
    return folder


@pytest.fixture(scope="module")
def table(collection, tmp_path_factory):
    file = tmp_path_factory.mktemp("table") / "events.parquet"
    write_table(bags_in([collection]), parquet=file)
    return pd.read_parquet(file, dtype_backend="numpy_nullable")


@pytest.fixture(scope="module")
def events(collection):
    return [event for name in ("a-grown", "b-real") for event in read(collection / name / LOG)]


def event_of(row):
    """The event that a row was made of: its columns, and what stands in ``rest``."""
    event = json.loads(row["rest"])
    for name in (*event_table.TEXTS, *event_table.NUMBERS):
        if not pd.isna(row[name]):
            event[name] = row[name]
    for name in event_table.NESTED:
        if not pd.isna(row[name]):
            event[name] = json.loads(row[name])
    for name in event_table.TIMES:
        if not pd.isna(row[name]):
            event[name] = row[name].isoformat(timespec="milliseconds")
    return event


def test_every_event_can_be_put_together_again_and_its_digest_fits(table, events):
    again = [event_of(row) for row in table.to_dict("records")]
    assert again == events
    for event in again:
        assert digest_of({name: value for name, value in event.items() if name != "digest"}) == event["digest"]


def test_the_columns_are_typed(table):
    kinds = table.dtypes.astype(str)
    assert kinds["time"] == "datetime64[ms, UTC]"
    assert {kinds[name] for name in ("sequence", "position", "bytes", "decade")} == {"Int64"}
    assert {kinds[name] for name in ("seconds", "generated_from_hz", *event_table.MEASURES)} == {"Float64"}
    assert list(table.columns) == event_table.SCHEMA.names


def test_measures_stand_beside_each_other_before_and_after(table, events):
    rows = table[table["identifier"].eq("tape-0001") & table["event"].eq("measurement")]
    (before, after) = (event["measures"]["noise_floor_dbfs"] for event in events[-30:] if "measures" in event)
    assert rows["when"].tolist()[-2:] == ["before", "after"]
    assert rows["noise_floor_dbfs"].tolist()[-2:] == [before, after]
    assert after < before - 6.0


def test_what_was_generated_and_by_which_model(table, events):
    steps = table[table["event"].eq("step") & table["outcome"].eq("treated")]
    for row, event in zip(
        steps.to_dict("records"),
        (event for event in events if event["event"] == "step" and event["outcome"] == "treated"),
        strict=True,
    ):
        assert json.loads(row["models"]) == event["weights"]
        band = event["findings"].get("generated_band_hz") if event["generates"] == "band" else None
        assert pd.isna(row["generated_from_hz"]) == (band is None)
        assert band is None or [row["generated_from_hz"], row["generated_to_hz"]] == band
    assert steps["generated_to_hz"].dropna().tolist() == [8000.0]


@pytest.mark.parametrize(
    ("date", "decade"),
    [
        ("1958~", 1950),
        ("195X", 1950),
        ("1912", 1910),
        ("1969-07-20", 1960),
        ("1950/1959", 1950),
        ("", None),
        ("?", None),
    ],
)
def test_the_decade_of_a_date(date, decade):
    assert event_table.decade_of(date) == decade


def test_a_broken_log_is_left_out_and_said(collection, tmp_path):
    folder = tmp_path / "bags"
    shutil.copytree(collection, folder)
    log = folder / "a-grown" / LOG
    log.write_text(log.read_text(encoding="utf-8").replace("A. Smith", "B. Smith", 1), encoding="utf-8")
    log.write_text(log.read_text(encoding="utf-8").replace('"when":"before"', '"when":"beforf"', 1), encoding="utf-8")
    command = ["export-log", str(folder), "--csv", str(tmp_path / "events.csv"), "--json"]
    answer = CliRunner().invoke(cli.app, command)
    assert answer.exit_code == 1
    assert "a-grown: left out: " in answer.stderr
    assert "was changed after it was written" in answer.stderr
    said = json.loads(answer.stdout)
    assert (said["bags"], len(said["broken"])) == (1, 1)
    assert len(pd.read_csv(tmp_path / "events.csv")) == said["events"]


def test_the_command_writes_both_and_leaves_nothing_else(collection, tmp_path, events):
    command = ["export-log", str(collection / "a-grown"), str(collection / "b-real")]
    files = ["--parquet", str(tmp_path / "events.parquet"), "--csv", str(tmp_path / "events.csv")]
    answer = CliRunner().invoke(cli.app, [*command, *files])
    assert (answer.exit_code, answer.stdout.startswith(f"Wrote {len(events)} events of 2 bags to ")) == (0, True)
    assert {path.name for path in tmp_path.iterdir()} == {"events.parquet", "events.csv"}


def test_where_no_bag_is_it_says_so(tmp_path):
    with pytest.raises(BadBag, match="is no bag and holds none"):
        bags_in([tmp_path])


def test_a_table_must_go_somewhere(collection):
    assert CliRunner().invoke(cli.app, ["export-log", str(collection)]).exit_code == 2
