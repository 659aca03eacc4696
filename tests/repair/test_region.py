"""A painted region: what it holds, and what is none."""

import base64
import json
from dataclasses import asdict
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from restoration.recipe import build
from restoration.repair.region import BadRegion, Region, decode_mask, encode_mask

BOX = {"start_s": 1.0, "stop_s": 2.0, "low_hz": 100.0, "high_hz": 1100.0}


@pytest.mark.parametrize("shape", [(1, 1), (3, 9), (7, 8), (40, 13)])
def test_a_mask_comes_back_as_it_was(shape):
    mask = np.random.default_rng(1).uniform(size=shape) < 0.4
    mask[0, 0] = True
    assert np.array_equal(decode_mask(encode_mask(mask)), mask)


def test_the_top_row_is_the_highest_frequency():
    picture = Image.new("1", (4, 2))
    picture.putpixel((3, 0), 1)
    file = BytesIO()
    picture.save(file, "PNG")
    region = Region(**BOX, mask=base64.b64encode(file.getvalue()).decode())
    held = region.holds(np.array([1.1, 1.8]), np.array([300.0, 900.0]))
    assert held.tolist() == [[False, False], [False, True]]


def test_a_region_goes_through_a_log_and_a_recipe():
    region = Region(**BOX, mask=encode_mask(np.eye(5, dtype=bool)))
    assert build(Region, json.loads(json.dumps(asdict(region))), "a log") == region


def test_whole_numbers_make_the_same_region():
    from_json = Region(start_s=1, stop_s=2, low_hz=100, high_hz=1100)
    assert json.dumps(asdict(from_json)) == json.dumps(asdict(Region(**BOX)))


def test_nothing_outside_the_box_is_held():
    held = Region(**BOX).holds(np.array([0.99, 1.0, 1.99, 2.01]), np.array([99.0, 100.0, 1099.0, 1101.0]))
    assert held.tolist() == [[False] * 4, [False, True, True, False], [False, True, True, False], [False] * 4]


def test_a_full_band_is_told_from_one_with_a_hole():
    whole = {"start_s": 1.0, "stop_s": 2.0, "low_hz": 0.0, "high_hz": 24000.0}
    assert Region(**whole).is_full_band(48000)
    assert Region(**whole | {"high_hz": 96000.0}).is_full_band(48000)
    assert not Region(**whole | {"high_hz": 12000.0}).is_full_band(48000)
    mask = np.ones((10, 10), dtype=bool)
    mask[:, 4] = False
    columns = Region(**whole, mask=encode_mask(mask))
    assert columns.is_full_band(48000)
    assert columns.columns(48000) == [(48000, 67200), (72000, 96000)]
    mask[3, 5] = False
    assert not Region(**whole, mask=encode_mask(mask)).is_full_band(48000)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start_s": -0.1}, "begins at 0 s"),
        ({"stop_s": 1.0}, "ends after it begins"),
        ({"high_hz": 50.0}, "ends after it begins"),
        ({"low_hz": float("nan")}, "begins at 0 s"),
        ({"stop_s": 11.5}, "10 s at most"),
        ({"mask": "no base64!"}, "no PNG"),
        ({"mask": base64.b64encode(b"no picture").decode()}, "no PNG"),
        ({"mask": encode_mask(np.zeros((3, 3), dtype=bool))}, "nothing is painted"),
    ],
)
def test_what_is_no_region_is_said(change, said):
    with pytest.raises(BadRegion, match=said):
        Region(**BOX | change)


def test_a_grey_mask_is_refused():
    file = BytesIO()
    Image.new("L", (4, 4), 255).save(file, "PNG")
    with pytest.raises(BadRegion, match="of 1 bit"):
        Region(**BOX, mask=base64.b64encode(file.getvalue()).decode())
