"""A sound becomes pictures and comes back; what is painted on them becomes regions at the right place."""

import json
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from typer.testing import CliRunner

from restoration import errors
from restoration.cli import app
from restoration.painting.export import Asked, pages, sound_back, write_pages, write_sound
from restoration.painting.look import look
from restoration.painting.page import BadPicture, Page, planes_of, read_page, sidecar_of, window_at
from restoration.painting.planes import planes, sound_of, stacked, strongest, unstacked
from restoration.painting.reading import Painting, decisions_text, painted_regions
from restoration.painting.regions import regions_of
from restoration.painting.sounds import opened

RATE = 48000
LAW_DBFS = -90.0


def page_of(recording, **other) -> Page:
    window = window_at(recording.sample_rate)
    fields = {"identifier": "tape", "sound": "restored", "pcm_sha256": recording.pcm_sha256, "head": "0" * 64}
    fields |= {"sample_rate": recording.sample_rate, "channels": recording.channels, "start": 0}
    fields |= {"window": window, "hop": window // 4, "frames": recording.frames, "rows": window // 2 + 1}
    return Page(**fields | other)


def error_dbfs(recording) -> float:
    """The greatest error of a sample that went through the planes and their picture."""
    page = page_of(recording)
    page = replace(page, strongest=strongest(recording, page))
    picture = stacked(planes(recording, page))
    away = sound_of(unstacked(picture, page), page) - recording.read().samples
    return float(20 * np.log10(np.abs(away).max() + 1e-12))


def sounds(reading) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    time = np.arange(2 * RATE) / RATE
    speech = reading.samples[0, : 8 * RATE]
    return {
        "speech": speech,
        "stereo": np.stack([speech, np.roll(speech, 99) * 0.01]),
        "silence": np.zeros(RATE),
        "a sine of full scale": np.sin(2 * np.pi * 997 * time),
        "noise of full scale": np.clip(rng.standard_normal(2 * RATE), -1, 1),
        "a square of full scale": np.sign(np.sin(2 * np.pi * 100 * time) + 1e-9),
        "a click": np.eye(1, RATE, RATE // 2)[0],
        "very quiet": 1e-4 * rng.standard_normal(RATE),
    }


def test_the_picture_gives_the_sound_back(reading, recording_of, capsys):
    """The law: no sample is further than 90 dB under full scale from what it was."""
    found = {name: error_dbfs(recording_of(sound, RATE)) for name, sound in sounds(reading).items()}
    with capsys.disabled():
        print("\nround trip, greatest error:", ", ".join(f"{name} {db:.1f} dBFS" for name, db in found.items()))  # noqa: T201
    assert max(found.values()) < LAW_DBFS, found


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
def test_any_rate_comes_back(rate, recording_of):
    noise = 0.3 * np.random.default_rng(1).standard_normal((2, rate + 17))
    assert error_dbfs(recording_of(noise, rate)) < LAW_DBFS


@pytest.fixture(scope="module")
def exported(bag, tmp_path_factory):
    """The middle of the bag's restored sound, as one picture."""
    picture = tmp_path_factory.mktemp("pictures") / "tape.png"
    with opened(bag, "restored") as sound:
        ((page, place),) = write_pages(sound, Asked(start_s=1.0, stop_s=5.0), picture)
    return page, place


@pytest.fixture
def picture(exported, tmp_path):
    """A copy of the exported picture, with what stands beside it."""
    for place in (exported[1], sidecar_of(exported[1]), planes_of(exported[1])):
        shutil.copy(place, tmp_path / place.name)
    return tmp_path / exported[1].name


def paint(picture: Path, box, colour=(255, 40, 40), keep_text=False) -> None:
    """Paint a box (left, top, right, bottom) as an editor does that keeps nothing it does not know."""
    with Image.open(picture) as image:
        made = image.convert("RGB")
    made.paste(colour, box)
    made.save(picture, "PNG")


def test_pages_follow_one_another(bag, tmp_path):
    with opened(bag, "restored") as sound:
        several = [place for _, place in write_pages(sound, Asked(page_s=3.0), tmp_path / "p.png")]
        assert [place.name for place in several] == ["p-0001.png", "p-0002.png", "p-0003.png"]
        assert sum(page.frames for page in pages(sound, Asked(page_s=3.0))) == sound.recording.frames
        seconds = write_sound(several, tmp_path / "back.wav")
        original = sound.recording.read().samples
    back, rate = soundfile.read(tmp_path / "back.wav", always_2d=True)
    assert seconds == pytest.approx(original.shape[1] / rate)
    assert 20 * np.log10(np.abs(back.T - original).max()) < LAW_DBFS
    with pytest.raises(BadPicture, match="does not begin where"):
        write_sound(several[::-1], tmp_path / "mixed.wav")
    assert not (tmp_path / "mixed.wav").exists()


@pytest.mark.parametrize("log_frequency", [False, True])
def test_what_is_painted_lies_where_it_was_painted(log_frequency, bag, tmp_path):
    with opened(bag, "restored") as sound:
        ((page, place),) = write_pages(
            sound, Asked(start_s=1.0, stop_s=5.0, log_frequency=log_frequency, with_sound=False), tmp_path / "p.png"
        )
        edges = page.row_edges_hz()
        low, high = np.searchsorted(edges, [1000.0, 2000.0])
        left, right = (round(at_s * RATE / page.hop) for at_s in (0.5, 1.5))
        paint(place, (left, page.rows - int(high), right, page.rows - int(low)))
        (region,) = painted_regions(Painting(place), sound)
    assert region.start_s == pytest.approx(1.5, abs=page.hop / RATE)
    assert region.stop_s == pytest.approx(2.5, abs=page.hop / RATE)
    assert region.low_hz == pytest.approx(1000.0, abs=1.5 * page.bin_hz)
    assert region.high_hz == pytest.approx(2000.0, abs=1.5 * page.bin_hz)
    assert region.mask == ""


@pytest.mark.parametrize("log_frequency", [False, True])
def test_a_whole_column_is_all_frequencies(log_frequency, recording_of):
    recording = recording_of(0.1 * np.random.default_rng(1).standard_normal(2 * RATE), RATE)
    axis = {"frequency_axis": "log", "rows": 768} if log_frequency else {}
    page = page_of(recording, **axis)
    painted = np.zeros((page.rows, page.columns), dtype=bool)
    painted[:, 20:30] = True
    (region,) = regions_of(painted, page)
    assert region.is_full_band(RATE)
    assert region.columns(RATE) == [(round(19.5 * page.hop), round(29.5 * page.hop))]


def test_a_tone_is_light_where_it_sounds(recording_of):
    time = np.arange(4 * RATE) / RATE
    recording = recording_of(0.1 * np.sin(2 * np.pi * 3000 * time), RATE)
    for axis in ({}, {"frequency_axis": "log", "rows": 768}):
        page = page_of(recording, **axis)
        shown = look(recording, page)
        row = page.rows - 1 - int(shown[:, 100].argmax())
        edges = page.row_edges_hz()
        assert edges[row] - page.bin_hz <= 3000 <= edges[row + 1] + page.bin_hz


def test_a_shape_and_two_patches(exported, picture, bag):
    page, _ = exported
    with Image.open(picture) as image:
        pixels = np.array(image.convert("RGB"))
    rows, columns = np.mgrid[0 : page.rows, 0 : page.columns]
    round_ = (rows - 500) ** 2 / 60**2 + (columns - 100) ** 2 / 20**2 < 1
    pixels[round_] = (0, 255, 0)
    pixels[900:950, 200:260] = 255
    Image.fromarray(pixels).save(picture)
    with opened(bag, "restored") as sound:
        first, second = painted_regions(Painting(picture), sound)
    assert first.painted.mean() == pytest.approx(np.pi / 4, abs=0.03)
    assert second.mask == ""


def test_a_mask_beside_the_picture_says_the_same(exported, picture, bag, tmp_path):
    page, place = exported
    mask = Image.new("1", (page.columns, page.rows))
    mask.paste(1, (50, 100, 90, 300))
    mask.save(tmp_path / "mask.png")
    paint(picture, (50, 100, 90, 300))
    with opened(bag, "restored") as sound:
        assert painted_regions(Painting(place, tmp_path / "mask.png"), sound) == painted_regions(
            Painting(picture), sound
        )


def test_long_patches_are_cut_into_regions_that_overlap(recording_of):
    recording = recording_of(np.zeros(40 * RATE), RATE)
    page = page_of(recording)
    painted = np.zeros((page.rows, page.columns), dtype=bool)
    painted[300:320, 10:-10] = True
    found = regions_of(painted, page)
    assert len(found) == 5
    assert all(one.stop_s - other.start_s > 0.2 for one, other in pairwise(found))
    assert found[-1].stop_s == pytest.approx((page.columns - 10.5) * page.hop / RATE)


def changed(picture: Path, change) -> None:
    with Image.open(picture) as image:
        made = change(image)
    made.save(picture)


def speckled(image):
    pixels = np.array(image)
    pixels[::40, ::20] = 255
    return Image.fromarray(pixels)


def told_otherwise(picture: Path, **other) -> None:
    told = json.loads(sidecar_of(picture).read_text())
    sidecar_of(picture).write_text(json.dumps(told | other))
    paint(picture, (5, 5, 50, 50))


def lost(picture: Path) -> None:
    paint(picture, (5, 5, 50, 50))
    sidecar_of(picture).unlink()


def torn(picture: Path) -> None:
    paint(picture, (5, 5, 50, 50))
    sidecar_of(picture).write_text("{")


def jpeg(picture: Path) -> None:
    changed(picture, lambda image: image.convert("RGB"))
    Image.open(picture).save(picture, "JPEG", quality=30)


REFUSED = {
    "nothing is painted": lambda picture: None,
    "scaled, cropped or turned": lambda picture: changed(picture, lambda image: image.resize((90, 90))),
    "were exported": lambda picture: changed(picture, lambda image: image.crop((0, 0, image.width - 1, image.height))),
    "changed as a whole": lambda picture: changed(picture, lambda image: image.point(lambda grey: grey + 20)),
    "separate patches": lambda picture: changed(picture, speckled),
    "says nothing of itself": lost,
    "is no PNG": jpeg,
    "is no JSON": torn,
    "holds tape-0001": lambda picture: told_otherwise(picture, identifier="tape-9"),
    "treated anew": lambda picture: told_otherwise(picture, pcm_sha256="0" * 64),
    "of the wrong type": lambda picture: told_otherwise(picture, hop="512"),
}


@pytest.mark.parametrize("said", list(REFUSED))
def test_what_cannot_be_read_is_refused_in_words(said, picture, bag):
    REFUSED[said](picture)
    with opened(bag, "restored") as sound, pytest.raises(errors.RestorationError, match=said):
        painted_regions(Painting(picture), sound)


def test_edited_planes_are_no_recording(picture):
    changed(planes_of(picture), lambda image: Image.fromarray(np.array(image).astype(np.uint16) ^ 1))
    with pytest.raises(BadPicture, match="was changed since"):
        sound_back(picture)
    planes_of(picture).unlink()
    with pytest.raises(BadPicture, match="holds no phases"):
        sound_back(picture)


def test_a_decision_names_somebody_and_a_reason(exported, picture, bag):
    page, _ = exported
    paint(picture, (50, 100, 90, 300))
    with opened(bag, "restored") as sound:
        regions = painted_regions(Painting(picture), sound)
    told = json.loads(decisions_text(page, regions, " Ada Berg", "a cough"))
    assert told["format"] == "heritage-voice decisions 1"
    assert (told["identifier"], told["head"], told["by"]) == ("tape-0001", page.head, "Ada Berg")
    (decision,) = told["decisions"]
    assert set(decision) == {"kind", "start_s", "stop_s", "low_hz", "high_hz", "reason"}
    for by, reason in ((" ", "a cough"), ("Ada Berg", "")):
        with pytest.raises(errors.RestorationError, match="is blank"):
            decisions_text(page, regions, by, reason)


def test_the_commands_from_export_to_decision(bag, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    found = run(app, ["spectrogram", "export", str(bag), "--from", "1", "--to", "5"])
    assert found.exit_code == 0, found.output
    place = Path("tape-0001-restored.png")
    assert read_page(place) == read_page(place, sidecar_of(place))
    assert run(app, ["spectrogram", "sound", str(place), "--out", "back.wav"]).exit_code == 0
    paint(place, (100, 400, 140, 800))
    asked = ["spectrogram", "import", str(place), "--bag", str(bag)]
    found = run(app, [*asked, "--look"])
    assert found.exit_code == 0, found.output
    before, after = (soundfile.read(f"tape-0001-restored-{name}.wav")[0] for name in ("before", "after"))
    assert before.shape == after.shape
    assert (before != after).any()
    assert Path("tape-0001-restored-look.png").is_file()
    assert not Path("tape-0001-restored.decisions.json").exists()
    found = run(app, [*asked, "--by", "Ada Berg", "--reason", "a cough"])
    assert found.exit_code == 0, found.output
    assert json.loads(Path("tape-0001-restored.decisions.json").read_text())["decisions"]
    assert isinstance(run(app, [*asked, "--by", "Ada Berg"]).exception, errors.RestorationError)
    for name in ("master", "residual"):
        found = run(app, ["spectrogram", "export", str(bag), "--sound", name, "--to", "2", "--without-sound"])
        assert found.exit_code == 0, found.output
        assert not planes_of(Path(f"tape-0001-{name}.png")).exists()
    for wrong in (["--from", "900"], ["--sound", "music"]):
        assert isinstance(run(app, ["spectrogram", "export", str(bag), *wrong]).exception, BadPicture)
