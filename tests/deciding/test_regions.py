"""A region to repair becomes the last step of the next treatment, with its mask in the log."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from restoration.auditing.audit import Wish, audit
from restoration.repair.region import decode_mask, one_bit
from restoration.replaying.rebuilding import replay
from restoration.standing import REPAIR_STEP


def mask(mode="1", shade=255):
    painted = np.zeros((8, 8), dtype=np.uint8)
    painted[2:5, 1:7] = shade
    place = io.BytesIO()
    Image.fromarray(painted).convert(mode).save(place, "PNG")
    return base64.b64encode(place.getvalue()).decode()


REGION = {"kind": "region to repair", "start_s": 1.0, "stop_s": 1.4, "low_hz": 300.0, "high_hz": 900.0}


def test_it_is_repaired_told_and_replayed_and_another_joins_it(shelf, tmp_path):
    shelf.decide({**REGION, "mask": mask()})
    shelf.run()
    step = shelf.step(REPAIR_STEP)
    fields = ("start_s", "stop_s", "low_hz", "high_hz", "mask")
    wanted = {**{name: REGION.get(name) for name in fields}, "mask": one_bit(mask())}
    assert [{name: one[name] for name in fields} for one in step["parameters"]["regions"]] == [wanted]
    assert (step["outcome"], step["generates"]) == ("treated", "gap")
    assert step["position"] == max(event["position"] for event in shelf.events if event["event"] == "step")
    assert {one.outcome for one in replay(shelf.bag, tmp_path / "again").items} == {"bit-exact"}
    assert not audit(shelf.bag, Wish()).of("fault")
    assert shelf.plan().done == ("tape-0001",)
    shelf.decide({"kind": "region to repair", "start_s": 3.0, "stop_s": 3.02})
    shelf.run()
    regions = shelf.step(REPAIR_STEP)["parameters"]["regions"]
    assert [(one["start_s"], one["low_hz"], one["high_hz"]) for one in regions] == [
        (1.0, 300.0, 900.0),
        (3.0, 0, 24000),
    ]
    assert not audit(shelf.bag, Wish()).of("fault")


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
def test_a_mask_in_the_colours_of_a_browser_is_kept_as_one_bit(mode):
    assert np.array_equal(decode_mask(one_bit(mask(mode))), decode_mask(mask()))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"low_hz": 900.0, "high_hz": 300.0}, "ends after it begins"),
        ({"low_hz": None, "mask": mask()}, "say low_hz and high_hz"),
        ({"mask": mask("L", shade=128)}, "black and white"),
        ({"low_hz": -1.0}, "begins at 0 s and 0 Hz"),
    ],
)
def test_a_region_that_cannot_be_repaired_is_a_sentence(shelf, changed, told):
    from restoration.decision_files import BadDecisionFile

    with pytest.raises(BadDecisionFile, match=told):
        shelf.decide({**REGION, **changed})
