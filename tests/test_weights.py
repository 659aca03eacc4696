"""Model cards, and files that are trusted only after their digest was read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from restoration.errors import MissingWeights
from restoration.nets.onnx_denoiser import Contract
from restoration.weights import Card, card, cards, locate, sha256_on_disk

SHIPPED = [described for described in cards() if described.shipped]


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of models that the user keeps."""
    monkeypatch.setenv("RESTORATION_MODELS", str(tmp_path))
    return tmp_path


def put(models: Path, content: bytes = b"tensors") -> Path:
    file = models / card("voicefixer-analysis").file
    file.parent.mkdir()
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("described", cards(), ids=lambda described: described.name)
def test_every_card_says_what_has_to_be_known(described: Card) -> None:
    for field in ("licence", "recipe", "quality", "use", "limits"):
        assert len(getattr(described, field)) >= 3, field
    assert described.training
    assert all(each.name and each.licence for each in described.training)
    assert re.fullmatch("[0-9a-f]{64}", described.sha256) or (not described.shipped and described.sha256 == "")
    assert described.shipped or described.source.startswith("https://")


def test_names_are_unique() -> None:
    assert len({described.name for described in cards()}) == len(cards())


@pytest.mark.parametrize("described", SHIPPED, ids=lambda described: described.name)
def test_a_shipped_model_is_the_one_on_its_card(described: Card) -> None:
    assert hashlib.sha256(locate(described.name).read_bytes()).hexdigest() == described.sha256
    assert described.file.endswith(".safetensors")


def test_an_absent_model_is_a_sentence_that_says_what_to_do(models: Path) -> None:
    with pytest.raises(MissingWeights) as caught:
        locate("voicefixer-analysis")
    assert str(models / "voicefixer" / "vf.ckpt") in str(caught.value)
    assert "zenodo.org" in str(caught.value)


def test_without_the_folder_the_sentence_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESTORATION_MODELS", raising=False)
    with pytest.raises(MissingWeights, match="RESTORATION_MODELS"):
        locate("voicefixer-vocoder")


def test_an_unknown_model_is_told_from_the_known_ones() -> None:
    with pytest.raises(MissingWeights, match=r"there is no model 'voicefixer'; .*voicefixer-analysis"):
        locate("voicefixer")


def test_a_file_pinned_by_the_user_must_match(models: Path) -> None:
    file = put(models)
    pin = file.with_name("vf.ckpt.sha256")
    pin.write_text(hashlib.sha256(b"tensors").hexdigest().upper() + "  vf.ckpt\n", encoding="utf-8")
    assert locate("voicefixer-analysis") == file
    file.write_bytes(b"tensorz")
    with pytest.raises(MissingWeights, match="sha256"):
        locate("voicefixer-analysis")
    with pytest.raises(MissingWeights, match="sha256"):
        sha256_on_disk(["voicefixer-analysis"])


def test_an_empty_pin_is_no_permission(models: Path) -> None:
    put(models).with_name("vf.ckpt.sha256").write_text("\n", encoding="utf-8")
    with pytest.raises(MissingWeights, match="is empty"):
        locate("voicefixer-analysis")


def test_the_record_gets_the_digests_of_what_is_there(models: Path) -> None:
    put(models)
    found = sha256_on_disk(["voicefixer-analysis", "voicefixer-vocoder"])
    assert found == {"voicefixer-analysis": hashlib.sha256(b"tensors").hexdigest()}


def test_the_card_in_the_readme_is_one(models: Path) -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    example = readme.split("```toml\n", 1)[1].split("```", 1)[0]
    (models / "cards.toml").write_text(example.replace("…", "ab" * 32, 1), encoding="utf-8")
    assert Contract(**card("ours").denoiser).sample_rate == 16000
