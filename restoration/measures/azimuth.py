"""How late one track of a programme is against the other, second by second.

A head that is not square to the tape reads one track before the other, and tape that wanders under it makes the delay
wander. In every section of a second the cross-spectrum, whitened by both tracks (SCOT: Carter, Nuttall and Cable, Proc.
IEEE 61, 1973), gives the delay to a sample, and the slope of its phase the rest, each band weighted by its coherence,
which is the estimate of maximum likelihood (Knapp and Carter, IEEE Trans. ASSP 24, 1976). The delays of all
sections are then smoothed, each by what it knows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.linalg import solveh_banded
from scipy.signal import get_window

from restoration.measures.metering import Float64, Windows

WINDOW_S = 0.17
WINDOWS_A_SECTION = 12
"""Half overlapping: about a second."""

LOWEST_HZ, HIGHEST_SHARE = 100.0, 0.42
"""The band compared: up to this share of the sample rate."""

AGREEMENT_HZ = (200.0, 4000.0)
BANDS_AN_OCTAVE = 3
OCTAVES_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
EXTREME_WINDOWS = 3
REFINEMENTS = 4
LEAST_INCOHERENCE = 1e-4
BEND_SAMPLES = 0.03
"""How much the slope of the delay changes from one second to the next, at 48 kHz."""

OUTLIER_SAMPLES = 0.1
ACTIVE_BELOW_LOUDEST_DB = 25.0
LEAST_KNOWN_SAMPLES = 0.003
SILENCE_DB = -200.0


@dataclass(frozen=True)
class Section:
    """About a second of two tracks.

    Attributes:
        delay: how many samples the second track is late.
        off_middle: when that is, as the sound is heard at other moments than the middle: -0.5 to 0.5 of a section.
        information: one over the variance of that delay, per sample squared.
        agreement: 0 to 1: the share of the sound up to 4 kHz that both tracks have in common, once aligned.
        polarity: -1 where one track is reversed.
        levels_db: of each track from 200 Hz to 4 kHz.
        liveliness_db: of each track, how far its loud windows stand above its quiet ones, mean over octaves.
    """

    delay: float
    off_middle: float
    information: float
    agreement: float
    polarity: int
    levels_db: tuple[float, float]
    liveliness_db: tuple[float, float]


@dataclass
class PairMeter:
    """Listens to two channels, and keeps a ``Section`` for every second of them.

    Args:
        sample_rate: in Hz.
        longest_delay_s: delays up to this are found.
    """

    sample_rate: int
    longest_delay_s: float
    sections: list[Section] = field(default_factory=list)

    def __post_init__(self) -> None:
        length = 2 * fft.next_fast_len(max(16, round(WINDOW_S * self.sample_rate / 2)), real=True)
        self._windows = Windows(2, length, length // 2)
        self._window = get_window("hann", length)
        self._hz = np.fft.rfftfreq(length, 1.0 / self.sample_rate)
        self._omega = 2.0 * np.pi * self._hz / self.sample_rate
        self._length = length
        self._waiting = np.zeros((2, 0, self._hz.size), dtype=np.complex128)
        self._lags = min(length // 4, max(2, round(self.longest_delay_s * self.sample_rate)))
        inside = (self._hz >= LOWEST_HZ) & (self._hz <= HIGHEST_SHARE * self.sample_rate)
        self._first, self._last = int(np.argmax(inside)), int(np.nonzero(inside)[0][-1]) + 1
        octaves = np.log2(self._hz[self._first : self._last] / LOWEST_HZ)
        self._starts = np.unique(np.floor(octaves * BANDS_AN_OCTAVE), return_index=True)[1]

    @property
    def section_s(self) -> float:
        """How long a section is."""
        return WINDOWS_A_SECTION * self._length / 2 / self.sample_rate

    def feed(self, samples: Float64) -> None:
        windows = self._windows.feed(samples[:2])
        spectra = fft.rfft(windows * self._window, axis=2)
        self._waiting = np.concatenate((self._waiting, spectra), axis=1)
        while self._waiting.shape[1] >= WINDOWS_A_SECTION:
            self.sections.append(self._section(self._waiting[:, :WINDOWS_A_SECTION]))
            self._waiting = self._waiting[:, WINDOWS_A_SECTION:]

    def _section(self, spectra: npt.NDArray[np.complex128]) -> Section:
        power = spectra.real**2 + spectra.imag**2
        powers = power.sum(axis=1)
        cross = (np.conj(spectra[0]) * spectra[1]).sum(axis=0)
        middle = np.sqrt(powers.prod(axis=0))
        delay, polarity = self._coarse(cross / np.maximum(middle, 1e-30))
        delay, information, agreement, weights = self._fine(polarity * cross, middle, delay)
        heard = np.sqrt(power[:, :, self._first : self._last].prod(axis=0)) @ weights
        middles = (np.arange(WINDOWS_A_SECTION) + 0.5) / WINDOWS_A_SECTION - 0.5
        off_middle = float(heard @ middles / max(float(heard.sum()), 1e-30))
        voice = (self._hz >= AGREEMENT_HZ[0]) & (self._hz <= AGREEMENT_HZ[1])
        levels = 10.0 * np.log10(np.maximum(powers[:, voice].sum(axis=1), 1e-30))
        lively = self._liveliness_db(power)
        both_db = (float(levels[0]), float(levels[1]))
        return Section(delay, off_middle, information, agreement, polarity, both_db, (lively[0], lively[1]))

    def _coarse(self, whitened: npt.NDArray[np.complex128]) -> tuple[float, int]:
        """The delay to a sample, and the polarity, at the largest value of the whitened cross-correlation."""
        inside = np.zeros_like(whitened)
        inside[self._first : self._last] = whitened[self._first : self._last]
        around = np.roll(fft.irfft(inside, self._length), self._lags)[: 2 * self._lags + 1]
        top = int(np.argmax(np.abs(around)))
        return float(top - self._lags), 1 if around[top] >= 0.0 else -1

    def _fine(
        self, cross: npt.NDArray[np.complex128], middle: Float64, delay: float
    ) -> tuple[float, float, float, Float64]:
        """Delay by the slope of the phase, its information, the agreement of the tracks, and what each bin weighs."""
        band = slice(self._first, self._last)
        cross, middle, omega = cross[band], middle[band], self._omega[band]
        counts = np.diff(np.append(self._starts, omega.size))
        sums = np.maximum(np.add.reduceat(middle, self._starts), 1e-30)
        information, aligned, weights = 0.0, cross, omega
        for _ in range(REFINEMENTS):
            aligned = cross * np.exp(1j * omega * delay)
            coherence = np.clip(np.add.reduceat(aligned.real, self._starts) / sums, 0.0, 1.0)
            clear = coherence / np.maximum(1.0 - coherence**2, LEAST_INCOHERENCE)
            weights = np.repeat(clear / sums, counts) * omega
            information = WINDOWS_A_SECTION * float(np.repeat(clear * coherence, counts) @ omega**2)
            bend = float(weights * omega @ aligned.real)
            if bend <= 0.0:
                return delay, 0.0, 0.0, weights
            delay -= float(np.clip(weights @ aligned.imag / bend, -1.0, 1.0))
        hz = self._hz[band]
        voice = (hz >= AGREEMENT_HZ[0]) & (hz <= AGREEMENT_HZ[1])
        agreement = float(aligned.real[voice].sum() / max(float(middle[voice].sum()), 1e-30))
        return delay, information, agreement, weights * omega

    def _liveliness_db(self, power: Float64) -> Float64:
        edges = np.searchsorted(self._hz, np.array(OCTAVES_HZ)[np.array(OCTAVES_HZ) <= self._hz[-1]])
        bands = np.add.reduceat(power[..., : edges[-1]], edges[:-1], axis=2)
        levels = np.sort(10.0 * np.log10(np.maximum(bands, 1e-30)), axis=1)
        loud, quiet = levels[:, -EXTREME_WINDOWS:].mean(axis=1), levels[:, :EXTREME_WINDOWS].mean(axis=1)
        lively: Float64 = (loud - quiet).mean(axis=1)
        return lively


def active_sections(sections: list[Section]) -> npt.NDArray[np.bool_]:
    """The sections whose louder track is at most 25 dB below the loud ones: where there is a programme to compare."""
    levels = np.array([max(section.levels_db) for section in sections])
    return levels >= np.quantile(levels, 0.9) - ACTIVE_BELOW_LOUDEST_DB


def smooth_delays(sections: list[Section], active: npt.NDArray[np.bool_], sample_rate: int) -> Float64:
    """The delay of every section in samples, each as far moved by its neighbours as its own is uncertain.

    Delays and bends (second differences) together are least (Whittaker's smoother, Eilers, Anal. Chem. 75, 2003); a
    delay far from its neighbours is heard less and less. Before the first active section and after the last the
    delay stays as it is there.
    """
    heard = np.nonzero(active)[0]
    first, last = int(heard[0]), int(heard[-1])
    part = sections[first : last + 1]
    delays = np.array([section.delay for section in part])
    variances = 1.0 / np.maximum([section.information for section in part], 1e-9) + LEAST_KNOWN_SAMPLES**2
    weights = np.where(active[first : last + 1], 1.0 / variances, 0.0)
    if delays.size < 3:
        smooth = np.full(delays.size, float(weights @ delays / weights.sum()))
    else:
        moments = np.clip(np.arange(delays.size) + [section.off_middle for section in part], 0.0, delays.size - 1.0)
        smooth = _least_bent(delays, moments, weights, (BEND_SAMPLES * sample_rate / 48_000) ** -2)
    return np.concatenate((np.full(first, smooth[0]), smooth, np.full(len(sections) - 1 - last, smooth[-1])))


def _least_bent(delays: Float64, moments: Float64, weights: Float64, stiffness: float) -> Float64:
    """The curve at the numbers 0, 1, 2, ... that is, as a line between them, near ``delays`` at their ``moments``."""
    size = delays.size
    bends = np.zeros((3, size))
    # The diagonals of D'D, D being the matrix of second differences.
    for shift, square in enumerate((1.0, 4.0, 1.0)):
        bends[2, shift : shift + size - 2] += square
    bends[1, 1 : size - 1] -= 2.0
    bends[1, 2:size] -= 2.0
    bends[0, 2:size] += 1.0
    before = np.minimum(np.floor(moments).astype(int), size - 2)
    part = moments - before
    limit = np.maximum(4.0 / np.sqrt(np.maximum(weights, 1e-9)), OUTLIER_SAMPLES)
    heard, smooth = weights, delays
    for _ in range(4):
        matrix, wanted = stiffness * bends, np.zeros(size)
        matrix[2] += 1e-9
        np.add.at(matrix[2], before, heard * (1.0 - part) ** 2)
        np.add.at(matrix[2], before + 1, heard * part**2)
        np.add.at(matrix[1], before + 1, heard * part * (1.0 - part))
        np.add.at(wanted, before, heard * (1.0 - part) * delays)
        np.add.at(wanted, before + 1, heard * part * delays)
        smooth = np.asarray(solveh_banded(matrix, wanted))
        off = np.abs(delays - (1.0 - part) * smooth[before] - part * smooth[before + 1])
        heard = weights * np.minimum(1.0, limit / np.maximum(off, 1e-12)) ** 2
    return smooth


@dataclass(frozen=True)
class Pair:
    """Two channels as their sections tell of them.

    Attributes:
        delays: smoothed, of every section, in samples; positive where the second track is late.
        times_s: the middle of every section.
        agreement: median over the sections with a programme.
        polarity: -1 where most sections say that one track is reversed.
        level_difference_db: first over second track, median.
        level_swing_db: how far that difference goes, from the 10th to the 90th percentile.
        uncertain: standard deviation of a typical section's own delay, in samples.
        strays: share (0..1) of the sections whose own delay is far from the smoothed one.
    """

    delays: Float64
    times_s: Float64
    agreement: float
    polarity: int
    level_difference_db: float
    level_swing_db: float
    uncertain: float
    strays: float

    @property
    def rms_delay(self) -> float:
        """In samples."""
        return float(np.sqrt(np.mean(self.delays**2)))


STRAY_SAMPLES = 0.5


def pair_of(meter: PairMeter) -> Pair | None:
    """What the sections of a meter say together; None without one, or where one track is silent."""
    sections = meter.sections
    if not sections or max(min(section.levels_db) for section in sections) <= SILENCE_DB:
        return None
    active = active_sections(sections)
    heard = [section for section, is_active in zip(sections, active, strict=True) if is_active]
    delays = smooth_delays(sections, active, meter.sample_rate)
    differences = np.array([section.levels_db[0] - section.levels_db[1] for section in heard])
    low, middle, high = np.quantile(differences, (0.1, 0.5, 0.9))
    off = np.abs(delays[active] - [section.delay for section in heard])
    uncertain = float(np.median([1.0 / np.sqrt(max(section.information, 1e-9)) for section in heard]))
    return Pair(
        delays=delays,
        # The last window of a section reaches half a window into the next.
        times_s=meter.section_s * (np.arange(delays.size, dtype=np.float64) + (0.5 + 0.5 / WINDOWS_A_SECTION)),
        agreement=float(np.median([section.agreement for section in heard])),
        polarity=1 if sum(section.polarity for section in heard) >= 0 else -1,
        level_difference_db=float(middle),
        level_swing_db=float(high - low),
        uncertain=uncertain,
        strays=float(np.mean(off > max(STRAY_SAMPLES, 6.0 * uncertain))),
    )
