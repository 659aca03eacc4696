"use strict";
// The list of a batch and the fields that choose from it.
(function () {
  const H = window.HERITAGE;
  const { make } = H;
  const batch = H.batch;
  const at = (id) => document.getElementById(id);
  // Rows are made once for a language: a filter shows and hides them, and makes nothing anew.
  let made = new Map();

  function rowOf(row) {
    if (!made.has(row)) made.set(row, batch.row(row));
    return made.get(row);
  }

  function option(value, words) {
    return make("option", { value }, words);
  }

  function fieldOptions(name) {
    const chosen = batch.choices()[name];
    const found = batch.values(name);
    const words = (value) => (value === batch.NOT_KNOWN ? H.text("batch.unknown") : name === "decade" ? H.text("batch.decade_of", { year: value }) : value);
    const options = found.map(([value, count]) => option(value, `${words(value)} (${H.number(count)})`));
    // What the address asks for may be gone from the batch; it is shown, so that it can be taken back.
    if (chosen && !found.some(([value]) => value === chosen)) options.push(option(chosen, `${words(chosen)} (0)`));
    at(name).replaceChildren(option("", H.text("batch.any")), ...options);
    at(name).value = chosen;
  }

  function states() {
    const counts = new Map();
    for (const row of batch.rows) counts.set(row.state, (counts.get(row.state) || 0) + 1);
    const chosen = batch.choices().state;
    const button = (state, words, count) =>
      make("button", { type: "button", "aria-pressed": String(chosen === state), "data-state": state, onclick: () => batch.choose("state", state) },
        words + " ", make("span", { class: "count" }, H.number(count))); // prettier-ignore
    const focused = document.activeElement && document.activeElement.dataset.state;
    const there = batch.states.filter((state) => counts.has(state));
    at("states").replaceChildren(button("", H.text("batch.all"), batch.rows.length), ...there.map((state) => button(state, H.text("state." + state), counts.get(state))));
    if (focused !== undefined) at("states").querySelector(`[data-state="${focused}"]`)?.focus();
  }

  function list() {
    const found = batch.found();
    H.fill(at("items"), found.map((row) => () => rowOf(row)));
    at("shown").textContent = H.text("batch.shown", { shown: H.number(found.length), all: H.counted("batch.items", batch.rows.length) });
    at("clear").hidden = !batch.isFiltered();
    at("none").hidden = found.length > 0;
    if (!found.length) H.say(at("none"), batch.rows.length ? "batch.none" : "batch.empty");
  }

  function fields() {
    const chosen = batch.choices();
    for (const name of ["carrier", "speaker", "decade"]) fieldOptions(name);
    at("generated").replaceChildren(option("", H.text("batch.any")), option("with", H.text("batch.with_generated")), option("without", H.text("batch.without_generated")));
    at("sort").replaceChildren(...batch.sorts.map((sort) => option(sort, H.text("batch.by_" + sort))));
    for (const name of ["generated", "sort"]) at(name).value = chosen[name];
    if (at("search").value !== chosen.text) at("search").value = chosen.text;
  }

  function show() {
    states();
    fields();
    list();
  }

  function chosen(event) {
    states();
    list();
    if (event) fields();
  }

  for (const name of ["carrier", "speaker", "decade", "generated", "sort"])
    at(name).addEventListener("change", () => batch.choose(name, at(name).value));
  at("search").addEventListener("input", () => batch.choose("text", at("search").value));
  at("clear").addEventListener("click", () => batch.clear());
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".skip").addEventListener("click", function (event) {
    event.preventDefault(); // The address holds the choices.
    at("items").focus();
  });
  H.bus.addEventListener("chosen", chosen);
  H.bus.addEventListener("language", function () {
    made = new Map();
    show();
  });
  window.addEventListener("beforeprint", () => at("items").replaceChildren(...batch.found().map(rowOf)));
})();
