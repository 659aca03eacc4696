/* Painting over the spectrogram what is to be repaired. The strokes are kept, so that the last can be undone. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const PX_PER_S = 200;
  const ROWS = 256;
  const TILE = 512;

  /**
   * @param {object} scale
   * @param {() => void} changed
   */
  parts.brush = (scale, changed) => {
    const strokes = [];          // {erase, box} or {erase, radius_s, radius_hz, points: [[s, hz], ...]}
    let tiles = new Map();       // number -> canvas with nothing but what was painted here
    const rowOf = (hz) => ROWS * (1 - hz / scale.maxHz);

    const contextOf = (number, erase) => {
      if (!tiles.has(number)) {
        if (erase) return null;
        const canvas = Object.assign(document.createElement("canvas"), { width: TILE, height: ROWS });
        tiles.set(number, canvas.getContext("2d", { willReadFrequently: true }));
      }
      const context = tiles.get(number);
      context.globalCompositeOperation = erase ? "destination-out" : "source-over";
      context.fillStyle = parts.inks.mask;
      return context;
    };

    const over = (start_s, stop_s, erase, paint) => {
      const last = Math.floor((Math.min(scale.duration, stop_s) * PX_PER_S) / TILE);
      for (let number = Math.max(0, Math.floor((start_s * PX_PER_S) / TILE)); number <= last; number += 1) {
        const context = contextOf(number, erase);
        if (context) paint(context, number * TILE);
      }
    };

    const dab = ({ erase, radius_s, radius_hz }, [s, hz]) =>
      over(s - radius_s, s + radius_s, erase, (context, left) => {
        context.beginPath();
        context.ellipse(s * PX_PER_S - left, rowOf(hz), Math.max(0.5, radius_s * PX_PER_S), Math.max(0.5, (radius_hz / scale.maxHz) * ROWS), 0, 0, 7);
        context.fill();
      });

    /** A straight piece of a stroke: dabs close enough that no edge shows between them. */
    const line = (stroke, from, to) => {
      const far = Math.max(Math.abs(to[0] - from[0]) / stroke.radius_s, Math.abs(to[1] - from[1]) / stroke.radius_hz);
      const dabs = Math.max(1, Math.ceil(far * 3));
      for (let k = 1; k <= dabs; k += 1) {
        dab(stroke, [from[0] + ((to[0] - from[0]) * k) / dabs, from[1] + ((to[1] - from[1]) * k) / dabs]);
      }
    };

    const fill = ({ erase, box }) =>
      over(box.start_s, box.stop_s, erase, (context, left) => {
        const [first, last] = [Math.floor(box.start_s * PX_PER_S), Math.ceil(box.stop_s * PX_PER_S)];
        const [top, bottom] = [Math.floor(rowOf(box.high_hz)), Math.ceil(rowOf(box.low_hz))];
        context.fillRect(first - left, top, Math.max(1, last - first), Math.max(1, bottom - top));
      });

    const paintAll = (stroke) => {
      if (stroke.box) return fill(stroke);
      dab(stroke, stroke.points[0]);
      return stroke.points.slice(1).forEach((point, i) => line(stroke, stroke.points[i], point));
    };

    /** The painted cells: [{x, y}] extremes over all tiles, or null where nothing is painted. */
    const extent = () => {
      const found = { left: Infinity, right: -1, top: ROWS, bottom: -1 };
      for (const [number, context] of tiles) {
        const { data: pixels } = context.getImageData(0, 0, TILE, ROWS);
        for (let i = 3; i < pixels.length; i += 4) {
          if (pixels[i] < 128) continue;
          const [x, y] = [number * TILE + (((i - 3) / 4) % TILE), Math.floor((i - 3) / 4 / TILE)];
          found.left = Math.min(found.left, x);
          found.right = Math.max(found.right, x);
          found.top = Math.min(found.top, y);
          found.bottom = Math.max(found.bottom, y);
        }
      }
      return found.right < 0 ? null : found;
    };

    const cut = ({ left, right, top, bottom }) => {
      const [width, height] = [right - left + 1, bottom - top + 1];
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const context = canvas.getContext("2d");
      for (const [number, tile] of tiles) context.drawImage(tile.canvas, number * TILE - left, -top);
      const picture = context.getImageData(0, 0, width, height);
      for (let i = 0; i < picture.data.length; i += 4) {
        const on = picture.data[i + 3] >= 128 ? 255 : 0;
        picture.data.set([on, on, on, 255], i);
      }
      context.putImageData(picture, 0, 0);
      return canvas.toDataURL("image/png").split(",")[1];
    };

    return {
      begin(erase, radius_s, radius_hz, point) {
        strokes.push({ erase, radius_s, radius_hz, points: [point] });
        dab(strokes.at(-1), point);
        changed();
      },
      go(point) {
        const stroke = strokes.at(-1);
        line(stroke, stroke.points.at(-1), point);
        stroke.points.push(point);
        changed();
      },
      box(box, erase = false) {
        strokes.push({ erase, box });
        fill(strokes.at(-1));
        changed();
      },
      undo() {
        strokes.pop();
        tiles = new Map();
        strokes.forEach(paintAll);
        changed();
      },
      clear() {
        strokes.length = 0;
        tiles = new Map();
        changed();
      },
      any: () => strokes.length > 0,
      draw(context, lane, view) {
        context.globalAlpha = 0.55;
        for (const [number, tile] of tiles) {
          const x = view.x((number * TILE) / PX_PER_S);
          context.drawImage(tile.canvas, x, lane.y, (TILE / PX_PER_S) * view.perS, lane.height);
        }
        context.globalAlpha = 1;
      },
      /** {start_s, stop_s, low_hz, high_hz, mask: base64 PNG, white where it is painted}, or null. */
      mask() {
        const found = extent();
        if (!found) return null;
        const hz = (row) => Math.max(0, scale.maxHz * (1 - row / ROWS));
        return {
          start_s: found.left / PX_PER_S,
          stop_s: Math.min(scale.duration, (found.right + 1) / PX_PER_S),
          low_hz: hz(found.bottom + 1),
          high_hz: hz(found.top),
          mask: cut(found),
        };
      },
    };
  };
})();
