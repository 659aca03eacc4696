/* What stands around the pictures: which are shown, zoom, tools, the strip of the whole recording, the scale of levels. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const BRUSHES = [8, 16, 32, 64];

  const choice = (state) => {
    const { el, button, pressed } = H.playerParts.dom;
    const names = state.item.sounds.map((sound) => sound.name).filter((name) => state.tiles.has(name));
    const group = el("div", { class: "choice", role: "group", name: "player.pictures" });
    const both = names.filter((name) => name !== "removed");
    const options = [...names.map((name) => [name, [name]]), ["both", both], ["stacked", names]];
    const buttons = options.map(([key, shown]) => {
      const one = button(`player.${key}`, () => {
        state.actions.shown(shown);
        show();
      });
      group.append(one);
      return [one, shown];
    });
    const show = () => buttons.forEach(([one, shown]) => pressed(one, shown.join() === state.shown.join()));
    show();
    return group;
  };

  const toggle = (text, read, write) => {
    const { button, pressed } = H.playerParts.dom;
    const one = button(text, () => {
      write(!read());
      pressed(one, read());
    });
    pressed(one, read());
    return one;
  };

  const zooms = (state) => {
    const { el, button } = H.playerParts.dom;
    const small = (sign, key, act) => {
      const one = button(null, act, { class: "sign", name: key, hint: key });
      one.textContent = sign;
      return one;
    };
    const selected = button("player.zoom_selection", () => {
      const { selection } = state;
      if (selection) state.actions.show(selection.start_s, selection.stop_s);
      else H.playerParts.tell("player.loop_nothing");
    });
    return el("div", { class: "choice", role: "group", name: "player.zoom" },
      small("−", "player.zoom_out", () => state.actions.zoom(0.5)), small("+", "player.zoom_in", () => state.actions.zoom(2)),
      button("player.zoom_all", () => state.actions.show(0, state.item.duration_s)), selected);
  };

  parts.toolNames = ["select", "paint", "erase"];

  const tools = (state) => {
    const { el, button, pressed } = H.playerParts.dom;
    const group = el("div", { class: "choice", role: "group", name: "player.tools" });
    const buttons = parts.toolNames.map((tool) => {
      const one = button(`player.tool_${tool}`, () => state.actions.tool(tool));
      group.append(one);
      return [tool, one];
    });
    const size = el("select");
    for (const px of BRUSHES) size.append(new Option(`${px} px`, String(px), px === state.brushPx, px === state.brushPx));
    size.addEventListener("change", () => (state.brushPx = Number(size.value)));
    const label = el("label", { class: "brush" }, el("span", { text: "player.brush" }), size);
    const undo = button("player.undo", () => state.actions.undo());
    const clear = button("player.clear_painting", () => state.actions.clear());
    state.showTools = () => {
      buttons.forEach(([tool, one]) => pressed(one, tool === state.tool));
      label.hidden = state.tool === "select";
      undo.hidden = clear.hidden = !state.brush.any();
    };
    state.showTools();
    return [group, label, undo, clear];
  };

  parts.tools = (state) => {
    const { el } = H.playerParts.dom;
    const overlay = state.tiles.has("mask")
      ? toggle("player.overlay", () => state.overlay, (on) => state.actions.overlay(on))
      : null;
    const follow = toggle("player.follow", () => state.follow, (on) => state.actions.follow(on));
    return el("div", { class: "view-tools" }, choice(state), overlay, zooms(state), follow, ...tools(state));
  };

  /** The strip of the whole recording, with a slider over it that is as wide as what is seen. */
  parts.overview = (state) => {
    const { el, clock } = H.playerParts.dom;
    const canvas = el("canvas", { "aria-hidden": "true" });
    const slider = el("input", { type: "range", min: 0, max: 1000, step: "any", name: "player.scroll" });
    const box = el("div", { class: "overview" }, canvas, slider);
    slider.addEventListener("input", () => {
      const { scale } = state;
      state.actions.pan((slider.value / 1000) * (scale.duration - scale.width / scale.perS));
    });
    const whole = { drawn: "" };
    const draw = (scale, dpr, width) => {
      const key = `${width} ${dpr} ${state.tiles.loaded()}`;
      if (whole.drawn === key) return;
      whole.drawn = key;
      canvas.width = width * dpr;
      canvas.height = 40 * dpr;
      const context = canvas.getContext("2d");
      context.setTransform(dpr, 0, 0, dpr, 0, 0);
      const all = { seen: () => ({ start_s: 0, stop_s: scale.duration }), x: (s) => (s / scale.duration) * width, perS: width / scale.duration };
      state.tiles.draw(context, "waveform_after", { y: 0, height: 40, dpr }, all);
    };
    const show = () => {
      const { scale, size } = state;
      const share = Math.min(1, scale.width / scale.perS / scale.duration);
      const width = box.clientWidth;
      const rest = scale.duration - scale.width / scale.perS;
      slider.value = rest > 0 ? (1000 * scale.start) / rest : 0;
      slider.style.setProperty("--seen", `${Math.max(24, share * width)}px`);
      const seen = scale.seen();
      slider.setAttribute("aria-valuetext", `${clock(seen.start_s, 1)} – ${clock(seen.stop_s, 1)}`);
      draw(scale, size.dpr, width);
    };
    return { box, show };
  };

  /** Which colour is which level. */
  parts.legend = (state) => {
    const { el, say, figure } = H.playerParts.dom;
    const { floor_db: floor, ceiling_db: ceiling } = state.item.tiles;
    const colours = parts.colours().filter((_, i) => i % 8 === 0);
    const bar = el("span", { class: "colours", "aria-hidden": "true" });
    bar.style.background = `linear-gradient(90deg, ${colours.map((rgb) => `rgb(${rgb})`).join(",")})`;
    const [low, high] = [say(el("span"), "player.db", { db: () => figure(floor) }), say(el("span"), "player.db", { db: () => figure(ceiling) })];
    const made = state.tiles.has("mask") ? el("span", { class: "made-key" }, el("i", { class: "teal", "aria-hidden": "true" }), el("span", { text: "player.key_generated" }), el("i", { class: "orange", "aria-hidden": "true" }), el("span", { text: "player.key_doubtful" })) : null;
    return el("div", { class: "legend" }, low, bar, high, made);
  };
})();
