"""The figures of a candidate over all excerpts: the mean of what it gains, the worst of what it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from restoration.choosing.candidates import Candidate, Trial
from restoration.choosing.figures import Figures
from restoration.choosing.limits import CLICKS_OF_A_VOICE_PER_S, CLIPPED_UNHEARD, HEARD_SNR_DB


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What a candidate did, over all excerpts; None where no excerpt tells.

    The gains (``noise_gain_db``, ``clicks_gain_db``, ``clipping_gain_db``) are what a listener has of it, see
    ``totals_of``; their sum is ``benefit_db``. The other figures are those of ``figures.Figures``.
    """

    noise_gain_db: float
    clicks_gain_db: float
    clipping_gain_db: float
    noise_fell_db: float
    snr_before_db: float
    snr_after_db: float
    voice_lost_db: float
    voice_lost_at_hz: float | None
    typical_loss_db: float | None
    eaten_share: float | None
    follows_voice: float | None
    clicks_per_s_before: float
    clicks_per_s_after: float
    hum_dbfs_before: float | None
    hum_dbfs_after: float | None
    clipped_share_before: float
    clipped_share_after: float
    generated: tuple[str, ...]
    generates: tuple[str, ...]
    real_time_factor: float | None
    distill_mos: float | None

    @property
    def benefit_db(self) -> float:
        """All gains together."""
        return round(self.noise_gain_db + self.clicks_gain_db + self.clipping_gain_db, 2)


def totals_of(candidate: Candidate, excerpt_s: Sequence[float]) -> Totals:
    """The totals of a candidate that has a trial for each excerpt, whose durations are ``excerpt_s``.

    The noise gains count as far as the noise is heard, and clicks and clipping by their logarithm: half as many, 3 dB.
    """
    found = [trial.figures for trial in candidate.trials]
    worst = max(found, key=lambda figures: figures.voice_lost_db)
    return Totals(
        noise_gain_db=round(fmean(_noise_gain_db(figures) for figures in found), 2),
        clicks_gain_db=_fewer_db(found, "clicks_per_s", CLICKS_OF_A_VOICE_PER_S),
        clipping_gain_db=_fewer_db(found, "clipped_share", CLIPPED_UNHEARD),
        noise_fell_db=round(fmean(figures.noise_fell_db for figures in found), 2),
        snr_before_db=round(fmean(figures.snr_before_db for figures in found), 2),
        snr_after_db=round(fmean(figures.snr_after_db for figures in found), 2),
        voice_lost_db=worst.voice_lost_db,
        voice_lost_at_hz=worst.voice_lost_at_hz,
        typical_loss_db=_worst(figures.typical_loss_db for figures in found),
        eaten_share=_worst(figures.eaten_share for figures in found),
        follows_voice=_worst(figures.follows_voice for figures in found),
        clicks_per_s_before=_mean(figures.before["clicks_per_s"] for figures in found) or 0.0,
        clicks_per_s_after=_mean(figures.after["clicks_per_s"] for figures in found) or 0.0,
        hum_dbfs_before=_worst(figures.before["hum_dbfs"] for figures in found),
        hum_dbfs_after=_worst(_hum_after_dbfs(figures) for figures in found),
        clipped_share_before=_mean(figures.before["clipped_share"] for figures in found) or 0.0,
        clipped_share_after=_mean(figures.after["clipped_share"] for figures in found) or 0.0,
        generated=_each(candidate, lambda trial: trial.generated),
        generates=_each(candidate, lambda trial: trial.generates),
        real_time_factor=_real_time_factor(candidate, excerpt_s),
        distill_mos=_mean(figures.distill_mos for figures in found),
    )


def _noise_gain_db(figures: Figures) -> float:
    """By how much the voice stands further above the noise that is heard."""
    return min(figures.snr_after_db, HEARD_SNR_DB) - min(figures.snr_before_db, HEARD_SNR_DB)


def _hum_after_dbfs(figures: Figures) -> float | None:
    """The level of the hum that is left, at the level that the sound had before."""
    level = figures.after["hum_dbfs"]
    return None if level is None else round(float(level) - figures.gain_db, 2)


def _fewer_db(found: Sequence[Figures], name: str, unheard: float) -> float:
    """By how much a fault that is counted became less, in dB; what is as good as none counts as ``unheard``."""
    pairs = [(float(each.before[name] or 0.0), float(each.after[name] or 0.0)) for each in found]
    return round(fmean(10 * math.log10((before + unheard) / (after + unheard)) for before, after in pairs), 2)


def _real_time_factor(candidate: Candidate, excerpt_s: Sequence[float]) -> float | None:
    """Seconds of work for a second of sound: the median, for the first excerpt also pays for loading a network."""
    if not candidate.is_treatment:
        return None
    shares = [trial.seconds / length_s for trial, length_s in zip(candidate.trials, excerpt_s, strict=True)]
    return round(median(shares), 4)


def _each(candidate: Candidate, of: Callable[[Trial], tuple[str, ...]]) -> tuple[str, ...]:
    """What is said of any excerpt, once."""
    return tuple(dict.fromkeys(text for trial in candidate.trials for text in of(trial)))


def _worst(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return round(fmean(known), 4) if known else None
