"use strict";
// The row of one item: its name, its facts, how it stands, and three small pictures of before and after.
(function () {
  const H = window.HERITAGE;
  const { make } = H;
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 120;
  const HEIGHT = 16;
  const EDGE = 6;
  const log = (low, high) => (value) => Math.log(Math.max(value, 1) / low) / Math.log(high / low);
  const even = (low, high) => (value) => (value - low) / (high - low);
  // Where a figure lies between the ends of its picture, which are the same for every row.
  const SCALES = { noise_floor_dbfs: even(-90, -20), snr_db: even(0, 70), bandwidth_hz: log(1000, 24000) };

  function drawn(tag, attributes) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function place(name, value) {
    return EDGE + (WIDTH - 2 * EDGE) * Math.min(1, Math.max(0, SCALES[name](value)));
  }

  function picture(name, before, after, words) {
    const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": words });
    const y = HEIGHT / 2;
    svg.append(drawn("line", { class: "axis", x1: EDGE, x2: WIDTH - EDGE, y1: y, y2: y }));
    const known = [before, after].filter((value) => value !== undefined);
    if (known.length === 2)
      svg.append(drawn("line", { class: "way", x1: place(name, before), x2: place(name, after), y1: y, y2: y }));
    if (before !== undefined) svg.append(drawn("circle", { class: "before", cx: place(name, before), cy: y, r: 4 }));
    if (after !== undefined) svg.append(drawn("circle", { class: "after", cx: place(name, after), cy: y, r: 4.5 }));
    return svg;
  }

  // "−48.5 → −77.7 dBFS": a unit that both have is said once.
  function fromTo(was, is) {
    const unit = (text) => text.slice(text.lastIndexOf("\u00a0"));
    const first = was && is && unit(was) === unit(is) ? was.slice(0, was.lastIndexOf("\u00a0")) : was;
    return [first, is].filter(Boolean).join(" → ");
  }

  function figure(name, row) {
    const before = (row.before || {})[name];
    const after = (row.after || {})[name];
    if (before === undefined && after === undefined) return null;
    const [was, is] = [before, after].map((value) => (value === undefined ? "" : H.figure(name, value)));
    const key = was && is ? "batch.before_after" : was ? "batch.only_before" : "batch.only_after";
    const words = H.text(key, { name: H.text("batch." + name), before: was, after: is });
    return make(
      "div", { class: "figure" }, make("span", { class: "name", "aria-hidden": "true" }, H.text("batch." + name)),
      picture(name, before, after, words),
      make("span", { class: "values", "aria-hidden": "true" }, fromTo(was, is)),
    ); // prettier-ignore
  }

  function facts(row) {
    const shown = [row.title ? row.identifier : "", row.carrier, H.date(row.date || ""), row.speaker];
    const list = make("p", { class: "facts" });
    for (const each of shown) if (each) list.append(make("span", {}, make("bdi", {}, each)));
    if (row.duration_s !== undefined) list.append(make("span", {}, H.duration(row.duration_s)));
    return list;
  }

  function isUnsaved(row) {
    return Boolean(row.head && H.memory.get(`decisions:${row.identifier}:${row.head}`));
  }

  H.batch.row = function (row) {
    const name = make("bdi", {}, row.title || row.identifier || H.text("item.untitled"));
    const way = row.page || row.report;
    const badges = make("div", { class: "badges" }, make("strong", { class: "badge " + row.state }, H.text("state." + row.state)));
    if (row.generated) badges.append(make("strong", { class: "badge made" }, H.text("batch.made")));
    if (isUnsaved(row)) badges.append(make("strong", { class: "badge dim" }, H.text("batch.unsaved")));
    return make(
      "li", { class: "item" },
      make("div", { class: "about" }, make("h3", {}, way ? make("a", { href: way }, name) : name), facts(row),
        row.problem ? make("p", { class: "problem" }, make("bdi", {}, row.problem)) : null),
      badges, make("div", { class: "figures" }, ...Object.keys(SCALES).map((each) => figure(each, row))),
    ); // prettier-ignore
  };
})();
