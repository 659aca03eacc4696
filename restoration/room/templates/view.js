/* HERITAGE.view: the pictures of the sounds, linked with each other and with the player. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const NARROW = 620;
  const emit = (type, detail) => H.bus.dispatchEvent(new CustomEvent(type, { detail }));
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  let state = null;
  let asked = 0;                 // the frame that was asked of the browser
  let dirty = true;              // whether the pictures themselves are to be drawn again

  const draw = () => {
    asked = 0;
    if (!state || !state.size.width) return;
    if (dirty) {
      dirty = false;
      parts.drawLanes(state.under, state);
      state.overview.show();
    }
    parts.drawOver(state.over, state, H.player.position());
  };

  const redraw = (everything = false) => {
    dirty ||= everything;
    asked ||= requestAnimationFrame(draw);
  };
  const redrawAll = () => redraw(true);

  const changed = () => {
    redrawAll();
    state?.words?.show();
  };

  /** The pictures go with the cursor: gliding, or by whole pages where motion is not wanted. */
  const followCursor = () => {
    const { scale } = state;
    const position = H.player.position();
    const seen = scale.seen();
    const span = seen.stop_s - seen.start_s;
    const visible = position >= seen.start_s && position <= seen.stop_s;
    if (!state.follow || (!visible && state.away)) return;
    state.away = false;
    if (still.matches || span > 120) {
      if (!visible) scale.place(position - 0.05 * span);
    } else if (!visible || position > seen.start_s + 0.6 * span) scale.place(position - Math.min(0.6, visible ? 0.6 : 0.1) * span);
  };

  const glide = () => {
    if (!H.player.playing) return;
    followCursor();
    redraw();
    requestAnimationFrame(glide);
  };

  const relayout = () => {
    const width = state.stage.clientWidth;
    if (!width) return;
    const dpr = Math.min(2, window.devicePixelRatio || 1);
    const narrow = width < NARROW;
    state.size = { width, dpr };
    state.layout = parts.layout({ shown: state.shown, marks: state.marks.length > 0, segments: state.item.segments.length > 0, narrow, dpr });
    for (const { canvas } of [state.under, state.over]) {
      canvas.width = Math.round(width * dpr);
      canvas.height = Math.round(state.layout.height * dpr);
      canvas.style.height = `${state.layout.height}px`;
    }
    state.stage.style.height = `${state.layout.height}px`;
    const left = narrow ? 40 : 56;
    state.scale.resize(left, width - left);
  };

  const actions = {
    pan(start) {
      state.away = true;
      state.scale.place(start);
    },
    zoom(factor, around) {
      const seen = state.scale.seen();
      const position = H.player.position();
      const inside = position >= seen.start_s && position <= seen.stop_s;
      state.scale.zoom(factor, around ?? (inside ? position : (seen.start_s + seen.stop_s) / 2));
    },
    show(start_s, stop_s) {
      state.away = true;
      state.scale.show(start_s, stop_s);
    },
    shown(names) {
      state.shown = names;
      relayout();
    },
    overlay(on) {
      state.overlay = on;
      redrawAll();
    },
    follow(on) {
      state.follow = on;
      state.away = false;
    },
    tool(name) {
      state.tool = name;
      state.stage.dataset.tool = name;
      state.showTools();
    },
    select(region, done = true, fields = true) {
      state.selection = parts.ordered(region, state.scale);
      if (fields || state.selection) state.fields.show();
      redraw();
      if (done) emit("selected", state.selection);
    },
    click(s, lane) {
      const segment = lane.kind === "segments" && state.item.segments.find((one) => s >= one.start_s && s < one.stop_s);
      if (segment) actions.select({ start_s: segment.start_s, stop_s: segment.stop_s }, true);
      H.player.seek(segment ? segment.start_s : s);
    },
    painted() {
      state.showTools();
      emit("painted", state.brush.mask());
    },
    addBox() {
      if (!state.selection) return;
      state.brush.box(state.selection, state.tool === "erase");
      H.playerParts.tell("player.box_added");
      actions.painted();
    },
    undo() {
      state.brush.undo();
      actions.painted();
    },
    clear() {
      state.brush.clear();
      actions.painted();
    },
  };

  const begin = (item) => {
    const { el } = H.playerParts.dom;
    const scale = parts.scale(item, changed);
    const fine = parts.fine(item, H.player.pieces(), redrawAll);
    const canvases = [el("canvas", { role: "img", name: "player.picture_name", "aria-describedby": "view-seen" }), el("canvas", { "aria-hidden": "true" })];
    const [under, over] = canvases.map((canvas) => canvas.getContext("2d"));
    const stage = el("div", { class: "stage", tabindex: 0, role: "group", name: "player.stage", "aria-describedby": "view-seen" }, ...canvases);
    const first = item.sounds.some(({ name }) => name === "before") ? ["before", "after"] : ["after"];
    state = {
      item, scale, fine, under, over, stage, actions, selection: null, marks: [], shown: first.filter((name) => name in item.tiles.pictures),
      overlay: true, follow: true, away: false, tool: "select", brushPx: 16, size: { width: 0, dpr: 1 }, layout: { lanes: [], height: 0 },
      tiles: parts.tiles(item, fine, redrawAll), brush: parts.brush(scale, redraw),
    };
  };

  const listen = () => {
    H.bus.addEventListener("position", () => (H.player.playing ? undefined : (state.words.show(), redraw())));
    H.bus.addEventListener("playing", ({ detail }) => (detail.playing ? ((state.away = false), glide()) : redraw()));
    H.bus.addEventListener("looped", () => redraw());
    H.bus.addEventListener("language", changed);
    new ResizeObserver(relayout).observe(state.stage);
    still.addEventListener("change", redrawAll);
  };

  H.view = {
    mount(element) {
      if (!H.item.tiles) return;
      begin(H.item);
      state.overview = parts.overview(state);
      state.fields = parts.fields(state);
      state.words = parts.words(state);
      element.classList.add("view");
      element.append(parts.tools(state), state.overview.box, state.stage, parts.legend(state), state.words.line, state.fields.box);
      parts.pointer(state.over.canvas, state);
      listen();
      relayout();
      state.words.show();
    },
    selection: () => (state?.selection ? { ...state.selection } : null),
    select: (region) => state && actions.select(region, true),
    show: (start_s, stop_s) => state && actions.show(start_s, stop_s),
    seen: () => state?.scale.seen() ?? null,
    zoom: (factor) => state && actions.zoom(factor),
    /** Set one end of the selection: the other stays, or is the end of the recording. */
    edge(which, s) {
      if (!state) return;
      const kept = state.selection ?? { start_s: 0, stop_s: state.item.duration_s };
      const other = which === "start_s" ? kept.stop_s : kept.start_s;
      const turned = which === "start_s" ? s >= other : s <= other;
      const far = which === "start_s" ? state.item.duration_s : 0;
      actions.select({ ...kept, [which]: s, ...(turned ? { [which === "start_s" ? "stop_s" : "start_s"]: far } : {}) });
    },
    /** Move the upper or the lower frequency of the selection by a hundredth of the axis. */
    frequency(which, steps) {
      if (!state?.selection) return H.playerParts.tell("player.loop_nothing");
      const { selection, scale } = state;
      const hz = selection[which] + (steps * scale.maxHz) / 100;
      const [low, high] = which === "low_hz" ? [0, selection.high_hz - 1] : [selection.low_hz + 1, scale.maxHz];
      return actions.select({ ...selection, [which]: Math.max(low, Math.min(high, hz)) });
    },
    marks(list) {
      if (!state) return;
      state.marks = list;
      relayout();
    },
    paint: (on) => state && actions.tool(on ? "paint" : "select"),
    mask: () => state?.brush.mask() ?? null,
    clearMask: () => state && actions.clear(),
  };
})();
