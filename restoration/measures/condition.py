"""The condition of a recording: every measure of the house, in one flat dictionary, before and after a treatment."""

from __future__ import annotations

from typing import Any

from restoration.audio import Recording
from restoration.measures.bandwidth import bandwidth_of
from restoration.measures.channels import ChannelMeter
from restoration.measures.clicks import clicks_per_s
from restoration.measures.clipping import ClippingMeter
from restoration.measures.dc import dc_offset
from restoration.measures.dropouts import DropoutMeter
from restoration.measures.hum import hum
from restoration.measures.loudness import LoudnessMeter
from restoration.measures.metering import Meter, listen
from restoration.measures.noise import SilenceMeter, noise_floor_of, snr_of
from restoration.measures.spectrum import LevelSpectra
from restoration.measures.true_peak import PeakMeter


def condition(recording: Recording) -> dict[str, Any]:
    """What state the sound is in; JSON-able, None where a measure has nothing to measure (silence, mono, too short).

    Of the recording: ``duration_s``, ``sample_rate`` (Hz), ``channels``.
    Of noise: ``noise_floor_dbfs``, ``snr_db``, ``hum_hz``, ``hum_dbfs``, ``clicks_per_s``, ``dropouts_per_min``.
    Of level: ``peak_dbfs``, ``true_peak_dbtp``, ``loudness_lufs``, ``loudness_range_lu``, ``max_momentary_lufs``,
    ``max_short_term_lufs``, ``clipped_share`` (0..1), ``clipped_runs``, ``digital_silence_share`` (0..1).
    Of the band: ``bandwidth_hz``, ``dc_offset`` (one a channel; full scale is 1).
    Of the first two channels: ``channel_correlation``, ``channel_level_difference_db``, ``channel_lag_samples``,
    ``channel_polarity``.
    The module of each measure has its formula and where it is from.
    """
    measures: dict[str, Any] = {
        "duration_s": recording.duration_s,
        "sample_rate": recording.sample_rate,
        "channels": recording.channels,
    }
    measures |= _heard_in_one_pass(recording)
    mains = hum(recording)
    measures["dc_offset"] = [float(offset) for offset in dc_offset(recording)]
    measures["hum_hz"], measures["hum_dbfs"] = mains["hum_hz"], mains["hum_dbfs"]
    measures["clicks_per_s"] = float(clicks_per_s(recording))
    return measures


def _heard_in_one_pass(recording: Recording) -> dict[str, Any]:
    rate, channels = recording.sample_rate, recording.channels
    spectra, silence = LevelSpectra(rate, channels), SilenceMeter()
    loudness, peaks = LoudnessMeter(rate, channels), PeakMeter(rate, channels)
    clipping, dropouts, pair = ClippingMeter(channels), DropoutMeter(rate, channels), ChannelMeter(rate, channels)
    meters: list[Meter] = [spectra, silence, loudness, peaks, clipping, dropouts, pair]
    listen(recording, *meters)
    return {
        "noise_floor_dbfs": noise_floor_of(spectra),
        "snr_db": snr_of(spectra),
        "digital_silence_share": silence.share,
        "bandwidth_hz": bandwidth_of(spectra),
        "dropouts_per_min": dropouts.per_min,
        **peaks.measures(),
        **clipping.measures(),
        **loudness.measures(),
        **pair.measures(),
    }
