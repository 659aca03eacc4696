/* The keyboard, and the dialog that tells of it. Nothing happens while somebody types, or where keys are switched off. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const MEMORY = "heritage-keys";
  const TYPED = "input, select, textarea, [contenteditable]";
  const PRESSED = "button, a[href], summary, label";

  let on = true;
  let dialog;

  const remembered = () => {
    try {
      return localStorage.getItem(MEMORY) !== "off";
    } catch {
      return true;               // a browser may keep nothing for pages from disk
    }
  };

  const remember = () => {
    try {
      localStorage.setItem(MEMORY, on ? "on" : "off");
    } catch {
      H.playerParts.tell?.("player.keys_not_kept");
    }
  };

  const sound = (player, i) => {
    if (parts.blind?.hiding()) return parts.blind.hear("ABX"[i]);
    const name = H.item.sounds[i]?.name;
    return name && player.choose(name);
  };

  const step = (player, s) => player.seek(player.position() + s);

  /** What each key does; the same table fills the dialog. A row: [keys as pressed, text, act, what is printed]. */
  const table = (player) => [
    [[" ", "k"], "key_play", () => player.toggle(), ["Space", "K"]],
    [["1", "2", "3"], "key_sounds", (key) => sound(player, Number(key) - 1)],
    [["ArrowLeft", "ArrowRight"], "key_second", (key, shift) => step(player, (key === "ArrowLeft" ? -1 : 1) * (shift ? 5 : 1)), ["←", "→"]],
    [["Home", "End"], "key_ends", (key) => player.seek(key === "Home" ? 0 : H.item.duration_s)],
    [["l"], "key_loop", () => parts.toggleLoop(player), ["L"]],
    [["[", "]"], "key_edges", (key) => H.view?.edge?.(key === "[" ? "start_s" : "stop_s", player.position())],
    [["ArrowUp", "ArrowDown"], "key_frequency", (key, shift) => H.view?.frequency?.(shift ? "low_hz" : "high_hz", key === "ArrowUp" ? 1 : -1), ["↑", "↓"]],
    [["+", "=", "-"], "key_zoom", (key) => H.view?.zoom?.(key === "-" ? 0.5 : 2), ["+", "−"]],
    [["Escape"], "key_nothing", () => H.view?.select?.(null), ["Esc"]],
    [["?"], "key_help", () => parts.showKeys()],
  ];

  const wants = (event) => {
    const { target, key } = event;
    if (!on || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return false;
    if (dialog?.open || document.querySelector("dialog[open]")) return false;
    if (!(target instanceof Element)) return true;
    if (target.closest(TYPED)) return false;
    if (key === " " && target.closest(PRESSED)) return false;
    // Up and down scroll the page, but over the pictures.
    if (key === "ArrowUp" || key === "ArrowDown") return Boolean(target.closest("#view, .view"));
    return true;
  };

  const listen = (player) => {
    const rows = table(player);
    document.addEventListener("keydown", (event) => {
      if (!wants(event)) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const row = rows.find(([keys]) => keys.includes(key));
      if (!row) return;
      event.preventDefault();
      row[2](key, event.shiftKey);
    });
  };

  const switchBox = () => {
    const { el } = parts.dom;
    const box = el("input", { type: "checkbox" });
    box.checked = on;
    box.addEventListener("change", () => {
      on = box.checked;
      remember();
    });
    return el("label", { class: "switch" }, box, el("span", { text: "player.keys_on" }));
  };

  const build = (player) => {
    const { el, button } = parts.dom;
    const list = el("dl");
    for (const [keys, text, , printed] of table(player)) {
      const term = el("dt");
      for (const key of printed ?? keys) {
        const cap = el("kbd");
        cap.textContent = key;
        term.append(cap, " ");
      }
      list.append(el("div", {}, term, el("dd", { text: `player.${text}` })));
    }
    dialog = el("dialog", { class: "keys-dialog", "aria-labelledby": "keys-heading" },
      el("h2", { id: "keys-heading", text: "player.keys" }), list, switchBox(),
      button("player.close", () => dialog.close(), { class: "close" }));
    document.body.append(dialog);
  };

  parts.keys = (player) => {
    on = remembered();
    build(player);
    listen(player);
  };
  parts.showKeys = () => dialog.showModal();
})();
