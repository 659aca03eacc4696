"use strict";
// What is wrong with a decision, in words; what is asked here is what `restoration decide` asks.
(function () {
  const H = window.HERITAGE;
  const item = H.item;
  const ROUNDING_S = 0.01;

  // Seconds as people write them: 12.5, 12,5 or 1:02.5; NaN where it is none of these, null where it is blank.
  H.secondsIn = function (text) {
    const plain = String(text).trim().replace(",", ".");
    if (plain === "") return null;
    const parts = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)$/.exec(plain);
    return parts ? 3600 * Number(parts[1] || 0) + 60 * Number(parts[2] || 0) + Number(parts[3]) : NaN;
  };

  H.numberIn = function (text) {
    const plain = String(text).trim().replace(",", ".").replace("\u2212", "-");
    if (plain === "") return null;
    return /^-?\d+(\.\d+)?([eE]-?\d+)?$/.test(plain) ? Number(plain) : NaN;
  };

  const given = (value) => value !== undefined && value !== null;
  const wrong = (field, key, values) => ({ field, text: H.text("decide.wrong." + key, values) });

  function stretch(from, needed) {
    const { start_s, stop_s } = from;
    if (!given(start_s) && !given(stop_s) && !needed) return null;
    if (!Number.isFinite(start_s)) return wrong("start", "stretch");
    if (!Number.isFinite(stop_s)) return wrong("stop", "stretch");
    if (stop_s <= start_s) return wrong("stop", "order");
    if (stop_s > item.duration_s + ROUNDING_S) return wrong("stop", "beyond", { stop: H.number(item.duration_s, 2) });
    return null;
  }

  function band(decision) {
    const { low_hz, high_hz } = decision;
    const top = (item.tiles && item.tiles.max_hz) || Infinity;
    if (!Number.isFinite(low_hz) || low_hz < 0) return wrong("low", "band");
    if (!Number.isFinite(high_hz) || high_hz <= low_hz) return wrong("high", "band");
    return high_hz > top + 1 ? wrong("high", "band_beyond", { top: H.number(top) }) : null;
  }

  function overruling(decision) {
    if (decision.spared) return stretch(decision.spared[0], true);
    if (given(decision.needed)) return null;
    const values = Object.entries(decision.findings || {});
    if (!values.length) return wrong("value", "values");
    const odd = values.find(([, value]) => typeof value !== "boolean" && !Number.isFinite(value));
    return odd ? wrong("value-" + odd[0], "number", { name: H.named(odd[0]) }) : null;
  }

  const OWN = {
    "treatment sent back": (decision) => stretch(decision, false),
    "segment unfit": (decision) => stretch(decision, true),
    "region to repair": (decision) => stretch(decision, true) || band(decision),
    "finding overruled": overruling,
  };
  const AGAINST = { "treatment approved": "treatment sent back", "treatment sent back": "treatment approved" };

  // {field, text} of the first thing that is wrong; null where all is well. `others`: what stands on the list beside it.
  H.decisions.wrong = function (decision, others) {
    const own = OWN[decision.kind] && OWN[decision.kind](decision);
    if (own) return own;
    if (!(decision.reason || "").trim()) return wrong("reason", "reason");
    if (others.some((each) => each.kind === AGAINST[decision.kind])) return wrong("reason", "both");
    const same = JSON.stringify(decision);
    return others.some((each) => JSON.stringify(each) === same) ? wrong("reason", "twice") : null;
  };

  // What keeps the list from being saved; null where nothing does.
  H.decisions.unsavable = function () {
    if (!H.decisions.by().trim()) return wrong("by", "by");
    return H.decisions.list().length ? null : wrong("", "nothing");
  };
})();
