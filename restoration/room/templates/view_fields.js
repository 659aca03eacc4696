/* The selection in figures: all that the mouse can do, by keyboard; and what is seen, in words. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const EDGES = [["start_s", 0.01, "s"], ["stop_s", 0.01, "s"], ["low_hz", 10, "Hz"], ["high_hz", 10, "Hz"]];

  /** A selection whose edges are in order and in the picture; null where nothing is between them. */
  parts.ordered = (region, scale) => {
    if (!region) return null;
    const [start_s, stop_s] = [region.start_s ?? 0, region.stop_s ?? scale.duration].sort((a, b) => a - b);
    const [low_hz, high_hz] = [region.low_hz ?? 0, region.high_hz ?? scale.maxHz].sort((a, b) => a - b);
    const inside = {
      start_s: Math.max(0, start_s), stop_s: Math.min(scale.duration, stop_s),
      low_hz: Math.max(0, low_hz), high_hz: Math.min(scale.maxHz, high_hz),
    };
    return inside.stop_s > inside.start_s && inside.high_hz > inside.low_hz ? inside : null;
  };

  parts.fields = (state) => {
    const { el, button } = H.playerParts.dom;
    const fields = new Map();
    const read = () => {
      const region = {};
      for (const [edge, field] of fields) if (field.value !== "") region[edge] = Number(field.value);
      return Object.keys(region).length ? region : null;
    };
    const box = el("div", { class: "fields", role: "group", name: "player.selection" });
    for (const [edge, step, unit] of EDGES) {
      const field = el("input", { type: "number", min: 0, step: "any", inputmode: "decimal" });
      field.dataset.step = step;
      field.addEventListener("change", () => state.actions.select(read(), true, false));
      const tail = el("span", { class: "unit" });
      tail.textContent = unit;
      fields.set(edge, field);
      box.append(el("label", {}, el("span", { text: `player.${edge}` }), field, tail));
    }
    const add = button("player.add_box", () => state.actions.addBox());
    const clear = button("player.clear_selection", () => state.actions.select(null, true), { class: "quiet" });
    box.append(el("div", { class: "row" }, add, clear));
    const show = () => {
      const { selection } = state;
      for (const [edge, field] of fields) field.value = selection ? String(Number(selection[edge].toFixed(edge.endsWith("_s") ? 3 : 0))) : "";
      add.disabled = clear.disabled = !selection;
    };
    show();
    return { box, show };
  };

  /** What is seen, in words: it stands under the pictures and describes them to a screen reader. */
  parts.words = (state) => {
    const { el, say, clock, figure } = H.playerParts.dom;
    const line = el("p", { class: "seen", id: "view-seen" });
    let timer = 0;
    const levels = () => {
      const at = H.player.position();
      const told = state.item.sounds
        .map(({ name }) => [name, state.fine.level(name, at)])
        .filter(([, level]) => level !== null)
        .map(([name, level]) => `${H.text(`player.${name}`)} ${H.text("player.db", { db: figure(Math.max(-120, level)) })}`);
      return told.length ? H.text("player.seen_levels", { at: clock(at, 1), levels: told.join(", ") }) : "";
    };
    const segments = () => {
      const { start_s, stop_s } = state.scale.seen();
      const inside = state.item.segments.filter((one) => one.stop_s > start_s && one.start_s < stop_s);
      const speakers = [...new Set(inside.map((one) => one.speaker))].filter(Boolean).join(", ");
      if (!inside.length) return H.text("player.seen_no_segments");
      return H.counted("player.seen_segments", inside.length, { speakers });
    };
    const write = () =>
      say(line, "player.seen", {
        pictures: () => state.shown.map((name) => H.text(`player.${name}`)).join(", "),
        start: () => clock(state.scale.seen().start_s, 1), stop: () => clock(state.scale.seen().stop_s, 1),
        whole: () => clock(state.scale.duration, 1), khz: () => figure(state.scale.maxHz / 1000, 1), segments, levels,
      });
    return {
      line,
      show() {
        clearTimeout(timer);
        timer = setTimeout(write, 250);
      },
    };
  };
})();
