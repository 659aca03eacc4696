"""Files in, marked and counted files out; what goes wrong is a sentence, and the others go on."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile
import soxr
import typer
from typer.testing import CliRunner

from restoration import ledger
from restoration.errors import NoConsent, RestorationError
from restoration.provenance.digital_source_type import SYNTHETIC
from restoration.voice.consent import sealed
from restoration.voice.convert import Settings
from restoration.voice.convert import convert as convert_sound
from restoration.voice.convert_command import convert, live
from restoration.voice.convert_files import EVENTS, extended, resampled
from restoration.voice.marking import read_origin
from restoration.voice.model import load_voice
from restoration.voice.stream import Stream
from restoration.voice.usage import uses

app = typer.Typer()
app.command()(convert)
app.command()(live)


def run(*told):
    return CliRunner().invoke(app, [str(each) for each in told])


@pytest.fixture
def folder(a_voice, tmp_path):
    return a_voice.save(tmp_path / "voices" / "chance")


@pytest.fixture
def sources(performance, tmp_path):
    """A stereo FLAC of 44,100 Hz, a WAV of 8000 Hz, and a text that calls itself a WAV."""
    place = tmp_path / "sources"
    place.mkdir()
    sound = performance(2.5)
    wide = soxr.resample(sound, 16000, 44100)
    soundfile.write(place / "a.flac", np.stack([wide, 0.5 * wide], axis=1), 44100)
    soundfile.write(place / "b.wav", soxr.resample(sound, 16000, 8000), 8000)
    (place / "c.wav").write_text("no sound")
    return place


def test_a_folder_is_converted_marked_and_counted_and_a_bad_file_stops_nothing(folder, sources, tmp_path):
    out = tmp_path / "out"
    result = run("convert", sources, "--voice", folder, "--out", out, "--by", "K. Holm")
    assert result.exit_code == 1
    assert "c.wav" in result.stderr
    assert "1 of 3" in result.stderr
    made = sorted(out.glob("*.wav"))
    assert [each.name for each in made] == [f"{name} in the voice A-voice-of-chance.wav" for name in "ab"]
    for path in made:
        about = soundfile.info(path)
        assert (about.samplerate, about.channels, about.frames) == (48000, 1, 120000)
        origin = read_origin(path)
        assert (origin.digital_source_type, origin.by, origin.purpose) == (SYNTHETIC, "K. Holm", "convert")
    counted, noted = uses(folder), ledger.events_of(folder / EVENTS)
    assert [event["seconds"] for event in counted] == [2.5, 2.5]
    assert [event["file"] for event in noted] == [each.name for each in made]
    assert noted[0]["result_sha256"] == counted[0]["result_sha256"]
    assert not list(out.glob(".converting*"))


def test_a_voice_without_a_long_term_spectrum_is_lent_without_one_and_both_are_told_so(a_voice, performance, tmp_path):
    early, source = a_voice.noted(tonal_balance=None).save(tmp_path / "early"), tmp_path / "d.wav"
    known = a_voice.save(tmp_path / "known")
    soundfile.write(source, performance(1.0), 16000, subtype="FLOAT")
    for voice, share in ((early, 0.0), (known, 1.0)):
        result = run("convert", source, "--voice", voice, "--out", tmp_path / voice.name / "out", "--by", "K")
        assert result.exit_code == 0
        assert ("keeps no long-term spectrum" in result.stderr) == (share == 0)
        assert ledger.events_of(voice / EVENTS)[0]["settings"]["tonal_balance"] == share


def test_at_16_kHz_it_is_what_convert_makes(folder, a_voice, leave, performance, tmp_path):
    source = tmp_path / "d.wav"
    soundfile.write(source, performance(2.0), 16000, subtype="FLOAT")
    result = run(
        "convert", source, "--voice", folder, "--out", tmp_path, "--by", "K", "--rate", 16000, "--pitch", "2.5"
    )
    assert result.exit_code == 0, result.output
    (made,) = tmp_path.glob("d in*.wav")
    expected = convert_sound(leave(), load_voice(folder), performance(2.0), Settings(pitch=2.5))
    assert "melody 2.5 semitones higher, its range kept" in result.stdout
    melody = ledger.events_of(folder / EVENTS)[-1]["melody"]
    assert (melody["semitones"], melody["stretch"]) == (2.5, 1.0)
    found, rate = soundfile.read(made, dtype="float32")
    assert rate == 16000
    assert np.abs(found * np.abs(expected).max() / np.abs(found).max() - expected).max() < 1e-5
    again = run("convert", source, "--voice", folder, "--out", tmp_path, "--by", "K")
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_the_extender_fills_what_16_kHz_cannot_hold(recording_of, performance, tmp_path):
    """A voice that was brought to 48 kHz holds nothing above 8 kHz; the extender puts sibilants there, and leaves what
    was there below."""
    wider = resampled(recording_of(performance(6.0), 16000), 48000, tmp_path / "wider")
    before, after = (each.read().samples[0].astype(np.float64) for each in (wider, extended(wider, tmp_path / "made")))
    assert after.size == before.size
    low, high = (slice(int(first * 6), int(last * 6)) for first, last in ((5000, 7000), (9000, 12000)))
    was, now = (np.abs(np.fft.rfft(each)) ** 2 for each in (before, after))
    assert 10 * np.log10(now[high].mean() / now[low].mean()) > -30
    assert 10 * np.log10(was[high].mean() / was[low].mean()) < -40
    assert np.abs(np.sqrt(now[low]) - np.sqrt(was[low])).max() < 0.01 * np.sqrt(was[low].max())


def test_without_consent_nothing_is_made(a_voice, sources, consent, tmp_path):
    narrow = consent(scope="restoration only")
    card = {**a_voice.card, "consents": [narrow.as_dict()]}
    folder = type(a_voice)(a_voice.state, a_voice.speaker, card, sealed([narrow])).save(tmp_path / "narrow")
    for command in (
        ("convert", sources, "--out", tmp_path / "out"),
        ("live", "--from", sources / "b.wav", "--to", "x.wav"),
    ):
        result = run(*command, "--voice", folder, "--by", "K")
        assert isinstance(result.exception, NoConsent)
    public = a_voice.save(tmp_path / "private")
    assert not (tmp_path / "out").exists()
    assert not (public / "usage.jsonl").exists()


def test_public_needs_consent_to_that(a_voice, sources, consent, tmp_path):
    private = consent(scope="voice model")
    card = {**a_voice.card, "consents": [private.as_dict()]}
    folder = type(a_voice)(a_voice.state, a_voice.speaker, card, sealed([private])).save(tmp_path / "private")
    told = ("convert", sources / "b.wav", "--out", tmp_path, "--voice", folder, "--by", "K", "--rate", 16000)
    assert isinstance(run(*told, "--public").exception, NoConsent)
    assert run(*told).exit_code == 0


def test_live_goes_from_file_to_file(folder, sources, tmp_path):
    target = tmp_path / "live.wav"
    result = run("live", "--voice", folder, "--by", "K", "--from", sources / "b.wav", "--to", target)
    assert result.exit_code == 0, result.output
    assert soundfile.info(target).frames == 40000
    assert read_origin(target).purpose == "live"
    assert uses(folder)[0]["purpose"] == "live"


@pytest.mark.parametrize("way", [(), ("--paced",)])
def test_how_the_melody_was_changed_live_is_in_the_log(folder, performance, leave, tmp_path, way):
    source, sound = tmp_path / "source.wav", performance(4.0)
    soundfile.write(source, sound, 16000, subtype="FLOAT")
    result = run("live", "--voice", folder, "--by", "K", "--from", source, "--to", tmp_path / "live.wav", *way)
    assert result.exit_code == 0, result.output
    told = ledger.events_of(folder / EVENTS)[0]["melody"]
    stream = Stream(leave("live"), load_voice(folder))
    stream.push(sound)
    stream.flush()
    assert told == pytest.approx(stream.melody.as_dict(), rel=0.02)  # by the clock, the end is not heard
    assert abs(told["stretch"] - 1) > 0.1 and told["semitones"] != 0.0


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (("--pitch", "high"), "pitch is 'auto', 'octave' or semitones"),
        (("--pitch", "40"), "pitch is"),
        (("--protect", "0.9"), "protect is from 0 to 0.5"),
        (("--f0-method", "crepe"), "there is no F0 method 'crepe'"),
        (("--rate", "44100"), "48000 or 16000"),
    ],
)
def test_wrong_options_are_sentences(folder, sources, tmp_path, told, sentence):
    result = run("convert", sources, "--voice", folder, "--out", tmp_path / "out", "--by", "K", *told)
    assert isinstance(result.exception, RestorationError)
    assert sentence in str(result.exception)


@pytest.mark.slow
def test_ten_minutes_need_no_more_memory_than_one(folder, performance, tmp_path):
    """About 600 MB, most of it the networks'."""
    most = {}
    for minutes in (1, 10):
        source = tmp_path / f"{minutes}.flac"
        soundfile.write(source, np.tile(performance(20.0), 3 * minutes), 16000)
        told = ["convert", str(source), "--voice", str(folder), "--out", str(tmp_path), "--by", "K", "--rate", "16000"]
        code = (
            "import pathlib, re; from tests.voice.test_convert_command import app\n"
            f"app({told!r}, standalone_mode=False)\n"
            # Not getrusage: that counts what the process was forked from as well.
            "print(int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]) / 1024)"
        )
        ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        most[minutes] = float(ended.stdout.split()[-1])
    assert most[10] < most[1] + 40, most
    assert most[10] < 1000


def test_the_help_has_an_example():
    for name in ("convert", "live"):
        assert "Example:" in run(name, "--help").output


def test_resampling_bit_by_bit_is_resampling_at_once(recording_of, performance, tmp_path):
    sound = soxr.resample(performance(2.0), 16000, 44100).astype(np.float32)
    whole = soxr.resample(sound, 44100, 16000, quality="VHQ")
    for size in (500, 44100):
        recording = recording_of(np.stack([sound, sound]), 44100, size)
        made = resampled(recording, 16000, tmp_path / f"made-{size}").read().samples[0]
        assert made.size == whole.size
        assert np.abs(made - whole).max() < 1e-5
