/* What a switch does to the sound, measured in the sound itself: how long it was silent, and when it changed. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const FADE = 240;

  /* Runs on the sound thread. Inputs: what is heard, then every sound before it is switched, equally loud. */
  const measuring = (inputs) => {
    const RING = 65536;          // frames, 1.4 s
    const AFTER = 7200;          // frames after a switch that are looked at, 150 ms
    const LEAD = 2400;
    const SILENT = 1e-5;         // -100 dBFS
    const SOUND = 1e-3;          // -60 dBFS
    class Meter extends AudioWorkletProcessor {
      constructor() {
        super();
        this.rings = Array.from({ length: inputs }, () => new Float32Array(RING));
        this.watched = [];
        this.frame = 0;
        this.port.onmessage = ({ data: watched }) => this.watched.push(watched);
      }
      process(ports) {
        // The clock that Chromium shows here now and then stands still for a block and then leaps: count, and trust it
        // only where it is far away, as after a pause.
        if (Math.abs(currentFrame - this.frame) > 128) this.frame = currentFrame;
        for (let i = 0; i < inputs; i += 1) {
          const channels = ports[i];
          for (let k = 0; k < 128; k += 1) {
            let sum = 0;
            for (const channel of channels) sum += channel[k];
            this.rings[i][(this.frame + k) % RING] = channels.length ? sum / channels.length : 0;
          }
        }
        this.frame += 128;
        while (this.watched.length && this.frame > this.watched[0].at + AFTER) this.tell(this.watched.shift());
        return true;
      }
      tell({ from, to, asked, at, fade }) {
        const [heard, before, after] = [this.rings[0], this.rings[from], this.rings[to]];
        let [run, loudest, gap, changed] = [0, 0, 0, 0];
        for (let frame = Math.min(asked, at - LEAD); frame < at + AFTER; frame += 1) {
          const i = frame % RING;
          const should = Math.max(frame < at + fade ? Math.abs(before[i]) : 0, frame >= at ? Math.abs(after[i]) : 0);
          const silent = Math.abs(heard[i]) < SILENT;
          run = silent ? run + 1 : 0;
          loudest = silent ? Math.max(loudest, should) : 0;
          if (loudest > SOUND) gap = Math.max(gap, run);
          if (!changed && frame >= asked && Math.abs(heard[i] - before[i]) > SOUND) changed = frame;
        }
        this.port.postMessage({ gap_ms: (1000 * gap) / sampleRate, changed_ms: changed ? (1000 * (changed - asked)) / sampleRate : null });
      }
    }
    registerProcessor("heritage-meter", Meter);
  };

  /** Whether the page's own policy lets a script of its own making run; asking against it would be an error. */
  const permitted = () => {
    const policy = document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.content ?? "";
    const scripts = policy.split(";").find((line) => line.trim().startsWith("script-src "));
    return !scripts || scripts.includes(" data:");
  };

  /**
   * @param {AudioContext} context
   * @param {AudioNode} heard
   * @param {string[]} names of the sounds
   * @param {(told: {gap_ms: number, changed_ms: number|null, delay_ms: number|null}) => void} tell after each switch
   */
  parts.meter = (context, heard, names, tell) => {
    const inputs = names.length + 1;
    const buses = names.map(() => new GainNode(context));
    const watched = [];
    let node = null;

    const start = async () => {
      const code = `(${measuring})(${inputs})`;
      // A page from disk may load no module from a file nor from a blob: both are of another origin to it.
      await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(code)}`);
      node = new AudioWorkletNode(context, "heritage-meter", { numberOfInputs: inputs, numberOfOutputs: 0 });
      heard.connect(node, 0, 0);
      buses.forEach((bus, i) => bus.connect(node, 0, i + 1));
      node.port.onmessage = ({ data: told }) => {
        const late = 1000 * (context.outputLatency || context.baseLatency || 0);
        tell({ ...told, delay_ms: told.changed_ms === null ? null : told.changed_ms + late });
      };
      for (const one of watched.splice(0)) node.port.postMessage(one);
    };
    // Without a worklet the sound is as good, only unmeasured: the page then says that nothing was measured.
    const begun = context.audioWorklet && permitted() ? start().catch(() => undefined) : Promise.resolve();

    return {
      begun,
      tap: (name, source) => source.connect(buses[names.indexOf(name)]),
      /** Look at the switch that begins at a frame and was asked for at another. */
      watch: ({ from, to, asked, at }) => {
        const one = { from: names.indexOf(from) + 1, to: names.indexOf(to) + 1, asked, at, fade: FADE };
        if (node) node.port.postMessage(one);
        else watched.push(one);
      },
    };
  };
})();
