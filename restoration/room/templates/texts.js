"use strict";
// The words of a page in the language that was chosen, figures as that language writes them, and the bus that the
// parts of a page speak over. Stands before every other script of the page.
(function () {
  const H = (window.HERITAGE = window.HERITAGE || {});
  const texts = window.HERITAGE_TEXTS;
  if (!window.HERITAGE_ITEM && !window.HERITAGE_BATCH) {
    document.getElementById("broken").hidden = false;
    throw new Error("the page has nothing to show: the file beside it is missing or broken");
  }
  const valuesOf = new WeakMap();

  H.item = window.HERITAGE_ITEM || null;
  H.bus = new EventTarget();
  H.languages = Object.keys(texts);

  // What a person chose before. A browser may keep nothing for pages from disk; the page works without.
  H.memory = {
    keeps: true,
    get(name) {
      try {
        return window.localStorage.getItem("heritage-" + name);
      } catch (refused) {
        H.memory.keeps = false;
        return null;
      }
    },
    set(name, value) {
      try {
        if (value === null) window.localStorage.removeItem("heritage-" + name);
        else window.localStorage.setItem("heritage-" + name, value);
        H.memory.keeps = true;
      } catch (refused) {
        H.memory.keeps = false;
      }
      return H.memory.keeps;
    },
  };

  function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? String(values[name]) : whole));
  }

  function found(key) {
    const own = texts[H.language] || {};
    if (key in own) return own[key];
    if (texts.en && key in texts.en) return texts.en[key];
    return null;
  }

  H.has = (key) => found(key) !== null;
  H.text = function (key, values) {
    const text = found(key);
    if (typeof text === "string") return filled(text, values);
    console.error("there is no text " + key);
    return key;
  };
  H.counted = function (key, count, values) {
    const forms = found(key);
    const form = forms && (forms[new Intl.PluralRules(H.language).select(count)] || forms.other);
    if (typeof form === "string") return filled(form, { count: H.number(count), ...values });
    console.error("there is no text for counts " + key);
    return key;
  };
  H.emit = (name, detail) => H.bus.dispatchEvent(new CustomEvent(name, { detail }));

  // An element's words, which are set again when the language changes.
  H.say = function (element, key, values) {
    element.dataset.text = key;
    if (values) valuesOf.set(element, values);
    element.textContent = H.text(key, values);
    return element;
  };

  function sayAgain(root) {
    for (const element of root.querySelectorAll("[data-text]")) H.say(element, element.dataset.text, valuesOf.get(element));
    for (const element of root.querySelectorAll("[data-label]"))
      element.setAttribute("aria-label", H.text(element.dataset.label));
    for (const element of root.querySelectorAll("[data-hint]")) element.placeholder = H.text(element.dataset.hint);
  }

  // The language as figures are written in. Browsers say that they know languages of which they know the name alone:
  // those write the figures of a language that writes them the same way.
  function figuresIn(language) {
    const known = new Intl.NumberFormat(language).format(1.5) === "1" + H.text("item.decimal_sign") + "5";
    return known ? language : H.text("item.figures_like");
  }

  H.setLanguage = function (tag) {
    H.language = H.languages.includes(tag) ? tag : H.languages[0];
    H.locale = figuresIn(H.language);
    document.documentElement.lang = H.language;
    H.memory.set("language", H.language);
    sayAgain(document);
    H.emit("language", { language: H.language });
  };

  H.setTheme = function (theme) {
    document.documentElement.dataset.theme = theme;
    H.memory.set("theme", theme);
    H.emit("theme", { theme });
  };

  function firstLanguage() {
    const wished = [H.memory.get("language"), ...(navigator.languages || [])];
    const tags = wished.map((tag) => (tag || "").split("-")[0]);
    return tags.find((tag) => H.languages.includes(tag)) || H.languages[0];
  }

  // An element: make("button", {class: "quiet", text: "decide.add", onclick: add}, child, "text", ...).
  H.make = function (tag, given, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(given || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "text") H.say(element, ...[].concat(value));
      else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name in element && typeof value !== "string") element[name] = value;
      else element.setAttribute(name === "class" ? "class" : name, value === true ? "" : value);
    }
    for (const child of children) if (child !== null && child !== undefined) element.append(child);
    return element;
  };

  H.language = firstLanguage();
  H.locale = figuresIn(H.language);
  document.addEventListener("DOMContentLoaded", function () {
    const language = document.getElementById("language");
    const theme = document.getElementById("theme");
    H.setLanguage(H.language);
    language.value = H.language;
    theme.value = document.documentElement.dataset.theme;
    language.addEventListener("change", () => H.setLanguage(language.value));
    theme.addEventListener("change", () => H.setTheme(theme.value));
  });
})();
