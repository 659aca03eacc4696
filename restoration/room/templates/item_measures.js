"use strict";
// What was measured before and after, and the segments of speech.
(function () {
  const H = window.HERITAGE;
  const { make } = H;

  function measureRow(each) {
    const cell = (key, text) => make("td", { class: "num", "data-name": H.text(key) }, text);
    return make(
      "tr", {}, make("th", { scope: "row" }, H.named(each.name)),
      cell("item.before", H.figure(each.name, each.before)),
      cell("item.after", H.figure(each.name, each.after)),
      cell("item.change", H.change(each.name, each.before, each.after)),
    ); // prettier-ignore
  }

  function measures() {
    const head = ["item.quantity", "item.before", "item.after", "item.change"].map((key, n) =>
      make("th", { scope: "col", class: n ? "num" : "", text: key }),
    );
    const table = make(
      "table", { class: "measures-table" }, make("caption", { text: "item.measures_caption" }),
      make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...(H.item.measures || []).map(measureRow)),
    ); // prettier-ignore
    document.getElementById("measure-rows").replaceChildren(table);
  }

  function markedUnfit(segment) {
    return H.decisions.list().some((each) => each.kind === "segment unfit" && each.start_s === segment.start_s && each.stop_s === segment.stop_s);
  }

  function segmentRow(segment) {
    const from = H.clock(segment.start_s);
    const play = make("button", {
      type: "button", class: "small-button", "aria-label": H.text("item.play_from", { number: segment.number, time: from }),
      onclick: () => { H.player.seek(segment.start_s); H.player.play(); },
    }, make("span", { "aria-hidden": "true" }, "▶")); // prettier-ignore
    const unfit = make("button", {
      type: "button", class: "small-button", text: "item.unfit", "data-segment": String(segment.number),
      "aria-label": H.text("item.unfit_segment", { number: segment.number }), "aria-pressed": String(markedUnfit(segment)),
      onclick: (event) => H.decisions.begin({ kind: "segment unfit", start_s: segment.start_s, stop_s: segment.stop_s }, event.currentTarget),
    }); // prettier-ignore
    return make(
      "li", { id: "segment-" + segment.number }, play,
      make("span", { class: "when" }, `${from} – ${H.clock(segment.stop_s)}`),
      make("span", { class: "what" }, make("bdi", {}, [segment.speaker, segment.text].filter(Boolean).join(": "))), unfit,
    ); // prettier-ignore
  }

  function segments() {
    const found = H.item.segments || [];
    const count = document.getElementById("segment-count");
    count.textContent = found.length ? H.counted("item.segments_count", found.length) : H.text("item.segments_none");
    H.fill(document.getElementById("segment-rows"), found.map((segment) => () => segmentRow(segment)));
  }

  function pressed() {
    for (const segment of H.item.segments || []) {
      const row = document.getElementById("segment-" + segment.number);
      if (row) row.querySelector("[data-segment]").setAttribute("aria-pressed", String(markedUnfit(segment)));
    }
  }

  // The segment that is heard, so that the list follows the sound; the list itself stays where it was put.
  let heard = null;
  function follow(at_s) {
    const now = (H.item.segments || []).find((each) => each.start_s <= at_s && at_s < each.stop_s) || null;
    if (now === heard) return;
    if (heard) document.getElementById("segment-" + heard.number)?.classList.remove("playing");
    if (now) document.getElementById("segment-" + now.number)?.classList.add("playing");
    heard = now;
  }

  function show() {
    measures();
    segments();
  }

  H.bus.addEventListener("language", show);
  H.bus.addEventListener("decided", pressed);
  H.bus.addEventListener("position", (event) => follow(typeof event.detail === "number" ? event.detail : event.detail.position));
})();
