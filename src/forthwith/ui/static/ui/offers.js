// Macros and saved replies. The list is fetched once, when it is first opened, and narrowed here: no key waits for the
// network. Arrows walk it while the focus stays in its field, Enter takes one, Escape goes back and loses nothing typed.

import { insert, put } from "./insert.js";
import { mean, meant, walk } from "./options.js";
import { exchange } from "./part.js";
import { say } from "./toast.js";
import { word } from "./words.js";

// Where the text goes, and what opened the list: a '/' that was typed, or nothing.
let into = null;
let typed = "";
// Enter was pressed before the list had come.
let hurried = false;

const panel = () => document.getElementById("offers");
const words = () => document.getElementById("offers-words");
const choose = (option) => mean(option, words(), panel());

function shown() {
  return [...panel().querySelectorAll("[role=option]:not([hidden])")];
}

function narrow() {
  const said = words().value.toLowerCase().split(/\s+/).filter(Boolean);
  const isNote = into.form.id === "write-note";
  for (const option of panel().querySelectorAll("[role=option]")) {
    const fits = said.every((word) => option.dataset.words.includes(word));
    option.hidden = !fits || (isNote && option.dataset.for === "reply");
  }
  choose(shown()[0]);
  const status = panel().querySelector("[role=status]");
  const isThere = "fetched" in panel().dataset;
  status.textContent = shown().length ? "" : isThere ? status.dataset.saysNone : status.dataset.saysGoing;
}

async function fetchOnce() {
  const at = panel();
  if ("fetched" in at.dataset || "going" in at.dataset) return;
  at.dataset.going = "";
  try {
    const answer = await fetch(at.dataset.offersAt, { redirect: "manual" });
    if (!answer.ok) throw new Error(String(answer.status));
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    at.querySelector("[role=listbox]").replaceChildren(...made.querySelectorAll("[role=option]"));
    at.dataset.fetched = "";
  } catch {
    say(word("The texts could not be fetched just now. Try again."));
  }
  delete at.dataset.going;
  if (!into || at.hidden) return;
  narrow();
  if (hurried) take();
}

export function open(field, opener) {
  leave();
  [into, typed, hurried] = [field, opener, false];
  panel().hidden = false;
  words().value = "";
  words().focus();
  narrow();
  fetchOnce();
}

function close() {
  panel().hidden = true;
  choose(null);
}

// What was typed, where it was typed into the text: 'a line of /etc' is no choice.
const begun = () => (typed ? typed + words().value : "");

function back() {
  const text = begun();
  close();
  into.focus();
  if (text) insert(into, text);
}

// Somebody goes on elsewhere: the focus stays there.
function leave() {
  if (!panel() || panel().hidden) return;
  const text = begun();
  close();
  if (text) put(into, text);
}

function step(text) {
  const field = document.querySelector("#write-reply [name=next_step]");
  if (!text || !field) return;
  if (field.value === text) return;
  if (field.value.trim() && field.value !== field.dataset.filled) return void say(word("Your own next step is kept."));
  field.value = field.dataset.filled = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function take() {
  hurried = "going" in panel().dataset;
  const option = meant(panel());
  if (hurried || !option) return;
  const field = into;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
  body.set("what", option.dataset.what);
  const at = panel().dataset.fillsAt;
  close();
  field.focus();
  try {
    const answer = await fetch(at, { method: "POST", body, redirect: "manual" });
    const said = await answer.json();
    if (!answer.ok) return void say(said.wrong);
    insert(field, said.text);
    step(said.next);
    exchange("also", said.also);
  } catch {
    say(word("The text could not be filled in just now. Try again."));
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.id === "offers-words") narrow();
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "offers-words" || event.isComposing) return;
  if (event.key === "ArrowDown") walk(1, words(), panel());
  else if (event.key === "ArrowUp") walk(-1, words(), panel());
  else if (event.key === "Enter") take();
  else if (event.key === "Escape" || (event.key === "Backspace" && !event.target.value)) {
    if (event.key === "Backspace") typed = "";
    back();
  } else return;
  event.preventDefault();
});
// The focus stays in the field while an option is pressed.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("#offers [role=listbox]")) event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  const option = target.closest?.("#offers [role=option]");
  if (!option) return;
  choose(option);
  take();
});
document.addEventListener("focusin", ({ target }) => {
  if (panel() && !panel().contains(target) && !target.closest("[data-tool=texts]")) leave();
});
