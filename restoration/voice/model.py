"""A voice model: a folder with the weights, the card that a program reads, and the card that a person reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from restoration import fixity
from restoration.errors import NoConsent, RestorationError
from restoration.nets.voice_decoder import VoiceDecoder, VoiceDecoderShape
from restoration.voice.card_page import card_page
from restoration.voice.consent import Consent, check_seal
from restoration.voice.decoding import MOST_PROTECT, Lent
from restoration.voice.features import studio_code
from restoration.voice.samples import FloatArray
from restoration.weights import card, locate

BASE = "voice-base"
WEIGHTS, CARD, PAGE = "voice.safetensors", "card.json", "card.html"
PICKLES = (".pth", ".pt", ".ckpt", ".pkl")
SPEAKER, FRAMES = "speaker", "frames"
SEAL = "consents"
EMPHASIS = 0.2
"""How far a voice is carried on that is lent (``nets.emphasis``)."""


class BadVoice(RestorationError):
    """A folder that is no voice model, or one that does not fit what is on this machine."""


@dataclass(frozen=True, eq=False)
class VoiceModel:
    """A voice.

    Attributes:
        state: the decoder's weights by name.
        speaker: whose voice (208,), see ``features.speaker_code``.
        card: what is known about it; JSON-able. ``name``, ``consents``, ``encoder`` and ``base`` (name, sha256), ``f0``
            (median_hz, low_hz, high_hz) are always there. An encoder that stands for another says so (``stands_for``).
        seal: digest of the consents at the time of training, kept with the weights.
        frames: the content (frames, size) of the material, for ``retrieval``; None where there is no material.
    """

    state: Mapping[str, Tensor]
    speaker: FloatArray
    card: Mapping[str, Any]
    seal: str = ""
    frames: FloatArray | None = None

    @property
    def consents(self) -> tuple[Consent, ...]:
        """The consents of its items, as they were when it was trained.

        Raises:
            NoConsent: the card holds others, or none.
        """
        told = self.card["consents"]
        if not isinstance(told, list) or not all(isinstance(each, Mapping) for each in told):
            raise NoConsent(f"the card of the voice '{self.card['name']}' holds no list of consents")
        consents = tuple(Consent.from_dict(each) for each in told)
        check_seal(consents, self.seal)
        return consents

    def decoder(self) -> VoiceDecoder:
        """The network, ready to decode; always the same one."""
        return self._network

    @cached_property
    def _network(self) -> VoiceDecoder:
        network = VoiceDecoder(VoiceDecoderShape())
        network.load_state_dict({name: tensor.float() for name, tensor in self.state.items()})
        return network.eval()

    def noted(self, **entries: Any) -> VoiceModel:
        """The same voice with entries of its card set."""
        return replace(self, card={**self.card, **entries})

    def save(self, folder: Path) -> Path:
        """Write weights (half precision) and card; the folder."""
        from safetensors.torch import save

        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value.half() if value.is_floating_point() else value for name, value in self.state.items()}
        kept[SPEAKER] = torch.from_numpy(self.speaker)
        if self.frames is not None:
            kept[FRAMES] = torch.from_numpy(self.frames).half()
        part = folder / f"{WEIGHTS}.part"
        # safetensors' own way to a file would leave it unreadable for everybody else.
        part.write_bytes(save({name: value.contiguous() for name, value in kept.items()}, metadata={SEAL: self.seal}))
        part.replace(folder / WEIGHTS)
        about = {**self.card, "weights_sha256": fixity.digests(folder / WEIGHTS)["sha256"]}
        (folder / PAGE).write_text(card_page(self.card), encoding="utf-8")
        (folder / CARD).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return folder


def load_voice(folder: Path) -> VoiceModel:
    """The voice in a folder.

    Raises:
        BadVoice: it is none, or its weights are not those of its card.
        NoConsent: the consents in its card are not those that it was learnt with.
    """
    about = _card_in(folder)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise BadVoice(f"{folder}: is no voice model: {WEIGHTS} is not there")
    found = fixity.digests(weights)["sha256"]
    if found != about.get("weights_sha256"):
        raise BadVoice(
            f"{weights}: is not the file that {CARD} describes (sha256 {found[:12]}…); train the voice again"
        )
    state, seal = _read(weights)
    speaker = state.pop(SPEAKER).float().numpy()
    frames = state.pop(FRAMES).float().numpy() if FRAMES in state else None
    told = {key: value for key, value in about.items() if key != "weights_sha256"}
    voice = VoiceModel(state, speaker, told, seal, frames)
    check_seal(voice.consents, seal)
    return voice


def _card_in(folder: Path) -> dict[str, Any]:
    if folder.suffix.lower() in PICKLES:
        raise BadVoice(
            f"{folder}: is a pickle of another program (RVC, Applio), which can run code when it is opened, and holds "
            "another network; it is not opened. A voice here is a folder that `restoration voice train` made"
        )
    try:
        about = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadVoice(f"{folder}: is no voice model: {CARD} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadVoice(f"{folder / CARD}: is not JSON ({error})") from error
    missing = {"name", "consents", "encoder", "base", "f0"} - set(about)
    if missing:
        raise BadVoice(f"{folder / CARD}: lacks {', '.join(sorted(missing))}")
    return dict(about)


def _read(weights: Path) -> tuple[dict[str, Tensor], str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(weights, framework="pt") as file:
            seal = (file.metadata() or {}).get(SEAL, "")
            return {name: file.get_tensor(name) for name in file.keys()}, seal  # noqa: SIM118
    except SafetensorError as error:
        raise BadVoice(f"{weights}: cannot be read ({error})") from error


def states_between(one: Mapping[str, Tensor], other: Mapping[str, Tensor], amount: float) -> dict[str, Tensor]:
    """The weights at ``amount`` of the way from one network (0) to another (1); whole numbers stay the first's."""

    def between(first: Tensor, second: Tensor) -> Tensor:
        if not first.is_floating_point():
            return first
        return ((1 - amount) * first.double() + amount * second.double()).to(first.dtype)

    return {key: between(one[key], other[key]) for key in one}


def base_state() -> dict[str, Tensor]:
    """The weights of the embedded base.

    Raises:
        MissingWeights: they are not on this machine.
    """
    return _read(locate(BASE))[0]


def base_described() -> dict[str, str]:
    """Name and digest of the embedded base, for a card."""
    return {"name": BASE, "sha256": card(BASE).sha256}


def channel_of_use() -> FloatArray:
    """The channel that a voice is lent through: none."""
    return studio_code()


def lent(voice: VoiceModel, protect: float = MOST_PROTECT) -> Lent:
    """A voice ready to be lent, as whoever lends it hears it."""
    return Lent(voice.decoder(), voice.speaker, channel_of_use(), protect, EMPHASIS)
