/* One run of sound: the pieces of the sounds of one pace, laid on the clock of the context without a seam. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const FADE = 240;              // frames, 5 ms
  const AHEAD = 2.5;             // seconds laid ahead; a hidden page is woken once a second

  const decibels = (db) => 10 ** ((db ?? 0) / 20);

  /**
   * The level of a span at a frame of it: a straight rise over its first 5 ms and a straight fall over the 5 ms behind
   * its end, so that it and the span that follows add up to one.
   */
  const levelAt = (frame, length) => Math.max(0, Math.min(1, frame / FADE, (length + FADE - frame) / FADE));

  /** Draw the part of that level from one frame of the span to another into a gain. */
  const draw = (gain, rate, { at, length, from, until }) => {
    gain.setValueAtTime(levelAt(from, length), (at + from) / rate);
    const corners = [FADE, length].filter((corner) => corner > from && corner < until);
    for (const corner of [...corners, until]) {
      gain.linearRampToValueAtTime(levelAt(corner, length), (at + corner) / rate);
    }
  };

  /**
   * A run that has its first sample at a frame of the context.
   * Frames "of the sound" count in the own time of its sounds, which have one pace together.
   * @param {object} of {context, pieces, into, taps, sounds, pace, at: frame of the context, from: frame of the sound,
   *   end: frame of the sound, loop: {a, b} frames or null, heard: name}
   */
  parts.run = (of) => {
    const { context, pieces, sounds, pace } = of;
    const rate = pieces.rate;
    const bus = new GainNode(context, { gain: 1 });
    bus.connect(of.into);
    const lanes = new Map();
    for (const sound of sounds) {
      const matched = new GainNode(context, { gain: decibels(sound.gain_db) });
      const turn = new GainNode(context, { gain: sound.name === of.heard ? 1 : 0 });
      matched.connect(turn).connect(bus);
      of.taps(sound.name, matched);
      lanes.set(sound.name, { matched, turn });
    }
    const spans = [];            // what lies on the clock: {at, a, b}
    const sources = new Set();
    let chunks = [];             // laid out, not yet begun
    let laidTo = of.at;
    let turnedAt = 0;
    let stopped = false;

    const addSpan = () => {
      const last = spans.at(-1);
      const { loop } = of;
      let span = { at: of.at, a: of.from, b: of.end };
      if (last) span = { at: last.at + last.b - last.a, a: loop.a, b: loop.b };
      else if (loop && of.from < loop.b) span.b = loop.b;
      spans.push(span);
      const stop = span.b + FADE;
      for (let n = Math.floor(span.a / pieces.frames); n * pieces.frames < stop; n += 1) {
        const first = Math.max(span.a, n * pieces.frames);
        const last = Math.min(stop, (n + 1) * pieces.frames);
        for (const sound of sounds) chunks.push({ name: sound.name, n, span, start: first - span.a, stop: last - span.a });
      }
      laidTo = span.at + span.b - span.a;
    };

    /** Put a chunk on the clock; one that comes late begins inside itself, where it would be by now. */
    const begin = ({ name, n, span, start, stop }, buffer, soonest) => {
      const from = Math.max(start, soonest - span.at);
      const offset = span.a + from - pieces.origin(n);
      const frames = Math.min(stop - from, buffer.length - offset);
      if (frames <= 0) return;
      const source = new AudioBufferSourceNode(context, { buffer });
      const length = span.b - span.a;
      // The first level is set without a time too: a time that rounds to just behind its frame would lose that frame.
      const fades = new GainNode(context, { gain: levelAt(from, length) });
      draw(fades.gain, rate, { at: span.at, length, from, until: from + frames });
      source.connect(fades).connect(lanes.get(name).matched);
      source.start((span.at + from) / rate, offset / rate);
      if (offset + frames < buffer.length) source.stop((span.at + from + frames) / rate);
      sources.add(source);
      source.onended = () => {
        sources.delete(source);
        source.disconnect();
        fades.disconnect();
      };
    };

    const frameNow = () => Math.round(context.currentTime * rate);

    return {
      pace,
      names: sounds.map((sound) => sound.name),
      /** Lay ahead what is due; called often. */
      pump() {
        if (stopped) return;
        const now = frameNow();
        if (!spans.length) addSpan();
        while (of.loop && laidTo < now + AHEAD * rate) addSpan();
        chunks = chunks.filter((chunk) => {
          if (chunk.span.at + chunk.start > now + AHEAD * rate) return true;
          if (chunk.span.at + chunk.stop < now) return false;
          const buffer = pieces.here(chunk.name, chunk.n);
          if (buffer) begin(chunk, buffer, now + 256);
          return !buffer && pieces.exists(chunk.name, chunk.n) && !pieces.failed(chunk.name, chunk.n);
        });
        while (spans.length > 1 && spans[1].at <= now - rate) spans.shift();
      },
      /** The frame of the sound that sounds at a frame of the context. */
      frameAt(frame) {
        let span = spans[0] ?? { at: of.at, a: of.from, b: of.end };
        for (const one of spans) if (one.at <= frame) span = one;
        return Math.min(span.b, span.a + Math.max(0, frame - span.at));
      },
      /** Whether the sound of this run has come to its end at a frame of the context. */
      over: (frame) => !of.loop && frame >= of.at + of.end - of.from,
      /** Let another of its sounds be heard from a frame on; gives the frame at which the turn begins. */
      turn(name, frame) {
        const at = Math.max(frame, turnedAt);
        turnedAt = at + FADE;
        for (const [one, lane] of lanes) {
          const gain = lane.turn.gain;
          const before = one === of.heard ? 1 : 0;
          gain.setValueAtTime(before, at / rate);
          gain.linearRampToValueAtTime(one === name ? 1 : 0, turnedAt / rate);
        }
        of.heard = name;
        return at;
      },
      /** Fade out from a frame on, then be gone. */
      stop(frame) {
        if (stopped) return;
        stopped = true;
        const at = Math.max(frame, of.at + FADE) / rate;
        bus.gain.setValueAtTime(1, at);
        bus.gain.linearRampToValueAtTime(0, at + FADE / rate);
        for (const source of sources) source.stop(at + (FADE + 1) / rate);
        setTimeout(() => bus.disconnect(), 1000 * (at - context.currentTime) + 500);
      },
    };
  };
  parts.run.FADE = FADE;
})();
