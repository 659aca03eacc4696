/* The tiles of the pictures: only those in sight are asked for, and a bounded number is kept. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const KEPT = 240;
  const FINER = [2, 4, 8, 16, 32];  // times the finest tiles
  const A_FRAME_MS = 12;

  /**
   * @param {object} item
   * @param {object} fine pictures made in the browser
   * @param {() => void} changed
   */
  parts.tiles = (item, fine, changed) => {
    const { levels, pictures, pattern } = item.tiles;
    const kept = new Map();      // path -> {image, ready}, the least lately used first
    let loaded = 0;
    let told = false;
    let spent = 0;               // ms used in this frame for making fine pictures
    let later = false;

    const keep = (key, one) => {
      kept.delete(key);
      kept.set(key, one);
      if (kept.size > KEPT) kept.delete(kept.keys().next().value);
      return one;
    };

    const pathOf = (picture, level, tile) =>
      pattern.replace("{picture}", picture).replace("{level}", level).replace("{tile:05}", String(tile).padStart(5, "0"));

    const fetched = (picture, level, tile) => {
      const path = pathOf(picture, level, tile);
      const known = kept.get(path);
      if (known) return keep(path, known);
      const one = { image: new Image(), ready: false };
      one.image.decoding = "async";
      one.image.onload = () => {
        one.ready = true;
        loaded += 1;
        changed();
      };
      one.image.onerror = () => {
        if (told) return;
        told = true;
        H.bus.dispatchEvent(new CustomEvent("problem", { detail: { text: H.text("player.tile_missing", { file: path }) } }));
      };
      one.image.src = path;
      return keep(path, one);
    };

    const made = (picture, pxPerS, tile) => {
      const key = `${picture} ${pxPerS} ${tile}`;
      const known = kept.get(key);
      if (known) return keep(key, known);
      if (spent > A_FRAME_MS) {
        later = true;
        return null;
      }
      const begun = performance.now();
      const image = fine.make(picture, pxPerS, tile);
      spent += performance.now() - begun;
      return image && keep(key, { image, ready: true });
    };

    const lay = (context, one, from_s, pxPerS, lane, scale) => {
      const x = Math.floor(scale.x(from_s) * lane.dpr) / lane.dpr;
      const width = (one.image.naturalWidth ?? one.image.width) / pxPerS;
      const stop = Math.ceil(scale.x(from_s + width) * lane.dpr) / lane.dpr;
      context.drawImage(one.image, x, lane.y, stop - x, lane.height);
    };

    const drawLevel = (context, lane, scale, { picture, pxPerS, tilePx, last, of }) => {
      const { start_s, stop_s } = scale.seen();
      const first = Math.max(0, Math.floor((start_s * pxPerS) / tilePx));
      let whole = true;
      for (let tile = first; tile <= Math.min(last, Math.floor((stop_s * pxPerS) / tilePx)); tile += 1) {
        const one = of(picture, tile);
        if (one?.ready) lay(context, one, (tile * tilePx) / pxPerS, pxPerS, lane, scale);
        else whole = false;
      }
      return whole;
    };

    const levelOf = (picture, level) => ({
      picture, pxPerS: levels[level].px_per_s, tilePx: levels[level].tile_px, last: levels[level].tiles - 1,
      of: (name, tile) => fetched(name, level, tile),
    });

    const finerThan = (picture, wanted) => {
      if (picture === "mask" || wanted <= 1.5 * levels[0].px_per_s) return null;
      const pxPerS = levels[0].px_per_s * (FINER.find((times) => times * levels[0].px_per_s >= 0.75 * wanted) ?? FINER.at(-1));
      const last = Math.floor((item.duration_s * pxPerS) / fine.tile_px);
      return { picture, pxPerS, tilePx: fine.tile_px, last, of: (name, tile) => made(name, pxPerS, tile) };
    };

    return {
      has: (picture) => picture in pictures,
      begin: () => {
        spent = 0;
        later = false;
      },
      end: () => later && changed(),
      /** Draw a picture into a lane: the coarse under the fine, so that something is there while tiles come. */
      draw(context, picture, lane, scale) {
        if (!(picture in pictures)) return;
        const wanted = scale.perS * lane.dpr;
        let level = levels.length - 1;
        while (level > 0 && levels[level].px_per_s < 0.9 * wanted) level -= 1;
        const finer = finerThan(picture, wanted);
        const plain = picture !== "mask" && !picture.startsWith("waveform_");
        // Transparent pictures would show twice where one lies on the other.
        if (plain && level < levels.length - 1) drawLevel(context, lane, scale, levelOf(picture, levels.length - 1));
        if (plain) drawLevel(context, lane, scale, levelOf(picture, level));
        const whole = finer && drawLevel(context, lane, scale, finer);
        if (!plain && !whole) drawLevel(context, lane, scale, levelOf(picture, level));
      },
      kept: () => kept.size,
      loaded: () => loaded,
    };
  };
})();
