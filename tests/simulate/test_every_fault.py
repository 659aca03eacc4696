"""What holds for every fault, and for the chains drawn of them."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from restoration.audio import Audio
from restoration.simulate.age import age
from restoration.simulate.clipping import Clipping
from restoration.simulate.converter import BadConverter
from restoration.simulate.crackle import Crackle, Scratch, Thumps
from restoration.simulate.cylinder import SpringMotor, draw_cylinder
from restoration.simulate.disc import GrooveEcho, TracingDistortion, TurntableRumble, draw_disc
from restoration.simulate.examples import EXAMPLES
from restoration.simulate.groove import SurfaceNoise
from restoration.simulate.heads import Azimuth, Head
from restoration.simulate.horn import Horn
from restoration.simulate.lossy import LossyCopy
from restoration.simulate.noise import Hiss, Offset
from restoration.simulate.noise_reduction import Mistracking
from restoration.simulate.print_through import PrintThrough
from restoration.simulate.programme import BandLimit, Gain
from restoration.simulate.radio import Fading, Static, Whistle, draw_radio
from restoration.simulate.room import Reverberation
from restoration.simulate.saturation import Saturation
from restoration.simulate.telephone import CarbonMicrophone, Companding, RelayClicks, Tone, draw_telephone
from restoration.simulate.wire import TwistFades, draw_wire

CARRIERS = (draw_disc, draw_cylinder, draw_wire, draw_telephone, draw_radio)
DRAWS_NOTHING = (
    *(
        Azimuth,
        BadConverter,
        BandLimit,
        Clipping,
        Gain,
        Head,
        LossyCopy,
        Mistracking,
        Offset,
        PrintThrough,
        Saturation,
    ),
    *(CarbonMicrophone, Companding, GrooveEcho, TracingDistortion),
)
ADDED = [fault for fault in EXAMPLES if fault.kind == "added" and not isinstance(fault, Offset)]


def name_of(thing: object) -> str:
    return getattr(thing, "__name__", type(thing).__name__)


def sound(sample_rate: int, frames: int, channels: int = 2) -> np.ndarray:
    """Noise that swells and falls three times a second, as syllables do."""
    syllables = 1 + np.sin(2 * np.pi * 3 * np.arange(frames) / sample_rate)
    return 0.1 * syllables * np.random.default_rng(1).standard_normal((channels, frames))


@pytest.mark.parametrize("fault", EXAMPLES, ids=name_of)
@pytest.mark.parametrize(("sample_rate", "frames"), [(16000, 24000), (8000, 8001), (96000, 30000), (48000, 1)])
def test_a_fault_keeps_shape_and_argument_and_comes_again_with_its_seed(fault, sample_rate, frames):
    before = sound(sample_rate, frames)
    before.flags.writeable = False
    after, drawn = fault.apply(before, sample_rate, np.random.default_rng(3))
    again, drawn_again = fault.apply(before, sample_rate, np.random.default_rng(3))
    assert after.shape == before.shape
    assert after.dtype == np.float64
    assert np.isfinite(after).all()
    assert np.array_equal(after, again)
    assert json.loads(json.dumps(drawn)) == json.loads(json.dumps(drawn_again))
    json.dumps(asdict(fault))


@pytest.mark.parametrize("fault", EXAMPLES, ids=name_of)
def test_a_fault_is_heard_and_another_seed_gives_another(fault):
    before = sound(16000, 48000)
    after, _ = fault.apply(before, 16000, np.random.default_rng(3))
    other, _ = fault.apply(before, 16000, np.random.default_rng(4))
    assert np.abs(after - before).max() > 1e-3
    assert np.array_equal(after, other) == isinstance(fault, DRAWS_NOTHING)


@pytest.mark.parametrize("fault", [fault for fault in EXAMPLES if not isinstance(fault, Offset)], ids=name_of)
@pytest.mark.parametrize("frames", [0, 1, 16000])
def test_silence_stays_silence(fault, frames):
    after, _ = fault.apply(np.zeros((1, frames)), 16000, np.random.default_rng(5))
    assert after.shape == (1, frames)
    assert not after.any()


@pytest.mark.parametrize("fault", ADDED, ids=name_of)
def test_what_is_added_goes_with_the_level_of_the_voice(fault):
    before = sound(16000, 48000)
    quiet, _ = fault.apply(before, 16000, np.random.default_rng(6))
    loud, _ = fault.apply(10 * before, 16000, np.random.default_rng(6))
    assert np.allclose(loud, 10 * quiet, atol=1e-5)  # filters work in single precision


@pytest.mark.parametrize("fault", ADDED, ids=name_of)
def test_what_is_drawn_does_not_depend_on_the_sound(fault):
    before = sound(16000, 48000)
    _, drawn = fault.apply(before, 16000, np.random.default_rng(7))
    _, other = fault.apply(np.flip(before), 16000, np.random.default_rng(7))
    assert {key: drawn[key] for key in drawn if not key.endswith("dbfs")} == {
        key: other[key] for key in other if not key.endswith("dbfs")
    }


@pytest.mark.parametrize("carrier", CARRIERS, ids=name_of)
def test_drawn_carriers_are_in_range_and_differ(carrier):
    chains = [carrier(np.random.default_rng(seed)) for seed in range(300)]
    assert len({repr(chain) for chain in chains}) == 300
    assert repr(chains[7]) == repr(carrier(np.random.default_rng(7)))
    kinds = {fault.kind for chain in chains for fault in chain}
    assert kinds >= {"programme", "room", "damage", "added"}


@pytest.mark.parametrize("carrier", CARRIERS, ids=name_of)
@pytest.mark.parametrize("sample_rate", [8000, 48000])
def test_drawn_carriers_age_any_rate(carrier, sample_rate):
    clean = Audio(sound(sample_rate, sample_rate).astype(np.float32), sample_rate)
    for seed in range(12):
        aged = age(clean, carrier(np.random.default_rng(seed)), seed)
        assert np.isfinite(aged.audio.samples).all()
        assert aged.programme.samples.shape == clean.samples.shape
        json.dumps(aged.facts)


BAD = (
    (Hiss, {"snr_db": 10, "band_hz": (3000.0, 300.0)}, "band_hz is a pair in order"),
    (SurfaceNoise, {"snr_db": 10, "grain": 1.0}, "grain lies between 0 and 0.95"),
    (Crackle, {"per_s": -1}, "per_s lies between 0 and 5000"),
    (Crackle, {"decay_ms": (3.0, 0.1)}, "decay_ms is a pair in order"),
    (Scratch, {"turns": 0}, "turns lies between 1"),
    (Thumps, {"per_turn": 0}, "per_turn lies between 1"),
    (TurntableRumble, {"snr_db": 10, "motor_hz": 1.0}, "motor_hz lies between 5"),
    (TracingDistortion, {"tip_um": 0}, "tip_um lies between 1"),
    (GrooveEcho, {"before_db": 3.0}, "before_db lies between -120 and 0"),
    (Horn, {"sharpness": 1.0}, "sharpness lies between 2"),
    (SpringMotor, {"sag_percent": 30}, "sag_percent lies between -20 and 20"),
    (TwistFades, {"duration_s": (1.0, 0.5)}, "duration_s is a pair in order"),
    (CarbonMicrophone, {"modulation": 1.0}, "modulation lies between 0 and 0.9"),
    (Companding, {"law": "linear"}, 'law is "mu" or "a"'),
    (Tone, {"snr_db": 10, "hz": ()}, "hz holds frequencies"),
    (RelayClicks, {"pulses_hz": 0}, "pulses_hz lies between 1"),
    (Static, {"snr_db": 10, "longest_s": 0}, "longest_s lies between"),
    (Fading, {"second": 1.0}, "second lies between 0 and 0.98"),
    (Whistle, {"snr_db": 10, "hz": 0}, "hz lies between 50"),
    (Reverberation, {"rt60_s": 0}, "rt60_s lies between 0.05"),
)


@pytest.mark.parametrize(("fault", "fields", "message"), BAD, ids=lambda value: getattr(value, "__name__", ""))
def test_a_field_out_of_range_is_refused(fault, fields, message):
    with pytest.raises(ValueError, match=message):
        fault(**fields)
