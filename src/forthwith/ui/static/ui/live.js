// What changes elsewhere shows here within a second, and never under somebody's hand.
//
// One stream a page. A part of the page says what it shows: `data-live="queue"` or `data-live="ticket-12"`, and how it is
// fetched: `hx-get` with `hx-trigger="live"`. While the pointer is over a list, or something in
// the part has the focus, it is not touched: its bar (`data-changes`) says how much waits, and fetches it when pressed.

import { word } from "./words.js";

// What one act changes is fetched at once; a desk where something changes all the time, so many milliseconds apart.
const SETTLE_MS = 30;
const APART_MS = 250;
const MARK_MS = 2000;
const waiting = new Map();
const asked = new Set();
let stream = null;
let timer = 0;
let settled = -APART_MS;
let watched = "";

function parts(ticket) {
  const every = [...document.querySelectorAll("[data-live]")];
  return ticket === null ? every : every.filter(({ dataset }) => dataset.live === "queue" || dataset.live === `ticket-${ticket}`);
}

function inUse(part) {
  const guarded = part.querySelector("[data-guarded]") ?? part;
  if (part.dataset.live === "queue") return guarded.matches(":hover") || guarded.contains(document.activeElement);
  const active = document.activeElement;
  return guarded.contains(active) && active.matches("input, select, textarea") && !active.closest("[data-own]");
}

function announce(part, count) {
  const bar = part.querySelector("[data-changes]");
  if (!bar) return;
  bar.hidden = count === 0;
  bar.textContent = count === 1 ? word("1 change, show it") : word("{} changes, show them", count);
}

// As many rows as there were.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const rows = detail.elt.dataset?.live === "queue" ? detail.elt.querySelectorAll("[data-row]").length : 0;
  if (rows) detail.parameters.shown = rows;
});

function refresh(part) {
  waiting.delete(part);
  announce(part, 0);
  window.htmx.trigger(part, "live");
}

function mark(item) {
  item.classList.add("changed");
  setTimeout(() => item.classList.remove("changed"), MARK_MS);
}

// Rows under a hand are written anew where they stand; whatever would move them waits for the bar.
async function rewrite(part, tickets) {
  const rows = [...part.querySelectorAll("#rows > .row")];
  const at = new URL(part.getAttribute("hx-get"), location.href);
  at.searchParams.set("shown", rows.length);
  const answer = await fetch(at).catch(() => null);
  if (!answer?.ok || !part.isConnected) return announce(part, tickets.size);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of rows) {
    const now = fresh.getElementById(row.id);
    if (!now || now.dataset.version === row.dataset.version) continue;
    const inside = row.contains(document.activeElement);
    const picked = row.querySelector(".pick")?.checked;
    row.replaceChildren(...now.childNodes);
    row.dataset.version = now.dataset.version;
    if (picked) row.querySelector(".pick").checked = true;
    if (inside) row.querySelector("[data-row]").focus({ preventScroll: true });
    mark(row);
  }
  const names = (all) => [...all].map(({ id }) => id).join();
  if (names(rows) !== names(fresh.querySelectorAll("#rows > .row"))) return announce(part, tickets.size);
  if (waiting.get(part) === tickets) waiting.delete(part);
  announce(part, 0);
}

function settle() {
  clearTimeout(timer);
  timer = 0;
  // A part that goes while one of its forms is being answered takes the answer with it.
  if (asked.size) return;
  settled = performance.now();
  for (const [part, tickets] of [...waiting]) {
    if (!part.isConnected) waiting.delete(part);
    else if (inUse(part) && part.dataset.live === "queue") rewrite(part, tickets);
    else if (inUse(part)) announce(part, tickets.size);
    else refresh(part);
  }
}

function changed(ticket) {
  for (const part of parts(ticket)) {
    if (!waiting.has(part)) waiting.set(part, new Set());
    waiting.get(part).add(ticket ?? "all");
  }
  timer ||= setTimeout(settle, Math.max(SETTLE_MS, settled + APART_MS - performance.now()));
}

function listen() {
  if (stream || document.hidden || !document.querySelector("[data-live], [data-bell]")) return;
  watched = document.querySelector("[data-live^=ticket-]")?.dataset.live.slice("ticket-".length) ?? "";
  stream = new EventSource(watched ? `/live/?ticket=${watched}` : "/live/");
  stream.addEventListener("ticket", ({ data }) => changed(JSON.parse(data).ticket));
  stream.addEventListener("resync", () => {
    changed(null);
    window.dispatchEvent(new CustomEvent("forthwith:missed"));
  });
  stream.addEventListener("notices", () => window.dispatchEvent(new CustomEvent("forthwith:notices")));
  stream.addEventListener("presence", ({ data }) => {
    window.dispatchEvent(new CustomEvent("forthwith:presence", { detail: JSON.parse(data) }));
  });
  // Cut off from the desk nobody is known to be there; with the stream comes who is, but no notice that was missed.
  let cut = false;
  stream.addEventListener("open", ({ target }) => {
    if (cut) window.dispatchEvent(new CustomEvent("forthwith:missed"));
    cut = false;
    target.addEventListener("error", () => {
      cut = true;
      window.dispatchEvent(new CustomEvent("forthwith:presence", { detail: { whole: true, tickets: {} } }));
    }, { once: true });
  });
}

function rest() {
  stream?.close();
  stream = null;
}

// Browsers allow few connections to one host: a page that nobody sees gives its own back, and catches up afterwards.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return rest();
  listen();
  changed(null);
});
window.addEventListener("pagehide", rest);
window.addEventListener("pageshow", ({ persisted }) => persisted && (listen(), changed(null)));

document.addEventListener("click", ({ target }) => {
  const bar = target.closest("[data-changes]");
  if (bar) refresh(bar.closest("[data-live]"));
});

document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (!detail.elt.matches("[data-live]")) asked.add(detail.xhr);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (asked.delete(detail.xhr)) settle();
});

// What was open stays open, and what is new is marked, across a refresh.
let before = null;
function remember() {
  before ??= {
    open: new Set([...document.querySelectorAll("details[open][id]")].map(({ id }) => id)),
    shown: new Map([...document.querySelectorAll("[data-version]")].map(({ id, dataset }) => [id, dataset.version])),
  };
}
document.addEventListener("htmx:beforeSwap", remember);
document.addEventListener("htmx:afterSettle", () => {
  if (!before) return;
  const { open, shown } = before;
  before = null;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (!shown.size) return;
  for (const item of document.querySelectorAll("[data-version]")) {
    if (shown.get(item.id) === item.dataset.version) continue;
    mark(item);
  }
});

// A page that shows another ticket now says so.
document.addEventListener("htmx:afterSettle", () => {
  const shown = document.querySelector("[data-live^=ticket-]")?.dataset.live.slice("ticket-".length) ?? "";
  if (!stream || shown === watched) return;
  rest();
  listen();
});

window.addEventListener("forthwith:ticket", ({ detail }) => changed(detail.ticket));
listen();
