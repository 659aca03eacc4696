/* What is shown: from where, how large, and how times and frequencies lie on the picture. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const FINEST = 3200;           // css px per s
  const STEPS = [1, 2, 5];

  /** A step that people count in, so that marks are at least so many px apart. */
  const niceStep = (least) => {
    const unit = 10 ** Math.floor(Math.log10(least));
    return (STEPS.find((step) => step * unit >= least) ?? 10) * unit;
  };

  const timeStep = (least) => {
    if (least <= 1) return niceStep(least);
    return [2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((step) => step >= least) ?? 3600;
  };

  /**
   * @param {object} item
   * @param {() => void} changed
   */
  parts.scale = (item, changed) => {
    const duration = item.duration_s;
    const scale = {
      duration,
      maxHz: item.tiles?.max_hz ?? 24000,
      left: 0,                   // css px before the pictures, for the frequencies
      width: 1,                  // css px of the pictures
      start: 0,
      perS: 1,
      least: () => scale.width / duration,
      seen: () => ({ start_s: scale.start, stop_s: Math.min(duration, scale.start + scale.width / scale.perS) }),
      x: (s) => scale.left + (s - scale.start) * scale.perS,
      s: (x) => Math.min(duration, Math.max(0, scale.start + (x - scale.left) / scale.perS)),
      y: (hz, lane) => lane.y + lane.height * (1 - hz / scale.maxHz),
      hz: (y, lane) => scale.maxHz * Math.min(1, Math.max(0, 1 - (y - lane.y) / lane.height)),
      place(start, perS = scale.perS) {
        scale.perS = Math.min(Math.max(FINEST, scale.least()), Math.max(scale.least(), perS));
        scale.start = Math.max(0, Math.min(start, duration - scale.width / scale.perS));
        changed();
      },
      /** Larger or smaller, with one moment left where it stands. */
      zoom(factor, around) {
        const perS = Math.min(FINEST, Math.max(scale.least(), scale.perS * factor));
        scale.place(around - (around - scale.start) * (scale.perS / perS), perS);
      },
      show(start_s, stop_s) {
        scale.place(start_s, scale.width / Math.max(0.01, stop_s - start_s));
      },
      resize(left, width) {
        const whole = scale.perS <= scale.least() * 1.001;
        scale.left = left;
        scale.width = Math.max(1, width);
        scale.place(scale.start, whole ? 0 : scale.perS);
      },
      times() {
        const step = timeStep(84 / scale.perS);
        const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        const list = [];
        for (let k = Math.ceil(scale.start / step); k * step <= scale.seen().stop_s + 1e-9; k += 1) list.push(k * step);
        return { list, decimals };
      },
      frequencies(height) {
        const step = niceStep((scale.maxHz * 24) / height);
        const list = [];
        for (let hz = 0; hz <= scale.maxHz * 1.0001; hz += step) list.push(hz);
        return list;
      },
    };
    return scale;
  };
})();
