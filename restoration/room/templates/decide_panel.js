"use strict";
// The panel of deciding: who decides, what there is to decide, what is about to be saved, and the saving.
(function () {
  const H = window.HERITAGE;
  const { make } = H;
  const parts = {};

  function beginner(kind, key, classes) {
    return make("button", { type: "button", class: classes || "", text: key, onclick: (event) => begin(kind, event.currentTarget) });
  }

  // Approving twice is editing the first.
  function begin(kind, opener) {
    const whole = kind.startsWith("treatment");
    const place = whole ? H.decisions.list().findIndex((each) => each.kind === kind) : -1;
    if (place < 0) H.decisions.begin({ kind }, opener);
    else H.decisions.begin(H.decisions.list()[place], opener, place);
  }

  function pendingRow(decision, place) {
    const words = H.decisions.words(decision);
    const small = (key, label, onclick) =>
      make("button", { type: "button", class: "small-button", text: key, "aria-label": H.text(label, { decision: words }), onclick });
    const stretch = (decision.spared || [decision])[0];
    const shows = H.view && Number.isFinite(stretch.start_s);
    const show = () => H.showStretch(stretch);
    return make(
      "li", {}, make("strong", {}, H.kindWords(decision.kind)),
      ...H.decisions.details(decision).map((each) => make("span", { class: "detail" }, each)),
      make("q", {}, make("bdi", {}, decision.reason)),
      make("div", { class: "row" },
        small("decide.edit", "decide.edit_which", (event) => H.decisions.begin(decision, event.currentTarget, place)),
        small("decide.remove", "decide.remove_which", () => remove(place)),
        shows ? make("button", { type: "button", class: "small-button", onclick: show, text: ["item.show_stretch", { start: H.clock(stretch.start_s), stop: H.clock(stretch.stop_s) }] }) : null),
    ); // prettier-ignore
  }

  function remove(place) {
    H.decisions.remove(place);
    (parts.pending.querySelectorAll("li button")[0] || parts.approve).focus();
  }

  function madeRow(decision) {
    return make(
      "li", {}, make("strong", { text: ["decide.made_by", { kind: H.kindWords(decision.kind), by: decision.by }] }),
      ...H.decisions.details(decision).map((each) => make("span", { class: "detail" }, each)),
      decision.reason ? make("q", {}, make("bdi", {}, decision.reason)) : null,
    ); // prettier-ignore
  }

  function lists() {
    const pending = H.decisions.list();
    const made = H.item.decisions || [];
    parts.pending.replaceChildren(...pending.map(pendingRow));
    parts.none.hidden = pending.length > 0;
    parts.count.textContent = pending.length ? H.counted("decide.count", pending.length) : "";
    H.say(parts.kept, H.memory.keeps ? "decide.kept" : "decide.not_kept");
    parts.kept.hidden = !pending.length;
    parts.made.replaceChildren(...made.map(madeRow));
    parts.madeNone.hidden = made.length > 0;
    for (const [kind, button] of [["treatment approved", parts.approve], ["treatment sent back", parts.sendBack]])
      button.setAttribute("aria-pressed", String(pending.some((each) => each.kind === kind)));
  }

  function tell(key, values, good) {
    parts.told.className = good ? "good" : "warning";
    parts.told.hidden = false;
    H.say(parts.told, key, values);
  }

  async function save() {
    const wrong = H.decisions.unsavable();
    if (wrong) {
      tell("decide.not_saved", { reason: wrong.text }, false);
      if (wrong.field === "by") parts.by.focus();
      return;
    }
    if (H.item.serve) {
      H.say(parts.said, "decide.saving");
      const answer = await H.decisions.send();
      if (answer.problem) return tell("decide.not_saved", { reason: answer.problem }, false);
      tell("decide.saved", null, true);
    } else tell("decide.saved_file", { file: H.decisions.download() }, true);
    parts.said.textContent = parts.told.textContent;
  }

  function nameField() {
    parts.by = make("input", { name: "by", type: "text", autocomplete: "name", "data-hint": "decide.by_hint", placeholder: H.text("decide.by_hint") });
    parts.by.value = H.decisions.by();
    parts.by.addEventListener("input", () => H.decisions.setBy(parts.by.value));
    parts.by.addEventListener("keydown", (event) => event.stopPropagation());
    return make("label", { class: "field no-print" }, make("span", { text: "decide.by" }), parts.by);
  }

  function build() {
    parts.approve = beginner("treatment approved", "decide.approve", "verdict");
    parts.sendBack = beginner("treatment sent back", "decide.send_back", "verdict");
    parts.pending = make("ol", { class: "decisions" });
    parts.none = make("p", { class: "hint", text: "decide.pending_none" });
    parts.count = make("span", { class: "badge" });
    parts.kept = make("p", { class: "hint", text: "decide.kept" });
    parts.made = make("ol", { class: "decisions" });
    parts.madeNone = make("p", { class: "hint", text: "decide.made_none" });
    parts.told = make("p", { hidden: true });
    parts.said = make("p", { class: "hidden", role: "status" });
    const older = H.decisions.hasOlder() ? make("p", { class: "hint", text: "decide.older" }) : null;
    document.getElementById("deciding").replaceChildren(
      ...[
        make("p", { class: "lead no-print", text: "decide.lead" }),
        make("div", { class: "verdicts" }, parts.approve, parts.sendBack),
        make("div", { class: "row others" }, beginner("region to repair", "decide.repair", "small-button")),
        make("div", { id: "decide-form" }),
        make("h3", { class: "between", text: "decide.pending" }), parts.count, parts.none, parts.pending, parts.kept, older,
        nameField(),
        make("button", { type: "button", id: "save", class: "primary wide", text: H.item.serve ? "decide.save" : "decide.save_file", onclick: save }),
        parts.told, parts.said,
        make("h3", { class: "between", text: "decide.made" }), parts.madeNone, parts.made,
      ].filter(Boolean),
    ); // prettier-ignore
  }

  build();
  H.bus.addEventListener("language", lists);
  H.bus.addEventListener("decided", function (event) {
    parts.told.hidden = true;
    lists();
    const { said } = event.detail;
    if (said) H.say(parts.said, said.key, { decision: H.decisions.words(said.decision) });
  });
})();
