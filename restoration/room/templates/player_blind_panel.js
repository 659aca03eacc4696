/* The panel of the blind tests: choose one, hear A, B and X, answer, read the tally. */
(() => {
  "use strict";
  const H = window.HERITAGE;
  const parts = (H.playerParts ??= {});
  const LENGTHS = [8, 12, 16];
  let panel, opener;

  parts.blindButton = () => {
    opener = parts.dom.button("player.blind", () => {
      if (parts.blind.hiding()) return;
      panel.hidden = !panel.hidden;
      opener.setAttribute("aria-expanded", String(!panel.hidden));
    }, { class: "quiet", "aria-expanded": "false", "aria-controls": "blind-panel" });
    return opener;
  };

  const beginning = () => {
    const { el, button } = parts.dom;
    const length = el("select");
    for (const n of LENGTHS) length.append(new Option(String(n), String(n)));
    const begin = (mode) => () => {
      parts.blind.start({ mode, trials: Number(length.value) });
      panel.querySelector(".letters button").focus();
    };
    return el("div", { class: "beginning" },
      el("p", { text: "player.blind_about" }),
      el("label", {}, el("span", { text: "player.blind_trials" }), length),
      el("div", { class: "row" }, button("player.blind_abx", begin("abx")), button("player.blind_preference", begin("preference"))));
  };

  const letterButton = (letter) => {
    const { el, say } = parts.dom;
    const one = el("button", { type: "button", class: "letter", on: { click: () => parts.blind.hear(letter) } });
    one.textContent = letter;
    return say(one, "player.blind_hear", { letter }, "aria-label");
  };

  const answering = () => {
    const { el, say, button, pressed } = parts.dom;
    const trial = el("p", { class: "trial", role: "status" });
    const question = el("p", { class: "question" });
    const letters = new Map(["A", "B", "X"].map((letter) => [letter, letterButton(letter)]));
    const answers = ["A", "B"].map((letter) => button(null, () => parts.blind.answer(letter), { class: "answer" }));
    const box = el("div", { class: "answering", hidden: true }, trial,
      el("div", { class: "letters", role: "group", name: "player.blind_letters" }, ...letters.values()), question,
      el("div", { class: "row" }, ...answers, button("player.blind_stop", () => parts.blind.stop(), { class: "quiet" })));
    H.bus.addEventListener("blind", ({ detail: state }) => {
      box.hidden = !state;
      if (!state) return;
      say(trial, "player.blind_trial", { n: state.trial, of: state.trials });
      say(question, `player.blind_question_${state.mode}`);
      letters.get("X").hidden = state.mode !== "abx";
      for (const [letter, one] of letters) pressed(one, letter === state.heard);
      answers.forEach((one, i) => say(one, `player.blind_answer_${state.mode}`, { letter: "AB"[i] }));
    });
    return box;
  };

  const results = () => {
    const { el, say } = parts.dom;
    const list = el("ul", { class: "tallies", role: "status" });
    H.bus.addEventListener("blind", () => {
      const all = parts.blind.tally() ?? [];
      while (list.children.length < all.length) {
        const i = list.children.length;
        const line = el("li");
        list.append(line);
        say(line, "player.tally_line", { tally: () => parts.blind.tally()[i].sentence });
      }
    });
    return list;
  };

  parts.blindPanel = () => {
    const { el } = parts.dom;
    const start = beginning();
    panel = el("section", { id: "blind-panel", class: "blind", hidden: true, name: "player.blind" }, start, answering(), results());
    H.bus.addEventListener("blind", ({ detail: state }) => {
      const wasRunning = start.hidden;
      start.hidden = Boolean(state);
      if (state) panel.hidden = false;
      else if (wasRunning) start.querySelector("button").focus();
      opener?.setAttribute("aria-expanded", String(!panel.hidden));
      if (opener) opener.disabled = Boolean(state);
    });
    return panel;
  };
})();
