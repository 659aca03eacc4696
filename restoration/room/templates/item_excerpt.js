"use strict";
// One step by itself: a few seconds before and after it, in a loop, switched at the same instant; and their pictures.
(function () {
  const H = window.HERITAGE;
  const { make } = H;
  const ENDS = ["before", "after"];
  const FADE_S = 0.004;
  const waiting = new Map();
  let context = null;
  let playing = null;

  // All sounds come by one call; what is not a step's is the player's.
  const rest = H.piece;
  H.piece = (name, n, base64) => (waiting.has(name) ? waiting.get(name)(base64) : rest(name, n, base64));

  function bytes(base64) {
    return Uint8Array.from(window.atob(base64), (letter) => letter.charCodeAt(0)).buffer;
  }

  function load(file, name) {
    return new Promise(function (loaded, failed) {
      const script = make("script", { src: H.address(file) });
      waiting.set(name, (base64) => loaded(context.decodeAudioData(bytes(base64))));
      script.addEventListener("error", () => failed(new Error(H.text("item.excerpt_failed", { file }))));
      script.addEventListener("load", () => script.remove());
      document.head.append(script);
    }).finally(() => waiting.delete(name));
  }

  function stop() {
    if (!playing) return;
    for (const source of playing.sources) source.stop();
    playing.show(null);
    playing = null;
  }

  function start(excerpt, buffers, show) {
    const begins = context.currentTime + 0.02;
    const gains = {};
    const sources = ENDS.map(function (end) {
      const source = new AudioBufferSourceNode(context, { buffer: buffers[end], loop: true });
      gains[end] = new GainNode(context, { gain: 0 });
      source.connect(gains[end]).connect(context.destination);
      source.start(begins);
      return source;
    });
    playing = { excerpt, sources, gains, show };
  }

  function choose(end) {
    for (const each of ENDS) playing.gains[each].gain.setTargetAtTime(each === end ? 1 : 0, context.currentTime, FADE_S);
    playing.show(end);
  }

  async function play(excerpt, end, show) {
    if (H.player) H.player.pause();
    context = context || new AudioContext({ sampleRate: 48000 });
    await context.resume();
    if (playing && playing.excerpt !== excerpt) stop();
    if (!playing) {
      const found = await Promise.all(ENDS.map((each) => load(excerpt[each], excerpt.sounds[each])));
      start(excerpt, { before: found[0], after: found[1] }, show);
    }
    choose(end);
  }

  function picture(excerpt, end) {
    const file = excerpt.pictures && excerpt.pictures[end];
    if (!file) return null;
    const image = make("img", { src: H.address(file), alt: H.text("item.picture_" + end), loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(make("p", { class: "warning", text: ["item.picture_failed", { file }] })));
    return make("figure", {}, make("figcaption", { text: "item.excerpt_" + end }), image);
  }

  // The part of a step's row that lets it be heard and seen by itself.
  H.excerpt = function (step) {
    const { excerpt } = step;
    const times = { start: H.clock(excerpt.start_s), stop: H.clock(excerpt.stop_s) };
    const trouble = make("p", { class: "warning", role: "alert", hidden: true });
    const buttons = {};
    const halt = make("button", { type: "button", class: "small-button", text: "item.excerpt_stop", hidden: true, onclick: stop });
    function show(end) {
      for (const each of ENDS) buttons[each].setAttribute("aria-pressed", String(each === end));
      halt.hidden = end === null;
    }
    for (const end of ENDS)
      buttons[end] = make("button", {
        type: "button", class: "small-button", text: "item.excerpt_" + end, "aria-pressed": "false",
        onclick: () => play(excerpt, end, show).catch((error) => { trouble.textContent = error.message; trouble.hidden = false; }),
      }); // prettier-ignore
    return make(
      "div", {}, make("h4", { text: ["item.excerpt", times] }),
      make("div", { class: "row" }, buttons.before, buttons.after, halt), trouble,
      make("div", { class: "excerpt" }, ...ENDS.map((end) => picture(excerpt, end))),
    ); // prettier-ignore
  };

  H.bus.addEventListener("playing", (event) => (event.detail === true || (event.detail && event.detail.playing)) && stop());
  H.bus.addEventListener("language", stop);
})();
