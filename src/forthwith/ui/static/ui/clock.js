// Clocks count down between two visits to the server, which alone knows the calendar.
// `data-left` and `data-total` are counted seconds as of `data-made`, by the server's clock; `data-counting` says that they
// pass now. The reader's own clock only tells how long ago that was, as it may be wrong.

import { word } from "./words.js";

const SHOWN_AS_LENGTH = 3600;
const shown = new WeakMap();

function length(seconds) {
  if (seconds < 60) return word("{} s", Math.max(0, Math.floor(seconds)));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return word("{} min", minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 && hours < 10 ? word("{} h {} min", hours, minutes % 60) : word("{} h", hours);
  const days = Math.floor(hours / 24);
  return days === 1 ? word("1 day") : word("{} days", days);
}

function show(clock, now) {
  if (!shown.has(clock)) shown.set(clock, now);
  const passed = (now - shown.get(clock)) / 1000;
  const ahead = (Date.parse(clock.dateTime) - Number(clock.dataset.made)) / 1000 - passed;
  const counted = "counting" in clock.dataset ? passed : 0;
  const left = Math.min(Number(clock.dataset.left) - counted, ahead > 0 ? Infinity : ahead);
  const share = Math.max(0, Math.min(100, (100 * left) / Math.max(1, Number(clock.dataset.total))));
  const state = ahead <= 0 ? "late" : share < 25 ? "soon" : "calm";
  const words = clock.querySelector(".words");
  const said = ahead <= 0 ? word("late {}", length(-ahead)) : ahead < SHOWN_AS_LENGTH ? length(ahead) : words.textContent;
  if (said !== words.textContent) words.textContent = said;
  if (clock.dataset.state !== state) clock.dataset.state = state;
  clock.querySelector(".left").setAttribute("stroke-dasharray", `${share.toFixed(1)} 100`);
}

function showAll() {
  if (document.hidden) return;
  const now = Date.now();
  for (const clock of document.querySelectorAll("[data-clock]")) show(clock, now);
}

setInterval(showAll, 1000);
document.addEventListener("visibilitychange", showAll);
document.addEventListener("htmx:afterSettle", showAll);
showAll();
