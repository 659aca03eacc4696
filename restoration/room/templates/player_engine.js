/* The sound engine: one clock, three sounds, one of them heard. Times are s on the axis of the restored sound. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const MARGIN = 384;            // frames that laying sound on the clock may take
  const RUNWAY_S = 0.5;          // of sound that is here before it begins
  const BEHIND = 1;              // pieces kept behind the position
  const BEFOREHAND_S = 6;       // fetched ahead of it, and at least two pieces
  const SHORTEST_LOOP = 0.02;
  const REST_MS = 30000;

  /**
   * @param {object} item
   * @param {(type: string, detail: object) => void} tell
   */
  parts.engine = (item, tell) => {
    const sounds = new Map(item.sounds.map((sound) => [sound.name, sound]));
    const pieces = parts.pieces(item, (key, values) => tell("problem", { text: H.text(key, values) }));
    const rate = pieces.rate;
    const paceOf = (name) => sounds.get(name).pace ?? 1;
    const beforehand = Math.max(2, Math.ceil(BEFOREHAND_S / item.piece_s));
    const near = (one, other) => Math.abs(one - other) < 1e-9;
    let context, mix, volume, meter;
    let run = null;
    let at = 0;                  // where it stands while nothing sounds
    let chosen = sounds.has("after") ? "after" : item.sounds[0].name;
    let around = null;           // the loop
    let playing = false;
    let level = 1;
    let sought = null;           // where it goes as soon as the sound of that place is here
    let order = 0;               // the number of the latest thing asked for: an older one that waited is dropped
    let timer = 0;
    let rest = 0;

    const within = (s) => Math.min(item.duration_s, Math.max(0, Number.isFinite(s) ? s : 0));
    const own = (s, pace) => Math.round(s * pace * rate);
    const frameNow = () => Math.round(context.currentTime * rate);
    /** The first frame that the sound thread, which renders a batch at once, has surely not passed yet. */
    const soon = () => frameNow() + Math.ceil((context.baseLatency || 0) * rate) + MARGIN;
    const pieceAt = (name, s) => {
      const last = sounds.get(name).pieces - 1;
      return Math.min(last, Math.floor(own(s, paceOf(name)) / pieces.frames));
    };

    const open = () => {
      if (context) return;
      context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
      mix = new GainNode(context);
      volume = new GainNode(context, { gain: level });
      mix.connect(volume).connect(context.destination);
      meter = parts.meter(context, mix, [...sounds.keys()], (told) => tell("switched", told));
    };

    const axisAt = (frame) => (run ? within(run.frameAt(frame) / (run.pace * rate)) : at);

    /** The place that is heard now: what was rendered, less what is still on its way to the ear. */
    const position = () => {
      if (sought !== null) return sought;
      if (!run) return at;
      const late = Math.min(0.5, context.outputLatency || 0);
      return axisAt(Math.round((context.currentTime - late) * rate));
    };

    const needed = () => {
      const list = [];
      const here = position();
      const names = [chosen, ...[...sounds.keys()].filter((name) => name !== chosen)];
      const add = (steps, s) => {
        for (const name of names) list.push([name, pieceAt(name, s) + steps]);
      };
      add(0, here);
      if (around) add(0, around.start_s);
      for (let k = 1; k <= beforehand; k += 1) add(k, here);
      if (around) add(1, around.start_s);
      add(-BEHIND, here);
      return list;
    };

    const ready = async (name, s) => {
      pieces.want(needed());
      const n = pieceAt(name, s);
      // A sound that cannot be had has said so on the page; its place on the clock stays, silent.
      const runway = around && s + RUNWAY_S > around.stop_s ? around.stop_s + 0.005 : s + RUNWAY_S;
      await Promise.allSettled([pieces.get(name, n), pieces.get(name, pieceAt(name, within(runway)))]);
    };

    const begin = (frame, s) => {
      const pace = paceOf(chosen);
      const members = item.sounds.filter((sound) => near(sound.pace ?? 1, pace));
      const loop = around && { a: own(around.start_s, pace), b: own(around.stop_s, pace) };
      const old = run;
      run = parts.run({
        context, pieces, sounds: members, pace, loop, into: mix, taps: meter.tap, at: frame, heard: chosen,
        from: own(s, pace), end: own(item.duration_s, pace),
      });
      old?.stop(frame);
      run.pump();
    };

    const halt = () => {
      clearInterval(timer);
      at = sought ?? axisAt(frameNow());
      sought = null;
      run?.stop(soon());
      run = null;
      playing = false;
      rest = setTimeout(() => playing || context.suspend(), REST_MS);
      tell("playing", { playing });
    };

    const beat = () => {
      pieces.want(needed());
      run?.pump();
      if (run?.over(frameNow())) {
        halt();
        at = item.duration_s;
        tell("position", { position: at });
      }
    };

    /** Go on from a place, when its first piece is there; what sounds meanwhile sounds on. */
    const restart = async (place) => {
      const turn = (order += 1);
      await ready(chosen, place());
      if (turn !== order || !playing) return;
      sought = null;
      const frame = soon();
      begin(frame, place(frame));
    };

    const play = async () => {
      if (playing) return;
      open();
      clearTimeout(rest);
      pieces.forgive();
      playing = true;
      if (at >= item.duration_s) at = 0;
      if (around && (at < around.start_s || at >= around.stop_s)) at = around.start_s;
      tell("playing", { playing });
      const from = at;
      await context.resume();
      await restart(() => from);
      clearInterval(timer);
      if (playing) timer = setInterval(beat, 100);
    };

    const seek = (s) => {
      at = within(s);
      pieces.forgive();
      if (playing) {
        sought = at;
        restart(() => within(s));
      } else pieces.want(needed());
      tell("position", { position: at });
    };

    const choose = async (name) => {
      if (!sounds.has(name) || name === chosen) return;
      const from = chosen;
      chosen = name;
      tell("chosen", { name });
      if (sought !== null) seek(sought);
      if (!run || sought !== null) return;
      const asked = frameNow();
      const turn = (order += 1);
      await ready(name, position());
      if (turn !== order || !run) return;
      run.pump();
      const frame = soon();
      const together = run.names.includes(name);
      if (together) meter.watch({ from, to: name, asked, at: run.turn(name, frame) });
      else {
        begin(frame, axisAt(frame));
        meter.watch({ from, to: name, asked, at: frame });
      }
    };

    const loop = (region) => {
      const start_s = within(region?.start_s);
      const stop_s = within(region?.stop_s);
      around = region && stop_s - start_s >= SHORTEST_LOOP ? { start_s, stop_s } : null;
      tell("looped", { loop: around });
      const inside = (s) => !around || (s >= around.start_s && s < around.stop_s);
      if (playing) restart((frame) => {
        const s = frame ? axisAt(frame) : position();
        return inside(s) ? s : around.start_s;
      });
      else if (!inside(at)) seek(around.start_s);
    };

    return {
      pieces, position, play, seek, choose, loop,
      pause: () => {
        order += 1;
        if (playing) halt();
      },
      volume: (value) => {
        level = Math.min(1, Math.max(0, value));
        volume?.gain.setTargetAtTime(level, context.currentTime, 0.01);
        return level;
      },
      sounding: () => (open(), { context, out: mix }),
      latency_s: () => (context ? (context.baseLatency || 0) + (context.outputLatency || 0) : null),
      get playing() { return playing; },
      get chosen() { return chosen; },
      get looped() { return around; },
    };
  };
})();
