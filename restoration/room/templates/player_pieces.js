/* The pieces of the sounds: fetched around the position, decoded, dropped behind it. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const RATE = 48000;
  const HELD_BYTES = 96 * 2 ** 20;
  const AT_ONCE = 2;

  const bytesOf = (base64) =>
    Uint8Array.fromBase64 ? Uint8Array.fromBase64(base64) : Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));

  const weight = (buffer) => buffer.length * buffer.numberOfChannels * 4;

  /**
   * The pieces of one item.
   * @param {object} item what item.js tells: sounds, piece_s, preroll_s
   * @param {(key: string, values: object) => void} problem told in a sentence when a piece cannot be had
   */
  parts.pieces = (item, problem) => {
    const known = new Map(item.sounds.map((sound) => [sound.name, sound]));
    const held = new Map();      // key -> AudioBuffer, the least lately used first
    const asked = new Map();     // key -> {name, n, promise, resolve, reject, here}
    const failed = new Map();    // key -> Error
    const queue = [];
    let wanted = new Set();
    let loading = 0;
    const decoder = new OfflineAudioContext(1, 1, RATE);
    const keyOf = (name, n) => `${name}-${String(n).padStart(4, "0")}`;

    const fail = (ask, key, why) => {
      const file = `sound/${key}.js`;
      const error = new Error(H.text(why, { file }));
      failed.set(key, error);
      asked.delete(key);
      ask.reject(error);
      problem(why, { file });
    };

    const shed = () => {
      let bytes = 0;
      for (const buffer of held.values()) bytes += weight(buffer);
      for (const [key, buffer] of held) {
        if (bytes <= HELD_BYTES) return;
        if (wanted.has(key)) continue;
        held.delete(key);
        bytes -= weight(buffer);
      }
    };

    const decoded = async (ask, key, base64) => {
      try {
        const buffer = await decoder.decodeAudioData(bytesOf(base64).buffer);
        held.set(key, buffer);
        asked.delete(key);
        shed();
        ask.resolve(buffer);
      } catch {
        fail(ask, key, "player.piece_unreadable");
      }
    };

    H.piece = (name, n, base64) => {
      const key = keyOf(name, n);
      const ask = asked.get(key);
      if (!ask) {
        // A sound that the player does not know, as an excerpt of a step: whoever asked for it listens.
        H.bus.dispatchEvent(new CustomEvent("piece", { detail: { name, n, base64 } }));
        return;
      }
      if (ask.here) return;
      ask.here = true;
      decoded(ask, key, base64);
    };

    const load = (ask, key) => {
      loading += 1;
      const script = document.createElement("script");
      const done = (why) => {
        loading -= 1;
        script.remove();
        if (!ask.here) fail(ask, key, why);
        next();
      };
      script.addEventListener("load", () => done("player.piece_unreadable"));
      script.addEventListener("error", () => done("player.piece_missing"));
      script.src = `sound/${key}.js`;
      document.head.append(script);
    };

    const next = () => {
      while (loading < AT_ONCE && queue.length) {
        const key = queue.shift();
        const ask = asked.get(key);
        if (ask) load(ask, key);
      }
    };

    const ask = (name, n, first) => {
      const key = keyOf(name, n);
      if (!asked.has(key)) {
        const one = { name, n, here: false };
        one.promise = new Promise((resolve, reject) => Object.assign(one, { resolve, reject }));
        one.promise.catch(() => undefined);
        asked.set(key, one);
        queue.push(key);
      }
      if (first && queue.includes(key)) {
        queue.splice(queue.indexOf(key), 1);
        queue.unshift(key);
      }
      next();
      return asked.get(key).promise;
    };

    const exists = (name, n) => n >= 0 && n < (known.get(name)?.pieces ?? 0);

    return {
      rate: RATE,
      frames: Math.round(item.piece_s * RATE),
      preroll: Math.round((item.preroll_s ?? 0) * RATE),
      exists,
      /** The decoded piece, or undefined while it is not here. */
      here(name, n) {
        const key = keyOf(name, n);
        const buffer = held.get(key);
        if (buffer) {
          held.delete(key);
          held.set(key, buffer);
        }
        return buffer;
      },
      /** A promise of the decoded piece, asked for before all others. */
      get(name, n) {
        const key = keyOf(name, n);
        if (!exists(name, n)) return Promise.resolve(undefined);
        if (failed.has(key)) return Promise.reject(failed.get(key));
        return held.has(key) ? Promise.resolve(this.here(name, n)) : ask(name, n, true);
      },
      /** What is needed soon, [[name, n], ...], the most urgent first; the rest may be dropped. */
      want(list) {
        const real = list.filter(([name, n]) => exists(name, n));
        wanted = new Set(real.map(([name, n]) => keyOf(name, n)));
        for (let i = queue.length - 1; i >= 0; i -= 1) {
          if (wanted.has(queue[i])) continue;
          const [key] = queue.splice(i, 1);
          asked.get(key)?.reject(new DOMException("no longer wanted", "AbortError"));
          asked.delete(key);
        }
        for (const [name, n] of real) {
          const key = keyOf(name, n);
          if (!held.has(key) && !failed.has(key)) ask(name, n, false);
        }
        shed();
      },
      /** Ask again for what failed: somebody may have put the file back. */
      forgive: () => failed.clear(),
      failed: (name, n) => failed.has(keyOf(name, n)),
      /** Where the sound in a decoded piece begins, in frames of the whole sound. */
      origin(n) {
        return Math.max(0, n * this.frames - this.preroll);
      },
      /** For tests and the text alternative: how many pieces are in memory, and how many bytes. */
      held: () => ({ pieces: held.size, bytes: [...held.values()].reduce((sum, buffer) => sum + weight(buffer), 0) }),
    };
  };
})();
