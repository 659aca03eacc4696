"""Lend a voice to somebody else's performance.

A long performance goes through in cells of ten seconds, each heard with two seconds around it; what concerns the whole
(its level, how high it lies, its long-term spectrum) is told from a first pass. So memory is that of the pitch track
and one cell, and the sound is the same however it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from restoration.errors import RestorationError
from restoration.nets.content_encoder import ContentEncoder, content_encoder
from restoration.nets.pitch import METHODS
from restoration.nets.voice_decoder import WINDOW
from restoration.voice.decoding import MOST_PROTECT, sound_between, turns_at
from restoration.voice.features import HOP, Features, every_frame, gain_db, loudness, mel_powers, prosody
from restoration.voice.gate import Permit, check
from restoration.voice.melody import Melody, melody_of
from restoration.voice.model import VoiceModel, lent
from restoration.voice.retrieval import Drawn, rate_of
from restoration.voice.samples import FloatArray
from restoration.voice.tonal_balance import NONE, Balance, Balancing, LongTermSpectrum, balanced_loudness

CELL_FRAMES, AROUND_FRAMES, FADE_FRAMES = 1250, 250, 4
HUSH_DB = (-60.0, -54.0)
MOST_GAIN_DB = 24.0
Read = Callable[[int, int], FloatArray]
"""Samples from one number up to another, at 16 kHz; fewer at the end."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a voice is lent; the names are those that users of RVC and Applio know.

    Attributes:
        pitch: semitones up or down; ``auto`` brings the performance to the height of the voice, ``octave`` to the
            nearest octave of it, for singing.
        index_rate: how much of the content is taken from the voice's own material, 0 to 1 (``retrieval``); None for
            0.3, or 0 where the voice holds nothing of its material.
        protect: how much of breaths and voiceless consonants is left to the converter, 0 (they keep the performer's
            grain, in the colour of the voice) to 0.5 (they are the model's noise).
        volume_envelope: 1 keeps the loudness the decoder gives, 0 the performer's, moment by moment.
        f0_method: how the pitch is found.
        tonal_balance: how much of the performance's long-term spectrum gives way to the voice's (``tonal_balance``), 0
            (none) to 1; a voice whose card holds none is lent without.
        pitch_range: how far the range of the performance's melody gives way to the voice's (``melody``), 0 to 1; None
            for 1 where ``pitch`` is ``auto`` and else 0. What is sung is not stretched.
    """

    pitch: float | str = "auto"
    index_rate: float | None = None
    protect: float = 0.35
    volume_envelope: float = 1.0
    f0_method: str = "swift-f0"
    tonal_balance: float = 1.0
    pitch_range: float | None = None

    def __post_init__(self) -> None:
        if self.pitch not in ("auto", "octave") and not (isinstance(self.pitch, int | float) and abs(self.pitch) <= 36):
            raise RestorationError(f"pitch is 'auto', 'octave' or semitones from -36 to 36, not {self.pitch!r}")
        if self.f0_method not in METHODS:
            raise RestorationError(f"there is no F0 method '{self.f0_method}'; there are {', '.join(METHODS)}")
        for name in ("index_rate", "protect", "volume_envelope", "tonal_balance", "pitch_range"):
            most = MOST_PROTECT if name == "protect" else 1.0
            if not 0 <= (getattr(self, name) or 0) <= most:
                raise RestorationError(f"{name} is from 0 to {most:g}, not {getattr(self, name):g}")

    @property
    def range_share(self) -> float:
        """How far the melody's range gives way to the voice's, once it is known whether it is spoken."""
        if self.pitch_range is None:
            return 1.0 if self.pitch == "auto" else 0.0
        return self.pitch_range


@dataclass(frozen=True, eq=False)
class Overview:
    """What the first pass tells of a performance: gain_db to the usual level, f0_hz (as it is to be made) and voicing
    (frames,), how its melody is changed, and the gains in mel bands (40,) that its loudness is told with."""

    gain_db: float
    f0_hz: FloatArray
    voicing: FloatArray
    melody: Melody
    gains_db: npt.NDArray[np.float64]


def convert(permit: Permit, voice: VoiceModel, sound: FloatArray, settings: Settings | None = None) -> FloatArray:
    """The performance ``sound`` (time,) at 16 kHz in the voice, of the same length and level.

    Raises:
        NoConsent: the permit is not for this voice, or not for a conversion.
    """
    pieces = list(converted(permit, voice, lambda start, stop: sound[start:stop], sound.size, settings))
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.float32)


def converted(
    permit: Permit,
    voice: VoiceModel,
    read: Read,
    size: int,
    settings: Settings | None = None,
    told: Callable[[Melody], None] = lambda melody: None,
) -> Iterator[FloatArray]:
    """The same for a performance of ``size`` samples that is read bit by bit: its cells, one after the other.

    ``told`` is told how the melody is changed.
    """
    check(permit, "convert", voice.consents)
    asked = settings or Settings()
    encoder = encoder_of(voice, asked)
    ready = lent(voice, asked.protect)
    seen = overview(read, size, voice, asked)
    told(seen.melody)
    turns, balancing = turns_at(seen.f0_hz), balancing_of(voice, asked)
    frames, over = seen.f0_hz.size, np.zeros(0, dtype=np.float32)
    for first in range(0, frames, CELL_FRAMES):
        last = min(first + CELL_FRAMES + FADE_FRAMES, frames)
        begin = max(0, first - AROUND_FRAMES)
        end = min(frames, last + AROUND_FRAMES)
        heard = read(begin * HOP, min(size, end * HOP)) * np.float32(10 ** (seen.gain_db / 20))
        features = features_of(heard, seen, slice(begin, end), encoder)
        made = sound_between(ready, features, turns, first - begin, last - begin, before=begin)
        if balancing:
            made = balancing.block(made, min(CELL_FRAMES * HOP, made.size))
        source = heard[(first - begin) * HOP : (last - begin) * HOP]
        cut = slice(first - begin, last - begin)
        mixed = followed(made[: source.size], source, features.loudness_db[cut], asked.volume_envelope)
        mixed = faded_in(mixed * np.float32(10 ** (-seen.gain_db / 20)), over)
        yield mixed[: CELL_FRAMES * HOP]
        over = mixed[CELL_FRAMES * HOP :]


def faded_in(cell: FloatArray, over: FloatArray) -> FloatArray:
    """The cell, its beginning faded over from what the cell before made of it, which the encoder heard apart."""
    share = np.linspace(0, 1, over.size, dtype=np.float32)
    return np.concatenate([over * (1 - share) + cell[: over.size] * share, cell[over.size :]])


def encoder_of(voice: VoiceModel, settings: Settings) -> ContentEncoder:
    """The encoder that a voice was learnt with, its frames drawn towards the voice's material if that is asked for.

    Raises:
        RestorationError: the one on this machine is another, or the voice holds no frames of its material.
    """
    encoder = content_encoder(voice.card["encoder"]["name"])
    if encoder.sha256 != voice.card["encoder"]["sha256"]:
        raise RestorationError(
            f"the voice '{voice.card['name']}' was learnt with another version of the encoder '{encoder.name}' "
            f"(sha256 {voice.card['encoder']['sha256'][:12]}…, here {encoder.sha256[:12]}…)"
        )
    rate = rate_of(voice, settings.index_rate)
    return Drawn(encoder, voice, rate) if rate else encoder


def balancing_of(voice: VoiceModel, settings: Settings) -> Balancing | None:
    """What gives the voice's long-term spectrum to what is made; None where none is known or none is asked for."""
    known = Balance.from_card(voice.card)
    return Balancing(known, settings.tonal_balance) if known and settings.tonal_balance else None


def fitting(voice: VoiceModel, settings: Settings, tell: Callable[[str], None]) -> Settings:
    """The settings as far as a voice can follow them; where it cannot, ``tell`` is told so."""
    if not settings.tonal_balance or Balance.from_card(voice.card) is not None:
        return settings
    tell(f"the voice “{voice.card['name']}” keeps no long-term spectrum: lent without it; train it again")
    return replace(settings, tonal_balance=0.0)


def overview(read: Read, size: int, voice: VoiceModel, settings: Settings) -> Overview:
    """Level, pitch and long-term spectrum of a whole performance, cell by cell."""
    frames = 1 + size // HOP if size else 0
    tracks: list[tuple[FloatArray, FloatArray]] = []
    gains: list[float] = []
    spectrum, wanted = LongTermSpectrum(np.inf), Balance.from_card(voice.card)
    for first in range(0, frames, CELL_FRAMES):
        last = min(first + CELL_FRAMES, frames)
        begin = max(0, first - AROUND_FRAMES)
        heard = read(begin * HOP, min(size, (last + AROUND_FRAMES) * HOP))
        f0_hz, voicing, _ = prosody(heard, settings.f0_method)
        tracks.append((f0_hz[first - begin : last - begin], voicing[first - begin : last - begin]))
        spectrum.hear(mel_powers(heard)[first - begin : last - begin])
        if heard.any():
            gains.append(gain_db(heard))
    if not tracks:
        return Overview(0.0, np.zeros(0, np.float32), np.zeros(0, np.float32), Melody(), NONE)
    f0_hz, voicing = (np.concatenate(part) for part in zip(*tracks, strict=True))
    melody = melody_of(f0_hz, voice.card["f0"], settings.pitch, settings.range_share)
    balance_db = NONE
    if wanted and settings.tonal_balance:
        balance_db = spectrum.gains_db(wanted, settings.tonal_balance)
    return Overview(min(gains, default=0.0), melody.of(f0_hz), voicing, melody, balance_db)


def features_of(heard: FloatArray, seen: Overview, frames: slice, encoder: ContentEncoder) -> Features:
    """The features of a stretch of frames, its pitch and its tonal balance as the whole performance has them."""
    f0_hz, voicing = seen.f0_hz[frames], seen.voicing[frames]
    content = every_frame(encoder.encode(heard), encoder, f0_hz.size)
    level = loudness(heard)[: f0_hz.size]
    level = balanced_loudness(level, mel_powers(heard)[: level.size], seen.gains_db)
    level = np.pad(level, (0, f0_hz.size - level.size), mode="edge")
    around = np.pad(heard, (WINDOW // 2, WINDOW // 2 + f0_hz.size * HOP - heard.size))
    return Features(content, f0_hz, voicing, level, around)


def followed(made: FloatArray, source: FloatArray, loudness_db: FloatArray, volume_envelope: float) -> FloatArray:
    """The made sound with as much of the performer's loudness as is asked for, and silent where the performer is."""
    mixed = hushed(made, loudness_db)
    if volume_envelope < 1:
        gains = gains_between(envelope_db(loudness(source), loudness(mixed), volume_envelope), mixed.size)
        return np.asarray(mixed * gains, dtype=np.float32)
    return mixed


def hushed(made: FloatArray, loudness_db: FloatArray) -> FloatArray:
    """Nothing where the performance is 60 dB under the usual loudness of speech, all from 6 dB above that on."""
    share = np.clip((loudness_db - HUSH_DB[0]) / (HUSH_DB[1] - HUSH_DB[0]), 0, 1)
    return np.asarray(made * np.interp(np.arange(made.size), np.arange(share.size) * HOP, share), dtype=np.float32)


def envelope_db(source_db: FloatArray, made_db: FloatArray, volume_envelope: float) -> FloatArray:
    """The gain every 8 ms that gives a made sound as much of the performer's loudness as is asked for."""
    apart_db = source_db - made_db
    return np.asarray(np.clip((1 - volume_envelope) * apart_db, -MOST_GAIN_DB, MOST_GAIN_DB), dtype=np.float32)


def gains_between(gain_db: FloatArray, size: int) -> npt.NDArray[np.float64]:
    """Factors for ``size`` samples from gains every 128 samples."""
    return np.asarray(10 ** (np.interp(np.arange(size), np.arange(gain_db.size) * HOP, gain_db) / 20))
