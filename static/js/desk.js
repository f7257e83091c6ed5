/* The staff desk's keys, picture viewer and small conveniences. Every page works without them.

   Keys            / search · j k Enter x rows · a assign · r reply · n note · f filters · g queue · ? help (templates/staff/keys.html)
   data-row        a row of a list; data-row-link the link it opens
   data-filter     a search field that narrows the choices of the list whose id it names
   data-lines      a form whose rows can be added to, from its <template data-lines-blank>
   data-in-place   a page whose forms are sent without leaving it: only <main> is fetched anew, and nobody loses their place */

"use strict";

const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const byKey = (name) => document.querySelector(`[data-key-${name}]`);

/* Rows */

const rows = () => [...document.querySelectorAll("tr[data-row]")];
let marked = null;

function mark(row) {
  rows().forEach((one) => one.removeAttribute("aria-selected"));
  marked = row ? row.dataset.row : null;
  row?.setAttribute("aria-selected", "true");
}

function markedRow() {
  return rows().find((row) => row.dataset.row === marked);
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const now = all.indexOf(markedRow());
  const next = all[Math.min(Math.max(now + by, 0), all.length - 1)];
  mark(next);
  next.querySelector("[data-row-link]").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function tickMarked() {
  const box = markedRow()?.querySelector("input[type=checkbox]");
  if (box) {
    box.checked = !box.checked;
    countTicked();
  }
}

function countTicked() {
  const bar = document.querySelector(".queue-bulk");
  if (!bar) return;
  const ticked = document.querySelectorAll("tr[data-row] input[type=checkbox]:checked").length;
  bar.toggleAttribute("data-any", ticked > 0);
  bar.querySelector("[data-ticked-count]").textContent = ticked || "";
}

function assign() {
  const control = byKey("assign");
  if (!control) return;
  if (control.matches("select")) {
    if (!document.querySelector("tr[data-row] input[type=checkbox]:checked")) tickMarked();
    control.focus();
    return;
  }
  control.click();
}

/* Keys */

function unfold(composer) {
  if (!composer) return;
  composer.open = true;
  composer.querySelector("textarea").focus();
}

const KEYS = {
  "/": () => {
    const field = byKey("search");
    if (!field) {
      window.location.assign(document.querySelector(".side-brand").href);
      return;
    }
    field.focus();
    field.select();
  },
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => step(1),
  k: () => step(-1),
  x: tickMarked,
  a: assign,
  r: () => unfold(byKey("reply")),
  n: () => unfold(byKey("note")),
  f: () => byKey("filter")?.click(),
  g: () => window.location.assign(document.querySelector(".side-brand").href),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches?.("[data-key-search]")) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target === document.body) {
    markedRow()?.querySelector("[data-row-link]").click();
    return;
  }
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

/* A key belongs to whoever presses it on purpose: a click on a row moves the mark there too. */

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-row]");
  if (row) mark(row);
  if (event.target.matches("tr[data-row] input[type=checkbox]")) countTicked();
});

/* The queue is fetched anew every minute (htmx): not under somebody's hands, and the mark stays where it was. */

document.addEventListener("htmx:beforeRequest", (event) => {
  const busy = document.querySelector("tr[data-row] input[type=checkbox]:checked") || document.activeElement?.closest(".queue-bulk");
  if (event.target.id === "queue" && (busy || document.hidden)) event.preventDefault();
});

function markAgain() {
  const row = markedRow();
  if (!row) return;
  mark(row);
  row.querySelector("[data-row-link]").focus({ preventScroll: true });
}

/* Forms */

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

function prepare() {
  document.querySelectorAll("[data-filter], [data-lines-add]").forEach((one) => {
    one.hidden = false;
  });
  if (document.querySelector("[data-in-place]")) document.querySelectorAll("#main form[method=post]").forEach(sendInPlace);
}

document.addEventListener("input", (event) => {
  const filter = event.target.closest("[data-filter]");
  if (!filter) return;
  const list = document.getElementById(filter.dataset.filter);
  const wanted = event.target.value.trim().toLocaleLowerCase().split(/\s+/);
  let left = 0;
  list.querySelectorAll(".choice").forEach((choice) => {
    const text = choice.textContent.toLocaleLowerCase();
    // What is ticked stays in sight, or it would be claimed unseen.
    choice.hidden = !choice.querySelector("input").checked && !wanted.every((word) => text.includes(word));
    left += choice.hidden ? 0 : 1;
  });
  list.querySelector("[data-filter-none]").hidden = left > 0;
});

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-lines-add]");
  if (!add) return;
  const form = add.closest("[data-lines]");
  const total = form.querySelector("[name$=TOTAL_FORMS]");
  const blank = form.querySelector("[data-lines-blank]").content.cloneNode(true);
  blank.querySelectorAll("[name], [id], [for]").forEach((one) => {
    for (const name of ["name", "id", "for"]) {
      if (one.hasAttribute(name)) one.setAttribute(name, one.getAttribute(name).replace("__prefix__", total.value));
    }
  });
  const list = form.querySelector("[data-lines-list]");
  list.append(blank);
  total.value = Number(total.value) + 1;
  list.lastElementChild.querySelector("select").focus();
});

/* Forms that stay on their page. Without htmx they go the ordinary way: a POST, and the page anew. */

const IN_PLACE = {
  "hx-target": "#main",
  "hx-select": "#main > *",
  "hx-select-oob": "#toasts:beforeend,#side:outerHTML",
  "hx-swap": "innerHTML show:none",
  "hx-disabled-elt": "find button[type=submit]",
  "hx-disinherit": "*", // what is fetched within a form has nothing of this
};
let place = "";
let drafts = [];

function sendInPlace(form) {
  if (form.hasAttribute("hx-post")) return;
  form.setAttribute("hx-post", form.getAttribute("action"));
  for (const [name, value] of Object.entries(IN_PLACE)) form.setAttribute(name, value);
}

/* What has to be fetched before the field is there again: a fold, or the panel of a picture. */
function foldOf(field) {
  return field.closest("[id^=fold-]")?.id || field.closest("[data-panel-of]")?.dataset.panelOf;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target;
  if (!form.matches("form[hx-post]")) return;
  place = form.closest("article[id], section[id]")?.id || "main";
  // What was said about the last thing is no answer to this one.
  document.getElementById("toasts").replaceChildren();
});

/* At the last moment: until the answer comes, somebody may go on typing, and a fold that was asked for before may arrive. */
function keepDrafts(sent) {
  const waiting = drafts; // of a form nobody has opened since
  const written = [...document.querySelectorAll("#main :is(textarea, input[type=text], input:not([type]))")]
    .filter((field) => field.id && !sent.contains(field) && field.value !== field.defaultValue)
    .map((field) => ({ id: field.id, value: field.value, fold: foldOf(field) }));
  drafts = [...waiting, ...written];
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const { elt } = event.detail.requestConfig;
  // What was to be opened is not on another page, and that page is not to be shown in its place.
  if (elt.matches("#main [hx-get*='?open=']") && new URL(xhr.responseURL).pathname !== elt.getAttribute("hx-get").split("?")[0]) {
    event.detail.shouldSwap = false;
    window.location.assign(xhr.responseURL);
  }
  if (!elt.matches("form[hx-post]")) return;
  keepDrafts(elt);
  // Logged out meanwhile, or a page of its own such as "not open to you": go there, do not show it in here.
  if (!new URL(xhr.responseURL).pathname.startsWith(window.location.pathname)) {
    event.detail.shouldSwap = false;
    window.location.assign(xhr.responseURL);
  } else if (xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (xhr.status >= 400) {
    window.location.reload();
  }
});

/* What was typed in another form is typed again. One that is folded away is fetched first; its draft waits for it. */
function typeAgain() {
  drafts = drafts.filter(({ id, value, fold }) => {
    const field = document.getElementById(id);
    if (!field) return fold && document.getElementById(fold);
    field.value = value;
    const folded = field.closest("details");
    if (folded) folded.open = true;
    return false;
  });
}

function takeUpAgain() {
  typeAgain();
  for (const fold of new Set(drafts.map((draft) => draft.fold))) document.querySelector(`#${fold} > a[hx-get]`)?.click();
  const wrong = document.querySelector("#main [data-form-errors], #main .has-error :is(input, select, textarea)");
  const here = wrong || document.getElementById("refused") || document.getElementById(place);
  if (!here) return;
  if (here.matches("section, article, main, div") && !here.hasAttribute("tabindex")) here.setAttribute("tabindex", "-1");
  here.focus({ preventScroll: here.id === place });
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.closest?.("#toasts, #side")) return;
  prepare();
  if (event.target.id === "main") {
    window.htmx.process(event.target);
    takeUpAgain();
  } else if (event.target.closest?.("#main")) {
    window.htmx.process(event.target);
    typeAgain();
    // The dialog of a step has just been fetched; one that was closed again stays closed.
    if (event.target.id === "step-dialog") event.target.querySelector("dialog")?.showModal();
    // What a menu holds came after it was opened: the cursor goes where it would have gone.
    if (event.target.matches("[popover]")) event.target.querySelector("[autofocus]")?.focus();
    markAgain();
  }
});

/* A link that is fetched in place still opens in a new tab or window: htmx does not get to see that click. */
document.addEventListener(
  "click",
  (event) => {
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (elsewhere && event.target.closest?.("a[hx-get]")) event.stopPropagation();
  },
  { capture: true },
);

prepare();
