"""Small items with sounds that are known to the sample, on a page that holds the player and the view and no more."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

import restoration.room
from restoration.texts import catalogue, languages

TEMPLATES = Path(restoration.room.__file__).parent / "templates"
RATE = 48000
MOST_HELD_UP_MS = 80
TEXTS = """
(() => {
  const item = window.HERITAGE_ITEM;
  const find = (key) => {
    const text = item.texts[HERITAGE.language][key];
    if (text === undefined) console.error("no text " + key);
    return text ?? key;
  };
  const fill = (text, values) => text.replace(/\\{(\\w+)\\}/g, (whole, name) => values?.[name] ?? whole);
  const form = (forms, count) => forms[new Intl.PluralRules(HERITAGE.language).select(count)] ?? forms.other;
  window.HERITAGE = {
    item, bus: new EventTarget(), language: "en",
    text: (key, values) => fill(find(key), values),
    counted: (key, count, values) => fill(form(find(key), count), { count, ...values }),
    setLanguage(tag) {
      HERITAGE.language = document.documentElement.lang = tag;
      HERITAGE.bus.dispatchEvent(new CustomEvent("language"));
    },
  };
})();
"""
BASE = """
:root { --paper: #14161a; --card: #1c1f25; --ink: #e7e6e2; --soft: #a9afb9; --line: #373c45; --accent: #8cc2ee;
  --warn: #ffb4b4; --warn-paper: #3b1d1d; color-scheme: dark; }
:root.light { --paper: #fbfaf7; --card: #fff; --ink: #1d2026; --soft: #565c66; --line: #d9d6cd; --accent: #14507f;
  --warn: #7a1f1f; --warn-paper: #fdeeee; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 86rem; padding: 0 1rem 2rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
"""
RECORDER = """
window.recorded = [];
window.record = async () => {
  const { context, out } = HERITAGE.player.sounding();
  const code = `registerProcessor("recorder", class extends AudioWorkletProcessor {
    process([input]) { this.port.postMessage(input[0] ? input[0].slice() : new Float32Array(128)); return true; } });`;
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(code)}`);
  const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
  out.connect(node);
  node.port.onmessage = ({ data }) => recorded.push(data);
  window.held_up_ms = 0;
  let then = performance.now();
  setInterval(() => {
    window.held_up_ms = Math.max(held_up_ms, performance.now() - then);
    then = performance.now();
  }, 5);
};
window.taken = () => {
  const blocks = recorded.slice();
  const all = new Float32Array(128 * blocks.length);
  blocks.forEach((block, i) => all.set(block, 128 * i));
  const bytes = new Uint8Array(all.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
};
"""


def texts():
    tables = ("player", "item", "decide", "state")
    return {
        tag: {f"{table}.{key}": text for table in tables for key, text in catalogue(tag).under(table).items()}
        for tag in languages()
    }


def scripts():
    return "\n".join(
        path.read_text(encoding="utf-8")
        for kind in ("player", "view")
        for path in sorted(TEMPLATES.glob(f"{kind}*.js"))
    )


def styles():
    return BASE + "".join((TEMPLATES / f"{kind}.css").read_text(encoding="utf-8") for kind in ("player", "view"))


def page_of():
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Item</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{styles()}</style></head><body><main><h1>Item</h1>"
        '<div id="player"></div><div id="view"></div></main>'
        f'<script src="item.js"></script><script>{TEXTS}{scripts()}{RECORDER}'
        'HERITAGE.player.mount(document.getElementById("player"));'
        'HERITAGE.view?.mount(document.getElementById("view"));'
        "</script></body></html>"
    )


def write_piece(folder, name, number, content):
    coded = base64.b64encode(content).decode()
    (folder / f"{name}-{number:04}.js").write_text(f'HERITAGE.piece("{name}", {number}, "{coded}");\n')


def wave(samples):
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="PCM_24")
    return file.getvalue()


def write_item(folder, sounds, *, piece_s=1.0, gains=None, pace=1.0, tiles=None, **more):
    """An item of sounds by name, as arrays at 48 kHz; the time axis is that of ``after``."""
    (folder / "sound").mkdir(parents=True)
    each = round(piece_s * RATE)
    described = []
    for name, samples in sounds.items():
        pieces = [samples[start : start + each] for start in range(0, len(samples), each)]
        for number, piece in enumerate(pieces):
            write_piece(folder / "sound", name, number, wave(piece))
        own_pace = pace if name == "before" else 1
        gain = (gains or {}).get(name, 0)
        described.append({"name": name, "pieces": len(pieces), "gain_db": gain, "pace": own_pace})
    item = {
        "identifier": "small-item",
        "title": "A small item",
        "duration_s": len(sounds["after"]) / RATE,
        "piece_s": piece_s,
        "preroll_s": 0,
        "sounds": described,
        "segments": [],
        "speakers": [],
        "texts": texts(),
        "tiles": write_tiles(folder, len(sounds["after"]) / RATE, **(tiles or {})),
        "waveform": {"full_scale": 1.0},
        **more,
    }
    (folder / "item.js").write_text(f"window.HERITAGE_ITEM = {json.dumps(item)};\n", encoding="utf-8")
    (folder / "index.html").write_text(page_of(), encoding="utf-8")
    return folder / "index.html"


def strip(columns, rows, bright, mode="RGB"):
    """A dark picture with some bright columns."""
    picture = np.zeros((rows, columns, len(mode)), dtype=np.uint8)
    picture[..., -1] = 255 if mode == "RGBA" else 40
    picture[:, [column for column in bright if 0 <= column < columns]] = 255
    file = io.BytesIO()
    Image.fromarray(picture, mode).save(file, "PNG")
    return file.getvalue()


def write_tiles(folder, duration_s, levels=((100.0, 1024), (25.0, 1024)), marked_s=(), max_hz=8000.0):
    """Tiles of plain colour with a white column at each moment of ``marked_s``; what item.js tells of them."""
    described = []
    kinds = dict.fromkeys(("before", "after", "removed"), (256, "RGB"))
    kinds |= {f"waveform_{name}": (96, "RGBA") for name in kinds}
    for level, (px_per_s, tile_px) in enumerate(levels):
        columns = round(duration_s * px_per_s)
        tiles = -(-columns // tile_px)
        described.append({"px_per_s": px_per_s, "tile_px": tile_px, "tiles": tiles, "columns": columns})
        for name, (rows, mode) in kinds.items():
            place = folder / "tiles" / name
            place.mkdir(parents=True, exist_ok=True)
            for tile in range(tiles):
                width = min(tile_px, columns - tile * tile_px)
                bright = [int(s * px_per_s) - tile * tile_px for s in marked_s]
                (place / f"{level}-{tile:05}.png").write_bytes(strip(width, rows, bright, mode))
    pictures = {name: {"rows": rows} for name, (rows, _) in kinds.items()}
    scale = {"rows": 256, "max_hz": max_hz, "floor_db": -100.0, "ceiling_db": -20.0}
    return {"pictures": pictures, "levels": described, "pattern": "tiles/{picture}/{level}-{tile:05}.png", **scale}


class Listener:
    """A page with an item, and what its loudspeaker was given."""

    def __init__(self, page):
        self.page = page

    def open(self, path):
        self.page.goto(path.as_uri())
        self.page.evaluate("record()")

    def js(self, code):
        return self.page.evaluate(code)

    def wait(self, seconds):
        """Until so much more sound was rendered, however slow the machine is."""
        self.js(
            f"""(async () => {{
            const {{ context }} = HERITAGE.player.sounding();
            const until = context.currentTime + {seconds};
            while (context.currentTime < until) await new Promise((go) => setTimeout(go, 5)); }})()"""
        )

    def started(self):
        self.page.wait_for_function("recorded.some((block) => block.some((sample) => sample !== 0))")

    def sound(self):
        """What was heard, from its first sample that is not silent; skips where other programs held the page up.

        Sound goes on the clock 20 ms ahead at least. On a quiet machine the page is never held up for so long as this.
        """
        held_up_ms = self.js("held_up_ms")
        if held_up_ms > MOST_HELD_UP_MS:
            pytest.skip(f"the page was held up for {held_up_ms:.0f} ms: not a quiet machine")
        return np.trim_zeros(np.frombuffer(base64.b64decode(self.js("taken()")), dtype=np.float32))


@pytest.fixture
def listener(window):
    return Listener(window)


@pytest.fixture
def item(tmp_path):
    return lambda sounds, **more: write_item(tmp_path / "item", sounds, **more)


@pytest.fixture
def noise():
    """Noise of which every stretch is unlike every other, so that a place in it can be found to the sample."""
    return lambda seconds, seed=1: np.random.default_rng(seed).uniform(-0.4, 0.4, round(seconds * RATE))
