"use strict";
// The head of an item's page: what it is, how it stands, and its label in the language of the page.
(function () {
  const H = window.HERITAGE;
  const item = H.item;
  const { make } = H;
  const at = (id) => document.getElementById(id);

  // What stands in a line is named to those who cannot see that it is one.
  function fact(key, shown) {
    return make("div", {}, make("dt", { class: "hidden", text: key }), make("dd", {}, shown));
  }

  // A path of the log as an address: what is odd in it stays a path and becomes no scheme.
  H.address = (path) => String(path).replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");

  function rights() {
    if (!/^https?:\/\/[^\s"'<>]+$/.test(item.rights || "")) return make("bdi", {}, item.rights || "");
    return make("a", { href: item.rights, rel: "noreferrer" }, item.rights.replace(/^https?:\/\//, ""));
  }

  function facts() {
    const list = make("dl", { class: "facts" }, fact("item.state", make("strong", { class: "badge " + item.state, text: "state." + item.state })));
    const told = (key, text) => text && list.append(fact(key, make("bdi", {}, text)));
    told("item.identifier", item.identifier);
    told("item.carrier", item.carrier);
    told("item.recorded", H.date(item.date));
    told("item.speaker", item.speaker);
    told("item.duration", H.duration(item.duration_s));
    if (item.report) list.append(fact("item.report", make("a", { href: H.address(item.report), text: "item.report" })));
    return list;
  }

  H.made = () => (item.steps || []).filter((step) => step.outcome === "treated" && step.generates && step.generates !== "nothing");

  function more(language, long) {
    const list = make("dl", { class: "pairs" });
    const told = (key, shown) => shown && list.append(make("div", {}, make("dt", { text: key }), make("dd", {}, shown)));
    told("item.language", item.language && H.languageName(item.language));
    told("item.rights", item.rights && rights());
    told("item.notes", item.notes && make("bdi", {}, item.notes));
    return make("details", {}, make("summary", { text: "item.label_more" }), long ? make("p", { lang: language }, long) : null, list);
  }

  function label() {
    const language = item.labels && item.labels[H.language] ? H.language : "en";
    const own = (item.labels || {})[language] || { short: "", long: "" };
    return [
      own.short ? make("p", { class: "label", lang: language }, own.short) : null,
      H.made().length ? make("p", { class: "generated", role: "note", text: "item.made_notice" }) : null,
      more(language, own.long === own.short ? "" : own.long),
    ].filter(Boolean);
  }

  function show() {
    at("facts").replaceChildren(facts());
    at("label").replaceChildren(...label());
  }

  at("title").textContent = item.title || item.identifier || H.text("item.untitled");
  H.bus.addEventListener("language", show);
  H.bus.addEventListener("problem", function (event) {
    const place = at("problem");
    H.say(place, "item.problem", { text: event.detail.text });
    place.hidden = false;
  });
  window.addEventListener("beforeprint", function () {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
  document.addEventListener("DOMContentLoaded", function () {
    if (H.player) H.player.mount(at("player"));
    if (H.view) H.view.mount(at("view"));
  });
})();
