// The marks of formatting, put around what is selected or taken off again, and the look before it is sent.

import { shownField } from "./composer.js";
import { insert, replace } from "./insert.js";
import { say } from "./toast.js";
import { word } from "./words.js";

const AROUND = { bold: "**", italic: "*" };
const BEFORE = { list: () => "- ", numbers: (at) => `${at + 1}. `, quote: () => "> " };
const MARKED = { list: /^- /, numbers: /^\d+\. /, quote: /^> ?/ };
const ITEM = /^( *)(?:(- )|(\d+)(\. )|(> ))(.*)$/;
const ADDRESS = /^https?:\/\/\S+$/i;

function around(field, sign) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const size = sign.length;
  if (value.slice(from - size, from) === sign && value.slice(to, to + size) === sign) {
    replace(field, from - size, to + size, value.slice(from, to));
    field.setSelectionRange(from - size, to - size);
    return;
  }
  insert(field, sign + value.slice(from, to) + sign);
  field.setSelectionRange(from + size, to + size);
}

function lines(field, tool) {
  const { selectionStart, selectionEnd, value } = field;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const end = value.indexOf("\n", Math.max(selectionStart, selectionEnd - 1));
  const all = value.slice(from, end < 0 ? value.length : end).split("\n");
  const isMarked = all.every((line) => MARKED[tool].test(line));
  const made = all.map((line, at) => (isMarked ? line.replace(MARKED[tool], "") : BEFORE[tool](at) + line)).join("\n");
  replace(field, from, end < 0 ? value.length : end, made);
  if (all.length > 1) field.setSelectionRange(from, from + made.length);
}

function code(field) {
  const said = field.value.slice(field.selectionStart, field.selectionEnd);
  if (!said.includes("\n")) return around(field, "`");
  const flush = field.selectionStart && field.value[field.selectionStart - 1] !== "\n" ? "\n" : "";
  insert(field, `${flush}\`\`\`\n${said.replace(/\n$/, "")}\n\`\`\`\n`);
}

function link(field) {
  const from = field.selectionStart;
  const said = field.value.slice(from, field.selectionEnd);
  const isAddress = ADDRESS.test(said);
  insert(field, isAddress ? `[](${said})` : `[${said}](https://)`);
  if (isAddress || !said) field.setSelectionRange(from + 1, from + 1);
  else field.setSelectionRange(from + said.length + 3, from + said.length + 11);
}

export function mark(field, tool) {
  hidePreview();
  field.focus();
  if (tool in AROUND) around(field, AROUND[tool]);
  else if (tool in BEFORE) lines(field, tool);
  else if (tool === "code") code(field);
  else if (tool === "link") link(field);
}

const part = () => document.getElementById("composer-preview");

function hidePreview() {
  if (!part() || part().hidden) return false;
  part().hidden = true;
  for (const field of document.querySelectorAll("#composer [data-writes]")) field.hidden = false;
  document.querySelector("[data-tool=preview]").setAttribute("aria-pressed", "false");
  return true;
}

export async function preview() {
  if (hidePreview()) return void shownField()?.focus();
  const field = shownField();
  if (!field) return;
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "text", "next_step"]) {
    if (field.form.elements[name]) body.set(name, field.form.elements[name].value);
  }
  const answer = await fetch(part().dataset.previewAt, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return void say(word("The preview could not be made just now. What you typed is still here: try again."));
  const made = new DOMParser().parseFromString(await answer.text(), "text/html");
  part().replaceChildren(...made.body.childNodes);
  part().hidden = false;
  field.hidden = true;
  document.querySelector("[data-tool=preview]").setAttribute("aria-pressed", "true");
}

// A list goes on at the next line; an empty item ends it.
function goOn(event, field) {
  const { selectionStart: at, selectionEnd, value } = field;
  if (at !== selectionEnd) return;
  const from = value.lastIndexOf("\n", at - 1) + 1;
  const item = ITEM.exec(value.slice(from, at));
  if (!item) return;
  event.preventDefault();
  const [, indent, dash, number, dot, quote, said] = item;
  if (!said.trim()) replace(field, from, at, "");
  else insert(field, `\n${indent}${dash ?? quote ?? `${Number(number) + 1}${dot}`}`);
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-writes]") || event.isComposing || event.altKey || event.shiftKey) return;
  const tool = (event.ctrlKey || event.metaKey) && { b: "bold", i: "italic" }[event.key.toLowerCase()];
  if (tool) {
    event.preventDefault();
    mark(field, tool);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    goOn(event, field);
  }
});
// An address that is pasted over words becomes their link.
document.addEventListener("paste", (event) => {
  const field = event.target;
  // Files that were pasted are on their way already.
  if (event.defaultPrevented || !field.matches?.("[data-writes]")) return;
  const pasted = event.clipboardData?.getData("text/plain").trim() ?? "";
  const said = field.value.slice(field.selectionStart, field.selectionEnd);
  if (!ADDRESS.test(pasted) || !said.trim() || said.includes("\n") || ADDRESS.test(said)) return;
  event.preventDefault();
  insert(field, `[${said}](${pasted})`);
});
// Who switches to the other field writes there.
document.addEventListener("change", ({ target }) => {
  if (target.name === "writing") hidePreview();
});
