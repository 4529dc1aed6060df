// One key, one act: an element with `data-key="a"` is pressed, or entered if it is a field, by that key.
// J and K walk the rows (`data-row`), O opens one, Space looks into it, V selects it (Shift-V up to it).
// ? shows the sheet of keys, where they can be switched off.
// While a sheet is open or a form of an act stands on the page (`data-act-form`), letters are only letters.

import { look, peekedRow } from "./peek.js";
import { toggle } from "./selection.js";

const OFF = "keys-off";
const fields = "input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]";

function isOff() {
  return localStorage.getItem(OFF) === "1";
}

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

// The row that had the focus last: a refresh takes the focus away, and J goes on from there all the same.
let latest = "";
document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("li")?.querySelector("[data-row]");
  if (row) latest = row.closest("li").id;
});

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const peeked = peekedRow();
  const at = all.indexOf(peeked ?? document.getElementById(latest)?.querySelector("[data-row]"));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step));
  if (peeked) return void look(all[next]);
  all[next].focus();
  all[next].scrollIntoView({ block: "nearest" });
}

const rowHere = () => peekedRow() ?? document.activeElement?.closest?.(".row")?.querySelector("[data-row]");

export function press(letter) {
  const target = document.querySelector(`[data-key="${CSS.escape(letter)}"]`);
  if (!target) return false;
  target.click();
  const field = target.dataset.enters && document.querySelector(target.dataset.enters);
  field?.focus();
  return true;
}

function act(letter, range) {
  if (letter === "j") walk(1);
  else if (letter === "k") walk(-1);
  else if (letter === "o" && rowHere()) rowHere().click();
  else if (letter === "v" && rowHere()) toggle(rowHere(), range);
  else if (letter === " " && document.activeElement?.matches("[data-row]")) return look(document.activeElement);
  else if (letter === " ") return false;
  else return press(letter);
  return true;
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(fields);
  // A field in a sheet that has just been closed holds the focus for a moment longer.
  const writing = field?.checkVisibility() ? field : null;
  const form = writing?.form ?? event.target.closest?.("form[data-act-form]");
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && form) {
    event.preventDefault();
    const menu = event.shiftKey && form.querySelector("details[data-menu]");
    if (menu) {
      menu.open = true;
      menu.querySelector("button")?.focus();
      return;
    }
    const shown = [...form.querySelectorAll("button[type=submit]")].find((button) => button.offsetParent);
    form.requestSubmit(shown);
    return;
  }
  if (writing || event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
  if (document.querySelector("dialog[open], :popover-open:not(#peek), [data-act-form]:not([popover] *)") && event.key !== "?") return;
  if (act(event.key.toLowerCase(), event.shiftKey)) event.preventDefault();
});

document.addEventListener("change", ({ target }) => {
  if (target.id === OFF) localStorage.setItem(OFF, target.checked ? "1" : "0");
});
document.addEventListener("toggle", () => {
  const box = document.getElementById(OFF);
  if (box) box.checked = isOff();
}, true);
