"use strict";
// The choices of a batch page: what is looked for, by what the items are sorted. They live in the address, so that a
// reload, a bookmark and the way back keep them.
(function () {
  const H = window.HERITAGE;
  const rows = window.HERITAGE_BATCH.rows;
  const STATES = ["waiting", "approved", "sent_back", "failed", "begun", "queued", "refused"];
  const at = (id) => document.getElementById(id);

  // Without accents and in small letters: “Süd” is found by “sud”.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const decadeOf = (row) => (row.year ? String(row.year - (row.year % 10)) : "");
  for (const row of rows) row.sought = plain([row.identifier, row.title, row.speaker, row.carrier, row.date].filter(Boolean).join(" "));

  const worst = (row, name) => (row.before && name in row.before ? row.before[name] : -Infinity);
  // How much further the voice stands above the noise; what was not measured comes last.
  const gained = (row) => (row.before && row.after && "snr_db" in row.before && "snr_db" in row.after ? row.after.snr_db - row.before.snr_db : Infinity);
  const byNumber = (of) => (a, b) => of(a) - of(b) || 0;
  const byText = (of) => (a, b) => of(a).localeCompare(of(b), H.locale, { numeric: true });
  const SORTS = {
    order: null,
    title: byText((row) => row.title || row.identifier || ""),
    date: byNumber((row) => row.year || 9999),
    duration: byNumber((row) => -(row.duration_s || 0)),
    state: byNumber((row) => STATES.indexOf(row.state)),
    noise: byNumber((row) => -worst(row, "noise_floor_dbfs")),
    change: byNumber(gained),
  };
  const FIELDS = { carrier: (row) => row.carrier || "", speaker: (row) => row.speaker || "", decade: decadeOf };
  const NOT_KNOWN = "\u2014";

  let chosen = read();

  function read() {
    const said = new URLSearchParams(window.location.hash.slice(1));
    const sort = said.get("sort");
    return {
      text: said.get("text") || "", state: said.get("state") || "", carrier: said.get("carrier") || "", speaker: said.get("speaker") || "",
      decade: said.get("decade") || "", generated: said.get("generated") || "", sort: sort in SORTS ? sort : "order",
    }; // prettier-ignore
  }

  function write() {
    const said = Object.entries(chosen).filter(([name, value]) => value && !(name === "sort" && value === "order"));
    const text = new URLSearchParams(said).toString();
    window.history.replaceState(null, "", text ? "#" + text : window.location.pathname);
  }

  function fits(words, row) {
    if (chosen.state && row.state !== chosen.state) return false;
    if (chosen.generated && (chosen.generated === "with") !== Boolean(row.generated)) return false;
    for (const [name, of] of Object.entries(FIELDS))
      if (chosen[name] && of(row) !== (chosen[name] === NOT_KNOWN ? "" : chosen[name])) return false;
    return words.every((word) => row.sought.includes(word));
  }

  H.batch = {
    choices: () => ({ ...chosen }),
    // The rows that fit, in their order.
    found() {
      const words = plain(chosen.text).split(/\s+/).filter(Boolean);
      const found = rows.filter((row) => fits(words, row));
      return SORTS[chosen.sort] ? found.sort(SORTS[chosen.sort]) : found;
    },
    choose(name, value) {
      chosen[name] = value;
      write();
      H.emit("chosen");
    },
    clear() {
      chosen = { ...read(), text: "", state: "", carrier: "", speaker: "", decade: "", generated: "" };
      write();
      H.emit("chosen");
      at("search").focus();
    },
    isFiltered: () => Object.entries(chosen).some(([name, value]) => name !== "sort" && value),
    sorts: Object.keys(SORTS),
    states: STATES,
    rows,
    // The values of a field that there are, with how many items have each.
    values(name) {
      const counts = new Map();
      for (const row of rows) counts.set(FIELDS[name](row) || NOT_KNOWN, (counts.get(FIELDS[name](row) || NOT_KNOWN) || 0) + 1);
      const known = [...counts].filter(([value]) => value !== NOT_KNOWN).sort((a, b) => a[0].localeCompare(b[0], H.locale, { numeric: true }));
      return [...known, ...[...counts].filter(([value]) => value === NOT_KNOWN)];
    },
    NOT_KNOWN,
  };

  window.addEventListener("hashchange", function () {
    // A hash without a choice is a place on the page.
    if (window.location.hash.length > 1 && !window.location.hash.includes("=")) return;
    chosen = read();
    H.emit("chosen");
  });
})();
