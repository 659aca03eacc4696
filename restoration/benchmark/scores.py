"""How good a treated clip is, beside the clean one it was made from.

* PESQ, wide band (ITU-T P.862.2), 1 to 4.64, at 16 kHz.
* ESTOI (Jensen and Taal 2016), intelligibility up to 1.
* SI-SDR (Le Roux et al. 2019) in dB at 48 kHz: held at 100, since a copy of the clean clip has no distortion at all.
  It compares sample by sample: where the carrier shifted phases or swayed, a perfect noise remover has a low one too.
  So there is a second one, beside the programme: the clip with what the carrier did to it for good.
* Log-spectral distance at 48 kHz, windows of 2048, a quarter apart, in the unit of the published tables: decades of
  power (1 is 10 dB). Whole band, below 4 kHz, and from 4 kHz on. One gain is taken out, by least squares of the
  magnitudes from 200 to 4000 Hz; both spectra are floored 80 dB below the loudest bin of the clean clip.
* DistillMOS (Stahl and Gamper 2025), 1 to 5, which hears the treated clip alone.
* The cosine of our own speaker embedding (``nets.speaker_embedding``), mean over windows of 1.5 s with speech.
* Word error rate of a fixed recogniser, see ``nets.recogniser``; for English clips.

What needs a package that is not installed is left out, by name and with the reason.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy import fft
from scipy.signal import get_window

from restoration import __version__
from restoration.benchmark import learned
from restoration.benchmark.alignment import Mono, aligned
from restoration.benchmark.clips import SAMPLE_RATE
from restoration.benchmark.systems import PROGRAMME
from restoration.nets import recogniser

SPEECH_RATE = 16000
HIGHEST_SI_SDR_DB = 100.0
WINDOW_FRAMES, HOP_FRAMES = 2048, 512
FLOOR_DB = 80.0
SPLIT_HZ = 4000.0
GAIN_BAND_HZ = (200.0, 4000.0)

Scores = dict[str, float | None]


class Pair:
    """A clean clip and a treated one: mono, 48 kHz, aligned.

    ``language`` is the clip's, as a BCP 47 tag; ``programme`` the clip with what its carrier did to it for good.
    """

    def __init__(self, clean: Mono, treated: Mono, language: str = "", programme: Mono | None = None) -> None:
        self.clean, self.programme, self._late = clean, programme, treated
        self.treated, self.lag_frames = aligned(clean, treated, SAMPLE_RATE)
        self.language = language

    @cached_property
    def clean_speech(self) -> Mono:
        """The clean clip at 16 kHz."""
        return np.asarray(soxr.resample(self.clean, SAMPLE_RATE, SPEECH_RATE))

    @cached_property
    def treated_speech(self) -> Mono:
        """The treated clip at 16 kHz."""
        return np.asarray(soxr.resample(self.treated, SAMPLE_RATE, SPEECH_RATE))

    @property
    def beside_the_programme(self) -> Mono:
        """The treated clip without its delay after the programme."""
        if self.programme is None:
            raise ValueError("this clip has no programme to be compared with")
        return aligned(self.programme, self._late, SAMPLE_RATE)[0]

    @cached_property
    def log_distance(self) -> Mono:
        """Mean over the windows of the squared difference of the two spectra in decades of power: (bins,) a window."""
        return _log_distance(self.clean, self.treated)


@dataclass(frozen=True)
class Measure:
    """A score: its name, which way is better, how it is made, and the package, and file in it, that it needs."""

    name: str
    label: str
    higher_is_better: bool
    of: Callable[[Pair], float | None]
    package: str | None = None
    decimals: int = 3
    file: str = ""

    def missing(self) -> str | None:
        """Why it cannot be measured here; None when it can."""
        if self.package is None:
            return None
        found = importlib.util.find_spec(self.package.replace("-", "_"))
        if found is None or found.origin is None:
            return f"the package {self.package} is not installed"
        if not (Path(found.origin).parent / self.file).exists():
            return f"the package {self.package} holds no {self.file}: later versions leave it out"
        return None

    def version(self) -> str:
        """The version of what measures it."""
        return metadata.version(self.package) if self.package else __version__


def pesq_wb(pair: Pair) -> float | None:
    """Wide-band PESQ; None where it hears no utterance."""
    import pesq

    try:
        return float(pesq.pesq(SPEECH_RATE, pair.clean_speech, pair.treated_speech, "wb"))
    except (pesq.NoUtterancesError, pesq.BufferTooShortError):
        return None


def estoi(pair: Pair) -> float | None:
    """Extended short-time objective intelligibility."""
    import pystoi

    return float(pystoi.stoi(pair.clean_speech, pair.treated_speech, SPEECH_RATE, extended=True))


def si_sdr_db(pair: Pair) -> float | None:
    """Scale-invariant signal-to-distortion ratio of the whole band, in dB."""
    return _si_sdr_db(pair.clean, pair.treated)


def si_sdr_of_programme_db(pair: Pair) -> float | None:
    """The same beside the programme, aligned with that; None where there is none."""
    if pair.programme is None:
        return None
    return _si_sdr_db(pair.programme, pair.beside_the_programme)


def _si_sdr_db(clean: Mono, treated: Mono) -> float | None:
    clean, treated = clean - clean.mean(), treated - treated.mean()
    power = float(clean @ clean)
    if not power or not treated.any():
        return None
    wanted = (treated @ clean) / power * clean
    error, kept = float(np.sum((treated - wanted) ** 2)), float(wanted @ wanted)
    if error <= kept * 10 ** (-HIGHEST_SI_SDR_DB / 10):
        return HIGHEST_SI_SDR_DB
    return 10 * float(np.log10(max(kept, 1e-30) / error))


def _log_distance(clean: Mono, treated: Mono) -> Mono:
    ours, theirs = _power(clean), _power(treated)
    hz = fft.rfftfreq(WINDOW_FRAMES, 1 / SAMPLE_RATE)
    band = (hz >= GAIN_BAND_HZ[0]) & (hz <= GAIN_BAND_HZ[1])
    common, own = float(np.sqrt(ours[:, band] * theirs[:, band]).sum()), float(theirs[:, band].sum())
    gain = common / own if own else 1.0
    floor = float(ours.max()) * 10 ** (-FLOOR_DB / 10) or 1.0
    difference = np.log10(np.maximum(ours, floor) / np.maximum(theirs * gain**2, floor))
    return np.asarray(difference**2)


def _power(sound: Mono) -> Mono:
    sound = np.pad(sound, (0, max(0, WINDOW_FRAMES - sound.size)))
    windows = np.lib.stride_tricks.sliding_window_view(sound, WINDOW_FRAMES)[::HOP_FRAMES]
    return np.asarray(np.abs(fft.rfft(windows * get_window("hann", WINDOW_FRAMES), axis=1)) ** 2)


def _lsd(low_hz: float, high_hz: float) -> Callable[[Pair], float]:
    def of(pair: Pair) -> float:
        hz = fft.rfftfreq(WINDOW_FRAMES, 1 / SAMPLE_RATE)
        band = (hz >= low_hz) & (hz < high_hz)
        return float(np.sqrt(pair.log_distance[:, band].mean(axis=1)).mean())

    return of


def speaker_cosine(pair: Pair) -> float | None:
    """How alike the two voices are to our speaker embedding, up to 1."""
    return learned.speaker_cosine(pair.clean_speech, pair.treated_speech)


def distill_mos(pair: Pair) -> float | None:
    """The opinion, 1 to 5, that DistillMOS predicts of the treated clip."""
    return learned.distill_mos(pair.treated_speech)


def word_error_rate(pair: Pair) -> float | None:
    """Word errors beside what is recognised in the clean clip; None for other languages than English."""
    if not pair.language.lower().startswith("en"):
        return None
    return recogniser.word_error_rate(pair.clean_speech, pair.treated_speech)


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("pesq", "PESQ", True, pesq_wb, "pesq", 2),
        Measure("estoi", "ESTOI", True, estoi, "pystoi"),
        Measure("si_sdr_db", "SI-SDR, dB", True, si_sdr_db, None, 1),
        Measure("si_sdr_of_programme_db", "SI-SDR to the programme, dB", True, si_sdr_of_programme_db, None, 1),
        Measure("lsd", "LSD", False, _lsd(0, SAMPLE_RATE), None, 2),
        Measure("lsd_low", "LSD below 4 kHz", False, _lsd(0, SPLIT_HZ), None, 2),
        Measure("lsd_high", "LSD above 4 kHz", False, _lsd(SPLIT_HZ, SAMPLE_RATE), None, 2),
        Measure("distill_mos", "DistillMOS", True, distill_mos, "distillmos", 2),
        Measure("speaker_cosine", "speaker cosine", True, speaker_cosine),
        Measure(
            "word_error_rate", "word error rate", False, word_error_rate, "moonshine-voice", 3, recogniser.NETWORKS
        ),
    )
}


def score(pair: Pair, names: tuple[str, ...]) -> Scores:
    """The named scores of a pair, and ``lag_ms``, the delay that was taken out."""
    scores: Scores = {"lag_ms": 1000 * pair.lag_frames / SAMPLE_RATE}
    for name in names:
        scores[name] = MEASURES[name].of(pair)
    return scores


def score_files(clean: Path, treated: Path, language: str, names: tuple[str, ...]) -> Scores:
    """The scores of two sound files, and of the programme beside the clean one; of channels, the mean is heard."""
    programme = clean.with_name(PROGRAMME)
    known = _mono(programme) if programme.is_file() else None
    return score(Pair(_mono(clean), _mono(treated), language, known), names)


def _mono(path: Path) -> Mono:
    samples, sample_rate = soundfile.read(path, dtype="float64", always_2d=True)
    mono = samples.mean(axis=1)
    return np.asarray(mono if sample_rate == SAMPLE_RATE else soxr.resample(mono, sample_rate, SAMPLE_RATE))
