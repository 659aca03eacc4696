/* Pictures finer than the finest tile, made in the browser from the decoded sound. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const TILE = 256;
  const SMALLEST = 256;
  const LARGEST = 2048;
  const WAVE_ROWS = 96;

  const twiddles = new Map();
  const tablesOf = (size) => {
    if (!twiddles.has(size)) {
      const cos = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
      const sin = Float64Array.from({ length: size / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
      const window = Float64Array.from({ length: size }, (_, i) => (2 - 2 * Math.cos((2 * Math.PI * i) / size)) / size);
      twiddles.set(size, { cos, sin, window });
    }
    return twiddles.get(size);
  };

  /** The Fourier transform in place (radix 2). */
  const transform = (re, im, { cos, sin }) => {
    const size = re.length;
    for (let i = 1, j = 0; i < size; i += 1) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j |= bit;
      if (i < j) [re[i], re[j], im[i], im[j]] = [re[j], re[i], im[j], im[i]];
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k += 1) {
          const [a, b] = [start + k, start + k + half];
          const [c, s] = [cos[k * stride], sin[k * stride]];
          const [x, y] = [re[b] * c - im[b] * s, re[b] * s + im[b] * c];
          [re[b], im[b]] = [re[a] - x, im[a] - y];
          re[a] += x;
          im[a] += y;
        }
      }
    }
  };

  /**
   * @param {object} item
   * @param {object} pieces of the player
   * @param {() => void} changed a picture is there now
   */
  parts.fine = (item, pieces, changed) => {
    const { rows, max_hz: maxHz, floor_db: floor, ceiling_db: ceiling } = item.tiles;
    const fullScale = item.waveform?.full_scale ?? 1;
    const sounds = new Map(item.sounds.map((sound) => [sound.name, sound]));
    const rate = pieces.rate;
    let again = 0;

    /** The samples of a stretch of a sound as heard, its channels' mean; null while a piece is on its way. */
    const samplesOf = (name, first, count) => {
      const gain = 10 ** ((sounds.get(name).gain_db ?? 0) / 20);
      const samples = new Float32Array(count);
      const last = Math.floor((first + count - 1) / pieces.frames);
      let whole = true;
      for (let n = Math.max(0, Math.floor(first / pieces.frames)); n <= last && pieces.exists(name, n); n += 1) {
        const buffer = pieces.here(name, n);
        if (!buffer) {
          whole = false;
          if (!pieces.failed(name, n)) pieces.get(name, n).then(changed, () => { clearTimeout(again); again = setTimeout(changed, 500); });
          continue;
        }
        const share = gain / buffer.numberOfChannels;
        const from = Math.max(0, first - pieces.origin(n));
        const into = pieces.origin(n) + from - first;
        for (let c = 0; c < buffer.numberOfChannels; c += 1) {
          const channel = buffer.getChannelData(c);
          const stop = Math.min(buffer.length - from, count - into);
          for (let i = 0; i < stop; i += 1) samples[into + i] += share * channel[from + i];
        }
      }
      return whole ? samples : null;
    };

    const canvasOf = (height) => Object.assign(document.createElement("canvas"), { width: TILE, height });

    const stretch = (name, pxPerS, tile, margin) => {
      const step = (rate * (sounds.get(name).pace ?? 1)) / pxPerS;
      const first = Math.round(tile * TILE * step) - margin;
      return { step, samples: samplesOf(name, first, Math.ceil(TILE * step) + 2 * margin) };
    };

    const column = (pixels, x, power, size) => {
      const colours = parts.colours();
      for (let row = 0; row < rows; row += 1) {
        const bin = (((rows - row - 0.5) / rows) * maxHz * size) / rate;
        const low = Math.min(power.length - 2, Math.floor(bin));
        const level = power[low] + (power[low + 1] - power[low]) * (bin - low);
        const place = (10 * Math.log10(level + 1e-14) - floor) / (ceiling - floor);
        const [red, green, blue] = colours[Math.max(0, Math.min(colours.length - 1, Math.round(place * (colours.length - 1))))];
        pixels.set([red, green, blue, 255], 4 * (row * TILE + x));
      }
    };

    const spectrogram = (name, pxPerS, tile) => {
      const size = Math.max(SMALLEST, Math.min(LARGEST, 2 ** Math.round(Math.log2((4 * rate) / pxPerS))));
      const { step, samples } = stretch(name, pxPerS, tile, size);
      if (!samples) return null;
      const tables = tablesOf(size);
      const [re, im, power] = [new Float64Array(size), new Float64Array(size), new Float64Array(size / 2 + 1)];
      const canvas = canvasOf(rows);
      const context = canvas.getContext("2d");
      const picture = context.createImageData(TILE, rows);
      for (let x = 0; x < TILE; x += 1) {
        const from = Math.round((x + 0.5) * step) + size / 2;
        for (let i = 0; i < size; i += 1) re[i] = samples[from + i] * tables.window[i];
        im.fill(0);
        transform(re, im, tables);
        for (let k = 0; k < power.length; k += 1) power[k] = re[k] ** 2 + im[k] ** 2;
        column(picture.data, x, power, size);
      }
      context.putImageData(picture, 0, 0);
      return canvas;
    };

    const waveform = (name, pxPerS, tile) => {
      const { step, samples } = stretch(name, pxPerS, tile, 1);
      if (!samples) return null;
      const canvas = canvasOf(WAVE_ROWS);
      const context = canvas.getContext("2d");
      context.fillStyle = "rgb(166, 206, 240)";
      const y = (value) => ((WAVE_ROWS - 1) / 2) * (1 - Math.max(-1, Math.min(1, value / fullScale)));
      for (let x = 0; x < TILE; x += 1) {
        let [low, high] = [1, -1];
        for (let i = Math.floor(x * step); i <= Math.ceil((x + 1) * step); i += 1) {
          low = Math.min(low, samples[i + 1]);
          high = Math.max(high, samples[i + 1]);
        }
        context.fillRect(x, y(high), 1, Math.max(1.2, y(low) - y(high)));
      }
      return canvas;
    };

    return {
      tile_px: TILE,
      /** A canvas of 256 columns, or null while its sound is on its way. */
      make: (picture, pxPerS, tile) =>
        picture.startsWith("waveform_") ? waveform(picture.slice(9), pxPerS, tile) : spectrogram(picture, pxPerS, tile),
      /** dB re full scale of 0.4 s around a moment, as heard; null while that sound is not here. */
      level: (name, s) => {
        const first = Math.round((s * (sounds.get(name).pace ?? 1) - 0.2) * rate);
        const n = Math.max(0, Math.floor((first + 0.2 * rate) / pieces.frames));
        const samples = pieces.here(name, n) && samplesOf(name, first, Math.round(0.4 * rate));
        if (!samples) return null;
        return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length + 1e-12);
      },
    };
  };
})();
