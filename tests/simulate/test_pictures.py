import importlib
import inspect
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import restoration.simulate
from restoration.simulate.examples import EXAMPLES
from restoration.simulate.fault import Float64
from restoration.simulate.groove import SurfaceNoise
from restoration.simulate.programme import Gain
from restoration.simulate.speed import WowFlutter

pytest.importorskip("matplotlib")
pictures = importlib.import_module("restoration.simulate.pictures")


def fault_classes() -> set[type]:
    """Every class of the package that has a kind and can be applied."""
    found = set()
    for module in pkgutil.iter_modules(restoration.simulate.__path__, "restoration.simulate."):
        for _, member in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if member.__module__ == module.name and hasattr(member, "kind") and hasattr(member, "apply"):
                found.add(member)
    return found


@pytest.fixture(scope="module")
def a_few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    faults = (Gain(gain_db=-12), SurfaceNoise(snr_db=10), WowFlutter(sways=((0.5, 1.3),)))
    return pictures.draw_pictures(tmp_path_factory.mktemp("pictures"), faults, carriers=("disc",))


def test_every_fault_has_a_picture():
    assert {type(fault) for fault in EXAMPLES} == fault_classes()


def test_pictures_are_pngs_with_something_on_them(a_few):
    from PIL import Image

    names = {path.name for path in a_few.parent.iterdir()}
    assert names == {"gain.png", "surface-noise.png", "wow-flutter.png", "carrier-disc.png", "index.html"}
    for path in a_few.parent.glob("*.png"):
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        assert pixels.shape == (216, 1080, 3)
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100


def test_the_page_holds_its_pictures_and_says_what_they_show(a_few):
    page = a_few.read_text(encoding="utf-8")
    assert page.count('src="data:image/png;base64,') == 4
    assert "<h2>SurfaceNoise (added)</h2>" in page
    assert "The noise of the groove&#x27;s walls, independent in every channel." in page
    assert "snr_db=10" in page
    assert "http" not in page.split("base64")[0]


def test_the_voice_of_the_pictures_is_five_seconds_of_the_reading():
    voice: Float64 = pictures.a_voice()
    assert voice.shape == (1, 5 * pictures.RATE)
    assert 0.1 < np.abs(voice).max() <= 1
