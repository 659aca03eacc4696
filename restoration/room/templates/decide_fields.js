"use strict";
// The fields of a decision: numbers, stretches, bands and masks, filled by hand or from the pictures.
(function () {
  const H = window.HERITAGE;
  const { make } = H;

  const shown = (value, places) => (Number.isFinite(value) ? String(Number(value.toFixed(places))) : "");

  // A field with its name above it, a key of the texts or words; the name of the field is how a mistake finds it.
  function named(words, input) {
    return make("label", { class: "field" }, H.has(words) ? make("span", { text: words }) : make("span", {}, words), input);
  }

  function numberField(name, words, value) {
    const input = make("input", { name, type: "text", inputmode: "decimal", autocomplete: "off", size: 9 });
    input.value = value;
    return { input, element: named(words, input), read: () => H.numberIn(input.value) };
  }

  function truthField(name, words, value) {
    const choices = [["", "decide.unchanged"], ["true", "item.yes"], ["false", "item.no"]];
    const input = make("select", { name }, ...choices.map(([each, key]) => make("option", { value: each, text: key })));
    input.value = value;
    return { input, element: named(words, input), read: () => (input.value === "" ? null : input.value === "true") };
  }

  // From and to in seconds, which follow what is selected in the pictures until somebody writes in them.
  function stretch(from, optional, taken) {
    const start = numberField("start", "decide.start", shown(from.start_s, 3));
    const stop = numberField("stop", "decide.stop", shown(from.stop_s, 3));
    const status = make("p", { class: "hint", role: "status" });
    let written = Number.isFinite(from.start_s);
    function take(asked) {
      const selected = H.view && H.view.selection();
      if (!selected) {
        if (asked) H.say(status, "decide.no_selection");
        return null;
      }
      start.input.value = shown(selected.start_s, 3);
      stop.input.value = shown(selected.stop_s, 3);
      status.textContent = "";
      delete status.dataset.text;
      if (asked && taken) taken(selected);
      return selected;
    }
    for (const field of [start, stop]) field.input.addEventListener("input", () => (written = true));
    const button = make("button", { type: "button", class: "small-button", text: "decide.take_selection", onclick: () => take(true) });
    if (!written) take(false);
    const element = make(
      "fieldset", {}, make("legend", { text: "decide.stretch" }), make("div", { class: "pair" }, start.element, stop.element),
      button, status, optional ? make("p", { class: "hint", text: "decide.whole" }) : null,
    ); // prettier-ignore
    return {
      element,
      take,
      follow: () => (written ? null : take(false)),
      read: () => ({ start_s: H.secondsIn(start.input.value), stop_s: H.secondsIn(stop.input.value) }),
      set(place) {
        written = true;
        start.input.value = shown(place.start_s, 3);
        stop.input.value = shown(place.stop_s, 3);
      },
    };
  }

  // The box of a region and, where one was painted, its mask.
  function region(from) {
    const times = stretch(from, false, (selected) => takeBand(selected, true));
    const low = numberField("low", "decide.low", shown(from.low_hz, 0));
    const high = numberField("high", "decide.high", shown(from.high_hz, 0));
    const status = make("p", { class: "hint", role: "status" });
    let mask = from.mask || null;
    let written = Number.isFinite(from.low_hz);
    function tell(key) {
      H.say(status, key || (mask ? "decide.with_mask" : "decide.whole_box"));
      drop.hidden = !mask;
    }
    function takeBand(selected, asked) {
      if (!selected || (written && !asked)) return;
      low.input.value = shown(selected.low_hz, 0);
      high.input.value = shown(selected.high_hz, 0);
    }
    function takeMask() {
      const painted = H.view && H.view.mask();
      if (!painted) return tell("decide.no_mask");
      times.set(painted);
      low.input.value = shown(painted.low_hz, 0);
      high.input.value = shown(painted.high_hz, 0);
      mask = painted.mask;
      return tell();
    }
    const paint = make("button", { type: "button", class: "small-button", text: "decide.paint", "aria-pressed": "false", onclick: () => painting(paint.getAttribute("aria-pressed") !== "true") });
    function painting(on) {
      paint.setAttribute("aria-pressed", String(on));
      H.say(paint, on ? "decide.paint_stop" : "decide.paint");
      if (H.view) H.view.paint(on);
      if (!on && H.view && H.view.mask()) takeMask();
    }
    const take = make("button", { type: "button", class: "small-button", text: "decide.take_mask", onclick: takeMask });
    const drop = make("button", { type: "button", class: "small-button", text: "decide.drop_mask", onclick: () => ((mask = null), tell()) });
    for (const field of [low, high]) field.input.addEventListener("input", () => (written = true));
    takeBand(Number.isFinite(from.start_s) ? null : H.view && H.view.selection());
    if (!mask && H.view && H.view.mask()) takeMask();
    tell();
    return {
      element: make("div", {}, times.element, make("div", { class: "pair" }, low.element, high.element),
        make("div", { class: "row" }, paint, take, drop), status), // prettier-ignore
      follow: () => takeBand(times.follow()),
      end: () => paint.getAttribute("aria-pressed") === "true" && painting(false),
      read() {
        const box = { ...times.read(), low_hz: H.numberIn(low.input.value), high_hz: H.numberIn(high.input.value) };
        return mask ? { ...box, mask } : box;
      },
    };
  }

  H.fields = { number: numberField, truth: truthField, stretch, region, shown };
})();
