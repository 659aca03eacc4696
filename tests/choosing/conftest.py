"""Speech under hiss, recipes of one step that treat it well or badly, and what the rules are told of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from restoration.choosing.totals import Totals

RATE = 48000


@pytest.fixture(scope="session")
def hissing(reading):
    """Eight seconds of the reading, 18 dB above a hiss: (time,), 48 kHz."""
    speech = reading.samples[0, : 8 * RATE].astype(np.float64)
    noise = np.random.default_rng(3).standard_normal(speech.size)
    noise *= np.sqrt(np.mean(speech**2) / np.mean(noise**2)) * 10 ** (-18 / 20)
    return (0.5 * (speech + noise)).astype(np.float32)


@pytest.fixture(scope="session")
def hissing_file(hissing, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("hissing") / "hissing.wav"
    soundfile.write(place, hissing, RATE, subtype="PCM_24")
    return place


@pytest.fixture
def recipe_file(tmp_path):
    """Write a recipe of one step: ``recipe_file("muffled", "equalise", 'bands = […]')``."""

    def write(name: str, step: str, parameters: str = "", purpose: str = "a test") -> str:
        place = tmp_path / f"{name}.toml"
        place.write_text(f'purpose = "{purpose}"\n[[step]]\nname = "{step}"\n{parameters}\n', encoding="utf-8")
        return str(place)

    return write


@pytest.fixture
def totals_with():
    """Totals of a harmless treatment that gains 10 dB, with whatever is said otherwise."""

    def make(**figures) -> Totals:
        harmless = {
            "noise_gain_db": 10.0,
            "clicks_gain_db": 0.0,
            "clipping_gain_db": 0.0,
            "noise_fell_db": 12.0,
            "snr_before_db": 20.0,
            "snr_after_db": 30.0,
            "voice_lost_db": 0.5,
            "voice_lost_at_hz": 2000.0,
            "typical_loss_db": 0.3,
            "eaten_share": 0.01,
            "follows_voice": 0.4,
            "clicks_per_s_before": 0.5,
            "clicks_per_s_after": 0.5,
            "hum_dbfs_before": None,
            "hum_dbfs_after": None,
            "clipped_share_before": 0.0,
            "clipped_share_after": 0.0,
            "generated": (),
            "generates": (),
            "real_time_factor": 0.1,
            "distill_mos": None,
        }
        return Totals(**(harmless | figures))

    return make
