"""A voice for other programs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from restoration.errors import NoConsent, RestorationError
from restoration.nets.emphasis import emphasised
from restoration.nets.voice_decoder import Controls, VoiceDecoder
from restoration.voice.consent import Consent, sealed
from restoration.voice.export import INPUTS, export_voice
from restoration.voice.features import studio_code
from restoration.voice.gate import Use, permit, today
from restoration.voice.model import EMPHASIS, VoiceModel

CONSENT = Consent(item="a", status="recorded", scope="voice model", given_by="herself", reference="letter")


@pytest.fixture(scope="module")
def voice() -> VoiceModel:
    torch.manual_seed(5)
    known = {"name": "x", "sha256": "0" * 64}
    card = {
        "name": "Anna",
        "consents": [CONSENT.as_dict()],
        "encoder": known,
        "base": known,
        "f0": {"median_hz": 200.0},
    }
    speaker = np.random.default_rng(1).normal(size=208).astype(np.float32)
    return VoiceModel(VoiceDecoder().state_dict(), speaker, card, sealed([CONSENT]))


def allowed(purpose: str) -> object:
    return permit([CONSENT], Use(purpose=purpose, by="A. Karimova", public=False, on=today()))


def test_onnx_sets_the_filters_that_the_decoder_sets(voice: VoiceModel, tmp_path: Path) -> None:
    place = export_voice(allowed("export"), voice, tmp_path / "anna.onnx")  # type: ignore[arg-type]
    draw = np.random.default_rng(2)
    for frames in (20, 75):
        parts = [draw.normal(size=(1, frames, 288)), 100 + 50 * draw.random((1, frames)), draw.random((1, frames))]
        parts = [part.astype(np.float32) for part in [*parts, draw.normal(size=(1, frames))]]
        ours = onnxruntime.InferenceSession(place).run(None, dict(zip(INPUTS, parts, strict=True)))
        codes = [torch.from_numpy(code)[None] for code in (voice.speaker, studio_code())]
        with torch.no_grad():
            theirs = emphasised(voice.decoder(), Controls(*map(torch.from_numpy, parts), *codes), EMPHASIS)
        for first, second in zip(ours, theirs, strict=True):
            assert np.allclose(first, second.numpy(), atol=1e-4)
    about = json.loads((tmp_path / "anna.json").read_text(encoding="utf-8"))
    assert about["digital_source_type"].endswith("trainedAlgorithmicMedia")
    assert about["consents_kept_at"] == ["letter"]


def test_a_permit_to_convert_exports_nothing(voice: VoiceModel, tmp_path: Path) -> None:
    with pytest.raises(NoConsent, match="to convert, not to export"):
        export_voice(allowed("convert"), voice, tmp_path / "anna.onnx")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_rvc_is_refused_with_the_reason(voice: VoiceModel, tmp_path: Path) -> None:
    with pytest.raises(RestorationError, match="another network"):
        export_voice(allowed("export"), voice, tmp_path / "anna.pth", "rvc")  # type: ignore[arg-type]
