import numpy as np
import pytest

from restoration.simulate.room import SPEED_OF_SOUND_M_S, Reverberation

RATE = 16000


def responses(room: Reverberation, count: int = 8) -> list[np.ndarray]:
    return [room.impulse_response(1, RATE, np.random.default_rng(seed))[0][0] for seed in range(count)]


def decay_s(response: np.ndarray) -> float:
    """Time of a decay by 60 dB from the slope between 5 and 35 dB of Schroeder's integral."""
    left = np.cumsum(response[::-1] ** 2)[::-1]
    level_db = 10 * np.log10(left / left[0])
    late = (level_db < -5 - 10) & (level_db > -45)
    slope = np.polyfit(np.arange(response.size)[late] / RATE, level_db[late], 1)[0]
    return float(-60 / slope)


@pytest.mark.parametrize("rt60_s", [0.25, 0.6, 1.2])
def test_reverberation_falls_by_sixty_db_in_the_time_asked_for(rt60_s):
    room = Reverberation(rt60_s=rt60_s, distance_m=1.5, volume_m3=80, bright_share=1.0)
    found = [decay_s(response) for response in responses(room)]
    assert np.median(found) == pytest.approx(rt60_s, rel=0.12)


def test_high_frequencies_fall_faster():
    room = Reverberation(rt60_s=0.8, distance_m=1.5, volume_m3=80, bright_share=0.4)
    power = np.mean([np.abs(np.fft.rfft(response[6400:])) ** 2 for response in responses(room, 20)], axis=0)
    hz = np.fft.rfftfreq(responses(room, 1)[0].size - 6400, 1 / RATE)
    assert 10 * np.log10(power[hz < 500].mean() / power[hz > 6000].mean()) > 10


@pytest.mark.parametrize("distance_m", [0.5, 2.0])
@pytest.mark.parametrize("volume_m3", [40.0, 200.0])
def test_the_farther_the_microphone_the_more_reverberation(distance_m, volume_m3):
    rt60_s = 0.6
    room = Reverberation(rt60_s=rt60_s, distance_m=distance_m, volume_m3=volume_m3, bright_share=1.0)
    found_db = [10 * np.log10(np.sum(response[1:] ** 2)) for response in responses(room, 20)]
    # Direct and diffuse sound are equal at the critical distance of 0.057 sqrt(V / T).
    expected_db = 20 * np.log10(distance_m / (0.057 * np.sqrt(volume_m3 / rt60_s)))
    assert np.mean(found_db) == pytest.approx(expected_db, abs=2.5)


def test_the_direct_sound_stays_where_and_as_loud_as_it_was():
    click = np.zeros((2, RATE))
    click[:, 1000] = 1
    room, _ = Reverberation(rt60_s=0.4, distance_m=0.5).apply(click, RATE, np.random.default_rng(1))
    assert np.abs(room[:, :1000]).max() < 1e-6
    assert room[:, 1000] == pytest.approx(1, abs=1e-5)
    assert np.argmax(np.abs(room), axis=1).tolist() == [1000, 1000]


def test_the_first_reflections_come_from_the_walls_it_says():
    room = Reverberation(rt60_s=0.5, distance_m=1.0, volume_m3=60)
    response, drawn = room.impulse_response(1, RATE, np.random.default_rng(4))
    sides, voice, microphone = (np.array(drawn[name]) for name in ("sides_m", "voice_m", "microphone_m"))
    assert np.prod(sides) == pytest.approx(60)
    assert ((voice > 0) & (voice < sides) & (microphone > 0) & (microphone < sides)).all()
    direct_m = np.linalg.norm(voice - microphone)
    assert direct_m == pytest.approx(1, abs=0.05)
    surface_m2 = 2 * (sides[0] * sides[1] + sides[0] * sides[2] + sides[1] * sides[2])
    # Eyring: a sound loses 60 dB of its power in rt60_s, a wall at a time, every 4 V / S metres.
    kept = 10 ** (-3 * (4 * 60 / surface_m2 / SPEED_OF_SOUND_M_S) / 0.5)
    thrown_back = []
    for axis in range(3):
        for wall in (0.0, 2 * sides[axis]):
            image = voice.copy()
            image[axis] = wall - voice[axis]
            distance_m = np.linalg.norm(image - microphone)
            frame = round((distance_m - direct_m) / SPEED_OF_SOUND_M_S * RATE)
            thrown_back.append(response[0, frame] * distance_m / direct_m)
    # Others may arrive in the same frame as one of them, never less.
    assert min(thrown_back) == pytest.approx(kept, rel=1e-3)


def test_between_the_first_reflections_there_is_nothing():
    response, _ = Reverberation(rt60_s=0.5, distance_m=0.5, volume_m3=500).impulse_response(
        1, RATE, np.random.default_rng(4)
    )
    assert np.count_nonzero(response[0, : RATE // 50]) < 20


def test_channels_share_the_early_sound_and_have_tails_of_their_own():
    response, _ = Reverberation(rt60_s=0.5, distance_m=1.0).impulse_response(2, RATE, np.random.default_rng(1))
    assert np.array_equal(response[0, :100], response[1, :100])
    assert abs(np.corrcoef(response[:, RATE // 5 :])[0, 1]) < 0.1
