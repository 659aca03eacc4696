/* Elements whose words follow the language of the page. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const said = new Set();        // WeakRef of {element, write}: nothing is kept that left the page

  const again = () => {
    for (const one of said) {
      const write = one.deref()?.heritageWords;
      if (write) for (const each of Object.values(write)) each();
      else said.delete(one);
    }
  };
  H.bus.addEventListener("language", again);

  /** Write a text into an element, or into one of its attributes, now and whenever the language changes. */
  const say = (element, key, values = {}, attribute = "") => {
    const write = () => {
      const told = {};
      for (const [name, value] of Object.entries(values)) told[name] = typeof value === "function" ? value() : value;
      const text = key ? H.text(key, told) : "";
      if (attribute) element.setAttribute(attribute, text);
      else element.textContent = text;
    };
    if (!element.heritageWords) {
      element.heritageWords = {};
      said.add(new WeakRef(element));
    }
    element.heritageWords[attribute || "text"] = write;
    write();
    return element;
  };

  /**
   * An element: el("button", {class, text: key, name: key for aria-label, hint: key for title, on: {click}, ...}, children).
   */
  const el = (tag, given = {}, ...children) => {
    const { text, name, hint, on, ...rest } = given;
    const element = document.createElement(tag);
    for (const [attribute, value] of Object.entries(rest)) {
      if (value !== false && value !== null && value !== undefined) element.setAttribute(attribute, value === true ? "" : value);
    }
    if (text) say(element, text);
    if (name) say(element, name, {}, "aria-label");
    if (hint) say(element, hint, {}, "title");
    for (const [type, act] of Object.entries(on ?? {})) element.addEventListener(type, act);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  const button = (text, act, given = {}) => el("button", { type: "button", text, on: { click: act }, ...given });

  const pressed = (element, on) => element.setAttribute("aria-pressed", String(Boolean(on)));

  /** 83.4 -> "1:23.4"; with an hour, "1:01:23.4". */
  const clock = (s, decimals = 1) => {
    const unit = 10 ** decimals;
    const ticks = Math.max(0, Math.round(s * unit));
    const whole = Math.floor(ticks / unit);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor(whole / 60) % 60;
    const rest = decimals ? `.${String(ticks % unit).padStart(decimals, "0")}` : "";
    return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${rest}`;
  };

  /** A figure as the language of the page writes it. */
  const figure = (value, decimals = 0) =>
    new Intl.NumberFormat(H.language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value).replace("-", "−");

  parts.dom = { el, say, button, pressed, clock, figure };
})();
