/* The bar of the player: play, the three sounds, the loop, loudness, and where it is. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const SHAPES = { play: "M7 4.5v15l12.5-7.5z", pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z" };

  const icon = () => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "path"));
    return svg;
  };

  const playButton = (player) => {
    const { el, say } = parts.dom;
    const picture = icon();
    const button = el("button", { type: "button", class: "play", on: { click: () => player.toggle() } }, picture);
    const show = () => {
      say(button, player.playing ? "player.pause" : "player.play", {}, "aria-label");
      picture.firstChild.setAttribute("d", player.playing ? SHAPES.pause : SHAPES.play);
    };
    H.bus.addEventListener("playing", show);
    show();
    return button;
  };

  const time = (player) => {
    const { el, clock, say } = parts.dom;
    const now = el("span", { class: "now" });
    const whole = el("span", { class: "whole" });
    whole.textContent = clock(H.item.duration_s, 1);
    const show = () => (now.textContent = clock(player.position(), 1));
    H.bus.addEventListener("position", show);
    show();
    return el("p", { class: "time" }, say(el("span", { class: "unseen" }), "player.time"), now, el("span", { class: "of", "aria-hidden": "true" }), whole);
  };

  const soundButtons = (player) => {
    const { el, button, pressed } = parts.dom;
    const group = el("div", { class: "sounds", role: "group", name: "player.sounds" });
    const buttons = new Map();
    for (const [i, { name }] of H.item.sounds.entries()) {
      const one = button(null, () => player.choose(name), { class: `sound ${name}`, "aria-keyshortcuts": String(i + 1) });
      one.append(el("span", { text: `player.${name}` }), el("kbd", { "aria-hidden": "true" }));
      one.lastChild.textContent = String(i + 1);
      buttons.set(name, one);
      group.append(one);
    }
    const show = () => {
      group.hidden = Boolean(parts.blind?.hiding());
      for (const [name, one] of buttons) pressed(one, name === player.chosen);
    };
    for (const type of ["chosen", "blind"]) H.bus.addEventListener(type, show);
    show();
    return group;
  };

  const loopButton = (player) => {
    const { button, pressed } = parts.dom;
    const one = button("player.loop", () => parts.toggleLoop(player), { class: "loop", "aria-keyshortcuts": "L" });
    const show = () => pressed(one, player.looped);
    H.bus.addEventListener("looped", show);
    show();
    return one;
  };

  /** Loop what is selected; where nothing is, say so. */
  parts.toggleLoop = (player) => {
    if (player.looped) return player.loop(null);
    const region = H.view?.selection?.();
    if (region) return player.loop(region);
    return parts.tell("player.loop_nothing");
  };

  const loudness = (player) => {
    const { el } = parts.dom;
    const slider = el("input", { type: "range", min: 0, max: 100, step: 1, value: 100 });
    slider.addEventListener("input", () => player.volume((slider.value / 100) ** 2));
    return el("label", { class: "volume" }, el("span", { text: "player.volume" }), slider);
  };

  /** The line under the bar: what changed, for eyes and for screen readers; never the running position. */
  const statusLine = (player) => {
    const { el, say, clock, figure } = parts.dom;
    const line = el("p", { class: "status", role: "status" });
    const measured = el("p", { class: "measured" });
    parts.tell = (key, values) => say(line, key, values);
    H.bus.addEventListener("chosen", ({ detail }) => parts.tell("player.heard", { sound: () => H.text(`player.${detail.name}`) }));
    H.bus.addEventListener("playing", ({ detail }) => parts.tell(detail.playing ? "player.playing" : "player.paused_at", { at: clock(player.position()) }));
    H.bus.addEventListener("looped", ({ detail: { loop } }) => {
      if (loop) parts.tell("player.loop_on", { start: clock(loop.start_s, 2), stop: clock(loop.stop_s, 2) });
      else parts.tell("player.loop_off");
    });
    H.bus.addEventListener("switched", ({ detail }) => {
      if (detail.delay_ms === null) return;
      say(measured, "player.switched", { gap: () => figure(detail.gap_ms, 1), delay: () => figure(detail.delay_ms, 0) });
    });
    H.bus.addEventListener("blind", () => parts.blind.hiding() && say(measured, ""));
    return [line, measured];
  };

  const problemLine = () => {
    const { el } = parts.dom;
    const line = el("p", { class: "problem", role: "alert", hidden: true });
    H.bus.addEventListener("problem", ({ detail }) => {
      line.textContent = detail.text;
      line.hidden = false;
    });
    H.bus.addEventListener("playing", ({ detail }) => {
      if (detail.playing) line.hidden = true;
    });
    return line;
  };

  parts.bar = (element, player) => {
    const { el, button } = parts.dom;
    const ends = [
      parts.blind.possible() ? parts.blindButton() : null,
      button("player.keys", () => parts.showKeys(), { class: "quiet", "aria-haspopup": "dialog" }),
    ];
    element.classList.add("player");
    element.append(
      el("div", { class: "player-bar" },
        playButton(player), time(player), soundButtons(player), loopButton(player), loudness(player),
        el("div", { class: "ends" }, ...ends)),
      el("div", { class: "told-line" }, ...statusLine(player)),
      problemLine(),
      parts.blindPanel(player),
    );
  };
})();
