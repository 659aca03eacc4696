"""The notebooks run from top to bottom: one on a real bag, one on a few, one on a historical recording or the
demonstration's, one on the demonstration's reading."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def run(notebook: Path) -> dict:
    """Run the cells; the names that they leave."""
    names: dict = {}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), notebook.name, "exec"), names)
    return names


def test_every_notebook_is_run_here():
    assert {path.stem for path in NOTEBOOKS} == {
        "a_voice_from_four_minutes",
        "auditing_provenance",
        "choosing_a_treatment",
        "what_a_treatment_did",
    }


def test_what_a_treatment_did(bag, monkeypatch):
    monkeypatch.setenv("RESTORATION_BAG", str(bag))
    assert set(run(FOLDER / "what_a_treatment_did.ipynb")["condition"].columns) == {"before", "after"}


def test_choosing_a_treatment():
    names = run(FOLDER / "choosing_a_treatment.ipynb")
    recipes = {"broadcast_tape", "gramophone_disc", "cylinder", "gentle"}
    assert set(names["measured"].index) == {"leave as it is", *recipes}
    assert names["measured"].loc["gentle", "noise_fell_db"] > 3.0
    assert names["choice"]["chosen"].sum() == 1
    assert names["choice"].iloc[0]["chosen"]
    assert names["seen"].size == (1200, 5 * 200)
    assert len(names["removed"]) == 4


def test_a_voice_from_four_minutes(monkeypatch):
    monkeypatch.setenv("RESTORATION_NOTEBOOK_BUDGET", "12")
    for name in ("RESTORATION_READING", "RESTORATION_CONSENTS", "RESTORATION_USAGE"):
        monkeypatch.delenv(name, raising=False)
    names = run(FOLDER / "a_voice_from_four_minutes.ipynb")
    assert names["refusal"].startswith("item reading, to train: voice_consent is “none”")
    assert names["left_out"] == 1
    assert names["points"]["step"].tolist() == [0, 4, 8, 12]
    assert names["points"]["held_out_loss"].is_monotonic_decreasing
    # Lent the voice, the performance is more like the speaker; whoever speaks keeps the melody.
    assert names["likeness"]["lent the voice"] > names["likeness"]["the performance"] + 0.2
    assert names["follows"] > 0.95
    assert names["voice"].card["audit"]["sound_enough"]
    assert names["how_much"].index.tolist()[0] == 0.5
    assert names["used"]["purposes"].tolist() == ["convert 1, train 1"]
    assert "“letter of 12 March 2019” was revoked" in names["revoked"]
    assert not names["made_again"]
    assert names["spectrograms"].size == (1100, 650)


def audited(monkeypatch) -> dict:
    monkeypatch.delenv("RESTORATION_BAGS", raising=False)
    names = run(FOLDER / "auditing_provenance.ipynb")
    assert names["written"].broken == []
    assert names["by_model"].to_numpy().any()
    assert set(names["generated"]["identifier"]) == set(names["files"].index)
    assert (names["noise"]["fell by, dB"] > 6.0).all()
    assert names["seen"].size == (800, 300)
    return names


def test_auditing_provenance(monkeypatch):
    monkeypatch.delenv("RESTORATION_CORPUS", raising=False)
    names = audited(monkeypatch)
    assert names["written"].bags == 3
    assert "tape-1956" in set(names["generated"]["identifier"])
    assert names["odd"].round(1).to_dict() == {"tape-1962": 2.6}


@pytest.mark.slow
def test_auditing_provenance_of_historical_recordings(corpus, monkeypatch):
    names = audited(monkeypatch)
    assert names["written"].bags == 4
    assert names["odd"].index.tolist() == ["apollo11-1969"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_its_results(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells)
