// A list of choices that opens where somebody types a certain sign into a text field, and narrows as they go on typing.
//
//     offer(field, { sign: "@", label: "People", choices: async () => [{ name, note, text }] })
//
// `name` is what is looked for and shown, `note` stands beside it, `text` takes the place of the sign and what followed.
// The choices are fetched when the list first opens. The focus stays in the field: arrows walk, Enter or Tab take one,
// Escape closes. How many there are is said to who does not see the list.

import { replace } from "./insert.js";
import { mean, meant, plain, walk } from "./options.js";
import { word } from "./words.js";

const MOST_SHOWN = 8;
const LONGEST = 60;
let list = null;
let said = null;
let open = null;

// Beside the field that has the focus; what was there is gone where a part of the page was exchanged.
function stand(field) {
  if (!list) make();
  if (list.previousElementSibling !== field) field.after(list, said);
}

function make() {
  list = Object.assign(document.createElement("ul"), { id: "listbox", className: "listbox", popover: "manual" });
  list.setAttribute("role", "listbox");
  said = Object.assign(document.createElement("div"), { className: "unseen" });
  said.setAttribute("role", "status");
  // The field keeps the focus, and what was typed in it.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option && open) take(shownAt(option));
  });
}

// What stands between the sign and the caret; null where no sign does.
function asked(field, sign) {
  if (field.selectionStart !== field.selectionEnd) return null;
  const before = field.value.slice(Math.max(0, field.selectionStart - LONGEST), field.selectionStart);
  const at = before.lastIndexOf(sign);
  if (at < 0 || /[\w@.+/-]/u.test(before[at - 1] ?? "") || before.includes("\n", at)) return null;
  return before.slice(at + sign.length);
}

function fitting(choices, words) {
  const wanted = plain(words);
  const first = choices.filter(({ name }) => plain(name).startsWith(wanted));
  const later = choices.filter(({ name }) => !plain(name).startsWith(wanted) && plain(name).includes(` ${wanted}`));
  return [...first, ...later].slice(0, MOST_SHOWN);
}

function place(field) {
  const { left, top, width } = field.getBoundingClientRect();
  list.style.left = `${left}px`;
  list.style.bottom = `${window.innerHeight - top + 4}px`;
  list.style.maxWidth = `${width}px`;
}

function drawn({ name, note }, place) {
  const option = document.createElement("li");
  option.id = `listbox-${place}`;
  option.setAttribute("role", "option");
  option.append(Object.assign(document.createElement("span"), { textContent: name }));
  if (note) option.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: note }));
  return option;
}

const shownAt = (option) => open.shown[[...list.children].indexOf(option)];

function show(field, wanted, words, shown) {
  stand(field);
  const was = open?.field === field ? shownAt(meant(list))?.text : "";
  open = { field, wanted, words, shown };
  list.setAttribute("aria-label", wanted.label);
  list.replaceChildren(...shown.map(drawn));
  field.setAttribute("aria-controls", list.id);
  if (!list.matches(":popover-open")) list.showPopover();
  place(field);
  said.textContent = word("{} to choose from with the arrow keys", shown.length);
  mean(list.children[Math.max(0, shown.findIndex(({ text }) => text === was))], field, list);
}

function close() {
  if (!open) return;
  open.field.removeAttribute("aria-activedescendant");
  open.field.removeAttribute("aria-controls");
  if (list.matches(":popover-open")) list.hidePopover();
  said.textContent = "";
  open = null;
}

function take({ text }) {
  const { field, wanted, words } = open;
  close();
  replace(field, field.selectionStart - words.length - wanted.sign.length, field.selectionStart, text);
}

function pressed(event) {
  if (open?.field !== event.target || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown") walk(1, open.field, list);
  else if (event.key === "ArrowUp") walk(-1, open.field, list);
  else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(shownAt(meant(list)));
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export function offer(field, wanted) {
  let choices = null;
  async function look() {
    const words = asked(field, wanted.sign);
    if (words === null) return close();
    // Asked again the next time, where it failed.
    choices ??= wanted.choices().catch(() => (choices = null));
    const all = (await choices) ?? [];
    // Somebody who types fast is further on by now.
    if (document.activeElement !== field || asked(field, wanted.sign) !== words) return;
    const shown = fitting(all, words);
    if (!shown.length) return close();
    show(field, wanted, words, shown);
  }
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  // There before it says anything: a region that comes with its words is not read out.
  field.addEventListener("focus", () => stand(field));
  if (document.activeElement === field) stand(field);
  field.addEventListener("input", look);
  field.addEventListener("keydown", pressed);
  field.addEventListener("click", look);
  field.addEventListener("blur", () => open?.field === field && close());
}
