// A reply that waits for its hold counts down; when it is over the ticket is asked for afresh until it has left.

import { word } from "./words.js";

const AGAIN_S = 2;
const shown = new WeakMap();

function show(mark, now) {
  if (!shown.has(mark)) shown.set(mark, now);
  const { leaves, made } = mark.dataset;
  const left = (Date.parse(leaves) - Date.parse(made)) / 1000 - (now - shown.get(mark)) / 1000;
  mark.textContent = left > 0 ? word("sending in {} s", Math.ceil(left)) : word("sending");
  if (left > 0 || Math.round(-left) % AGAIN_S !== 1 || document.hidden) return;
  const part = mark.closest("[data-live]");
  if (part) window.htmx.trigger(part, "live");
}

setInterval(() => {
  for (const mark of document.querySelectorAll("[data-leaves]")) show(mark, Date.now());
}, 1000);
