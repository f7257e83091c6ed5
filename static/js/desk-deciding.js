/* Deciding a case, and working on it, by keyboard alone (templates/staff/keys.html). Everything here fills in and sends
   the forms of the page; a part of it is whatever has data-part.

   j k    the next, the previous claimed part: the focus goes there
   o      on a part: looked, and no cause seen    f  its finding, to be chosen
   c      on a part: covered; then r repair, e replacement    v  not covered: the reason is chosen next
   d      the one next step    u  undo    Ctrl+Enter  sends the form the cursor is in
   r b s h  on the bench: report, spare part built in, serial number of the replacement, home unrepaired (data-bench) */

"use strict";

(() => {
  let current = "";

  const parts = () => [...document.querySelectorAll("[data-part]")];
  const here = () => document.activeElement?.closest?.("[data-part]") || document.getElementById(current);

  function goTo(part) {
    if (!part) return;
    current = part.id;
    part.setAttribute("tabindex", "-1");
    part.focus({ preventScroll: true });
    part.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = parts();
    const now = all.indexOf(here());
    goTo(all[Math.min(Math.max(now + by, 0), all.length - 1)]);
  }

  /* The form of the current part; without a current one, of the first that can still be decided. */
  function form(kind) {
    const part = here() || parts().find((one) => one.querySelector("form[data-decide]"));
    if (!part) return null;
    current = part.id;
    return part.querySelector(`form[data-${kind}]`);
  }

  function choose(box) {
    if (!box) return null;
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    box.focus();
    return box;
  }

  function noCause() {
    const finding = form("finding");
    if (!finding) return;
    finding.elements.cause.value = "none";
    finding.requestSubmit();
  }

  /* A form of the bench: of the current part, or of the first that has one. */
  function work(kind) {
    const wanted = `[data-bench=${kind}]`;
    const place = here()?.querySelector(wanted) || document.querySelector(wanted);
    if (!place) return false;
    current = place.closest("[data-part]")?.id || current;
    if (place.matches("details")) place.open = true;
    place.querySelector("input:not([type=hidden]), textarea").focus();
    return true;
  }

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    o: noCause,
    f: () => form("finding")?.elements.cause.focus(),
    c: () => choose(form("decide")?.querySelector("[name=verdict][value=covered]")),
    v: () => {
      const decide = form("decide");
      if (choose(decide?.querySelector("[name=verdict][value=denied]"))) decide.elements.reason.focus();
    },
    r: (event) => work("report") || resolve(event, "repair"),
    b: () => work("used"),
    s: () => work("serial"),
    h: () => work("home"),
    e: (event) => resolve(event, "replacement"),
    d: () => document.querySelector("[data-key-primary]:not([disabled])")?.click(),
    u: () => document.querySelector("[data-key-undo]")?.click(),
  };

  /* Only once the part is said to be covered; r alone replies to the customer (desk.js). */
  function resolve(event, how) {
    const decide = document.activeElement?.closest?.("form[data-decide]");
    if (!decide?.querySelector("[name=verdict][value=covered]:checked")) return false;
    choose(decide.querySelector(`[name=resolution][value=${how}]`));
    decide.requestSubmit();
    return true;
  }

  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  /* A part that waits its turn folds open when the eye comes to it; its own line opens and closes it by itself. */
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-part]")) event.target.querySelector(":scope > .part-waits")?.setAttribute("open", "");
  });

  // While the event sinks to its target, so before the keys every page of the desk has.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
        event.preventDefault();
        event.target.form.requestSubmit();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]") || !KEYS[event.key]) return;
      if (KEYS[event.key](event) === false) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
})();
