// Small menus close when the pointer or the focus goes elsewhere, and on Escape. A select that filters sends its form.
// A sheet opens when its content has come.

import { enter } from "./focus.js";

function close(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", ({ target }) => close(target.closest("details[data-menu]")));
document.addEventListener("focusin", ({ target }) => close(target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
// The arrows walk the acts of an open menu; a field in it keeps them for itself.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = step && event.target.closest?.("details[data-menu][open]");
  if (!menu || event.target.matches("input, select, textarea")) return;
  const acts = [...menu.querySelectorAll(".menu :is(a, button)")].filter((one) => one.checkVisibility());
  event.preventDefault();
  acts.at((acts.indexOf(event.target) + step) % acts.length)?.focus();
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-sends]")) target.form.requestSubmit();
});

// What was fetched into a sheet is shown, and its first field is entered; closed, it gives the focus back.
let opener = "";
// What takes a moment is announced by a skeleton; what comes at once is not, for that would only flicker.
const MOMENT_MS = 250;
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { target, elt, xhr } = detail;
  const skeleton = document.querySelector("template[data-waiting]");
  if (!skeleton || !target?.matches?.("[data-sheet]:not(:popover-open)")) return;
  const late = setTimeout(() => {
    opener = elt.id;
    target.replaceChildren(skeleton.content.cloneNode(true));
    target.showPopover();
  }, MOMENT_MS);
  xhr.addEventListener("loadend", () => {
    clearTimeout(late);
    if (xhr.status < 200 || xhr.status >= 500) target.hidePopover();
  });
});
document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (!target.matches("[data-sheet]") || !target.querySelector("form")) return;
  if (!target.matches(":popover-open")) {
    opener = detail.requestConfig?.elt?.id ?? "";
    target.showPopover();
  }
  enter(target);
});
document.addEventListener("toggle", ({ target, newState }) => {
  if (newState !== "closed" || !target.matches("[data-sheet]")) return;
  const active = document.activeElement;
  if (active === document.body || target.contains(active)) document.getElementById(opener)?.focus();
}, true);
