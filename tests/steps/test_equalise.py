from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import TypeAdapter

from restoration.audio import Writer
from restoration.mastering import Band
from restoration.steps.equalise import Equalise


@pytest.fixture
def treated(tmp_path):
    def treat(step, recording):
        findings = json.loads(json.dumps(step.measure(recording), allow_nan=False))
        with Writer(tmp_path / "treated.f32") as result:
            step.treat(recording, findings, result)
        return findings, result.recording.read().samples

    return treat


def test_bands_come_as_plain_tables_of_a_recipe(recording_of, treated):
    table = {"bands": [{"kind": "peak", "frequency_hz": 1000, "gain_db": 6, "q": 2}]}
    step = TypeAdapter(Equalise).validate_python(table)
    assert step == Equalise(bands=(Band(kind="peak", frequency_hz=1_000.0, gain_db=6.0, q=2.0),))
    tone = 0.1 * np.sin(2.0 * np.pi * 1_000.0 * np.arange(48_000) / 48_000)
    _, samples = treated(step, recording_of(tone, 48_000))
    assert 20.0 * np.log10(np.abs(samples[0, 24_000:]).max() / 0.1) == pytest.approx(6.0, abs=0.05)


def test_bands_beyond_the_sample_rate_are_left_out_and_named(recording_of, treated):
    low, high = Band(kind="low_shelf", frequency_hz=300.0, gain_db=3.0), Band(kind="lowpass", frequency_hz=6_000.0)
    source = recording_of(np.random.default_rng(1).standard_normal(8_000) * 0.1, 8_000)
    findings, both = treated(Equalise(bands=(low, high)), source)
    assert "6000 Hz" in findings["reason"]
    assert [band["kind"] for band in findings["bands"]] == ["low_shelf"]
    assert np.array_equal(both, treated(Equalise(bands=(low,)), source)[1])


@pytest.mark.parametrize("bands", [(), (Band(kind="peak", frequency_hz=500.0),)])
def test_bands_that_change_nothing_are_not_needed(recording_of, bands):
    assert Equalise(bands=bands).measure(recording_of(np.ones(100), 48_000))["needed"] is False


def test_blocks_of_any_size_give_the_same_sound(recording_of, treated):
    step = Equalise(
        bands=(Band(kind="highpass", frequency_hz=80.0), Band(kind="high_shelf", frequency_hz=4e3, gain_db=5))
    )
    source = recording_of(np.random.default_rng(2).standard_normal((2, 20_000)) * 0.1, 48_000)
    assert np.abs(treated(step, source)[1] - treated(step, source.with_blocks(997))[1]).max() < 1e-6


def test_a_cut_is_undone_by_its_boost(recording_of, treated, reading):
    bands = [Band(kind="peak", frequency_hz=2_000.0, gain_db=gain_db, q=1.0) for gain_db in (-6.0, 6.0)]
    source = recording_of(reading.samples[:, :96_000], 48_000)
    _, samples = treated(Equalise(bands=tuple(bands)), source)
    assert np.abs(samples - source.read().samples).max() < 1e-4


def test_bands_of_another_kind_are_refused():
    with pytest.raises(ValueError, match="bands are Band"):
        Equalise(bands=({"kind": "peak"},))
