// The composer's tools. A '/' at the start of a line, or the button 'Texts', opens the list of macros and saved replies
// (offers.js); the marks of formatting and the preview (marks.js) are loaded when somebody begins to write.

import { open } from "./offers.js";

const marks = () => import("./marks.js");

// The field that is shown: of the reply or of the note.
export function shownField() {
  return [...document.querySelectorAll("#composer [data-writes]")].find((field) => field.checkVisibility());
}

document.addEventListener("focusin", ({ target }) => {
  if (target.matches?.("[data-writes]")) marks();
});

document.addEventListener("beforeinput", (event) => {
  const { target: field, data, inputType } = event;
  if (data !== "/" || inputType !== "insertText" || !field.matches?.("[data-writes]")) return;
  const at = field.selectionStart;
  if (at !== field.selectionEnd || (at && field.value[at - 1] !== "\n")) return;
  event.preventDefault();
  open(field, "/");
});

document.addEventListener("click", ({ target }) => {
  const tool = target.closest?.("[data-tool]")?.dataset.tool;
  const field = tool && shownField();
  if (tool === "preview") marks().then(({ preview }) => preview());
  else if (!field) return;
  else if (tool === "texts") open(field, "");
  else marks().then(({ mark }) => mark(field, tool));
});

// One stop for Tab, arrows within it.
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const bar = step && event.target.closest?.("[role=toolbar]");
  if (!bar) return;
  const tools = [...bar.querySelectorAll("button")].filter((one) => one.checkVisibility());
  const next = tools[(tools.indexOf(event.target) + step + tools.length) % tools.length];
  for (const one of tools) one.tabIndex = one === next ? 0 : -1;
  next.focus();
  event.preventDefault();
});
