"use strict";
// The form of one decision. It opens in the panel, beside the pictures, so that a stretch can be selected while it is open.
(function () {
  const H = window.HERITAGE;
  const { make } = H;
  const HEADINGS = {
    "treatment approved": "decide.approve", "treatment sent back": "decide.send_back", "region to repair": "decide.repair",
    "segment unfit": "decide.unfit", "finding overruled": "decide.overrule",
  }; // prettier-ignore
  let open = null;

  function ways(step) {
    const findings = (step.findings || []).filter((each) => each.overrulable);
    return [...(findings.length ? ["value"] : []), "spared", step.outcome === "treated" ? "not_needed" : "needed"];
  }

  function wayOf(decision, step) {
    if (decision.spared) return "spared";
    if (decision.needed !== undefined) return decision.needed ? "needed" : "not_needed";
    return decision.findings ? "value" : ways(step)[0];
  }

  function valueFields(decision, step) {
    const findings = (step.findings || []).filter((each) => each.overrulable);
    return findings.map(function (each) {
      const given = decision.findings && decision.findings[each.name];
      const words = `${H.named(each.name)}, ${H.text("decide.found", { value: H.figure(each.name, each.value) })}`;
      const field = each.kind === "truth" ? H.fields.truth : H.fields.number;
      return { name: each.name, ...field("value-" + each.name, words, given === undefined ? "" : String(given)) };
    });
  }

  function values(fields) {
    const given = {};
    for (const field of fields) {
      const value = field.read();
      if (value !== null) given[field.name] = value;
    }
    return { findings: given };
  }

  // What should be different: another value, a stretch left alone, or the step left out or carried out after all.
  function overruling(decision, step) {
    const chosen = wayOf(decision, step);
    const fields = valueFields(decision, step);
    const spared = H.fields.stretch((decision.spared || [{}])[0], false);
    const parts = { value: make("div", {}, ...fields.map((field) => field.element)), spared: spared.element };
    const radios = ways(step).map((way) => make("input", { type: "radio", name: "way", value: way, checked: way === chosen }));
    const way = () => radios.find((radio) => radio.checked).value;
    function show() {
      for (const [name, part] of Object.entries(parts)) part.hidden = way() !== name;
    }
    for (const radio of radios) radio.addEventListener("change", show);
    show();
    const choices = radios.map((radio) => make("label", { class: "choice" }, radio, make("span", { text: "decide." + radio.value })));
    return {
      element: make("div", {}, make("p", { class: "of" }, H.stepName(step)),
        make("fieldset", {}, make("legend", { text: "decide.how" }), ...choices), parts.value, parts.spared), // prettier-ignore
      follow: () => spared.follow(),
      read() {
        if (way() === "value") return values(fields);
        return way() === "spared" ? { spared: [spared.read()] } : { needed: way() === "needed" };
      },
    };
  }

  const nothing = { element: null, follow() {}, read: () => ({}) };

  function bodyOf(decision) {
    if (decision.kind === "finding overruled") return overruling(decision, H.stepOf(decision.event));
    if (decision.kind === "region to repair") return H.fields.region(decision);
    if (decision.kind === "treatment approved") return nothing;
    return H.fields.stretch(decision, decision.kind === "treatment sent back");
  }

  // The fields in the order of the contract; those that were left blank are left out.
  function written(decision, body, reason) {
    const found = { kind: decision.kind };
    if (decision.event !== undefined) found.event = decision.event;
    for (const [name, value] of Object.entries({ ...body.read(), reason: reason.value.trim() }))
      if (value !== null && value !== undefined) found[name] = value;
    return found;
  }

  function showWrong(form, place, mistake) {
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    place.textContent = mistake.text;
    place.hidden = false;
    const field = form.querySelector(`[name="${mistake.field}"], [name^="${mistake.field}-"]`);
    if (!field) return;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", place.id);
    field.focus();
  }

  function close(back) {
    if (!open) return;
    const { form, opener, body } = open;
    open = null;
    if (body.end) body.end();
    form.remove();
    const target = opener && opener.isConnected ? opener : document.getElementById("decide");
    if (back) target.focus();
  }

  // Open the form of a decision; `place` is where it stands on the list, if it does; `opener` gets the focus back.
  H.decisions.begin = function (decision, opener, place) {
    close(false);
    const body = bodyOf(decision);
    const reason = make("textarea", { name: "reason", "data-hint": "decide.reason_hint", placeholder: H.text("decide.reason_hint"), rows: 2 });
    reason.value = decision.reason || "";
    const mistake = make("p", { id: "mistake", class: "warning", role: "alert", hidden: true });
    const editing = place !== undefined;
    const form = make(
      "form", { class: "decision", novalidate: true, "aria-labelledby": "form-heading" },
      make("h3", { id: "form-heading", tabIndex: -1, text: HEADINGS[decision.kind] }), body.element,
      make("label", { class: "field" }, make("span", { text: "decide.reason" }), reason), mistake,
      make("div", { class: "row" },
        make("button", { type: "submit", class: "primary", text: editing ? "decide.change" : "decide.add" }),
        make("button", { type: "button", text: "decide.cancel", onclick: () => close(true) })),
    ); // prettier-ignore
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      const found = written(decision, body, reason);
      const others = H.decisions.list().filter((each, n) => n !== place);
      const wrong = H.decisions.wrong(found, others);
      if (wrong) return showWrong(form, mistake, wrong);
      if (editing) H.decisions.replace(place, found);
      else H.decisions.add(found);
      return close(true);
    });
    form.addEventListener("keydown", function (event) {
      event.stopPropagation(); // What is typed here is no key of the player.
      if (event.key === "Escape") close(true);
    });
    open = { form, opener, body };
    document.getElementById("decide-form").replaceChildren(form);
    (form.querySelector("input, textarea") || reason).focus();
    form.scrollIntoView({ block: "nearest" });
  };

  H.bus.addEventListener("selected", () => open && open.body.follow());
})();
