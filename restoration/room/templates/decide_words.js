"use strict";
// A decision in words, and as a mark in the pictures.
(function () {
  const H = window.HERITAGE;

  const between = (from) => H.text("item.stretch", { start: H.clock(from.start_s, 2), stop: H.clock(from.stop_s, 2) });
  H.kindWords = function (kind) {
    const key = "decide.kind." + String(kind).replaceAll(" ", "_");
    return H.has(key) ? H.text(key) : String(kind);
  };

  // Of a decision in the log, `event` is its own; what it concerns is written as event/7.
  function concerned(decision) {
    const written = /^event\/(\d+)$/.exec(decision.concerns || "");
    return written ? Number(written[1]) : decision.event;
  }

  function overruled(decision) {
    const event = concerned(decision);
    const step = H.stepOf(event);
    const told = [step ? H.stepName(step) : H.text("item.event", { number: event })];
    for (const [name, value] of Object.entries(decision.findings || {})) told.push(`${H.named(name)} ${H.figure(name, value)}`);
    for (const each of decision.spared || []) told.push(`${H.text("decide.spared")}: ${between(each)}`);
    if (decision.needed !== undefined) told.push(H.text(decision.needed ? "decide.needed" : "decide.not_needed"));
    return told;
  }

  // What a decision says beside its kind and its reason.
  H.decisions.details = function (decision) {
    const told = decision.kind === "finding overruled" ? overruled(decision) : [];
    if (decision.start_s !== undefined && decision.start_s !== null) told.push(between(decision));
    if (decision.low_hz !== undefined) told.push(`${H.figure("low_hz", decision.low_hz)} – ${H.figure("high_hz", decision.high_hz)}`);
    if (decision.kind === "region to repair") told.push(H.text(decision.mask ? "decide.with_mask" : "decide.whole_box"));
    return told;
  };

  H.decisions.words = (decision) => [H.kindWords(decision.kind), ...H.decisions.details(decision)].join(", ");

  function marksOf(decision) {
    const places = decision.spared || (decision.start_s !== undefined && decision.start_s !== null ? [decision] : []);
    return places.map((each) => ({ start_s: each.start_s, stop_s: each.stop_s, kind: decision.kind, label: H.kindWords(decision.kind) }));
  }

  function mark() {
    if (H.view) H.view.marks([...(H.item.decisions || []), ...H.decisions.list()].flatMap(marksOf));
  }

  H.bus.addEventListener("decided", mark);
  H.bus.addEventListener("language", mark);
  document.addEventListener("DOMContentLoaded", mark);
})();
