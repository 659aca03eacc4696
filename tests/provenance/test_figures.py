"""Figures with their units, as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from restoration.provenance.figures import difference, figure, moment, words


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("noise_floor_dbfs", -41.23, "−41.2 dBFS"),
        ("peak_dbfs", -0.04, "0.0 dBFS"),
        ("bandwidth_hz", 4123.0, "4.1 kHz"),
        ("sample_rate", 44_100, "44.1 kHz"),
        ("sample_rate", 11_025, "11.025 kHz"),
        ("mains_hz", 50.02, "50.02 Hz"),
        ("hum_hz", None, "none"),
        ("clicks_per_s", 0.05, "0.05 per second"),
        ("clipped_share", 0.00012, "0.012 %"),
        ("seconds", 0.42, "0.42 s"),
        ("duration_s", 245.37, "4 min 05 s"),
        ("duration_s", 59.97, "1 min 00 s"),
        ("duration_s", 7391, "2 h 03 min 11 s"),
        ("max_click_ms", 3.0, "3 ms"),
        ("bytes", 70666584, "70,666,584 bytes"),
        ("strength", 0.8, "0.8"),
        ("clicks", 837, "837"),
        ("needed", True, "yes"),
        ("levels_dbfs", [-1.0, -2.25], "−1.0 dBFS, −2.2 dBFS"),
        ("profile", list(range(1025)), "1,025 values, in the event log"),
        ("odd_db", float("inf"), "beyond measure"),
        ("tiny", 1e-12, "0.000000000001"),
    ],
)
def test_figure(name: str, value: Any, text: str) -> None:
    assert figure(name, value) == text


@pytest.mark.parametrize(
    ("name", "before", "after", "text"),
    [
        ("noise_floor_dbfs", -41.23, -63.87, "−22.7 dB"),  # −63.9 and −41.2 as they are shown
        ("loudness_lufs", -24.6, -23.1, "+1.5 LU"),
        ("bandwidth_hz", 4123.0, 11873.0, "+7.8 kHz"),
        ("snr_db", 18.31, 18.33, "unchanged"),
        ("hum_hz", 50.0, None, ""),
        ("dc_offset", [0.1], [0.0], ""),
    ],
)
def test_difference(name: str, before: Any, after: Any, text: str) -> None:
    assert difference(name, before, after) == text


def test_words_and_moments() -> None:
    assert words("snr_of_dc") == "SNR of DC"
    assert words("") == ""
    assert moment("2026-03-01T10:00:04.123+00:00") == "2026-03-01 10:00:04 UTC"
    assert moment("last week") == "last week"
