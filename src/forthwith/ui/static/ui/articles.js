// An article goes into what somebody writes: `data-inserts` is the address of its text, `data-inserts-link` that of its
// page, `data-inserts-into` the field: "reply" or "note". What keeps a field of its own listens for `composer:insert`
// (`detail: { into, text }`) and prevents the default.

import { say } from "./toast.js";
import { word } from "./words.js";

function insert(into, text) {
  document.getElementById(`mode-${into}`)?.click();
  const field = document.getElementById(`${into}-text`);
  const event = new CustomEvent("composer:insert", { detail: { into, text }, cancelable: true });
  if (!document.dispatchEvent(event)) return;
  if (!field) return void say(word("This ticket takes no such text as it stands."));
  const { value, selectionStart: start, selectionEnd: end } = field;
  const apart = (side) => (!side || side.endsWith("\n") ? "" : "\n");
  field.setRangeText(`${apart(value.slice(0, start))}${text}${value.slice(end) ? "\n" : ""}`, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  field.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", async ({ target }) => {
  const from = target.closest?.("[data-inserts], [data-inserts-link]");
  if (!from) return;
  const { inserts, insertsLink, insertsTitle, insertsInto } = from.dataset;
  if (insertsLink) return insert(insertsInto, `${insertsTitle}: ${new URL(insertsLink, location.href)}`);
  try {
    const answer = await fetch(inserts);
    const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
    if (!answer.ok || !plain) throw new Error(String(answer.status));
    insert(insertsInto, await answer.text());
  } catch {
    say(word("The article could not be fetched just now: try again."));
  }
});

// The look beside gives the focus back to what opened it.
let opener = null;
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target?.id === "peek" && detail.elt.closest("#articles-offered")) opener = detail.elt;
});
document.addEventListener("toggle", ({ target, newState }) => {
  if (target.id === "peek" && newState === "closed" && opener?.isConnected) opener.focus();
}, true);

// A refresh of the ticket brings the panel anew and empty: the one that is filled, or that somebody types in, stays.
let writing = null;
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const kept = document.querySelector(".articles-panel");
  const fresh = kept && detail.target.contains(kept) && detail.fragment.querySelector?.(`[id="${CSS.escape(kept.id)}"]`);
  if (!fresh) return;
  writing = kept.contains(document.activeElement) ? document.activeElement : null;
  fresh.replaceWith(kept);
});
document.addEventListener("htmx:oobAfterSwap", () => {
  if (writing?.isConnected) writing.focus({ preventScroll: true });
  writing = null;
});
