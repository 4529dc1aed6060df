// A look into the row that has the focus, without leaving the list: Space opens it, J and K move it on, O opens the
// ticket, Escape closes it and gives the focus back to the row.

const LOOKS = "[data-peek]";
let row = "";

const sheet = () => document.getElementById("peek");
const link = () => document.getElementById(row)?.querySelector("[data-row]");
export const isOpen = () => Boolean(sheet()?.matches(":popover-open"));

export function look(at) {
  const target = at?.closest?.("li[id]");
  const from = target?.querySelector(LOOKS);
  if (!from || !sheet()) return false;
  row = target.id;
  for (const one of document.querySelectorAll(".row.peeked")) one.classList.remove("peeked");
  target.classList.add("peeked");
  target.scrollIntoView({ block: "nearest" });
  window.htmx.ajax("GET", from.href, { target: "#peek", swap: "innerHTML", source: from });
  return true;
}

export function close() {
  if (isOpen()) sheet().hidePopover();
}

// Where J and K go on from while it is open.
export const peekedRow = () => (isOpen() ? link() : null);

document.addEventListener("click", (event) => {
  const from = event.target.closest?.(LOOKS);
  if (!from || !sheet() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  look(from);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isOpen() && !document.querySelector(":popover-open:not(#peek)")) close();
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "peek") {
    if (!isOpen()) target.showPopover();
    target.querySelector("h2")?.focus({ preventScroll: true });
    target.scrollTop = 0;
  } else if (isOpen()) document.getElementById(row)?.classList.add("peeked");
});

document.addEventListener("toggle", ({ target, newState }) => {
  if (target.id !== "peek" || newState !== "closed") return;
  document.getElementById(row)?.classList.remove("peeked");
  link()?.focus();
}, true);
