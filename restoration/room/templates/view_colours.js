/* The colours of the spectrograms, computed as restoration/provenance/colour_map.py does: equal steps of level are equal
   steps of lightness. Needed for pictures that are finer than the tiles, and for the legend. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const LEVELS = 192;
  const RGB_OF_XYZ = [[3.2404542, -1.5371385, -0.4985314], [-0.969266, 1.8760108, 0.041556], [0.0556434, -0.2040259, 1.0572252]];
  const WHITE = [0.95047, 1, 1.08883];

  const linearRgb = (lightness, a, b) => {
    const height = (lightness + 16) / 116;
    const xyz = [height + a / 500, height, height - b / 200].map(
      (root, i) => (root > 6 / 29 ? root ** 3 : 3 * (6 / 29) ** 2 * (root - 4 / 29)) * WHITE[i]);
    return RGB_OF_XYZ.map((row) => row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2]);
  };

  const coded = (value) => {
    const part = Math.min(1, Math.max(0, value));
    return Math.round(255 * (part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055));
  };

  const colour = (place) => {
    const lightness = 4 + 92 * place;
    const hue = ((285 + 170 * place) * Math.PI) / 180;
    let chroma = 68 * Math.sin(Math.PI * (0.08 + 0.8 * place));
    let rgb = linearRgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    for (let i = 0; i < 60 && rgb.some((part) => part < 0 || part > 1); i += 1) {
      chroma *= 0.95;
      rgb = linearRgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
    }
    return rgb.map(coded);
  };

  let table = null;
  /** 192 colours from quiet to loud, [[red, green, blue], ...]. */
  parts.colours = () => (table ??= Array.from({ length: LEVELS }, (_, i) => colour(i / (LEVELS - 1))));

  /** What stands on the dark ground of the pictures, whatever the theme of the page. */
  parts.inks = {
    ground: "#0d1016", lane: "#12151c", ink: "#e2e6ee", soft: "#a3adbd", grid: "rgba(226,230,238,.13)", line: "#3a4250",
    cursor: "#ffffff", select: "#8cc2ee", selectFill: "rgba(140,194,238,.16)", mask: "#ff5fa8", loop: "#7bdcb5", mark: "#ffc48a",
    speakers: ["#8cc2ee", "#ffc48a", "#a7dfa1", "#e3b0f2", "#f4a6a0", "#d9d28a"],
  };
})();
