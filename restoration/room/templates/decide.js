"use strict";
// The decisions that are about to be saved. They are kept in the browser, by the head of the log that was looked at, so
// that a reload loses nothing, and a log that has grown since starts a list of its own.
(function () {
  const H = window.HERITAGE;
  const item = H.item;
  const OF_ITEM = "decisions:" + item.identifier + ":";
  const PLACE = OF_ITEM + item.head;
  const FORMAT = "heritage-voice decisions 1";

  function kept() {
    const text = H.memory.get(PLACE);
    if (!text) return [];
    try {
      const read = JSON.parse(text);
      return Array.isArray(read) ? read.filter((each) => each && typeof each.kind === "string") : [];
    } catch (broken) {
      H.emit("problem", { text: String(broken) });
      return [];
    }
  }

  let decisions = kept();
  let by = H.memory.get("by") || "";

  function changed(said) {
    H.memory.set(PLACE, decisions.length ? JSON.stringify(decisions) : null);
    H.emit("decided", { said });
  }

  const copy = (value) => JSON.parse(JSON.stringify(value));

  H.decisions = {
    list: () => copy(decisions),
    by: () => by,
    setBy(name) {
      by = name;
      H.memory.set("by", name.trim() || null);
    },
    add(decision) {
      decisions.push(copy(decision));
      changed({ key: "decide.added", decision });
    },
    replace(place, decision) {
      decisions[place] = copy(decision);
      changed({ key: "decide.added", decision });
    },
    remove(place) {
      const [decision] = decisions.splice(place, 1);
      changed({ key: "decide.removed", decision });
    },
    clear() {
      decisions = [];
      changed(null);
    },
    // What is saved, as `restoration decide FILE` reads it.
    file: () => ({ format: FORMAT, identifier: item.identifier, head: item.head, by: by.trim(), decisions: copy(decisions) }),
    // Whether this browser keeps decisions on an earlier state of the log.
    hasOlder() {
      if (!H.memory.keeps) return false;
      const begins = "heritage-" + OF_ITEM;
      return Object.keys(window.localStorage).some((name) => name.startsWith(begins) && name !== "heritage-" + PLACE);
    },
  };
})();
