import csv
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from restoration import fixity
from restoration.demo import COLUMNS, MATERIAL, READINGS, Reading, comparison, make_demo
from restoration.manifest import check_manifest
from restoration.wave_chunks import read_wave


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> list[Reading]:
    """The readings of the demonstration, eight seconds of each."""
    folder = tmp_path_factory.mktemp("clips")
    clips = []
    for reading in READINGS:
        samples, sample_rate = soundfile.read(MATERIAL / reading.clean, frames=8 * 48000, dtype="float32")
        clip = folder / f"{reading.identifier}.flac"
        soundfile.write(clip, samples, sample_rate, subtype="PCM_24")
        clips.append(replace(reading, clean=str(clip)))
    return clips


def rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_masters_are_24_bit_broadcast_wave_that_the_manifest_describes(tmp_path: Path, short: list[Reading]) -> None:
    manifest = make_demo(tmp_path / "demo", short)
    assert [row["identifier"] for row in rows(manifest)] == [reading.identifier for reading in READINGS]
    for row in rows(manifest):
        master = manifest.parent / row["file"]
        assert fixity.digests(master)["sha256"] == row["sha256"]
        assert (soundfile.info(master).samplerate, soundfile.info(master).subtype) == (48000, "PCM_24")
        bext = read_wave(master).bext
        assert bext is not None
        assert "Synthetic speech" in bext.description
        assert "synthetic speech;aged" in bext.coding_history
        assert row["voice_consent"] == "not-required"
        assert "Synthetic speech" in row["notes"]


def test_the_same_bytes_every_time(tmp_path: Path, short: list[Reading]) -> None:
    first, second = make_demo(tmp_path / "first", short), make_demo(tmp_path / "second", short)
    assert first.read_bytes() == second.read_bytes()
    for reading in short:
        clean = [fixity.digests(reading.reference(made.parent)) for made in (first, second)]
        assert clean[0] == clean[1]


def test_what_is_there_is_left_and_what_is_damaged_is_made_again(tmp_path: Path, short: list[Reading]) -> None:
    manifest = make_demo(tmp_path, short)
    master = short[0].master(tmp_path)
    made = master.stat().st_ino, master.stat().st_mtime_ns
    make_demo(tmp_path, short)
    assert (master.stat().st_ino, master.stat().st_mtime_ns) == made
    with master.open("r+b") as file:
        file.seek(5000)
        file.write(b"\x55")
    make_demo(tmp_path, short)
    assert fixity.digests(master)["sha256"] == rows(manifest)[0]["sha256"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clean", "manifest.csv", "masters"]


def test_comparison_tells_how_far_a_restored_file_has_come(tmp_path: Path, short: list[Reading]) -> None:
    make_demo(tmp_path, short)
    assert comparison(tmp_path, short) == (COLUMNS, [])
    restored = short[1].restored(tmp_path)
    restored.parent.mkdir(parents=True)
    restored.write_bytes(short[1].reference(tmp_path).read_bytes())
    columns, found = comparison(tmp_path, short)
    assert len(found) == 3
    assert all(len(row) == len(columns) and row[0] == short[1].identifier for row in found)
    _, measure, aged, clean, change = found[0]
    assert measure.startswith("log-spectral distance")
    assert float(aged) > 5
    assert float(clean) < 0.1
    assert float(change) == pytest.approx(float(clean) - float(aged), abs=0.11)


def test_nothing_is_wrong_with_the_manifest(tmp_path: Path, short: list[Reading]) -> None:
    found = check_manifest(make_demo(tmp_path, short))
    assert [str(problem) for problem in found] == []
