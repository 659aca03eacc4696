"use strict";
// Figures, times and dates as the chosen language writes them. The unit of a figure is in its name: noise_floor_dbfs.
(function () {
  const H = window.HERITAGE;
  const GAP = "\u00a0";
  const UNITS = [
    ["_per_min", "per_min", 2], ["_per_s", "per_s", 2], ["_dbfs", "dbfs", 1], ["_dbtp", "dbtp", 1], ["_lufs", "lufs", 1],
    ["_lu", "lu", 1], ["_db", "db", 1], ["_ms", "ms", 2], ["_us", "us", 1], ["_samples", "samples", 1],
  ]; // prettier-ignore
  const formats = new Map();

  H.number = function (value, places = 0, least = 0) {
    const key = `${H.locale} ${places} ${least}`;
    if (!formats.has(key))
      formats.set(key, new Intl.NumberFormat(H.locale, { maximumFractionDigits: places, minimumFractionDigits: least }));
    // A hyphen is no minus.
    return formats.get(key).format(value).replace("-", "\u2212");
  };

  function withUnit(number, unit) {
    return number + GAP + H.text("item.unit." + unit);
  }

  function hertz(name, value) {
    if (Math.abs(value) < 1000) return withUnit(H.number(value, 2), "hz");
    return withUnit(H.number(value / 1000, name === "sample_rate" ? 3 : 1), "khz");
  }

  // The figure of a measure, finding or parameter in words; the name says the unit.
  H.figure = function (name, value) {
    if (value === null || value === undefined) return H.text("item.absent");
    if (typeof value === "boolean") return H.text(value ? "item.yes" : "item.no");
    if (Array.isArray(value)) return value.map((each) => H.figure(name, each)).join("; ");
    if (typeof value === "object")
      return Object.entries(value).map(([key, each]) => `${H.named(key)} ${H.figure(key, each)}`).join(", ");
    if (typeof value !== "number") return String(value);
    if (name.endsWith("_hz") || name === "sample_rate") return hertz(name, value);
    if (name.endsWith("_share")) return withUnit(H.number(100 * value, Math.abs(value) < 0.01 ? 3 : 1), "percent");
    for (const [ending, unit, places] of UNITS)
      if (name.endsWith(ending)) return withUnit(H.number(value, places, Number(unit.startsWith("db") || unit.startsWith("lu"))), unit);
    if (name === "duration_s") return H.duration(value);
    if (name.endsWith("_s")) return withUnit(H.number(value, 2), "s");
    return Math.abs(value) < 0.001 && value !== 0 ? value.toExponential(1).replace(/-/g, "\u2212") : H.number(value, 3);
  };

  // How much a measure changed, with its sign; "" where there is nothing to compare.
  H.change = function (name, before, after) {
    if (typeof before !== "number" || typeof after !== "number") return "";
    if (H.figure(name, before) === H.figure(name, after)) return H.text("item.same");
    const relative = name.replace(/_db(fs|tp)$/, "_db").replace(/_lufs$/, "_lu").replace(/^duration_s$/, "longer_s");
    return (after > before ? "+" : "\u2212") + H.figure(relative, Math.abs(after - before));
  };

  // The name of a measure, finding or parameter; what has no text yet is shown as it is called, without its unit.
  H.named = function (name) {
    for (const table of ["item.measure.", "item.finding."]) if (H.has(table + name)) return H.text(table + name);
    const bare = name.replace(/_(per_min|per_s|dbfs|dbtp|lufs|lu|db|ms|us|hz|s)$/, "").replaceAll("_", " ");
    return bare.charAt(0).toUpperCase() + bare.slice(1);
  };

  // A place on the time axis: 1:23.4, or 1:02:03.4.
  H.clock = function (seconds, places = 1) {
    const whole = Math.max(0, seconds);
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    const rest = new Intl.NumberFormat(H.locale, {
      minimumIntegerDigits: 2, minimumFractionDigits: places, maximumFractionDigits: places, roundingMode: "trunc",
    }).format(whole % 60); // prettier-ignore
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  };

  // How long something takes: 4 min 6 s.
  H.duration = function (seconds) {
    const whole = Math.round(seconds);
    if (whole < 60) return withUnit(H.number(seconds, 1), "s");
    const parts = [[Math.floor(whole / 3600), "h"], [Math.floor((whole % 3600) / 60), "min"], [whole % 60, "s"]];
    return parts.filter(([amount]) => amount).map(([amount, unit]) => withUnit(H.number(amount), unit)).join(" ");
  };

  // A date of a manifest, which may be a year only, or words.
  H.date = function (text) {
    const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text || "");
    if (!day) return text || "";
    const [year, month, number] = day.slice(1).map(Number);
    if (H.locale !== H.language) return H.text("item.date", { year, month: H.text("item.months").split(" ")[month - 1], day: number });
    const moment = new Date(Date.UTC(year, month - 1, number));
    return new Intl.DateTimeFormat(H.locale, { dateStyle: "long", timeZone: "UTC" }).format(moment);
  };

  // The spoken language of an item, which the manifest gives as a tag.
  H.languageName = function (tag) {
    try {
      // As the language of the page calls it, or as it calls itself.
      return new Intl.DisplayNames(H.locale === H.language ? H.locale : tag, { type: "language" }).of(tag);
    } catch (unknown) {
      return tag; // What a manifest has there may be words and no tag.
    }
  };
})();
