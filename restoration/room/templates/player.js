/* HERITAGE.player: what the rest of the page asks of the sound, and the bar of its buttons. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const TELL_MS = 34;            // at most 30 positions a second
  const emit = (type, detail) => H.bus.dispatchEvent(new CustomEvent(type, { detail }));

  let engine = null;
  let told = null;               // the last switch, measured
  let lastTold = 0;

  const hear = (type, detail) => {
    if (type === "switched") told = detail;
    // That nothing changed, or that it did, would tell what X is.
    if (type === "switched" && parts.blind?.hiding()) return;
    if (type === "chosen" && parts.blind?.hiding()) return;
    emit(type, detail);
  };

  const running = () => (engine ??= parts.engine(H.item, hear));

  const frame = (now) => {
    if (!engine?.playing) return;
    if (now - lastTold >= TELL_MS) {
      lastTold = now;
      emit("position", { position: engine.position() });
    }
    requestAnimationFrame(frame);
  };
  H.bus.addEventListener("playing", ({ detail }) => {
    if (detail.playing) requestAnimationFrame(frame);
    else emit("position", { position: engine.position() });
  });

  const player = {
    /** Build the bar into an element. */
    mount(element) {
      parts.bar(element, player);
      parts.keys(player);
    },
    play: () => running().play(),
    pause: () => running().pause(),
    toggle: () => (running().playing ? engine.pause() : engine.play()),
    seek: (s) => running().seek(s),
    /** Hear another sound, at the same instant. While a blind test runs only the test chooses. */
    choose(name) {
      if (!parts.blind?.hiding()) return running().choose(name);
      return undefined;
    },
    position: () => running().position(),
    loop: (region) => running().loop(region),
    volume: (value) => running().volume(value),
    get playing() { return Boolean(engine?.playing); },
    get chosen() { return parts.blind?.hiding() ? null : running().chosen; },
    get looped() { return engine?.looped ?? null; },
    /** ms of silence that the last switch made; null where none was measured. */
    switchGap: () => told?.gap_ms ?? null,
    /** {gap_ms, changed_ms: from the click to the first changed sample, delay_ms: and to the ear}. */
    switchTold: () => told,
    /** {context, out}: where the sound can be tapped. */
    sounding: () => running().sounding(),
    /** The decoded pieces, for pictures finer than the tiles. */
    pieces: () => running().pieces,
    /** What the blind tests have heard so far. */
    tally: () => parts.blind?.tally() ?? null,
    blind: {
      start: (how) => parts.blind.start(how),
      hear: (letter) => parts.blind.hear(letter),
      answer: (letter) => parts.blind.answer(letter),
      stop: () => parts.blind.stop(),
      tally: () => parts.blind.tally(),
    },
  };
  /** For the blind test, which alone knows what it lets be heard. */
  parts.hearSecretly = (name) => running().choose(name);
  H.player = player;
})();
