"""The decoder of voices: its source, its filters, and how far it looks."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from restoration.nets.voice_decoder import (
    BINS,
    HOP,
    SAMPLE_RATE,
    Controls,
    VoiceDecoder,
    filtered,
    least_phase,
    pulse_train,
    steady_noise,
)

FRAMES = 260


@pytest.fixture(scope="module")
def network() -> VoiceDecoder:
    torch.manual_seed(7)
    made = VoiceDecoder()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
        for block in made.blocks:
            # As strong as the way past the block, so that what comes from furthest is not lost in rounding.
            block.gain.fill_(1.0)  # type: ignore[union-attr]
    return made.eval()


@pytest.fixture(scope="module")
def controls() -> Controls:
    draw = torch.Generator().manual_seed(3)
    f0_hz = 150 + 40 * torch.sin(torch.arange(FRAMES) / 20.0)
    return Controls(
        content=torch.randn(1, FRAMES, 288, generator=draw),
        f0_hz=f0_hz[None],
        voicing=torch.ones(1, FRAMES),
        loudness_db=torch.zeros(1, FRAMES),
        speaker=torch.randn(1, 208, generator=draw),
        channel=torch.ones(1, 12),
    )


def lowest_line_hz(sound: torch.Tensor) -> float:
    size = torch.fft.rfft((sound - sound.mean()) * torch.hann_window(sound.numel())).abs()
    size[:20] = 0
    return float((size > 0.5 * size.max()).nonzero()[0]) * SAMPLE_RATE / sound.numel()


@torch.no_grad()
def test_looks_96_ms_ahead_and_no_further(network: VoiceDecoder, controls: Controls) -> None:
    ahead = network.shape.lookahead_frames
    assert ahead * HOP / SAMPLE_RATE == pytest.approx(0.096)
    changed = controls.content.clone()
    changed[:, 200:] += 1.0
    before, after = (network.filters(each)[0] for each in (controls, replace(controls, content=changed)))
    apart = (before - after).abs().amax(-1)[0]
    assert float(apart[: 200 - ahead].max()) == 0.0
    assert float(apart[200 - ahead]) > 0.0


@torch.no_grad()
def test_hears_as_far_back_as_it_says(network: VoiceDecoder, controls: Controls) -> None:
    changed = controls.content.clone()
    changed[:, 10] += 10.0
    before, after = (network.filters(each)[0] for each in (controls, replace(controls, content=changed)))
    apart = (before - after).abs().amax(-1)[0]
    assert float(apart[10 + network.shape.past_frames + 1 :].max()) == 0.0
    assert float(apart[10]) > 0.0


@pytest.mark.parametrize("f0_hz", [60.0, 110.0, 237.0])
def test_pulses_have_the_pitch_and_unit_power(f0_hz: float) -> None:
    pulses, _ = pulse_train(torch.full((1, 125), f0_hz), torch.ones(1, 125))
    assert lowest_line_hz(pulses[0].double()) == pytest.approx(f0_hz, abs=1.5)
    assert float(pulses.square().mean()) == pytest.approx(1.0, rel=0.05)


def test_unvoiced_frames_have_no_pulses() -> None:
    pulses, _ = pulse_train(torch.zeros(1, 50), torch.zeros(1, 50))
    assert float(pulses.abs().max()) == 0.0


def test_pulses_go_on_where_they_stopped() -> None:
    f0_hz = 100 + torch.arange(100.0)[None]
    whole, _ = pulse_train(f0_hz, torch.ones(1, 100))
    first, turns = pulse_train(f0_hz[:, :41], torch.ones(1, 41))
    # The 41st frame's samples lie between it and the next, which the first part did not know.
    _, turns = pulse_train(f0_hz[:, :40], torch.ones(1, 40))
    held = (f0_hz[:, 40] - f0_hz[:, 39]).double() * sum(n / HOP for n in range(HOP)) / SAMPLE_RATE
    second, _ = pulse_train(f0_hz[:, 40:], torch.ones(1, 60), turns + held)
    assert torch.allclose(first[:, : 40 * HOP], whole[:, : 40 * HOP], atol=1e-4)
    assert torch.allclose(second, whole[:, 40 * HOP :], atol=2e-3)


def test_flat_filters_leave_the_sound_as_it_is() -> None:
    sound = steady_noise(0, 60 * HOP)[None]
    open_, shut = torch.zeros(1, 60, BINS), torch.full((1, 60, BINS), -40.0)
    made = filtered(sound, torch.zeros_like(sound), open_, shut)
    inside = slice(4 * HOP, 56 * HOP)
    assert torch.allclose(made[:, inside], sound[:, inside], atol=1e-5)


def test_least_phase_keeps_the_magnitude_and_comes_first() -> None:
    hertz = torch.linspace(0, 8000, BINS)
    magnitude = 2.0 * torch.exp(-(((hertz - 700) / 300) ** 2)) + torch.exp(-(((hertz - 1800) / 500) ** 2)) - 2.0
    response = least_phase(magnitude)
    assert torch.allclose(response.abs().log(), magnitude, atol=1e-4)
    heard = torch.fft.irfft(response)
    assert float(heard[:128].square().sum() / heard.square().sum()) > 0.99


def test_noise_is_the_same_for_whoever_asks() -> None:
    whole = steady_noise(100, 5000)
    assert torch.equal(whole[1234:2000], steady_noise(1334, 766))
    assert float(whole.square().mean()) == pytest.approx(1.0, rel=0.05)


@torch.no_grad()
def test_louder_controls_give_louder_sound(network: VoiceDecoder, controls: Controls) -> None:
    noise = steady_noise(0, FRAMES * HOP)[None]
    usual = network(controls, noise)
    louder = network(replace(controls, loudness_db=controls.loudness_db + 6.0), noise)
    assert 3.0 < 20 * float(torch.log10(louder.norm() / usual.norm())) < 9.0
