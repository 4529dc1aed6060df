// One box for everything. Ctrl-K (Cmd-K), or the opener in the bar, shows the dialog; what is typed is asked for as it is
// typed. Arrows walk the options (`role="option"`) while the focus stays in the field, Enter takes one, Escape closes.
// A command with `data-presses="r"` presses the page's own button of that key.

import { press } from "./keys.js";
import { mean, meant, walk } from "./options.js";

const dialog = document.querySelector("[data-search]");
const field = dialog?.querySelector("[name=q]");
let opener = null;
// Enter was pressed before the answer to what is typed had come.
let hurried = false;

function options() {
  return [...dialog.querySelectorAll("[role=option]")];
}

const choose = (option) => mean(option, field, dialog);

function first() {
  // Before anything is typed, Enter does nothing: what stands first may be an act.
  choose(field.value.trim() ? options()[0] : null);
}

function isAnswered() {
  return dialog.querySelector("[data-typed]")?.dataset.typed === field.value;
}

function take() {
  hurried = !isAnswered();
  if (!hurried) meant(dialog)?.click();
}

function open() {
  if (dialog.open) return field.select();
  opener = document.activeElement;
  dialog.showModal();
  field.focus();
  field.select();
  first();
  window.htmx.trigger(field.form, "search");
}

function close() {
  hurried = false;
  dialog.close();
  // The browser gives the focus back to where it was; where that is gone, or was nowhere, to the opener.
  if (!opener?.isConnected || opener === document.body) document.getElementById("search-opener")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!dialog || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  open();
});

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!dialog) return;
  if (target.closest("[data-search-opens]") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open();
  } else if (target.closest("[data-search-closes]") || target === dialog) {
    close();
  } else if (target.closest("#search [role=option]")) {
    const { presses } = target.closest("[role=option]").dataset;
    if (event.ctrlKey || event.metaKey) return;
    close();
    if (presses && press(presses)) event.preventDefault();
  }
});

dialog?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  // A search field would only be emptied by the first Escape.
  if (event.key === "Escape") close();
  else if (event.target !== field) return;
  else if (event.key === "ArrowDown") walk(1, field, dialog);
  else if (event.key === "ArrowUp") walk(-1, field, dialog);
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) take();
  else return;
  event.preventDefault();
});
dialog?.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
// What somebody has walked to stays chosen when the same is answered again.
let before = {};
dialog?.addEventListener("htmx:beforeSwap", () => {
  before = { typed: dialog.querySelector("[data-typed]")?.dataset.typed, id: meant(dialog)?.id };
});
dialog?.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "search-found") return;
  const all = options();
  for (const option of all) option.setAttribute("aria-selected", "false");
  const same = dialog.querySelector("[data-typed]")?.dataset.typed === before.typed;
  const kept = same && all.find(({ id }) => id === before.id);
  if (!kept) target.scrollTop = 0;
  if (kept) choose(kept);
  else first();
  if (hurried && isAnswered()) take();
});
