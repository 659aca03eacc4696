"""Filters carried on beyond those of the mean voice that says nothing in particular."""

import pytest
import torch

from restoration.nets.emphasis import FURTHEST, beside_the_mean, carried_on, emphasised
from restoration.nets.voice_decoder import BINS, CHANNEL_SIZE, SPEAKER_SIZE, Controls, VoiceDecoder


@pytest.fixture
def decoder():
    torch.manual_seed(3)
    network = VoiceDecoder().eval()
    network.speaker_mean += torch.randn(SPEAKER_SIZE)
    network.content_mean += torch.randn(288)
    return network


@pytest.fixture
def controls():
    torch.manual_seed(4)
    tracks = [100 + 50 * torch.rand(2, 30), torch.rand(2, 30), torch.randn(2, 30)]
    return Controls(torch.randn(2, 30, 288), *tracks, torch.randn(2, SPEAKER_SIZE), torch.ones(2, CHANNEL_SIZE))


def test_without_emphasis_the_filters_are_the_decoders(decoder, controls):
    ours, theirs = emphasised(decoder, controls, 0.0), decoder.filters(controls)
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_the_second_half_is_the_mean_voice_with_the_same_prosody(decoder, controls):
    both = beside_the_mean(controls, decoder)
    assert torch.equal(both.content[:2], controls.content)
    assert torch.equal(both.speaker[2:], decoder.speaker_mean.expand(2, -1))
    assert torch.equal(both.content[2:], decoder.content_mean.expand(2, 30, -1))
    for name in ("f0_hz", "voicing", "loudness_db", "channel"):
        assert torch.equal(getattr(both, name)[2:], getattr(controls, name))


@torch.no_grad()
def test_the_mean_voice_with_the_mean_content_stays_as_it_is(decoder, controls):
    both = beside_the_mean(controls, decoder)
    mean = Controls(*(getattr(both, name)[2:] for name in vars(both)))
    for ours, theirs in zip(emphasised(decoder, mean, 0.8), decoder.filters(mean), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-5)


def test_shapes_move_apart_and_levels_stay():
    """Twice as far from the mean with an amount of 1; the mean over the frequencies is kept; 13 dB at most."""
    slope = torch.linspace(-1, 1, BINS)
    own, mean = 0.5 * slope - 3, torch.zeros(BINS) - 5
    made = carried_on((torch.stack([own, mean])[:, None], torch.stack([40 * slope, mean])[:, None]), 1.0)
    assert torch.allclose(made[0][0, 0], slope - 3, atol=1e-5)
    assert (made[1][0, 0] - 40 * slope).abs().max() <= FURTHEST + 1e-5
    assert made[1].mean() == pytest.approx(0.0, abs=1e-4)
