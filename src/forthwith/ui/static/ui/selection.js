// Rows are selected by their boxes, by V on the row that has the focus, and with Shift as a range; up to a hundred.
// They stay selected while the list is fetched again. The acts on them are in the bar beneath, each by its letter.

import { say } from "./toast.js";
import { word } from "./words.js";

const MOST = 100;
let latest = "";

const boxes = () => [...document.querySelectorAll("#rows .pick")];
const rowOf = (box) => box.closest("[id]").id;

function show() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const count = boxes().filter(({ checked }) => checked).length;
  bar.querySelector("[data-picked]").textContent = count ? word("{} selected", count) : word("Nothing selected");
  for (const button of bar.querySelectorAll("button[name=act]")) button.disabled = count === 0;
}

function pick(box, checked, range) {
  const all = boxes();
  const from = range ? all.findIndex((one) => rowOf(one) === latest) : -1;
  const to = all.indexOf(box);
  const chosen = from < 0 ? [box] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  let room = MOST - all.filter((one) => one.checked && !chosen.includes(one)).length;
  if (checked && chosen.length > room) say(word("Up to {} tickets can be selected at once.", MOST));
  for (const one of chosen) one.checked = checked && room-- > 0;
  latest = rowOf(box);
  show();
}

export function toggle(row, range) {
  const box = row?.closest("li")?.querySelector(".pick");
  if (box) pick(box, range || !box.checked, range);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".pick");
  if (box) pick(box, box.checked, event.shiftKey);
});
document.addEventListener("reset", ({ target }) => target.id === "bulk" && setTimeout(show));

// Across a refresh of the rows.
let chosen = null;
document.addEventListener("htmx:beforeSwap", () => {
  chosen = new Set(boxes().filter(({ checked }) => checked).map(rowOf));
});

function done(part) {
  const sheet = document.getElementById("act-sheet");
  for (const box of boxes()) box.checked = false;
  if ("all" in part.dataset) {
    if (sheet.matches(":popover-open")) sheet.hidePopover();
  } else if (!sheet.matches(":popover-open")) sheet.showPopover();
  part.removeAttribute("data-bulk-done");
  const list = document.querySelector("[data-live=queue]");
  if (list) window.htmx.trigger(list, "live");
}

document.addEventListener("htmx:afterSettle", () => {
  for (const box of boxes()) if (chosen?.has(rowOf(box))) box.checked = true;
  chosen = null;
  const part = document.querySelector("#act-sheet [data-bulk-done]");
  if (part) done(part);
  show();
});
show();
