"""What a browser makes of the pieces: the frames that the item says, where they belong, with nothing to skip."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import soundfile

from restoration import sound_files
from restoration.audio import Audio, Recording
from restoration.room.pieces import pieces

PIECE_FRAMES = 2 * 48000 + 11
PAGE = """<!doctype html><meta charset="utf-8"><script>
window.HERITAGE = {pieces: {}, piece(name, n, coded) { this.pieces[n] = coded; }};
window.decoded = async (n, channels) => {
  const stream = Uint8Array.from(atob(HERITAGE.pieces[n]), (each) => each.charCodeAt(0));
  const context = new OfflineAudioContext(channels, 1, 48000);
  const sound = await context.decodeAudioData(stream.buffer);
  const samples = [];
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    const bytes = new Uint8Array(sound.getChannelData(channel).buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    samples.push(btoa(text));
  }
  return {rate: sound.sampleRate, samples};
};
</script>
"""


@pytest.mark.parametrize("channels", [1, 2])
def test_a_browser_decodes_the_pieces_to_the_file(window, reading, tmp_path, channels):
    samples = np.stack([reading.samples[0, : 7 * 48000], 0.5 * reading.samples[0, 48000 : 8 * 48000]][:channels])
    recording = Recording.from_audio(tmp_path / "sound.f32", Audio(samples.astype(np.float32), 48000))
    sound_files.write_opus(recording, tmp_path / "sound.opus")
    scripts = []
    for piece in pieces(tmp_path / "sound.opus", PIECE_FRAMES):
        (tmp_path / f"after-{piece.number:04}.js").write_text(piece.script("after"), encoding="ascii")
        scripts.append(f'<script src="after-{piece.number:04}.js"></script>\n')
    (tmp_path / "index.html").write_text(PAGE + "".join(scripts), encoding="utf-8")
    window.goto((tmp_path / "index.html").as_uri())
    found = [window.evaluate("([n, channels]) => decoded(n, channels)", [n, channels]) for n in range(len(scripts))]
    assert {each["rate"] for each in found} == {48000}
    heard = [np.stack([np.frombuffer(base64.b64decode(one), "<f4") for one in each["samples"]]) for each in found]
    whole = soundfile.read(tmp_path / "sound.opus", dtype="float32", always_2d=True)[0].T
    assert [each.shape for each in heard[:-1]] == [(channels, PIECE_FRAMES)] * (len(heard) - 1)
    joined = np.concatenate(heard, axis=1)
    assert joined.shape == whole.shape
    # A frame too early or too late would be as loud as the voice.
    assert 20 * np.log10(np.abs(joined - whole).max() + 1e-12) < -65.0
