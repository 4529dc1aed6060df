// What somebody has typed survives a reload, a lost session and a closed tab, until it was sent.
// `data-draft="reply-12"` on a text field names its draft; a toast with `data-clears` names the drafts that were sent.
// `data-draft-at` is where the server keeps it, under `data-draft-kind`; the field's own text is what the server has, of
// version `data-draft-version`. The device keeps a copy beside it, for when the server cannot be reached: of the two the
// later version stands in the field, and the other one is kept by the server and offered.
// `data-shown-by` names the switch that shows the field: where only one of such fields has text, it is the one shown.

import { word } from "./words.js";

const PREFIX = "draft:";
const OWNER = "drafts-of";
const PAUSE_MS = 800;
const LONGEST_MS = 4000;
const MOST_KEPT_ALIVE = 60_000;

const known = new WeakMap();

function key(name) {
  return PREFIX + name;
}

function local(name) {
  const raw = localStorage.getItem(key(name));
  if (raw === null) return null;
  try {
    const { text, version, saved } = JSON.parse(raw);
    if (typeof text === "string") return { text, version, saved };
  } catch {
    // Kept by an earlier release, as the bare text.
  }
  return { text: raw, version: 0, saved: "" };
}

function keep(field) {
  const { version, saved } = known.get(field);
  const name = key(field.dataset.draft);
  if (field.value) localStorage.setItem(name, JSON.stringify({ text: field.value, version, saved }));
  else localStorage.removeItem(name);
}

function tell(field, words) {
  const state = field.closest("[data-own]")?.querySelector("[data-draft-state]");
  if (state) state.textContent = words;
}

function send(field, text, extra, leaving) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
  body.set("kind", field.dataset.draftKind);
  body.set("version", String(known.get(field).version));
  body.set("text", text);
  if (extra) body.set(extra, "1");
  const small = text.length * 3 < MOST_KEPT_ALIVE;
  return fetch(field.dataset.draftAt, { method: "POST", body, redirect: "manual", keepalive: leaving && small });
}

async function save(field, leaving = false) {
  const draft = known.get(field);
  clearTimeout(draft.timer);
  draft.timer = 0;
  if (field.value === draft.saved || draft.stopped || (draft.busy && !leaving)) return;
  const text = field.value;
  draft.busy = true;
  try {
    const answer = await send(field, text, "", leaving);
    if (!answer.ok) throw new Error(String(answer.status));
    const { version, taken, aside } = await answer.json();
    draft.version = version;
    if (taken) draft.saved = text;
    if (!draft.stopped) keep(field);
    tell(field, taken ? word("Saved") : "");
    if (aside) offer();
  } catch {
    tell(field, word("Kept on this device"));
  } finally {
    draft.busy = false;
  }
  if (field.value !== draft.saved && field.value !== text) later(field);
}

function later(field) {
  const draft = known.get(field);
  draft.since ??= Date.now();
  clearTimeout(draft.timer);
  // Who never pauses is saved all the same.
  const wait = Math.min(PAUSE_MS, Math.max(0, draft.since + LONGEST_MS - Date.now()));
  draft.timer = setTimeout(() => {
    draft.since = null;
    if (field.isConnected) save(field);
  }, wait);
}

function offer() {
  const part = document.getElementById("set-aside");
  if (part) window.htmx.trigger(part, "drafts");
}

function begin(field) {
  const draft = { version: Number(field.dataset.draftVersion ?? 0), saved: field.value, timer: 0, since: null, busy: false };
  known.set(field, draft);
  const kept = local(field.dataset.draft);
  // What comes back with a refusal is what was typed last.
  if (field.closest("[data-typed]") && field.value) {
    draft.saved = "";
    later(field);
    return;
  }
  if (!kept || kept.text === field.value) return;
  // All of it was saved: what the server has is as late or later.
  if (field.dataset.draftAt && kept.text === kept.saved) {
    keep(field);
    return;
  }
  if (!field.value || field.value === kept.saved || kept.version >= draft.version) {
    field.value = kept.text;
    if (field.dataset.draftAt) later(field);
    return;
  }
  send(field, kept.text, "aside", false).then(({ ok }) => {
    if (!ok) return;
    keep(field);
    offer();
  }, () => {});
}

function restore(root) {
  for (const toast of root.querySelectorAll("[data-clears]")) {
    for (const name of toast.dataset.clears.split(" ")) localStorage.removeItem(key(name));
    // Once: what is typed from now on is a new draft.
    toast.removeAttribute("data-clears");
  }
  const fresh = [...root.querySelectorAll("[data-draft]")].filter((field) => !known.has(field));
  for (const field of fresh) begin(field);
  const written = fresh.filter(({ dataset, value }) => dataset.shownBy && value);
  if (written.length === 1) document.getElementById(written[0].dataset.shownBy)?.click();
}

function drafts() {
  return [...document.querySelectorAll("[data-draft-at]")].filter((field) => known.has(field));
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.draft || !known.has(target)) return;
  keep(target);
  if (!target.dataset.draftAt) return;
  tell(target, "");
  later(target);
});
document.addEventListener("htmx:afterSettle", () => restore(document));
// What is being sent is not saved once more beside it.
function stop(form, stopped) {
  for (const field of drafts().filter((one) => one.form === form)) {
    clearTimeout(known.get(field).timer);
    known.get(field).stopped = stopped;
  }
}
document.addEventListener("htmx:beforeRequest", ({ target }) => stop(target, true));
document.addEventListener("htmx:afterRequest", ({ target }) => stop(target, false));
function leave() {
  for (const field of drafts()) save(field, true);
}
document.addEventListener("visibilitychange", () => document.hidden && leave());
window.addEventListener("pagehide", leave);

// A desk is shared: what one person typed is not for the next who signs in, also where the first never signed out.
function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
}

document.addEventListener("submit", ({ target }) => {
  stop(target, true);
  if (!target.action?.includes("/logout/")) return;
  leave();
  for (const field of drafts()) known.get(field).stopped = true;
  forget();
});
const { person } = document.body.dataset;
if (person && localStorage.getItem(OWNER) !== person) {
  forget();
  localStorage.setItem(OWNER, person);
}
restore(document);
