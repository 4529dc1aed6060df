// Who else looks at a ticket and who writes there: in `data-here="12"` on the ticket, and in its row of the queue.

import { word } from "./words.js";

const here = new Map();

function others(ticket) {
  const own = Number(document.body.dataset.person);
  return (here.get(ticket) ?? []).filter(([person]) => person !== own);
}

function named(people) {
  const names = people.map(([, name]) => name);
  return names.length > 3 ? word("{} and {} others", names.slice(0, 2).join(", "), names.length - 2) : names.join(", ");
}

function said(ticket) {
  const writing = others(ticket).filter(([, , writes]) => writes);
  const looking = others(ticket).filter(([, , writes]) => !writes);
  const parts = [];
  if (writing.length) parts.push(writing.length > 1 ? word("{} write here", named(writing)) : word("{} writes here", named(writing)));
  if (looking.length) parts.push(looking.length > 1 ? word("{} look at this", named(looking)) : word("{} looks at this", named(looking)));
  return parts.join("; ");
}

function put(place, words) {
  if (place.textContent !== words) place.textContent = words;
  place.hidden = !words;
}

function show() {
  for (const place of document.querySelectorAll("[data-here]")) {
    const ticket = Number(place.dataset.here);
    place.classList.toggle("writes", others(ticket).some(([, , writes]) => writes));
    put(place, said(ticket));
  }
  for (const row of document.querySelectorAll("[id^=row-]")) {
    const words = said(Number(row.id.slice("row-".length)));
    let mark = row.querySelector(".here");
    if (!mark && !words) continue;
    if (!mark) {
      mark = document.createElement("span");
      mark.className = "here";
      (row.querySelector(".about") ?? row).append(" ", mark);
    }
    put(mark, words);
  }
}

window.addEventListener("forthwith:presence", ({ detail }) => {
  if (detail.whole) here.clear();
  for (const [ticket, people] of Object.entries(detail.tickets)) here.set(Number(ticket), people);
  show();
});
document.addEventListener("htmx:afterSettle", show);
