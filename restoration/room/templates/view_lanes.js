/* What is drawn: the time axis, marks, the waveform, the spectrograms one above the other, the segments. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.viewParts ??= {});
  const FONT = "11px system-ui, sans-serif";
  const AXIS = 24;
  const MARKS = 18;
  const SEGMENTS = 30;
  const GAP = 6;

  const ellipsis = (context, text, width) => {
    if (context.measureText(text).width <= width) return text;
    let short = text;
    while (short && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
    return short ? `${short}…` : "";
  };

  const chip = (context, text, x, y) => {
    const width = context.measureText(text).width + 12;
    context.fillStyle = "rgba(8,10,14,.78)";
    context.beginPath();
    context.roundRect(x, y, width, 18, 4);
    context.fill();
    context.fillStyle = parts.inks.ink;
    context.fillText(text, x + 6, y + 9);
  };

  /** Where each lane lies: [{kind, picture, y, height, dpr}], and the height of all. */
  parts.layout = ({ shown, marks, segments, narrow, dpr }) => {
    const spectrum = shown.length > 1 ? (narrow ? 110 : 150) : narrow ? 190 : 290;
    const wanted = [{ kind: "axis", height: AXIS }];
    if (marks) wanted.push({ kind: "marks", height: MARKS });
    wanted.push({ kind: "wave", height: narrow ? 64 : 92 });
    for (const picture of shown) wanted.push({ kind: "spectrum", picture, height: spectrum });
    if (segments) wanted.push({ kind: "segments", height: SEGMENTS });
    let y = 0;
    const lanes = wanted.map((lane) => {
      const placed = { ...lane, y, dpr };
      y += lane.height + (lane.kind === "axis" || lane.kind === "marks" ? 2 : GAP);
      return placed;
    });
    return { lanes, height: y };
  };

  const drawAxis = (context, lane, scale, bottom) => {
    const { clock } = H.playerParts.dom;
    const { list, decimals } = scale.times();
    for (const s of list) {
      const x = Math.round(scale.x(s)) + 0.5;
      context.strokeStyle = parts.inks.line;
      context.beginPath();
      context.moveTo(x, lane.y + 17);
      context.lineTo(x, bottom);
      context.stroke();
      context.fillStyle = parts.inks.soft;
      context.textAlign = x < scale.left + 20 ? "left" : x > scale.left + scale.width - 24 ? "right" : "center";
      context.fillText(clock(s, decimals), x, lane.y + 9);
    }
    context.textAlign = "left";
  };

  const drawGround = (context, lane, scale) => {
    context.fillStyle = parts.inks.lane;
    context.fillRect(scale.left, lane.y, scale.width, lane.height);
  };

  const drawFrequencies = (context, lane, scale) => {
    const { figure } = H.playerParts.dom;
    const list = scale.frequencies(lane.height);
    const decimals = list.length > 1 && list[1] < 1000 ? 1 : 0;
    for (const [i, hz] of list.entries()) {
      const y = Math.round(scale.y(hz, lane)) + 0.5;
      context.strokeStyle = parts.inks.grid;
      context.beginPath();
      context.moveTo(scale.left, y);
      context.lineTo(scale.left + scale.width, y);
      context.stroke();
      if (i > 0 && y < lane.y + 8) continue;
      context.fillStyle = parts.inks.soft;
      context.textAlign = "right";
      const unit = i === list.length - 1 || scale.y(list[i + 1], lane) < lane.y + 8 ? " kHz" : "";
      context.fillText(figure(hz / 1000, decimals) + unit, scale.left - 6, Math.min(lane.y + lane.height - 6, Math.max(lane.y + 6, y)));
    }
    context.textAlign = "left";
  };

  const drawWave = (context, lane, scale, { tiles, shown }) => {
    drawGround(context, lane, scale);
    context.strokeStyle = parts.inks.grid;
    context.beginPath();
    context.moveTo(scale.left, lane.y + lane.height / 2);
    context.lineTo(scale.left + scale.width, lane.y + lane.height / 2);
    context.stroke();
    // With both in sight, what was removed is what stands out behind the sound after.
    const both = shown.includes("before") && shown.includes("after");
    if (both) {
      context.globalAlpha = 0.42;
      tiles.draw(context, "waveform_before", lane, scale);
      context.globalAlpha = 1;
    }
    tiles.draw(context, `waveform_${both ? "after" : shown[0]}`, lane, scale);
    chip(context, H.text(both ? "player.wave_both" : `player.${shown[0]}`), scale.left + 6, lane.y + 6);
  };

  const drawSpectrum = (context, lane, scale, { tiles, overlay }) => {
    drawGround(context, lane, scale);
    tiles.draw(context, lane.picture, lane, scale);
    if (overlay && lane.picture === "after") tiles.draw(context, "mask", lane, scale);
    drawFrequencies(context, lane, scale);
    chip(context, H.text(`player.${lane.picture}`), scale.left + 6, lane.y + 6);
  };

  const speakerInk = (item, speaker) => {
    const names = [...new Set(item.segments.map((segment) => segment.speaker))];
    return parts.inks.speakers[Math.max(0, names.indexOf(speaker)) % parts.inks.speakers.length];
  };

  /** Segments or marks: boxes of time with words in them. */
  const drawBoxes = (context, lane, scale, boxes) => {
    drawGround(context, lane, scale);
    const { start_s, stop_s } = scale.seen();
    for (const box of boxes) {
      if (box.stop_s < start_s || box.start_s > stop_s) continue;
      const x = Math.max(scale.left, scale.x(box.start_s));
      const width = Math.max(2, Math.min(scale.left + scale.width, scale.x(box.stop_s)) - x - 1);
      context.fillStyle = box.ink;
      context.globalAlpha = 0.22;
      context.fillRect(x, lane.y, width, lane.height);
      context.globalAlpha = 1;
      context.fillRect(x, lane.y, Math.min(3, width), lane.height);
      const words = width > 26 ? ellipsis(context, box.words, width - 10) : "";
      context.fillStyle = parts.inks.ink;
      context.fillText(words, x + 7, lane.y + lane.height / 2);
    }
  };

  const wordsOf = ({ number, speaker, text }) => [number, speaker, text && `“${text}”`].filter(Boolean).join(" · ");

  /** Draw everything that stands still while the sound plays. */
  parts.drawLanes = (context, state) => {
    const { item, scale, layout, tiles, size } = state;
    context.setTransform(size.dpr, 0, 0, size.dpr, 0, 0);
    context.fillStyle = parts.inks.ground;
    context.fillRect(0, 0, size.width, layout.height);
    context.font = FONT;
    context.textBaseline = "middle";
    tiles.begin();
    context.save();
    for (const lane of layout.lanes) {
      context.save();
      context.beginPath();
      context.rect(lane.kind === "spectrum" ? 0 : scale.left, lane.y, scale.width + scale.left, lane.height);
      if (lane.kind !== "axis") context.clip();
      if (lane.kind === "axis") drawAxis(context, lane, scale, layout.height);
      if (lane.kind === "wave") drawWave(context, lane, scale, state);
      if (lane.kind === "spectrum") drawSpectrum(context, lane, scale, state);
      if (lane.kind === "marks") drawBoxes(context, lane, scale, state.marks.map((mark) => ({ ...mark, ink: parts.inks.mark, words: mark.label ?? mark.kind ?? "" })));
      if (lane.kind === "segments") drawBoxes(context, lane, scale, item.segments.map((one) => ({ ...one, ink: speakerInk(item, one.speaker), words: wordsOf(one) })));
      context.restore();
    }
    context.restore();
    context.fillStyle = parts.inks.ground;
    for (const lane of layout.lanes) if (lane.kind === "spectrum") coverGutter(context, lane, state);
    tiles.end();
  };

  // A tile begins left of what is seen: what runs into the gutter is covered and its figures are written again.
  const coverGutter = (context, lane, { scale }) => {
    context.fillStyle = parts.inks.ground;
    context.fillRect(0, lane.y, scale.left, lane.height);
    context.save();
    context.beginPath();
    context.rect(0, lane.y, scale.left, lane.height);
    context.clip();
    drawFrequencies(context, lane, scale);
    context.restore();
  };

  const drawSelection = (context, { scale, layout, selection }) => {
    if (!selection) return;
    const { inks } = parts;
    const [x, stop] = [scale.x(selection.start_s), scale.x(selection.stop_s)];
    const whole = selection.low_hz <= 0 && selection.high_hz >= scale.maxHz * 0.999;
    for (const lane of layout.lanes.filter(({ kind }) => kind === "wave" || kind === "spectrum")) {
      const [top, bottom] = lane.kind === "wave" || whole ? [lane.y, lane.y + lane.height] : [scale.y(selection.high_hz, lane), scale.y(selection.low_hz, lane)];
      context.fillStyle = inks.selectFill;
      context.fillRect(x, top, stop - x, bottom - top);
      context.strokeStyle = inks.select;
      context.lineWidth = 1.5;
      context.strokeRect(x, top, Math.max(1, stop - x), bottom - top);
    }
    context.lineWidth = 1;
  };

  const drawMask = (context, { scale, layout, brush }) => {
    for (const lane of layout.lanes) if (lane.kind === "spectrum") brush.draw(context, lane, scale);
  };

  const drawLoop = (context, { scale, layout }) => {
    const loop = H.player?.looped;
    if (!loop) return;
    context.fillStyle = parts.inks.loop;
    context.fillRect(scale.x(loop.start_s), layout.lanes[0].y + 19, scale.x(loop.stop_s) - scale.x(loop.start_s), 4);
  };

  const drawCursor = (context, { scale, layout }, position) => {
    const x = Math.round(scale.x(position)) + 0.5;
    if (x < scale.left - 1 || x > scale.left + scale.width + 1) return;
    for (const [ink, width] of [["rgba(0,0,0,.7)", 4], [parts.inks.cursor, 1.5]]) {
      context.strokeStyle = ink;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x, layout.lanes[0].y + 16);
      context.lineTo(x, layout.height);
      context.stroke();
    }
    context.fillStyle = parts.inks.cursor;
    context.beginPath();
    context.moveTo(x - 5, layout.lanes[0].y + 16);
    context.lineTo(x + 5, layout.lanes[0].y + 16);
    context.lineTo(x, layout.lanes[0].y + 23);
    context.fill();
    context.lineWidth = 1;
  };

  /** Draw what moves: the selection, what is painted, the loop, the cursor. */
  parts.drawOver = (context, state, position) => {
    const { size, scale, layout } = state;
    context.setTransform(size.dpr, 0, 0, size.dpr, 0, 0);
    context.clearRect(0, 0, size.width, layout.height);
    context.save();
    context.beginPath();
    context.rect(scale.left, 0, scale.width, layout.height);
    context.clip();
    drawMask(context, state);
    drawSelection(context, state);
    drawLoop(context, state);
    drawCursor(context, state, position);
    context.restore();
  };
})();
