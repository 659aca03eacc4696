/* Mouse, pen and fingers on the pictures: place the cursor, select, paint, pan, pinch. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const DRAG = 4;                // px before a click becomes a drag

  parts.pointer = (surface, state) => {
    const { scale, actions } = state;
    const fingers = new Map();
    let act = null;              // what the pressed pointer does: {move(point), up(point)}

    const pointOf = (event) => {
      const box = surface.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };

    const laneAt = (y) => state.layout.lanes.find((lane) => y >= lane.y && y < lane.y + lane.height) ?? state.layout.lanes[0];

    const panning = (from) => {
      const start = scale.start;
      return { move: ({ x }) => actions.pan(start + (from.x - x) / scale.perS), up: () => undefined };
    };

    const selecting = (from, lane) => {
      let dragged = false;
      const region = ({ x, y }) => {
        const [one, other] = [scale.s(from.x), scale.s(x)].sort((a, b) => a - b);
        const whole = lane.kind !== "spectrum";
        const [low, high] = [scale.hz(from.y, lane), scale.hz(y, lane)].sort((a, b) => a - b);
        return { start_s: one, stop_s: other, low_hz: whole ? 0 : low, high_hz: whole ? scale.maxHz : high };
      };
      return {
        move(point) {
          dragged ||= Math.hypot(point.x - from.x, point.y - from.y) > DRAG;
          if (dragged) actions.select(region(point), false);
        },
        up(point) {
          if (dragged) actions.select(region(point), true);
          else actions.click(scale.s(point.x), lane);
        },
      };
    };

    const painting = (from, lane) => {
      const place = ({ x, y }) => [scale.s(x), scale.hz(y, lane)];
      const radius = state.brushPx / 2;
      state.brush.begin(state.tool === "erase", radius / scale.perS, (radius / lane.height) * scale.maxHz, place(from));
      return { move: (point) => state.brush.go(place(point)), up: () => actions.painted() };
    };

    const pinching = () => {
      const [a, b] = [...fingers.values()];
      const [width, middle] = [Math.max(20, Math.abs(a.x - b.x)), (a.x + b.x) / 2];
      const [perS, around] = [scale.perS, scale.s(middle)];
      const move = () => {
        const [one, other] = [...fingers.values()];
        if (!other) return;
        const larger = (perS * Math.max(20, Math.abs(one.x - other.x))) / width;
        scale.place(around - ((one.x + other.x) / 2 - scale.left) / larger, larger);
      };
      return { move, up: () => undefined };
    };

    const begin = (event) => {
      const from = pointOf(event);
      const lane = laneAt(from.y);
      if (lane.kind === "axis" || event.button === 1) return panning(from);
      if (state.tool !== "select" && lane.kind === "spectrum") return painting(from, lane);
      if (event.pointerType === "touch" && (lane.kind === "wave" || lane.kind === "segments")) return touchPan(from, lane);
      return selecting(from, lane);
    };

    // A finger on the waveform moves along the recording; a tap still goes there.
    const touchPan = (from, lane) => {
      const pan = panning(from);
      let moved = false;
      return {
        move(point) {
          moved ||= Math.abs(point.x - from.x) > 2 * DRAG;
          if (moved) pan.move(point);
        },
        up: (point) => moved || actions.click(scale.s(point.x), lane),
      };
    };

    surface.addEventListener("pointerdown", (event) => {
      if (event.button > 1) return;
      fingers.set(event.pointerId, pointOf(event));
      surface.setPointerCapture(event.pointerId);
      if (fingers.size === 2) act = pinching();
      else if (fingers.size === 1) act = begin(event);
      if (event.button === 1) event.preventDefault();
    });
    surface.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return;
      fingers.set(event.pointerId, pointOf(event));
      act?.move(pointOf(event));
    });
    const lift = (event) => {
      if (!fingers.delete(event.pointerId)) return;
      if (fingers.size === 0) {
        if (event.type === "pointerup") act?.up(pointOf(event));
        act = null;
      }
    };
    surface.addEventListener("pointerup", lift);
    surface.addEventListener("pointercancel", lift);

    surface.addEventListener("wheel", (event) => {
      const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey) scale.zoom(2 ** (-event.deltaY / 240), scale.s(pointOf(event).x));
      else if (Math.abs(along) > 0) actions.pan(scale.start + along / scale.perS);
      else return;
      event.preventDefault();
    }, { passive: false });
  };
})();
