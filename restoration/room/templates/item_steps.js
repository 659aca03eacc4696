"use strict";
// The steps of the treatment as rows: what each found, what it did, and a way to hear, see and overrule it.
(function () {
  const H = window.HERITAGE;
  const { make } = H;
  const AROUND_S = 1;
  const opened = new Set();

  H.stepName = (step) => (H.has("item.step." + step.name) ? H.text("item.step." + step.name) : H.named(step.name));
  H.stepOf = (event) => (H.item.steps || []).find((step) => step.event === event) || null;

  const outcomeKey = (step) => "item.outcome_" + step.outcome.replaceAll(" ", "_");

  function badges(step) {
    const treated = step.outcome === "treated";
    const shown = [make("span", { class: "badge " + (treated ? "" : step.outcome === "failed" ? "failed" : "dim"), text: outcomeKey(step) })];
    if (treated && H.has("item.generates_" + step.generates))
      shown.unshift(make("span", { class: "badge made", text: "item.generates_" + step.generates }));
    return make("span", { class: "badges" }, ...shown);
  }

  // What is no single value is told in the words of the log.
  function value(each) {
    return (each.value === null || each.value === undefined) && each.text ? each.text : H.figure(each.name, each.value);
  }

  function pairs(key, list) {
    if (!list || !list.length) return null;
    const rows = list.map((each) =>
      make("div", {}, make("dt", {}, H.named(each.name)), make("dd", {}, make("bdi", {}, value(each)))),
    );
    return make("div", {}, make("h4", { text: key }), make("dl", { class: "pairs" }, ...rows));
  }

  function changes(step) {
    if (!step.measures || !step.measures.length) return null;
    const rows = step.measures.map((each) =>
      make("div", {}, make("dt", {}, H.named(each.name)),
        make("dd", {}, `${H.figure(each.name, each.before)} → ${H.figure(each.name, each.after)}`)),
    ); // prettier-ignore
    return make("div", {}, make("h4", { text: "item.measures" }), make("dl", { class: "pairs" }, ...rows));
  }

  // Sentences of the log are in the language of the log.
  function sentence(text) {
    return text ? make("p", { lang: "en" }, make("bdi", {}, text)) : null;
  }

  // What became of a step, and why.
  function plain(step) {
    const { sentence: told = "", reason = "" } = step;
    return told.includes(reason) ? told : `${told} ${reason}`.trim();
  }

  // The stretch of the sound that shows a step best; null where the step says none.
  H.stretchOf = function (step) {
    if (step.excerpt) return { start_s: step.excerpt.start_s, stop_s: step.excerpt.stop_s };
    const [first] = step.moments || [];
    if (!first) return null;
    return { start_s: Math.max(0, first.start_s - AROUND_S), stop_s: Math.min(H.item.duration_s, first.stop_s + AROUND_S) };
  };

  function show(stretch) {
    H.view.show(stretch.start_s, stretch.stop_s);
    if (H.player) H.player.seek(stretch.start_s);
    document.getElementById("listen").scrollIntoView({ block: "start" });
  }
  H.showStretch = show;

  function ways(step) {
    const stretch = H.stretchOf(step);
    const times = stretch && { start: H.clock(stretch.start_s), stop: H.clock(stretch.stop_s) };
    return make(
      "div", { class: "row" },
      stretch && make("button", { type: "button", class: "small-button", text: ["item.show_stretch", times], onclick: () => show(stretch) }),
      make("button", {
        type: "button", class: "small-button", text: "item.overrule",
        "aria-label": H.text("item.overrule_step", { step: H.stepName(step) }),
        onclick: (event) => H.decisions.begin({ kind: "finding overruled", event: step.event }, event.currentTarget),
      }),
    ); // prettier-ignore
  }

  function row(step, number) {
    const kept = step.outcome !== "treated";
    const made = !kept && step.generates && step.generates !== "nothing";
    const inside = make(
      "div", { class: "inside" },
      ...[pairs("item.findings", step.findings), changes(step), pairs("item.parameters", step.parameters)].filter(Boolean),
      step.excerpt && H.excerpt ? H.excerpt(step) : null,
      ways(step),
    ); // prettier-ignore
    const told = make(
      "details", { open: opened.has(step.event) },
      make("summary", {}, make("span", { class: "number" }, String(number)), make("h3", {}, H.stepName(step)), badges(step),
        sentence(plain(step))),
      inside,
    ); // prettier-ignore
    told.addEventListener("toggle", function () {
      opened[told.open ? "add" : "delete"](step.event);
      const stretch = H.stretchOf(step);
      // A row that is opened shows where it worked, and leaves the page where it is.
      if (told.open && told.isConnected && stretch && H.view && told.matches(":hover, :focus-within"))
        H.view.show(stretch.start_s, stretch.stop_s);
    });
    return make("li", { class: made ? "made" : kept ? (step.outcome === "failed" ? "failed" : "left") : "" }, told);
  }

  function showAll() {
    document.getElementById("step-rows").replaceChildren(...(H.item.steps || []).map((step, n) => row(step, n + 1)));
  }

  H.bus.addEventListener("language", showAll);
})();
